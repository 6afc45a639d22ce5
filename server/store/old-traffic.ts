/**
 * What was counted of requests, when it is old: minutes of the last two days, then hours, then nothing. Reading a week would otherwise cost a
 * second for every ten routes.
 */
import { placeCount } from "../model/traffic.ts";
import { minutesKeptDays } from "../model/traffic-steps.ts";
import type { Database } from "./database.ts";

const everyPlace = (sum: (place: string) => string): string =>
  `array[${Array.from({ length: placeCount }, (_, at) => sum(`counts[${at + 1}]`)).join(", ")}]`;

/** Of all gateways together: their own rows are gone. What one tells of a minute for the first time after two days is added at the next call. */
export async function mergeOldMinutes({ sql }: Database): Promise<void> {
  await sql`
    with minutes as (
      delete from traffic where gateway_id <> '' and at < date_trunc('hour', now() - make_interval(days => ${minutesKeptDays})) returning service_id, at, subject, counts
    )
    insert into traffic (service_id, at, subject, gateway_id, counts, in_flight, turn)
    select service_id, date_trunc('hour', at), subject, '', ${sql.unsafe(everyPlace((place) => `sum(${place})::bigint`))}, 0, 0
    from minutes group by 1, 2, 3
    on conflict (service_id, at, subject, gateway_id) do update
      set counts = ${sql.unsafe(everyPlace((place) => `traffic.${place} + excluded.${place}`))}`;
}

/** @returns how many there were. */
export async function deleteOldTraffic({ sql }: Database, keptDays: number): Promise<number> {
  const deleted = await sql`delete from traffic where at < now() - make_interval(days => ${keptDays})`;
  return deleted.count;
}
