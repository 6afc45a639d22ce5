/**
 * What the outcome of a probe means for a route: pure. Failures are counted in a row, never in total: one pass and the
 * count is zero again. While a route warms up, failing is expected and only what the probe says is remembered.
 */
import type { ProbeOutcome } from "../ask-health.ts";
import type { RouteChange, RouteState } from "../model/control-state.ts";
import { defaultMaxRetries } from "../model/model-definition.ts";
import type { RouteEvent } from "../model/route-status.ts";
import type { Failure } from "../model/service-status.ts";
import { failureEntry } from "./failure-entry.ts";
import { walk } from "./observe-route.ts";

/** @param newDetail the outcome differs from the probe before it. */
export function judgeProbe(route: RouteState, outcome: ProbeOutcome, newDetail: boolean): RouteChange | null {
  const change = outcome.passed ? pass(route) : fail(route, outcome);
  const history = newDetail && !outcome.passed ? [entry(route, outcome)] : [];
  if (change === null && history.length === 0) return null;
  const failed = change?.failure === undefined ? [] : [failureEntry(change.failure, route, null)];
  return { routeId: route.id, believed: route.status, transitions: [], patch: {}, ...change, history: [...history, ...failed] };
}

type Judgement = Pick<RouteChange, "transitions" | "patch" | "failure">;

function pass(route: RouteState): Judgement | null {
  if (route.status === "HEALTHY") return route.probeFailures === 0 ? null : { transitions: [], patch: { probeFailures: 0 } };
  if (route.status !== "WARMING_UP" && route.status !== "UNHEALTHY") return null;
  return {
    ...follow(route, "PROBE_PASSED", "Passed its health check."),
    patch: { probeFailures: 0, restarts: 0, failure: null, retryNow: false, statusReason: "Passed its health check." },
  };
}

function fail(route: RouteState, outcome: ProbeOutcome): Judgement | null {
  if (route.status === "UNHEALTHY") return { transitions: [], patch: { probeFailures: route.probeFailures + 1 } };
  if (route.status !== "HEALTHY") return null;
  const failures = route.probeFailures + 1;
  if (failures < (route.healthCheck?.max_retries ?? defaultMaxRetries)) return { transitions: [], patch: { probeFailures: failures } };
  const message = `Failed ${failures} health checks in a row: ${outcome.detail}`;
  const failure: Failure = { cause: "PROBES_FAILED", routeId: route.id, at: outcome.at.toISOString(), message, hint: null };
  return {
    ...follow(route, "PROBES_FAILED", message),
    patch: { probeFailures: failures, failure, statusReason: message },
    failure,
  };
}

const follow = (route: RouteState, event: RouteEvent, message: string) => ({
  transitions: walk(route.status, [event], { HEALTHY: message, UNHEALTHY: message }),
});

const entry = (route: RouteState, outcome: ProbeOutcome) => ({
  key: `probe:${route.attempt ?? ""}:${outcome.detail}`,
  at: outcome.at,
  kind: "PROBE",
  message: `Health check failed: ${outcome.detail}`,
});
