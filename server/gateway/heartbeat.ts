/**
 * Tells the database every second that this gateway lives, and which draining routes have nothing in flight here.
 * Control stops a draining session when every living gateway has said so; a change is therefore told at once.
 */
import { messageOf } from "../failure.ts";
import type { Log } from "../log.ts";
import type { RouteId } from "../model/ids.ts";

export type Heartbeat = AsyncDisposable & {
  /** Something may have changed: looks, and tells it if so. */
  look(): void;
};

const everyMs = 1000;

export type HeartbeatOptions = {
  readonly idleDrainingRoutes: () => readonly RouteId[];
  readonly write: (idle: readonly RouteId[]) => Promise<void>;
  readonly log: Log;
};

/** Resolves after the first beat. */
export async function openHeartbeat({ idleDrainingRoutes, write, log }: HeartbeatOptions): Promise<Heartbeat> {
  let told: string | null = null;
  let isBeating = false;
  let isAnnounced = false;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  let last: Promise<void> = Promise.resolve();

  const now = () => idleDrainingRoutes().toSorted().join(" ");

  async function beat(): Promise<void> {
    clearTimeout(timer);
    isBeating = true;
    const telling = now();
    try {
      await write(idleDrainingRoutes());
      told = telling;
      isAnnounced = false;
    } catch (thrown) {
      told = null;
      if (!isAnnounced) log.warn({ reason: messageOf(thrown) }, "the gateway cannot tell the database that it lives; it keeps serving");
      isAnnounced = true;
    }
    isBeating = false;
    if (isClosed) return;
    // What became idle while the last beat was written is told now, unless the database does not answer anyway.
    const delayMs = told !== null && now() !== told ? 0 : everyMs;
    timer = setTimeout(start, delayMs);
  }

  function start(): void {
    last = beat();
  }

  start();
  await last;
  return {
    look() {
      if (!isClosed && !isBeating && told !== null && now() !== told) start();
    },
    async [Symbol.asyncDispose]() {
      isClosed = true;
      clearTimeout(timer);
      await last;
    },
  };
}
