/** In which steps a span of time is shown: as fine as it can be with at most 120 of them, minutes at the finest. */
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

export function stepsBetween(from: Date, to: Date): Steps {
  const seconds = (to.getTime() - from.getTime()) / 1000;
  const stepSeconds = stepsSeconds.find((step) => seconds / step <= stepsMax) ?? Math.ceil(seconds / stepsMax / 604_800) * 604_800;
  const stepMs = stepSeconds * 1000;
  const firstMs = Math.floor(from.getTime() / stepMs) * stepMs;
  const count = Math.ceil((to.getTime() - firstMs) / stepMs);
  return { from: new Date(firstMs), to, stepSeconds, starts: Array.from({ length: count }, (_, at) => new Date(firstMs + at * stepMs)) };
}
