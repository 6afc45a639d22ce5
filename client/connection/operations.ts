/**
 * Reading, watching and changing, typed by the generated documents. These are strings with a type (see codegen.ts), which
 * urql takes only as plain strings: the one place where that type is carried over by hand.
 */
import { useCallback, useEffect, useEffectEvent, useState } from "react";
import { useClient, useQuery, type AnyVariables, type Client, type CombinedError, type OperationResult } from "urql";
import type { TypedDocumentString } from "../gql/graphql.ts";
import { useConnection } from "./current.ts";

type Empty = Record<string, never>;
export type Reading<Data> = {
  readonly data: Data | undefined;
  readonly error: CombinedError | undefined;
  /** Ask again, for instance because another window may have changed it. */
  readonly again: () => void;
};

const readAgainMs = 3_000;

/** What was read stays while Serai cannot be reached; until it can be, it is asked again. */
export function useReading<Data, Variables extends AnyVariables>(
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
  options: { readonly pause?: boolean } = {},
): Reading<Data> {
  const [{ data, error }, execute] = useQuery<Data>({
    query: document.toString(),
    variables: variables as Empty,
    pause: options.pause ?? false,
  });
  const again = useCallback(() => execute({ requestPolicy: "network-only" }), [execute]);
  const key = `${document.toString()} ${JSON.stringify(variables)}`;
  const [last, setLast] = useState<{ readonly key: string; readonly data: Data }>();
  if (data !== undefined && (last?.key !== key || last.data !== data)) setLast({ key, data });
  const isUnanswered = error?.networkError !== undefined;
  useEffect(() => {
    if (!isUnanswered) return;
    const timer = setInterval(again, readAgainMs);
    return () => clearInterval(timer);
  }, [isUnanswered, again]);
  return { data: data ?? (last?.key === key ? last.data : undefined), error, again };
}

const watchAgainMs = 3_000;

/**
 * Calls `onData` with every message; the component decides what to keep. Not urql's `useSubscription`: that calls its
 * reducer while React renders, where no other state may be set.
 *
 * What it returns is why nothing comes at the moment: a subscription that failed is begun again after a moment, for ever,
 * because a page that is left open must become live again by itself.
 */
export function useWatching<Data, Variables extends AnyVariables>(
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
  onData: (data: Data) => void,
  options: { readonly pause?: boolean } = {},
): CombinedError | undefined {
  const client = useClient();
  const [error, setError] = useState<CombinedError>();
  const receive = useEffectEvent((result: OperationResult<Data>) => {
    setError(result.error);
    if (result.data !== undefined && result.data !== null) onData(result.data);
  });
  const pause = options.pause ?? false;
  const text = document.toString();
  const key = JSON.stringify(variables);
  useEffect(() => {
    if (pause) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let watching: { readonly unsubscribe: () => void } | undefined;
    const begin = (): void => {
      // Ended first: urql would hand out the failed one again.
      watching?.unsubscribe();
      watching = client.subscription<Data>(text, JSON.parse(key) as Empty).subscribe((result) => {
        receive(result);
        if (result.error !== undefined) timer = setTimeout(begin, watchAgainMs);
      });
    };
    begin();
    return () => {
      clearTimeout(timer);
      watching?.unsubscribe();
    };
  }, [client, text, key, pause]);
  return error;
}

export type Ask = <Data, Variables extends AnyVariables>(document: TypedDocumentString<Data, Variables>, variables: Variables) => Promise<Data>;

/** Runs a mutation; throws only when the server could not be asked or broke, with a message for the user. */
export function useChange(): Ask {
  const client = useClient();
  return useCallback((document, variables) => dataOf(client, "mutation", document, variables), [client]);
}

/** Asks once, past the cache: nothing of the answer is kept. */
export function useQuestion(): Ask {
  const cached = useClient();
  const client = useConnection()?.plain ?? cached;
  return useCallback((document, variables) => dataOf(client, "query", document, variables), [client]);
}

async function dataOf<Data, Variables extends AnyVariables>(
  client: Client,
  kind: "mutation" | "query",
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const text = document.toString();
  const result =
    kind === "mutation" ? await client.mutation<Data>(text, variables) : await client.query<Data>(text, variables, { requestPolicy: "network-only" });
  if (result.data !== undefined && result.data !== null && result.error === undefined) return result.data;
  const lost = kind === "mutation" && result.error?.networkError !== undefined ? " Look whether it was done, or try again in a moment." : "";
  throw new Error(`${explain(result.error)}${lost}`, { cause: result.error });
}

/** Whether what was thrown says that Serai could not be asked, and so nothing about what was asked for. */
export const isUnreachable = (thrown: unknown): boolean =>
  thrown instanceof Error && (thrown.cause as CombinedError | undefined)?.networkError !== undefined;

export function explain(error: CombinedError | undefined): string {
  if (error === undefined) return "Serai gave no answer.";
  if (error.networkError !== undefined) return "Serai cannot be reached right now.";
  return error.graphQLErrors.map((each) => each.message).join(" ");
}
