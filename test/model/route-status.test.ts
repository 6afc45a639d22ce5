import { describe, expect, test } from "vitest";
import { nextRouteStatus, routeEventKinds, routeStatuses, type RouteStatus } from "../../server/model/route-status.ts";

/** Each row: a status, and what it becomes at SUBMITTED PLACED STARTED PROBE_PASSED PROBES_FAILED FAILED RETRIED DRAINED GONE ("." stays). */
const table: Record<RouteStatus, string> = {
  PENDING: "SCHEDULING . . . . . . DRAINING .",
  SCHEDULING: ". PREPARING . . . BACKING_OFF . DRAINING PENDING",
  PREPARING: ". . WARMING_UP . . BACKING_OFF SCHEDULING DRAINING PENDING",
  WARMING_UP: ". . . HEALTHY . BACKING_OFF SCHEDULING DRAINING PENDING",
  HEALTHY: ". . . . UNHEALTHY BACKING_OFF SCHEDULING DRAINING PENDING",
  UNHEALTHY: ". . . HEALTHY . BACKING_OFF SCHEDULING DRAINING PENDING",
  BACKING_OFF: "SCHEDULING . . . . . SCHEDULING DRAINING .",
  DRAINING: ". . . . . . . . TERMINATED",
  TERMINATED: ". . . . . . . . .",
};

describe.each(routeStatuses)("a route that is %s", (status) => {
  const cells = table[status].split(" ").map((next) => (next === "." ? status : next));
  test.each(routeEventKinds.map((event, index) => ({ event, next: cells[index] })))("becomes $next at $event", ({ event, next }) => {
    expect(nextRouteStatus[status][event]).toBe(next);
  });
});

test("nothing untested gets traffic: only a passed probe leads to HEALTHY", () => {
  for (const status of routeStatuses)
    for (const event of routeEventKinds) if (nextRouteStatus[status][event] === "HEALTHY" && status !== "HEALTHY") expect(event).toBe("PROBE_PASSED");
});

test("what is being ended never serves again", () => {
  for (const status of ["DRAINING", "TERMINATED"] as const)
    for (const event of routeEventKinds) expect(["DRAINING", "TERMINATED"]).toContain(nextRouteStatus[status][event]);
});
