/** What is told of many measurements. Durations are in milliseconds. */

/** The smallest value that at least `share` of all values do not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => percentile(values, 0.5);

export const inSeconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
export const inMilliseconds = (ms: number): string => `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;
