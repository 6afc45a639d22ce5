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
  /** The watch's own: what had passed when it last looked and there was something new, since when, and its place in the list. */
  seen: number;
  sinceMs: number;
  place: number;
};

export type TimeOuts = Disposable & {
  /** Until it is forgotten. */
  watch(watched: Watched): void;
  forget(watched: Watched): void;
};

export const newWatched = (what: Omit<Watched, "seen" | "sinceMs" | "place">): Watched => ({
  ...what,
  seen: 0,
  sinceMs: performance.now(),
  place: -1,
});

/** So much later a time-out may come: the shortest is a second. */
const lookEveryMs = 250;

export function openTimeOuts(): TimeOuts {
  const all: Watched[] = [];

  function isLate(watched: Watched, nowMs: number): boolean {
    const passed = watched.passed();
    if (passed !== watched.seen) {
      watched.seen = passed;
      watched.sinceMs = nowMs;
      return false;
    }
    const limitMs = watched.hasBegun() ? watched.limits.idleMs : watched.limits.firstByteMs;
    return limitMs !== null && nowMs - watched.sinceMs > limitMs;
  }

  function forget(watched: Watched): void {
    if (all[watched.place] !== watched) return;
    const last = all.pop() as Watched;
    if (last === watched) return;
    all[watched.place] = last;
    last.place = watched.place;
  }

  function look(): void {
    const nowMs = performance.now();
    for (const watched of all.filter((one) => isLate(one, nowMs))) {
      forget(watched);
      watched.cut();
    }
  }

  const timer = setInterval(look, lookEveryMs);
  return {
    watch(watched) {
      watched.place = all.push(watched) - 1;
    },
    forget,
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
