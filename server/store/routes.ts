/**
 * What control writes of routes. (What it reads: service-state.ts.)
 *
 * Every write is one transaction: lock the service (so that events of one service commit in the order of their ids) under the
 * lease, change rows only where they still have the status that the writer believed, append history, refresh the status.
 */
import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import { routeEvents, routes } from "../../drizzle/tables/routes.ts";
import { rollouts, services } from "../../drizzle/tables/services.ts";
import { AppError } from "../failure.ts";
import { nothingKnown, type RouteChange, type RouteSwap } from "../model/control-state.ts";
import { newId, type RevisionId, type ServiceId, type SessionId } from "../model/ids.ts";
import { nextInSeat } from "../model/seat.ts";
import type { Database, Transaction } from "./database.ts";
import { lockUnderLease, type Lease } from "./leases.ts";
import { appendHistory } from "./route-history.ts";
import { refreshServiceStatus } from "./service-status.ts";

/** Live services of these shards. */
export async function listLiveServiceIds(database: Database, shards: readonly number[]): Promise<ServiceId[]> {
  if (shards.length === 0) return [];
  const rows = await database.db
    .select({ id: services.id })
    .from(services)
    .where(and(inArray(services.shard, [...shards]), isNull(services.terminatedAt)));
  return rows.map((row) => row.id);
}

export async function createRoutes(database: Database, lease: Lease, serviceId: ServiceId, revisionId: RevisionId, count: number): Promise<void> {
  await changeService(database, lease, serviceId, (tx) =>
    insertRoutes(
      tx,
      Array.from({ length: count }, () => ({ serviceId, revisionId, sessionId: newId("session"), predecessorId: null, message: "Created." })),
    ),
  );
}

type NewRoute = Pick<typeof routes.$inferInsert, "serviceId" | "revisionId" | "sessionId" | "predecessorId"> & { readonly message: string };

async function insertRoutes(tx: Transaction, wanted: readonly NewRoute[]): Promise<void> {
  const rows = wanted.map((row) => ({ ...row, id: newId("route"), status: "PENDING" as const }));
  await tx.insert(routes).values(rows.map(({ message: _message, ...row }) => row));
  await tx
    .insert(routeEvents)
    .values(rows.map(({ serviceId, id, status, message }) => ({ serviceId, routeId: id, kind: "STATUS", status, message })));
}

/** A route leaves, and another is to take over its seat; gateways learn of both and of the hold at once. */
export async function swapRoute(
  database: Database,
  lease: Lease,
  serviceId: ServiceId,
  { leaves, route, revisionId, holdUntil }: RouteSwap,
): Promise<void> {
  await changeService(database, lease, serviceId, async (tx) => {
    await recordAll(tx, serviceId, [leaves]);
    const sessionId = nextInSeat(route.sessionId);
    await insertRoutes(tx, [{ serviceId, revisionId, sessionId, predecessorId: route.id, message: `Created, to take over from ${route.id}.` }]);
    if (holdUntil !== null) await tx.update(services).set({ holdUntil }).where(eq(services.id, serviceId));
  });
}

/** Writes what was observed or decided of routes: what is there is updated, what happened is appended. */
export async function recordRoutes(database: Database, lease: Lease, serviceId: ServiceId, changes: readonly RouteChange[]): Promise<void> {
  await changeService(database, lease, serviceId, (tx) => recordAll(tx, serviceId, changes));
}

/** What needs no answer of another is sent without waiting for it. */
async function recordAll(tx: Transaction, serviceId: ServiceId, changes: readonly RouteChange[]): Promise<void> {
  const failure = changes.findLast((change) => change.failure !== undefined)?.failure;
  await Promise.all([
    ...changes.map((change) => updateRoute(tx, change)),
    appendHistory(tx, serviceId, changes),
    ...changes.filter(becomesHealthy).map((change) => learnStart(tx, serviceId, change)),
    ...(failure === undefined ? [] : [tx.update(services).set({ failure }).where(eq(services.id, serviceId))]),
  ]);
}

const becomesHealthy = ({ believed, transitions }: RouteChange) => believed === "WARMING_UP" && transitions.at(-1)?.status === "HEALTHY";

/** Half of what is known is the newest start. It began where the route was made or started anew. */
async function learnStart(tx: Transaction, serviceId: ServiceId, { routeId }: RouteChange): Promise<void> {
  const { startSeconds } = services;
  const began = sql`(
    select max(${routeEvents.at}) from ${routeEvents}
    where ${routeEvents.routeId} = ${routeId} and ${routeEvents.kind} = 'STATUS' and ${routeEvents.status} = 'SCHEDULING'
  )`;
  const took = sql`extract(epoch from now() - ${began})`;
  await tx
    .update(services)
    .set({ startSeconds: sql`coalesce((${startSeconds} + ${took}) / 2, ${took}, ${startSeconds})` })
    .where(eq(services.id, serviceId));
}

/** The last ten: a route that is started anew for months fills no row. */
const withPresentSession = sql<
  SessionId[]
>`(${routes.earlierSessions} || ${routes.sessionId})[greatest(cardinality(${routes.earlierSessions}) - 8, 1):]`;

async function updateRoute(tx: Transaction, change: RouteChange): Promise<void> {
  const status = change.transitions.at(-1)?.status;
  const written = await tx
    .update(routes)
    .set({
      ...change.patch,
      ...(status === undefined ? {} : { status, statusAt: sql`now()` }),
      ...(change.renewSession === true ? { sessionId: newId("session"), earlierSessions: withPresentSession, ...nothingKnown } : {}),
      ...(status === "TERMINATED" ? { terminatedAt: sql`now()` } : {}),
      // A set without columns is not valid SQL; the id never changes.
      id: change.routeId,
    })
    .where(and(eq(routes.id, change.routeId), eq(routes.status, change.believed)))
    .returning({ id: routes.id });
  if (written.length === 0) throw new AppError("SUPERSEDED", `route ${change.routeId} is no longer ${change.believed}`, { retry: true });
}

/** The service's end: only when none of its routes is live. Its address is free from here on. */
export async function finishTermination(database: Database, lease: Lease, serviceId: ServiceId): Promise<void> {
  await changeService(database, lease, serviceId, async (tx) => {
    await tx
      .update(services)
      .set({ terminatedAt: sql`now()` })
      .where(
        and(
          eq(services.id, serviceId),
          sql`${services.terminatingAt} is not null`,
          sql`not exists (select 1 from ${routes} where ${routes.serviceId} = ${serviceId} and ${routes.terminatedAt} is null)`,
        ),
      );
    await tx
      .update(rollouts)
      .set({ status: "SUPERSEDED", endedAt: sql`now()` })
      .where(and(eq(rollouts.serviceId, serviceId), isNull(rollouts.endedAt)));
  });
}

/** One transaction of control on one service. */
export async function changeService(
  database: Database,
  lease: Lease,
  serviceId: ServiceId,
  change: (tx: Transaction) => Promise<void>,
): Promise<void> {
  await database.db.transaction(async (tx) => {
    await lockUnderLease(tx, serviceId, lease);
    await change(tx);
    await refreshServiceStatus(tx, serviceId);
  });
}
