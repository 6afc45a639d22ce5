/** Whose database it is, and who may use it. */
import { sql } from "drizzle-orm";
import { boolean, check, jsonb, pgSequence, pgTable, text } from "drizzle-orm/pg-core";
import type { ProjectId, UserId } from "../../server/model/ids.ts";
import type { Orphan } from "../../server/model/orphan.ts";
import { at, createdAt } from "./columns.ts";

/** One row: which installation this database belongs to. Its id is part of every job's name on Nomad. */
export const installation = pgTable(
  "installation",
  {
    only: boolean("only").primaryKey().default(true),
    id: text("id").notNull(),
    createdAt: createdAt(),
    /** When the first start had made the example and what it runs in. */
    seededAt: at("seeded_at"),
    /** Which database of which cluster of PostgreSQL this was when it was last told: a copy of it is in another. */
    databaseIdentity: text("database_identity"),
    /** Sessions that belong to no route and are not stopped before an administrator says so, because there are so many. */
    orphans: jsonb("orphans").$type<readonly Orphan[]>().notNull().default([]),
    /** When an administrator said so; null again when it is done. */
    orphansConfirmedAt: at("orphans_confirmed_at"),
  },
  (table) => [check("installation_only_one", sql`${table.only}`)],
);

/** Advances with every change that notifies: a process that hears nothing while it moves has lost its LISTEN connection. */
export const changeVersion = pgSequence("change_version");

export const projects = pgTable("projects", {
  id: text("id").$type<ProjectId>().primaryKey(),
  name: text("name").notNull().unique(),
  createdAt: createdAt(),
});

export const users = pgTable(
  "users",
  {
    id: text("id").$type<UserId>().primaryKey(),
    name: text("name").notNull().unique(),
    projectId: text("project_id").$type<ProjectId>().notNull().references(() => projects.id),
    role: text("role", { enum: ["ADMIN", "MEMBER"] }).notNull(),
    /** SHA-256 of the API token, hex. */
    tokenHash: text("token_hash").notNull().unique(),
    createdAt: createdAt(),
  },
  (table) => [check("users_role", sql`${table.role} in ('ADMIN', 'MEMBER')`)],
);
