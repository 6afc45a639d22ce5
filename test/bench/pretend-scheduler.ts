/** A scheduler that runs nothing: every session is placed at once, runs a moment later, and answers at one address. For scale only. */
import type { SessionId } from "../../server/model/ids.ts";
import type { Observation } from "../../server/model/session.ts";
import type { Scheduler } from "../../server/scheduler/scheduler.ts";

type Batch = { readonly complete: boolean; readonly observations: readonly Observation[] };
type Address = { readonly host: string; readonly port: number };

/** What comes close together is told together, as Nomad's events are. */
const tellEveryMs = 25;

export function openPretendScheduler(address: Address): Scheduler {
  const sessions = new Map<SessionId, Observation>();
  let news: Observation[] = [];
  let wake = (): void => {};
  let timer: NodeJS.Timeout | undefined;
  const tell = (observation: Observation): void => {
    sessions.set(observation.sessionId, observation);
    news.push(observation);
    timer ??= setTimeout(() => {
      timer = undefined;
      wake();
    }, tellEveryMs);
  };
  const node = { id: "n", name: "pretended" };
  const observation = (sessionId: SessionId, state: Observation["state"]): Observation => ({
    sessionId,
    state,
    attempt: "1",
    node,
    address: state === "RUNNING" ? address : null,
    retryAt: null,
    lastExit: null,
    unplaced: null,
    step: null,
    events: [{ key: "placed", at: new Date(), kind: "PLACED", message: `Placed on ${node.name}.` }],
  });
  const run = (id: SessionId): void => {
    if (!sessions.has(id)) tell(observation(id, "RUNNING"));
  };
  const end = (id: SessionId): void => {
    tell(observation(id, "GONE"));
    sessions.delete(id);
  };

  async function* watch(signal: AbortSignal): AsyncGenerator<Batch> {
    const aborted = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    yield { complete: true, observations: [...sessions.values()] };
    while (!signal.aborted) {
      if (news.length === 0) await Promise.race([aborted, new Promise<void>((resolve) => (wake = resolve))]);
      const observations = news;
      news = [];
      if (observations.length > 0) yield { complete: false, observations };
    }
  }

  return {
    kind: "local",
    check: () => Promise.resolve(),
    submit: async ({ id }) => run(id),
    replace: async (old, { id }) => {
      end(old);
      run(id);
    },
    stop: async (id) => end(id),
    retry: async () => {},
    watch,
    logs: () => (async function* () {})(),
    preview: async () => ({ fits: true }),
    nodes: async () => [],
    setEligible: async () => {},
    [Symbol.asyncDispose]: async () => clearTimeout(timer),
  };
}
