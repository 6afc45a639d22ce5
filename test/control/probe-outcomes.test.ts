import { expect, test } from "vitest";
import { createOutcomes } from "../../server/control/probe-outcomes.ts";
import type { RouteState, ServiceState } from "../../server/model/control-state.ts";
import type { RouteId, ServiceId } from "../../server/model/ids.ts";

const route = (id: string): RouteState =>
  ({ id: id as RouteId, status: "HEALTHY", attempt: "1", probeFailures: 1, healthCheck: null }) as Partial<RouteState> as RouteState;
const service = { id: "svc_a" as ServiceId, routes: [route("rt_1"), route("rt_2")] } as Partial<ServiceState> as ServiceState;
const told = (passed: boolean, attempt = "1") => ({ attempt, outcome: { passed, detail: "", at: new Date() }, newDetail: false });
const isOver = async (promise: Promise<void>): Promise<boolean> => Promise.race([promise.then(() => true), Promise.resolve(false)]);

test("outcomes of several routes are written together, and who told of one waits until then", async () => {
  const outcomes = createOutcomes();
  const waits = ["rt_1", "rt_2"].map((id) => outcomes.add(service.id, id as RouteId, told(id === "rt_1")));
  const { changes, release } = outcomes.take(service);
  expect(changes).toMatchObject([
    { routeId: "rt_1", patch: { probeFailures: 0 } },
    { routeId: "rt_2", patch: { probeFailures: 2 } },
  ]);
  expect(await Promise.all(waits.map(isOver))).toEqual([false, false]);
  release();
  await Promise.all(waits);
  expect(outcomes.take(service).changes).toEqual([]);
});

test("of one route only the newest outcome counts, and none of an attempt that is over", async () => {
  const outcomes = createOutcomes();
  const older = outcomes.add(service.id, "rt_1" as RouteId, told(false));
  void outcomes.add(service.id, "rt_1" as RouteId, told(true));
  await older;
  void outcomes.add(service.id, "rt_2" as RouteId, told(false, "0"));
  expect(outcomes.take(service).changes).toMatchObject([{ routeId: "rt_1", patch: { probeFailures: 0 } }]);
});

test("nobody waits for a service that is somebody else's, nor after the end", async () => {
  const outcomes = createOutcomes();
  const dropped = outcomes.add(service.id, "rt_1" as RouteId, told(true));
  outcomes.drop(service.id);
  await dropped;
  const ended = outcomes.add(service.id, "rt_2" as RouteId, told(true));
  outcomes.end();
  await ended;
  await outcomes.add(service.id, "rt_2" as RouteId, told(true));
});
