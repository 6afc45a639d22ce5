/**
 * The first rows of a database: which installation it is, the project and the administrator.
 *
 * Safe to run by any number of processes at every start: whoever is first makes the rows, the others find them. Only the
 * administrator's token follows what the process was started with, so a changed SERAI_ADMIN_TOKEN holds from the next start.
 */
import { randomBytes } from "node:crypto";
import { eq } from "drizzle-orm";
import { installation, projects, users } from "../../drizzle/tables.ts";
import { newId, type ProjectId, type UserId } from "../model/ids.ts";
import { inTransaction, type Database } from "./database.ts";
import { tokenHashOf } from "./users.ts";

export type Installation = {
  readonly installationId: string;
  /** True for the one process that found the database empty. */
  readonly fresh: boolean;
};

const firstProjectName = "default";
const firstUserName = "admin";

export function ensureInstallation(database: Database, { adminToken }: { readonly adminToken: string }): Promise<Installation> {
  return inTransaction(database, async (tx) => {
    const made = await tx
      .insert(installation)
      .values({ id: randomBytes(6).toString("hex") })
      .onConflictDoNothing()
      .returning();
    await tx
      .insert(projects)
      .values({ id: newId("project"), name: firstProjectName })
      .onConflictDoNothing();
    const [project] = await tx.select({ id: projects.id }).from(projects).where(eq(projects.name, firstProjectName));
    const [row] = await tx.select({ id: installation.id }).from(installation);
    if (project === undefined || row === undefined) throw new Error("the rows that were just written cannot be read");
    const tokenHash = tokenHashOf(adminToken);
    await tx
      .insert(users)
      .values({ id: newId("user"), name: firstUserName, projectId: project.id, role: "ADMIN", tokenHash })
      .onConflictDoUpdate({ target: users.name, set: { tokenHash } });
    return { installationId: row.id, fresh: made.length > 0 };
  });
}

/** In whose name Serai itself makes things, such as the example. */
export async function findFirstUser(database: Database): Promise<{ readonly userId: UserId; readonly projectId: ProjectId }> {
  const [row] = await database.db.select({ userId: users.id, projectId: users.projectId }).from(users).where(eq(users.name, firstUserName));
  if (row === undefined) throw new Error("the installation has no administrator");
  return row;
}
