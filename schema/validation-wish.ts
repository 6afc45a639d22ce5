/** Mutations of validations: each writes a wish; control starts and ends the session. */
import { z } from "zod";
import { asId } from "../server/model/ids.ts";
import { invalid, notFound, type Outcome } from "../server/model/problem.ts";
import { timeLimitSecondsMax } from "../server/model/validation.ts";
import { onCurrentRevision } from "../server/store/current-revision.ts";
import { cancelValidation, createValidation, type NewValidation, type ValidationRow } from "../server/store/validations.ts";
import { builder } from "./builder.ts";
import { ClusterMode } from "./cluster-mode.ts";
import type { Context } from "./context.ts";
import { checkInput, refusals, valueOf } from "./errors.ts";
import { MountInput, VariableInput } from "./mount.ts";
import { nothingBefore, readServiceInput } from "./read-service-input.ts";
import { ResourcesInput } from "./service-input.ts";
import { serviceIdOf, whoAsks } from "./service-success.ts";
import { Validation } from "./validation.ts";

const ValidateServiceInput = builder.inputType("ValidateServiceInput", {
  description:
    "What createService takes of a session; or, with `serviceId`, what modifyService would change of that service's: then what is absent stays as it is.",
  fields: (t) => ({
    serviceId: t.id({ description: "Absent: a service that there is not yet." }),
    name: t.string({ description: "What the service would be called." }),
    folderId: t.id({ description: "A folder of usage MODEL; required without `serviceId`." }),
    environmentId: t.id(),
    image: t.string(),
    resourceGroupId: t.id(),
    resources: t.field({ type: ResourcesInput }),
    clusterMode: t.field({ type: ClusterMode }),
    clusterSize: t.int(),
    mounts: t.field({ type: [MountInput], description: "All of them." }),
    modelReadOnly: t.boolean(),
    variables: t.field({ type: [VariableInput], description: "All of them; a secret one without a value keeps the one that the service has." }),
    timeLimitSeconds: t.int({
      description:
        "How long it may take until its process runs, and then again from there to the first passed health check; " +
        "at most 86400 (a day). Absent: the definition's `initial_delay`.",
    }),
  }),
});
type Input = typeof ValidateServiceInput.$inferInput;

const success = (name: string) =>
  builder
    .objectRef<ValidationRow>(name)
    .implement({ fields: (t) => ({ validation: t.field({ type: Validation, resolve: (validation) => validation }) }) });

const limits = z.object({
  timeLimitSeconds: z
    .int("must be a whole number of seconds")
    .min(1, "must be 1 or more")
    .max(timeLimitSecondsMax, `must be ${timeLimitSecondsMax} seconds (a day) or less`)
    .nullable(),
});

/** The file is read as it is now, also where nothing is changed: what is tried is what the next start would run. */
async function validate(context: Context, { serviceId, timeLimitSeconds, ...input }: Input): Promise<Outcome<ValidationRow>> {
  const { database, folders } = context;
  const who = whoAsks(context);
  const limit = valueOf(checkInput(limits, { timeLimitSeconds: timeLimitSeconds ?? null }));
  const begin = async (service: NewValidation["service"], before: Parameters<typeof readServiceInput>[2]): Promise<Outcome<ValidationRow>> => {
    const { revision, name } = await readServiceInput(context, { ...input, name: input.name ?? undefined }, before);
    const wish = { projectId: who.projectId, createdBy: who.userId, name: name ?? null, service, revision, ...limit };
    return createValidation(database, wish, await folders.readDefinition(revision.folderId));
  };
  if (serviceId === undefined || serviceId === null) {
    if (input.folderId === undefined) return invalid([{ path: "folderId", message: "must be given where there is no serviceId" }]);
    return begin(null, nothingBefore);
  }
  const id = serviceIdOf(serviceId);
  return onCurrentRevision(database, who, id, "it can no longer be modified", (current) => begin({ id, mounts: current.mounts }, current));
}

builder.mutationField("validateService", (t) =>
  t.field({
    type: success("ValidateServiceSuccess"),
    errors: refusals,
    description:
      "Really starts one session as a route of the service would run it, without any request ever reaching it, probes it, and ends it. " +
      "PASSED is the first passed health check; the first end of its process is FAILED, without another try.",
    args: { input: t.arg({ type: ValidateServiceInput, required: true }) },
    resolve: async (_root, { input }, context) => valueOf(await validate(context, input)),
  }),
);

const CancelValidationInput = builder.inputType("CancelValidationInput", { fields: (t) => ({ id: t.id({ required: true }) }) });

builder.mutationField("cancelValidation", (t) =>
  t.field({
    type: success("CancelValidationSuccess"),
    errors: refusals,
    description: "Ends its session. One that has a verdict keeps it.",
    args: { input: t.arg({ type: CancelValidationInput, required: true }) },
    resolve: async (_root, { input }, { database, viewer }) => {
      const id = asId("validation", input.id) ?? valueOf(notFound(`validation ${input.id}`));
      return valueOf(await cancelValidation(database, viewer.project.id, id));
    },
  }),
);
