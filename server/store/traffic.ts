/** What gateways have counted of requests: written by them, read in steps, and deleted when it is old. */
import type { GatewayId, RevisionId, RouteId, ServiceId, TokenId } from "../model/ids.ts";
import { outcomes, place, placeCount } from "../model/traffic.ts";
import type { Database } from "./database.ts";

export type TrafficRow = {
  readonly serviceId: ServiceId;
  /** The beginning of the minute. */
  readonly at: Date;
  readonly subject: ServiceId | RouteId | TokenId;
  /** In the minute so far. */
  readonly counts: readonly number[];
  readonly inFlight: number;
};

/** @param turn goes up with every call of the gateway. */
export async function recordTraffic(database: Database, gatewayId: GatewayId, rows: readonly TrafficRow[], turn: number): Promise<void> {
  await database.sql`
    insert into traffic (service_id, at, subject, gateway_id, counts, in_flight, turn)
    select "serviceId", at, subject, ${gatewayId}, counts, "inFlight", ${turn}
    from json_to_recordset(${JSON.stringify(rows)}::text::json)
      as told ("serviceId" text, at timestamptz, subject text, counts bigint[], "inFlight" integer)
    on conflict (service_id, at, subject, gateway_id) do update
      set counts = excluded.counts, in_flight = excluded.in_flight, written_at = now(), turn = excluded.turn
      where traffic.turn < excluded.turn`;
}

export type TrafficBy = "SERVICE" | "REVISION" | "ROUTE";
export type TrafficSum = {
  /** Of the revision or route; null for the whole service, and for what no route has answered. */
  readonly id: RevisionId | RouteId | null;
  /** The beginning of the step. */
  readonly at: Date;
  readonly counts: readonly number[];
};
export type TrafficWish = { readonly from: Date; readonly to: Date; readonly stepSeconds: number; readonly by: TrafficBy };

/** Steps without a request are left out. `from` is the beginning of one. */
export async function readTraffic({ sql }: Database, serviceId: ServiceId, { from, to, stepSeconds, by }: TrafficWish): Promise<TrafficSum[]> {
  const sums = sql.unsafe(Array.from({ length: placeCount }, (_, at) => `sum(counts[${at + 1}])`).join(", "));
  const id = by === "SERVICE" ? sql`null` : by === "ROUTE" ? sql`routes.id` : sql`routes.revision_id`;
  const rows = await sql<{ id: RevisionId | RouteId | null; at: string; counts: number[] }[]>`
    select id, extract(epoch from at) as at, to_json(array[${sums}]) as counts
    from (
      select ${id} as id, date_bin(make_interval(secs => ${stepSeconds}), traffic.at, ${from.toISOString()}::timestamptz) as at, counts
      from traffic left join routes on routes.id = subject
      where traffic.service_id = ${serviceId} and traffic.at >= ${from.toISOString()} and traffic.at < ${to.toISOString()}
        and (routes.id is not null or subject = ${serviceId})
    ) as part
    group by 1, 2
    order by 1, 2`;
  return rows.map((row) => ({ ...row, at: new Date(Number(row.at) * 1000) }));
}

/** As the gateways said it last; null where none has said anything lately. */
export async function readInFlight({ sql }: Database, serviceId: ServiceId): Promise<number> {
  const [row] = await sql<{ inFlight: number }[]>`
    select coalesce(sum(in_flight), 0)::int as "inFlight" from (
      select distinct on (subject, gateway_id) in_flight, written_at from traffic
      where service_id = ${serviceId} and at > now() - interval '3 minutes' and subject not like 'tok\_%'
      order by subject, gateway_id, at desc
    ) as newest
    where written_at > now() - interval '15 seconds'`;
  return row?.inFlight ?? 0;
}

/** Requests in the last 24 hours. */
export async function countTokenRequests({ sql }: Database, ids: readonly TokenId[]): Promise<ReadonlyMap<TokenId, number>> {
  const requests = sql.unsafe(outcomes.map((_, at) => `coalesce(counts[${place.outcomes + at + 1}], 0)`).join(" + "));
  const rows = await sql<{ id: TokenId; requests: number }[]>`
    select tokens.id, coalesce(sum(${requests}), 0)::float8 as requests
    from tokens join traffic on traffic.service_id = tokens.service_id and traffic.subject = tokens.id and traffic.at > now() - interval '24 hours'
    where tokens.id in ${sql([...ids])}
    group by tokens.id`;
  return new Map(rows.map((row) => [row.id, row.requests]));
}

/** @returns how many there were. */
export async function deleteOldTraffic({ sql }: Database, keptDays: number): Promise<number> {
  const deleted = await sql`delete from traffic where at < now() - make_interval(days => ${keptDays})`;
  return deleted.count;
}
