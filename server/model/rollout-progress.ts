/** Where a rollout is on its way, as people want to know it: pure. */
import type { RolloutPolicy, RolloutStatus, RolloutStep } from "./rollout.ts";

type Rollout = {
  readonly status: RolloutStatus;
  readonly policy: RolloutPolicy;
  readonly step: number;
  readonly stepAt: Date | null;
  readonly promoted: boolean;
};

/** Null where no step is going on: there is none, all are done, or it goes back. */
const stepOf = ({ status, policy, step }: Rollout): RolloutStep | null => (status === "ROLLING" ? (policy.steps[step] ?? null) : null);

/** Per cent of the requests that the new revision gets now; null where load decides. */
export const weightOf = (rollout: Rollout): number | null => stepOf(rollout)?.weight ?? null;

/** Its last step lasts until somebody promotes. */
export const awaitsPromotion = (rollout: Rollout): boolean =>
  stepOf(rollout) !== null &&
  rollout.stepAt !== null &&
  !rollout.promoted &&
  rollout.policy.promote === "MANUAL" &&
  rollout.step === rollout.policy.steps.length - 1;

/** When the next step begins; null where it has not begun, waits for somebody, or need not wait any more. */
export function stepEndsAt(rollout: Rollout): Date | null {
  const step = stepOf(rollout);
  if (step === null || rollout.stepAt === null || rollout.promoted || awaitsPromotion(rollout)) return null;
  return new Date(rollout.stepAt.getTime() + step.holdSeconds * 1000);
}
