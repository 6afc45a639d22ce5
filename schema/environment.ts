/** What a session runs in: a catalogue of versions, each with what it needs and how it serves a folder that does not say so itself. */
import type { EnvironmentNeeds as Needs } from "../server/model/environment.ts";
import type { EnvironmentId } from "../server/model/ids.ts";
import type { ModelService } from "../server/model/model-definition.ts";
import { countEnvironmentUses, listEnvironments, readEnvironments, type EnvironmentRow } from "../server/store/environments.ts";
import { builder, gathering } from "./builder.ts";
import { gatherByParent } from "./gather.ts";
import { Resources } from "./resources.ts";

const EnvironmentKind = builder.enumType("EnvironmentKind", {
  values: {
    HOST: { description: "The programs of the machine itself; no isolation, unless `isolated`." },
    CONTAINER: { description: "A container image." },
  } as const,
});

const NeededAccelerator = builder.objectRef<Needs["accelerators"][number]>("NeededAccelerator").implement({
  fields: (t) => ({
    name: t.exposeString("name", { description: "`nvidia/gpu` is any of NVIDIA's." }),
    count: t.exposeInt("count"),
  }),
});

const EnvironmentNeeds = builder.objectRef<Needs>("EnvironmentNeeds").implement({
  description: "The least that a route must be given; less is refused.",
  fields: (t) => ({
    cpu: t.exposeFloat("cpu", { description: "Cores." }),
    memoryGiB: t.exposeFloat("memoryGiB"),
    sharedMemoryGiB: t.exposeFloat("sharedMemoryGiB"),
    accelerators: t.field({ type: [NeededAccelerator], resolve: ({ accelerators }) => [...accelerators] }),
  }),
});

const EnvironmentService = builder.objectRef<ModelService>("EnvironmentService").implement({
  description: "How a model folder is served whose definition does not say it, or that has no definition. It is mounted at `/models`.",
  fields: (t) => ({
    startCommand: t.string({
      description: "For the image's shell, with `$MODEL_PATH`, `$MODEL_NAME`, `$PORT` and `$SERAI_ACCELERATOR_COUNT`.",
      resolve: ({ start_command: command }) => (typeof command === "string" ? command : command.join(" ")),
    }),
    port: t.int({ resolve: ({ port }) => port }),
    healthPath: t.string({
      nullable: true,
      description: "Null: an accepted connection is enough.",
      resolve: ({ health_check: check }) => check?.path ?? null,
    }),
  }),
});

const loadUses = gatherByParent(
  ({ database }, ids: readonly EnvironmentId[]) => countEnvironmentUses(database, ids),
  ({ environmentId }) => environmentId,
);

export const Environment = builder.loadableNode("Environment", {
  id: { resolve: (environment: EnvironmentRow) => environment.id },
  load: (ids: EnvironmentId[], context): Promise<EnvironmentRow[]> => readEnvironments(context.database, ids),
  toKey: (environment: EnvironmentRow) => environment.id,
  sort: true,
  loaderOptions: gathering,
  fields: (t) => ({
    name: t.exposeString("name", { description: "Runtime and version." }),
    runtime: t.exposeString("runtime", { description: "`vLLM`, for example: what versions have in common." }),
    version: t.exposeString("version", { description: "Empty where there is only one." }),
    kind: t.expose("kind", { type: EnvironmentKind }),
    image: t.exposeString("image", { nullable: true }),
    isolated: t.exposeBoolean("isolated", {
      description:
        "Of the machine's own programs: sessions see copies of them and the files of all folders, and no other file of the machine. Its network is theirs too.",
    }),
    runAs: t.exposeString("runAs", {
      nullable: true,
      description: "A user, or `user:group`; isolated, a user of the machines by name. Null: as the image says; isolated, nobody.",
    }),
    readOnlyRoot: t.exposeBoolean("readOnlyRoot", {
      description: "Of an image: sessions write their folders, their own directory and `/tmp`, and nothing else.",
    }),
    isDefault: t.exposeBoolean("isDefault", { description: "An administrator chose it for services that name none." }),
    needs: t.expose("needs", { type: EnvironmentNeeds }),
    usualResources: t.expose("usualResources", { type: Resources, description: "What a route is given where nothing is said." }),
    defaultService: t.expose("defaultService", {
      type: EnvironmentService,
      nullable: true,
      description: "Null: a model folder has to say itself how it is served.",
    }),
    serviceCount: t.int({
      nullable: true,
      description: "How many services of all projects are in it; null for who is no administrator.",
      resolve: async ({ id }, _args, context) => (context.viewer.user.role === "ADMIN" ? ((await loadUses(context, id))[0]?.services ?? 0) : null),
    }),
    deletedAt: t.expose("deletedAt", { type: "DateTime", nullable: true, description: "It can no longer be chosen; services that are in it go on." }),
  }),
});

builder.queryField("environments", (t) =>
  t.field({
    type: [Environment],
    description: "The default first, then the oldest; a service that names none gets the first.",
    resolve: (_root, _args, context) => listEnvironments(context.database),
  }),
);
