/** Routes as the API reads them; control's side is routes.ts. Bounded by the project of their service. */
import { and, asc, desc, eq, inArray, isNull, sql, type InferSelectModel } from "drizzle-orm";
import { routes } from "../../drizzle/tables/routes.ts";
import { revisions, services } from "../../drizzle/tables/services.ts";
import type { ProjectId, RouteId, ServiceId, SessionId } from "../model/ids.ts";
import type { StoredVariable } from "../model/service-spec.ts";
import type { Database } from "./database.ts";

export type RouteRow = InferSelectModel<typeof routes>;

export async function readRoutes(database: Database, projectId: ProjectId, ids: readonly RouteId[]): Promise<RouteRow[]> {
  const rows = await database.db
    .select({ route: routes })
    .from(routes)
    .innerJoin(services, eq(services.id, routes.serviceId))
    .where(and(eq(services.projectId, projectId), inArray(routes.id, [...ids])));
  return rows.map((row) => row.route);
}

/** Of services that the caller may see; oldest first. */
export async function readRoutesOfServices(database: Database, serviceIds: readonly ServiceId[], which: "live" | "all"): Promise<RouteRow[]> {
  return database.db
    .select()
    .from(routes)
    .where(and(inArray(routes.serviceId, [...serviceIds]), which === "live" ? isNull(routes.terminatedAt) : undefined))
    .orderBy(asc(routes.createdAt), asc(routes.id));
}

/** Of each of the services, which the caller may see, those that ended last, the last of them first. */
export async function readEndedRoutes(database: Database, serviceIds: readonly ServiceId[], max: number): Promise<RouteRow[]> {
  return database.db
    .select()
    .from(routes)
    .where(
      sql`${routes.id} in (
        select ended.id from unnest(${sql.param([...serviceIds])}::text[]) as wanted (id)
        cross join lateral (
          select id from routes as other where other.service_id = wanted.id and other.terminated_at is not null
          order by other.terminated_at desc, other.id desc limit ${max}
        ) as ended
      )`,
    )
    .orderBy(desc(routes.terminatedAt), desc(routes.id));
}

export type RouteOfLog = {
  readonly id: RouteId;
  readonly sessionId: SessionId;
  readonly earlierSessions: readonly SessionId[];
  readonly serviceId: ServiceId;
  readonly serviceName: string;
  readonly terminatedAt: Date | null;
  /** What its session was given. */
  readonly variables: readonly StoredVariable[];
};

export async function findRouteOfLog(database: Database, projectId: ProjectId, id: RouteId): Promise<RouteOfLog | null> {
  const [row] = await database.db
    .select({
      id: routes.id,
      sessionId: routes.sessionId,
      earlierSessions: routes.earlierSessions,
      serviceId: routes.serviceId,
      serviceName: services.name,
      terminatedAt: routes.terminatedAt,
      variables: revisions.variables,
    })
    .from(routes)
    .innerJoin(services, eq(services.id, routes.serviceId))
    .innerJoin(revisions, eq(revisions.id, routes.revisionId))
    .where(and(eq(services.projectId, projectId), eq(routes.id, id)));
  return row ?? null;
}
