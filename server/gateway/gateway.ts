/**
 * The gateway serves: it takes requests at permanent addresses, checks tokens, and forwards to healthy routes.
 *
 * What it needs to know is one table, read from the database as a whole: at start, whenever a service changed (NOTIFY), and whenever a
 * change may have been missed. Serving asks the database nothing, so it goes on with the last table while the database, control and
 * the scheduler are down, and begins with the last one on disk (saved-table). Only who would be turned away has it read once more first.
 *
 *   listen -> answer: target, authorize -> next-route -> forward            requests
 *                                          hold, while no route is healthy and the table allows it
 *   changes -> store/route-table -> route-table -> serve.apply              what is true
 *   serve.idleDrainingRoutes -> heartbeat -> store/gateways -> control      which draining routes are done
 *
 * Promises: only healthy routes of the newest table get requests; a client never needs to retry a GET; our tokens and the console's cookie
 * reach no model; an answer that was cut short never looks whole; while a seat is handed on, requests wait and are answered.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Verifier } from "../auth/verifier.ts";
import { messageOf } from "../failure.ts";
import type { Log } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import { newId } from "../model/ids.ts";
import type { Changes } from "../store/changes.ts";
import type { ChangeSet } from "../store/mailboxes.ts";
import type { TrustedProxies } from "./caller.ts";
import type { Certificates } from "./certificates.ts";
import type { OnEnd } from "./exchange.ts";
import { type AllFigures, countedRequests, createFigures } from "./figures.ts";
import type { GatewayStore } from "./gateway-store.ts";
import { openHeartbeat } from "./heartbeat.ts";
import { openFreshTable } from "./fresh-table.ts";
import { buildRouteTable } from "./route-table.ts";
import { openTableSaving, type SavedTable } from "./saved-table.ts";
import { serveGateway, type ServingGateway } from "./serve.ts";
import { openTakenPortsTeller } from "./tell-taken-ports.ts";
import { openTellTraffic } from "./tell-traffic.ts";
import { openTokenUse } from "./token-use.ts";

export type GatewayOptions = {
  readonly store: GatewayStore;
  readonly changes: Pick<Changes, "subscribe" | "hears" | "heardAtMs">;
  readonly verifier: Verifier;
  readonly host: string;
  /** Of the listener for host names; 0: any that is free. */
  readonly port: number;
  /** Null: without TLS. */
  readonly certificates?: Certificates | null;
  readonly trustedProxies?: TrustedProxies;
  readonly log: Log;
  readonly onEnd?: OnEnd | null;
  /** Where the last table is kept; null: nowhere. */
  readonly tablePath?: string | null;
  /** To begin with, where the database does not answer. */
  readonly saved?: SavedTable | null;
  /** Private services are refused when the table is older than that; null: never. */
  readonly staleMaxMs?: number | null;
  /** Of the console, whose pages may call every service. */
  readonly consoleOrigins?: readonly string[];
  /** SERAI_ENDPOINT_URL. */
  readonly urlTemplate?: string;
  readonly connectionChanges?: Map<string, number>;
};

export type Gateway = AsyncDisposable & {
  readonly port: number;
  /** How many requests wait for a route now. */
  waiting(): number;
  /** Connections of clients. */
  connections(): number;
  /** What has been counted since the start. */
  readonly figures: AllFigures;
  readonly heedConnections: ServingGateway["heedConnections"];
  /** For how long nobody has said that the table is the newest. */
  tableAgeMs(): number;
  /** Accepts nothing more and lets requests finish, for at most `deadlineMs`. Dispose afterwards. */
  drain(deadlineMs: number): Promise<void>;
};

const readAgainAfterMs = 1000;

/** Resolves when every service that has a free port answers on it. */
export async function openGateway(options: GatewayOptions): Promise<Gateway> {
  const { store, changes, log, saved = null, tablePath = null, staleMaxMs = null } = options;
  const id = newId("gateway");
  const closing = new AbortController();
  // Before the first read: a change in between is then heard, and read again.
  const turns = changes.subscribe(closing.signal);

  await using opened = new AsyncDisposableStack();
  opened.defer(() => closing.abort());
  opened.defer(() => store.deleteGateway(id).catch(() => {}));
  const tokenUse = opened.use(openTokenUse((ids) => store.recordTokenUse(ids), log));
  const takenPorts = opened.use(openTakenPortsTeller((taken) => store.recordTakenPorts(id, taken), log));
  const figures = createFigures();
  // Ends after the last request has.
  opened.use(openTellTraffic({ figures, subjects: () => serving.subjects(), write: (rows, turn) => store.recordTraffic(id, rows, turn), log }));
  let look = () => {};
  let isRead = false;
  const openedAtMs = performance.now();
  const unknownMs = saved === null ? 0 : Math.max(0, Date.now() - saved.trueAt.getTime());
  const tableAgeMs = () => {
    if (isRead && changes.hears) return 0;
    const nowMs = performance.now();
    return changes.heardAtMs === null ? unknownMs + nowMs - openedAtMs : nowMs - changes.heardAtMs;
  };
  const saving =
    tablePath === null
      ? null
      : opened.use(openTableSaving({ path: tablePath, readKeys: () => store.readPublicKeys(), isTrue: () => tableAgeMs() === 0, log }));
  const read = async () => {
    const rows = await store.readRouteTable().catch((thrown: unknown) => {
      isRead = false;
      throw thrown;
    });
    isRead = true;
    applied = serving.apply(buildRouteTable(rows, performance.now()));
    saving?.save(rows);
    look();
  };
  let applied: Promise<void> = Promise.resolve();
  const fresh = openFreshTable(read, () => changes.hears);
  const serving = opened.use(
    await serveGateway({
      ...options,
      figures,
      onTokenUsed: (tokenId) => tokenUse.note(tokenId),
      onTakenPorts: takenPorts.note,
      onIdle: () => look(),
      lookAfresh: fresh.look,
      isStale: () => staleMaxMs !== null && tableAgeMs() > staleMaxMs,
    }),
  );

  if (saved === null || changes.hears) await fresh.read();
  else applied = serving.apply(buildRouteTable(saved.rows, performance.now()));
  await applied;
  const heartbeat = opened.use(
    await openHeartbeat({
      idleDrainingRoutes: () => serving.idleDrainingRoutes(),
      async write(idleDrainingRoutes) {
        serving.tokenLimits.heed(await store.recordGateway(id, { idleDrainingRoutes, tokenUse: serving.tokenLimits.use() }));
      },
      log,
    }),
  );
  look = () => heartbeat.look();

  const following = follow(turns, closing.signal, log, fresh.read, options.verifier.readKeysAgain);
  opened.defer(async () => {
    closing.abort();
    await following;
  });

  const lifetime = opened.move();
  return {
    port: serving.port,
    waiting: serving.waiting,
    connections: serving.connections,
    figures,
    heedConnections: serving.heedConnections,
    tableAgeMs,
    drain: (deadlineMs) => serving.drain(deadlineMs),
    [Symbol.asyncDispose]: () => lifetime.disposeAsync(),
  };
}

export function measureGateway(metrics: Metrics, { figures, tableAgeMs, connections, waiting }: Gateway): void {
  metrics.requests(() => countedRequests(figures));
  const age = "For how long nobody has said that the route table is the newest.";
  metrics.figure("serai_gateway_table_age_seconds", age, () => tableAgeMs() / 1000, "max");
  metrics.figure("serai_gateway_connections", "Connections of clients.", connections);
  metrics.figure("serai_gateway_waiting", "Requests that wait for a route while a seat is handed on.", waiting);
}

/** Reads again at every turn that speaks of services, or of keys. Changes that come meanwhile are one turn, the next. */
async function follow(
  turns: AsyncIterable<ChangeSet>,
  signal: AbortSignal,
  log: Log,
  read: () => Promise<void>,
  readKeys: () => Promise<void>,
): Promise<void> {
  for await (const turn of turns) {
    if (turn === "everything" || turn.has("keys")) await readKeys();
    if (turn !== "everything" && ![...turn].some((change) => change.startsWith("service:"))) continue;
    for (let isRead = false; !isRead && !signal.aborted;) {
      try {
        await read();
        isRead = true;
      } catch (thrown) {
        log.warn({ reason: messageOf(thrown) }, "the route table cannot be read; the gateway serves the last one");
        await pause(readAgainAfterMs, undefined, { signal }).catch(() => {});
      }
    }
  }
}
