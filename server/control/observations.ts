/**
 * What the scheduler last said of each session, kept from `watch`.
 *
 * "Unknown" is a strong word here: it means that the scheduler does not have the session. So one that was just submitted is
 * known at once, and one that is missing in a complete list stays known until the next complete list, or five seconds,
 * confirm it: the list may have been made before the submission.
 */
import type { SessionId } from "../model/ids.ts";
import type { Observation } from "../model/session.ts";
import { plainText } from "../model/words.ts";

export type Observations = {
  readonly known: ReadonlyMap<SessionId, Observation>;
  /** True once everything has been listed for the first time. */
  readonly complete: boolean;
  /** @returns sessions about which something is new. */
  take(batch: { readonly complete: boolean; readonly observations: readonly Observation[] }): SessionId[];
  submitted(id: SessionId): void;
  /** Its route has ended or has another session: nobody asks for it again. */
  forget(id: SessionId): void;
};

/** What a model or a machine said is not ours: it may hold what no database keeps. */
const readable = (observation: Observation): Observation => ({
  ...observation,
  lastExit: observation.lastExit && {
    ...observation.lastExit,
    outputTail: plainText(observation.lastExit.outputTail),
    message: observation.lastExit.message === null ? null : plainText(observation.lastExit.message),
  },
  unplaced: observation.unplaced && {
    ...observation.unplaced,
    message: observation.unplaced.message === null ? null : plainText(observation.unplaced.message),
  },
  events: observation.events.map((event) => ({ ...event, message: plainText(event.message) })),
});

const trustSubmissionMs = 5000;

export function createObservations(now: () => number = () => performance.now()): Observations {
  const known = new Map<SessionId, Observation>();
  const submittedAt = new Map<SessionId, number>();
  let complete = false;

  return {
    known,
    get complete() {
      return complete;
    },
    take(batch) {
      const news = batch.observations.map((observation) => observation.sessionId);
      for (const observation of batch.observations) {
        // The end of one that was forgotten, or never known: said again, it would be remembered for ever.
        if (observation.state === "GONE" && !known.has(observation.sessionId)) continue;
        known.set(observation.sessionId, readable(observation));
        submittedAt.delete(observation.sessionId);
      }
      if (!batch.complete) return news;
      complete = true;
      const listed = new Set(news);
      for (const id of known.keys()) {
        if (listed.has(id) || now() - (submittedAt.get(id) ?? -Infinity) < trustSubmissionMs) continue;
        known.delete(id);
        submittedAt.delete(id);
        news.push(id);
      }
      return news;
    },
    submitted(id) {
      if (known.has(id)) return;
      submittedAt.set(id, now());
      known.set(id, justSubmitted(id));
    },
    forget(id) {
      known.delete(id);
      submittedAt.delete(id);
    },
  };
}

const justSubmitted = (sessionId: SessionId): Observation => ({
  sessionId,
  state: "UNPLACED",
  attempt: null,
  node: null,
  address: null,
  retryAt: null,
  lastExit: null,
  unplaced: null,
  step: null,
  events: [],
});
