/**
 * Cuts what takes too long, by the service's traffic policy: answers that do not begin, and those that pause. One timer for all requests,
 * which looks at what has passed since it last looked: nothing is set for a request or a chunk.
 */
export type TimeOutLimits = { readonly firstByteMs: number; readonly idleMs: number | null };

export type Watched = {
  readonly limits: TimeOutLimits;
  /** Bytes so far, both ways. */
  passed(): number;
  hasBegun(): boolean;
  /** Called once; it is not watched any longer then. */
  cut(): void;
};

export type TimeOuts = Disposable & {
  /** From now on, until it is forgotten. */
  watch(watched: Watched): void;
  forget(watched: Watched): void;
};

type Seen = { passed: number; sinceMs: number };

/** So much later a time-out may come: the shortest is a second. */
const lookEveryMs = 250;

export function openTimeOuts(): TimeOuts {
  const all = new Map<Watched, Seen>();

  function look(): void {
    const nowMs = performance.now();
    for (const [watched, seen] of all) {
      const passed = watched.passed();
      if (passed !== seen.passed) {
        seen.passed = passed;
        seen.sinceMs = nowMs;
        continue;
      }
      const limitMs = watched.hasBegun() ? watched.limits.idleMs : watched.limits.firstByteMs;
      if (limitMs === null || nowMs - seen.sinceMs <= limitMs) continue;
      all.delete(watched);
      watched.cut();
    }
  }

  const timer = setInterval(look, lookEveryMs);
  return {
    watch: (watched) => void all.set(watched, { passed: 0, sinceMs: performance.now() }),
    forget: (watched) => void all.delete(watched),
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
