/** Exponential waiting: 1 s after the first failure, doubling to 5 minutes. */
const backOffMaxMs = 5 * 60_000;
export const backOffMs = (failuresBefore: number): number => Math.min(backOffMaxMs, 1000 * 2 ** Math.min(failuresBefore, 20));
