/**
 * Turns: at most one at a time per service, a few services at once, and wakes that arrive during a turn make exactly one more.
 * Also the only place in control that holds timers, one per service at most.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { ServiceId } from "../model/ids.ts";

export type Turns = {
  wake(serviceId: ServiceId): void;
  /** Wakes it in so many milliseconds, unless something wakes it before. An earlier time wins. */
  wakeIn(serviceId: ServiceId, waitMs: number): void;
  /** Resolves when no turn is under way or waiting. */
  rest(): Promise<void>;
  /** Runs something between the turns of a service. */
  run(serviceId: ServiceId, task: () => Promise<void>): Promise<void>;
} & AsyncDisposable;

const atOnceMax = 16;
const endMs = 3000;
/** What setTimeout can wait; waking earlier does no harm. */
const timerMaxMs = 2 ** 31 - 1;

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
    wakeIn(serviceId, waitMs) {
      const at = performance.now() + Math.max(0, waitMs);
      const present = timers.get(serviceId);
      if (ended || (present !== undefined && present.at <= at)) return;
      clearTimer(serviceId);
      const ring = () => {
        timers.delete(serviceId);
        wake(serviceId);
      };
      timers.set(serviceId, { at, timer: setTimeout(ring, Math.min(timerMaxMs, Math.max(0, waitMs))) });
    },
    async rest() {
      while (busy.size > 0) await Promise.allSettled(busy.values());
    },
    async run(serviceId, task) {
      while (busy.has(serviceId)) await busy.get(serviceId);
      if (!ended) await occupy(serviceId, task);
    },
    async [Symbol.asyncDispose]() {
      ended = true;
      for (const serviceId of timers.keys()) clearTimer(serviceId);
      // A turn that waits for a database or a cluster that does not answer is repeated by whoever controls the service next.
      await Promise.race([Promise.allSettled(busy.values()), pause(endMs, undefined, { ref: false })]);
    },
  };
}
