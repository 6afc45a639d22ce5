/** How fast it goes and how long it will take: from the last seconds, because networks change. Pure. */
export type Samples = readonly { readonly atMs: number; readonly bytes: number }[];

const windowMs = 10_000;
/** Less says nothing yet. */
const leastMs = 1_500;

/** `bytes`: sent so far, all together. */
export function sampled(samples: Samples, atMs: number, bytes: number): Samples {
  const recent = samples.filter((sample) => atMs - sample.atMs <= windowMs);
  return [...recent, { atMs, bytes }];
}

/** Bytes a second; null while that is not known. */
export function rateOf(samples: Samples): number | null {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || last.atMs - first.atMs < leastMs) return null;
  return Math.max(0, (1000 * (last.bytes - first.bytes)) / (last.atMs - first.atMs));
}

/** Seconds; null where it does not get on, or that is not known. */
export const remainingSeconds = (rate: number | null, bytesLeft: number): number | null =>
  rate === null || rate < 1 ? null : Math.ceil(bytesLeft / rate);

/** "about 40 s", "about 3 min", "about 2 h 10 min": no more exact than it is. */
export function inAbout(seconds: number): string {
  if (seconds <= 55) return `about ${Math.max(5, Math.ceil(seconds / 5) * 5)} s`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 60) return `about ${minutes} min`;
  return `about ${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
