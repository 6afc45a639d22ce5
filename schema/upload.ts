/** Uploads under way, as the console shows them beside the files that they will become. */
import { uploadedBytes } from "../server/folders/uploads/uploads.ts";
import type { FolderId } from "../server/model/ids.ts";
import { listUnfinishedUploads, type UploadRow } from "../server/store/uploads.ts";
import { builder } from "./builder.ts";
import { Folder } from "./folder.ts";
import { gatherByParent } from "./gather.ts";
import { User } from "./user.ts";

const Upload = builder.objectRef<UploadRow>("Upload").implement({
  description: "A file that is not complete yet. It goes on at `/uploads/<id>` (the tus protocol).",
  fields: (t) => ({
    id: t.exposeID("id"),
    path: t.exposeString("path", { description: "Where it becomes a file." }),
    size: t.exposeFloat("size", { description: "Bytes, of the whole." }),
    offset: t.float({
      description: "Bytes that have come.",
      resolve: async (upload, _args, { folders }) => (await uploadedBytes(folders.directory, upload)) ?? 0,
    }),
    createdAt: t.expose("createdAt", { type: "DateTime" }),
    expiresAt: t.expose("expiresAt", { type: "DateTime", description: "Unless it goes on before." }),
    createdBy: t.field({ type: User, resolve: ({ createdBy }) => createdBy }),
  }),
});

const loadUploads = gatherByParent(
  ({ database }, ids: readonly FolderId[]) => listUnfinishedUploads(database, ids),
  (upload) => upload.folderId,
);

builder.objectField(Folder, "uploads", (t) =>
  t.field({
    type: [Upload],
    description: "Those that are not finished, oldest first.",
    resolve: async (folder, _args, context) => [...(await loadUploads(context, folder.id))],
  }),
);
