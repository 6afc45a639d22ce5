/**
 * What is counted of requests: one array of numbers for whatever is counted (a route, a token …), each number at its place. Adding two arrays
 * place by place adds what they counted, over minutes, routes and gateways alike; so times are kept as histograms, never as percentiles.
 */

/** How requests end; each ends in one of them. `gone`: the client left before it had an answer; `broken`: the route broke off within its answer. */
export const outcomes = ["1xx", "2xx", "3xx", "4xx", "5xx", "gone", "broken"] as const;
export type Outcome = (typeof outcomes)[number];

/** Bounds of a histogram's buckets grow by the square root of 2, from 1 ms to 17 minutes; the last bucket holds what took longer. */
export const bucketCount = 42;

export const place = {
  /** The first of the outcomes; the others follow. */
  outcomes: 0,
  bytesIn: 7,
  bytesOut: 8,
  /** Requests that waited for a route. */
  held: 9,
  /** Times that a request was sent again to another route. */
  retries: 10,
  /** Requests in flight, summed up over time: divided by a time, how many there were on average. */
  inFlightMs: 11,
  latencySumMs: 12,
  firstByteSumMs: 13,
  /** From the request's head to the end of the answer; without what was switched to another protocol. */
  latency: 14,
  /** From the request's head to the head of a route's answer. */
  firstByte: 14 + bucketCount,
} as const;
export const placeCount = 14 + 2 * bucketCount;

export type Counts = Float64Array;
export const noCounts = (): Counts => new Float64Array(placeCount);

export const outcomePlace = (outcome: Outcome): number => place.outcomes + outcomes.indexOf(outcome);

export function bucketOf(ms: number): number {
  return ms <= 1 ? 0 : Math.min(bucketCount - 1, Math.ceil(2 * Math.log2(ms)));
}

/** The longest time that the bucket holds; infinite for the last. */
export const boundMs = (bucket: number): number => (bucket >= bucketCount - 1 ? Number.POSITIVE_INFINITY : 2 ** (bucket / 2));

export function requestsIn(counts: ArrayLike<number>): number {
  return sumOf(counts, place.outcomes, outcomes.length);
}

export function sumOf(counts: ArrayLike<number>, first: number, count: number): number {
  let sum = 0;
  for (let at = first; at < first + count; at += 1) sum += counts[at] ?? 0;
  return sum;
}

/**
 * The time that the share of requests did not exceed, within the width of its bucket (at most 41 % too much or 29 % too little); null where
 * nothing was counted.
 */
export function percentileMs(counts: ArrayLike<number>, histogram: number, share: number): number | null {
  const total = sumOf(counts, histogram, bucketCount);
  if (total === 0) return null;
  let left = share * total;
  for (let bucket = 0; bucket < bucketCount - 1; bucket += 1) {
    const count = counts[histogram + bucket] ?? 0;
    if (count > 0 && left <= count) {
      const lowerMs = bucket === 0 ? 0 : boundMs(bucket - 1);
      return lowerMs + (boundMs(bucket) - lowerMs) * (left / count);
    }
    left -= count;
  }
  return boundMs(bucketCount - 2);
}
