/** How many routes each kind of rollout wants at each of its steps. */
import { expect, test } from "vitest";
import { rolloutGoal } from "../../server/control/rollout-goal.ts";
import { defaultRolloutPolicy, type RolloutPolicy, withSteps } from "../../server/model/rollout.ts";
import { rolloutWith, serviceWith } from "./simulated-service.ts";

type Case = { readonly policy?: Partial<RolloutPolicy>; readonly desired: number; readonly step?: number; readonly inPlace?: boolean };

const goalOf = ({ policy = {}, desired, step = 0, inPlace = false }: Case) =>
  rolloutGoal(
    serviceWith({ desiredRouteCount: desired }, []),
    rolloutWith({ policy: withSteps({ ...defaultRolloutPolicy, ...policy }), step, mode: inPlace ? "IN_PLACE" : "SURGE" }),
  );
const canary = {
  steps: [
    { weight: 10, holdSeconds: 60 },
    { weight: 50, holdSeconds: 60 },
  ],
};
const blueGreen = { maxSurge: "100%", promote: "MANUAL" } as const;

test.each<[string, Case, object]>([
  ["rolling goes all the way, with one more at a time", { desired: 3 }, { newRoutes: 3, oldRoutes: 0, totalMax: 4, healthyMin: 3 }],
  ["per cent of a surge are rounded up", { desired: 3, policy: { maxSurge: "25%" } }, { totalMax: 4 }],
  ["per cent that may be missing are rounded down", { desired: 3, policy: { maxUnavailable: "50%" } }, { healthyMin: 2 }],
  ["a canary of 10% is one route at least, and the others stay", { desired: 3, policy: canary }, { newRoutes: 1, oldRoutes: 3 }],
  ["at 50% each side has half of it, rounded up", { desired: 3, policy: canary, step: 1 }, { newRoutes: 2, oldRoutes: 2 }],
  ["after its steps a canary has everything", { desired: 3, policy: canary, step: 2 }, { newRoutes: 3, oldRoutes: 0 }],
  ["blue-green stands complete beside what serves", { desired: 3, policy: blueGreen }, { newRoutes: 3, oldRoutes: 3, totalMax: 6 }],
  [
    "blue-green without a surge to speak of stands with what it may",
    { desired: 3, policy: { promote: "MANUAL" } },
    { newRoutes: 1, oldRoutes: 3, totalMax: 4 },
  ],
  ["in place there are never more than desired", { desired: 3, inPlace: true }, { newRoutes: 3, totalMax: 3, swapsMax: 1 }],
  ["no surge at all is in place", { desired: 3, policy: { maxSurge: 0, maxUnavailable: 2 } }, { inPlace: true, totalMax: 3, swapsMax: 2 }],
  ["a canary in place takes its share of the seats", { desired: 4, policy: canary, step: 1, inPlace: true }, { newRoutes: 2, oldRoutes: 2 }],
  [
    "blue-green in place waits for its promotion before it takes a seat",
    { desired: 2, policy: blueGreen, inPlace: true },
    { newRoutes: 0, oldRoutes: 2 },
  ],
  ["a service of no routes wants none", { desired: 0 }, { newRoutes: 0, oldRoutes: 0, healthyMin: 0 }],
])("%s", (_promise, given, goal) => {
  expect(goalOf(given)).toMatchObject(goal);
});

test("on its way back a rollout has no steps: everything goes over at once", () => {
  const rollout = rolloutWith({ status: "REVERTING", policy: { ...defaultRolloutPolicy, ...canary } });
  expect(rolloutGoal(serviceWith({ desiredRouteCount: 3 }, []), rollout)).toMatchObject({ newRoutes: 3, oldRoutes: 0 });
});
