/**
 * Deletes what nobody looks for any more: validations that ended long ago, events and counted requests beyond their retention. At the
 * start, and then every hour. Whichever process does it, twice is no harm.
 */
import { messageOf } from "../failure.ts";
import type { Log } from "../log.ts";
import type { Database } from "../store/database.ts";
import { deleteOldEvents } from "../store/old-events.ts";
import { deleteOldTraffic, mergeOldMinutes } from "../store/old-traffic.ts";
import { deleteOldValidations } from "../store/validations.ts";

const everyMs = 60 * 60_000;

export type HistorySweepOptions = { readonly database: Database; readonly trafficDays: number; readonly log: Log };

export function openHistorySweep({ database, trafficDays, log }: HistorySweepOptions): AsyncDisposable {
  let sweeping: Promise<void> = Promise.resolve();
  const sweep = async (): Promise<void> => {
    const validations = await deleteOldValidations(database);
    const events = await deleteOldEvents(database);
    const traffic = await deleteOldTraffic(database, trafficDays);
    await mergeOldMinutes(database);
    if (validations + events + traffic > 0) log.debug({ validations, events, traffic }, "what is too old for the history was deleted");
  };
  const turn = (): void => {
    sweeping = sweeping
      .then(sweep)
      .catch((thrown: unknown) => log.warn({ reason: messageOf(thrown) }, "what is too old for the history could not be deleted"));
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
