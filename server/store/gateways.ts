/** What gateways tell: that they live, which draining routes they are done with, which tokens were used. */
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

/** By the database's clock: off by the seconds between two calls, and by no gateway's clock. */
export async function recordTokenUse(database: Database, ids: readonly TokenId[]): Promise<void> {
  await database.sql`update tokens set last_used_at = now() where id in ${database.sql([...ids])}`;
}
