/** Looks for sessions that belong to no route, and stops them: whoever holds shard 0 does, for all of the installation. */
import { setTimeout as pause } from "node:timers/promises";
import { messageOf } from "../failure.ts";
import type { Log } from "../log.ts";
import type { SessionId } from "../model/ids.ts";
import type { Orphan } from "../model/orphan.ts";
import type { Scheduler } from "../scheduler/scheduler.ts";
import type { Database } from "../store/database.ts";
import type { Lease } from "../store/leases.ts";
import { listLiveSessionIds, readOrphanState, recordOrphans } from "../store/orphans.ts";
import type { Leases } from "./lease.ts";
import type { Observations } from "./observations.ts";
import { findOrphans } from "./orphans.ts";
import { stopGraceMs } from "./rollout-moves.ts";

export type OrphanWait = {
  /** Between becoming an orphan and being stopped. */
  readonly waitMs: number;
  readonly lookEveryMs: number;
};

export type OrphanWatch = {
  /** Something has changed, such as what an administrator says. */
  look(): void;
} & AsyncDisposable;

type Ports = {
  readonly database: Database;
  readonly scheduler: Pick<Scheduler, "stop">;
  readonly observations: Observations;
  readonly leases: Pick<Leases, "get">;
  readonly log: Log;
};

const actingShard = 0;
const endMs = 3000;

export function openOrphanWatch({ database, scheduler, observations, leases, log }: Ports, { waitMs, lookEveryMs }: OrphanWait): OrphanWatch {
  let since: ReadonlyMap<SessionId, number> = new Map();
  let looking: Promise<void> | null = null;
  let isAskedAgain = false;

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

  function look(): void {
    isAskedAgain = looking !== null;
    looking ??= lookOnce()
      .catch((thrown: unknown) => log.warn({ reason: messageOf(thrown) }, "sessions that belong to no route could not be looked for"))
      .finally(() => {
        looking = null;
        if (isAskedAgain) look();
      });
  }

  const timer = setInterval(look, lookEveryMs);
  return {
    look,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      isAskedAgain = false;
      // One that waits for a database or a cluster that does not answer is repeated by whoever comes next.
      await Promise.race([looking, pause(endMs, undefined, { ref: false })]);
    },
  };
}

const tooMany =
  "so many sessions belong to no route that the database may have been set back: they run on until an administrator confirms with the mutation stopOrphans";
