/**
 * Turns: at most one at a time per service, a few services at once, and wakes that arrive during a turn make exactly one more.
 * Also the only place in control that holds timers, one per service at most.
 */
import type { ServiceId } from "../model/ids.ts";

export type Turns = {
  wake(serviceId: ServiceId): void;
  /** Wakes then, unless something wakes it before. An earlier time wins. */
  wakeAt(serviceId: ServiceId, at: Date): void;
  /** Runs something between the turns of a service. */
  run(serviceId: ServiceId, task: () => Promise<void>): Promise<void>;
} & AsyncDisposable;

const atOnceMax = 16;

export function openTurns(turn: (serviceId: ServiceId) => Promise<void>): Turns {
  const waiting = new Set<ServiceId>();
  const busy = new Map<ServiceId, Promise<void>>();
  const timers = new Map<ServiceId, { at: number; timer: NodeJS.Timeout }>();
  let ended = false;

  function start(): void {
    for (const serviceId of waiting) {
      if (busy.size >= atOnceMax || ended) return;
      if (busy.has(serviceId)) continue;
      waiting.delete(serviceId);
      clearTimer(serviceId);
      occupy(serviceId, () => turn(serviceId)).catch(() => {});
    }
  }

  function occupy(serviceId: ServiceId, task: () => Promise<void>): Promise<void> {
    const running = task();
    const freed = running
      .catch(() => {})
      .then(() => {
        busy.delete(serviceId);
        start();
      });
    busy.set(serviceId, freed);
    return running;
  }

  function clearTimer(serviceId: ServiceId): void {
    clearTimeout(timers.get(serviceId)?.timer);
    timers.delete(serviceId);
  }

  function wake(serviceId: ServiceId): void {
    if (ended) return;
    waiting.add(serviceId);
    start();
  }

  return {
    wake,
    wakeAt(serviceId, at) {
      const present = timers.get(serviceId);
      if (ended || (present !== undefined && present.at <= at.getTime())) return;
      clearTimer(serviceId);
      const waitMs = Math.min(2 ** 31 - 1, Math.max(0, at.getTime() - Date.now()));
      timers.set(serviceId, {
        at: at.getTime(),
        timer: setTimeout(() => {
          timers.delete(serviceId);
          wake(serviceId);
        }, waitMs),
      });
    },
    async run(serviceId, task) {
      while (busy.has(serviceId)) await busy.get(serviceId);
      if (!ended) await occupy(serviceId, task);
    },
    async [Symbol.asyncDispose]() {
      ended = true;
      for (const serviceId of timers.keys()) clearTimer(serviceId);
      await Promise.allSettled(busy.values());
    },
  };
}
