/** A client that never retries: it asks at a steady pace, whether the answers before have come or not, and keeps what went wrong. */
import { setTimeout as pause } from "node:timers/promises";

export type Caller = {
  /** How many have been answered, well or not. */
  readonly answered: number;
  readonly slowestMs: number;
  /** Everything but 200, the first of them: the status, or what came instead of an answer, and when. */
  readonly failures: readonly string[];
  /** Asks nothing more and waits for the answers that are still to come. */
  stop(): Promise<void>;
} & AsyncDisposable;

const failuresKept = 20;

export function startCaller(url: string, timesPerSecond = 50): Caller {
  const ending = new AbortController();
  const startedAt = performance.now();
  const underWay = new Set<Promise<void>>();
  const failures: string[] = [];
  let [asked, answered, slowestMs] = [0, 0, 0];

  async function ask(): Promise<void> {
    const askedAt = performance.now();
    const fail = (what: string) => {
      if (failures.length < failuresKept) failures.push(`${((askedAt - startedAt) / 1000).toFixed(1)} s: ${what}`);
    };
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(30_000) });
      await answer.arrayBuffer();
      if (answer.status !== 200) fail(String(answer.status));
    } catch (thrown) {
      const cause = thrown instanceof Error && thrown.cause instanceof Error ? `: ${thrown.cause.message}` : "";
      fail(`${String(thrown)}${cause}`);
    }
    answered += 1;
    slowestMs = Math.max(slowestMs, performance.now() - askedAt);
  }

  const asking = (async () => {
    for (; !ending.signal.aborted; asked += 1) {
      const asks: Promise<void> = ask().finally(() => underWay.delete(asks));
      underWay.add(asks);
      const nextAt = startedAt + ((asked + 1) * 1000) / timesPerSecond;
      await pause(Math.max(0, nextAt - performance.now()), undefined, { signal: ending.signal }).catch(() => {});
    }
  })();
  const stop = async () => {
    ending.abort();
    await asking;
    await Promise.all(underWay);
  };
  return {
    get answered() {
      return answered;
    },
    get slowestMs() {
      return slowestMs;
    },
    failures,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
