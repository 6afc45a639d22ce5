/**
 * Who controls which services: 64 shards, each a row with holder, epoch and end, by the database's clock.
 *
 * Leases are renewed every second and last three; one that ended may be taken by anybody, who raises its epoch. Every
 * write of control names shard and epoch (`lockUnderLease`, `assertHeld`), so a holder that was stopped and continued can write nothing.
 *
 * The living share evenly: each says with its renewal that it lives, counts the others, and keeps its share; what it has beyond that
 * it gives back, what it lacks it takes of what is free. Shares add up to all shards, so none is left over; and a process dies for the
 * others in the moment in which its leases end. All of this is about who does the work: whether a write is allowed, only the epoch says.
 */
import { and, eq, sql } from "drizzle-orm";
import { controllers, leases } from "../../drizzle/tables/processes.ts";
import { AppError } from "../failure.ts";
import type { ServiceId } from "../model/ids.ts";
import type { Database, Transaction } from "./database.ts";

export const shardCount = 64;
/** The column keeps milliseconds: now could be rounded to what is still to come. */
const aMoment = "1 millisecond";
export type Lease = { readonly shard: number; readonly holder: string; readonly epoch: number };

/**
 * Renews what `holder` has, up to its share; gives back the rest, and takes what is free and lacking, raising the epoch of what it takes.
 * What somebody else is taking at this moment is left to them.
 * @returns the leases held now.
 */
export async function holdLeases(database: Database, holder: string, secondsToHold: number): Promise<readonly Lease[]> {
  const rows = await database.sql<{ shard: number; epoch: string; held: boolean }[]>`
    with here as (
      insert into controllers (holder, until) values (${holder}, now() + make_interval(secs => ${secondsToHold}))
      on conflict (holder) do update set until = excluded.until
    ), gone as (
      delete from controllers where until < now() - interval '1 minute' and holder <> ${holder}
    ), others as (
      select count(*)::int as number, (count(*) filter (where holder < ${holder}))::int as before
      from controllers where until > now() and holder <> ${holder}
    ), share as (
      select ${shardCount}::int / (number + 1) + (before < ${shardCount}::int % (number + 1))::int as size from others
    ), own as (
      select shard, row_number() over (order by shard) <= (select size from share) as keeps
      from leases where holder = ${holder} and until > now()
    ), free as (
      select shard from leases where until <= now()
      order by shard limit greatest(0, (select size from share) - (select count(*) from own)) for update skip locked
    )
    update leases set
      holder = ${holder},
      epoch = epoch + (not (holder = ${holder} and until > now()))::int,
      until = case when coalesce((select keeps from own where own.shard = leases.shard), true)
        then now() + make_interval(secs => ${secondsToHold}) else now() - ${aMoment}::interval end
    where (holder = ${holder} and until > now()) or shard in (select shard from free)
    returning shard, epoch::text, until > now() as held`;
  return rows.filter(({ held }) => held).map(({ shard, epoch }) => ({ shard, holder, epoch: Number(epoch) }));
}

/** Gives everything back, so that another may take over at once. */
export async function releaseLeases(database: Database, holder: string): Promise<void> {
  await database.sql`
    with leaving as (delete from controllers where holder = ${holder})
    update leases set until = now() - ${aMoment}::interval where holder = ${holder}`;
}

/** For the embedded database, which one process at a time owns: whoever held a lease before is dead. */
export async function releaseAllLeases(database: Database): Promise<void> {
  await database.db.delete(controllers);
  await database.db.update(leases).set({ until: sql`now() - ${aMoment}::interval` });
}

/**
 * For a change of a service: locks it, and then the lease as `assertHeld` does, in one statement. What is written from here on tells
 * who wrote it (store/changes.ts).
 */
export async function lockUnderLease(tx: Transaction, serviceId: ServiceId, lease: Lease): Promise<void> {
  const rows = await tx.execute(sql`
    select set_config('serai.writer', ${lease.holder}, true) from services, leases
    where services.id = ${serviceId} and leases.shard = ${lease.shard} and leases.holder = ${lease.holder}
      and leases.epoch = ${lease.epoch} and leases.until > now()
    for update of services for share of leases`);
  if (rows.length === 0) throw superseded(lease);
}

/** Throws SUPERSEDED unless the lease is held; holds it in place until the transaction ends. */
export async function assertHeld(tx: Transaction, lease: Lease): Promise<void> {
  const rows = await tx
    .select({ shard: leases.shard })
    .from(leases)
    .where(and(eq(leases.shard, lease.shard), eq(leases.holder, lease.holder), eq(leases.epoch, lease.epoch), sql`${leases.until} > now()`))
    .for("share");
  if (rows.length === 0) throw superseded(lease);
}

const superseded = ({ shard }: Lease): AppError => new AppError("SUPERSEDED", `Somebody else controls shard ${shard} now.`);
