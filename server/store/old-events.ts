/** The history's retention: what is told of a service stays for 90 days and at least its last 1,000 events, and never more than 20,000. */
import type { Database } from "./database.ts";

const keptDays = 90;
const keptAlways = 1000;
const keptMax = 20_000;
/** So that no statement holds its locks for long. */
const atOnce = 5000;

/** @returns how many there were. */
export async function deleteOldEvents(database: Database): Promise<number> {
  let total = 0;
  for (;;) {
    const rows = await database.sql`
      delete from route_events where id in (
        select e.id from services s
        cross join lateral (
          select
            (select id from route_events where service_id = s.id order by id desc offset ${keptAlways} limit 1) as "mayGo",
            (select id from route_events where service_id = s.id order by id desc offset ${keptMax} limit 1) as "mustGo"
        ) edge
        join route_events e on e.service_id = s.id
          and (e.id <= edge."mustGo" or (e.id <= edge."mayGo" and e.at < now() - make_interval(days => ${keptDays})))
        limit ${atOnce}
      )`;
    total += rows.count;
    if (rows.count < atOnce) return total;
  }
}
