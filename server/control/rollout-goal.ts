/**
 * How many routes of the new revision and of the old one a rollout wants at its present step, and how many there may be: pure
 * arithmetic on the policy, so that rolling, canary and blue-green need no code of their own.
 *
 * In place there is no room for more than what is there, so the two always add up to the desired count. A step of weight 0, which has
 * the new revision stand beside the old one, then has no new route at all: its promotion begins the swap.
 */
import type { RolloutState, ServiceState } from "../model/control-state.ts";
import { routesOf } from "../model/rollout.ts";

export type RolloutGoal = {
  readonly inPlace: boolean;
  readonly newRoutes: number;
  /** Those of the old revision that the step keeps, whether healthy or not. */
  readonly oldRoutes: number;
  /** Of both revisions together. */
  readonly totalMax: number;
  /** Of both revisions together. */
  readonly healthyMin: number;
  /** Seats that may be handed on at once. */
  readonly swapsMax: number;
};

export function rolloutGoal({ desiredRouteCount: desired }: ServiceState, rollout: RolloutState): RolloutGoal {
  const { policy } = rollout;
  const surge = routesOf(policy.maxSurge, desired, "up");
  const unavailable = routesOf(policy.maxUnavailable, desired, "down");
  const inPlace = rollout.mode === "IN_PLACE" || surge === 0;
  const step = rollout.status === "REVERTING" ? null : (policy.steps[rollout.step] ?? null);
  const common = {
    inPlace,
    totalMax: inPlace ? desired : desired + surge,
    healthyMin: Math.max(0, desired - unavailable),
    swapsMax: Math.max(1, unavailable),
  };
  if (step === null) return { ...common, newRoutes: desired, oldRoutes: 0 };
  if (inPlace) {
    const newRoutes = step.weight === 0 ? 0 : Math.min(desired, Math.max(1, Math.round((desired * step.weight) / 100)));
    return { ...common, newRoutes, oldRoutes: desired - newRoutes };
  }
  // Beside what serves: as many as there is room for.
  if (step.weight === 0) return { ...common, newRoutes: Math.min(desired, surge), oldRoutes: desired };
  const newRoutes = Math.min(desired, Math.max(1, Math.ceil((desired * step.weight) / 100)));
  const oldRoutes = step.weight === 100 ? 0 : Math.min(desired, Math.ceil((desired * (100 - step.weight)) / 100));
  return { ...common, newRoutes, oldRoutes };
}
