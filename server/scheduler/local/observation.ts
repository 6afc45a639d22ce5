/** What is reported of a session: a pure reading of its progress. */
import type { SessionId } from "../../model/ids.ts";
import type { Observation, SessionEvent, SessionState, UnplacedFacts } from "../../model/session.ts";
import type { Progress } from "./progress.ts";
import type { StartSeen } from "./start-watch.ts";

export type NodeName = { readonly id: string; readonly name: string };

function stateOf({ stopBy, placed, attempt, retryAt }: Progress): SessionState {
  if (stopBy !== null) return "STOPPING";
  if (!placed) return "UNPLACED";
  if (attempt !== null && attempt.process !== null) return "RUNNING";
  return retryAt === null ? "PLACED" : "BACKING_OFF";
}

export type Known = { readonly progress: Progress; readonly start: StartSeen };

export function observationOf(sessionId: SessionId, { progress, start }: Known, node: NodeName, unplaced: UnplacedFacts | null): Observation {
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
    step: state === "RUNNING" && start.attempt === attempt?.number ? start.step : null,
    events: eventsOf({ progress, start }),
  };
}

/** What is told of an end comes after the actions before it, also where both have the same time. */
function eventsOf({ progress, start }: Known): readonly SessionEvent[] {
  const actions = [...start.earlier, ...start.events];
  if (actions.length === 0) return progress.events;
  const isEnd = ({ kind }: SessionEvent): boolean => kind === "EXITED";
  return [...progress.events.filter((event) => !isEnd(event)), ...actions, ...progress.events.filter(isEnd)].toSorted(
    (one, other) => one.at.getTime() - other.at.getTime(),
  );
}

/** Of a session of which nothing is left; `known` is what was, if anything. */
export function goneObservation(sessionId: SessionId, known: Known | null): Observation {
  const last = known?.progress ?? null;
  return {
    sessionId,
    state: "GONE",
    attempt: last === null || last.attempt === null ? null : String(last.attempt.number),
    node: null,
    address: null,
    retryAt: null,
    lastExit: last?.lastExit ?? null,
    unplaced: null,
    step: null,
    events: known === null ? [] : eventsOf(known),
  };
}
