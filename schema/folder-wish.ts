/** Mutations of folders themselves. Deleted ones go to the trash, with their files, until they are restored or purged. */
import { z } from "zod";
import { asId, type FolderId } from "../server/model/ids.ts";
import { notFound } from "../server/model/problem.ts";
import { folderName, folderQuotaBytes } from "../server/model/service-spec.ts";
import { createFolder, findFolder, modifyFolder, type FolderChange, type FolderRow } from "../server/store/folders.ts";
import { deleteFolder, purgeFolder, purgeTrash, restoreFolder } from "../server/store/folder-trash.ts";
import { builder } from "./builder.ts";
import type { Context } from "./context.ts";
import { checkInput, refusals, valueOf } from "./errors.ts";
import { Folder, FolderPermission, FolderUsage } from "./folder.ts";

const folderIdOf = (id: string): FolderId => asId("folder", id) ?? valueOf(notFound(`folder ${id}`));

/** One that lives: what is in the trash is not written to. */
export async function folderOf({ database, viewer }: Context, id: string): Promise<FolderRow> {
  return (await findFolder(database, viewer.project.id, folderIdOf(id))) ?? valueOf(notFound(`folder ${id}`));
}

const success = (name: string) =>
  builder.objectRef<FolderRow>(name).implement({ fields: (t) => ({ folder: t.field({ type: Folder, resolve: (folder) => folder }) }) });

const CreateFolderInput = builder.inputType("CreateFolderInput", {
  fields: (t) => ({
    name: t.string({ required: true }),
    usage: t.field({ type: FolderUsage, required: true }),
    permission: t.field({ type: FolderPermission, description: "Absent: READ_WRITE." }),
    quotaBytes: t.float({ description: "Absent or null: none." }),
  }),
});

builder.mutationField("createFolder", (t) =>
  t.field({
    type: success("CreateFolderSuccess"),
    errors: refusals,
    args: { input: t.arg({ type: CreateFolderInput, required: true }) },
    resolve: async (_root, { input }, { database, folders, viewer }) => {
      const wish = z.object({ name: folderName, quotaBytes: folderQuotaBytes.nullable() });
      const checked = valueOf(checkInput(wish, { name: input.name, quotaBytes: input.quotaBytes ?? null }));
      const owner = { projectId: viewer.project.id, createdBy: viewer.user.id };
      const permission = input.permission ?? "READ_WRITE";
      const folder = valueOf(await createFolder(database, { ...owner, ...checked, usage: input.usage, permission }));
      await folders.create(folder.id);
      return folder;
    },
  }),
);

const ModifyFolderInput = builder.inputType("ModifyFolderInput", {
  description: "What is absent stays as it is; null resets to the default.",
  fields: (t) => ({
    id: t.id({ required: true }),
    name: t.string(),
    permission: t.field({ type: FolderPermission }),
    quotaBytes: t.float({ description: "Null: none." }),
  }),
});
const folderChange = z
  .object({
    // A name has no default to be reset to.
    name: z.string("must not be null").pipe(folderName),
    permission: z.enum(["READ_WRITE", "READ_ONLY"]),
    quotaBytes: folderQuotaBytes.nullable(),
  })
  .partial();

builder.mutationField("modifyFolder", (t) =>
  t.field({
    type: success("ModifyFolderSuccess"),
    errors: refusals,
    args: { input: t.arg({ type: ModifyFolderInput, required: true }) },
    resolve: async (_root, { input }, { database, viewer }) => {
      const { id, ...given } = input;
      const asked = { ...given, ...(given.permission === null ? { permission: "READ_WRITE" } : {}) };
      const wish = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
      const change = valueOf(checkInput(folderChange, wish)) as FolderChange;
      return valueOf(await modifyFolder(database, viewer.project.id, folderIdOf(id), change));
    },
  }),
);

const oneFolder = (name: string) => builder.inputType(name, { fields: (t) => ({ id: t.id({ required: true }) }) });

const DeleteFolderSuccess = builder.objectRef<FolderRow>("DeleteFolderSuccess").implement({
  fields: (t) => ({ id: t.exposeID("id"), folder: t.field({ type: Folder, resolve: (folder) => folder }) }),
});

builder.mutationField("deleteFolder", (t) =>
  t.field({
    type: DeleteFolderSuccess,
    errors: refusals,
    description: "Into the trash; refused while a live service uses it.",
    args: { input: t.arg({ type: oneFolder("DeleteFolderInput"), required: true }) },
    resolve: async (_root, { input }, { database, viewer }) => valueOf(await deleteFolder(database, viewer.project.id, folderIdOf(input.id))),
  }),
);

builder.mutationField("restoreFolder", (t) =>
  t.field({
    type: success("RestoreFolderSuccess"),
    errors: refusals,
    description: "Out of the trash, under its name.",
    args: { input: t.arg({ type: oneFolder("RestoreFolderInput"), required: true }) },
    resolve: async (_root, { input }, { database, viewer }) => valueOf(await restoreFolder(database, viewer.project.id, folderIdOf(input.id))),
  }),
);

const PurgeFolderSuccess = builder.objectRef<FolderId>("PurgeFolderSuccess").implement({ fields: (t) => ({ id: t.id({ resolve: (id) => id }) }) });

builder.mutationField("purgeFolder", (t) =>
  t.field({
    type: PurgeFolderSuccess,
    errors: refusals,
    description: "Out of the trash, with its files, for good.",
    args: { input: t.arg({ type: oneFolder("PurgeFolderInput"), required: true }) },
    resolve: async (_root, { input }, { database, folders, viewer }) => {
      const id = valueOf(await purgeFolder(database, viewer.project.id, folderIdOf(input.id)));
      await folders.remove(id);
      return id;
    },
  }),
);

const EmptyTrashSuccess = builder.objectRef<readonly FolderId[]>("EmptyTrashSuccess").implement({
  fields: (t) => ({ folderIds: t.idList({ resolve: (ids) => [...ids] }) }),
});

builder.mutationField("emptyTrash", (t) =>
  t.field({
    type: EmptyTrashSuccess,
    errors: refusals,
    description: "Purges all folders in it.",
    resolve: async (_root, _args, { database, folders, viewer }) => {
      const ids = await purgeTrash(database, viewer.project.id);
      for (const id of ids) await folders.remove(id);
      return ids;
    },
  }),
);
