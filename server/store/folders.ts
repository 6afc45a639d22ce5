/** Folders as rows; their files are the business of folders/. */
import { and, eq, inArray, isNull, sql, type InferSelectModel } from "drizzle-orm";
import { folders, revisions, services } from "../../drizzle/tables.ts";
import { newId, type FolderId, type ProjectId, type UserId } from "../model/ids.ts";
import { conflict, done, notFound, type Outcome } from "../model/problem.ts";
import { inTransaction, violatedConstraint, type Database } from "./database.ts";
import { contains, type CreationKey, inOrder, oldestFirst, type Window, withinWindow } from "./keyset.ts";

export type FolderRow = InferSelectModel<typeof folders>;
export type FolderUsage = FolderRow["usage"];
export type NewFolder = { readonly projectId: ProjectId; readonly createdBy: UserId; readonly name: string; readonly usage: FolderUsage };
export type FolderFilter = { readonly usage: FolderUsage | null; readonly nameContains: string | null };

export async function createFolder(database: Database, wish: NewFolder): Promise<Outcome<FolderRow>> {
  try {
    const [row] = await database.db
      .insert(folders)
      .values({ id: newId("folder"), ...wish })
      .returning();
    if (row === undefined) throw new Error("an inserted folder was not returned");
    return done(row);
  } catch (thrown) {
    if (violatedConstraint(thrown) === "folders_name") return conflict(`There is a folder ${wish.name} already.`);
    throw thrown;
  }
}

export async function findFolder(database: Database, projectId: ProjectId, id: FolderId): Promise<FolderRow | null> {
  const [row] = await database.db.select().from(folders).where(livingFolder(projectId, id));
  return row ?? null;
}

export const livingFolder = (projectId: ProjectId, id: FolderId) =>
  and(eq(folders.projectId, projectId), eq(folders.id, id), isNull(folders.deletedAt));

export async function listFolders(database: Database, projectId: ProjectId, window: Window<CreationKey>, filter: FolderFilter): Promise<FolderRow[]> {
  const rows = await database.db
    .select()
    .from(folders)
    .where(
      and(
        eq(folders.projectId, projectId),
        isNull(folders.deletedAt),
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

/** Refused while a live service uses it: its sessions read the files, and it may be rolled back to any of its revisions. */
export function deleteFolder(database: Database, projectId: ProjectId, id: FolderId): Promise<Outcome<FolderRow>> {
  return inTransaction(database, async (tx) => {
    // Whoever creates a service locks the folder too, so that none comes to use it from here on.
    const [folder] = await tx.select().from(folders).where(livingFolder(projectId, id)).for("update");
    if (folder === undefined) return notFound(`folder ${id}`);
    const users = await tx
      .selectDistinct({ name: services.name })
      .from(services)
      .innerJoin(revisions, eq(revisions.serviceId, services.id))
      .where(and(eq(revisions.folderId, id), isNull(services.terminatedAt)))
      .orderBy(services.name);
    if (users.length > 0) {
      const names = users.map((user) => user.name).join(", ");
      return conflict(`The folder ${folder.name} is used by ${names}: terminate ${users.length === 1 ? "it" : "them"} first.`);
    }
    const [row] = await tx
      .update(folders)
      .set({ deletedAt: sql`now()` })
      .where(eq(folders.id, id))
      .returning();
    return done(row ?? folder);
  });
}
