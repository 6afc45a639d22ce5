/**
 * A gateway without a database: serves whatever table it was last given. The listener for host names is always open, those for permanent
 * ports follow the table.
 */
import type { IncomingMessage } from "node:http";
import type { Writable } from "node:stream";
import type { Verifier } from "../auth/verifier.ts";
import { AppError, messageOf } from "../failure.ts";
import type { Log } from "../log.ts";
import type { RouteId, TokenId } from "../model/ids.ts";
import { answer, isUpgrade, type Serving } from "./answer.ts";
import type { TrustedProxies } from "./caller.ts";
import type { Certificates } from "./certificates.ts";
import { type ConnectionLimits, type Connections, defaultConnectionLimits, openConnections } from "./connection-limits.ts";
import { openBodyWatch } from "./cut-stalled.ts";
import { createExchanges, type OnEnd } from "./exchange.ts";
import { type AllFigures, type Subject, subjectsOf } from "./figures.ts";
import { serviceHosts } from "./front.ts";
import { openHold } from "./hold.ts";
import { openTimeOuts } from "./time-outs.ts";
import { openListener } from "./listen.ts";
import { type ModelReaderLimits, openModelReader } from "./model-reader.ts";
import { keepPermanentPorts, type TakenPort } from "./permanent-ports.ts";
import { emptyRouteTable, type RouteTable } from "./route-table.ts";
import { createTokenLimiter, type TokenLimiter } from "./token-limits.ts";
import { tunnel } from "./tunnel.ts";
import { openUpstreams } from "./upstreams.ts";
import { openWeights } from "./weights.ts";

export type ServeOptions = {
  readonly host: string;
  /** Of the listener for host names; 0: any that is free. */
  readonly port: number;
  /** Null, or absent: clients speak HTTP/1.1 without TLS. */
  readonly certificates?: Certificates | null;
  readonly trustedProxies?: TrustedProxies;
  readonly verifier: Verifier;
  readonly log: Log;
  /** Where requests are counted. */
  readonly figures: AllFigures;
  /** Is told of every request when it has ended. */
  readonly onEnd?: OnEnd | null;
  readonly onTokenUsed: (id: TokenId) => void;
  /** A route has no request in flight here any more. */
  readonly onIdle: () => void;
  /** Resolves when a table was applied that was read after the call, or when there is none to be had. */
  readonly lookAfresh: () => Promise<void>;
  /** The table is too old for services that are not public. */
  readonly isStale: () => boolean;
  /** Of the console, whose pages may call every service. */
  readonly consoleOrigins?: readonly string[];
  /** SERAI_ENDPOINT_URL. */
  readonly urlTemplate?: string;
  readonly onTakenPorts?: (taken: readonly TakenPort[]) => void;
  readonly limits?: ServeLimits;
  /** Where this is one of several processes: is told by address how many connections it has. */
  readonly connectionChanges?: Map<string, number>;
};

export type ServeLimits = { readonly connections: ConnectionLimits; readonly bodyStallMs: number; readonly models?: ModelReaderLimits };
const defaultLimits: ServeLimits = { connections: defaultConnectionLimits, bodyStallMs: 60_000 };

export type ServingGateway = AsyncDisposable & {
  readonly port: number;
  /** From when this is called, requests see the new table; resolves when its ports are open. */
  apply(table: RouteTable): Promise<void>;
  /** The draining routes of the table that have nothing in flight here: they never get anything again. */
  idleDrainingRoutes(): readonly RouteId[];
  /** How many requests wait for a route now. */
  waiting(): number;
  /** Connections of clients. */
  connections(): number;
  /** The services and routes of the table. */
  subjects(): ReadonlySet<Subject>;
  /** What another process has of them. */
  readonly heedConnections: Connections["heed"];
  readonly tokenLimits: Pick<TokenLimiter, "use" | "heed">;
  /** Accepts nothing more and lets requests finish, for at most `deadlineMs`; those that wait for a route are told to come back at once. */
  drain(deadlineMs: number): Promise<void>;
};

export async function serveGateway(options: ServeOptions): Promise<ServingGateway> {
  const { host, verifier, log, onTokenUsed, lookAfresh, isStale, certificates = null, trustedProxies = null } = options;
  const { consoleOrigins = [], urlTemplate = "" } = options;
  const limits = options.limits ?? defaultLimits;
  const connections = openConnections(limits.connections, options.connectionChanges);
  const bodies = openBodyWatch(limits.bodyStallMs);
  const timeOuts = openTimeOuts();
  const upstreams = openUpstreams(options.onIdle, log);
  let table: RouteTable = emptyRouteTable;
  const weights = openWeights();
  const hold = openHold(() => table);
  const exchanges = createExchanges(options.figures, options.onEnd ?? null);
  const tokenLimits = createTokenLimiter();
  const models = openModelReader(bodies, limits.models);
  const front = { models, isServiceHost: serviceHosts(urlTemplate), consoleOrigins };
  const routing = { table: () => table, upstreams, weights, hold, lookAfresh };
  const clients = { trustedProxies, isEncrypted: certificates !== null };
  const serving: Serving = { ...routing, ...front, ...clients, isStale, bodies, timeOuts, verifier, onTokenUsed, exchanges, tokenLimits, log };

  const listen = (port: number, permanentPort: number | null) =>
    openListener({
      host,
      port,
      certificates,
      connections,
      onRequest: (request, response) => void answer(request, response, permanentPort, serving).catch(breakOff(response, request)),
      isUpgrade: (request) => isUpgrade(request, permanentPort, serving),
      onUpgrade: (request, socket, head) => void tunnel(request, socket, head, permanentPort, serving).catch(breakOff(socket, request)),
    });

  function breakOff(connection: Writable, { method }: IncomingMessage) {
    return (thrown: unknown) => {
      log.error({ method, reason: messageOf(thrown) }, "a request met a bug in the gateway");
      connection.destroy();
    };
  }

  const names = await listen(options.port, null).catch((cause: unknown) => {
    const where = `${host}:${options.port}`;
    throw new AppError("CONFIG_INVALID", `SERAI_GATEWAY_PORT, SERAI_HOST: ${where} cannot be listened on: ${messageOf(cause)}`, { cause });
  });
  const ports = keepPermanentPorts((port) => listen(port, port), log, options.onTakenPorts);

  return {
    port: names.port,
    apply(next) {
      table = next;
      upstreams.retain(next);
      weights.retain(next);
      hold.look();
      return ports.apply(new Set(next.byPort.keys()));
    },
    idleDrainingRoutes: () => table.drainingRoutes.filter((id) => upstreams.isIdle(id)),
    waiting: hold.waiting,
    connections: connections.count,
    subjects: () => subjectsOf(table),
    heedConnections: connections.heed,
    tokenLimits,
    async drain(deadlineMs) {
      hold.stop();
      const deadline = Promise.withResolvers<void>();
      const timer = setTimeout(deadline.resolve, deadlineMs);
      await Promise.race([Promise.all([names.drain(), ports.drain()]), deadline.promise]);
      clearTimeout(timer);
    },
    async [Symbol.asyncDispose]() {
      hold.stop();
      bodies[Symbol.dispose]();
      timeOuts[Symbol.dispose]();
      // They have their answers written before connections are closed.
      await new Promise(setImmediate);
      await Promise.all([names.close(), ports.close()]);
      await upstreams[Symbol.asyncDispose]();
    },
  };
}
