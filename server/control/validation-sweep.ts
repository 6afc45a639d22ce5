/** Deletes what is known of validations that ended long ago: at the start, and then every day. Whichever process does it, twice is no harm. */
import { messageOf } from "../failure.ts";
import type { Log } from "../log.ts";
import type { Database } from "../store/database.ts";
import { deleteOldValidations } from "../store/validations.ts";

const everyMs = 24 * 60 * 60_000;

export function openValidationSweep({ database, log }: { readonly database: Database; readonly log: Log }): AsyncDisposable {
  let sweeping: Promise<void> = Promise.resolve();
  const turn = (): void => {
    sweeping = sweeping
      .then(() => deleteOldValidations(database))
      .then((count) => void (count > 0 && log.debug({ count }, "old validations were deleted")))
      .catch((thrown: unknown) => log.warn({ reason: messageOf(thrown) }, "old validations could not be deleted"));
  };
  turn();
  const timer = setInterval(turn, everyMs);
  timer.unref();
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await sweeping;
    },
  };
}
