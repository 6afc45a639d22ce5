/** Carries out what was planned: each action is safe to repeat, and every write is fenced by the lease. */
import type { RolloutState, RouteState, ServiceState } from "../model/control-state.ts";
import { AppError, messageOf } from "../failure.ts";
import type { Log } from "../log.ts";
import type { ServiceId, SessionId } from "../model/ids.ts";
import { findRoom, nodesOfOthers, type Room } from "../model/room.ts";
import { sessionOf } from "../model/session-of.ts";
import type { Scheduler } from "../scheduler/scheduler.ts";
import { pullsWithCredentials } from "../store/image-registries.ts";
import type { Lease } from "../store/leases.ts";
import { recordRollout } from "../store/record-rollout.ts";
import { createRoutes, finishTermination, recordRoutes, swapRoute } from "../store/routes.ts";
import type { Action } from "./plan.ts";
import { readSecretsFor, type Keys } from "./read-secrets.ts";

export type Hands = Keys & {
  readonly scheduler: Scheduler;
  /** Between SIGTERM and SIGKILL, once a route is drained. */
  readonly stopGraceMs: number;
  readonly log: Log;
  foundRoom(id: ServiceId, rollout: RolloutState, room: Room): void;
  /** The scheduler has accepted it: known from now on, before the first observation of it arrives. */
  submitted(id: SessionId): void;
};

export async function apply(action: Action, service: ServiceState, lease: Lease, hands: Hands): Promise<void> {
  const { database, scheduler } = hands;
  switch (action.kind) {
    case "record":
      return recordRoutes(database, lease, service.id, action.changes);
    case "create":
      return createRoutes(database, lease, service.id, action.revisionId, action.count);
    case "swap":
      return swapRoute(database, lease, service.id, action.swap);
    case "rollout":
      return recordRollout(database, lease, service.id, action.change);
    case "preview":
      return look(service, hands);
    case "finish":
      return finishTermination(database, lease, service.id);
    case "stop":
      return scheduler.stop(action.sessionId, hands.stopGraceMs);
    case "retry":
      return scheduler.retry(action.sessionId);
    case "submit":
    case "replace": {
      const { route } = action;
      const revision = service.revisions.get(route.revisionId);
      if (revision === undefined) return;
      const opened = await readSecretsFor(route, revision, service, lease, hands);
      const session = sessionOf(service, revision, route, nodesOfOthers(service, route.id), opened);
      const submitted = action.kind === "submit" ? scheduler.submit(session) : scheduler.replace(action.old, session);
      await submitted.catch((thrown: unknown) => tellWhyNot(thrown, route, service, lease, hands));
      hands.submitted(route.sessionId);
    }
  }
}

/** A scheduler without a leader, or one that refuses, is the reason why the route waits: said once, and tried again as ever. */
async function tellWhyNot(thrown: unknown, route: RouteState, service: ServiceState, lease: Lease, { database }: Hands): Promise<never> {
  const isItsWord = thrown instanceof AppError && (thrown.code === "SCHEDULER_UNAVAILABLE" || thrown.code === "SCHEDULER_REFUSED");
  if (isItsWord && route.status === "PENDING" && route.statusReason !== thrown.publicMessage) {
    const change = { routeId: route.id, believed: route.status, transitions: [], patch: { statusReason: thrown.publicMessage }, history: [] };
    await recordRoutes(database, lease, service.id, [change]);
  }
  throw thrown;
}

/** Would one more route of what the service should be on find a place? A scheduler that does not answer is no reason to go in place. */
async function look(service: ServiceState, { scheduler, database, foundRoom, log }: Hands): Promise<void> {
  if (service.rollout === null) return;
  const isPrivate = await pullsWithCredentials(database, service);
  const found = await findRoom(service, (session) => scheduler.preview(session), isPrivate).catch((thrown: unknown) => {
    log.debug({ service: service.id, reason: messageOf(thrown) }, "the scheduler could not say whether there is room");
    return null;
  });
  foundRoom(service.id, service.rollout, found ?? { fits: true });
}
