/** What is done about machines of which something is wished, and how a service's routes are spread over them. */
import { expect, test } from "vitest";
import { nodeSteps } from "../../server/control/node-steps.ts";
import { plan } from "../../server/control/plan.ts";
import type { RouteState } from "../../server/model/control-state.ts";
import type { SessionId } from "../../server/model/ids.ts";
import type { NodeWish } from "../../server/model/node-wish.ts";
import type { Observation, UnplacedFacts } from "../../server/model/session.ts";
import { serviceWith } from "./simulated-service.ts";
import { guideExample } from "./definitions.ts";
import { openControlWorld } from "./world.ts";
import { wishForNode } from "../../server/store/node-wishes.ts";

const wished = (wish: NodeWish["wish"], appliedAt: Date | null): NodeWish => ({
  nodeId: "n1",
  nodeName: "one",
  wish,
  createdAt: new Date(0),
  appliedAt,
  problem: null,
});
const told = new Date(1);

test.each([
  { wish: wished("DRAINED", null), eligible: false, step: { kind: "tell", eligible: false } },
  { wish: wished("DRAINED", told), eligible: true, step: { kind: "tell", eligible: false } },
  { wish: wished("DRAINED", told), eligible: false, step: null },
  { wish: wished("INELIGIBLE", null), eligible: true, step: { kind: "tell", eligible: false } },
  { wish: wished("INELIGIBLE", told), eligible: false, step: null },
  { wish: wished("ELIGIBLE", null), eligible: true, step: { kind: "tell", eligible: true } },
  { wish: wished("ELIGIBLE", told), eligible: false, step: null },
])("$wish.wish, told at $wish.appliedAt, of a machine that is eligible: $eligible", ({ wish, eligible, step }) => {
  expect(nodeSteps([wish], [{ id: "n1", eligible }])).toEqual(step === null ? [] : [{ ...step, wish }]);
});

test("a wish ends with its machine", () => {
  const wish = wished("DRAINED", told);
  expect(nodeSteps([wish], [{ id: "n2", eligible: true }])).toEqual([{ kind: "forget", wish }]);
});

const facts: UnplacedFacts = {
  nodesEvaluated: 1,
  nodesFiltered: 0,
  nodesExhausted: 1,
  constraintFiltered: {},
  dimensionExhausted: { memory: 1 },
  message: null,
};
const unplaced = (id: string, why: UnplacedFacts | null): Observation => ({
  sessionId: id as SessionId,
  state: "UNPLACED",
  attempt: null,
  node: null,
  address: null,
  retryAt: null,
  lastExit: null,
  unplaced: why,
  step: null,
  events: [],
});

/** Of routes that were all made at the same moment, those that are handed in now. */
function handedIn(routes: readonly Partial<RouteState>[], observed: readonly Observation[], atMs: number): readonly string[] {
  const service = serviceWith(
    { desiredRouteCount: routes.length, readAt: new Date(atMs) },
    routes.map((route) => ({ createdAt: new Date(0), statusAt: new Date(0), ...route })),
  );
  const observations = new Map(observed.map((one) => [one.sessionId, one]));
  const { actions } = plan({ service, observations, recorded: new Map(), lastProbes: new Map(), room: null });
  return actions.flatMap((action) => (action.kind === "submit" ? [action.route.id] : []));
}

test("routes are handed in one after the other, each when it is known where the one before went, and nobody is waited for longer than a moment", () => {
  const scheduling = { status: "SCHEDULING" } as const;
  expect(handedIn([{}, {}, {}], [], 0)).toEqual(["rt_0"]);
  expect(handedIn([scheduling, {}, {}], [unplaced("ses_0", null)], 100)).toEqual([]);
  expect(
    handedIn(
      [{ status: "PREPARING", node: "one", nodeId: "n1" }, {}, {}],
      [{ ...unplaced("ses_0", null), state: "PLACED", node: { id: "n1", name: "one" } }],
      100,
    ),
  ).toEqual(["rt_1"]);
  expect(handedIn([{ ...scheduling, statusReason: "It fits nowhere." }, {}, {}], [unplaced("ses_0", null)], 2000)).toEqual(["rt_1", "rt_2"]);
});

test("one that finds no place keeps nobody from being handed in", () => {
  const waits = serviceWith({ desiredRouteCount: 2, readAt: new Date(100) }, [
    { status: "SCHEDULING", createdAt: new Date(0), statusAt: new Date(0) },
    { createdAt: new Date(0), statusAt: new Date(0) },
  ]);
  const asked = {
    service: waits,
    observations: new Map([["ses_0" as SessionId, unplaced("ses_0", facts)]]),
    recorded: new Map(),
    lastProbes: new Map(),
    room: null,
  };
  const [told0] = plan(asked).actions;
  if (told0?.kind !== "record") throw new Error("its reason was not written");
  const reason = told0.changes[0]?.patch.statusReason ?? "";
  const known = { ...waits, routes: waits.routes.map((route) => (route.status === "SCHEDULING" ? { ...route, statusReason: reason } : route)) };
  expect(plan({ ...asked, service: known }).actions.map(({ kind }) => kind)).toEqual(["submit"]);
});

test("whoever looks at the history of a route that left a machine is told which one was drained", () => {
  const serves = { status: "HEALTHY", host: "127.0.0.1", port: 4000 } as const;
  const service = serviceWith({}, [
    { ...serves, node: "one", nodeId: "n1", leaving: true },
    { ...serves, node: "two", nodeId: "n2" },
  ]);
  const { actions } = plan({ service, observations: new Map(), recorded: new Map(), lastProbes: new Map(), room: null });
  const message = "Finishes its last requests: one is being drained.";
  expect(actions).toMatchObject([
    { kind: "record", changes: [{ routeId: "rt_0", transitions: [{ status: "DRAINING", message }], patch: { statusReason: message } }] },
  ]);
});

test("with one machine a drain moves nothing: the route serves on and says why; cancelled, nothing is left of it", async () => {
  await using world = await openControlWorld();
  const { id } = await world.create(guideExample);
  await expect.poll(() => world.status(id)).toBe("HEALTHY");
  const [node] = await world.scheduler.nodes();
  if (node === undefined) throw new Error("there is no machine");
  const wish = (kind: NodeWish["wish"]) =>
    wishForNode(world.database, { nodeId: node.id, nodeName: node.name, wish: kind, userId: world.who.userId });
  await wish("DRAINED");
  const why = `1 route stays on ${node.name}, which is being drained: The only node of group default takes no new work: ${node.name} is not eligible.`;
  await expect.poll(() => world.reason(id)).toContain(`Serving: 1 of 1 route healthy. ${why}`);
  expect(await world.status(id)).toBe("HEALTHY");
  await wish("ELIGIBLE");
  await expect.poll(() => world.reason(id)).toBe("Serving: 1 of 1 route healthy.");
  await expect.poll(async () => world.database.sql`select * from node_wishes`).toEqual([]);
  const live = () => world.database.sql`select status from routes where service_id = ${id} and terminated_at is null`;
  await expect.poll(live).toEqual([{ status: "HEALTHY" }]);
});
