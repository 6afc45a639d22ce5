/** Looks again and again, one look at a time: every so often, and whenever somebody says that there may be something to see. */
import { setTimeout as pause } from "node:timers/promises";

export type Looks = {
  /** Something has changed: now, or once more after the look that is under way. */
  look(): void;
} & AsyncDisposable;

const endMs = 3000;

export function openLooks(lookOnce: () => Promise<void>, everyMs: number, failed: (thrown: unknown) => void): Looks {
  let looking: Promise<void> | null = null;
  let isAskedAgain = false;
  let isEnded = false;

  function look(): void {
    isAskedAgain = looking !== null;
    looking ??= lookOnce()
      .catch(failed)
      .finally(() => {
        looking = null;
        if (isAskedAgain && !isEnded) look();
      });
  }

  const timer = setInterval(look, everyMs);
  return {
    look,
    async [Symbol.asyncDispose]() {
      isEnded = true;
      clearInterval(timer);
      // One that waits for a database or a cluster that does not answer is repeated by whoever comes next.
      await Promise.race([looking, pause(endMs, undefined, { ref: false })]);
    },
  };
}
