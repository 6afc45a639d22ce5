/**
 * A service and what belongs to it, all of the same instant: what a subscriber is sent. One repeatable-read transaction, so that
 * a status never contradicts the routes beside it.
 *
 * `fingerprint` changes whenever something that can be seen has changed, and only then.
 */
import { and, asc, eq, inArray, isNull, sql } from "drizzle-orm";
import { routes, services, tokens } from "../../drizzle/tables.ts";
import type { ProjectId, ServiceId } from "../model/ids.ts";
import type { Database, Transaction } from "./database.ts";
import type { RouteRow } from "./route-reads.ts";
import type { ServiceRow } from "./services.ts";
import type { TokenRow } from "./tokens.ts";

export type ServiceSnapshot = ServiceRow & {
  /** Live ones, oldest first. */
  readonly liveRoutes: readonly RouteRow[];
  readonly tokens: readonly TokenRow[];
  readonly fingerprint: string;
};

/** @param wanted ids, or all that are live. */
export async function readServiceSnapshots(
  database: Database,
  projectId: ProjectId,
  wanted: readonly ServiceId[] | "live",
): Promise<ServiceSnapshot[]> {
  return database.db.transaction((tx) => readAll(tx, projectId, wanted), { isolationLevel: "repeatable read", accessMode: "read only" });
}

async function readAll(tx: Transaction, projectId: ProjectId, wanted: readonly ServiceId[] | "live"): Promise<ServiceSnapshot[]> {
  const which = wanted === "live" ? isNull(services.terminatedAt) : inArray(services.id, [...wanted]);
  const rows = await tx
    .select()
    .from(services)
    .where(and(eq(services.projectId, projectId), which))
    .orderBy(asc(services.createdAt), asc(services.id));
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.id);
  const [liveRoutes, tokenRows, newest] = await Promise.all([
    tx
      .select()
      .from(routes)
      .where(and(inArray(routes.serviceId, ids), isNull(routes.terminatedAt)))
      .orderBy(asc(routes.createdAt), asc(routes.id)),
    tx.select().from(tokens).where(inArray(tokens.serviceId, ids)).orderBy(asc(tokens.createdAt), asc(tokens.id)),
    readNewestEvents(tx, ids),
  ]);
  const routesOf = Map.groupBy(liveRoutes, (route) => route.serviceId);
  const tokensOf = Map.groupBy(tokenRows, (token) => token.serviceId);
  return rows.map((row) => {
    const parts = { liveRoutes: routesOf.get(row.id) ?? [], tokens: tokensOf.get(row.id) ?? [] };
    return { ...row, ...parts, fingerprint: JSON.stringify([row, parts, newest.get(row.id)]) };
  });
}

/** Where each history ends. Only a recent event is ever counted up, so the last fifty tell. */
async function readNewestEvents(tx: Transaction, ids: readonly ServiceId[]): Promise<ReadonlyMap<ServiceId, string>> {
  const newest = sql<string>`(
    select max(id) || ' ' || sum(repeats)
    from (select id, repeats from route_events where route_events.service_id = services.id order by id desc limit 50) as latest
  )`;
  const rows = await tx
    .select({ id: services.id, newest })
    .from(services)
    .where(inArray(services.id, [...ids]));
  return new Map(rows.map((row) => [row.id, row.newest]));
}
