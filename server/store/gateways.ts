/** What gateways tell: that they live, which draining routes they are done with, which tokens were used. */
import type { GatewayId, RouteId, TokenId } from "../model/ids.ts";
import type { Database } from "./database.ts";

/** Also clears away gateways that have not been seen for a minute: they can no longer do it themselves. */
export async function recordGateway(database: Database, id: GatewayId, idleDrainingRoutes: readonly RouteId[]): Promise<void> {
  await database.sql`
    with gone as (delete from gateways where seen_at < now() - interval '1 minute' and id <> ${id})
    insert into gateways (id, seen_at, idle_draining_routes)
    values (${id}, now(), ${JSON.stringify(idleDrainingRoutes)}::text::jsonb)
    on conflict (id) do update set seen_at = excluded.seen_at, idle_draining_routes = excluded.idle_draining_routes`;
}

export async function deleteGateway(database: Database, id: GatewayId): Promise<void> {
  await database.sql`delete from gateways where id = ${id}`;
}

/** By the database's clock: off by the seconds between two calls, and by no gateway's clock. */
export async function recordTokenUse(database: Database, ids: readonly TokenId[]): Promise<void> {
  await database.sql`update tokens set last_used_at = now() where id in ${database.sql([...ids])}`;
}
