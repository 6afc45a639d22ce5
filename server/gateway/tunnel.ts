/**
 * WebSockets, and other protocols: the handshake is an ordinary request, with the same checks; after it the two sockets are tied together.
 * A model that declines the handshake has its answer passed on. The client's side is a connection, or a stream of HTTP/2 (RFC 8441).
 */
import { type IncomingMessage, request as openRequest } from "node:http";
import type { ServerHttp2Stream } from "node:http2";
import type { Duplex, Readable } from "node:stream";
import { admit, type Call, corsOf, endWith, findByAddress, type Serving } from "./answer.ts";
import { withCors } from "./cors.ts";
import { breakConnection, endConnection, type Problem, problem, statusOf, writeProblem } from "./errors.ts";
import { type Exchange, received, sent } from "./exchange.ts";
import { requestIdOf, responseHeaders, valuesOf } from "./headers.ts";
import { asHttp2 } from "./http2-head.ts";
import type { OnGone } from "./hold.ts";
import { mayTryAgain, nextRoute, noAttempts, waitForRoute } from "./next-route.ts";
import type { FailureCode } from "./forward.ts";
import type { RouteAddress } from "./route-table.ts";
import { noteAnswer } from "./standing.ts";
import { newWatched, type TimeOutLimits, type TimeOuts } from "./time-outs.ts";
import { isWebSocket, protocolOf } from "./upgrade.ts";

const connectTimeoutMs = 2000;

type Handshake = { readonly answer: IncomingMessage; readonly upstream: Duplex | null; readonly firstBytes: Buffer };
/** `requestSent`: the route may have begun to work on it. */
type Failed = { readonly code: FailureCode; readonly requestSent: boolean };

export async function tunnel(request: IncomingMessage, client: Duplex, head: Buffer, port: number | null, serving: Serving): Promise<void> {
  client.on("error", () => client.destroy());
  const method = request.method ?? "GET";
  const repeatable = method === "GET" || method === "HEAD";
  const protocol = protocolOf(request.rawHeaders) ?? "";
  const exchange = serving.exchanges.begin(requestIdOf(request.rawHeaders), method, request.url ?? "");
  let status: number | null = null;
  client.once("close", () => serving.exchanges.end(exchange, status));
  const found = await findByAddress(request, port, serving);
  const cors = corsOf(found, request, serving);
  const refuse = (why: Problem): void => {
    status = statusOf(why);
    writeProblem(client, why, exchange.url, cors);
  };
  const call = "service" in found ? await admit(found, request, exchange, serving) : found;
  if (!("service" in call)) return refuse(call);
  endWith(client, call);
  const headers = [...call.headers, "Connection", "Upgrade", "Upgrade", protocol];
  // Else Node sends a body, which is empty, but in chunks.
  if (!repeatable && valuesOf(headers, "content-length").length === 0) headers.push("Content-Length", "0");

  const attempts = noAttempts();
  while (!client.destroyed) {
    const upstream = nextRoute(call, attempts, serving);
    if (upstream === undefined) {
      const ended = await waitForRoute(call, attempts, exchange, whenGone(client), serving);
      if (ended === "again") continue;
      return ended === "gone" ? void client.destroy() : refuse(ended);
    }
    serving.exchanges.tries(exchange, call.service.id, upstream);
    serving.upstreams.begin(upstream);
    const begunAtMs = performance.now();
    const handshake = await shakeHands(upstream, method, { ...call, headers }, client, serving.timeOuts);
    if ("answer" in handshake) {
      status = statusFor(client, handshake);
      exchange.firstByteMs = performance.now() - exchange.startedAtMs;
      noteAnswer(upstream, upstream.balance.usual, performance.now() - begunAtMs);
      passHead(client, status, handshake, call.affinity, cors);
      const ended = () => serving.upstreams.end(upstream, false);
      // Not waited for: for the hours until then, nothing of the handshake is kept.
      return tie(client, head, handshake, { exchange, limits: call.service.timeOuts, timeOuts: serving.timeOuts, ended });
    }
    serving.upstreams.end(upstream, !client.destroyed);
    const { code, requestSent } = handshake;
    attempts.failure = code;
    // The handshake of a WebSocket is no work for a model; what another protocol's request asks for, nobody knows.
    const isLoad = requestSent && !isWebSocket(protocol);
    const isLast = code === "FIRST_BYTE_TIMEOUT" || (requestSent && !repeatable) || !mayTryAgain(call, attempts, isLoad, serving);
    if (isLast) return refuse(problem(code));
    serving.exchanges.retried(exchange, call.service.id);
  }
}

/** Whoever ends even one half is gone: no handshake can follow. What was sent too early stays where it is, also in front of an end. */
const whenGone =
  (client: Duplex): OnGone =>
  (leave) => {
    client.once("end", leave).once("close", leave);
    return () => client.off("end", leave).off("close", leave);
  };

/** Why not, where the route did not answer, or the client went away. */
function shakeHands(
  { host, port }: RouteAddress,
  method: string,
  { path, headers, service }: Call,
  client: Duplex,
  timeOuts: TimeOuts,
): Promise<Handshake | Failed> {
  return new Promise((resolve) => {
    const outgoing = openRequest({ host, port, method, path, headers, setHost: false, agent: false });
    let failure: FailureCode = "ROUTE_FAILED";
    let requestSent = false;
    const abort = () => outgoing.destroy();
    const abortAs = (code: FailureCode) => () => {
      failure = code;
      abort();
    };
    const cut = abortAs("FIRST_BYTE_TIMEOUT");
    const watched = newWatched({ limits: service.timeOuts, passed: () => 0, hasBegun: () => false, cut });
    const settle = (handshake: Handshake | Failed) => {
      timeOuts.forget(watched);
      client.off("close", abort);
      resolve(handshake);
    };
    timeOuts.watch(watched);
    if (client.destroyed) abort();
    client.once("close", abort);
    const tooSlow = setTimeout(abortAs("CONNECT_TIMEOUT"), connectTimeoutMs);
    outgoing.once("socket", (socket) =>
      socket.once("connect", () => {
        clearTimeout(tooSlow);
        requestSent = true;
      }),
    );
    outgoing.once("close", () => {
      clearTimeout(tooSlow);
      settle({ code: failure, requestSent });
    });
    outgoing.once("upgrade", (answer, upstream, firstBytes) => settle({ answer, upstream, firstBytes }));
    outgoing.once("response", (answer) => settle({ answer, upstream: null, firstBytes: Buffer.alloc(0) }));
    // Always followed by close.
    outgoing.on("error", () => {});
    outgoing.end();
  });
}

/** A success other than the switch says nothing by HTTP/1.1; by HTTP/2 it would say that a WebSocket is open (RFC 9113, 8.5). */
function statusFor(client: Duplex, { answer: { statusCode = 502 }, upstream }: Handshake): number {
  return upstream === null && "respond" in client && statusCode < 300 ? 502 : statusCode;
}

function passHead(
  client: Duplex | ServerHttp2Stream,
  status: number,
  { answer, upstream }: Handshake,
  affinity: Call["affinity"],
  cors: readonly string[],
): void {
  const answered = responseHeaders(answer.rawHeaders);
  // Of the switch itself no page reads anything.
  const passed = upstream === null && cors.length > 0 ? withCors(answered, cors) : answered;
  if (affinity?.setCookie != null) passed.push("Set-Cookie", affinity.setCookie);
  if ("respond" in client) return client.respond(asHttp2(upstream === null ? status : 200, passed));
  const connection = upstream === null ? ["Connection", "close"] : ["Connection", "Upgrade", "Upgrade", answer.headers.upgrade ?? "websocket"];
  const lines = [`HTTP/1.1 ${status} ${answer.statusMessage ?? ""}`];
  const headers = [...connection, ...passed];
  for (let at = 0; at < headers.length; at += 2) lines.push(`${headers[at]}: ${headers[at + 1]}`);
  client.write(Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"));
}

type Tied = {
  readonly exchange: Exchange;
  readonly limits: TimeOutLimits;
  readonly timeOuts: TimeOuts;
  /** Both sides are closed. */
  readonly ended: () => void;
};

function tie(client: Duplex, head: Buffer, { answer, upstream, firstBytes }: Handshake, tied: Tied): void {
  const { exchange } = tied;
  if (upstream !== null) {
    sent(exchange, firstBytes.length);
    received(exchange, head.length);
    client.write(firstBytes);
    upstream.write(head);
  }
  join(client, upstream ?? answer, tied);
  if (upstream === null) return;
  client.on("data", (chunk: Buffer) => received(exchange, chunk.length));
  client.pipe(upstream);
}

function join(client: Duplex, source: Readable, { exchange, limits, timeOuts, ended }: Tied): void {
  const watched = newWatched({
    limits,
    passed: () => exchange.bytesIn + exchange.bytesOut,
    hasBegun: () => true,
    cut: () => breakConnection(client),
  });
  const end = () => {
    source.destroy();
    timeOuts.forget(watched);
    ended();
  };
  timeOuts.watch(watched);
  source.on("data", (chunk: Buffer) => sent(exchange, chunk.length));
  source.on("error", () => breakConnection(client));
  source.once("close", () => (source.readableEnded ? endConnection(client) : breakConnection(client)));
  source.pipe(client);
  if (client.destroyed) end();
  else client.once("close", end);
}
