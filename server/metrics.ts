/** What Prometheus reads at /metrics: the process itself, the gateway's answers, and how often a timer had to help. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

export type Metrics = {
  answered(serviceId: string | null, statusCode: number, durationMs: number): void;
  retried(serviceId: string): void;
  /** Registers a figure that is read when it is asked for. */
  figure(name: string, help: string, read: () => number): void;
  text(): Promise<string>;
};

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
  return {
    answered(serviceId, statusCode, durationMs) {
      const service = serviceId ?? "none";
      requests.inc({ service, status: `${Math.floor(statusCode / 100)}xx` });
      seconds.observe({ service }, durationMs / 1000);
    },
    retried: (service) => retries.inc({ service }),
    figure(name, help, read) {
      void new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read());
        },
      });
    },
    text: () => registry.metrics(),
  };
}
