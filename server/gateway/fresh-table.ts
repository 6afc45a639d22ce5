/**
 * Reads the route table so that whoever asks knows it to be read after the asking. A request that the table at hand would turn away is
 * turned away only by one that was read after its arrival: what the API has said before is then in it.
 *
 * At most one read is under way and one is to follow, whoever asks and how many: requests for names that do not exist, or with tokens that
 * are none, cannot flood the database. For requests no read begins before a rest of four times the last one's duration, a quarter of a
 * second at most; a change is read about at once. While it does not answer, whoever asks is told so at once.
 */
import { setTimeout as pause } from "node:timers/promises";

export type FreshTable = {
  /** Resolves when a table is in place that was read after this was called. Rejects where it cannot be read. */
  read(): Promise<void>;
  /** The same for a request: it never rejects, and never waits for a database that is down, or slow, for longer than half a second. */
  look(): Promise<void>;
};

const lookMsMax = 500;
const restMsMax = 250;

/** @param readNow reads the table and puts it in place. */
export function openFreshTable(readNow: () => Promise<void>, hears: () => boolean): FreshTable {
  let isReading = false;
  /** For whoever asks now: the read that begins next. */
  let next: PromiseWithResolvers<void> | null = null;
  let isUrgent = false;
  let restUntilMs = 0;
  let timer: NodeJS.Timeout | undefined;
  let isFailing = false;
  let isLate = false;

  async function begin(asked: PromiseWithResolvers<void>): Promise<void> {
    const begunAtMs = performance.now();
    isReading = true;
    isUrgent = false;
    next = null;
    try {
      await readNow();
      isFailing = false;
      isLate = false;
      asked.resolve();
    } catch (thrown) {
      isFailing = true;
      asked.reject(thrown);
    }
    isReading = false;
    const nowMs = performance.now();
    restUntilMs = nowMs + Math.min(4 * (nowMs - begunAtMs), restMsMax);
    beginInTime();
  }

  function beginInTime(): void {
    clearTimeout(timer);
    if (isReading || next === null) return;
    const restMs = isUrgent ? 0 : restUntilMs - performance.now();
    if (restMs <= 0) void begin(next);
    else timer = setTimeout(beginInTime, Math.ceil(restMs)).unref();
  }

  function ask(): Promise<void> {
    next ??= Promise.withResolvers();
    const { promise } = next;
    beginInTime();
    return promise;
  }

  return {
    read() {
      isUrgent = true;
      return ask();
    },
    async look() {
      if (isFailing || isLate || !hears()) return;
      const tooLate = new AbortController();
      const late = pause(lookMsMax, undefined, { signal: tooLate.signal }).then(
        () => {
          isLate = true;
        },
        () => {},
      );
      await Promise.race([ask().catch(() => {}), late]);
      tooLate.abort();
    },
  };
}
