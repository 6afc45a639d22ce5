/** What the history tells of starts: those under way, and the last that came to their end. Of routes and services that the caller may see. */
import type { RouteId, ServiceId } from "../model/ids.ts";
import type { LaunchEvent } from "../model/launch-timeline.ts";
import type { Database } from "./database.ts";

/** A hundred actions, and what happens around them; a route that has been restarted for weeks has more. */
const rowsMax = 300;
/** Where nothing was started among so many of a service's events, nothing is expected. */
const historyMax = 2000;
const startsMax = 5;

/** Raw statements get instants as text: milliseconds since 1970 need no parsing. */
type Raw<Row extends LaunchEvent> = Omit<Row, "at"> & { readonly atMs: number };
const read = <Row extends LaunchEvent>(rows: readonly Raw<Row>[]): Row[] =>
  rows.map(({ atMs, ...row }) => ({ ...row, at: new Date(atMs) }) as unknown as Row);

export type RouteLaunchRow = LaunchEvent & { readonly routeId: RouteId };

/** The newest of each route's, oldest first. */
export async function readLaunchEvents(database: Database, routeIds: readonly RouteId[]): Promise<RouteLaunchRow[]> {
  const rows = await database.sql<Raw<RouteLaunchRow>[]>`
    select e.route_id as "routeId", e.kind, e.status, (extract(epoch from e.at) * 1000)::float8 as "atMs", e.message, (e.action ->> 'index')::int as "actionIndex"
    from unnest(${database.sql.array([...routeIds])}::text[]) as wanted (id)
    cross join lateral (
      select * from route_events
      where route_id = wanted.id and kind in ('STATUS', 'PLACED', 'STARTED', 'ACTION', 'NOTE')
      order by id desc limit ${rowsMax}
    ) e
    order by e.id`;
  return read<RouteLaunchRow>(rows);
}

/** `start`: which one it belongs to. */
export type CompletedStartRow = LaunchEvent & { readonly serviceId: ServiceId; readonly start: string };

/** Of each service the last starts that led to a first pass, with the status before each, oldest first. */
export async function readCompletedStarts(database: Database, serviceIds: readonly ServiceId[]): Promise<CompletedStartRow[]> {
  const rows = await database.sql<Raw<CompletedStartRow>[]>`
    select wanted.id as "serviceId", passed.id::text as start, e.kind, e.status, (extract(epoch from e.at) * 1000)::float8 as "atMs", e.message, (e.action ->> 'index')::int as "actionIndex"
    from unnest(${database.sql.array([...serviceIds])}::text[]) as wanted (id)
    cross join lateral (
      select recent.id, recent.route_id from (
        select id, route_id, kind, status from route_events where service_id = wanted.id order by id desc limit ${historyMax}
      ) as recent
      where recent.kind = 'STATUS' and recent.status = 'HEALTHY' and 'WARMING_UP' = (
        select status from route_events as before
        where before.route_id = recent.route_id and before.kind = 'STATUS' and before.id < recent.id
        order by id desc limit 1
      )
      order by recent.id desc limit ${startsMax}
    ) as passed
    cross join lateral (
      select max(id) as id from route_events
      where route_id = passed.route_id and status = 'SCHEDULING' and id < passed.id
    ) as scheduled
    join route_events e on e.route_id = passed.route_id and e.id <= passed.id and e.kind in ('STATUS', 'PLACED', 'STARTED', 'ACTION', 'NOTE')
      and e.id >= coalesce((select max(id) from route_events where route_id = passed.route_id and kind = 'STATUS' and id < scheduled.id), scheduled.id)
    order by e.id`;
  return read<CompletedStartRow>(rows);
}
