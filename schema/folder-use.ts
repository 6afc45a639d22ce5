/** Which services use a folder. Apart from folder.ts, because services know their folders. */
import { readFolderUses, type FolderUse } from "../server/store/folder-use.ts";
import type { FolderId } from "../server/model/ids.ts";
import { builder } from "./builder.ts";
import { Folder } from "./folder.ts";
import { gatherByParent } from "./gather.ts";
import { Service } from "./service.ts";

const loadUses = gatherByParent(
  ({ database, viewer }, ids: readonly FolderId[]) => readFolderUses(database, viewer.project.id, ids),
  (use: FolderUse) => use.folderId,
);

builder.objectField(Folder, "usedBy", (t) =>
  t.field({
    type: [Service],
    description: "Live services whose present revision uses it, for their model or mounted besides it; oldest first.",
    resolve: async (folder, _args, context) => (await loadUses(context, folder.id)).map(({ service }) => service),
  }),
);
