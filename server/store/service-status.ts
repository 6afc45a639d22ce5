/**
 * Keeps a service's status in step with its rows: every transaction that changes a service or its routes ends with
 * `refreshServiceStatus`, so nobody ever reads a status that contradicts the routes beside it. Whoever calls it has locked the service:
 * it reads everything in one statement, which would be older than the lock if it had to wait for it.
 */
import { and, asc, eq, isNull } from "drizzle-orm";
import { routes } from "../../drizzle/tables/routes.ts";
import { revisions, rollouts, services } from "../../drizzle/tables/services.ts";
import type { ServiceId } from "../model/ids.ts";
import { isCurrent } from "../model/control-state.ts";
import { awaitsPromotion, weightOf } from "../model/rollout-progress.ts";
import { deriveServiceStatus, type RolloutSummary, servesRevision } from "../model/service-status.ts";
import type { Transaction } from "./database.ts";

export async function refreshServiceStatus(tx: Transaction, serviceId: ServiceId): Promise<void> {
  const rows = await tx
    .select({
      service: {
        status: services.status,
        reason: services.statusReason,
        desiredRouteCount: services.desiredRouteCount,
        failure: services.failure,
        terminatingAt: services.terminatingAt,
        terminatedAt: services.terminatedAt,
        revisionId: services.revisionId,
        restartedAt: services.restartedAt,
        stableRevisionId: services.stableRevisionId,
        notice: services.notice,
        holdUntil: services.holdUntil,
      },
      revision: { number: revisions.number, definitionProblems: revisions.definitionProblems },
      rollout: {
        status: rollouts.status,
        mode: rollouts.mode,
        kind: rollouts.kind,
        policy: rollouts.policy,
        step: rollouts.step,
        stepAt: rollouts.stepAt,
        promoted: rollouts.promoted,
      },
      route: {
        status: routes.status,
        statusReason: routes.statusReason,
        retryAt: routes.retryAt,
        revisionId: routes.revisionId,
        createdAt: routes.createdAt,
      },
    })
    .from(services)
    .leftJoin(revisions, eq(revisions.id, services.revisionId))
    .leftJoin(rollouts, and(eq(rollouts.serviceId, services.id), isNull(rollouts.endedAt)))
    .leftJoin(routes, and(eq(routes.serviceId, services.id), isNull(routes.terminatedAt)))
    .where(eq(services.id, serviceId))
    .orderBy(asc(routes.createdAt), asc(routes.id))
    .for("update", { of: services });
  const [first] = rows;
  if (first === undefined) return;
  const { service: row, revision } = first;
  const rollout = summaryOf(first.rollout);
  const input = {
    terminating: row.terminatingAt !== null,
    terminated: row.terminatedAt !== null,
    desiredRouteCount: row.desiredRouteCount,
    definitionProblems: revision?.definitionProblems ?? [],
    failure: row.failure,
    revisionNumber: revision?.number ?? 1,
    rollout,
    notice: row.notice,
    routes: rows.flatMap(({ route }) => (route === null ? [] : { ...route, isCurrent: isCurrent(route, row) })),
  };
  const { status, reason } = deriveServiceStatus(input);
  // Having become HEALTHY on its revision ends the story of a failure; it stays in the history.
  const isServed = status === "HEALTHY" && servesRevision(input);
  const failure = isServed ? null : row.failure;
  // A rollout says by itself when it is done.
  const stableRevisionId = isServed && rollout === null ? row.revisionId : row.stableRevisionId;
  // What was to be waited for is there. During a rollout another seat may be handed on next.
  const holdUntil = status === "HEALTHY" && rollout === null ? null : row.holdUntil;
  const isSame = status === row.status && reason === row.reason && failure === row.failure && holdUntil === row.holdUntil;
  if (isSame && stableRevisionId === row.stableRevisionId) return;
  await tx.update(services).set({ status, statusReason: reason, failure, stableRevisionId, holdUntil }).where(eq(services.id, serviceId));
}

type LiveRollout = Pick<typeof rollouts.$inferSelect, "status" | "mode" | "kind" | "policy" | "step" | "stepAt" | "promoted">;

function summaryOf(row: LiveRollout | null): RolloutSummary | null {
  if (row === null || (row.status !== "ROLLING" && row.status !== "REVERTING")) return null;
  const { status, mode, kind } = row;
  return { status, mode, kind, weight: weightOf(row), awaitsPromotion: awaitsPromotion(row) };
}
