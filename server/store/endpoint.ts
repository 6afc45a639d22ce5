/**
 * The permanent address of a service: given at creation, never changed, never held by two live services.
 *
 * A template with `{port}` gives every service a port of its own. Of the free ones the port comes first that never had a
 * service, then the one that was freed longest ago: a client that still calls the address of a service that is gone should meet
 * nobody for as long as possible. Whoever chooses holds a lock until its transaction ends, so no two choose the same one; the
 * unique index would refuse them all the same.
 *
 * A template with `{service}` gives a host name. It stays when the service is renamed, so a later service of the old name
 * can be refused for its address.
 */
import { sql } from "drizzle-orm";
import { conflict, done, type Outcome } from "../model/problem.ts";
import type { Transaction } from "./database.ts";

export type EndpointRule = {
  /** Contains `{port}` or `{service}`. */
  readonly urlTemplate: string;
  /** Both included. */
  readonly ports: { readonly from: number; readonly to: number };
};

export type Endpoint = { readonly endpoint: string; readonly endpointPort: number | null; readonly endpointHost: string | null };

const choosingLock = 7_253_242;

export async function chooseEndpoint(tx: Transaction, rule: EndpointRule, serviceName: string): Promise<Outcome<Endpoint>> {
  if (!rule.urlTemplate.includes("{port}")) {
    const endpoint = rule.urlTemplate.replaceAll("{service}", serviceName);
    return done({ endpoint, endpointPort: null, endpointHost: new URL(endpoint).hostname });
  }
  const { from, to } = rule.ports;
  await tx.execute(sql`select pg_advisory_xact_lock(${choosingLock})`);
  const [row] = await tx.execute<{ port: number }>(sql`
    select port
    from generate_series(${from}::int, ${to}::int) as port
    left join (
      select endpoint_port, max(terminated_at) as freed_at, bool_or(terminated_at is null) as taken
      from services
      where endpoint_port between ${from}::int and ${to}::int
      group by endpoint_port
    ) as held on held.endpoint_port = port
    where taken is not true
    order by freed_at nulls first, port
    limit 1`);
  if (row === undefined) {
    return conflict(`Every port from ${from} to ${to} has a service: terminate one, or widen SERAI_ENDPOINT_PORTS.`);
  }
  const endpoint = rule.urlTemplate.replaceAll("{port}", String(row.port)).replaceAll("{service}", serviceName);
  return done({ endpoint, endpointPort: row.port, endpointHost: null });
}
