/**
 * One request, from its head to its end: find the service, check the token, try routes, or say why not.
 *
 * Retried, at most twice and only on another route that the table still holds at that moment, is what cannot have had an effect: GET and
 * HEAD without a body whose route failed before the first byte of its answer, and any request of which no byte was sent. Where the service
 * is held, a request that has no route to try waits for one; its body is not read before.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Verifier } from "../auth/keys.ts";
import type { Log } from "../log.ts";
import type { ServiceId, TokenId } from "../model/ids.ts";
import { affinityKey } from "./affinity.ts";
import { authorize } from "./authorize.ts";
import { clientAddress } from "./client-address.ts";
import { CountedBody } from "./counted-body.ts";
import { answerProblem, type Problem, problem, type ProblemCode, tokenLimit } from "./errors.ts";
import { forward } from "./forward.ts";
import { type BodyWatch } from "./cut-stalled.ts";
import { hasBody, hasOddFraming, requestHeaders, requestIdOf, valuesOf } from "./headers.ts";
import type { OnGone } from "./hold.ts";
import { type Asking, mayTryAgain, nextRoute, noAttempts, type Routing, waitForRoute } from "./next-route.ts";
import { findService } from "./route-table.ts";
import type { TokenLimiter } from "./token-limits.ts";
import { type Target, targetOf } from "./target.ts";
import type { TimeOuts } from "./time-outs.ts";
import { traceParent } from "./trace-parent.ts";

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
  readonly timeOuts: TimeOuts;
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

/** The call that the request makes, if it may; else what to answer. Nobody is turned away by a table that is older than the request. */
export async function admit(request: IncomingMessage, port: number | null, requestId: string, serving: Serving): Promise<Call | Problem> {
  const target = targetOf(request.url ?? "", request.rawHeaders, request.httpVersion);
  if (target === null || hasOddFraming(request.rawHeaders, request.httpVersion)) return problem("MALFORMED_REQUEST");
  const admitted = await admitNow(request, target, port, requestId, serving);
  if ("service" in admitted || !mayBeBehind.has(admitted.code)) return admitted;
  await serving.lookAfresh();
  return admitNow(request, target, port, requestId, serving);
}

const mayBeBehind: ReadonlySet<ProblemCode> = new Set(["SERVICE_NOT_FOUND", "ADDRESS_NOT_ALLOWED", "UNAUTHORIZED"]);

async function admitNow(request: IncomingMessage, target: Target, port: number | null, requestId: string, serving: Serving): Promise<Call | Problem> {
  const service = findService(serving.table(), port, target.host);
  if (service === undefined) return problem("SERVICE_NOT_FOUND");
  const remoteAddress = clientAddress(request);
  if (service.isAllowed?.(remoteAddress) === false) return problem("ADDRESS_NOT_ALLOWED");
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

  const trace = traceParent(valuesOf(request.rawHeaders, "traceparent"));
  const origin = { host: target.host, remoteAddress, protocol: service.protocol, ourTokensIn, requestId, traceParent: trace };
  const headers = requestHeaders(request.rawHeaders, origin);
  const affinity = affinityKey(service.traffic.affinity, request.rawHeaders, service.protocol);
  return { service, tokenId, who: tokenId ?? remoteAddress, affinity, path: target.path, headers, end: begun?.end ?? null };
}

type Answering = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  readonly startedAtMs: number;
};

async function tryRoutes(call: Call, { request, response, requestId, startedAtMs }: Answering, serving: Serving): Promise<void> {
  const { service, path, headers, affinity } = call;
  const method = request.method ?? "GET";
  const isBodied = hasBody(request.rawHeaders);
  const repeatable = !isBodied && (method === "GET" || method === "HEAD");
  const attempts = noAttempts();
  let body: CountedBody | null = null;

  while (!response.destroyed) {
    const upstream = nextRoute(call, attempts, serving);
    if (upstream === undefined) {
      const ended = await waitForRoute(call, attempts, whenGone(response), serving);
      if (ended === "again") continue;
      return ended === "gone" ? undefined : answerProblem(response, ended, requestId);
    }
    if (isBodied) body ??= bodyOf(request, response, serving.bodies);
    const dispatcher = serving.upstreams.begin(upstream);
    const forwarded = await forward({
      upstream,
      dispatcher,
      method,
      path,
      headers,
      body,
      response,
      requestId,
      startedAtMs,
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
    if (isLast) return answerProblem(response, problem(code), requestId);
    serving.metrics?.retried(service.id);
  }
}

const whenGone =
  (response: ServerResponse): OnGone =>
  (leave) => {
    response.once("close", leave);
    return () => response.off("close", leave);
  };

function bodyOf(request: IncomingMessage, response: ServerResponse, bodies: BodyWatch): CountedBody {
  if (request.headers.expect?.toLowerCase() === "100-continue") response.writeContinue();
  const body = new CountedBody();
  body.on("error", () => request.unpipe(body));
  bodies.watch(request, body, response);
  return request.pipe(body);
}
