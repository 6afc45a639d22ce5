/**
 * One request, from its head to its end: find the service, check the token, try routes, or say why not.
 *
 * Retried, at most twice and only on another route that the table still holds at that moment, is what cannot have had an effect: GET and
 * HEAD without a body whose route failed before the first byte of its answer, and any request of which no byte was sent. Where the service
 * is held, a request that has no route to try waits for one; its body is not read before.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Duplex, PassThrough } from "node:stream";
import type { Verifier } from "../auth/verifier.ts";
import type { Log } from "../log.ts";
import type { ServiceId, TokenId } from "../model/ids.ts";
import { authorize } from "./authorize.ts";
import { callerOf, type TrustedProxies } from "./caller.ts";
import { answerProblem, type Problem, problem, tokenLimit } from "./errors.ts";
import { forward } from "./forward.ts";
import { type BodyWatch } from "./cut-stalled.ts";
import { hasBody, hasOddFraming, requestHeaders, requestIdOf } from "./headers.ts";
import type { OnGone } from "./hold.ts";
import { type Asking, mayTryAgain, nextRoute, noAttempts, type Routing, waitForRoute } from "./next-route.ts";
import { findService } from "./route-table.ts";
import type { TokenLimiter } from "./token-limits.ts";
import { targetOf } from "./target.ts";

export type GatewayMetrics = {
  /** `serviceId` is null where no service was found. */
  answered(serviceId: ServiceId | null, statusCode: number, durationMs: number): void;
  retried(serviceId: ServiceId): void;
};

/** What answering needs. */
export type Serving = Routing & {
  readonly verifier: Verifier;
  readonly isStale: () => boolean;
  readonly bodies: BodyWatch;
  readonly trustedProxies: TrustedProxies;
  /** Clients speak TLS with us. */
  readonly isEncrypted: boolean;
  readonly onTokenUsed: (id: TokenId) => void;
  readonly tokenLimits: TokenLimiter;
  readonly metrics: GatewayMetrics | null;
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

export async function answer(request: IncomingMessage, response: ServerResponse, port: number | null, serving: Serving): Promise<void> {
  const startedAtMs = performance.now();
  const requestId = requestIdOf(request.rawHeaders);
  const call = await admit(request, port, requestId, serving);
  const serviceId = "service" in call ? call.service.id : null;
  response.once("close", () => serving.metrics?.answered(serviceId, response.statusCode, performance.now() - startedAtMs));
  const answered: Answering = { request, response, requestId, startedAtMs };
  if ("service" in call) {
    endWith(response, call);
    await tryRoutes(call, answered, serving);
  } else answerProblem(response, call, requestId);
}

/** The call that the request makes, if it may; else what to answer. */
export async function admit(request: IncomingMessage, port: number | null, requestId: string, serving: Serving): Promise<Call | Problem> {
  const target = targetOf(request.url ?? "", request.rawHeaders, request.httpVersion);
  if (target === null || hasOddFraming(request.rawHeaders, request.httpVersion)) return problem("MALFORMED_REQUEST");
  let service = findService(serving.table(), port, target.host);
  if (service === undefined) {
    await serving.lookAfresh();
    service = findService(serving.table(), port, target.host);
  }
  if (service === undefined) return problem("SERVICE_NOT_FOUND");

  if (!service.openToPublic && serving.isStale()) return problem("TABLE_TOO_OLD");
  const authorization = await authorize(service, request.rawHeaders, serving.verifier, new Date());
  if (!authorization.ok) {
    serving.log.debug({ service: service.id, reason: authorization.reason }, "a request without a valid token was refused");
    return problem("UNAUTHORIZED");
  }
  if (authorization.tokenId !== null) serving.onTokenUsed(authorization.tokenId);

  const { tokenId, ourTokensIn } = authorization;
  const limits = tokenId === null ? undefined : service.tokenLimits.get(tokenId);
  const begun = tokenId === null || limits === undefined ? null : serving.tokenLimits.begin(tokenId, limits);
  if (begun?.ok === false) return tokenLimit(begun.limit, limits?.[begun.limit] ?? 0, begun.retryAfterSeconds);

  const { address, hops, protocol, host } = callerOf(request.socket, request.rawHeaders, serving.trustedProxies);
  const said = { protocol: protocol ?? (serving.isEncrypted ? "https" : service.protocol), forwardedHost: host ?? target.host };
  const origin = { host: target.host, hops, ...said, ourTokensIn, requestId };
  const headers = requestHeaders(request.rawHeaders, origin);
  return { service, tokenId, who: tokenId ?? address, path: target.path, headers, end: begun?.end ?? null };
}

type Answering = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  readonly startedAtMs: number;
};

async function tryRoutes(call: Call, { request, response, requestId, startedAtMs }: Answering, serving: Serving): Promise<void> {
  const { service, path, headers } = call;
  const method = request.method ?? "GET";
  const isBodied = hasBody(request.rawHeaders);
  const repeatable = !isBodied && (method === "GET" || method === "HEAD");
  const attempts = noAttempts();
  let body: PassThrough | null = null;

  while (!response.destroyed) {
    const route = nextRoute(service.id, attempts, serving);
    if (route === undefined) {
      const ended = await waitForRoute(call, attempts, whenGone(response), serving);
      if (ended === "again") continue;
      return ended === "gone" ? undefined : answerProblem(response, ended, requestId);
    }
    if (isBodied) body ??= bodyOf(request, response, serving.bodies);
    const { pool, end } = serving.upstreams.begin(route);
    const forwarded = await forward({ dispatcher: pool, method, path, headers, body, response, requestId, startedAtMs });
    end(forwarded.kind === "failed" || forwarded.kind === "brokenOff");
    if (forwarded.kind === "answered" || forwarded.kind === "clientGone") return;

    serving.log.info({ service: service.id, route: route.id, reason: forwarded.reason }, "a route failed a request");
    if (forwarded.kind === "brokenOff") return;
    if (!mayTryAgain(attempts) || (forwarded.requestSent && !repeatable)) return answerProblem(response, problem("ROUTE_FAILED"), requestId);
    serving.metrics?.retried(service.id);
  }
}

const whenGone =
  (response: ServerResponse): OnGone =>
  (leave) => {
    response.once("close", leave);
    return () => response.off("close", leave);
  };

/** Between client and route stands a stream of our own: a route that fails must not take the client's connection with it. */
function bodyOf(request: IncomingMessage, response: ServerResponse, bodies: BodyWatch): PassThrough {
  if (request.headers.expect?.toLowerCase() === "100-continue") response.writeContinue();
  const body = new PassThrough();
  body.on("error", () => request.unpipe(body));
  bodies.watch(request, body, response);
  return request.pipe(body);
}
