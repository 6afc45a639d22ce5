/**
 * The API's one table from what was thrown to what `errors[]` says. GraphQL's own messages (an invalid document, bad arguments)
 * pass; a failure of ours shows its public message and code; everything else is a bug: logged once, with nothing shown.
 */
import { GraphQLError } from "graphql";
import { AppError, messageOf } from "../failure.ts";
import type { Log } from "../log.ts";
import { isOutage } from "../store/outage.ts";

type Shown = { readonly code: string; readonly message: string };

export function createMask(log: Log): (thrown: unknown) => Error {
  const masked = new WeakMap<object, Error>();
  return (thrown) => {
    if (typeof thrown !== "object" || thrown === null) return maskOne(thrown, log);
    // One failure can pass here more than once on its way out.
    const already = masked.get(thrown);
    if (already !== undefined) return already;
    const result = maskOne(thrown, log);
    masked.set(thrown, result).set(result, result);
    return result;
  };
}

function maskOne(thrown: unknown, log: Log): Error {
  const original = originalOf(thrown);
  if (original instanceof GraphQLError) return withCode(original);
  const shown = shownOf(original);
  const detail = { error: original instanceof Error ? (original.stack ?? original.message) : messageOf(original), code: shown.code };
  if (shown.code === "INTERNAL") log.error(detail, "a resolver failed");
  else log.warn({ reason: messageOf(original), code: shown.code }, "a resolver could not do its work");
  const place = thrown instanceof GraphQLError ? { path: thrown.path, nodes: thrown.nodes } : {};
  return new GraphQLError(shown.message, { ...place, extensions: { code: shown.code } });
}

function originalOf(thrown: unknown): unknown {
  let current = thrown;
  while (current instanceof GraphQLError && current.originalError !== undefined && current.originalError !== null) current = current.originalError;
  // The place is on the outer one.
  return current instanceof GraphQLError ? thrown : current;
}

function shownOf(thrown: unknown): Shown {
  if (thrown instanceof AppError) return { code: thrown.code, message: thrown.publicMessage };
  if (isOutage(thrown)) return { code: "DATABASE_UNAVAILABLE", message: "The database cannot be reached at the moment: try again." };
  return { code: "INTERNAL", message: "Something went wrong on the server." };
}

/** Everything in `errors[]` has a code. An invalid document answers 400, whatever the client accepts. */
function withCode(error: GraphQLError): GraphQLError {
  if (error.extensions["code"] !== undefined && error.extensions["http"] === undefined) return error;
  const { http, ...extensions } = error.extensions;
  const isUnexecuted = error.path === undefined;
  const kept = { code: isUnexecuted ? "BAD_REQUEST" : "BAD_USER_INPUT", ...extensions };
  const answered = http === undefined ? (isUnexecuted ? { status: 400 } : undefined) : { status: 400, ...http, spec: false };
  return new GraphQLError(error.message, {
    nodes: error.nodes,
    source: error.source,
    positions: error.positions,
    path: error.path,
    extensions: answered === undefined ? kept : { ...kept, http: answered },
  });
}
