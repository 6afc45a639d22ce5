/** Mutations of what is in a folder. */
import { noteDefinition } from "../server/folders/definition-watch.ts";
import type { FileEntry } from "../server/folders/entry.ts";
import { builder } from "./builder.ts";
import { refusals, valueOf } from "./errors.ts";
import { File } from "./file.ts";
import { folderOf } from "./folder-wish.ts";

const success = (name: string) =>
  builder.objectRef<FileEntry>(name).implement({ fields: (t) => ({ file: t.field({ type: File, resolve: (file) => file }) }) });

const WriteFileInput = builder.inputType("WriteFileInput", {
  fields: (t) => ({
    folderId: t.id({ required: true }),
    path: t.string({ required: true, description: "Relative to the folder, with /." }),
    content: t.string({ required: true, description: "At most 1 MiB." }),
    ifMatch: t.string({ description: "The etag that the file must still have; absent: it is overwritten." }),
  }),
});

builder.mutationField("writeFile", (t) =>
  t.field({
    type: success("WriteFileSuccess"),
    errors: refusals,
    description: "The whole file, and the directories above it where they are missing.",
    args: { input: t.arg({ type: WriteFileInput, required: true }) },
    resolve: async (_root, { input }, context) => {
      const folder = await folderOf(context, input.folderId);
      const { path, content, ifMatch = null } = input;
      const file = valueOf(await context.folders.writeFile(folder.id, { path, content, ifMatch }));
      await noteDefinition(context, folder.id, [path]);
      return file;
    },
  }),
);

const CreateDirectoryInput = builder.inputType("CreateDirectoryInput", {
  fields: (t) => ({ folderId: t.id({ required: true }), path: t.string({ required: true }) }),
});

builder.mutationField("createDirectory", (t) =>
  t.field({
    type: success("CreateDirectorySuccess"),
    errors: refusals,
    description: "And those above it that are missing.",
    args: { input: t.arg({ type: CreateDirectoryInput, required: true }) },
    resolve: async (_root, { input }, context) => {
      const folder = await folderOf(context, input.folderId);
      return valueOf(await context.folders.createDirectory(folder.id, input.path));
    },
  }),
);

const MoveFileInput = builder.inputType("MoveFileInput", {
  fields: (t) => ({
    folderId: t.id({ required: true }),
    from: t.string({ required: true, description: "A file or a directory." }),
    to: t.string({ required: true, description: "Its new path, name included; its directory must be there." }),
    overwrite: t.boolean({ defaultValue: false, description: "A file may replace a file." }),
  }),
});

builder.mutationField("moveFile", (t) =>
  t.field({
    type: success("MoveFileSuccess"),
    errors: refusals,
    description: "Renames or moves within the folder.",
    args: { input: t.arg({ type: MoveFileInput, required: true }) },
    resolve: async (_root, { input }, context) => {
      const folder = await folderOf(context, input.folderId);
      const { from, to, overwrite } = input;
      const file = valueOf(await context.folders.move(folder.id, { from, to, overwrite: overwrite ?? false }));
      await noteDefinition(context, folder.id, [from, to]);
      return file;
    },
  }),
);

const DeleteFilesInput = builder.inputType("DeleteFilesInput", {
  fields: (t) => ({ folderId: t.id({ required: true }), paths: t.stringList({ required: true, description: "Files and directories, 1 to 1000." }) }),
});
const DeleteFilesSuccess = builder.objectRef<readonly string[]>("DeleteFilesSuccess").implement({
  fields: (t) => ({ paths: t.stringList({ resolve: (paths) => [...paths] }) }),
});

builder.mutationField("deleteFiles", (t) =>
  t.field({
    type: DeleteFilesSuccess,
    errors: refusals,
    description: "For good, directories with everything in them. Where one is missing, nothing is deleted.",
    args: { input: t.arg({ type: DeleteFilesInput, required: true }) },
    resolve: async (_root, { input }, context) => {
      const folder = await folderOf(context, input.folderId);
      const paths = valueOf(await context.folders.deleteFiles(folder.id, input.paths));
      await noteDefinition(context, folder.id, paths);
      return paths;
    },
  }),
);
