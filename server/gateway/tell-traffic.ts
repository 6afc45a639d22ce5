/**
 * Tells the database what has been counted: of the minute that runs every five seconds, so that somebody who looks sees it move, and once more
 * when it is over. One statement at a time, however many requests there are; the next when the last has been answered.
 */
import { messageOf } from "../failure.ts";
import type { Log } from "../log.ts";
import type { TrafficRow } from "../store/traffic.ts";
import type { AllFigures, Subject } from "./figures.ts";
import { openMinutes } from "./minutes.ts";

const everyMs = 5000;
const minuteMs = 60_000;

export type TellTrafficOptions = {
  readonly figures: AllFigures;
  /** The services and routes that there are. */
  readonly subjects: () => ReadonlySet<Subject>;
  /** `turn` goes up with every call. */
  readonly write: (rows: readonly TrafficRow[], turn: number) => Promise<void>;
  readonly log: Log;
};

export function openTellTraffic({ figures, subjects, write, log }: TellTrafficOptions): AsyncDisposable {
  const minutes = openMinutes(figures, subjects);
  let turn = 0;
  let isFailing = false;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  let telling: Promise<void> | null = null;

  async function tell(): Promise<void> {
    try {
      for (let wanted = minutes.next(); wanted !== null; wanted = minutes.next()) {
        const { minute, rows } = wanted;
        turn += 1;
        const at = new Date(minute.atMs);
        const told = rows.map(({ subject, whose, counts, inFlight }) => ({
          serviceId: whose.serviceId,
          at,
          subject,
          counts: Array.from(counts, Math.round),
          inFlight,
        }));
        await write(told, turn);
        minutes.told(minute, rows);
        isFailing = false;
      }
    } catch (thrown) {
      if (!isFailing) log.warn({ reason: messageOf(thrown) }, "what was counted of requests cannot be written; it is kept and tried again");
      isFailing = true;
    }
  }

  function look(): void {
    minutes.look();
    telling ??= tell().finally(() => (telling = null));
  }

  function lookLater(): void {
    // At the minute's end, too: what is counted before it belongs to it.
    timer = setTimeout(
      () => {
        look();
        if (!isClosed) lookLater();
      },
      Math.min(everyMs, minuteMs - (Date.now() % minuteMs) + 1),
    );
  }
  lookLater();

  return {
    async [Symbol.asyncDispose]() {
      isClosed = true;
      clearTimeout(timer);
      await telling;
      look();
      await telling;
    },
  };
}
