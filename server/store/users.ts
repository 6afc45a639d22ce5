/** Users and the projects they work in. A user's API token is known by its hash only. */
import { createHash } from "node:crypto";
import { eq, inArray, type InferSelectModel } from "drizzle-orm";
import { projects, users } from "../../drizzle/tables/installation.ts";
import type { UserId } from "../model/ids.ts";
import type { Database } from "./database.ts";

export type UserRow = InferSelectModel<typeof users>;
export type ProjectRow = InferSelectModel<typeof projects>;
/** Who asks: a user and the project that bounds what they can see. */
export type Viewer = { readonly user: UserRow; readonly project: ProjectRow };

export const tokenHashOf = (token: string): string => createHash("sha256").update(token).digest("hex");

export async function findUserByTokenHash(database: Database, tokenHash: string): Promise<Viewer | null> {
  const [row] = await viewers(database).where(eq(users.tokenHash, tokenHash));
  return row ?? null;
}

export async function findUser(database: Database, id: UserId): Promise<Viewer | null> {
  const [row] = await viewers(database).where(eq(users.id, id));
  return row ?? null;
}

const viewers = (database: Database) =>
  database.db.select({ user: users, project: projects }).from(users).innerJoin(projects, eq(projects.id, users.projectId));

/** Of any project: whoever may see a row may see who made it. */
export async function readUsers(database: Database, ids: readonly UserId[]): Promise<UserRow[]> {
  return database.db
    .select()
    .from(users)
    .where(inArray(users.id, [...ids]));
}
