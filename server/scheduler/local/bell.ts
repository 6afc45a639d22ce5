/** Wakes the one who waits for something to happen, or for a time to come. A ring while nobody waits is kept for the next who does. */
export type Bell = {
  readonly ring: () => void;
  /** `until` null: only a ring or the signal ends the wait. */
  readonly rung: (until: Date | null, signal: AbortSignal) => Promise<void>;
};

export function openBell(): Bell {
  let isRung = false;
  let wake: (() => void) | null = null;
  const ring = (): void => {
    isRung = true;
    wake?.();
  };
  const rung: Bell["rung"] = async (until, signal) => {
    if (!isRung && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      signal.addEventListener("abort", resolve as () => void, { once: true });
      const timer = until === null ? null : setTimeout(resolve, Math.max(0, until.getTime() - Date.now()));
      await promise;
      if (timer !== null) clearTimeout(timer);
      signal.removeEventListener("abort", resolve as () => void);
      wake = null;
    }
    isRung = false;
  };
  return { ring, rung };
}
