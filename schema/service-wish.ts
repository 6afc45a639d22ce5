/** Mutations of services. Each writes a wish and returns at once; control makes the world match it. */
import type { FolderId } from "../server/model/ids.ts";
import { defaultRolloutPolicy } from "../server/model/rollout.ts";
import { defaultTrafficPolicy } from "../server/model/traffic-policy.ts";
import { clearErrorsAndRetry } from "../server/store/clear-errors.ts";
import { createService, type NewService } from "../server/store/create-service.ts";
import { modifyService, terminateService } from "../server/store/modify-service.ts";
import { builder } from "./builder.ts";
import type { Context } from "./context.ts";
import { refusals, valueOf } from "./errors.ts";
import { defaults, nothingBefore, readServiceInput } from "./read-service-input.ts";
import { CreateServiceInput, ModifyServiceInput } from "./service-input.ts";
import { serviceIdOf, success, whoAsks } from "./service-success.ts";

export async function newService(context: Context, input: typeof CreateServiceInput.$inferInput): Promise<NewService> {
  const { project, user } = context.viewer;
  const { revision, rollout, trafficPolicy: traffic, ...asked } = await readServiceInput(context, input, nothingBefore);
  const rolloutPolicy = { ...defaultRolloutPolicy, ...rollout };
  const trafficPolicy = { ...defaultTrafficPolicy, ...traffic };
  return { ...defaults, ...asked, name: input.name, rolloutPolicy, trafficPolicy, ...revision, projectId: project.id, createdBy: user.id };
}

builder.mutationField("createService", (t) =>
  t.field({
    type: success("CreateServiceSuccess"),
    errors: refusals,
    args: { input: t.arg({ type: CreateServiceInput, required: true }) },
    resolve: async (_root, { input }, context) => {
      const wish = await newService(context, input);
      return valueOf(await createService(context.database, wish, context.endpoint, await context.folders.readDefinition(wish.folderId)));
    },
  }),
);

builder.mutationField("modifyService", (t) =>
  t.field({
    type: success("ModifyServiceSuccess"),
    errors: refusals,
    args: { input: t.arg({ type: ModifyServiceInput, required: true }) },
    resolve: async (_root, { input: { id, ...input } }, context) => {
      const readDefinition = (folderId: FolderId) => context.folders.readDefinition(folderId);
      return valueOf(
        await modifyService(
          context.database,
          whoAsks(context),
          serviceIdOf(id),
          (current) => readServiceInput(context, input, current),
          readDefinition,
        ),
      );
    },
  }),
);

const TerminateServiceInput = builder.inputType("TerminateServiceInput", { fields: (t) => ({ id: t.id({ required: true }) }) });

builder.mutationField("terminateService", (t) =>
  t.field({
    type: success("TerminateServiceSuccess"),
    errors: refusals,
    args: { input: t.arg({ type: TerminateServiceInput, required: true }) },
    resolve: async (_root, { input }, { database, viewer }) => valueOf(await terminateService(database, viewer.project.id, serviceIdOf(input.id))),
  }),
);

const ClearErrorsAndRetryInput = builder.inputType("ClearErrorsAndRetryInput", { fields: (t) => ({ id: t.id({ required: true }) }) });

builder.mutationField("clearErrorsAndRetry", (t) =>
  t.field({
    type: success("ClearErrorsAndRetrySuccess"),
    errors: refusals,
    description: "Reads the model definition again, clears errors, and ends every wait before a restart.",
    args: { input: t.arg({ type: ClearErrorsAndRetryInput, required: true }) },
    resolve: async (_root, { input }, context) => {
      const readDefinition = (folderId: FolderId) => context.folders.readDefinition(folderId);
      return valueOf(await clearErrorsAndRetry(context.database, whoAsks(context), serviceIdOf(input.id), readDefinition));
    },
  }),
);
