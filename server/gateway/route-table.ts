/**
 * What a gateway knows: which services there are, where their healthy routes answer, which tokens are revoked.
 *
 * A table is a value that is never changed: a new one takes its place as a whole, so that a request never sees half of a change.
 */
import type { RouteId, ServiceId, TokenId } from "../model/ids.ts";
import type { ServiceStatus } from "../model/service-status.ts";
import type { TokenLimits } from "../model/token-limits.ts";
import type { TrafficPolicy } from "../model/traffic-policy.ts";
import type { RouteTableRow } from "../store/route-table.ts";
import { inRanges, type InRanges } from "./address-ranges.ts";
import type { TimeOutLimits } from "./time-outs.ts";

export type RouteAddress = RouteTableRow["routes"][number];

export type TableService = {
  readonly id: ServiceId;
  readonly status: ServiceStatus;
  readonly name: string;
  readonly aliases: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly createdAtSeconds: number;
  readonly openToPublic: boolean;
  /** As clients use it: what ends TLS in front of the gateway is not seen from here. */
  readonly protocol: "http" | "https";
  /** Only healthy ones. */
  readonly routes: readonly RouteAddress[];
  /** As control asks the routes of each revision; null: by a connection. */
  readonly healthChecks: RouteTableRow["healthChecks"];
  /** Per cent of the requests that routes on the new revision get; null where load alone decides. */
  readonly newWeight: number | null;
  /** While there are no healthy routes, requests may wait until then, on this process's own clock (`performance.now()`). */
  readonly holdUntilMs: number | null;
  /** When a route is likely to be healthy, by the same clock; null where that is not known, or one is. */
  readonly expectedAtMs: number | null;
  readonly revokedTokens: ReadonlySet<TokenId>;
  readonly traffic: TrafficPolicy;
  readonly timeOuts: TimeOutLimits;
  /** Null: every address may call. */
  readonly isAllowed: InRanges | null;
  /** Of tokens that have any. */
  readonly tokenLimits: ReadonlyMap<TokenId, TokenLimits>;
};

export type RouteTable = {
  readonly byId: ReadonlyMap<ServiceId, TableService>;
  readonly byPort: ReadonlyMap<number, TableService>;
  /** Host names in lower case. */
  readonly byHost: ReadonlyMap<string, TableService>;
  /** By their names and aliases; of services with one name in several projects the oldest is first. */
  readonly byName: ReadonlyMap<string, readonly TableService[]>;
  readonly drainingRoutes: readonly RouteId[];
};

export const emptyRouteTable: RouteTable = { byId: new Map(), byPort: new Map(), byHost: new Map(), byName: new Map(), drainingRoutes: [] };

/**
 * A hold is taken as what is left of it, so neither the clocks of two machines nor a clock that is set matter; the way from the database
 * makes it longer by milliseconds, never shorter.
 *
 * @param rows oldest service first.
 * @param nowMs `performance.now()` when the rows have been read.
 */
export function buildRouteTable(rows: readonly RouteTableRow[], nowMs: number): RouteTable {
  const byId = new Map<ServiceId, TableService>();
  const byPort = new Map<number, TableService>();
  const byHost = new Map<string, TableService>();
  const byName = new Map<string, TableService[]>();
  for (const row of rows) {
    const here = (instant: Date | null) => (instant === null ? null : nowMs + instant.getTime() - row.readAt.getTime());
    const { idleTimeoutSeconds, firstByteTimeoutSeconds, allowedAddresses } = row.traffic;
    const service: TableService = {
      id: row.id,
      status: row.status,
      name: row.name,
      aliases: row.aliases,
      allowedOrigins: row.allowedOrigins,
      createdAtSeconds: row.createdAtSeconds,
      openToPublic: row.openToPublic,
      protocol: row.endpoint.startsWith("https:") ? "https" : "http",
      routes: row.routes,
      healthChecks: row.healthChecks,
      newWeight: row.newWeight,
      holdUntilMs: here(row.holdUntil),
      expectedAtMs: here(row.expectedAt),
      revokedTokens: new Set(row.revokedTokens),
      traffic: row.traffic,
      timeOuts: { firstByteMs: firstByteTimeoutSeconds * 1000, idleMs: idleTimeoutSeconds === null ? null : idleTimeoutSeconds * 1000 },
      isAllowed: inRanges(allowedAddresses),
      tokenLimits: new Map(row.tokenLimits.map(({ id, ...limits }) => [id, limits])),
    };
    byId.set(row.id, service);
    if (row.endpointPort !== null) byPort.set(row.endpointPort, service);
    if (row.endpointHost !== null) byHost.set(row.endpointHost.toLowerCase(), service);
    for (const name of new Set([row.name, ...row.aliases])) byName.set(name, [...(byName.get(name) ?? []), service]);
  }
  return { byId, byPort, byHost, byName, drainingRoutes: rows.flatMap((row) => row.drainingRoutes) };
}

/** @param port of the permanent listener that was called; null for the one that serves host names. */
export function findService(table: RouteTable, port: number | null, host: string): TableService | undefined {
  if (port !== null) return table.byPort.get(port);
  return table.byHost.get(host.replace(/:\d*$/, "").toLowerCase());
}
