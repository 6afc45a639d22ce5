/** The history's retention: what is told of a service stays for 90 days and at least its last 1,000 events, and never more than 20,000. */
import type { ServiceId } from "../model/ids.ts";
import type { Database } from "./database.ts";

const keptDays = 90;
const keptAlways = 1000;
const keptMax = 20_000;

/** @returns how many there were. */
export async function deleteOldEvents(database: Database): Promise<number> {
  const long = await database.sql<{ id: ServiceId; mayGo: string; mustGo: string | null }[]>`
    select s.id, may.id as "mayGo", must.id as "mustGo" from services s
    cross join lateral (select id from route_events where service_id = s.id order by id desc offset ${keptAlways} limit 1) may
    left join lateral (select id from route_events where service_id = s.id order by id desc offset ${keptMax} limit 1) must on true`;
  let count = 0;
  for (const { id, mayGo, mustGo } of long) {
    const deleted = await database.sql`
      delete from route_events where service_id = ${id} and id <= ${mayGo}
        and (id <= ${mustGo ?? 0} or at < now() - make_interval(days => ${keptDays}))`;
    count += deleted.count;
  }
  return count;
}
