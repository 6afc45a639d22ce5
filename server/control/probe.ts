/**
 * Probes routes (and validations), all from one pool.
 *
 * While a route warms up, probes start every 250 ms and grow to `interval`; later they come every `interval`, spread evenly over it
 * (probe-times.ts). Each route has one probe under way at most, and how many there are in all is bounded, in such a way that slow or
 * dead routes delay nobody else's (probe-lanes.ts). How one is asked: ask-health.ts.
 */
import { type Asked, type Health, openHealth, type ProbeOutcome } from "../ask-health.ts";
import { type Lane, openLanes, promptMs } from "./probe-lanes.ts";
import { nextTime, openPhases } from "./probe-times.ts";

export type Target = Asked & {
  /** A new attempt is probed from the start. */
  readonly attempt: string;
  readonly warmingUp: boolean;
  /** It is known to fail, also where this process has not asked it yet. */
  readonly failing: boolean;
};

/** What all probers of a process share. */
export type ProbePool = Health & {
  readonly lanes: ReturnType<typeof openLanes>;
  readonly phaseOf: ReturnType<typeof openPhases>;
};

export type Prober<Id> = {
  /** Probe it there from now on; null: no more. */
  watch(id: Id, target: Target | null): void;
} & AsyncDisposable;

const firstWaitMs = 250;
const growth = 1.3;
/** Without a health check in the definition. */
const defaultIntervalSeconds = 10;

export function openProbePool(health: Health = openHealth()): ProbePool {
  return { lanes: openLanes(), phaseOf: openPhases(), ask: health.ask, [Symbol.asyncDispose]: () => health[Symbol.asyncDispose]() };
}

type Watched = { target: Target; readonly ending: AbortController; readonly phase: number; lane: Lane };

/** @param tell what a probe of a route (or validation) said; awaited before the next probe of it. */
export function openProber<Id extends string>(pool: ProbePool, tell: (id: Id, attempt: string, outcome: ProbeOutcome) => Promise<void>): Prober<Id> {
  const watched = new Map<Id, Watched>();
  const running = new Set<Promise<void>>();
  let ended = false;

  async function probeUntilEnded(id: Id, entry: Watched): Promise<void> {
    const { signal } = entry.ending;
    let waitMs = 0;
    let begunAt: number | null = null;
    while (!signal.aborted) {
      const dueAt = timeOf(entry, begunAt, waitMs);
      await waitUntil(dueAt, signal);
      const leave = await pool.lanes.enter(entry.lane, signal);
      if (leave === null) return;
      begunAt = performance.now();
      const { target } = entry;
      const outcome = await pool.ask(target, signal).finally(leave);
      if (signal.aborted) return;
      entry.lane = laneAfter(target, outcome, performance.now() - begunAt);
      await tell(id, target.attempt, outcome);
      waitMs = Math.min(Math.max(firstWaitMs, waitMs * growth), intervalMs(target));
    }
  }

  return {
    watch(id, target) {
      const present = watched.get(id);
      if (present !== undefined) {
        if (target !== null && isSame(present.target, target)) {
          present.target = target;
          return;
        }
        present.ending.abort();
        watched.delete(id);
      }
      // A turn that was under way at the end may still name routes: a probe begun then would keep the process from ending.
      if (target === null || ended) return;
      const lane = target.warmingUp ? "starting" : target.failing ? "failing" : "prompt";
      const entry: Watched = { target, ending: new AbortController(), phase: pool.phaseOf(intervalMs(target)), lane };
      watched.set(id, entry);
      const task = probeUntilEnded(id, entry).finally(() => running.delete(task));
      running.add(task);
    },
    async [Symbol.asyncDispose]() {
      ended = true;
      for (const { ending } of watched.values()) ending.abort();
      watched.clear();
      await Promise.allSettled(running);
    },
  };
}

const intervalMs = (target: Target): number => (target.healthCheck?.interval ?? defaultIntervalSeconds) * 1000;
const isSame = (one: Target, other: Target): boolean => one.attempt === other.attempt && one.host === other.host && one.port === other.port;

/** While it warms up it is asked at once, and then as soon as it may have come up. */
function timeOf({ target, phase }: Watched, begunAt: number | null, waitMs: number): number {
  if (target.warmingUp) return begunAt === null ? 0 : performance.now() + waitMs;
  return nextTime(intervalMs(target), phase, performance.now(), begunAt);
}

/** That a model which still starts refuses connections is nothing to be punished for. */
function laneAfter({ warmingUp }: Target, { passed }: ProbeOutcome, tookMs: number): Lane {
  const isPrompt = tookMs <= promptMs;
  if (passed) return isPrompt ? "prompt" : "slow";
  return warmingUp && isPrompt ? "starting" : "failing";
}

function waitUntil(dueAt: number, signal: AbortSignal): Promise<void> {
  const waitMs = dueAt - performance.now();
  if (waitMs <= 0 || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, waitMs);
    signal.addEventListener("abort", end, { once: true });
  });
}
