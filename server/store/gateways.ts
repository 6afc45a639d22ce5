/** What gateways tell: that they live, which draining routes they are done with, which tokens were used. */
import type { TakenPort } from "../../drizzle/tables/processes.ts";
import type { GatewayId, RouteId, TokenId } from "../model/ids.ts";
import type { TokenUse } from "../model/token-limits.ts";
import type { Database } from "./database.ts";

export type TokenUses = Readonly<Record<TokenId, TokenUse>>;

/** What one gateway tells every second. */
export type Beat = {
  readonly idleDrainingRoutes: readonly RouteId[];
  /** Of tokens that have limits. */
  readonly tokenUse: TokenUses;
};

/**
 * Also clears away gateways that have not been seen for a minute: they can no longer do it themselves.
 *
 * @returns what the other living gateways have told of tokens.
 */
export async function recordGateway(database: Database, id: GatewayId, beat: Beat): Promise<ReadonlyMap<GatewayId, TokenUses>> {
  const rows = await database.sql<{ id: GatewayId; tokenUse: TokenUses }[]>`
    with gone as (delete from gateways where seen_at < now() - interval '1 minute' and id <> ${id}),
    told as (
      insert into gateways (id, seen_at, idle_draining_routes, token_use)
      values (${id}, now(), ${JSON.stringify(beat.idleDrainingRoutes)}::text::jsonb, ${JSON.stringify(beat.tokenUse)}::text::jsonb)
      on conflict (id) do update set seen_at = excluded.seen_at, idle_draining_routes = excluded.idle_draining_routes, token_use = excluded.token_use
    )
    select id, token_use as "tokenUse" from gateways where id <> ${id} and seen_at > now() - interval '5 seconds' and token_use <> '{}'::jsonb`;
  return new Map(rows.map((row) => [row.id, row.tokenUse]));
}

export async function deleteGateway(database: Database, id: GatewayId): Promise<void> {
  await database.sql`delete from gateways where id = ${id}`;
}

/**
 * Says of every service whether a living gateway cannot open its port. To be called again every now and then, for a gateway that has died
 * takes back nothing.
 */
export async function recordTakenPorts(database: Database, id: GatewayId, taken: readonly TakenPort[]): Promise<void> {
  await database.sql`
    insert into gateways (id, taken_ports) values (${id}, ${JSON.stringify(taken)}::text::jsonb)
    on conflict (id) do update set taken_ports = excluded.taken_ports`;
  await database.sql`
    update services set endpoint_problem = told.reason
    from (
      select s.id, min(taken.reason) as reason
      from services s
      left join (
        select port, reason from gateways, jsonb_to_recordset(taken_ports) as said (port int, reason text)
        where seen_at > now() - interval '5 seconds'
      ) as taken on taken.port = s.endpoint_port
      where s.terminated_at is null
      group by s.id
    ) as told
    where services.id = told.id and services.endpoint_problem is distinct from told.reason`;
}

/** By the database's clock: off by the seconds between two calls, and by no gateway's clock. */
export async function recordTokenUse(database: Database, ids: readonly TokenId[]): Promise<void> {
  await database.sql`update tokens set last_used_at = now() where id in ${database.sql([...ids])}`;
}
