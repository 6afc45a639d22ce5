/**
 * When a route is probed: pure. All routes with the same interval share one clock face, and each has a place on it that no other comes
 * close to: the n-th is put n golden ratios around, which leaves no two of N closer than about a third of interval / N, whatever N
 * becomes, and in whichever order they come: after a start and after a take-over, when they come all at once, as well.
 * (A random place, as before, leaves the closest two of 3,000 a few microseconds apart, and by chance a dozen in one moment.)
 */
const goldenRatio = (Math.sqrt(5) - 1) / 2;

/** @returns where on the clock face the next route with this interval has its place, from 0 to 1. */
export function openPhases(): (intervalMs: number) => number {
  const counts = new Map<number, number>();
  return (intervalMs) => {
    const count = counts.get(intervalMs) ?? 0;
    counts.set(intervalMs, count + 1);
    return (count * goldenRatio) % 1;
  };
}

/**
 * Its next time on the clock face. One that came late is not made up for: two probes are half an interval apart at least, so that a
 * definition's "failures in a row" are spread over the time that it says.
 */
export function nextTime(intervalMs: number, phase: number, nowMs: number, lastBegunMs: number | null): number {
  const earliestMs = Math.max(nowMs, lastBegunMs === null ? nowMs : lastBegunMs + intervalMs / 2);
  return (Math.ceil(earliestMs / intervalMs - phase) + phase) * intervalMs;
}
