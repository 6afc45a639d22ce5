/**
 * The trash: a folder in it has lost its name to whoever wants it, keeps its files, and can be restored. Purging it is for good: first its
 * row says so, then its files go; whatever a crash leaves between the two is swept later, by the row.
 */
import { and, eq, inArray, isNotNull, isNull, sql } from "drizzle-orm";
import { folders } from "../../drizzle/tables/folders.ts";
import { revisions, services } from "../../drizzle/tables/services.ts";
import type { FolderId, ProjectId } from "../model/ids.ts";
import { conflict, done, notFound, type Outcome } from "../model/problem.ts";
import { inTransaction, type Database } from "./database.ts";
import { usesFolder } from "./folder-use.ts";
import { isBeingValidated } from "./validations.ts";
import { isNameTaken, isTrashed, livingFolder, type FolderRow } from "./folders.ts";

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
      .where(and(usesFolder(id), isNull(services.terminatedAt)))
      .orderBy(services.name);
    if (users.length > 0) {
      const names = users.map((user) => user.name).join(", ");
      return conflict(`The folder ${folder.name} is used by ${names}: terminate ${users.length === 1 ? "it" : "them"} first.`);
    }
    if (await isBeingValidated(tx, id)) return conflict(`The folder ${folder.name} is used by a validation: wait for it, or cancel it.`);
    const [row] = await tx
      .update(folders)
      .set({ deletedAt: sql`now()` })
      .where(eq(folders.id, id))
      .returning();
    return done(row ?? folder);
  });
}

const inTrash = (projectId: ProjectId, id: FolderId) => and(eq(folders.projectId, projectId), eq(folders.id, id), isTrashed);

export async function restoreFolder(database: Database, projectId: ProjectId, id: FolderId): Promise<Outcome<FolderRow>> {
  const [present] = await database.db.select().from(folders).where(inTrash(projectId, id));
  if (present === undefined) return notFound(`folder ${id} in the trash`);
  try {
    const [row] = await database.db.update(folders).set({ deletedAt: null }).where(inTrash(projectId, id)).returning();
    return row === undefined ? notFound(`folder ${id} in the trash`) : done(row);
  } catch (thrown) {
    if (isNameTaken(thrown)) return conflict(`There is another folder ${present.name} by now: rename that one, then restore this one.`);
    throw thrown;
  }
}

/** From the trash only. */
export async function purgeFolder(database: Database, projectId: ProjectId, id: FolderId): Promise<Outcome<FolderId>> {
  const [row] = await database.db
    .update(folders)
    .set({ purgedAt: sql`now()` })
    .where(inTrash(projectId, id))
    .returning({ id: folders.id });
  return row === undefined ? notFound(`folder ${id} in the trash`) : done(row.id);
}

export async function purgeTrash(database: Database, projectId: ProjectId): Promise<readonly FolderId[]> {
  const rows = await database.db
    .update(folders)
    .set({ purgedAt: sql`now()` })
    .where(and(eq(folders.projectId, projectId), isTrashed))
    .returning({ id: folders.id });
  return rows.map(({ id }) => id);
}

/** Those of the ids that are gone for good, of all projects. */
export async function readPurged(database: Database, ids: readonly FolderId[]): Promise<readonly FolderId[]> {
  const rows = await database.db
    .select({ id: folders.id })
    .from(folders)
    .where(and(inArray(folders.id, [...ids]), isNotNull(folders.purgedAt)));
  return rows.map(({ id }) => id);
}
