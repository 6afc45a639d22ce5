/**
 * The rules of plan.ts on any state, and on whole histories: a small world in which the scheduler does what it likes
 * (places, fails, loses, delays) while plan is asked again and again. A failing case is printed with its seed and replays.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { plan } from "../../server/control/plan.ts";
import { surplusOf } from "../../server/control/surplus.ts";
import type { RouteState, ServiceState } from "../../server/model/control-state.ts";
import { isEnding, routeStatuses } from "../../server/model/route-status.ts";
import { serviceWith } from "./simulated-service.ts";
import { createSimulation } from "./simulation.ts";

const current = "rev_current" as RouteState["revisionId"];
const older = "rev_older" as RouteState["revisionId"];

const anyRoute = fc.record({
  status: fc.constantFrom(...routeStatuses.filter((status) => status !== "TERMINATED")),
  revisionId: fc.constantFrom(current, current, older),
  probeFailures: fc.nat(30),
  createdAt: fc.date({ min: new Date(0), max: new Date(1e12), noInvalidDate: true }),
});
const anyService = fc.record({ routes: fc.array(anyRoute, { maxLength: 12 }), desired: fc.nat(8), terminating: fc.boolean() });

const build = ({ routes, desired, terminating }: { routes: Partial<RouteState>[]; desired: number; terminating: boolean }): ServiceState =>
  serviceWith({ desiredRouteCount: desired, terminating, revisionId: current }, routes);

test("what is ended is never more than what is surplus, and never serves while something else does not", () => {
  fc.assert(
    fc.property(anyService, (input) => {
      const service = build(input);
      const ended = new Set(surplusOf(service).map((route) => route.id));
      const live = service.routes.filter((route) => !isEnding(route.status));
      const desired = service.terminating ? 0 : service.desiredRouteCount;
      const healthyBefore = live.filter((route) => route.status === "HEALTHY").length;
      const healthyAfter = live.filter((route) => route.status === "HEALTHY" && !ended.has(route.id)).length;
      expect(healthyAfter).toBeGreaterThanOrEqual(Math.min(desired, healthyBefore));
      const currentLeft = live.filter((route) => route.revisionId === current && !ended.has(route.id));
      expect(currentLeft.length).toBeLessThanOrEqual(desired);
      const endedServing = live.some((route) => ended.has(route.id) && route.revisionId === current && route.status === "HEALTHY");
      if (endedServing && desired > 0) expect(currentLeft.every((route) => route.status === "HEALTHY")).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test("the same input gives the same plan", () => {
  fc.assert(
    fc.property(anyService, (input) => {
      const asked = { service: build(input), observations: new Map(), recorded: new Map(), lastProbes: new Map(), room: null };
      expect(plan(asked)).toEqual(plan(asked));
    }),
  );
});

test("whatever the scheduler does: no route ever has two sessions, and once it behaves the wish comes true", () => {
  fc.assert(
    fc.property(fc.integer(), fc.nat(5), fc.nat(5), (seed, first, second) => {
      const simulation = createSimulation(seed);
      simulation.wish(first);
      simulation.run(60, { misbehaving: true });
      simulation.wish(second);
      simulation.run(60, { misbehaving: true });
      simulation.run(400, { misbehaving: false });
      expect(simulation.mostSessionsOfARoute).toBeLessThanOrEqual(1);
      expect(simulation.healthy()).toBe(second);
      expect(simulation.sessions()).toBe(second);
      simulation.terminate();
      simulation.run(400, { misbehaving: false });
      expect(simulation.sessions()).toBe(0);
      expect(simulation.isTerminated).toBe(true);
    }),
    { numRuns: 150 },
  );
});

test("machines are drained at any time: nobody who serves is ended before another serves, and in the end nothing is left on them", () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 5 }), fc.nat(120), fc.boolean(), (seed, desired, after, modified) => {
      const world = createSimulation(seed);
      world.wish(desired);
      world.run(after, { misbehaving: true });
      if (modified) world.modify({ bad: false });
      world.drainMachines();
      world.run(60, { misbehaving: false });
      world.drainMachines();
      world.leastHealthy();
      const serving = world.healthy();
      world.run(400, { misbehaving: false });
      expect(world.leastHealthy()).toBe(serving);
      expect(world.service.routes.filter(({ leaving }) => leaving)).toEqual([]);
      expect([world.healthyOnWish(), world.sessions()]).toEqual([desired, desired]);
    }),
    { numRuns: 300 },
  );
});

test("machines are drained while a step of a rollout holds: what is on them moves, of both revisions, and nobody who serves is ended before", () => {
  const share = fc.constantFrom("25%", "100%", 1);
  const weight = fc.constantFrom(10, 50, 100);
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 5 }), share, weight, fc.nat(60), (seed, desired, maxSurge, at, after) => {
      const world = createSimulation(seed);
      world.wish(desired);
      world.run(30, { misbehaving: false });
      world.modify({ bad: false, policy: { maxSurge, maxUnavailable: 0, steps: [{ weight: at, holdSeconds: 10_000 }], promote: "AUTO" } });
      world.run(after, { misbehaving: false });
      world.drainMachines();
      world.leastHealthy();
      const serving = Math.min(desired, world.healthy());
      world.run(200, { misbehaving: false });
      expect(world.leastHealthy()).toBeGreaterThanOrEqual(serving);
      expect(world.service.routes.filter(({ leaving }) => leaving)).toEqual([]);
      expect(world.service.rollout).not.toBeNull();
      expect(world.healthy()).toBeGreaterThanOrEqual(desired);
    }),
    { numRuns: 300 },
  );
});

test("where there is no room elsewhere what is on a drained machine serves on and says so, and a drain that is cancelled leaves no trace", () => {
  const world = createSimulation(4, 2);
  world.wish(2);
  world.run(30, { misbehaving: false });
  const before = world.service.routes.map(({ id }) => id);
  world.drainMachines();
  world.leastHealthy();
  world.run(120, { misbehaving: false });
  expect(world.leastHealthy()).toBe(2);
  const serving = world.service.routes.filter(({ status }) => status === "HEALTHY");
  expect(serving.map(({ id }) => id)).toEqual(before);
  for (const { statusReason } of serving) expect(statusReason).toMatch(/^Stays on .*, which is being drained: /);
  world.cancelDrain();
  world.run(30, { misbehaving: false });
  expect(world.service.routes.map(({ id, statusReason }) => [id, statusReason])).toEqual(before.map((id) => [id, "Passed its health check."]));
});

const hour = 3600;

test("a service whose definition is broken for an hour starts nothing, and recovers at once when it is right again", () => {
  const world = createSimulation(1);
  world.wish(2);
  world.breakDefinition();
  world.run(hour, { misbehaving: false });
  expect(world.sessions()).toBe(0);
  world.modify({ bad: false });
  world.run(12, { misbehaving: false });
  expect(world.healthyOnWish()).toBe(2);
});

test("what serves goes on serving for an hour under a broken definition, and follows the right one at once", () => {
  const world = createSimulation(2);
  world.wish(2);
  world.run(30, { misbehaving: false });
  world.breakDefinition();
  world.leastHealthy();
  world.run(hour, { misbehaving: false });
  expect(world.leastHealthy()).toBe(2);
  world.modify({ bad: false });
  world.settle();
  expect(world.healthyOnWish()).toBe(2);
});

test("a service that fails for an hour for outside reasons recovers by itself at the next start, without anybody asking", () => {
  const world = createSimulation(3);
  world.wish(2);
  world.modify({ bad: true });
  world.run(hour, { misbehaving: false });
  expect(world.healthy()).toBe(0);
  world.heal();
  // The scheduler of this world waits 3 s between starts.
  world.run(12, { misbehaving: false });
  expect(world.healthyOnWish()).toBe(2);
});
