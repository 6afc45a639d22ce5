/** A client that never retries: it asks at a steady pace, whether the answers before have come or not, and keeps what went wrong. */
import { setTimeout as pause } from "node:timers/promises";
import { request, type Dispatcher } from "undici";

export type Caller = {
  /** How many have been answered, well or not. */
  readonly answered: number;
  readonly slowestMs: number;
  /** What was no whole, right answer, the first of them: when it was asked, and what came instead. */
  readonly failures: readonly string[];
  /** Asks nothing more and waits for the answers that are still to come. */
  stop(): Promise<void>;
} & AsyncDisposable;

const failuresKept = 20;

/** @param ask throws at whatever is not the right answer; it is told how many were asked before. */
export function startCaller(ask: (before: number) => Promise<void>, timesPerSecond = 50): Caller {
  const ending = new AbortController();
  const startedAt = performance.now();
  const underWay = new Set<Promise<void>>();
  const failures: string[] = [];
  let [asked, answered, slowestMs] = [0, 0, 0];

  async function askOnce(): Promise<void> {
    const askedAt = performance.now();
    try {
      await ask(asked);
    } catch (thrown) {
      if (failures.length < failuresKept) failures.push(`${((askedAt - startedAt) / 1000).toFixed(1)} s: ${inWords(thrown)}`);
    }
    answered += 1;
    slowestMs = Math.max(slowestMs, performance.now() - askedAt);
  }

  const asking = (async () => {
    for (; !ending.signal.aborted; asked += 1) {
      const asks: Promise<void> = askOnce().finally(() => underWay.delete(asks));
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

export function inWords(thrown: unknown): string {
  const { code, cause } = thrown as { readonly code?: string; readonly cause?: unknown };
  return `${code ?? String(thrown)}${cause instanceof Error ? `: ${cause.message}` : ""}`;
}

const waitMaxMs = 60_000;

type Asked = { readonly dispatcher?: Dispatcher; readonly method?: "GET" | "POST"; readonly body?: string };

/** @returns the whole text of an answer that is 200. @throws at any other, with its status and its beginning. */
export async function textOf(url: string | URL, asked: Asked = {}): Promise<string> {
  const answer = await request(url, { signal: AbortSignal.timeout(waitMaxMs), ...asked });
  const text = await answer.body.text();
  if (answer.statusCode !== 200) throw new Error(`${answer.statusCode}: ${text.slice(0, 200)}`);
  return text;
}
