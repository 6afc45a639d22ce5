/**
 * One request, from its head to its end: find the service, check the token, try routes, or say why not.
 *
 * Retried, at most twice and only on another route that the table still holds at that moment, is what cannot have had an effect: GET and
 * HEAD without a body whose route failed before the first byte of its answer, and any request of which no byte was sent. Where the service
 * is held, a request that has no route to try waits for one; its body is not read before.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Log } from "../log.ts";
import type { TokenId } from "../model/ids.ts";
import { affinityKey } from "./affinity.ts";
import { askForBody } from "./ask-for-body.ts";
import { authorize } from "./authorize.ts";
import { callerOf, type TrustedProxies } from "./caller.ts";
import { CountedBody } from "./counted-body.ts";
import { corsHeaders, isPreflight, preflightHeaders } from "./cors.ts";
import { answerProblem, type Problem, problem, type ProblemCode, tokenLimit } from "./errors.ts";
import type { Exchange, Exchanges } from "./exchange.ts";
import { forward } from "./forward.ts";
import { answerModels, type Front, type FrontPath, frontPath, type ModelList, serviceByBody } from "./front.ts";
import { type BodyWatch } from "./cut-stalled.ts";
import { hasBody, hasOddFraming, requestHeaders, requestIdOf, valuesOf } from "./headers.ts";
import type { OnGone } from "./hold.ts";
import { lingerOnUpload } from "./linger.ts";
import { type Asking, mayTryAgain, nextRoute, noAttempts, type Routing, waitForRoute } from "./next-route.ts";
import { findService, type TableService } from "./route-table.ts";
import type { TokenLimiter } from "./token-limits.ts";
import { type Target, targetOf } from "./target.ts";
import type { TimeOuts } from "./time-outs.ts";
import { traceParent } from "./trace-parent.ts";
import { isWebSocket, protocolOf } from "./upgrade.ts";

/** What answering needs. */
export type Serving = Routing &
  Front & {
    readonly isStale: () => boolean;
    /** Whether a service could have that host name. */
    readonly isServiceHost: (host: string) => boolean;
    readonly consoleOrigins: readonly string[];
    readonly bodies: BodyWatch;
    readonly timeOuts: TimeOuts;
    readonly trustedProxies: TrustedProxies;
    /** Clients speak TLS with us. */
    readonly isEncrypted: boolean;
    readonly onTokenUsed: (id: TokenId) => void;
    readonly exchanges: Exchanges;
    readonly tokenLimits: TokenLimiter;
    readonly log: Log;
  };

export type Call = Asking & {
  readonly path: string;
  readonly headers: string[];
  /** To be called once, when the request has ended; null where nothing counts it. */
  readonly end: (() => void) | null;
};

/** Also where the client has left while its request was being admitted. */
export function endWith(connection: ServerResponse | Duplex, { end }: Call): void {
  if (end === null) return;
  if (connection.destroyed) end();
  else connection.once("close", end);
}

/** A service that is called, and as what. */
type Found = { readonly service: TableService; readonly target: Target };

export async function answer(request: IncomingMessage, response: ServerResponse, port: number | null, serving: Serving): Promise<void> {
  const exchange = serving.exchanges.begin(requestIdOf(request.rawHeaders), request.method ?? "GET", request.url ?? "");
  response.once("close", () => serving.exchanges.end(exchange, response.headersSent ? response.statusCode : null));
  const found = await find(request, response, port, serving);
  if (found === "gone") return;
  const cors = corsOf(found, request, serving);
  const answered: Answering = { request, response, exchange, cors };
  if (cors.length > 0 && isPreflight(request.method, request.rawHeaders)) return answerPreflight(answered);
  const call = "service" in found ? await admit(found, request, exchange, serving) : found;
  if ("service" in call) {
    endWith(response, call);
    await tryRoutes(call, answered, serving);
  } else if ("models" in call) answerModelList(call, answered);
  else refuse(call, answered);
}

/** What is said to web pages. */
export function corsOf(found: Found | ModelList | Problem, request: IncomingMessage, serving: Serving): readonly string[] {
  const service = "service" in found ? found.service : null;
  return corsHeaders(request.rawHeaders, [serving.consoleOrigins, ...originsOf(service, request, serving)]);
}

/** A preflight has no body that could say which service is meant: then it may be any of them, and the request itself will tell. */
function originsOf(service: TableService | null, request: IncomingMessage, { table }: Serving): readonly (readonly string[])[] {
  if (service !== null) return [service.allowedOrigins];
  return isPreflight(request.method, request.rawHeaders) ? [...table().byId.values()].map(({ allowedOrigins }) => allowedOrigins) : [];
}

/** By the address that was called, or at the main one by the model that is asked for. */
async function find(
  request: IncomingMessage,
  response: ServerResponse,
  port: number | null,
  serving: Serving,
): Promise<Found | ModelList | Problem | "gone"> {
  const target = readTarget(request);
  if ("code" in target) return target;
  const path = frontPathOf(target, request, port, serving);
  if (path === null) return findAt(target, port, serving);
  if (path.kind !== "call") return answerModels(path, request, serving);
  const service = await serviceByBody(request, response, serving);
  return service === "gone" || "code" in service ? service : { service, target };
}

/** What of the front is called; null: something else. */
function frontPathOf({ host, path }: Target, { method }: IncomingMessage, port: number | null, serving: Serving): FrontPath | null {
  const isMain = port === null && !serving.isServiceHost(host) && findService(serving.table(), port, host) === undefined;
  return isMain ? frontPath(path, method) : null;
}

/** Whether tunnel.ts answers. The front speaks no other protocol: there every offer is ignored but a WebSocket's, whose client cannot do without. */
export function isUpgrade(request: IncomingMessage, port: number | null, serving: Serving): boolean {
  const protocol = protocolOf(request.rawHeaders);
  if (protocol === null) return false;
  if (isWebSocket(protocol)) return true;
  const target = readTarget(request);
  return !("code" in target) && frontPathOf(target, request, port, serving) === null;
}

export async function findByAddress(request: IncomingMessage, port: number | null, serving: Serving): Promise<Found | Problem> {
  const target = readTarget(request);
  return "code" in target ? target : findAt(target, port, serving);
}

async function findAt(target: Target, port: number | null, serving: Serving): Promise<Found | Problem> {
  let service = findService(serving.table(), port, target.host);
  if (service === undefined) {
    await serving.lookAfresh();
    service = findService(serving.table(), port, target.host);
  }
  return service === undefined ? problem("SERVICE_NOT_FOUND") : { service, target };
}

function readTarget({ url = "", rawHeaders, httpVersion }: IncomingMessage): Target | Problem {
  const target = targetOf(url, rawHeaders, httpVersion);
  return target === null || hasOddFraming(rawHeaders, httpVersion) ? problem("MALFORMED_REQUEST") : target;
}

/** The call that the request makes, if it may; else what to answer. Nobody is turned away by a table that is older than the request. */
export async function admit(found: Found, request: IncomingMessage, exchange: Exchange, serving: Serving): Promise<Call | Problem> {
  serving.exchanges.found(exchange, found.service.id);
  const admitted = await admitNow(found, request, exchange, serving);
  if ("service" in admitted || !mayBeBehind.has(admitted.code)) return admitted;
  await serving.lookAfresh();
  const service = serving.table().byId.get(found.service.id);
  return service === undefined ? problem("SERVICE_NOT_FOUND") : admitNow({ ...found, service }, request, exchange, serving);
}

const mayBeBehind: ReadonlySet<ProblemCode> = new Set(["ADDRESS_NOT_ALLOWED", "UNAUTHORIZED"]);

async function admitNow({ service, target }: Found, request: IncomingMessage, exchange: Exchange, serving: Serving): Promise<Call | Problem> {
  const { address, hops, protocol, host } = callerOf(request.socket, request.rawHeaders, serving.trustedProxies);
  if (service.isAllowed?.(address) === false) return problem("ADDRESS_NOT_ALLOWED");
  if (!service.openToPublic && serving.isStale()) return problem("TABLE_TOO_OLD");
  const authorization = await authorize(service, request.rawHeaders, serving.verifier, new Date());
  if (!authorization.ok) {
    serving.log.debug({ service: service.id, reason: authorization.reason }, "a request without a valid token was refused");
    return problem("UNAUTHORIZED");
  }
  const { tokenId, ourTokensIn } = authorization;
  if (tokenId !== null) serving.onTokenUsed(tokenId);
  const limits = tokenId === null ? undefined : service.tokenLimits.get(tokenId);
  const begun = tokenId === null || limits === undefined ? null : serving.tokenLimits.begin(tokenId, limits);
  if (begun?.ok === false) return tokenLimit(begun.limit, limits?.[begun.limit] ?? 0, begun.retryAfterSeconds);
  if (tokenId !== null) serving.exchanges.letIn(exchange, service.id, tokenId);

  const trace = traceParent(valuesOf(request.rawHeaders, "traceparent"));
  const said = { protocol: protocol ?? (serving.isEncrypted ? "https" : service.protocol), forwardedHost: host ?? target.host };
  const origin = { host: target.host, hops, ...said, ourTokensIn, requestId: exchange.requestId, traceParent: trace };
  const headers = requestHeaders(request.rawHeaders, origin);
  const affinity = affinityKey(service.traffic.affinity, request.rawHeaders, service.protocol);
  return { service, tokenId, who: tokenId ?? address, affinity, path: target.path, headers, end: begun?.end ?? null };
}

type Answering = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly exchange: Exchange;
  /** What is said to web pages. */
  readonly cors: readonly string[];
};

function refuse(why: Problem, { response, exchange, cors }: Answering): void {
  answerProblem(response, why, exchange.requestId, cors);
}

function answerPreflight({ request, response, exchange, cors }: Answering): void {
  response.writeHead(204, [...cors, ...preflightHeaders(request.rawHeaders), "X-Request-Id", exchange.requestId]);
  response.end();
}

function answerModelList({ models }: ModelList, { request, response, exchange, cors }: Answering): void {
  const body = JSON.stringify(models);
  lingerOnUpload(response);
  const length = ["Content-Type", "application/json", "Content-Length", String(Buffer.byteLength(body))];
  response.writeHead(200, [...length, "Cache-Control", "no-store", "X-Request-Id", exchange.requestId, ...cors]);
  response.end(request.method === "HEAD" ? undefined : body);
}

async function tryRoutes(call: Call, answered: Answering, serving: Serving): Promise<void> {
  const { request, response, exchange, cors } = answered;
  const { service, path, headers, affinity } = call;
  const method = request.method ?? "GET";
  const isBodied = hasBody(request.rawHeaders);
  const repeatable = !isBodied && (method === "GET" || method === "HEAD");
  const attempts = noAttempts();
  let body: CountedBody | null = null;

  while (!response.destroyed) {
    const upstream = nextRoute(call, attempts, serving);
    if (upstream === undefined) {
      const ended = await waitForRoute(call, attempts, exchange, whenGone(response), serving);
      if (ended === "again") continue;
      return ended === "gone" ? undefined : refuse(ended, answered);
    }
    serving.exchanges.tries(exchange, service.id, upstream);
    if (isBodied) body ??= bodyOf(request, response, exchange, serving.bodies);
    const dispatcher = serving.upstreams.begin(upstream);
    const forwarded = await forward({
      upstream,
      dispatcher,
      method,
      path,
      headers,
      body,
      response,
      exchange,
      cors,
      setCookie: affinity?.setCookie ?? null,
      timeOuts: serving.timeOuts,
      limits: service.timeOuts,
    });
    serving.upstreams.end(upstream, forwarded.kind === "failed" || forwarded.kind === "brokenOff");
    if (forwarded.kind === "answered" || forwarded.kind === "clientGone") return;

    serving.log.info({ service: service.id, route: upstream.id, reason: forwarded.reason }, "a route failed a request");
    if (forwarded.kind === "brokenOff") return;
    const { code, requestSent } = forwarded;
    attempts.failure = code;
    const isLast = code === "FIRST_BYTE_TIMEOUT" || (requestSent && !repeatable) || !mayTryAgain(call, attempts, requestSent, serving);
    if (isLast) return refuse(problem(code), answered);
    serving.exchanges.retried(exchange, service.id);
  }
}

const whenGone =
  (response: ServerResponse): OnGone =>
  (leave) => {
    response.once("close", leave);
    return () => response.off("close", leave);
  };

function bodyOf(request: IncomingMessage, response: ServerResponse, exchange: Exchange, bodies: BodyWatch): CountedBody {
  askForBody(request, response);
  const body = new CountedBody(exchange);
  body.on("error", () => request.unpipe(body));
  bodies.watch(request, body, response);
  return request.pipe(body);
}
