/**
 * Is this the database in which the installation has always been? A copy of it must not be taken for it: two Serais that believe to be
 * the same installation would stop each other's sessions as orphans, and start each other's anew.
 *
 * Told by PostgreSQL's own identifier of its cluster and the database's number in it (PostgreSQL's manual, 9.28, pg_control_system). A
 * copy made by pg_dump or `create database … template` is noticed so. Not noticed is a copy of a cluster's files, such as a
 * snapshot of its disk: that one is the same in every byte.
 */
import { randomBytes } from "node:crypto";
import { and, eq, isNull, ne } from "drizzle-orm";
import { installation } from "../../drizzle/tables/installation.ts";
import { routes } from "../../drizzle/tables/routes.ts";
import { AppError } from "../failure.ts";
import { nothingKnown } from "../model/control-state.ts";
import type { ServiceId } from "../model/ids.ts";
import type { Database, Transaction } from "./database.ts";
import { refreshServiceStatus } from "./service-status.ts";

/** What an operator says of a database that is another than before: the one and only, somewhere else; or one of two by now. */
export type DatabaseIdentity = "moved" | "copied";

export const newInstallationId = (): string => randomBytes(6).toString("hex");

/** Null where it cannot be told: not every role may ask. */
export async function readDatabaseIdentity(database: Database): Promise<string | null> {
  try {
    const [row] = await database.sql<{ identity: string }[]>`
      select system_identifier || '/' || (select oid from pg_database where datname = current_database()) as identity from pg_control_system()`;
    return row?.identity ?? null;
  } catch (thrown) {
    // insufficient_privilege; undefined_function, of databases that only speak PostgreSQL's language.
    if (["42501", "42883"].includes(String((thrown as { code?: unknown }).code))) return null;
    throw thrown;
  }
}

type InstallationRow = Pick<typeof installation.$inferSelect, "id" | "databaseIdentity">;

/**
 * @param told what the operator says; of no effect while the database is the one that it was.
 * @returns the installation's id, which is a new one for a copy.
 * @throws AppError CONFIG_INVALID where it is another database and nobody has said what became of the first.
 */
export async function settleIdentity(tx: Transaction, row: InstallationRow, identity: string | null, told: DatabaseIdentity | null): Promise<string> {
  if (identity === null || identity === row.databaseIdentity) return row.id;
  if (row.databaseIdentity !== null && told === null) throw new AppError("CONFIG_INVALID", anotherDatabase(row.databaseIdentity, identity));
  // Also where nothing was remembered yet: who says that it is a copy knows.
  const isCopy = told === "copied";
  const id = isCopy ? newInstallationId() : row.id;
  await tx.update(installation).set({ id, databaseIdentity: identity, ...(isCopy ? { orphansWaiting: 0, orphansConfirmedAt: null } : {}) });
  if (isCopy) await disownSessions(tx);
  return id;
}

/** The sessions that the routes name are the other installation's: no request and no probe may reach them from here. */
async function disownSessions(tx: Transaction): Promise<void> {
  const disowned = await tx
    .update(routes)
    .set({ ...nothingKnown, status: "PENDING", statusReason: "", probeFailures: 0 })
    .where(and(isNull(routes.terminatedAt), ne(routes.status, "DRAINING")))
    .returning({ serviceId: routes.serviceId });
  await tx
    .update(routes)
    .set({ host: null, port: null, attempt: null })
    .where(and(isNull(routes.terminatedAt), eq(routes.status, "DRAINING")));
  for (const serviceId of new Set<ServiceId>(disowned.map((route) => route.serviceId))) await refreshServiceStatus(tx, serviceId);
}

const anotherDatabase = (before: string, now: string): string =>
  `DATABASE_URL: This installation was in another database (${before}) than this one (${now}; PostgreSQL's system identifier and the database's oid). ` +
  "Say once, with SERAI_DATABASE_IDENTITY, what has happened: `moved` where no Serai uses the other one any more; " +
  "`copied` where one does: this one then becomes an installation of its own, which never touches the sessions of the other.";
