/**
 * Turns: at most one at a time per service (or validation), a few at once, and wakes that arrive during a turn make exactly one more.
 * Also the only place in control that holds timers, one per service at most.
 */
import { setTimeout as pause } from "node:timers/promises";

export type Turns<Id> = {
  wake(id: Id): void;
  /** Wakes it in so many milliseconds, unless something wakes it before. An earlier time wins. */
  wakeIn(id: Id, waitMs: number): void;
  /** Resolves when no turn is under way or waiting. */
  rest(): Promise<void>;
} & AsyncDisposable;

const atOnceMax = 16;
const endMs = 3000;
/** What setTimeout can wait; waking earlier does no harm. */
const timerMaxMs = 2 ** 31 - 1;

export function openTurns<Id extends string>(turn: (id: Id) => Promise<void>): Turns<Id> {
  const waiting = new Set<Id>();
  const busy = new Map<Id, Promise<void>>();
  const timers = new Map<Id, { at: number; timer: NodeJS.Timeout }>();
  let ended = false;

  function start(): void {
    for (const id of waiting) {
      if (busy.size >= atOnceMax || ended) return;
      if (busy.has(id)) continue;
      waiting.delete(id);
      clearTimer(id);
      occupy(id);
    }
  }

  function occupy(id: Id): void {
    const freed = turn(id)
      .catch(() => {})
      .then(() => {
        busy.delete(id);
        start();
      });
    busy.set(id, freed);
  }

  function clearTimer(id: Id): void {
    clearTimeout(timers.get(id)?.timer);
    timers.delete(id);
  }

  function wake(id: Id): void {
    if (ended) return;
    waiting.add(id);
    start();
  }

  return {
    wake,
    wakeIn(id, waitMs) {
      const at = performance.now() + Math.max(0, waitMs);
      const present = timers.get(id);
      if (ended || (present !== undefined && present.at <= at)) return;
      clearTimer(id);
      const ring = () => {
        timers.delete(id);
        wake(id);
      };
      timers.set(id, { at, timer: setTimeout(ring, Math.min(timerMaxMs, Math.max(0, waitMs))) });
    },
    async rest() {
      while (busy.size > 0) await Promise.allSettled(busy.values());
    },
    async [Symbol.asyncDispose]() {
      ended = true;
      for (const id of timers.keys()) clearTimer(id);
      // A turn that waits for a database or a cluster that does not answer is repeated by whoever controls the service next.
      await Promise.race([Promise.allSettled(busy.values()), pause(endMs, undefined, { ref: false })]);
    },
  };
}
