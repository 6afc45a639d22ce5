/** Rollouts: the ways of a service from one revision to the next. */
import { awaitsPromotion, stepEndsAt, weightOf } from "../server/model/rollout-progress.ts";
import { rolloutKinds } from "../server/model/rollout.ts";
import type { RolloutRow } from "../server/store/rollouts.ts";
import { builder } from "./builder.ts";
import { Revision } from "./revision.ts";
import { RolloutPolicy } from "./rollout-policy.ts";
import { Failure } from "./route.ts";
import { User } from "./user.ts";

const RolloutKind = builder.enumType("RolloutKind", { values: rolloutKinds });

const RolloutMode = builder.enumType("RolloutMode", {
  values: {
    SURGE: { description: "New routes start beside those that serve." },
    IN_PLACE: { description: "Each new route takes over the place of one that ends, because there is no room for more." },
  } as const,
});

const RolloutStatus = builder.enumType("RolloutStatus", {
  values: {
    ROLLING: { description: "Under way." },
    REVERTING: { description: "On its way back." },
    COMPLETED: { description: "The new revision serves." },
    REVERTED: { description: "The revision that it came from serves again." },
    SUPERSEDED: { description: "Something newer was wanted before its end." },
  } as const,
});

export const Rollout = builder.objectRef<RolloutRow>("Rollout").implement({
  fields: (t) => ({
    id: t.exposeID("id"),
    kind: t.expose("kind", { type: RolloutKind, description: "What was asked for. MODIFY: also a definition that was read anew." }),
    mode: t.expose("mode", { type: RolloutMode }),
    status: t.expose("status", { type: RolloutStatus }),
    step: t.exposeInt("step", { description: "Index into the policy's steps; `stepCount` when all are done." }),
    stepCount: t.int({ resolve: ({ policy }) => policy.steps.length }),
    weight: t.int({
      nullable: true,
      description: "Per cent of the requests that the new revision gets now; null where load alone decides.",
      resolve: weightOf,
    }),
    stepEndsAt: t.field({
      type: "DateTime",
      nullable: true,
      description: "Null where the step's routes are not all healthy yet, or it waits for somebody.",
      resolve: stepEndsAt,
    }),
    awaitsPromotion: t.boolean({ description: "It goes on when somebody promotes it.", resolve: awaitsPromotion }),
    fromRevision: t.field({ type: Revision, resolve: (rollout) => rollout.fromRevisionId }),
    toRevision: t.field({ type: Revision, resolve: (rollout) => rollout.toRevisionId }),
    reason: t.exposeString("reason", { description: "Why it is in place, waits, or was reverted: one plain sentence, or nothing." }),
    failure: t.expose("failure", { type: Failure, nullable: true, description: "What it was reverted for." }),
    policy: t.expose("policy", { type: RolloutPolicy, description: "As it was when the rollout began." }),
    createdAt: t.expose("createdAt", { type: "DateTime" }),
    endedAt: t.expose("endedAt", { type: "DateTime", nullable: true }),
    createdBy: t.field({ type: User, resolve: (rollout) => rollout.createdBy }),
  }),
});
