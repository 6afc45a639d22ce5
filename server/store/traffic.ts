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
  /** The newest of what was added up. */
  readonly writtenAt: Date;
};
export type TrafficWish = { readonly from: Date; readonly to: Date; readonly stepSeconds: number; readonly by: TrafficBy };

/** Steps without a request are left out. `from` is the beginning of one. */
export async function readTraffic({ sql }: Database, serviceId: ServiceId, { from, to, stepSeconds, by }: TrafficWish): Promise<TrafficSum[]> {
  const sums = sql.unsafe(Array.from({ length: placeCount }, (_, at) => `sum(counts[${at + 1}])`).join(", "));
  const id = by === "SERVICE" ? sql`null::text` : by === "ROUTE" ? sql`routes.id` : sql`routes.revision_id`;
  const rows = await sql<{ id: RevisionId | RouteId | null; at: string; counts: number[]; writtenAt: string }[]>`
    select id, to_json(part.at) as at, to_json(array[${sums}]) as counts, to_json(max(written_at)) as "writtenAt"
    from (
      select ${id} as id, date_bin(make_interval(secs => ${stepSeconds}), traffic.at, ${from.toISOString()}::timestamptz) as at, counts, written_at
      from traffic left join routes on routes.id = subject
      where traffic.service_id = ${serviceId} and traffic.at >= ${from.toISOString()} and traffic.at < ${to.toISOString()}
        and (routes.id is not null or subject = ${serviceId})
    ) as part
    group by id, part.at
    order by part.at`;
  return rows.map((row) => ({ ...row, at: new Date(row.at), writtenAt: new Date(row.writtenAt) }));
}

/** As living gateways have said it last. */
export async function readInFlight({ sql }: Database, serviceId: ServiceId): Promise<number> {
  const [row] = await sql<{ inFlight: number }[]>`
    select coalesce(sum(in_flight), 0)::int as "inFlight" from (
      select distinct on (subject, gateway_id) in_flight, written_at from traffic
      where service_id = ${serviceId} and at > now() - interval '3 minutes' and left(subject, 4) <> 'tok_'
      order by subject, gateway_id, at desc
    ) as newest
    where written_at > now() - interval '15 seconds'`;
  return row?.inFlight ?? 0;
}

export type TokenRequests = { readonly id: TokenId; readonly requests: number };

/** In the last 24 hours; without tokens that had none. */
export async function countTokenRequests({ sql }: Database, ids: readonly TokenId[]): Promise<readonly TokenRequests[]> {
  const requests = sql.unsafe(outcomes.map((_, at) => `counts[${place.outcomes + at + 1}]`).join(" + "));
  return sql<TokenRequests[]>`
    select tokens.id, sum(${requests})::float8 as requests
    from tokens join traffic on traffic.service_id = tokens.service_id and traffic.subject = tokens.id and traffic.at > now() - interval '24 hours'
    where tokens.id in ${sql([...ids])}
    group by tokens.id`;
}
