/**
 * Uploads under way, and who writes to each: a lease in its row, by the database's clock, as leases.ts has them for services.
 * No session-level advisory locks: a frozen process would keep them, and pooled connections lose them.
 *
 * Any activity puts the end of an upload a day off. Finished ones stay until then as well, so that a client that lost the last answer
 * learns that it is done.
 */
import { and, asc, count, eq, inArray, isNotNull, isNull, sql, sum, type InferSelectModel } from "drizzle-orm";
import { folders, uploads } from "../../drizzle/tables/folders.ts";
import type { FolderId, ProjectId, UploadId, UserId } from "../model/ids.ts";
import type { Database } from "./database.ts";

export type UploadRow = InferSelectModel<typeof uploads>;
export type NewUpload = Pick<UploadRow, "id" | "projectId" | "createdBy" | "folderId" | "path" | "size" | "metadata">;

export const uploadLifetimeMs = 24 * 60 * 60 * 1000;
const fromNow = (milliseconds: number) => sql`now() + make_interval(secs => ${milliseconds / 1000})`;

/** Locked from the start by whoever makes it. */
export async function createUpload(database: Database, upload: NewUpload, holder: string, leaseMs: number): Promise<UploadRow> {
  const [row] = await database.db
    .insert(uploads)
    .values({ ...upload, expiresAt: fromNow(uploadLifetimeMs), lockHolder: holder, lockUntil: fromNow(leaseMs) })
    .returning();
  if (row === undefined) throw new Error("an inserted upload was not returned");
  return row;
}

export async function findUpload(
  database: Database,
  projectId: ProjectId,
  id: UploadId,
): Promise<(UploadRow & { readonly isExpired: boolean }) | null> {
  const [found] = await database.db
    .select({ row: uploads, isExpired: sql<boolean>`${uploads.expiresAt} <= now()` })
    .from(uploads)
    .where(and(eq(uploads.projectId, projectId), eq(uploads.id, id)));
  return found === undefined ? null : { ...found.row, isExpired: found.isExpired };
}

/** The unfinished ones, oldest first. */
export async function listUnfinishedUploads(database: Database, folderIds: readonly FolderId[]): Promise<UploadRow[]> {
  return database.db
    .select()
    .from(uploads)
    .where(and(inArray(uploads.folderId, [...folderIds]), isNull(uploads.finishedAt), sql`${uploads.expiresAt} > now()`))
    .orderBy(asc(uploads.createdAt), asc(uploads.id));
}

/** Bytes that unfinished uploads will take in a folder when they are finished. */
export async function promisedBytes(database: Database, folderId: FolderId): Promise<number> {
  const [row] = await database.db
    .select({ bytes: sum(uploads.size).mapWith(Number) })
    .from(uploads)
    .where(and(eq(uploads.folderId, folderId), isNull(uploads.finishedAt), sql`${uploads.expiresAt} > now()`));
  return row?.bytes ?? 0;
}

export async function countUnfinishedUploads(database: Database, userId: UserId): Promise<number> {
  const [row] = await database.db
    .select({ uploads: count() })
    .from(uploads)
    .where(and(eq(uploads.createdBy, userId), isNull(uploads.finishedAt), sql`${uploads.expiresAt} > now()`));
  return row?.uploads ?? 0;
}

/** @returns the row, if nobody holds it; null where somebody does, or it is not there, or over. */
export async function takeUploadLock(
  database: Database,
  projectId: ProjectId,
  id: UploadId,
  holder: string,
  leaseMs: number,
): Promise<UploadRow | null> {
  const [row] = await database.db
    .update(uploads)
    .set({ lockHolder: holder, lockUntil: fromNow(leaseMs), lockWanted: false, expiresAt: fromNow(uploadLifetimeMs) })
    .where(
      and(
        eq(uploads.id, id),
        eq(uploads.projectId, projectId),
        sql`${uploads.expiresAt} > now()`,
        sql`(${uploads.lockHolder} is null or ${uploads.lockUntil} <= now())`,
      ),
    )
    .returning();
  return row ?? null;
}

/** Tells whoever holds it that another waits. */
export async function wantUploadLock(database: Database, id: UploadId): Promise<void> {
  await database.db
    .update(uploads)
    .set({ lockWanted: true })
    .where(and(eq(uploads.id, id), isNotNull(uploads.lockHolder)));
}

/** @returns the holders that still hold; those left out have lost their lock for good. */
export async function renewUploadLocks(
  database: Database,
  holders: readonly string[],
  leaseMs: number,
): Promise<readonly { readonly holder: string | null; readonly isWanted: boolean }[]> {
  return database.db
    .update(uploads)
    .set({ lockUntil: fromNow(leaseMs), expiresAt: fromNow(uploadLifetimeMs) })
    .where(inArray(uploads.lockHolder, [...holders]))
    .returning({ holder: uploads.lockHolder, isWanted: uploads.lockWanted });
}

const free = { lockHolder: null, lockUntil: null, lockWanted: false } as const;

export async function releaseUploadLock(database: Database, id: UploadId, holder: string): Promise<void> {
  await database.db.update(uploads).set(free).where(heldBy(id, holder));
}

/** @returns whether it was still the holder's to finish. */
export async function finishUpload(database: Database, id: UploadId, holder: string): Promise<boolean> {
  const rows = await database.db
    .update(uploads)
    .set({ finishedAt: sql`now()` })
    .where(heldBy(id, holder))
    .returning({ id: uploads.id });
  return rows.length > 0;
}

export async function deleteUpload(database: Database, id: UploadId, holder: string): Promise<boolean> {
  const rows = await database.db.delete(uploads).where(heldBy(id, holder)).returning({ id: uploads.id });
  return rows.length > 0;
}

const heldBy = (id: UploadId, holder: string) => and(eq(uploads.id, id), eq(uploads.lockHolder, holder));

/** Those that are over, or whose folder is gone for good, at most `countMax` of them; each is told to one caller only. */
export async function deleteExpiredUploads(database: Database, countMax: number): Promise<readonly UploadId[]> {
  const over = database.db
    .select({ id: uploads.id })
    .from(uploads)
    .innerJoin(folders, eq(folders.id, uploads.folderId))
    .where(
      and(
        sql`(${uploads.expiresAt} <= now() or ${folders.purgedAt} is not null)`,
        sql`(${uploads.lockUntil} is null or ${uploads.lockUntil} <= now())`,
      ),
    )
    .limit(countMax)
    .for("update", { of: uploads, skipLocked: true });
  const rows = await database.db.delete(uploads).where(inArray(uploads.id, over)).returning({ id: uploads.id });
  return rows.map(({ id }) => id);
}

/** Those of the ids that there are. */
export async function presentUploads(database: Database, ids: readonly UploadId[]): Promise<ReadonlySet<UploadId>> {
  const rows = await database.db
    .select({ id: uploads.id })
    .from(uploads)
    .where(inArray(uploads.id, [...ids]));
  return new Set(rows.map(({ id }) => id));
}
