/**
 * One request, from its head to its end: find the service, check the token, try routes, or say why not.
 *
 * Retried, at most twice and only on another route that the table still holds at that moment, is what cannot have had an effect: GET and
 * HEAD without a body whose route failed before the first byte of its answer, and any request of which no byte was sent.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { PassThrough } from "node:stream";
import type { Verifier } from "../auth/keys.ts";
import type { Log } from "../log.ts";
import type { ServiceId, TokenId } from "../model/ids.ts";
import { authorize } from "./authorize.ts";
import { answerProblem, noHealthyRoute, type Problem, problem } from "./errors.ts";
import { forward } from "./forward.ts";
import { hasBody, requestHeaders } from "./headers.ts";
import { routesInOrder } from "./pick-route.ts";
import { findService, type RouteAddress, type RouteTable, type TableService } from "./route-table.ts";
import { targetOf } from "./target.ts";
import type { Upstreams } from "./upstreams.ts";

export type GatewayMetrics = {
  /** `serviceId` is null where no service was found. */
  answered(serviceId: ServiceId | null, statusCode: number, durationMs: number): void;
  retried(serviceId: ServiceId): void;
};

/** What answering needs; `table` is asked anew whenever it matters. */
export type Serving = {
  readonly table: () => RouteTable;
  readonly upstreams: Upstreams;
  readonly verifier: Verifier;
  readonly onTokenUsed: (id: TokenId) => void;
  readonly metrics: GatewayMetrics | null;
  readonly log: Log;
};

export type Call = { readonly service: TableService; readonly path: string; readonly headers: readonly string[] };

export const retriesMax = 2;

export async function answer(request: IncomingMessage, response: ServerResponse, port: number | null, serving: Serving): Promise<void> {
  const startedAtMs = performance.now();
  const call = await admit(request, port, serving);
  const serviceId = "service" in call ? call.service.id : null;
  response.once("close", () => serving.metrics?.answered(serviceId, response.statusCode, performance.now() - startedAtMs));
  if ("service" in call) await tryRoutes(call, request, response, serving);
  else answerProblem(response, call);
}

/** The call that the request makes, if it may; else what to answer. */
export async function admit(request: IncomingMessage, port: number | null, serving: Serving): Promise<Call | Problem> {
  const target = targetOf(request.url ?? "", request.rawHeaders);
  if (target === null) return problem("MALFORMED_REQUEST");
  const service = findService(serving.table(), port, target.host);
  if (service === undefined) return problem("SERVICE_NOT_FOUND");

  const authorization = await authorize(service, request.rawHeaders, serving.verifier, new Date());
  if (!authorization.ok) {
    serving.log.debug({ service: service.id, reason: authorization.reason }, "a request without a valid token was refused");
    return problem("UNAUTHORIZED");
  }
  if (authorization.tokenId !== null) serving.onTokenUsed(authorization.tokenId);

  const { hasOurToken } = authorization;
  const remoteAddress = request.socket.remoteAddress ?? "unknown";
  const headers = requestHeaders(request.rawHeaders, { host: target.host, remoteAddress, protocol: service.protocol, hasOurToken });
  return { service, path: target.path, headers };
}

/** The route to try next: healthy now, and not one that has been tried. */
export function nextRoute(id: ServiceId, tried: ReadonlySet<string>, { table, upstreams }: Serving): RouteAddress | undefined {
  const routes =
    table()
      .byId.get(id)
      ?.routes.filter((route) => !tried.has(route.id)) ?? [];
  const [best] = routesInOrder(routes, {
    outstanding: (route) => upstreams.outstanding(route.id),
    failedLately: (route) => upstreams.failedLately(route.id),
    random: Math.random,
  });
  return best;
}

/** What to answer where there is no route to try at all. */
export function withoutRoute(service: TableService): Problem {
  const isEnding = service.status === "TERMINATING" || service.status === "TERMINATED";
  return isEnding ? problem("SERVICE_NOT_FOUND", "The service is being terminated.") : noHealthyRoute(service.status);
}

async function tryRoutes(call: Call, request: IncomingMessage, response: ServerResponse, serving: Serving): Promise<void> {
  const { service, path, headers } = call;
  const method = request.method ?? "GET";
  const body = hasBody(request.rawHeaders) ? bodyOf(request, response) : null;
  const repeatable = body === null && (method === "GET" || method === "HEAD");
  const tried = new Set<string>();

  for (;;) {
    const route = nextRoute(service.id, tried, serving);
    if (route === undefined) return answerProblem(response, tried.size === 0 ? withoutRoute(service) : problem("ROUTE_FAILED"));
    const { pool, end } = serving.upstreams.begin(route);
    const forwarded = await forward({ dispatcher: pool, method, path, headers, body, response });
    end(forwarded.kind === "failed" || forwarded.kind === "brokenOff");
    if (forwarded.kind === "answered" || forwarded.kind === "clientGone") return;

    serving.log.info({ service: service.id, route: route.id, reason: forwarded.reason }, "a route failed a request");
    if (forwarded.kind === "brokenOff") return;
    tried.add(route.id);
    if (tried.size > retriesMax || (forwarded.requestSent && !repeatable)) return answerProblem(response, problem("ROUTE_FAILED"));
    serving.metrics?.retried(service.id);
  }
}

/** Between client and route stands a stream of our own: a route that fails must not take the client's connection with it. */
function bodyOf(request: IncomingMessage, response: ServerResponse): PassThrough {
  if (request.headers.expect?.toLowerCase() === "100-continue") response.writeContinue();
  const body = new PassThrough();
  body.on("error", () => request.unpipe(body));
  return request.pipe(body);
}
