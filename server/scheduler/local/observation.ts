/** What is reported of a session: a pure reading of its progress. */
import type { SessionId } from "../../model/ids.ts";
import type { Observation, SessionState, UnplacedFacts } from "../../model/session.ts";
import type { Progress } from "./progress.ts";

export type NodeName = { readonly id: string; readonly name: string };

function stateOf({ stopBy, placed, attempt, retryAt }: Progress): SessionState {
  if (stopBy !== null) return "STOPPING";
  if (!placed) return "UNPLACED";
  if (attempt !== null && attempt.process !== null) return "RUNNING";
  return retryAt === null ? "PLACED" : "BACKING_OFF";
}

export function observationOf(sessionId: SessionId, progress: Progress, node: NodeName, unplaced: UnplacedFacts | null): Observation {
  const state = stateOf(progress);
  const { attempt } = progress;
  const isServing = state === "RUNNING" && attempt !== null && attempt.host !== null;
  return {
    sessionId,
    state,
    attempt: attempt === null ? null : String(attempt.number),
    node: progress.placed ? node : null,
    address: isServing ? { host: attempt.host, port: attempt.port } : null,
    retryAt: state === "BACKING_OFF" ? progress.retryAt : null,
    lastExit: progress.lastExit,
    unplaced: state === "UNPLACED" ? unplaced : null,
    events: progress.events,
  };
}

/** Of a session of which nothing is left; `last` is what was known of it, if anything was. */
export function goneObservation(sessionId: SessionId, last: Progress | null): Observation {
  return {
    sessionId,
    state: "GONE",
    attempt: last === null || last.attempt === null ? null : String(last.attempt.number),
    node: null,
    address: null,
    retryAt: null,
    lastExit: last?.lastExit ?? null,
    unplaced: null,
    events: last?.events ?? [],
  };
}
