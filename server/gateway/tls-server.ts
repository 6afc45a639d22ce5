/**
 * The listener's server where TLS is on: HTTP/2 for clients that speak it, else the same HTTP/1.1 as without TLS, and all of it as the
 * requests and answers of `node:http`, so that one path serves every client and costs those of HTTP/1.1 nothing.
 *
 * A request of HTTP/2 is given the head that it would have had in HTTP/1.1, here and nowhere else; every check after that is the one for all.
 * nghttp2 has refused by then, with a reset of the stream, what cannot be translated: fields of the connection (`Connection`, `Upgrade`,
 * `Transfer-Encoding`), names in upper case, a body of another length than `Content-Length` (RFC 9113, 8.1.1); and it has dropped fields with
 * CR, LF or NUL in them.
 * A WebSocket by extended CONNECT (RFC 8441) is given the head of an upgrade in the same way, and answered by tunnel.ts.
 */
import { randomBytes } from "node:crypto";
import type { Server, ServerOptions } from "node:http";
import {
  constants,
  createSecureServer,
  Http2ServerRequest,
  Http2ServerResponse,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { Socket } from "node:net";
import type { ReadableOptions } from "node:stream";
import type { Certificates } from "./certificates.ts";
import { asHttp2 } from "./http2-head.ts";
import { lingerOnStream } from "./linger.ts";
import { protocolOf } from "./upgrade.ts";

const handshakeMsMax = 30_000;
/** Of one that has no request under way, also before its first. */
const idleSessionMs = 75_000;

/**
 * What one connection may ask of us. Streams that are reset right after they were opened (CVE-2023-44487) are let go on at 33 a second; who
 * goes on like that loses the connection. Floods of SETTINGS, PING and of empty frames end it by nghttp2's own limits.
 */
const limits = {
  maxSessionInvalidFrames: 100,
  maxSessionRejectedStreams: 100,
  maxOutstandingPings: 10,
  maxOutstandingSettings: 10,
  streamResetBurst: 200,
  streamResetRate: 33,
  maxHeaderListPairs: 1000,
  // As much as in HTTP/1.1. Clients are told so beforehand; what is more is reset.
  settings: { enablePush: false, maxConcurrentStreams: 100, maxHeaderListSize: 16_384, enableConnectProtocol: true },
};

export function createTlsServer(certificates: Certificates, http1Options: ServerOptions): Server {
  const server = createSecureServer({
    ...certificates.current(),
    ...limits,
    allowHTTP1: true,
    handshakeTimeout: handshakeMsMax,
    noDelay: true,
    // A model may repeat a field that should stand alone; it passes, as in HTTP/1.1.
    strictSingleValueFields: false,
    Http2ServerRequest: TranslatedRequest,
    Http2ServerResponse: TranslatedResponse,
    http1Options,
  });
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.on("session", endIdle);
  server.on("connect", (request, response) => {
    // Any other is a tunnel to anywhere, or speaks what no route does.
    if (request.headers[":protocol"] !== "websocket" || protocolOf(request.rawHeaders) === null) return response.destroy();
    request.method = "GET";
    server.emit("upgrade", request, request.stream, Buffer.alloc(0));
  });
  const leave = certificates.follow((pair) => server.setSecureContext(pair));
  server.once("close", leave);
  // In all that the gateway uses of them, requests and answers of both are those of node:http.
  return Object.assign(server as unknown as Server, {
    shouldUpgradeCallback: http1Options.shouldUpgradeCallback,
    closeAllConnections() {
      for (const socket of sockets) socket.destroy();
    },
  });
}

function endIdle(session: ServerHttp2Session): void {
  let open = 0;
  session.setTimeout(idleSessionMs);
  session.on("timeout", () => open === 0 && session.close());
  session.on("stream", (stream) => {
    open += 1;
    session.setTimeout(0);
    stream.once("close", () => {
      open -= 1;
      if (open === 0 && !session.destroyed) session.setTimeout(idleSessionMs);
    });
  });
}

/** Read as one of HTTP/1.1: pseudo fields become Host, pieces of the cookie one, and a body of unknown length is chunked. */
class TranslatedRequest extends Http2ServerRequest {
  override readonly httpVersion = "1.1";
  override readonly rawHeaders: string[];
  /** Of the body so far: the socket's count is that of all its streams. */
  bytesRead = 0;

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, options: ReadableOptions, rawHeaders: readonly string[]) {
    super(stream, headers, options, rawHeaders);
    this.rawHeaders = headers[":protocol"] === undefined ? asHttp1(rawHeaders, stream.endAfterHeaders) : asUpgrade(rawHeaders);
  }

  override push(chunk: Buffer | null, encoding?: BufferEncoding): boolean {
    this.bytesRead += chunk?.length ?? 0;
    return super.push(chunk, encoding);
  }
}

/** @param isWhole no body follows. */
function asHttp1(rawHeaders: readonly string[], isWhole: boolean): string[] {
  const headers: string[] = [];
  const cookies: string[] = [];
  let authority: string | null = null;
  let hasLength = false;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? "";
    const value = rawHeaders[at + 1] ?? "";
    if (name === ":authority") authority = value;
    // RFC 9113, 8.2.3.
    else if (name === "cookie") cookies.push(value);
    // Where both name the same host they are one; where they do not, there are two, and two are refused (RFC 9113, 8.3.1).
    else if (!name.startsWith(":") && !(name === "host" && value === authority)) headers.push(name, value);
    hasLength ||= name === "content-length";
  }
  if (cookies.length > 0) headers.push("cookie", cookies.join("; "));
  if (!isWhole && !hasLength) headers.push("transfer-encoding", "chunked");
  return authority === null ? headers : ["host", authority, ...headers];
}

/** What RFC 8441, 5, leaves out of a handshake; a client's key would be a second one. */
function asUpgrade(rawHeaders: readonly string[]): string[] {
  const key = randomBytes(16).toString("base64");
  const sent = rawHeaders.filter((_text, at) => rawHeaders[at - (at % 2)] !== "sec-websocket-key");
  return [...asHttp1(sent, true), "connection", "Upgrade", "upgrade", "websocket", "sec-websocket-key", key];
}

const withoutBody: ReadonlySet<number> = new Set([204, 205, 304]);

/** Written to as one of HTTP/1.1. */
class TranslatedResponse extends Http2ServerResponse<TranslatedRequest> {
  /** There is nothing to keep: the connection is the session's. */
  shouldKeepAlive = true;
  #hasBody = true;

  constructor(stream: ServerHttp2Stream) {
    super(stream);
    Object.defineProperty(this, "destroyed", { get: () => stream.destroyed });
    // Node would wait for the end of what nobody reads.
    stream.once("aborted", () => process.nextTick(() => stream.destroy()));
    // Of an answer to HEAD Node tells this only after its end.
    let isClosed = false;
    this.once("close", () => (isClosed = true));
    stream.once("close", () => isClosed || this.emit("close"));
  }

  /** @param rest an optional status message, which HTTP/2 does not have, and raw headers. */
  override writeHead(status: number, ...rest: unknown[]): this {
    if (this.destroyed || this.stream.closed) return this;
    const headers = asHttp2(status, (rest.at(-1) ?? []) as readonly string[]);
    this.statusCode = Number(headers[1]);
    this.#hasBody = !withoutBody.has(status) && this.req.method !== "HEAD";
    this.stream.respond(headers, { waitForTrailers: true });
    return this;
  }

  override write(chunk: string | Uint8Array, ...rest: never[]): boolean {
    return chunk.length === 0 || !this.#hasBody || super.write(chunk, ...rest);
  }

  /** @param pairs as node:http takes them as well; its compatible answer does not. */
  override addTrailers(pairs: OutgoingHttpHeaders | readonly (readonly [string, string])[]): void {
    super.addTrailers(Object.fromEntries(pairs as readonly (readonly [string, string])[]));
  }

  override end(...args: never[]): this {
    super.end(...args);
    if (!lingerOnStream(this.stream)) return this;
    this.req.unpipe();
    this.req.resume();
    return this;
  }

  /** Nobody may take what was sent so far for a whole answer. */
  override destroy(): this {
    this.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    return this;
  }
}
