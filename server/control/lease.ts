/**
 * Holds this process's share of the leases by renewing them every second; another process takes over three seconds after the last
 * renewal, or five where it froze with one of them locked.
 */
import { messageOf } from "../failure.ts";
import type { Log } from "../log.ts";
import { openDatabase, replaced, type Database } from "../store/database.ts";
import { answeredWithin } from "../store/deadline.ts";
import { endFrozenTransactions } from "../store/frozen.ts";
import { holdLeases, releaseLeases, type Lease } from "../store/leases.ts";

const renewEveryMs = 1000;
const holdSeconds = 3;
const releaseMs = 1000;

export type Leases = {
  /** The lease for a shard, if it is held here. */
  get(shard: number): Lease | null;
  shards(): readonly number[];
} & AsyncDisposable;

export type Told = {
  /** Shards that were not held before. */
  readonly gained: (shards: readonly number[]) => void;
  /** Shards that another process is to have. */
  readonly lost: (shards: readonly number[]) => void;
};

export async function openLeases(database: Database, holder: string, log: Log, { gained, lost }: Told): Promise<Leases> {
  let held = new Map<number, Lease>();
  let heldUntil = 0;
  let renewing: Promise<void> | null = null;
  let isOutageTold = false;
  // Of its own: however busy the others are, a lease is renewed in time.
  let own = openDatabase(database.url, 1);

  async function renew(): Promise<void> {
    const askedAt = performance.now();
    try {
      const leases = await answeredWithin(holdLeases(own, holder, holdSeconds), holdSeconds * 1000);
      const now = new Map(leases.map((lease) => [lease.shard, lease]));
      const fresh = [...now.values()].filter((lease) => held.get(lease.shard)?.epoch !== lease.epoch).map((lease) => lease.shard);
      const given = [...held.keys()].filter((shard) => !now.has(shard));
      held = now;
      heldUntil = askedAt + holdSeconds * 1000;
      isOutageTold = false;
      if (given.length > 0) lost(given);
      if (fresh.length > 0) gained(fresh);
      // A database that does not answer is the next renewal's to tell.
      await answeredWithin(endFrozenTransactions(own), holdSeconds * 1000).catch(() => {});
    } catch (thrown) {
      if (!isOutageTold) log.warn({ reason: messageOf(thrown) }, "leases could not be renewed; another process takes over if that goes on");
      isOutageTold = true;
      // The connection may be deaf: the next renewal has another.
      own = replaced(own);
    } finally {
      renewing = null;
    }
  }
  const isValid = () => performance.now() < heldUntil;

  await renew();
  const timer = setInterval(() => {
    renewing ??= renew();
  }, renewEveryMs);

  return {
    get: (shard) => (isValid() ? (held.get(shard) ?? null) : null),
    shards: () => (isValid() ? [...held.keys()] : []),
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await renewing;
      held = new Map();
      await answeredWithin(releaseLeases(own, holder), releaseMs).catch(() => {});
      await own[Symbol.asyncDispose]();
    },
  };
}
