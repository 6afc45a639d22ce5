/**
 * Reads the route table so that whoever asks knows it to be read after the asking. A request that the table at hand would turn away is
 * turned away only by one that was read after its arrival: what the API has said before is then in it.
 *
 * At most one read is under way and one is to follow, whoever asks and how many: requests for names that do not exist cannot flood the
 * database. After each read it has as long a rest as the read took. While it does not answer, whoever asks is told so at once.
 */
import { setTimeout as pause } from "node:timers/promises";

export type FreshTable = {
  /** Resolves when a table is in place that was read after this was called. Rejects where it cannot be read. */
  read(): Promise<void>;
  /** The same for a request: it never rejects, and never waits for a database that is down, or slow, for longer than half a second. */
  look(): Promise<void>;
};

const lookMsMax = 500;

/** @param readNow reads the table and puts it in place. */
export function openFreshTable(readNow: () => Promise<void>, hears: () => boolean): FreshTable {
  let current: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  let isFailing = false;
  let isLate = false;

  function begin(): Promise<void> {
    const begunAtMs = performance.now();
    const reading = readNow().then(
      () => {
        isFailing = false;
        isLate = false;
      },
      (thrown: unknown) => {
        isFailing = true;
        throw thrown;
      },
    );
    const resting = reading.catch(() => {}).then(() => pause(performance.now() - begunAtMs, undefined, { ref: false }));
    current = resting;
    void resting.then(() => {
      if (current === resting) current = null;
    });
    return reading;
  }

  function read(): Promise<void> {
    if (next !== null) return next;
    if (current === null) return begin();
    next = current.then(() => {
      next = null;
      return begin();
    });
    return next;
  }

  return {
    read,
    async look() {
      if (isFailing || isLate || !hears()) return;
      const tooLate = new AbortController();
      const late = pause(lookMsMax, undefined, { signal: tooLate.signal }).then(
        () => {
          isLate = true;
        },
        () => {},
      );
      await Promise.race([read().catch(() => {}), late]);
      tooLate.abort();
    },
  };
}
