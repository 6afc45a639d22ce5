/**
 * Connections to routes, and how many requests are in flight on each.
 *
 * A pool belongs to one route at one address: when either leaves the table, the pool is closed as soon as its last request is done, so no
 * connection outlives the session it was made to. Counts outlive tables: a draining route is idle here when its count is gone.
 */
import { Pool } from "undici";
import type { RouteId } from "../model/ids.ts";
import type { RouteAddress, RouteTable } from "./route-table.ts";

const connectTimeoutMs = 2000;
/** Shorter than any model server's own (gunicorn: 2 s): a request must not meet a connection that is just being closed. */
const idleConnectionMs = 1000;
const failureRememberedMs = 2000;
/** After a burst, the pool lets go of what it no longer needs. */
const connectionLifetimeMs = 60_000;

export type Upstreams = AsyncDisposable & {
  outstanding(id: RouteId): number;
  failedLately(id: RouteId): boolean;
  /** Counts until `end` is called, once. */
  begin(route: RouteAddress): { readonly pool: Pool; readonly end: (failed: boolean) => void };
  /** Lets go of every address that the table does not hold. */
  retain(table: RouteTable): void;
};

/** @param onIdle called when the last request to a route has ended. */
export function openUpstreams(onIdle: () => void): Upstreams {
  const pools = new Map<string, Pool>();
  const retired = new Set<Pool>();
  const counts = new Map<RouteId, number>();
  const failedAtMs = new Map<RouteId, number>();

  /** By the table's own objects, so that no key has to be made for each request. Forgotten with every table. */
  let known = new WeakMap<RouteAddress, Pool>();

  function poolFor(route: RouteAddress): Pool {
    const found = known.get(route);
    if (found !== undefined) return found;
    const key = keyOf(route);
    const pool = pools.get(key) ?? openPool(route);
    pools.set(key, pool);
    known.set(route, pool);
    return pool;
  }

  function retire(key: string, pool: Pool): void {
    pools.delete(key);
    retired.add(pool);
    void pool.close().finally(() => retired.delete(pool));
  }

  return {
    outstanding: (id) => counts.get(id) ?? 0,
    failedLately: (id) => Date.now() - (failedAtMs.get(id) ?? 0) < failureRememberedMs,
    begin(route) {
      counts.set(route.id, (counts.get(route.id) ?? 0) + 1);
      return {
        pool: poolFor(route),
        end(failed) {
          if (failed) failedAtMs.set(route.id, Date.now());
          else failedAtMs.delete(route.id);
          const left = (counts.get(route.id) ?? 1) - 1;
          if (left > 0) counts.set(route.id, left);
          else counts.delete(route.id);
          if (left === 0) onIdle();
        },
      };
    },
    retain(table) {
      known = new WeakMap();
      const routes = [...table.byId.values()].flatMap((service) => service.routes);
      const keys = new Set(routes.map(keyOf));
      for (const [key, pool] of pools) if (!keys.has(key)) retire(key, pool);
      const ids = new Set(routes.map((route) => route.id));
      for (const id of failedAtMs.keys()) if (!ids.has(id)) failedAtMs.delete(id);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...pools.values(), ...retired].map((pool) => pool.destroy()));
    },
  };
}

const keyOf = (route: RouteAddress): string => `${route.id} ${route.host}:${route.port}`;

/** How an address is written in a URL: IPv6 in brackets. */
const originOf = ({ host, port }: RouteAddress): string => `http://${host.includes(":") ? `[${host}]` : host}:${port}`;

function openPool(route: RouteAddress): Pool {
  return new Pool(originOf(route), {
    connect: { timeout: connectTimeoutMs },
    keepAliveTimeout: idleConnectionMs,
    clientTtl: connectionLifetimeMs,
    pipelining: 1,
    maxHeaderSize: 65_536,
    // A model may think for as long as its client waits. A machine that vanished is noticed by TCP keep-alive.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}
