/** Follows a scheduler's `watch` and lets a test wait for what it shall say. Waiting is for events, so no short state is missed. */
import type { SessionId } from "../../server/model/ids.ts";
import type { Observation } from "../../server/model/session.ts";
import type { Scheduler } from "../../server/scheduler/scheduler.ts";

const patienceMs = 50_000;

export type Observed = AsyncDisposable & {
  readonly newest: (id: SessionId) => Observation | undefined;
  /** Everything that was said of it, oldest first. */
  readonly history: (id: SessionId) => readonly Observation[];
  /** The newest observation if it already is so, else the first one that is. */
  readonly until: (id: SessionId, isSo: (observation: Observation) => boolean, what: string) => Promise<Observation>;
};

export function observe(scheduler: Scheduler): Observed {
  const ended = new AbortController();
  const histories = new Map<SessionId, Observation[]>();
  const listeners = new Set<(observation: Observation) => void>();

  const note = (observation: Observation): void => {
    const history = histories.get(observation.sessionId) ?? [];
    histories.set(observation.sessionId, history);
    history.push(observation);
    for (const listener of listeners) listener(observation);
  };
  const noteMissing = (present: readonly Observation[]): void => {
    const ids = new Set(present.map(({ sessionId }) => sessionId));
    for (const [id, history] of histories) {
      const last = history.at(-1);
      if (!ids.has(id) && last !== undefined && last.state !== "GONE") note({ ...last, state: "GONE", address: null });
    }
  };
  const following = (async () => {
    for await (const { complete, observations } of scheduler.watch(ended.signal)) {
      if (complete) noteMissing(observations);
      for (const observation of observations) note(observation);
    }
  })();

  const newest = (id: SessionId): Observation | undefined => histories.get(id)?.at(-1);
  const history = (id: SessionId): readonly Observation[] => histories.get(id) ?? [];
  const until: Observed["until"] = (id, isSo, what) => {
    const now = newest(id);
    if (now !== undefined && isSo(now)) return Promise.resolve(now);
    return new Promise((resolve, reject) => {
      const listener = (observation: Observation): void => {
        if (observation.sessionId === id && isSo(observation)) settle(() => resolve(observation));
      };
      const expiry = setTimeout(() => settle(() => reject(new Error(`${id} was not ${what} in time. ${story(history(id))}`))), patienceMs);
      const settle = (end: () => void): void => {
        clearTimeout(expiry);
        listeners.delete(listener);
        end();
      };
      listeners.add(listener);
    });
  };
  return {
    newest,
    history,
    until,
    async [Symbol.asyncDispose]() {
      ended.abort();
      await following;
    },
  };
}

const story = (history: readonly Observation[]): string =>
  `Seen: ${history.map(({ state }) => state).join(", ") || "nothing"}. Newest: ${JSON.stringify(history.at(-1) ?? null)}`;
