/** Looks for sessions that belong to no route, and stops them: whoever holds shard 0 does, for all of the installation. */
import { messageOf } from "../failure.ts";
import type { Log } from "../log.ts";
import type { SessionId } from "../model/ids.ts";
import type { Orphan } from "../model/orphan.ts";
import type { Scheduler } from "../scheduler/scheduler.ts";
import type { Database } from "../store/database.ts";
import type { Lease } from "../store/leases.ts";
import { listLiveSessionIds, readOrphanState, recordOrphans } from "../store/orphans.ts";
import type { Leases } from "./lease.ts";
import { openLooks, type Looks } from "./looks.ts";
import type { Observations } from "./observations.ts";
import { findOrphans } from "./orphans.ts";
import { stopGraceMs } from "./rollout-moves.ts";

export type OrphanWait = {
  /** Between becoming an orphan and being stopped. */
  readonly waitMs: number;
  readonly lookEveryMs: number;
};

type Ports = {
  readonly database: Database;
  readonly scheduler: Pick<Scheduler, "stop">;
  readonly observations: Observations;
  readonly leases: Pick<Leases, "get">;
  readonly log: Log;
};

const actingShard = 0;

export function openOrphanWatch({ database, scheduler, observations, leases, log }: Ports, { waitMs, lookEveryMs }: OrphanWait): Looks {
  let since: ReadonlyMap<SessionId, number> = new Map();

  async function lookOnce(): Promise<void> {
    const lease = leases.get(actingShard);
    // The times are counted anew by whoever comes next: an orphan lives longer then, and no session shorter.
    if (lease === null) since = new Map();
    if (lease === null || !observations.complete) return;
    const seen = [...observations.known.values()].filter(({ state }) => state !== "GONE" && state !== "STOPPING").map(({ sessionId }) => sessionId);
    // After what is seen: a session's route is written before the session is submitted.
    const live = await listLiveSessionIds(database);
    const told = await readOrphanState(database);
    const found = findOrphans({ seen, live, since, nowMs: performance.now(), waitMs, confirmed: told.confirmed });
    since = found.since;
    for (const id of found.stop) await stop(id, lease);
    const isTold = found.waiting.join() === told.orphans.map(({ sessionId }) => sessionId).join();
    if (isTold && !(told.confirmed && found.waiting.length === 0)) return;
    await recordOrphans(database, lease, found.waiting.map(describe));
    if (found.waiting.length > told.orphans.length) log.warn({ sessions: found.waiting.length }, tooMany);
  }

  /** For whoever has to decide about it. */
  function describe(sessionId: SessionId): Orphan {
    const observation = observations.known.get(sessionId);
    const ageMs = performance.now() - (since.get(sessionId) ?? performance.now());
    return {
      sessionId,
      since: new Date(Date.now() - ageMs).toISOString(),
      node: observation?.node?.name ?? null,
      serviceName: observation?.serviceName ?? null,
    };
  }

  async function stop(id: SessionId, lease: Lease): Promise<void> {
    if (leases.get(actingShard)?.epoch !== lease.epoch) return;
    log.warn({ session: id }, "a session that belongs to no route is stopped");
    await scheduler.stop(id, stopGraceMs);
  }

  return openLooks(lookOnce, lookEveryMs, (thrown) =>
    log.warn({ reason: messageOf(thrown) }, "sessions that belong to no route could not be looked for"),
  );
}

const tooMany =
  "so many sessions belong to no route that the database may have been set back: they run on until an administrator confirms with the mutation stopOrphans";
