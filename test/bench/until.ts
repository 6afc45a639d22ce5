/** Waiting, without a test's patience. */
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";

const patienceMs = 60_000;

/** The first value that is there, asked for again after `everyMs`. */
export async function until<T>(what: string, everyMs: number, look: () => Promise<T | null>): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${patienceMs / 1000} s`);
    await wait(everyMs);
  }
}

/** Reads on until an item is wanted. What was read is over; what comes later is left for the next call. */
export function reader<T>(items: AsyncIterable<T>): (what: string, isWanted: (item: T) => boolean) => Promise<T> {
  const rest = items[Symbol.asyncIterator]();
  return async (what, isWanted) => {
    const deadline = AbortSignal.timeout(patienceMs);
    const late = once(deadline, "abort").then(() => Promise.reject(new Error(`${what}: not within ${patienceMs / 1000} s`)));
    late.catch(() => {});
    for (;;) {
      const next = await Promise.race([rest.next(), late]);
      if (next.done === true) throw new Error(`${what}: the subscription ended before`);
      if (isWanted(next.value)) return next.value;
    }
  };
}

export const answers = async (url: string): Promise<true | null> => {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2000) });
    await answer.arrayBuffer();
    return answer.status === 200 ? true : null;
  } catch {
    return null;
  }
};
