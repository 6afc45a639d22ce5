import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { boundMs, bucketCount, bucketOf, noCounts, percentileMs, place } from "../../server/model/traffic.ts";
import { stepsBetween } from "../../server/model/traffic-steps.ts";

const times = fc.array(fc.double({ min: 0, max: 2_000_000, noNaN: true }), { minLength: 1, maxLength: 300 });
const countsOf = (durations: readonly number[]) => {
  const counts = noCounts();
  for (const ms of durations) counts[place.latency + bucketOf(ms)]! += 1;
  return counts;
};

describe("A histogram of times", () => {
  test("has every time in the bucket that holds it", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 2_000_000, noNaN: true }), (ms) => {
        const bucket = bucketOf(ms);
        expect(ms).toBeLessThanOrEqual(boundMs(bucket));
        if (bucket > 0) expect(ms).toBeGreaterThan(boundMs(bucket - 1));
        expect(bucket).toBeLessThan(bucketCount);
      }),
    );
  });

  test("tells percentiles within the width of a bucket, and never one that nobody took", () => {
    fc.assert(
      fc.property(times, fc.constantFrom(0.5, 0.95, 0.99), (durations, share) => {
        const exact = durations.toSorted((a, b) => a - b)[Math.ceil(share * durations.length) - 1] ?? 0;
        const told = percentileMs(countsOf(durations), place.latency, share) ?? Number.NaN;
        const bucket = Math.min(bucketOf(exact), bucketCount - 2);
        expect(told).toBeLessThanOrEqual(boundMs(bucket));
        expect(told).toBeGreaterThanOrEqual(bucket === 0 ? 0 : boundMs(bucket - 1));
      }),
    );
  });

  test("of several gateways is the histogram of all their requests", () => {
    fc.assert(
      fc.property(fc.array(times, { minLength: 2, maxLength: 4 }), (gateways) => {
        const sum = noCounts();
        for (const counts of gateways.map(countsOf)) counts.forEach((count, at) => (sum[at]! += count));
        expect(percentileMs(sum, place.latency, 0.95)).toBe(percentileMs(countsOf(gateways.flat()), place.latency, 0.95));
      }),
    );
  });

  test("of nothing has no percentile", () => {
    expect(percentileMs(noCounts(), place.latency, 0.95)).toBeNull();
  });
});

test("A span of time is shown in at most 121 whole steps that cover it, none shorter than what is kept of it", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2e12 }),
      fc.integer({ min: 1000, max: 86_400_000 * 1000 }),
      fc.integer({ min: 0, max: 2e12 }),
      (fromMs, spanMs, nowMs) => {
        const [asked, to] = [new Date(fromMs), new Date(fromMs + spanMs)];
        const { from, stepSeconds, starts } = stepsBetween(asked, to, new Date(nowMs));
        expect(starts.length).toBeLessThanOrEqual(121);
        expect(from.getTime() % (stepSeconds * 1000)).toBe(0);
        if (nowMs - fromMs > 2 * 86_400_000) expect(stepSeconds % 3600).toBe(0);
        expect(asked.getTime() - from.getTime()).toBeLessThan(stepSeconds * 1000);
        expect(starts[0]).toEqual(from);
        expect((starts.at(-1)?.getTime() ?? 0) + stepSeconds * 1000).toBeGreaterThanOrEqual(to.getTime());
      },
    ),
  );
});
