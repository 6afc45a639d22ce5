/** What kept routes from serving, and nobody has cleared: the errors of a service's page. The history keeps the others. */
import { sql } from "drizzle-orm";
import type { ServiceId } from "../model/ids.ts";
import type { Database } from "./database.ts";
import type { RouteEventRow } from "./route-events.ts";
import { routeEvents } from "../../drizzle/tables/routes.ts";

const perServiceMax = 100;

/** The newest hundred of each service, newest first. Clearing leaves a row of its own in the history: what stands after it is not cleared. */
export async function readRouteErrors(database: Database, serviceIds: readonly ServiceId[]): Promise<RouteEventRow[]> {
  const newest = database.db
    .select({
      id: routeEvents.id,
      place: sql<number>`row_number() over (partition by ${routeEvents.serviceId} order by ${routeEvents.id} desc)`.as("place"),
    })
    .from(routeEvents)
    .where(
      sql`${routeEvents.serviceId} = any(${sql.param([...serviceIds])}) and ${routeEvents.kind} = 'FAILURE' and ${routeEvents.id} > coalesce(
        (select max(cleared.id) from route_events cleared where cleared.service_id = ${routeEvents.serviceId} and cleared.kind = 'CLEARED'), 0)`,
    )
    .as("newest");
  return database.db
    .select()
    .from(routeEvents)
    .where(sql`${routeEvents.id} in (select id from ${newest} where place <= ${perServiceMax})`)
    .orderBy(sql`${routeEvents.id} desc`);
}
