/** Registries of container images that want credentials: for administrators only. No password is ever given back. */
import { asId, type ImageRegistryId } from "../server/model/ids.ts";
import { imageRegistryChange, imageRegistryWish } from "../server/model/image-registry.ts";
import { notFound } from "../server/model/problem.ts";
import {
  createImageRegistry,
  deleteImageRegistry,
  listImageRegistries,
  modifyImageRegistry,
  readImageRegistry,
  type ImageRegistryRow,
} from "../server/store/image-registries.ts";
import { builder } from "./builder.ts";
import { adminRefusals, checkInput, onlyAdministrators, valueOf } from "./errors.ts";

const ImageRegistry = builder.objectRef<ImageRegistryRow>("ImageRegistry").implement({
  description: "Images whose name begins with its host are pulled with its credentials. Its password is given back to nobody.",
  fields: (t) => ({
    id: t.exposeID("id"),
    host: t.exposeString("host", { description: "As image names begin; `docker.io` is for those that begin with none." }),
    username: t.exposeString("username"),
    createdAt: t.expose("createdAt", { type: "DateTime" }),
  }),
});

builder.queryField("imageRegistries", (t) =>
  t.field({
    type: [ImageRegistry],
    nullable: true,
    description: "In the order of their hosts. Null for whoever is no administrator.",
    resolve: async (_root, _args, { database, viewer }) => (viewer.user.role === "ADMIN" ? listImageRegistries(database) : null),
  }),
);

const CreateImageRegistryInput = builder.inputType("CreateImageRegistryInput", {
  fields: (t) => ({
    host: t.string({ required: true, description: "As image names begin, with the port where there is one: `registry.example.com:5000`." }),
    username: t.string({ required: true }),
    password: t.string({ required: true, description: "Or a token, as the registry takes them. Kept encrypted and never shown again." }),
  }),
});
const ModifyImageRegistryInput = builder.inputType("ModifyImageRegistryInput", {
  description: "What is absent or null stays as it is.",
  fields: (t) => ({ id: t.id({ required: true }), username: t.string(), password: t.string() }),
});
const DeleteImageRegistryInput = builder.inputType("DeleteImageRegistryInput", { fields: (t) => ({ id: t.id({ required: true }) }) });

const success = (name: string) =>
  builder
    .objectRef<ImageRegistryRow>(name)
    .implement({ fields: (t) => ({ imageRegistry: t.field({ type: ImageRegistry, resolve: (registry) => registry }) }) });

const idOf = (id: string): ImageRegistryId => asId("imageRegistry", id) ?? valueOf(notFound(`image registry ${id}`));

builder.mutationFields((t) => ({
  createImageRegistry: t.field({
    type: success("CreateImageRegistrySuccess"),
    errors: adminRefusals,
    description: "For administrators. Counts from the next start of each session on.",
    args: { input: t.arg({ type: CreateImageRegistryInput, required: true }) },
    resolve: async (_root, { input }, context) => {
      onlyAdministrators(context);
      const { host, username, password } = valueOf(checkInput(imageRegistryWish, input));
      const encrypted = await context.variableSecrets.encryptPassword(host, password);
      return valueOf(await createImageRegistry(context.database, { host, username, password: encrypted }));
    },
  }),
  modifyImageRegistry: t.field({
    type: success("ModifyImageRegistrySuccess"),
    errors: adminRefusals,
    description: "For administrators. Counts from the next start of each session on.",
    args: { input: t.arg({ type: ModifyImageRegistryInput, required: true }) },
    resolve: async (_root, { input }, context) => {
      onlyAdministrators(context);
      const { database, variableSecrets } = context;
      const { id, host } = valueOf(await readImageRegistry(database, idOf(input.id)));
      const given = { username: input.username ?? undefined, password: input.password ?? undefined };
      const { username, password } = valueOf(checkInput(imageRegistryChange, given));
      const change = {
        ...(username === undefined ? {} : { username }),
        ...(password === undefined ? {} : { password: await variableSecrets.encryptPassword(host, password) }),
      };
      return valueOf(await modifyImageRegistry(database, id, change));
    },
  }),
  deleteImageRegistry: t.field({
    type: success("DeleteImageRegistrySuccess"),
    errors: adminRefusals,
    description: "For administrators. Its images are pulled without credentials from the next start of each session on.",
    args: { input: t.arg({ type: DeleteImageRegistryInput, required: true }) },
    resolve: async (_root, { input }, context) => {
      onlyAdministrators(context);
      return valueOf(await deleteImageRegistry(context.database, idOf(input.id)));
    },
  }),
}));
