/**
 * What Prometheus reads at /metrics: the process itself, the gateway's requests, and how often a timer had to help. Requests are counted in
 * arrays (gateway/figures.ts), which become metrics when somebody reads: prom-client's own counters would look a label up for each request.
 */
import { AggregatorRegistry, collectDefaultMetrics, Gauge, type Metric, type MetricObjectWithValues, type MetricValue, Registry } from "prom-client";
import { boundMs, bucketCount, outcomes, place } from "./model/traffic.ts";

/** Of one route, or of what no route of a service has answered: then `route` and `revision` are empty. */
export type CountedRequests = {
  readonly labels: { readonly service: string; readonly revision: string; readonly route: string };
  readonly counts: ArrayLike<number>;
  readonly inFlight: number;
};

export type Metrics = {
  /** Registers a figure that is read when it is asked for. Those of several processes are added up, or the highest counts. */
  figure(name: string, help: string, read: () => number, over?: "sum" | "max"): void;
  requests(read: () => Iterable<CountedRequests>): void;
  /** Other processes' figures, which are added up with the own ones. */
  include(others: () => Promise<readonly MetricsSnapshot[]>): void;
  snapshot(): Promise<MetricsSnapshot>;
  text(): Promise<string>;
};

/** Plain data, to be told to another process. */
export type MetricsSnapshot = readonly MetricObjectWithValues<MetricValue<string>>[];

const sumOf = (snapshots: readonly MetricsSnapshot[]): Registry => AggregatorRegistry.aggregate(snapshots.map((one) => [...one]));

export const addUp = (snapshots: readonly MetricsSnapshot[]): Promise<MetricsSnapshot> => sumOf(snapshots).getMetricsAsJSON();

/** What stays true of a process that is gone. */
export const countersOf = (snapshot: MetricsSnapshot): MetricsSnapshot =>
  snapshot.filter(({ name, type }) => name.startsWith("serai_") && String(type) !== "gauge");

type Value = { readonly labels: Readonly<Record<string, string>>; readonly value: number; readonly metricName?: string };

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  let others: (() => Promise<readonly MetricsSnapshot[]>) | null = null;
  return {
    figure(name, help, read, over = "sum") {
      void new Gauge({
        name,
        help,
        registers: [registry],
        aggregator: over,
        collect() {
          this.set(read());
        },
      });
    },
    requests(read) {
      const add = (name: string, help: string, type: "counter" | "gauge" | "histogram", valuesOf: (one: CountedRequests) => readonly Value[]) =>
        // All that the registry asks of a metric.
        registry.registerMetric({
          name,
          get: async () => ({ name, help, type, aggregator: "sum", values: [...read()].flatMap(valuesOf) }),
        } as unknown as Metric);
      const one =
        (what: number) =>
        ({ labels, counts }: CountedRequests) => [{ labels, value: counts[what] ?? 0 }];
      add("serai_gateway_requests_total", "Requests, by how they ended.", "counter", byOutcome);
      add("serai_gateway_request_seconds", "From the request's head to the end of the answer.", "histogram", (counted) =>
        histogram(counted, "serai_gateway_request_seconds", place.latency, place.latencySumMs),
      );
      add("serai_gateway_first_byte_seconds", "From the request's head to the head of a route's answer.", "histogram", (counted) =>
        histogram(counted, "serai_gateway_first_byte_seconds", place.firstByte, place.firstByteSumMs),
      );
      add("serai_gateway_in_flight", "Requests in flight.", "gauge", ({ labels, inFlight }) => [{ labels, value: inFlight }]);
      add("serai_gateway_received_bytes_total", "Bytes of requests' bodies.", "counter", one(place.bytesIn));
      add("serai_gateway_sent_bytes_total", "Bytes of answers' bodies.", "counter", one(place.bytesOut));
      add("serai_gateway_held_total", "Requests that waited for a route.", "counter", one(place.held));
      add("serai_gateway_retries_total", "Requests sent again to another route.", "counter", one(place.retries));
    },
    include: (read) => void (others = read),
    snapshot: () => registry.getMetricsAsJSON(),
    text: async () => (others === null ? registry.metrics() : sumOf([await registry.getMetricsAsJSON(), ...(await others())]).metrics()),
  };
}

const byOutcome = ({ labels, counts }: CountedRequests): readonly Value[] =>
  outcomes.map((status, at) => ({ labels: { ...labels, status }, value: counts[place.outcomes + at] ?? 0 })).filter(({ value }) => value > 0);

/** Every fourth bound is enough: 1 ms, 4 ms … 17 minutes. */
const boundsApart = 4;

function histogram({ labels, counts }: CountedRequests, name: string, first: number, sumMs: number): readonly Value[] {
  const values: Value[] = [];
  let count = 0;
  for (let bucket = 0; bucket < bucketCount; bucket += 1) {
    count += counts[first + bucket] ?? 0;
    const isLast = bucket === bucketCount - 1;
    const le = isLast ? "+Inf" : String(boundMs(bucket) / 1000);
    if (isLast || bucket % boundsApart === 0) values.push({ metricName: `${name}_bucket`, labels: { ...labels, le }, value: count });
  }
  const sum = { metricName: `${name}_sum`, labels, value: (counts[sumMs] ?? 0) / 1000 };
  return [...values, sum, { metricName: `${name}_count`, labels, value: count }];
}
