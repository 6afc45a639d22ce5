/**
 * Tells everybody who watches. A watcher that is slow is told the newest of each session, not every step in between:
 * observations are complete, so nothing is lost by it and nothing grows without bound.
 */
import type { SessionId } from "../../model/ids.ts";
import type { Observation } from "../../model/session.ts";
import { openBell } from "./bell.ts";

type Batch = { readonly complete: boolean; readonly observations: readonly Observation[] };
type Watcher = { readonly pending: Map<SessionId, Observation>; readonly ring: () => void };

export type Watchers = {
  /** Says nothing where nothing changed. */
  readonly tell: (observation: Observation) => void;
  readonly watch: (signal: AbortSignal) => AsyncIterable<Batch>;
};

export function openWatchers(current: () => readonly Observation[], closing: AbortSignal): Watchers {
  const watchers = new Set<Watcher>();
  const told = new Map<SessionId, string>();

  const tell = (observation: Observation): void => {
    const asText = JSON.stringify(observation);
    if (told.get(observation.sessionId) === asText) return;
    if (observation.state === "GONE") told.delete(observation.sessionId);
    else told.set(observation.sessionId, asText);
    for (const { pending, ring } of watchers) {
      pending.set(observation.sessionId, observation);
      ring();
    }
  };
  async function* watch(signal: AbortSignal): AsyncIterable<Batch> {
    const ended = AbortSignal.any([signal, closing]);
    const bell = openBell();
    const watcher: Watcher = { pending: new Map(), ring: bell.ring };
    watchers.add(watcher);
    try {
      if (!ended.aborted) yield { complete: true, observations: current() };
      while (!ended.aborted) {
        if (watcher.pending.size === 0) await bell.rung(null, ended);
        const observations = [...watcher.pending.values()];
        watcher.pending.clear();
        if (observations.length > 0 && !ended.aborted) yield { complete: false, observations };
      }
    } finally {
      watchers.delete(watcher);
    }
  }
  return { tell, watch };
}
