/**
 * Makes the world match the wish.
 *
 * One path serves start-up, event and timer: whatever happens only names a service (`wake`), and that service is then read in
 * full, planned for and acted on, one turn at a time per service, a few services at once. What wakes:
 *   - a change in the database (store/changes) that others have made: somebody wishes something else, or a gateway's route is idle
 *     (after its own every turn reads again anyway);
 *   - an observation of the scheduler (scheduler.watch);
 *   - the outcome of a probe, which the turn then writes;
 *   - the time that the plan named (`lookAgainAt`);
 *   - a lease that was gained: all services of its shard;
 *   - every 30 s, everything: should find nothing to do, and counts what it had to correct.
 * Validations, which belong to no service, have a loop of their own beside it (validations.ts); they share its leases.
 * A turn that fails is repeated with growing waits; nothing of it is lost, because the next turn reads everything anew.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { ProbeOutcome } from "../ask-health.ts";
import { AppError, messageOf } from "../failure.ts";
import type { Log } from "../log.ts";
import { backOffMs } from "../model/back-off.ts";
import type { RolloutState, RouteState, ServiceState } from "../model/control-state.ts";
import type { FolderId, RouteId, ServiceId } from "../model/ids.ts";
import type { Room } from "../model/room.ts";
import type { Scheduler } from "../scheduler/scheduler.ts";
import type { Changes } from "../store/changes.ts";
import type { Lease } from "../store/leases.ts";
import { listLiveServiceIds, recordRoutes } from "../store/routes.ts";
import { readServiceState } from "../store/service-state.ts";
import { apply, type Hands } from "./apply.ts";
import { judgeProbe } from "./judge-probe.ts";
import { createKnown, type Forgotten } from "./known.ts";
import { openLeases } from "./lease.ts";
import { createObservations } from "./observations.ts";
import { maskSecrets } from "./mask-secrets.ts";
import { openNodeKeeper } from "./node-keeper.ts";
import { openOrphanWatch, type OrphanWait } from "./orphan-watch.ts";
import { plan } from "./plan.ts";
import { createOutcomes } from "./probe-outcomes.ts";
import { openProbePool, openProber, type Target } from "./probe.ts";
import type { Keys } from "./read-secrets.ts";
import { stopGraceMs } from "./rollout-moves.ts";
import { openTurns } from "./turns.ts";
import { openValidations, type Validations } from "./validations.ts";

export type ControlOptions = Keys & {
  readonly changes: Changes;
  readonly scheduler: Scheduler;
  /** Where a folder's files are, on every machine that runs sessions. */
  readonly folderPath: (folderId: FolderId) => string;
  /** Identity of this process among those that hold leases. */
  readonly holder: string;
  readonly log: Log;
  readonly orphans?: OrphanWait;
};

export type Control = {
  /** How often the timer found something to do that no event had told of. */
  readonly corrections: number;
  /** Resolves when every service has been looked at once, with all that the scheduler knows. */
  readonly firstPass: Promise<void>;
} & AsyncDisposable;

const resyncEveryMs = 30_000;
const stepsPerTurnMax = 25;
/** After a turn that did not come to an end in that many steps. */
const restMs = 1000;
const leaseLookMs = 100;
const orphanWait: OrphanWait = { waitMs: 600_000, lookEveryMs: 60_000 };

export async function openControl(options: ControlOptions): Promise<Control> {
  const { database, changes, scheduler, log } = options;
  const ending = new AbortController();
  const observations = createObservations();
  const known = createKnown();
  const outcomes = createOutcomes();
  const lastProbes = new Map<RouteId, string>();
  const failures = new Map<ServiceId, number>();
  /** Of rollouts under way: asked once, at their beginning. */
  const rooms = new Map<ServiceId, { readonly of: string; readonly room: Room }>();
  const resyncing = new Set<ServiceId>();
  const firstPass = Promise.withResolvers<void>();
  let corrections = 0;

  const { decryptVariable, decryptPassword } = options;
  const hands: Hands = {
    database,
    scheduler,
    stopGraceMs,
    decryptVariable,
    decryptPassword,
    log,
    submitted: (id) => observations.submitted(id),
    foundRoom: (id, rollout, room) => void rooms.set(id, { of: keyOf(rollout), room }),
  };
  const turns = openTurns(turn);
  const probes = openProbePool();
  const prober = openProber(probes, judge);
  let validations: Validations | null = null;
  const leases = await openLeases(database, options.holder, log, {
    gained: (shards) => {
      void wakeShards(shards);
      validations?.lookAt(shards);
    },
    // Whose services they are is not remembered: each finds out in its turn whether it is still ours.
    lost: () => [...known.services()].forEach((serviceId) => turns.wake(serviceId)),
  });
  const orphans = openOrphanWatch({ database, scheduler, observations, leases, log }, options.orphans ?? orphanWait);
  const nodes = openNodeKeeper({ database, scheduler, leases, log });

  /** Until there is nothing more to do now. */
  async function turn(serviceId: ServiceId): Promise<void> {
    try {
      const lookAgainMs = await settle(serviceId);
      failures.delete(serviceId);
      if (lookAgainMs !== null) turns.wakeIn(serviceId, lookAgainMs);
    } catch (thrown) {
      if (ending.signal.aborted) return;
      const before = failures.get(serviceId) ?? 0;
      failures.set(serviceId, before + 1);
      const superseded = thrown instanceof AppError && thrown.code === "SUPERSEDED";
      if (!superseded) log.warn({ service: serviceId, reason: messageOf(thrown) }, "a turn failed and will be repeated");
      turns.wakeIn(serviceId, superseded ? 100 : Math.min(30_000, backOffMs(before)));
    }
  }

  async function settle(serviceId: ServiceId): Promise<number | null> {
    for (let step = 0; step < stepsPerTurnMax; step++) {
      if (ending.signal.aborted || !observations.complete) return null;
      const service = await readServiceState(database, serviceId, options.folderPath);
      const lease = service === null ? null : leases.get(service.shard);
      if (service === null || lease === null) {
        // Ended, its sessions are nobody's any more. Somebody else's for a while, they live on: what is known of them stays true.
        forget(known.forget(serviceId), service === null);
        outcomes.drop(serviceId);
        failures.delete(serviceId);
        rooms.delete(serviceId);
        return null;
      }
      forget(known.remember(service), true);
      for (const route of service.routes) prober.watch(route.id, targetOf(route));
      if (await recordOutcomes(service, lease)) continue;
      const masked = await maskSecrets(service, observations.known, decryptVariable);
      const seen = service.routes.flatMap((route) => masked.get(route.sessionId) ?? []);
      const found = rooms.get(serviceId);
      const room = found !== undefined && service.rollout !== null && found.of === keyOf(service.rollout) ? found.room : null;
      if (room === null) rooms.delete(serviceId);
      const { actions, lookAgainAt } = plan({ service, observations: masked, recorded: known.recorded, lastProbes, room });
      if (actions.length > 0 && resyncing.delete(serviceId)) corrections += 1;
      // One that fails keeps no other from being done: what was seen of a route is written although another cannot be submitted.
      const results: PromiseSettledResult<void>[] = [];
      for (const action of actions) {
        // A scheduler asks for no lease: who was frozen since it read must not start what somebody else has ended meanwhile.
        if (leases.get(service.shard)?.epoch !== lease.epoch) throw new AppError("SUPERSEDED", `The lease of shard ${service.shard} was lost.`);
        results.push(...(await Promise.allSettled([apply(action, service, lease, hands)])));
        if (action.kind === "record" && results.at(-1)?.status === "fulfilled") known.wrote(seen);
      }
      for (const result of results) if (result.status === "rejected") throw result.reason;
      if (actions.every((action) => action.kind === "stop" || action.kind === "retry")) {
        resyncing.delete(serviceId);
        return lookAgainAt === null ? null : lookAgainAt.getTime() - service.readAt.getTime();
      }
    }
    return restMs;
  }

  function forget({ routes, sessions }: Forgotten, haveEnded: boolean): void {
    if (haveEnded) for (const id of sessions) observations.forget(id);
    for (const id of routes) {
      prober.watch(id, null);
      lastProbes.delete(id);
    }
  }

  /** What a probe means is written in the service's own turn, on the route as it is then. */
  async function judge(routeId: RouteId, attempt: string, outcome: ProbeOutcome): Promise<void> {
    const serviceId = known.serviceOfRoute(routeId);
    const believed = known.route(routeId);
    if (serviceId === null || believed === null) return;
    const newDetail = lastProbes.get(routeId) !== outcome.detail;
    if (outcome.passed) lastProbes.delete(routeId);
    else lastProbes.set(routeId, outcome.detail);
    if (judgeProbe(believed, outcome, newDetail) === null) return;
    const written = outcomes.add(serviceId, routeId, { attempt, outcome, newDetail });
    turns.wake(serviceId);
    await written;
  }

  /** @returns whether something was written. */
  async function recordOutcomes(service: ServiceState, lease: Lease): Promise<boolean> {
    const taken = outcomes.take(service);
    try {
      if (taken.changes.length > 0) await recordRoutes(database, lease, service.id, taken.changes);
    } finally {
      taken.release();
    }
    return taken.changes.length > 0;
  }

  async function wakeShards(shards: readonly number[]): Promise<void> {
    try {
      for (const id of await listLiveServiceIds(database, shards)) turns.wake(id);
    } catch (thrown) {
      log.warn({ reason: messageOf(thrown) }, "services could not be listed");
    }
  }

  async function followChanges(): Promise<void> {
    for await (const turnOfChanges of changes.subscribe(ending.signal, options.holder)) {
      if (turnOfChanges === "everything") await wakeShards(leases.shards());
      else for (const change of turnOfChanges) if (change.startsWith("service:")) turns.wake(change.slice("service:".length) as ServiceId);
      if (turnOfChanges === "everything" || turnOfChanges.has("installation")) orphans.look();
      if (turnOfChanges === "everything" || turnOfChanges.has("nodes")) nodes.look();
    }
  }

  /** Once everything is known. Without leases yet, the one before may still hold them: it is waited for. */
  async function lookAtAll(): Promise<void> {
    while (leases.shards().length === 0 && !ending.signal.aborted) await pause(leaseLookMs, undefined, { signal: ending.signal }).catch(() => {});
    await wakeShards(leases.shards());
    await turns.rest();
    firstPass.resolve();
  }

  async function followScheduler(): Promise<void> {
    for await (const batch of scheduler.watch(ending.signal)) {
      const first = !observations.complete;
      const news = observations.take(batch);
      if (first && observations.complete) void lookAtAll();
      for (const sessionId of news) {
        const serviceId = known.serviceOfSession(sessionId);
        if (serviceId !== null) turns.wake(serviceId);
        // Nobody here waits for the end of somebody else's session.
        else if (observations.known.get(sessionId)?.state === "GONE") observations.forget(sessionId);
      }
    }
  }

  validations = openValidations({ ...options, leases, probes });
  // Ends only with control itself. A bug that ends it earlier ends the process, so that whoever supervises it starts it again.
  const following = Promise.all([followChanges(), followScheduler()]);
  const resync = setInterval(() => {
    for (const serviceId of known.services()) resyncing.add(serviceId);
    void wakeShards(leases.shards());
  }, resyncEveryMs);

  return {
    firstPass: firstPass.promise,
    get corrections() {
      return corrections;
    },
    async [Symbol.asyncDispose]() {
      clearInterval(resync);
      ending.abort();
      outcomes.end();
      await orphans[Symbol.asyncDispose]();
      await nodes[Symbol.asyncDispose]();
      await validations?.[Symbol.asyncDispose]();
      await prober[Symbol.asyncDispose]();
      await probes[Symbol.asyncDispose]();
      await turns[Symbol.asyncDispose]();
      await following.catch(() => {});
      await leases[Symbol.asyncDispose]();
    },
  };
}

/** On its way back a rollout goes to another revision, for which there may be no room. */
const keyOf = ({ id, status }: RolloutState): string => `${id} ${status}`;

function targetOf(route: RouteState): Target | null {
  const probed = route.status === "WARMING_UP" || route.status === "HEALTHY" || route.status === "UNHEALTHY";
  if (!probed || route.host === null || route.port === null || route.attempt === null) return null;
  return {
    host: route.host,
    port: route.port,
    attempt: route.attempt,
    healthCheck: route.healthCheck,
    warmingUp: route.status === "WARMING_UP",
    failing: route.status === "UNHEALTHY" || route.probeFailures > 0,
  };
}
