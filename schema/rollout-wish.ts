/** Mutations that say which revision a service is to be on, and how its rollout goes on. Each writes a wish and returns at once. */
import { asId } from "../server/model/ids.ts";
import { notFound } from "../server/model/problem.ts";
import { promoteRollout, restartService, revertRollout, rollBackService } from "../server/store/rollout-wish.ts";
import { builder } from "./builder.ts";
import { refusals, valueOf } from "./errors.ts";
import { serviceIdOf, success, whoAsks } from "./service-success.ts";

const ofService = (name: string) => builder.inputType(name, { fields: (t) => ({ id: t.id({ required: true, description: "Of the service." }) }) });

const RollBackServiceInput = builder.inputType("RollBackServiceInput", {
  fields: (t) => ({ id: t.id({ required: true, description: "Of the service." }), revisionId: t.id({ required: true }) }),
});

builder.mutationField("rollBackService", (t) =>
  t.field({
    type: success("RollBackServiceSuccess"),
    errors: refusals,
    description: "Rolls out a revision that the service has had. Files in its folders are as they are now: a revision does not hold them.",
    args: { input: t.arg({ type: RollBackServiceInput, required: true }) },
    resolve: async (_root, { input }, context) => {
      const revisionId = asId("revision", input.revisionId) ?? valueOf(notFound(`revision ${input.revisionId}`));
      return valueOf(await rollBackService(context.database, whoAsks(context), serviceIdOf(input.id), revisionId));
    },
  }),
);

builder.mutationField("restartService", (t) =>
  t.field({
    type: success("RestartServiceSuccess"),
    errors: refusals,
    description: "Replaces every route by one that is the same.",
    args: { input: t.arg({ type: ofService("RestartServiceInput"), required: true }) },
    resolve: async (_root, { input }, context) => valueOf(await restartService(context.database, whoAsks(context), serviceIdOf(input.id))),
  }),
);

builder.mutationField("promoteRollout", (t) =>
  t.field({
    type: success("PromoteRolloutSuccess"),
    errors: refusals,
    description: "The rollout under way goes on without further waiting.",
    args: { input: t.arg({ type: ofService("PromoteRolloutInput"), required: true }) },
    resolve: async (_root, { input }, context) => valueOf(await promoteRollout(context.database, whoAsks(context), serviceIdOf(input.id))),
  }),
);

builder.mutationField("revertRollout", (t) =>
  t.field({
    type: success("RevertRolloutSuccess"),
    errors: refusals,
    description: "The rollout under way turns back to the revision that it came from.",
    args: { input: t.arg({ type: ofService("RevertRolloutInput"), required: true }) },
    resolve: async (_root, { input }, context) => {
      const { database, viewer } = context;
      return valueOf(await revertRollout(database, whoAsks(context), viewer.user.name, serviceIdOf(input.id)));
    },
  }),
);
