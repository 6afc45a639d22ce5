/**
 * The routes of the table as a gateway deals with them: a pool of connections to each, and how it does (standing.ts).
 *
 * A pool belongs to one route at one address: when either leaves the table, the pool is closed as soon as its last request is done, so no
 * connection outlives the session it was made to. Counts outlive tables: one that has left is idle here when its last request has ended.
 */
import { Pool } from "undici";
import { openHealth } from "../ask-health.ts";
import type { Log } from "../log.ts";
import type { RouteId, ServiceId } from "../model/ids.ts";
import { openProbes } from "./probes.ts";
import { newRetryBudget, type RetryBudget } from "./retry-budget.ts";
import type { RouteAddress, RouteTable, TableService } from "./route-table.ts";
import { freshMs, hashOf, newStanding, noteChosen, noteEnd, noteFailure, type Standing, type Usual } from "./standing.ts";

const connectTimeoutMs = 2000;
/** Shorter than any model server's own (gunicorn: 2 s): a request must not meet a connection that is just being closed. */
const idleConnectionMs = 1000;
/** After a burst, the pool lets go of what it no longer needs. */
const connectionLifetimeMs = 60_000;

/** A route at one address. */
export type Upstream = Standing & RouteAddress & { readonly hash: number; readonly balance: Balance; pool: Pool | null };

/** What is known of a service as a whole. Its routes are in no order. */
export type Balance = {
  all: Upstream[];
  /** By whether they are on the new revision, while the table gives that a share of its own. */
  old: Upstream[];
  new: Upstream[];
  /** By revision, as control asks its routes. */
  healthChecks: TableService["healthChecks"];
  readonly usual: Usual;
  readonly retries: RetryBudget;
};

export type Upstreams = AsyncDisposable & {
  /** Has no request in flight at any address that it had and has left. */
  isIdle(id: RouteId): boolean;
  balance(id: ServiceId): Balance | undefined;
  /** Counts until `end` is called, once. */
  begin(upstream: Upstream): Pool;
  end(upstream: Upstream, failed: boolean): void;
  /** Lets go of every address that the table does not hold. */
  retain(table: RouteTable): void;
};

/** @param onIdle called when the last request to a route that has left the table has ended. */
export function openUpstreams(onIdle: () => void, log: Log): Upstreams {
  const balances = new Map<ServiceId, Balance>();
  const retired = new Set<Pool>();
  /** Have left the table, and have requests in flight. */
  const leaving = new Set<Upstream>();
  const health = openHealth();
  const probes = openProbes<Upstream>({
    ask: async ({ host, port, revisionId, balance: { healthChecks } }, signal) =>
      (await health.ask({ host, port, healthCheck: healthChecks[revisionId] ?? null }, signal)).passed,
    log,
  });

  function retire(upstream: Upstream): void {
    const { pool, outstanding } = upstream;
    probes.end(upstream);
    if (outstanding > 0) leaving.add(upstream);
    if (pool === null) return;
    retired.add(pool);
    void pool.close().finally(() => retired.delete(pool));
  }

  function follow(service: TableService): void {
    const nowMs = performance.now();
    const balance = balances.get(service.id) ?? newBalance();
    balances.set(service.id, balance);
    balance.healthChecks = service.healthChecks;
    const known = new Map(balance.all.map((upstream) => [keyOf(upstream), upstream]));
    const settled = balance.all.some(({ sinceMs }) => nowMs - sinceMs >= freshMs);
    balance.all = service.routes.map((route) => {
      const upstream = known.get(keyOf(route));
      known.delete(keyOf(route));
      if (upstream === undefined) return { ...newStanding(nowMs, settled), ...route, hash: hashOf(route.id), balance, pool: null };
      return Object.assign(upstream, { isNew: route.isNew });
    });
    for (const upstream of known.values()) retire(upstream);
    balance.old = service.newWeight === null ? [] : balance.all.filter(({ isNew }) => !isNew);
    balance.new = service.newWeight === null ? [] : balance.all.filter(({ isNew }) => isNew);
  }

  return {
    isIdle: (id) => !leaving.values().some((upstream) => upstream.id === id),
    balance: (id) => balances.get(id),
    begin(upstream) {
      noteChosen(upstream, upstream.balance.usual);
      return (upstream.pool ??= openPool(upstream));
    },
    end(upstream, failed) {
      noteEnd(upstream);
      if (failed && noteFailure(upstream, upstream.balance.all, performance.now())) {
        log.warn({ route: upstream.id, failures: upstream.failures }, "a route that fails every request gets none until its health check passes");
        // It may have left the table meanwhile.
        if (!leaving.has(upstream)) probes.begin(upstream);
      }
      if (upstream.outstanding === 0 && leaving.delete(upstream)) onIdle();
    },
    retain(table) {
      for (const [id, { all }] of balances) {
        if (table.byId.has(id)) continue;
        for (const upstream of all) retire(upstream);
        balances.delete(id);
      }
      for (const service of table.byId.values()) follow(service);
    },
    async [Symbol.asyncDispose]() {
      await probes[Symbol.asyncDispose]();
      await health[Symbol.asyncDispose]();
      const open = balances.values().flatMap(({ all }) => all.flatMap(({ pool }) => pool ?? []));
      await Promise.all([...open, ...retired].map((pool) => pool.destroy()));
    },
  };
}

const newBalance = (): Balance => ({
  all: [],
  old: [],
  new: [],
  healthChecks: {},
  usual: { answerMs: 0, answers: 0 },
  retries: newRetryBudget(),
});

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
    // A model may think for as long as its service lets it (time-outs.ts). A machine that vanished is noticed by TCP keep-alive.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}
