/**
 * A service and what belongs to it, all of the same instant: what a subscriber is sent. One repeatable-read transaction, so that
 * a status never contradicts the routes beside it.
 *
 * `fingerprint` changes whenever something that can be seen has changed, and only then.
 */
import { and, asc, eq, inArray, isNull, sql } from "drizzle-orm";
import { tokens } from "../../drizzle/tables/access.ts";
import { routes } from "../../drizzle/tables/routes.ts";
import { rollouts, services } from "../../drizzle/tables/services.ts";
import type { ProjectId, ServiceId } from "../model/ids.ts";
import type { Database, Transaction } from "./database.ts";
import { hasChanged, selectDefinitionChanges, type DefinitionChange } from "./definition-hash.ts";
import { selectNewestRollouts, type RolloutRow } from "./rollouts.ts";
import type { RouteRow } from "./route-reads.ts";
import type { ServiceRow } from "./services.ts";
import type { TokenRow } from "./tokens.ts";

export type ServiceSnapshot = ServiceRow & {
  /** Live ones, oldest first. */
  readonly liveRoutes: readonly RouteRow[];
  readonly tokens: readonly TokenRow[];
  readonly definitionChange: DefinitionChange | null;
  /** The live one, else the newest; null where there never was one. */
  readonly rollout: RolloutRow | null;
  readonly fingerprint: string;
};

/**
 * A subscriber waits for this, so it takes three round trips and not ten: the level travels with the questions, and these are
 * prepared, which is also what lets postgres.js send them together. Their text is the same for any number of services.
 *
 * @param wanted ids, or all that are live.
 */
export async function readServiceSnapshots(
  database: Database,
  projectId: ProjectId,
  wanted: readonly ServiceId[] | "live",
): Promise<ServiceSnapshot[]> {
  return database.db.transaction((tx) => readAll(tx, projectId, wanted));
}

async function readAll(tx: Transaction, projectId: ProjectId, wanted: readonly ServiceId[] | "live"): Promise<ServiceSnapshot[]> {
  const among = wanted === "live" ? isNull(services.terminatedAt) : sql`${services.id} = any(${sql.param([...wanted])})`;
  const which = and(eq(services.projectId, projectId), among);
  const ids = tx.select({ id: services.id }).from(services).where(which);
  const [, rows, liveRoutes, tokenRows, newest, changes, rolloutRows] = await Promise.all([
    tx.setTransaction({ isolationLevel: "repeatable read", accessMode: "read only" }),
    tx.select().from(services).where(which).orderBy(asc(services.createdAt), asc(services.id)).prepare("snapshot_services").execute(),
    tx
      .select()
      .from(routes)
      .where(and(inArray(routes.serviceId, ids), isNull(routes.terminatedAt)))
      .orderBy(asc(routes.createdAt), asc(routes.id))
      .prepare("snapshot_routes")
      .execute(),
    tx
      .select()
      .from(tokens)
      .where(inArray(tokens.serviceId, ids))
      .orderBy(asc(tokens.createdAt), asc(tokens.id))
      .prepare("snapshot_tokens")
      .execute(),
    tx.select({ id: services.id, end: endOfHistory }).from(services).where(which).prepare("snapshot_events").execute(),
    selectDefinitionChanges(tx).where(and(which, hasChanged)).prepare("snapshot_definitions").execute(),
    selectNewestRollouts(tx).where(inArray(rollouts.serviceId, ids)).prepare("snapshot_rollouts").execute(),
  ]);
  const routesOf = Map.groupBy(liveRoutes, (route) => route.serviceId);
  const tokensOf = Map.groupBy(tokenRows, (token) => token.serviceId);
  const changeOf = new Map(changes.map((change) => [change.serviceId, change]));
  const rolloutOf = new Map(rolloutRows.map((rollout) => [rollout.serviceId, rollout]));
  const endOf = new Map(newest.map(({ id, end }) => [id, end]));
  return rows.map((row) => {
    const definitionChange = changeOf.get(row.id) ?? null;
    const rollout = rolloutOf.get(row.id) ?? null;
    const parts = { liveRoutes: routesOf.get(row.id) ?? [], tokens: tokensOf.get(row.id) ?? [], definitionChange, rollout };
    return { ...row, ...parts, fingerprint: JSON.stringify([row, parts, endOf.get(row.id)]) };
  });
}

/** Where each history ends. Only a recent event is ever counted up, so the last fifty tell. */
const endOfHistory = sql<string>`(
  select max(id) || ' ' || sum(repeats)
  from (select id, repeats from route_events where route_events.service_id = services.id order by id desc limit 50) as latest
)`;
