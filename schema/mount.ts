/** What a service's sessions see besides the model's folder: other folders, and variables. */
import type { ExtraMount, StoredVariable } from "../server/model/service-spec.ts";
import { builder } from "./builder.ts";
import { Folder } from "./folder.ts";

const pathMeaning =
  "Where a container environment has the folder. In a host environment the path is replaced by where the folder really is, " +
  "in the start command, actions and variables.";
const readOnlyMeaning =
  "Sessions cannot write to it; a folder that is itself read-only is never writable. A host environment shares the machine's files: " +
  "there it says only what is meant, and nothing keeps a session from writing.";

export const Mount = builder.objectRef<ExtraMount>("Mount").implement({
  fields: (t) => ({
    folder: t.field({ type: Folder, resolve: (mount) => mount.folderId }),
    path: t.exposeString("path", { description: pathMeaning }),
    readOnly: t.exposeBoolean("readOnly", { description: readOnlyMeaning }),
  }),
});

export const MountInput = builder.inputType("MountInput", {
  fields: (t) => ({
    folderId: t.id({ required: true, description: "A folder of usage GENERAL." }),
    path: t.string({ description: `${pathMeaning} Absent: \`/home/work/<name of the folder>\`.` }),
    readOnly: t.boolean({ description: `${readOnlyMeaning} Absent: true.` }),
  }),
});

export const Variable = builder.objectRef<StoredVariable>("Variable").implement({
  fields: (t) => ({
    name: t.exposeString("name"),
    value: t.string({ nullable: true, description: "Null where it is secret.", resolve: (one) => ("value" in one ? one.value : null) }),
    secret: t.boolean({ resolve: (one) => "encrypted" in one }),
  }),
});

export const VariableInput = builder.inputType("VariableInput", {
  fields: (t) => ({
    name: t.string({ required: true, description: "Not PORT, MODEL_PATH, MODEL_NAME, HOME or SERAI_*: Serai sets them." }),
    value: t.string({
      description: "At most 32 KiB; arrives byte by byte. Only a secret that the service has already needs none: it keeps its value.",
    }),
    secret: t.boolean({ description: "Kept encrypted and never shown again; absent: false." }),
  }),
});
