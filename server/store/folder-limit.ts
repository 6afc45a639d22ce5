/** What bounds a folder: its quota, and what its unfinished uploads have been promised. */
import { eq } from "drizzle-orm";
import { folders } from "../../drizzle/tables/folders.ts";
import type { FolderId } from "../model/ids.ts";
import type { Database } from "./database.ts";
import { promisedBytes } from "./uploads.ts";

export type FolderLimit = { readonly quotaBytes: number | null; /** The sizes of its unfinished uploads. */ readonly promisedBytes: number };

/** Null: there is no such folder. */
export async function readFolderLimit(database: Database, id: FolderId): Promise<FolderLimit | null> {
  const [row] = await database.db.select({ quotaBytes: folders.quotaBytes }).from(folders).where(eq(folders.id, id));
  if (row === undefined) return null;
  return { quotaBytes: row.quotaBytes, promisedBytes: row.quotaBytes === null ? 0 : await promisedBytes(database, id) };
}
