/**
 * What a gateway knows: which services there are, where their healthy routes answer, which tokens are revoked.
 *
 * A table is a value that is never changed: a new one takes its place as a whole, so that a request never sees half of a change.
 */
import type { RouteId, ServiceId, TokenId } from "../model/ids.ts";
import type { ServiceStatus } from "../model/service-status.ts";
import type { TokenLimits } from "../model/token-limits.ts";
import type { RouteTableRow } from "../store/route-table.ts";

export type RouteAddress = RouteTableRow["routes"][number];

export type TableService = {
  readonly id: ServiceId;
  readonly status: ServiceStatus;
  readonly openToPublic: boolean;
  /** As clients use it: what ends TLS in front of the gateway is not seen from here. */
  readonly protocol: "http" | "https";
  /** Only healthy ones. */
  readonly routes: readonly RouteAddress[];
  /** Per cent of the requests that routes on the new revision get; null where load alone decides. */
  readonly newWeight: number | null;
  /** While there are no healthy routes, requests may wait until then, on this process's own clock (`performance.now()`). */
  readonly holdUntilMs: number | null;
  readonly revokedTokens: ReadonlySet<TokenId>;
  /** Of tokens that have any. */
  readonly tokenLimits: ReadonlyMap<TokenId, TokenLimits>;
};

export type RouteTable = {
  readonly byId: ReadonlyMap<ServiceId, TableService>;
  readonly byPort: ReadonlyMap<number, TableService>;
  /** Host names in lower case. */
  readonly byHost: ReadonlyMap<string, TableService>;
  readonly drainingRoutes: readonly RouteId[];
};

export const emptyRouteTable: RouteTable = { byId: new Map(), byPort: new Map(), byHost: new Map(), drainingRoutes: [] };

/**
 * A hold is taken as what is left of it, so neither the clocks of two machines nor a clock that is set matter; the way from the database
 * makes it longer by milliseconds, never shorter.
 *
 * @param nowMs `performance.now()` when the rows have been read.
 */
export function buildRouteTable(rows: readonly RouteTableRow[], nowMs: number): RouteTable {
  const byId = new Map<ServiceId, TableService>();
  const byPort = new Map<number, TableService>();
  const byHost = new Map<string, TableService>();
  for (const row of rows) {
    const service: TableService = {
      id: row.id,
      status: row.status,
      openToPublic: row.openToPublic,
      protocol: row.endpoint.startsWith("https:") ? "https" : "http",
      routes: row.routes,
      newWeight: row.newWeight,
      holdUntilMs: row.holdUntil === null ? null : nowMs + row.holdUntil.getTime() - row.readAt.getTime(),
      revokedTokens: new Set(row.revokedTokens),
      tokenLimits: new Map(row.tokenLimits.map(({ id, ...limits }) => [id, limits])),
    };
    byId.set(row.id, service);
    if (row.endpointPort !== null) byPort.set(row.endpointPort, service);
    if (row.endpointHost !== null) byHost.set(row.endpointHost.toLowerCase(), service);
  }
  return { byId, byPort, byHost, drainingRoutes: rows.flatMap((row) => row.drainingRoutes) };
}

/** @param port of the permanent listener that was called; null for the one that serves host names. */
export function findService(table: RouteTable, port: number | null, host: string): TableService | undefined {
  if (port !== null) return table.byPort.get(port);
  return table.byHost.get(host.replace(/:\d*$/, "").toLowerCase());
}
