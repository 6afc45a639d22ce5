/**
 * The first rows of a database: which installation it is, the project and the administrator.
 *
 * Safe to run by any number of processes at every start: whoever is first makes the rows, the others find them. Only the
 * administrator's token follows what the process was started with, so a changed SERAI_ADMIN_TOKEN holds from the next start.
 */
import { eq, isNull, sql } from "drizzle-orm";
import { installation, projects, users } from "../../drizzle/tables/installation.ts";
import { newId, type ProjectId, type UserId } from "../model/ids.ts";
import { inTransaction, type Database } from "./database.ts";
import { newInstallationId, readDatabaseIdentity, settleIdentity, type DatabaseIdentity } from "./database-identity.ts";
import { tokenHashOf } from "./users.ts";

/**
 * The administrator's token. Where there is an administrator already it is taken over only when it was `chosen` (a setting, or
 * the token of the only process): of several processes, each with a token that it made itself, the first one's holds.
 */
export type AdminToken = { readonly token: string; readonly chosen: boolean };

const firstProjectName = "default";
const firstUserName = "admin";

/**
 * @param admin null for a process that lets nobody sign in.
 * @param told what the operator says of a database that is another than before.
 * @throws AppError CONFIG_INVALID where that would have to be said.
 */
export async function ensureInstallation(
  database: Database,
  admin: AdminToken | null,
  told: DatabaseIdentity | null = null,
): Promise<{ readonly installationId: string }> {
  const identity = await readDatabaseIdentity(database);
  return inTransaction(database, async (tx) => {
    await tx.insert(installation).values({ id: newInstallationId(), databaseIdentity: identity }).onConflictDoNothing();
    await tx
      .insert(projects)
      .values({ id: newId("project"), name: firstProjectName })
      .onConflictDoNothing();
    const [project] = await tx.select({ id: projects.id }).from(projects).where(eq(projects.name, firstProjectName));
    const [row] = await tx.select().from(installation).for("update");
    if (project === undefined || row === undefined) throw new Error("the rows that were just written cannot be read");
    if (admin !== null) {
      const tokenHash = tokenHashOf(admin.token);
      const user = { id: newId("user"), name: firstUserName, projectId: project.id, role: "ADMIN" as const, tokenHash };
      const inserting = tx.insert(users).values(user);
      await (admin.chosen ? inserting.onConflictDoUpdate({ target: users.name, set: { tokenHash } }) : inserting.onConflictDoNothing());
    }
    return { installationId: await settleIdentity(tx, row, identity, told) };
  });
}

/** True for one caller ever: the one that makes the example. No start makes it again, also when it was terminated. */
export async function claimSeeding(database: Database): Promise<boolean> {
  const claimed = await database.db
    .update(installation)
    .set({ seededAt: sql`now()` })
    .where(isNull(installation.seededAt))
    .returning({ id: installation.id });
  return claimed.length > 0;
}

/** It could not be made: the next start tries again. */
export async function unclaimSeeding(database: Database): Promise<void> {
  await database.db.update(installation).set({ seededAt: null });
}

/** In whose name Serai itself makes things, such as the example. */
export async function findFirstUser(database: Database): Promise<{ readonly userId: UserId; readonly projectId: ProjectId }> {
  const [row] = await database.db.select({ userId: users.id, projectId: users.projectId }).from(users).where(eq(users.name, firstUserName));
  if (row === undefined) throw new Error("the installation has no administrator");
  return row;
}
