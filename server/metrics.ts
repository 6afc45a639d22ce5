/** What Prometheus reads at /metrics: the process itself, the gateway's answers, and how often a timer had to help. */
import {
  AggregatorRegistry,
  collectDefaultMetrics,
  Counter,
  Gauge,
  Histogram,
  type MetricObjectWithValues,
  type MetricValue,
  Registry,
} from "prom-client";

export type Metrics = {
  answered(serviceId: string | null, statusCode: number, durationMs: number): void;
  retried(serviceId: string): void;
  /** Registers a figure that is read when it is asked for. Those of several processes are added up, or the highest counts. */
  figure(name: string, help: string, read: () => number, over?: "sum" | "max"): void;
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

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({ name: "serai_gateway_requests_total", help: "Answered requests.", labelNames: ["service", "status"], registers });
  const retries = new Counter({
    name: "serai_gateway_retries_total",
    help: "Requests sent again to another route.",
    labelNames: ["service"],
    registers,
  });
  const seconds = new Histogram({
    name: "serai_gateway_request_seconds",
    help: "From the request's head to the end of the answer.",
    labelNames: ["service"],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60],
    registers,
  });
  let others: (() => Promise<readonly MetricsSnapshot[]>) | null = null;
  return {
    answered(serviceId, statusCode, durationMs) {
      const service = serviceId ?? "none";
      requests.inc({ service, status: `${Math.floor(statusCode / 100)}xx` });
      seconds.observe({ service }, durationMs / 1000);
    },
    retried: (service) => retries.inc({ service }),
    figure(name, help, read, over = "sum") {
      void new Gauge({
        name,
        help,
        registers,
        aggregator: over,
        collect() {
          this.set(read());
        },
      });
    },
    include: (read) => void (others = read),
    snapshot: () => registry.getMetricsAsJSON(),
    text: async () => (others === null ? registry.metrics() : sumOf([await registry.getMetricsAsJSON(), ...(await others())]).metrics()),
  };
}
