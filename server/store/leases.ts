/**
 * Who controls which services: 64 shards, each a row with holder, epoch and end, by the database's clock.
 *
 * Leases are renewed every second and last three; one that ended may be taken by anybody, who raises its epoch. Every
 * write of control names shard and epoch (`assertHeld`), so a holder that was stopped and continued can write nothing.
 */
import { and, eq, sql } from "drizzle-orm";
import { leases } from "../../drizzle/tables.ts";
import { AppError } from "../failure.ts";
import type { Database, Transaction } from "./database.ts";

export const shardCount = 64;
export type Lease = { readonly shard: number; readonly holder: string; readonly epoch: number };

/**
 * Renews what `holder` has, takes what is free up to its fair share, and gives back what is beyond it.
 * @returns the leases held now.
 */
export async function holdLeases(database: Database, holder: string, secondsToHold: number): Promise<readonly Lease[]> {
  const until = sql`now() + make_interval(secs => ${secondsToHold})`;
  return database.db.transaction(async (tx) => {
    await tx.update(leases).set({ until }).where(and(eq(leases.holder, holder), sql`${leases.until} > now()`));
    const [counts] = await tx.execute<{ mine: number; holders: number; free: number }>(sql`
      select count(*) filter (where holder = ${holder} and until > now())::int as mine,
             greatest(1, count(distinct holder) filter (where until > now() and holder <> '' and holder <> ${holder}) + 1)::int as holders,
             count(*) filter (where until <= now())::int as free
      from leases`);
    const { mine = 0, holders = 1, free = 0 } = counts ?? {};
    const share = Math.ceil(shardCount / holders);
    if (mine > share) {
      await tx.execute(sql`update leases set until = now()
        where shard in (select shard from leases where holder = ${holder} and until > now() order by shard desc limit ${mine - share})`);
    } else if (free > 0 && mine < share) {
      await tx.execute(sql`update leases set holder = ${holder}, epoch = epoch + 1, until = ${until}
        where shard in (select shard from leases where until <= now() order by shard limit ${share - mine} for update skip locked)`);
    }
    return tx
      .select({ shard: leases.shard, holder: leases.holder, epoch: leases.epoch })
      .from(leases)
      .where(and(eq(leases.holder, holder), sql`${leases.until} > now()`));
  });
}

/** Gives everything back, so that another may take over at once. */
export async function releaseLeases(database: Database, holder: string): Promise<void> {
  await database.db.update(leases).set({ until: sql`now()` }).where(eq(leases.holder, holder));
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
    .where(
      and(eq(leases.shard, lease.shard), eq(leases.holder, lease.holder), eq(leases.epoch, lease.epoch), sql`${leases.until} > now()`),
    )
    .for("share");
  if (rows.length === 0) throw new AppError("SUPERSEDED", `Somebody else controls shard ${lease.shard} now.`);
}
