/**
 * What every subscription is made of. Each wakes with the database's changes and reads again; what it sends is decided by
 * what it read, never by what woke it. It subscribes to changes before its first read, so nothing falls between the two.
 */
import { setTimeout as wait } from "node:timers/promises";
import { messageOf } from "../server/failure.ts";
import { isOutage } from "../server/store/outage.ts";
import type { Context } from "./context.ts";

/**
 * A generator that waits for a change cannot be returned from: `return()` queues behind the wait. So ending aborts its signal
 * first, which ends the wait. A run that ends by itself aborts it as well: what it subscribed to with the signal ends with it,
 * whether or not it came to listen.
 */
export function endable<T>(run: (signal: AbortSignal) => AsyncGenerator<T>): AsyncIterableIterator<T> {
  const ending = new AbortController();
  async function* ended(): AsyncGenerator<T> {
    try {
      yield* run(ending.signal);
    } finally {
      ending.abort();
    }
  }
  const items = ended();
  const end = (): Promise<IteratorResult<T>> => {
    ending.abort();
    return items.return(undefined);
  };
  return {
    next: () => items.next(),
    return: end,
    throw: end,
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

const retryMs = 500;

/** A subscriber outlives a restart of the database: the read is tried until it works or nobody waits for it any more. */
export async function readThroughOutages<T>(read: () => Promise<T>, { log }: Pick<Context, "log">, signal: AbortSignal): Promise<T> {
  for (;;) {
    try {
      return await read();
    } catch (thrown) {
      if (!isOutage(thrown) || signal.aborted) throw thrown;
      log.debug({ reason: messageOf(thrown) }, "a subscription waits for the database");
      await wait(retryMs, undefined, { signal }).catch(() => {});
    }
  }
}
