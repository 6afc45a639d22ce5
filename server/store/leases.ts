/**
 * Who controls which services: 64 shards, each a row with holder, epoch and end, by the database's clock.
 *
 * Leases are renewed every second and last three; one that ended may be taken by anybody, who raises its epoch. Every
 * write of control names shard and epoch (`assertHeld`), so a holder that was stopped and continued can write nothing.
 */
import { and, eq, sql } from "drizzle-orm";
import { leases } from "../../drizzle/tables/processes.ts";
import { AppError } from "../failure.ts";
import type { Database, Transaction } from "./database.ts";

export const shardCount = 64;
export type Lease = { readonly shard: number; readonly holder: string; readonly epoch: number };

/**
 * Renews what `holder` has and takes what is free, raising the epoch of what it takes.
 * @returns the leases held now.
 */
export async function holdLeases(database: Database, holder: string, secondsToHold: number): Promise<readonly Lease[]> {
  const renewing = sql`(${leases.holder} = ${holder} and ${leases.until} > now())`;
  return database.db
    .update(leases)
    .set({
      holder,
      epoch: sql`${leases.epoch} + (not ${renewing})::int`,
      until: sql`now() + make_interval(secs => ${secondsToHold})`,
    })
    .where(sql`${renewing} or ${leases.until} <= now()`)
    .returning({ shard: leases.shard, holder: leases.holder, epoch: leases.epoch });
}

/** Gives everything back, so that another may take over at once. */
export async function releaseLeases(database: Database, holder: string): Promise<void> {
  await database.db
    .update(leases)
    .set({ until: sql`now()` })
    .where(eq(leases.holder, holder));
}

/** For the embedded database, which one process at a time owns: whoever held a lease before is dead. */
export async function releaseAllLeases(database: Database): Promise<void> {
  await database.db.update(leases).set({ until: sql`now()` });
}

/** Throws SUPERSEDED unless the lease is held; holds it in place until the transaction ends. */
export async function assertHeld(tx: Transaction, lease: Lease): Promise<void> {
  const rows = await tx
    .select({ shard: leases.shard })
    .from(leases)
    .where(and(eq(leases.shard, lease.shard), eq(leases.holder, lease.holder), eq(leases.epoch, lease.epoch), sql`${leases.until} > now()`))
    .for("share");
  if (rows.length === 0) throw new AppError("SUPERSEDED", `Somebody else controls shard ${lease.shard} now.`);
}
