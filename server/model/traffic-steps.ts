/** In which steps a span of time is shown: as fine as it can be with at most 120 of them, minutes at the finest, hours where only those are kept. */

/** For so long minutes are told apart, then hours. */
export const minutesKeptDays = 2;

const stepsSeconds = [60, 300, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400, 604_800];
const stepsMax = 120;

export type Steps = {
  /** The beginning of the first. */
  readonly from: Date;
  /** When it was asked for to end. */
  readonly to: Date;
  readonly stepSeconds: number;
  readonly starts: readonly Date[];
};

export function stepsBetween(from: Date, to: Date, now: Date): Steps {
  const seconds = (to.getTime() - from.getTime()) / 1000;
  const finest = now.getTime() - from.getTime() > minutesKeptDays * 86_400_000 ? 3600 : 60;
  const stepSeconds = stepsSeconds.find((step) => step >= finest && seconds / step <= stepsMax) ?? Math.ceil(seconds / stepsMax / 604_800) * 604_800;
  const stepMs = stepSeconds * 1000;
  const firstMs = Math.floor(from.getTime() / stepMs) * stepMs;
  const count = Math.ceil((to.getTime() - firstMs) / stepMs);
  return { from: new Date(firstMs), to, stepSeconds, starts: Array.from({ length: count }, (_, at) => new Date(firstMs + at * stepMs)) };
}
