/** Mutations of services. Each writes a wish and returns at once; control makes the world match it. */
import { z } from "zod";
import { asId, type EnvironmentId, type FolderId, type ResourceGroupId, type ServiceId } from "../server/model/ids.ts";
import { conflict, notFound } from "../server/model/problem.ts";
import {
  defaultResources,
  desiredRouteCount,
  resources,
  serviceName,
  terminationGraceDefaultSeconds,
  terminationGraceSeconds,
  type StoredVariable,
} from "../server/model/service-spec.ts";
import { variables, type Variable as VariableValue } from "../server/model/variables.ts";
import { clearErrorsAndRetry } from "../server/store/clear-errors.ts";
import { createService } from "../server/store/create-service.ts";
import { listEnvironments } from "../server/store/environments.ts";
import { findFolder, readFolders } from "../server/store/folders.ts";
import { modifyService, terminateService } from "../server/store/modify-service.ts";
import { listResourceGroups } from "../server/store/resource-groups.ts";
import type { ServiceRow } from "../server/store/services.ts";
import { builder } from "./builder.ts";
import type { Context } from "./context.ts";
import { checkInput, refusals, valueOf } from "./errors.ts";
import { MountInput, VariableInput } from "./mount.ts";
import { Service } from "./service.ts";

const defaults = { openToPublic: false, desiredRouteCount: 1, terminationGraceSeconds: terminationGraceDefaultSeconds };

const success = (name: string) =>
  builder.objectRef<ServiceRow>(name).implement({ fields: (t) => ({ service: t.field({ type: Service, resolve: (service) => service }) }) });
const serviceIdOf = (id: string): ServiceId => asId("service", id) ?? valueOf(notFound(`service ${id}`));

const ResourcesInput = builder.inputType("ResourcesInput", {
  description: "For each route.",
  fields: (t) => ({
    cpu: t.float({ description: "Cores; absent: 0.1." }),
    memoryGiB: t.float({ description: "Absent: 0.125." }),
    sharedMemoryGiB: t.float({ description: "Part of the memory; absent: 0." }),
  }),
});
const CreateServiceInput = builder.inputType("CreateServiceInput", {
  fields: (t) => ({
    name: t.string({ required: true }),
    folderId: t.id({ required: true, description: "A folder of usage MODEL with a `model-definition.yml`." }),
    openToPublic: t.boolean({ description: "Callable without a token; absent: false." }),
    desiredRouteCount: t.int({ description: "Absent: 1." }),
    resourceGroupId: t.id({ description: "Absent: the first." }),
    environmentId: t.id({ description: "Absent: the first." }),
    resources: t.field({ type: ResourcesInput }),
    terminationGraceSeconds: t.int({ description: `Absent: ${terminationGraceDefaultSeconds}.` }),
    mounts: t.field({ type: [MountInput], description: "Folders that sessions see besides the model's; absent: none." }),
    modelReadOnly: t.boolean({ description: "The model's folder is mounted read-only; absent: false, because definitions may download into it." }),
    variables: t.field({ type: [VariableInput], description: "For the sessions' environment; absent: none." }),
  }),
});
const newService = z.object({ name: serviceName, desiredRouteCount, terminationGraceSeconds, resources, variables });

builder.mutationField("createService", (t) =>
  t.field({
    type: success("CreateServiceSuccess"),
    errors: refusals,
    args: { input: t.arg({ type: CreateServiceInput, required: true }) },
    resolve: async (_root, { input }, context) => {
      const { database, folders, viewer, endpoint } = context;
      const checked = valueOf(
        checkInput(newService, {
          name: input.name,
          desiredRouteCount: input.desiredRouteCount ?? defaults.desiredRouteCount,
          terminationGraceSeconds: input.terminationGraceSeconds ?? defaults.terminationGraceSeconds,
          resources: {
            cpu: input.resources?.cpu ?? defaultResources.cpu,
            memoryGiB: input.resources?.memoryGiB ?? defaultResources.memoryGiB,
            sharedMemoryGiB: input.resources?.sharedMemoryGiB ?? defaultResources.sharedMemoryGiB,
          },
          variables: (input.variables ?? []).map((one) => ({ ...one, secret: one.secret ?? false })),
        }),
      );
      const folderId = asId("folder", input.folderId);
      const folder = folderId === null ? null : await findFolder(database, viewer.project.id, folderId);
      if (folder === null) return valueOf(notFound(`folder ${input.folderId}`));
      await makeDirectories(context, input.mounts ?? []);
      const wish = {
        ...checked,
        projectId: viewer.project.id,
        createdBy: viewer.user.id,
        folderId: folder.id,
        environmentId: await chooseEnvironment(context, input.environmentId ?? null),
        resourceGroupId: await chooseResourceGroup(context, input.resourceGroupId ?? null),
        openToPublic: input.openToPublic ?? defaults.openToPublic,
        mounts: (input.mounts ?? []).map((one) => ({ folderId: one.folderId, path: one.path ?? null, readOnly: one.readOnly ?? true })),
        modelReadOnly: input.modelReadOnly ?? false,
        variables: await stored(context, checked.variables),
      };
      return valueOf(await createService(database, wish, endpoint, await folders.readDefinition(folder.id)));
    },
  }),
);

/** Of folders between whose row and directory a crash came: a session can mount only what is there. */
async function makeDirectories({ database, folders, viewer }: Context, mounts: readonly { readonly folderId: string }[]): Promise<void> {
  const ids = mounts.flatMap(({ folderId }) => asId("folder", folderId) ?? []);
  if (ids.length === 0) return;
  const found = await readFolders(database, viewer.project.id, ids);
  for (const folder of found) if (folder.deletedAt === null) await folders.create(folder.id);
}

/** Secrets do not reach the database as they are. */
const stored = ({ variableSecrets, viewer }: Context, given: readonly VariableValue[]): Promise<StoredVariable[]> =>
  Promise.all(
    given.map(async ({ name, value, secret }) =>
      secret ? { name, encrypted: await variableSecrets.encrypt(viewer.project.id, name, value) } : { name, value },
    ),
  );

async function chooseEnvironment({ database }: Context, wanted: string | null): Promise<EnvironmentId> {
  const all = await listEnvironments(database);
  const chosen = wanted === null ? all[0] : all.find((environment) => environment.id === wanted);
  if (chosen !== undefined) return chosen.id;
  return valueOf(wanted === null ? conflict("There is no environment yet that a service could run in.") : notFound(`environment ${wanted}`));
}

async function chooseResourceGroup({ database }: Context, wanted: string | null): Promise<ResourceGroupId> {
  const all = await listResourceGroups(database);
  const chosen = wanted === null ? all[0] : all.find((group) => group.id === wanted);
  if (chosen !== undefined) return chosen.id;
  return valueOf(wanted === null ? conflict("There is no resource group yet that a service could run on.") : notFound(`resource group ${wanted}`));
}

const ModifyServiceInput = builder.inputType("ModifyServiceInput", {
  description: "What is absent stays as it is; null resets to the default.",
  fields: (t) => ({
    id: t.id({ required: true }),
    name: t.string({ description: "The endpoint stays as it is." }),
    openToPublic: t.boolean(),
    desiredRouteCount: t.int(),
    terminationGraceSeconds: t.int(),
  }),
});
const serviceChange = z
  .object({
    // A name has no default to be reset to.
    name: z.string("must not be null").pipe(serviceName),
    openToPublic: z.boolean(),
    desiredRouteCount,
    terminationGraceSeconds,
  })
  .partial();

builder.mutationField("modifyService", (t) =>
  t.field({
    type: success("ModifyServiceSuccess"),
    errors: refusals,
    args: { input: t.arg({ type: ModifyServiceInput, required: true }) },
    resolve: async (_root, { input }, { database, viewer }) => {
      const { id, ...given } = input;
      const asked = Object.entries(given).filter(([, value]) => value !== undefined);
      const wish = Object.fromEntries(asked.map(([key, value]) => [key, value ?? (defaults as Record<string, unknown>)[key] ?? null]));
      const change = valueOf(checkInput(serviceChange, wish));
      return valueOf(await modifyService(database, viewer.project.id, serviceIdOf(id), change as Parameters<typeof modifyService>[3]));
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
    resolve: async (_root, { input }, { database, folders, viewer }) => {
      const who = { projectId: viewer.project.id, userId: viewer.user.id };
      const readDefinition = (folderId: FolderId) => folders.readDefinition(folderId);
      return valueOf(await clearErrorsAndRetry(database, who, serviceIdOf(input.id), readDefinition));
    },
  }),
);
