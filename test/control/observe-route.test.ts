import { expect, test } from "vitest";
import { observeRoute } from "../../server/control/observe-route.ts";
import { plan } from "../../server/control/plan.ts";
import type { RouteState } from "../../server/model/control-state.ts";
import type { Observation } from "../../server/model/session.ts";
import { apply } from "./simulated-store.ts";
import { serviceWith } from "./simulated-service.ts";

const context = { memoryMiB: 128, whyUnplaced: () => "It fits nowhere." };
const exitedAt = new Date(5000);
const seen = (fields: Partial<Observation>): Observation => ({
  sessionId: "ses_0" as Observation["sessionId"],
  state: "RUNNING",
  attempt: "1",
  node: { id: "n", name: "n" },
  address: { host: "127.0.0.1", port: 4000 },
  retryAt: null,
  lastExit: null,
  unplaced: null,
  step: null,
  events: [],
  ...fields,
});
const exited = seen({
  state: "BACKING_OFF",
  address: null,
  retryAt: new Date(9000),
  lastExit: { code: 1, signal: null, outOfMemory: false, at: exitedAt, outputTail: "no weights", message: null, action: null },
});
const check = { path: "/", max_retries: 10, interval: 10, max_wait_time: 15, expected_status_code: 200, initial_delay: 1800 };
const serviceOf = (route: Partial<RouteState>) => serviceWith({}, [{ attempt: "1", ...route }]);
const look = (service: ReturnType<typeof serviceOf>, observation: Observation) =>
  plan({ service, observations: new Map([[observation.sessionId, observation]]), recorded: new Map(), lastProbes: new Map(), room: null });
/** Until nothing is written any more. */
function settle(start: ReturnType<typeof serviceOf>, observation: Observation) {
  let service = start;
  for (let step = 0; step < 10; step++) {
    const { actions } = look(service, observation);
    const record = actions.find((action) => action.kind === "record");
    if (record === undefined) return { service, actions };
    service = apply(service, record.changes, new Date(6000), () => "ses_1" as Observation["sessionId"]);
  }
  throw new Error("it is written again and again");
}

test("a route that backs off is written once, and costs nothing while it waits", () => {
  const { service, actions } = settle(serviceOf({ status: "WARMING_UP" }), exited);
  expect(service.routes[0]).toMatchObject({
    status: "BACKING_OFF",
    retryAt: new Date(9000),
    failure: { message: "The start command exited with code 1: no weights" },
  });
  expect(actions).toEqual([]);
});

test("what a user has cleared stays cleared until something new fails, and the retry is asked for", () => {
  const { service } = settle(serviceOf({ status: "WARMING_UP" }), exited);
  const cleared = { ...service, routes: service.routes.map((route) => ({ ...route, failure: null, retryNow: true })) };
  expect(look(cleared, exited).actions.map((action) => action.kind)).toEqual(["retry", "record"]);
  expect(settle(cleared, exited).service.routes[0]?.failure).toBeNull();
  const again = seen({ ...exited, lastExit: { ...exited.lastExit!, at: new Date(7000) } });
  expect(settle(cleared, again).service.routes[0]?.failure).toMatchObject({ cause: "EXITED" });
});

test("a retry after a refused image starts another session when the old one is gone, and waits for the attempt that is under way", () => {
  const message = "Failed to pull `a.b/c:1`: Error response from daemon: unauthorized";
  const refused = seen({ ...exited, lastExit: { ...exited.lastExit!, code: null, outputTail: "", message } });
  const { service } = settle(serviceOf({ status: "PREPARING" }), refused);
  expect(service.routes[0]?.failure).toMatchObject({ cause: "IMAGE_UNAUTHORIZED" });
  const cleared = { ...service, routes: service.routes.map((route) => ({ ...route, failure: null, retryNow: true })) };

  const tryingAgain = settle(cleared, { ...refused, state: "PLACED", attempt: "2", retryAt: null });
  expect(tryingAgain).toMatchObject({ actions: [], service: { routes: [{ status: "PREPARING", retryNow: true }] } });
  const stopping = settle(tryingAgain.service, { ...refused, lastExit: { ...refused.lastExit!, at: new Date(7000) } });
  expect(stopping.actions).toEqual([{ kind: "stop", sessionId: refused.sessionId }]);
  const { service: renewed } = settle(stopping.service, { ...refused, state: "GONE" });
  expect(renewed.routes[0]).toMatchObject({ sessionId: "ses_1", restarting: false, retryNow: false });
  expect(look(renewed, { ...refused, state: "GONE" }).actions).toMatchObject([{ kind: "submit", route: { sessionId: "ses_1" } }]);
});

test("a route that is being placed anew leaves the balancer, without a failure where nobody saw one", () => {
  const healthy = serviceOf({ status: "HEALTHY", host: "127.0.0.1", port: 4000 }).routes[0]!;
  const change = observeRoute(healthy, seen({ state: "PLACED", address: null }), new Set(), context);
  expect(change?.transitions.map(({ status }) => status)).toEqual(["SCHEDULING", "PREPARING"]);
  expect(change).toMatchObject({ patch: { host: null, port: null } });
  expect(change?.failure).toBeUndefined();
});

test("an attempt keeps its address while a restarted Serai finds it out again", () => {
  const healthy = serviceOf({ status: "HEALTHY", host: "127.0.0.1", port: 4000, node: "n", nodeId: "n" }).routes[0]!;
  expect(observeRoute(healthy, seen({ address: null }), new Set(), context)).toBeNull();
});

test("a session that does not start again by itself is asked to at its time, and again where that shows no effect", () => {
  const awaiting = { ...exited, awaitsRetry: true, lastExit: exited.lastExit && { ...exited.lastExit, member: 2 } };
  const { service } = settle(serviceOf({ status: "HEALTHY" }), awaiting);
  expect(service.routes[0]?.failure?.message).toBe("Worker 2 exited with code 1: no weights");
  const at = (now: number) => {
    const { actions, lookAgainAt } = look({ ...service, readAt: new Date(now) }, awaiting);
    return { actions, lookAgainAt: lookAgainAt?.getTime() };
  };
  expect(at(8999)).toEqual({ actions: [], lookAgainAt: 9000 });
  expect(at(9000)).toEqual({ actions: [{ kind: "retry", sessionId: "ses_0" }], lookAgainAt: 14_000 });
});

test("a session that is removed while it backs off is replaced by another", () => {
  const { service } = settle(serviceOf({ status: "WARMING_UP" }), exited);
  expect(settle(service, seen({ ...exited, state: "GONE" })).service.routes[0]).toMatchObject({ status: "BACKING_OFF", sessionId: "ses_1" });
});

test("a session that the scheduler does not know is stopped all the same before another takes its place", () => {
  const service = serviceOf({ status: "HEALTHY", host: "127.0.0.1", port: 4000 });
  const { actions } = plan({ service, observations: new Map(), recorded: new Map(), lastProbes: new Map(), room: null });
  expect(actions).toMatchObject([
    { kind: "stop", sessionId: "ses_0" },
    { kind: "record", changes: [{ renewSession: true }] },
  ]);
});

test("a draining route is stopped only when every gateway is done with it, or when the grace is over", () => {
  const draining = { status: "DRAINING", statusAt: new Date(0), node: "n", nodeId: "n", host: "127.0.0.1", port: 4000 } as const;
  const kinds = (idle: ReadonlySet<string> | null, now: number) =>
    look({ ...serviceOf(draining), desiredRouteCount: 0, readAt: new Date(now), idleWhileDraining: idle as never }, seen({})).actions.map(
      ({ kind }) => kind,
    );
  expect(kinds(new Set(), 4999)).toEqual([]);
  expect(kinds(new Set(["rt_0"]), 1)).toEqual(["stop"]);
  expect(kinds(new Set(), 5000)).toEqual(["stop"]);
  expect(kinds(null, 1)).toEqual(["stop"]);
});

test("a route that warms up says which start action runs, once, and afterwards what it waits for", () => {
  const step = { index: 1, count: 3, action: "run_command", since: new Date(4000) };
  const during = settle(serviceOf({ status: "PREPARING" }), seen({ step, address: null }));
  expect(during.service.routes[0]).toMatchObject({ status: "WARMING_UP", statusReason: "Runs pre_start_actions[1] (run_command), 2 of 3 actions." });
  const later = look(during.service, seen({ step: { ...step, since: new Date(3999) }, address: null }));
  expect(later.actions).toEqual([]);
  const done = settle(during.service, seen({ address: null }));
  expect(done.service.routes[0]).toMatchObject({ status: "WARMING_UP", statusReason: "The process runs on n; its first health check is awaited." });
});

test("a start action that failed is the service's failure", () => {
  const action = { index: 0, action: "write_file", exitCode: 1, timedOut: false, said: "cannot create /x" };
  const ended = { ...exited, lastExit: exited.lastExit && { ...exited.lastExit, action } };
  const { service } = settle(serviceOf({ status: "WARMING_UP" }), ended);
  expect(service.routes[0]?.failure).toMatchObject({
    cause: "ACTION_FAILED",
    message: "pre_start_actions[0] (write_file) failed with exit code 1: cannot create /x",
  });
});

test("a start that takes longer than it may names the start action that takes so long, not a port that nobody could listen on yet", () => {
  const step = { index: 1, count: 2, action: "run_command", since: new Date(5100) };
  const route = serviceOf({ status: "WARMING_UP", statusAt: new Date(-1000), healthCheck: { ...check, initial_delay: 1 } });
  const { service } = settle(route, seen({ step, address: null }));
  expect(service.routes[0]?.failure).toMatchObject({
    message: "pre_start_actions[1] (run_command) was not done within 1 s of the start",
    hint: "Start actions count: allow more time with health_check.initial_delay.",
  });
});
