/** The gateway's one table from what went wrong to what the client is told: RFC 9457 problem details, never HTML. */
import { STATUS_CODES, type ServerResponse } from "node:http";
import { constants, type ServerHttp2Stream } from "node:http2";
import type { Duplex } from "node:stream";
import type { TokenLimits } from "../model/token-limits.ts";
import type { ServiceStatus } from "../model/service-status.ts";
import { asHttp2 } from "./http2-head.ts";
import { lingerOnStream, lingerOnUpload } from "./linger.ts";

export type ProblemCode =
  | "MALFORMED_REQUEST"
  | "HEADERS_TOO_LARGE"
  | "EXPECTATION_FAILED"
  | "TOO_MANY_CONNECTIONS"
  | "REQUEST_TIMEOUT"
  | "ADDRESS_NOT_ALLOWED"
  | "UNAUTHORIZED"
  | "TOKEN_LIMIT"
  | "SERVICE_NOT_FOUND"
  | "ROUTE_FAILED"
  | "CONNECT_TIMEOUT"
  | "FIRST_BYTE_TIMEOUT"
  | "NO_HEALTHY_ROUTE"
  | "TOO_MANY_WAITING"
  | "WAITED_TOO_LONG"
  | "GATEWAY_STOPPING"
  | "TABLE_TOO_OLD"
  | "MODEL_NOT_NAMED"
  | "MODEL_TOO_FAR"
  | "MODEL_NOT_FOUND"
  | "CODED_BODY"
  | "TOO_MANY_BODIES";

type ProblemKind = { readonly status: number; readonly title: string; readonly detail: string };

const problems: Record<ProblemCode, ProblemKind> = {
  MALFORMED_REQUEST: { status: 400, title: "The request is malformed", detail: "The gateway could not understand the request." },
  HEADERS_TOO_LARGE: { status: 431, title: "The request's headers are too large", detail: "Headers may have 16 KiB altogether." },
  REQUEST_TIMEOUT: {
    status: 408,
    title: "The request came too slowly",
    detail: "The headers must arrive within 30 seconds, and a body may not pause for a minute.",
  },
  EXPECTATION_FAILED: { status: 417, title: "The expectation cannot be met", detail: "The gateway knows no expectation but 100-continue." },
  TOO_MANY_CONNECTIONS: {
    status: 503,
    title: "Too many connections",
    detail: "The gateway has as many connections as it may have, altogether or from this address.",
  },
  // One wording for every reason: whoever has no valid token learns nothing from the difference.
  UNAUTHORIZED: {
    status: 401,
    title: "A valid token is needed",
    detail:
      "Send a token of this service that has neither expired nor been revoked: Authorization: BackendAI <token>, Bearer <token>, or X-API-Key: <token>.",
  },
  ADDRESS_NOT_ALLOWED: { status: 403, title: "This address may not call the service", detail: "The service answers only to certain addresses." },
  TOKEN_LIMIT: { status: 429, title: "The token may not ask for more now", detail: "The token has a limit, and it has been reached." },
  SERVICE_NOT_FOUND: { status: 404, title: "There is no such service", detail: "No service has this address." },
  ROUTE_FAILED: { status: 502, title: "The route failed", detail: "The model's server broke off before it answered." },
  CONNECT_TIMEOUT: { status: 504, title: "The route cannot be reached", detail: "The model's server took no connection within 2 seconds." },
  FIRST_BYTE_TIMEOUT: {
    status: 504,
    title: "The route took too long",
    detail: "The model's server did not begin its answer within the time that the service gives it.",
  },
  NO_HEALTHY_ROUTE: { status: 503, title: "No route is healthy", detail: "No route of the service can answer now." },
  TOO_MANY_WAITING: {
    status: 503,
    title: "Too many requests wait",
    detail: "The service is about to be back, and as many requests as may wait for it do so already.",
  },
  WAITED_TOO_LONG: { status: 503, title: "The request waited too long", detail: "No route of the service became healthy while the request waited." },
  TABLE_TOO_OLD: {
    status: 503,
    title: "The gateway is cut off",
    detail: "The gateway has not heard for so long which tokens are revoked that it answers for public services only.",
  },
  // At the main address, where the body's `model` says which service is called.
  MODEL_NOT_NAMED: { status: 400, title: "The request names no model", detail: "The body must be a JSON object with a string `model`." },
  MODEL_TOO_FAR: {
    status: 413,
    title: "The model is named too late",
    detail: "`model` must be within the first 32 MiB of the body: put it first, or call the service at its own address.",
  },
  MODEL_NOT_FOUND: { status: 404, title: "There is no such model", detail: "No service is called so." },
  CODED_BODY: {
    status: 415,
    title: "The body is coded",
    detail: "Here the body is read to find its `model`: send it without a Content-Encoding, or call the service at its own address.",
  },
  TOO_MANY_BODIES: {
    status: 503,
    title: "Too many large requests",
    detail: "The gateway holds as many bodies as it may that have not named their model yet.",
  },
  GATEWAY_STOPPING: {
    status: 503,
    title: "The gateway is stopping",
    detail: "No route of the service can answer now, and this gateway is being stopped.",
  },
};

/** Says no more than the status does: the reason behind it is for those who manage the service. */
const statusDetails: Partial<Record<ServiceStatus, string>> = {
  PROVISIONING: "The service is starting: none of its routes is healthy yet.",
  UNHEALTHY: "The service is unhealthy: none of its routes can answer now.",
  STOPPED: "The service is stopped: it is set to 0 routes.",
};

export type Problem = { readonly code: ProblemCode; readonly detail: string; readonly retryAfterSeconds?: number };

const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? "" : "s"}`;

export function tokenLimit(limit: keyof TokenLimits, count: number, retryAfterSeconds: number): Problem {
  const may = limit === "requestsPerMinute" ? `${plural(count, "request")} a minute` : `${plural(count, "request")} at the same time`;
  return { code: "TOKEN_LIMIT", detail: `This token may make ${may}.`, retryAfterSeconds };
}

export const problem = (code: ProblemCode, detail: string = problems[code].detail): Problem => ({ code, detail });

export const statusOf = ({ code }: Problem): number => problems[code].status;
const comeBackSecondsMax = 300;
/** @param seconds null: nothing is known. */
export const comeBackIn = (why: Problem, seconds: number | null): Problem =>
  seconds === null ? why : { ...why, retryAfterSeconds: Math.ceil(Math.min(seconds, comeBackSecondsMax)) + spread() };

/** Over some seconds: those who were turned away together should not come back together. */
const spread = (): number => Math.floor(Math.random() * 5);

type Rendered = { readonly status: number; readonly headers: string[]; readonly body: string };

/** Clients of OpenAI's API, whose paths begin with /v1/, read the reason where OpenAI has it. */
const isOpenAi = (url: string | undefined): boolean => /^(?:https?:\/\/[^/?#]*)?\/v1\//i.test(url ?? "");

function render({ code, detail, retryAfterSeconds }: Problem, url: string | undefined): Rendered {
  const { status, title } = problems[code];
  const type = `urn:serai:problem:${code.toLowerCase().replaceAll("_", "-")}`;
  const asOpenAi = isOpenAi(url);
  const error = { message: detail, type: openAiTypes[status] ?? "api_error", param: null, code: code.toLowerCase() };
  const body = `${JSON.stringify(asOpenAi ? { error } : { type, title, status, detail, code })}\n`;
  const mediaType = asOpenAi ? "application/json" : "application/problem+json";
  const headers = ["Content-Type", mediaType, "Content-Length", String(Buffer.byteLength(body)), "Cache-Control", "no-store"];
  if (status === 401) headers.push("WWW-Authenticate", 'Bearer realm="serai", BackendAI realm="serai"');
  if (retryAfterSeconds !== undefined) headers.push("Retry-After", String(retryAfterSeconds));
  else if (status >= 502) headers.push("Retry-After", String(1 + spread()));
  return { status, headers, body };
}

export const noHealthyRoute = (status: ServiceStatus): Problem => problem("NO_HEALTHY_ROUTE", statusDetails[status]);

/** As OpenAI names them. */
const openAiTypes: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  413: "invalid_request_error",
  415: "invalid_request_error",
  429: "rate_limit_error",
  503: "service_unavailable_error",
  504: "timeout_error",
};

/** @param cors what is said to web pages. */
export function answerProblem(response: ServerResponse, why: Problem, requestId: string, cors: readonly string[] = []): void {
  if (response.headersSent || response.destroyed) return;
  const { status, headers, body } = render(why, response.req.url);
  headers.push("X-Request-Id", requestId, ...cors);
  // Where one request began, and where the next one does, is not to be guessed.
  if (why.code === "MALFORMED_REQUEST") response.shouldKeepAlive = false;
  lingerOnUpload(response);
  response.writeHead(status, headers);
  response.end(response.req.method === "HEAD" ? undefined : body);
}

/** Where there is no response object: before a request could be parsed, and instead of an upgrade. Ends the connection, or the stream. */
export function writeProblem(socket: Duplex | ServerHttp2Stream, why: Problem, url?: string, cors: readonly string[] = []): void {
  if (!socket.writable) return;
  const { status, headers, body } = render(why, url);
  headers.push(...cors);
  if ("respond" in socket) {
    socket.respond(asHttp2(status, headers));
    return endConnection(socket, body);
  }
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n`;
  for (let at = 0; at < headers.length; at += 2) head += `${headers[at]}: ${headers[at + 1]}\r\n`;
  endConnection(socket, `${head}\r\n${body}`);
}

/** Instead of its end: a stream that is only destroyed would look whole. */
export function breakConnection(socket: Duplex | ServerHttp2Stream): void {
  if ("respond" in socket) socket.close(constants.NGHTTP2_INTERNAL_ERROR);
  else socket.destroy();
}

/** Half-closed connections would wait for a peer that may never close its half. */
export function endConnection(socket: Duplex | ServerHttp2Stream, lastText = ""): void {
  if ("respond" in socket) {
    socket.end(lastText);
    if (lingerOnStream(socket)) socket.resume();
    return;
  }
  if (socket.writableFinished) socket.destroy();
  else socket.once("finish", () => socket.destroy()).end(lastText);
}
