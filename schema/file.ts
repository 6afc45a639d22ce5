/** What is in a folder: pages of its directories, one file, text that can be edited, and uploads that are not finished yet. */
import { fileKinds, type FileEntry } from "../server/folders/entry.ts";
import { fileOrders, type FileOrder, type ListedFile, type ListKey } from "../server/folders/list.ts";
import type { TextFile as TextFileValue } from "../server/folders/read-text.ts";
import { builder } from "./builder.ts";
import { badUserInput } from "./errors.ts";
import { Folder, textInTurn } from "./folder.ts";
import { inTurn } from "./in-turn.ts";
import { readPage, type KeyCodec } from "./page.ts";

const FileKind = builder.enumType("FileKind", { description: "OTHER: a device, a socket or a named pipe. It is never opened.", values: fileKinds });
const FileOrderType = builder.enumType("FileOrder", { description: "Directories come first in each.", values: fileOrders });

export const File = builder.objectRef<FileEntry>("File").implement({
  fields: (t) => ({
    path: t.exposeString("path", { description: "From the folder, with `/`. Bytes that are no UTF-8 are lone surrogates, U+DC80 to U+DCFF." }),
    name: t.exposeString("name"),
    kind: t.expose("kind", { type: FileKind }),
    linksTo: t.expose("linksTo", {
      type: FileKind,
      nullable: true,
      description:
        "FILE or DIRECTORY where it is a link to one inside of the folder; `size`, `modifiedAt` and `etag` are then those of what it leads to. Otherwise null.",
    }),
    size: t.exposeFloat("size", { nullable: true, description: "Bytes; null but for files." }),
    modifiedAt: t.expose("modifiedAt", { type: "DateTime" }),
    etag: t.exposeString("etag", { nullable: true, description: "Another one after each change; null but for files." }),
    warning: t.exposeString("warning", { nullable: true, description: "What to know before relying on it." }),
  }),
});

const TextFile = builder.objectRef<TextFileValue>("TextFile").implement({
  fields: (t) => ({
    path: t.exposeString("path"),
    content: t.exposeString("content"),
    etag: t.exposeString("etag", { description: "For `ifMatch` of `writeFile`." }),
    size: t.exposeFloat("size", { description: "Bytes." }),
  }),
});

/** Holds the order, because a place in one order is none in another. */
export const fileCursor = (order: FileOrder): KeyCodec<ListKey> => ({
  encode: ({ isDirectory, value, name }) => Buffer.from(JSON.stringify([order, isDirectory ? 1 : 0, value, name])).toString("base64url"),
  decode: (cursor) => {
    const parsed = parsedCursor(cursor);
    if (!Array.isArray(parsed) || parsed.length !== 4) return null;
    const [of, isDirectory, value, name] = parsed as unknown[];
    if (of !== order || typeof value !== "number" || typeof name !== "string") return null;
    return { isDirectory: isDirectory === 1, value, name };
  },
});

function parsedCursor(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString());
  } catch {
    return null;
  }
}

/** Each may look through a million names. */
const listInTurn = inTurn(100, "lists of files");

builder.objectFields(Folder, (t) => ({
  files: t.connection(
    {
      type: File,
      description: "What is in a directory of it.",
      args: {
        path: t.arg.string({ defaultValue: "", description: "A directory; absent: the folder itself." }),
        order: t.arg({ type: FileOrderType, defaultValue: "NAME_ASC" }),
        nameContains: t.arg.string(),
      },
      resolve: async (folder, { path, order, nameContains, ...page }, context) => {
        const listing = { path: path ?? "", order: order ?? "NAME_ASC", nameContains: nameContains ?? null };
        let totalCount = 0;
        const connection = await readPage(
          page,
          fileCursor(listing.order),
          (file: ListedFile) => file.key,
          async (window) => {
            const read = await listInTurn(context, () => context.folders.list(folder.id, listing, window));
            if (!read.ok) throw badUserInput(read.refusal.message);
            totalCount = read.value.totalCount;
            return read.value.files;
          },
        );
        return { ...connection, totalCount };
      },
    },
    {
      name: "FileConnection",
      fields: (fields) => ({ totalCount: fields.exposeInt("totalCount", { description: "Of the directory, as far as the names match." }) }),
    },
    { name: "FileEdge" },
  ),
  file: t.field({
    type: File,
    nullable: true,
    description: "Null where there is none.",
    args: { path: t.arg.string({ required: true }) },
    resolve: (folder, { path }, { folders }) => folders.entry(folder.id, path),
  }),
  textFile: t.field({
    type: TextFile,
    nullable: true,
    description: "Null where it is no UTF-8 text of at most 1 MiB.",
    args: { path: t.arg.string({ required: true }) },
    resolve: (folder, { path }, context) => textInTurn(context, () => context.folders.readText(folder.id, path)),
  }),
}));
