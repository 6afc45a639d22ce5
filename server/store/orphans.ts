/** What control and administrators tell each other of sessions that belong to no route. */
import { and, eq, gt, isNull, sql } from "drizzle-orm";
import { installation } from "../../drizzle/tables/installation.ts";
import { routes } from "../../drizzle/tables/routes.ts";
import type { SessionId } from "../model/ids.ts";
import type { Orphan } from "../model/orphan.ts";
import { conflict, done, type Outcome } from "../model/problem.ts";
import type { Database } from "./database.ts";
import { assertHeld, type Lease } from "./leases.ts";
import { liveValidationSessions } from "./validations.ts";

/** What an administrator said is of the moment: it does not count for what becomes an orphan much later. */
const confirmed = sql<boolean>`coalesce(${installation.orphansConfirmedAt} > now() - interval '1 hour', false)`;

const waiting = sql<number>`jsonb_array_length(${installation.orphans})`;

/** Of routes, and of validations: whatever has a row. */
export async function listLiveSessionIds(database: Database): Promise<SessionId[]> {
  const rows = await database.db.select({ id: routes.sessionId }).from(routes).where(isNull(routes.terminatedAt));
  return [...rows.map(({ id }) => id), ...(await liveValidationSessions(database))];
}

export type OrphanState = {
  /** Those that wait to be stopped. */
  readonly orphans: readonly Orphan[];
  readonly confirmed: boolean;
};

export async function readOrphanState(database: Database): Promise<OrphanState> {
  const [row] = await database.db.select({ orphans: installation.orphans, confirmed }).from(installation);
  return row ?? { orphans: [], confirmed: false };
}

/** Those that wait now. None: what an administrator said has been done. */
export async function recordOrphans(database: Database, lease: Lease, orphans: readonly Orphan[]): Promise<void> {
  await database.db.transaction(async (tx) => {
    await assertHeld(tx, lease);
    await tx.update(installation).set({ orphans, ...(orphans.length === 0 ? { orphansConfirmedAt: null } : {}) });
  });
}

/** @param count of those that are to be stopped, as it was read: of another number nobody has spoken. */
export async function confirmOrphans(database: Database, count: number): Promise<Outcome<number>> {
  const written = await database.db
    .update(installation)
    .set({ orphansConfirmedAt: sql`now()` })
    .where(and(eq(waiting, count), gt(waiting, 0)))
    .returning({ id: installation.id });
  if (written.length === 0) {
    const { orphans } = await readOrphanState(database);
    return conflict(orphans.length === 0 ? "No sessions wait to be stopped." : `By now ${orphans.length} sessions wait to be stopped, not ${count}.`);
  }
  await database.sql`select pg_notify('serai', nextval('change_version') || ' installation')`;
  return done(count);
}
