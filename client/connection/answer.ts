/**
 * The answer to a question that is too large to be told with every change: asked past the cache, and again whenever what the page is told
 * live says that there is something new. What was answered last stays meanwhile, and is asked for until there is an answer.
 */
import { useEffect, useState } from "react";
import type { TypedDocumentString } from "../gql/graphql.ts";
import { useQuestion } from "./operations.ts";

const askAgainMs = 3_000;

export type Answer<Data> = {
  readonly data: Data | undefined;
  /** Nothing new has been told since it was asked for. */
  readonly isNewest: boolean;
  /** Why there is no newer one. */
  readonly problem: string | null;
};

/** @param since another text: there is something new. */
export function useAnswer<Data, Variables extends Readonly<Record<string, unknown>>>(
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
  since: string,
  options: { readonly pause?: boolean } = {},
): Answer<Data> {
  const ask = useQuestion();
  const key = JSON.stringify(variables);
  const [last, setLast] = useState<{ readonly key: string; readonly since: string; readonly data: Data }>();
  const [problem, setProblem] = useState<string | null>(null);
  const pause = options.pause ?? false;
  useEffect(() => {
    if (pause) return;
    let isOld = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = (): Promise<void> =>
      ask(document, JSON.parse(key) as Variables).then(
        (data) => {
          if (isOld) return;
          setLast({ key, since, data });
          setProblem(null);
        },
        (thrown: unknown) => {
          if (isOld) return;
          setProblem(thrown instanceof Error ? thrown.message : String(thrown));
          timer = setTimeout(() => void look(), askAgainMs);
        },
      );
    void look();
    return () => {
      isOld = true;
      clearTimeout(timer);
    };
  }, [ask, document, key, since, pause]);
  const isSame = last?.key === key;
  return { data: isSame ? last.data : undefined, isNewest: isSame && last.since === since, problem };
}
