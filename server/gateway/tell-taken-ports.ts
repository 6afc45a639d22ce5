/** Which permanent ports cannot be opened here, told to the database: at once when that changes, and again for as long as it lasts. */
import { messageOf } from "../failure.ts";
import type { Log } from "../log.ts";
import type { TakenPort } from "./permanent-ports.ts";

export type TakenPortsTeller = AsyncDisposable & { note(taken: readonly TakenPort[]): void };

/** What another gateway said before it died is corrected by then. */
const tellAgainMs = 10_000;

export function openTakenPortsTeller(write: (taken: readonly TakenPort[]) => Promise<void>, log: Log): TakenPortsTeller {
  let current: readonly TakenPort[] = [];
  let last: Promise<void> = Promise.resolve();

  async function tell(): Promise<void> {
    await write(current).catch((thrown: unknown) => log.warn({ reason: messageOf(thrown) }, "the state of permanent ports could not be written"));
  }

  const timer = setInterval(() => {
    last = last.then(tell);
  }, tellAgainMs);
  return {
    note(taken) {
      current = taken;
      last = last.then(tell);
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      current = [];
      await last.then(tell);
    },
  };
}
