/** Folders as rows; their files are the business of folders/. */
import { and, eq, inArray, isNotNull, isNull, type InferSelectModel } from "drizzle-orm";
import { folders } from "../../drizzle/tables/folders.ts";
import { newId, type FolderId, type ProjectId, type UserId } from "../model/ids.ts";
import { conflict, done, notFound, type Outcome } from "../model/problem.ts";
import { violatedConstraint, type Database } from "./database.ts";
import { contains, type CreationKey, inOrder, oldestFirst, type Window, withinWindow } from "./keyset.ts";

export type FolderRow = InferSelectModel<typeof folders>;
export type FolderUsage = FolderRow["usage"];
export type FolderPermission = FolderRow["permission"];
export type NewFolder = {
  readonly projectId: ProjectId;
  readonly createdBy: UserId;
  readonly name: string;
  readonly usage: FolderUsage;
  readonly permission?: FolderPermission;
  readonly quotaBytes?: number | null;
};
/** `isTrashed`: those in the trash instead of those that live. */
export type FolderFilter = { readonly usage: FolderUsage | null; readonly nameContains: string | null; readonly isTrashed: boolean };
/** What is absent stays as it is. */
export type FolderChange = { readonly name?: string; readonly permission?: FolderPermission; readonly quotaBytes?: number | null };

export async function createFolder(database: Database, wish: NewFolder): Promise<Outcome<FolderRow>> {
  try {
    const [row] = await database.db
      .insert(folders)
      .values({ id: newId("folder"), ...wish })
      .returning();
    if (row === undefined) throw new Error("an inserted folder was not returned");
    return done(row);
  } catch (thrown) {
    if (isNameTaken(thrown)) return conflict(`There is a folder ${wish.name} already.`);
    throw thrown;
  }
}

export async function modifyFolder(database: Database, projectId: ProjectId, id: FolderId, change: FolderChange): Promise<Outcome<FolderRow>> {
  const present = Object.keys(change).length > 0 ? null : await findFolder(database, projectId, id);
  if (present !== null) return done(present);
  try {
    const [row] = await database.db.update(folders).set(change).where(livingFolder(projectId, id)).returning();
    return row === undefined ? notFound(`folder ${id}`) : done(row);
  } catch (thrown) {
    if (isNameTaken(thrown)) return conflict(`There is a folder ${change.name ?? ""} already.`);
    throw thrown;
  }
}

export const isNameTaken = (thrown: unknown): boolean => violatedConstraint(thrown) === "folders_name";

export async function findFolder(database: Database, projectId: ProjectId, id: FolderId): Promise<FolderRow | null> {
  const [row] = await database.db.select().from(folders).where(livingFolder(projectId, id));
  return row ?? null;
}

export const livingFolder = (projectId: ProjectId, id: FolderId) =>
  and(eq(folders.projectId, projectId), eq(folders.id, id), isNull(folders.deletedAt));

/** Its files can still be restored. */
export const isTrashed = and(isNotNull(folders.deletedAt), isNull(folders.purgedAt));

export async function listFolders(database: Database, projectId: ProjectId, window: Window<CreationKey>, filter: FolderFilter): Promise<FolderRow[]> {
  const rows = await database.db
    .select()
    .from(folders)
    .where(
      and(
        eq(folders.projectId, projectId),
        filter.isTrashed ? isTrashed : isNull(folders.deletedAt),
        filter.usage === null ? undefined : eq(folders.usage, filter.usage),
        contains(folders.name, filter.nameContains),
        withinWindow(folders, window),
      ),
    )
    .orderBy(...inOrder(folders, window))
    .limit(window.limit);
  return oldestFirst(rows, window);
}

/** Deleted ones too: a revision goes on telling which folder it was made of. */
export async function readFolders(database: Database, projectId: ProjectId, ids: readonly FolderId[]): Promise<FolderRow[]> {
  return database.db
    .select()
    .from(folders)
    .where(and(eq(folders.projectId, projectId), inArray(folders.id, [...ids])));
}
