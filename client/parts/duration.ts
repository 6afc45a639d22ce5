/** How long something takes, in words. */
const steps = [
  { seconds: 86_400, unit: "d" },
  { seconds: 3_600, unit: "h" },
  { seconds: 60, unit: "min" },
] as const;

/** "45 s", "3 min", "2 h", "12 d": one unit, rounded down. */
export function inOneUnit(seconds: number): string {
  const step = steps.find((candidate) => seconds >= candidate.seconds);
  return step === undefined ? `${Math.max(0, Math.floor(seconds))} s` : `${Math.floor(seconds / step.seconds)} ${step.unit}`;
}

/** "120 ms", "3.2 s", "4 min". */
export function duration(ms: number): string {
  if (ms < 1000) return `${ms} ms`;
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : inOneUnit(ms / 1000);
}
