/**
 * Keeps a service's status in step with its rows: every transaction that changes a service or its routes ends with
 * `refreshServiceStatus`, so nobody ever reads a status that contradicts the routes beside it.
 */
import { and, asc, eq, isNull } from "drizzle-orm";
import { routes } from "../../drizzle/tables/routes.ts";
import { revisions, services } from "../../drizzle/tables/services.ts";
import type { ServiceId } from "../model/ids.ts";
import { deriveServiceStatus, servesRevision } from "../model/service-status.ts";
import type { Transaction } from "./database.ts";

export async function refreshServiceStatus(tx: Transaction, serviceId: ServiceId): Promise<void> {
  const [row] = await tx
    .select({
      status: services.status,
      reason: services.statusReason,
      desiredRouteCount: services.desiredRouteCount,
      failure: services.failure,
      terminatingAt: services.terminatingAt,
      terminatedAt: services.terminatedAt,
      revisionId: services.revisionId,
      revisionNumber: revisions.number,
      definitionProblems: revisions.definitionProblems,
    })
    .from(services)
    .leftJoin(revisions, eq(revisions.id, services.revisionId))
    .where(eq(services.id, serviceId))
    .for("update", { of: services });
  if (row === undefined) return;
  const live = await tx
    .select({ status: routes.status, statusReason: routes.statusReason, retryAt: routes.retryAt, revisionId: routes.revisionId })
    .from(routes)
    .where(and(eq(routes.serviceId, serviceId), isNull(routes.terminatedAt)))
    .orderBy(asc(routes.createdAt), asc(routes.id));
  const input = {
    terminating: row.terminatingAt !== null,
    terminated: row.terminatedAt !== null,
    desiredRouteCount: row.desiredRouteCount,
    definitionProblems: row.definitionProblems ?? [],
    failure: row.failure,
    revisionNumber: row.revisionNumber ?? 1,
    routes: live.map((route) => ({ ...route, isCurrent: route.revisionId === row.revisionId })),
  };
  const { status, reason } = deriveServiceStatus(input);
  // Having become HEALTHY on its revision ends the story of a failure; it stays in the history.
  const failure = status === "HEALTHY" && servesRevision(input) ? null : row.failure;
  if (status === row.status && reason === row.reason && failure === row.failure) return;
  await tx.update(services).set({ status, statusReason: reason, failure }).where(eq(services.id, serviceId));
}
