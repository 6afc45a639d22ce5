/** Folders, and what is on its way into them. */
import { sql } from "drizzle-orm";
import { bigint, boolean, check, index, jsonb, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import type { FolderId, UploadId } from "../../server/model/ids.ts";
import { at, createdAt } from "./columns.ts";
import { owned } from "./owned.ts";

export const folders = pgTable(
  "folders",
  {
    id: text("id").$type<FolderId>().primaryKey(),
    ...owned,
    name: text("name").notNull(),
    usage: text("usage", { enum: ["GENERAL", "MODEL"] }).notNull(),
    /** How sessions may mount it at most. */
    permission: text("permission", { enum: ["READ_WRITE", "READ_ONLY"] }).notNull().default("READ_WRITE"),
    /** Bytes that Serai lets into it; null: as many as the disk takes. */
    quotaBytes: bigint("quota_bytes", { mode: "number" }),
    /** SHA-256 of its definition file when it was last looked at, hex; null where there is none, or nobody looked. */
    definitionHash: text("definition_hash"),
    createdAt: createdAt(),
    /** In the trash since; its name is free. */
    deletedAt: at("deleted_at"),
    /** Its files are gone for good. */
    purgedAt: at("purged_at"),
  },
  (table) => [
    check("folders_permission", sql`${table.permission} in ('READ_WRITE', 'READ_ONLY')`),
    check("folders_quota", sql`${table.quotaBytes} >= 0`),
    check("folders_purged", sql`${table.purgedAt} is null or ${table.deletedAt} is not null`),
    uniqueIndex("folders_name").on(table.projectId, table.name).where(sql`${table.deletedAt} is null`),
    check("folders_usage", sql`${table.usage} in ('GENERAL', 'MODEL')`),
  ],
);

/**
 * Uploads under way (tus), shared by all API processes. How far one has come is the size of its file, never a column. Finished
 * ones stay until they expire, so that a client that lost the last answer learns that it is done.
 */
export const uploads = pgTable(
  "uploads",
  {
    id: text("id").$type<UploadId>().primaryKey(),
    ...owned,
    folderId: text("folder_id").$type<FolderId>().notNull().references(() => folders.id),
    /** Where in the folder it becomes a file. */
    path: text("path").notNull(),
    /** Bytes. */
    size: bigint("size", { mode: "number" }).notNull(),
    /** As the client gave it. */
    metadata: jsonb("metadata").$type<Readonly<Record<string, string | null>>>().notNull(),
    createdAt: createdAt(),
    expiresAt: at("expires_at").notNull(),
    finishedAt: at("finished_at"),
    /** Which request writes to it now, and until when that counts without being renewed. */
    lockHolder: text("lock_holder"),
    lockUntil: at("lock_until"),
    /** Another request waits for the lock: its holder gives up. */
    lockWanted: boolean("lock_wanted").notNull().default(false),
  },
  (table) => [
    index("uploads_folder").on(table.folderId),
    index("uploads_expiry").on(table.expiresAt),
    check("uploads_size", sql`${table.size} >= 0`),
  ],
);
