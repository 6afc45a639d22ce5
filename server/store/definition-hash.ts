/**
 * What the model definition in a folder is now, against what services run: "the definition changed since revision N".
 *
 * The folder's row holds the hash of the file as it was last looked at. A revision writes it too, for it has just read the file;
 * so where a service is, the folder has been looked at, and no hash means that there is no definition any more. A change of it
 * tells every service that runs the folder (drizzle/migrations, folders_notify_definition).
 */
import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import { folders } from "../../drizzle/tables/folders.ts";
import { revisions, services } from "../../drizzle/tables/services.ts";
import type { FolderId, ServiceId } from "../model/ids.ts";
import type { Database, Transaction } from "./database.ts";

export type DefinitionChange = { readonly serviceId: ServiceId; readonly folderId: FolderId; readonly sinceRevision: number };

/** Written only where it is news: any number of processes may look at the same folder. */
export async function writeDefinitionHash(db: Database["db"] | Transaction, folderId: FolderId, hash: string | null): Promise<void> {
  await db
    .update(folders)
    .set({ definitionHash: hash })
    .where(and(eq(folders.id, folderId), sql`${folders.definitionHash} is distinct from ${hash}`));
}

/** Folders whose definition a live service runs, and what is known of it. */
export async function listServedFolders(database: Database): Promise<{ readonly id: FolderId; readonly definitionHash: string | null }[]> {
  return database.db
    .selectDistinct({ id: folders.id, definitionHash: folders.definitionHash })
    .from(services)
    .innerJoin(revisions, eq(revisions.id, services.revisionId))
    .innerJoin(folders, eq(folders.id, revisions.folderId))
    .where(isNull(services.terminatedAt));
}

/** Of those services whose folder has another definition now than their revision was made of. */
export const selectDefinitionChanges = (db: Database["db"] | Transaction) =>
  db
    .select({ serviceId: services.id, folderId: revisions.folderId, sinceRevision: revisions.number })
    .from(services)
    .innerJoin(revisions, eq(revisions.id, services.revisionId))
    .innerJoin(folders, eq(folders.id, revisions.folderId))
    .$dynamic();

export const hasChanged = and(isNull(services.terminatedAt), sql`${folders.definitionHash} is distinct from ${revisions.definitionHash}`);

export async function readDefinitionChanges(database: Database, ids: readonly ServiceId[]): Promise<DefinitionChange[]> {
  return selectDefinitionChanges(database.db).where(and(hasChanged, inArray(services.id, [...ids])));
}
