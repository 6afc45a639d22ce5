/** Folders: rows in the database, files on disk. */
import { folderName } from "../server/model/service-spec.ts";
import { asId, type FolderId } from "../server/model/ids.ts";
import type { DefinitionFile as DefinitionFileValue } from "../server/model/model-definition.ts";
import { notFound } from "../server/model/problem.ts";
import { z } from "zod";
import { createFolder, deleteFolder, findFolder, listFolders, readFolders, type FolderRow } from "../server/store/folders.ts";
import type { WrittenFile } from "../server/folders/write-file.ts";
import { builder, gathering } from "./builder.ts";
import { checkInput, refusals, valueOf } from "./errors.ts";
import { creationCursor, readPage } from "./page.ts";
import { User } from "./user.ts";

const FolderUsage = builder.enumType("FolderUsage", { values: ["GENERAL", "MODEL"] as const });

const DefinitionFile = builder.objectRef<Extract<DefinitionFileValue, { text: string }>>("DefinitionFile").implement({
  fields: (t) => ({
    path: t.exposeString("name"),
    content: t.exposeString("text"),
    etag: t.exposeString("hash", { description: "For `ifMatch` of `writeFile`." }),
  }),
});

export const Folder = builder.loadableNode("Folder", {
  id: { resolve: (folder: FolderRow) => folder.id },
  load: (ids: FolderId[], context): Promise<FolderRow[]> => readFolders(context.database, context.viewer.project.id, ids),
  toKey: (folder: FolderRow) => folder.id,
  sort: true,
  loaderOptions: gathering,
  fields: (t) => ({
    name: t.exposeString("name"),
    usage: t.expose("usage", { type: FolderUsage }),
    createdAt: t.expose("createdAt", { type: "DateTime" }),
    createdBy: t.field({ type: User, resolve: (folder) => folder.createdBy }),
    definitionFile: t.field({
      type: DefinitionFile,
      nullable: true,
      description: "Its model definition as it is now; null where there is none that can be read as text.",
      resolve: async (folder, _args, { folders }) => {
        const read = await folders.readDefinition(folder.id);
        return "problem" in read ? null : read;
      },
    }),
  }),
});

const FolderFilter = builder.inputType("FolderFilter", {
  fields: (t) => ({ usage: t.field({ type: FolderUsage }), nameContains: t.string() }),
});

builder.queryFields((t) => ({
  folders: t.connection(
    {
      type: Folder,
      args: { filter: t.arg({ type: FolderFilter }) },
      resolve: (_root, { filter, ...page }, { database, viewer }) => {
        const wanted = { usage: filter?.usage ?? null, nameContains: filter?.nameContains ?? null };
        return readPage(
          page,
          creationCursor,
          (folder: FolderRow) => folder,
          (window) => listFolders(database, viewer.project.id, window, wanted),
        );
      },
    },
    { name: "FolderConnection" },
    { name: "FolderEdge" },
  ),
  folder: t.field({
    type: Folder,
    nullable: true,
    args: { id: t.arg.id({ required: true }) },
    resolve: (_root, args, { database, viewer }) => {
      const id = asId("folder", args.id);
      return id === null ? null : findFolder(database, viewer.project.id, id);
    },
  }),
}));

const CreateFolderInput = builder.inputType("CreateFolderInput", {
  fields: (t) => ({ name: t.string({ required: true }), usage: t.field({ type: FolderUsage, required: true }) }),
});
const CreateFolderSuccess = builder.objectRef<{ folder: FolderRow }>("CreateFolderSuccess").implement({
  fields: (t) => ({ folder: t.expose("folder", { type: Folder }) }),
});

builder.mutationField("createFolder", (t) =>
  t.field({
    type: CreateFolderSuccess,
    errors: refusals,
    args: { input: t.arg({ type: CreateFolderInput, required: true }) },
    resolve: async (_root, { input }, { database, folders, viewer }) => {
      const { name } = valueOf(checkInput(z.object({ name: folderName }), { name: input.name }));
      const owner = { projectId: viewer.project.id, createdBy: viewer.user.id };
      const folder = valueOf(await createFolder(database, { ...owner, name, usage: input.usage }));
      await folders.create(folder.id);
      return { folder };
    },
  }),
);

const DeleteFolderInput = builder.inputType("DeleteFolderInput", { fields: (t) => ({ id: t.id({ required: true }) }) });
const DeleteFolderSuccess = builder.objectRef<FolderRow>("DeleteFolderSuccess").implement({
  fields: (t) => ({ id: t.exposeID("id") }),
});

builder.mutationField("deleteFolder", (t) =>
  t.field({
    type: DeleteFolderSuccess,
    errors: refusals,
    args: { input: t.arg({ type: DeleteFolderInput, required: true }) },
    resolve: async (_root, { input }, { database, folders, viewer }) => {
      const id = asId("folder", input.id) ?? valueOf(notFound(`folder ${input.id}`));
      const folder = valueOf(await deleteFolder(database, viewer.project.id, id));
      await folders.remove(folder.id);
      return folder;
    },
  }),
);

const WriteFileInput = builder.inputType("WriteFileInput", {
  fields: (t) => ({
    folderId: t.id({ required: true }),
    path: t.string({ required: true, description: "Relative to the folder, with /." }),
    content: t.string({ required: true, description: "At most 1 MiB." }),
    ifMatch: t.string({ description: "The etag that the file must still have; absent: it is overwritten." }),
  }),
});
const File = builder.objectRef<WrittenFile>("File").implement({
  fields: (t) => ({ path: t.exposeString("path"), size: t.exposeInt("size", { description: "Bytes." }), etag: t.exposeString("etag") }),
});
const WriteFileSuccess = builder.objectRef<{ file: WrittenFile }>("WriteFileSuccess").implement({
  fields: (t) => ({ file: t.expose("file", { type: File }) }),
});

builder.mutationField("writeFile", (t) =>
  t.field({
    type: WriteFileSuccess,
    errors: refusals,
    args: { input: t.arg({ type: WriteFileInput, required: true }) },
    resolve: async (_root, { input }, { database, folders, viewer }) => {
      const id = asId("folder", input.folderId);
      const folder = id === null ? null : await findFolder(database, viewer.project.id, id);
      if (folder === null) return valueOf(notFound(`folder ${input.folderId}`));
      const { path, content, ifMatch = null } = input;
      return { file: valueOf(await folders.writeFile(folder.id, { path, content, ifMatch })) };
    },
  }),
);
