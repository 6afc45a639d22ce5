/** Mutations of the catalogue of environments, for administrators. Services keep what they were made with. */
import type { z } from "zod";
import { environmentWish, noNeeds, type EnvironmentWish } from "../server/model/environment.ts";
import { asId, type EnvironmentId } from "../server/model/ids.ts";
import { notFound, type Outcome } from "../server/model/problem.ts";
import { defaultResources } from "../server/model/service-spec.ts";
import { createEnvironment, deleteEnvironment, modifyEnvironment, setDefaultEnvironment, type EnvironmentRow } from "../server/store/environments.ts";
import { builder } from "./builder.ts";
import { Environment } from "./environment.ts";
import { adminRefusals, checkInput, onlyAdministrators, valueOf } from "./errors.ts";
import { resourcesOf } from "./read-resources.ts";
import { ResourcesInput } from "./service-input.ts";

const NeededAcceleratorInput = builder.inputType("NeededAcceleratorInput", {
  fields: (t) => ({
    name: t.string({ required: true, description: "`gpu`, `nvidia/gpu` or `nvidia/gpu/H100`." }),
    count: t.int({ required: true }),
  }),
});

const EnvironmentNeedsInput = builder.inputType("EnvironmentNeedsInput", {
  description: "All of it: what is absent is not needed.",
  fields: (t) => ({
    cpu: t.float(),
    memoryGiB: t.float(),
    sharedMemoryGiB: t.float(),
    accelerators: t.field({ type: [NeededAcceleratorInput] }),
  }),
});

const EnvironmentServiceInput = builder.inputType("EnvironmentServiceInput", {
  description: "How a model folder is served that does not say it itself.",
  fields: (t) => ({
    startCommand: t.string({
      required: true,
      description: "For the image's shell, with `$MODEL_PATH`, `$MODEL_NAME`, `$PORT` and `$SERAI_ACCELERATOR_COUNT`.",
    }),
    port: t.int({ required: true }),
    healthPath: t.string({ description: "Absent: an accepted connection is enough." }),
  }),
});

const CreateEnvironmentInput = builder.inputType("CreateEnvironmentInput", {
  fields: (t) => ({
    runtime: t.string({ required: true, description: "`vLLM`: versions of the same stand together." }),
    version: t.string({ description: "Absent: there is only one." }),
    image: t.string({ description: "Absent: the programs of the machine itself." }),
    isolated: t.boolean({ description: "Of the machine's own programs. Absent: sessions see all of the machine." }),
    runAs: t.string({
      description: "A user, or `user:group`; isolated, a user of the machines by name. Absent: as the image says; isolated, nobody.",
    }),
    readOnlyRoot: t.boolean({ description: "Of an image that does without writing to itself. Absent: it may." }),
    needs: t.field({ type: EnvironmentNeedsInput, description: "Absent: nothing." }),
    usualResources: t.field({ type: ResourcesInput, description: "What a route is given where nothing is said; absent: 0.1 CPU and 128 MiB." }),
    defaultService: t.field({ type: EnvironmentServiceInput, description: "Absent: none." }),
  }),
});

const ModifyEnvironmentInput = builder.inputType("ModifyEnvironmentInput", {
  description: "What is absent stays as it is; null resets to the default.",
  fields: (t) => ({
    id: t.id({ required: true }),
    runtime: t.string(),
    version: t.string(),
    image: t.string({ description: "Only while no service was made with it: another image is another version." }),
    isolated: t.boolean({ description: "As the image: only while no service was made with it." }),
    runAs: t.string({ description: "As the image: only while no service was made with it." }),
    readOnlyRoot: t.boolean({ description: "As the image: only while no service was made with it." }),
    needs: t.field({ type: EnvironmentNeedsInput }),
    usualResources: t.field({ type: ResourcesInput, description: "Parts that are absent stay as they are." }),
    defaultService: t.field({ type: EnvironmentServiceInput, description: "For revisions from now on." }),
  }),
});
type Given = Omit<typeof ModifyEnvironmentInput.$inferInput, "id">;

const nothingBefore: Omit<EnvironmentWish, "runtime"> = {
  version: "",
  image: null,
  isolated: false,
  runAs: null,
  readOnlyRoot: false,
  needs: noNeeds,
  usualResources: defaultResources,
  defaultService: null,
};

/** Absent: as before. Null: the default. */
function wishOf(given: Given, before: EnvironmentWish): Outcome<EnvironmentWish> {
  const part = <Name extends "version" | "image" | "isolated" | "runAs" | "readOnlyRoot">(
    name: Name,
  ): NonNullable<Given[Name]> | EnvironmentWish[Name] => (given[name] === undefined ? before[name] : (given[name] ?? nothingBefore[name]));
  const { needs, defaultService: serving } = given;
  const asked = {
    runtime: given.runtime ?? before.runtime,
    version: part("version") ?? "",
    image: part("image"),
    isolated: part("isolated"),
    runAs: part("runAs"),
    readOnlyRoot: part("readOnlyRoot"),
    needs: needs === undefined ? before.needs : { ...noNeeds, ...withoutNull(needs ?? {}) },
    usualResources: resourcesOf(given.usualResources, before.usualResources, defaultResources) ?? before.usualResources,
    defaultService: serving == null ? null : { ...serving, healthPath: serving.healthPath ?? null },
  };
  const made = checkInput(environmentWish, asked as z.input<typeof environmentWish>);
  return made.ok && serving === undefined ? { ...made, value: { ...made.value, defaultService: before.defaultService } } : made;
}

const withoutNull = <Fields extends object>(fields: Fields) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null)) as { [Name in keyof Fields]: NonNullable<Fields[Name]> };

const success = (name: string) =>
  builder
    .objectRef<EnvironmentRow>(name)
    .implement({ fields: (t) => ({ environment: t.field({ type: Environment, resolve: (environment) => environment }) }) });

const idOf = (id: string): EnvironmentId => asId("environment", id) ?? valueOf(notFound(`environment ${id}`));

const DeleteEnvironmentInput = builder.inputType("DeleteEnvironmentInput", { fields: (t) => ({ id: t.id({ required: true }) }) });
const SetDefaultEnvironmentInput = builder.inputType("SetDefaultEnvironmentInput", { fields: (t) => ({ id: t.id({ required: true }) }) });

builder.mutationFields((t) => ({
  createEnvironment: t.field({
    type: success("CreateEnvironmentSuccess"),
    errors: adminRefusals,
    description: "For administrators.",
    args: { input: t.arg({ type: CreateEnvironmentInput, required: true }) },
    resolve: async (_root, { input }, context) => {
      onlyAdministrators(context);
      return valueOf(await createEnvironment(context.database, valueOf(wishOf(input, { ...nothingBefore, runtime: input.runtime }))));
    },
  }),
  modifyEnvironment: t.field({
    type: success("ModifyEnvironmentSuccess"),
    errors: adminRefusals,
    description: "For administrators. Services keep what they were made with, until they are modified.",
    args: { input: t.arg({ type: ModifyEnvironmentInput, required: true }) },
    resolve: async (_root, { input: { id, ...given } }, context) => {
      onlyAdministrators(context);
      return valueOf(await modifyEnvironment(context.database, idOf(id), (before) => wishOf(given, before)));
    },
  }),
  deleteEnvironment: t.field({
    type: success("DeleteEnvironmentSuccess"),
    errors: adminRefusals,
    description: "For administrators. It can no longer be chosen; services that are in it go on.",
    args: { input: t.arg({ type: DeleteEnvironmentInput, required: true }) },
    resolve: async (_root, { input }, context) => {
      onlyAdministrators(context);
      return valueOf(await deleteEnvironment(context.database, idOf(input.id)));
    },
  }),
  setDefaultEnvironment: t.field({
    type: success("SetDefaultEnvironmentSuccess"),
    errors: adminRefusals,
    description: "For administrators. The one that services get which name none, from now on.",
    args: { input: t.arg({ type: SetDefaultEnvironmentInput, required: true }) },
    resolve: async (_root, { input }, context) => {
      onlyAdministrators(context);
      return valueOf(await setDefaultEnvironment(context.database, idOf(input.id)));
    },
  }),
}));
