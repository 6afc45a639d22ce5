/** Folders: rows in the database, files on disk. What is in them: file.ts; who uses them: folder-use.ts; changes: folder-wish.ts. */
import { asId, type FolderId } from "../server/model/ids.ts";
import type { Problem } from "../server/model/problem.ts";
import type { TextFile } from "../server/folders/read-text.ts";
import { findFolder, listFolders, readFolders, type FolderRow } from "../server/store/folders.ts";
import { builder, gathering } from "./builder.ts";
import { inTurn } from "./in-turn.ts";
import { DefinitionProblem } from "./model-definition.ts";
import { creationCursor, readPage } from "./page.ts";
import { User } from "./user.ts";

export const FolderUsage = builder.enumType("FolderUsage", { values: ["GENERAL", "MODEL"] as const });
export const FolderPermission = builder.enumType("FolderPermission", {
  description: "How sessions may mount it at most.",
  values: ["READ_WRITE", "READ_ONLY"] as const,
});

const DefinitionFile = builder.objectRef<TextFile & { readonly warnings: readonly Problem[] }>("DefinitionFile").implement({
  fields: (t) => ({
    path: t.exposeString("path"),
    content: t.exposeString("content"),
    etag: t.exposeString("etag", { description: "For `ifMatch` of `writeFile`." }),
    warnings: t.field({
      type: [DefinitionProblem],
      description: "What is in the folder besides and may be taken for it.",
      resolve: ({ warnings }) => [...warnings],
    }),
  }),
});

/** Each is at most 1 MiB. */
export const textInTurn = inTurn(50, "texts of files");

export const Folder = builder.loadableNode("Folder", {
  id: { resolve: (folder: FolderRow) => folder.id },
  load: (ids: FolderId[], context): Promise<FolderRow[]> => readFolders(context.database, context.viewer.project.id, ids),
  toKey: (folder: FolderRow) => folder.id,
  sort: true,
  loaderOptions: gathering,
  fields: (t) => ({
    name: t.exposeString("name"),
    usage: t.expose("usage", { type: FolderUsage }),
    permission: t.expose("permission", { type: FolderPermission }),
    quotaBytes: t.exposeFloat("quotaBytes", { nullable: true, description: "What Serai lets into it at most; null: as much as the disk takes." }),
    usedBytes: t.float({
      nullable: true,
      description: "The lengths of its files, together, as of some seconds ago; null: not measured yet.",
      resolve: (folder, _args, { folders }) => (folder.purgedAt === null ? folders.usedBytes(folder.id) : 0),
    }),
    createdAt: t.expose("createdAt", { type: "DateTime" }),
    createdBy: t.field({ type: User, resolve: (folder) => folder.createdBy }),
    trashedAt: t.expose("deletedAt", { type: "DateTime", nullable: true, description: "In the trash since; null: it is not." }),
    definitionFile: t.field({
      type: DefinitionFile,
      nullable: true,
      description: "Its model definition as it is now; null where there is none that can be read as text.",
      resolve: (folder, _args, context) =>
        textInTurn(context, async () => {
          const read = await context.folders.readDefinition(folder.id);
          if ("problem" in read) return null;
          const text = await context.folders.readText(folder.id, read.name);
          return text === null ? null : { ...text, warnings: read.warnings };
        }),
    }),
  }),
});

const FolderFilter = builder.inputType("FolderFilter", {
  fields: (t) => ({
    usage: t.field({ type: FolderUsage }),
    nameContains: t.string(),
    trashed: t.boolean({ defaultValue: false, description: "Those in the trash, instead of those that are not." }),
  }),
});

builder.queryFields((t) => ({
  folders: t.connection(
    {
      type: Folder,
      args: { filter: t.arg({ type: FolderFilter }) },
      resolve: (_root, { filter, ...page }, { database, viewer }) => {
        const wanted = { usage: filter?.usage ?? null, nameContains: filter?.nameContains ?? null, isTrashed: filter?.trashed ?? false };
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
