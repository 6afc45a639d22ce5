/**
 * The API's one table from what was thrown to what `errors[]` says. GraphQL's own messages (an invalid document, bad arguments)
 * pass; a failure of ours shows its public message and code; everything else is a bug: logged once, with nothing shown.
 */
import type { GraphQLError } from "graphql";
import { createGraphQLError, type Plugin } from "graphql-yoga";
import { AppError, messageOf } from "../failure.ts";
import type { Log } from "../log.ts";
import { isOutage } from "../store/outage.ts";

type Shown = { readonly code: string; readonly message: string };

export function createMask(log: Log): (thrown: unknown) => GraphQLError {
  // One failure can pass here more than once on its way out.
  const known = new WeakMap<object, GraphQLError>();
  return (thrown) => {
    const subject = typeof thrown === "object" && thrown !== null ? thrown : new Error(String(thrown));
    const already = known.get(subject);
    if (already !== undefined) return already;
    const shown = maskOne(subject, log);
    known.set(subject, shown).set(shown, shown);
    return shown;
  };
}

function maskOne(thrown: object, log: Log): GraphQLError {
  const cause = causeOf(thrown);
  if (isGraphQLError(cause)) return withCode(isGraphQLError(thrown) ? thrown : cause);
  const shown = shownOf(cause);
  if (shown.code === "INTERNAL")
    log.error({ error: cause instanceof Error ? (cause.stack ?? cause.message) : messageOf(cause) }, "a resolver failed");
  else log.warn({ reason: messageOf(cause), code: shown.code }, "a resolver could not do its work");
  return createGraphQLError(shown.message, { ...(isGraphQLError(thrown) ? placeOf(thrown) : {}), extensions: { code: shown.code } });
}

/** By its name: a process can hold two copies of graphql-js, of which `instanceof` knows one. */
const isGraphQLError = (thrown: unknown): thrown is GraphQLError => thrown instanceof Error && thrown.name === "GraphQLError";

/** What a resolver threw; graphql-js wraps it to say where. */
function causeOf(thrown: object): unknown {
  let cause: unknown = thrown;
  while (isGraphQLError(cause) && cause.originalError !== undefined && cause.originalError !== null) cause = cause.originalError;
  return cause;
}

function shownOf(thrown: unknown): Shown {
  if (thrown instanceof AppError) return { code: thrown.code, message: thrown.publicMessage };
  if (isOutage(thrown)) return { code: "DATABASE_UNAVAILABLE", message: "The database cannot be reached at the moment: try again." };
  return { code: "INTERNAL", message: "Something went wrong on the server." };
}

/** Without a path nothing was executed: the request as it is cannot be answered. */
function withCode(error: GraphQLError): GraphQLError {
  const isRefused = error.path === undefined;
  const own = isRefused ? { code: "BAD_REQUEST", http: { status: 400 } } : { code: "BAD_USER_INPUT" };
  return createGraphQLError(error.message, { ...placeOf(error), extensions: { ...own, ...error.extensions } });
}

const placeOf = ({ nodes, source, positions, path }: GraphQLError) => ({
  nodes: nodes ?? null,
  source: source ?? null,
  positions: positions ?? null,
  path: path ?? null,
});

/** A request that cannot be executed answers 400 whatever the client accepts; yoga would say 200 to `application/json`. */
export const refuseInvalid: Plugin = {
  onResultProcess({ result }) {
    if (Array.isArray(result) || !("errors" in result)) return;
    for (const { extensions } of result.errors ?? []) {
      if (extensions.http !== undefined) extensions.http.spec = false;
    }
  },
};
