/** What is said over a WebSocket, or any other protocol, is the same through the gateway and direct, byte for byte, and ends in the same way. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { type IncomingMessage, request as openRequest, type ServerResponse } from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { deflateRawSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { comparable, documented, framing } from "./comparable.ts";
import { closing, frame } from "./websocket-frames.ts";
import { type Model, openWorld, serviceRow, startModel, type World } from "./world.ts";

const byServer = { isMasked: false };
const large = Buffer.alloc(1024 * 1024, "0123456789abcdef");
/** RFC 7692, 7.2.1: without the four bytes that end every flush. */
const compressed = deflateRawSync("compressed ".repeat(100), { finishFlush: 2 }).subarray(0, -4);

/** What a model does with a WebSocket that it has accepted. */
const talks: Record<string, (socket: WebSocket) => void> = {
  "/echo": (socket) => socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary })),
  "/greets": (socket) => socket.send("welcome"),
  "/pings": (socket) => socket.on("pong", (data) => socket.send(`pong ${data.toString()}`)).ping("are you there?"),
  "/fragments": (socket) => {
    socket.send("one ", { fin: false });
    socket.send("two", { fin: true });
  },
  "/closes": (socket) => socket.close(),
  "/closes/4404": (socket) => socket.close(4404, "there is no such model"),
  "/closes/1013": (socket) => socket.close(1013),
  "/dies": (socket) => socket.terminate(),
};

const switching = (protocol: string): string => `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n`;

/** What it does with the bare connection. */
const raw: Record<string, (socket: Duplex, head: Buffer, request: IncomingMessage) => void> = {
  "/raw/greets": (socket) => void socket.write(Buffer.concat([Buffer.from(`${switching("websocket")}\r\n`), frame("text", "first", byServer)])),
  "/raw/headers": (socket) => {
    const headers = "Set-Cookie: a=1\r\nset-cookie: b=2\r\nX-Empty: \r\nX-Latin: Gr\xfc\xdfe\r\nx-UPPER-lower: Kept\r\n";
    socket.end(Buffer.from(`${switching("websocket")}Sec-WebSocket-Accept: x\r\n${headers}\r\n`, "latin1"));
  },
  "/raw/ends": (socket) => void socket.end(`${switching("websocket")}\r\nlast words`),
  "/raw/other": (socket, head, request) => {
    socket.write(`${switching(request.headers.upgrade ?? "")}\r\n`);
    socket.write(head);
    socket.on("data", (chunk) => socket.write(chunk));
  },
};

const refusals: Record<string, (response: ServerResponse) => void> = {
  "/refused/400": (response) => void response.writeHead(400, { "Content-Type": "text/plain", "Content-Length": 3 }).end("no\n"),
  "/refused/401": (response) => void response.writeHead(401, { "WWW-Authenticate": 'Basic realm="model"' }).end(),
  "/refused/403": (response) => void response.writeHead(403, "Not for you", ["X-B", "1", "x-a", "2", "X-B", "3"]).end("closed"),
  "/refused/404": (response) => void response.writeHead(404, { "Content-Type": "application/json" }).end('{"detail":"Not Found"}'),
  "/refused/426": (response) => void response.writeHead(426, { "Sec-WebSocket-Version": "13, 8" }).end("use another version"),
  "/refused/429": (response) => void response.writeHead(429, { "Retry-After": "7" }).end("later"),
  "/refused/500": (response) => void response.writeHead(500).end(large),
  "/refused/302": (response) => void response.writeHead(302, { Location: "/elsewhere" }).end(),
  "/refused/200": (response) => {
    response.write("one ");
    setImmediate(() => response.end("two"));
  },
};

type Case = {
  readonly title: string;
  readonly path: string;
  readonly upgrade?: string;
  readonly method?: string;
  readonly headers?: readonly string[];
  /** In the packet of the handshake. */
  readonly early?: Buffer;
  /** When the answer's head is there. */
  readonly late?: readonly Buffer[];
  /** The client ends its half behind that. */
  readonly isEnded?: boolean;
};

const said = (title: string, ...late: readonly Buffer[]): Case => ({ title, path: "/echo", late: [...late, closing(1000)] });
const offers = (title: string, headers: readonly string[], ...late: readonly Buffer[]): Case => ({ ...said(title, ...late), headers });
const deflate = ["Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"];

const cases: readonly Case[] = [
  said("nothing", Buffer.alloc(0)),
  said("a text", frame("text", "hello")),
  said("an empty text", frame("text")),
  said("a text beyond ASCII", frame("text", "Grüße, 世界, 🐪")),
  said("a text of 126 bytes", frame("text", "x".repeat(126))),
  said("a text of 70,000 bytes", frame("text", "x".repeat(70_000))),
  said("bytes", frame("binary", Buffer.from([0, 255, 10, 13, 0]))),
  said("a megabyte", frame("binary", large)),
  said("a hundred texts", ...Array.from({ length: 100 }, (_, at) => frame("text", `text ${at}`))),
  said("a ping", frame("ping", "payload")),
  said("an empty ping and a pong that nobody asked for", frame("ping"), frame("pong", "unasked")),
  said("fragments", frame("text", "one ", { isLast: false }), frame("continuation", "two ", { isLast: false }), frame("continuation", "three")),
  said("fragments with a ping between them", frame("binary", "one ", { isLast: false }), frame("ping", "p"), frame("continuation", "two")),
  said("a frame in many pieces", ...[...frame("text", "byte by byte")].map((byte) => Buffer.of(byte))),
  { title: "a close without a code", path: "/echo", late: [frame("close")] },
  { title: "a close with a reason", path: "/echo", late: [closing(4000, "done with it")] },
  { title: "a close with a code that may not be sent", path: "/echo", late: [closing(1005)] },
  { title: "a frame without its mask", path: "/echo", late: [frame("text", "bare", byServer)] },
  { title: "a reserved opcode", path: "/echo", late: [frame("reserved", "?")] },
  { title: "a text that is no UTF-8", path: "/echo", late: [frame("text", Buffer.of(0xff, 0xfe))] },
  { title: "a continuation of nothing", path: "/echo", late: [frame("continuation", "?")] },
  { title: "the end of its half, without a close", path: "/echo", late: [frame("text", "hello")], isEnded: true },
  { title: "everything in the packet of the handshake", path: "/echo", early: Buffer.concat([frame("text", "early"), closing(1000)]) },
  {
    title: "half of a frame in the packet of the handshake",
    path: "/echo",
    early: frame("text", "split").subarray(0, 5),
    late: [frame("text", "split").subarray(5), closing(1000)],
  },
  ...["/greets", "/fragments"].map((path) => ({ title: "nothing but a close", path, late: [closing(1000)] })),
  { title: "a pong", path: "/pings", late: [frame("pong", "are you there?"), closing(1000)] },
  ...["/closes", "/closes/4404", "/closes/1013"].map((path) => ({ title: "its close in return", path, late: [frame("close")] })),
  { title: "nothing", path: "/dies" },
  offers("a subprotocol", ["Sec-WebSocket-Protocol: chat, superchat"]),
  offers("subprotocols in two fields", ["Sec-WebSocket-Protocol: superchat", "Sec-WebSocket-Protocol: chat"]),
  offers("an extension, and a compressed text", deflate, frame("text", compressed, { isCompressed: true })),
  offers(
    "an extension with parameters",
    ["Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover"],
    frame("text", "plain"),
  ),
  offers("an extension that the model does not know", ["Sec-WebSocket-Extensions: x-unknown; a=1, x-other"], frame("text", "plain")),
  { title: "a compressed text that was not agreed upon", path: "/echo", late: [frame("text", compressed, { isCompressed: true })] },
  offers("headers of its own", ["Cookie: a=1; b=2", "Authorization: Basic dTpw", "Origin: https://app.test", "X-Two: 1", "x-two: 2", "X-Empty:"]),
  { ...said("its protocol in capitals", frame("text", "hello")), upgrade: "WebSocket" },
  { ...said("a path with a query", frame("text", "hello")), path: "/echo?token=x&q=%2F" },
  { title: "nothing", path: "/raw/ends" },
  { title: "nothing", path: "/raw/headers" },
  { title: "the end of its half", path: "/raw/greets", isEnded: true },
  ...["x-echo/1.2", "tcp", "SPDY/3.1"].flatMap((upgrade) => [
    { title: "bytes of another protocol", path: "/raw/other", upgrade, late: [Buffer.from([0, 1, 2, 255]), large], isEnded: true },
    { title: "bytes of another protocol in the packet of the handshake", path: "/raw/other", upgrade, early: Buffer.from("early"), isEnded: true },
    { title: "nothing, for it is refused", path: "/refused/404", upgrade },
  ]),
  ...["POST", "PUT", "DELETE", "OPTIONS"].map((method) => ({
    title: `bytes of another protocol behind ${method} without a length`,
    path: "/raw/other",
    upgrade: "tcp",
    method,
    late: [Buffer.from("attached")],
    isEnded: true,
  })),
  ...Object.keys(refusals).map((path) => ({ title: "nothing, for it is refused", path })),
];

let model: Model;
let world: World;
/** What reached the model last: the head of the handshake, and what came after it. */
let seen: { readonly head: readonly string[]; bytes: Buffer; readonly closed: Promise<unknown> };

function see(request: IncomingMessage, head: Buffer): void {
  const headers = comparable(request.rawHeaders, [framing, documented]).toSorted();
  const current = { head: [`${request.method} ${request.url}`, ...headers], bytes: head, closed: once(request.socket, "close") };
  seen = current;
  request.socket.on("data", (chunk: Buffer) => (current.bytes = Buffer.concat([current.bytes, chunk])));
}

beforeAll(async () => {
  model = await startModel((request, response) => {
    see(request, Buffer.alloc(0));
    response.sendDate = false;
    refusals[request.url ?? ""]?.(response);
  });
  Object.assign(model.server, { shouldUpgradeCallback: ({ url = "" }: IncomingMessage) => !(url in refusals) });
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: { threshold: 0 },
    handleProtocols: (offered) => [...offered].at(-1) ?? false,
  });
  model.server.on("upgrade", (request, socket, head) => {
    const path = request.url?.split("?", 1)[0] ?? "";
    socket.on("error", () => {});
    if (path in talks) sockets.handleUpgrade(request, socket, head, (accepted) => talks[path]?.(accepted.on("error", () => {})));
    else {
      socket.on("end", () => socket.end());
      raw[path]?.(socket, head, request);
    }
    // Behind those who read, so that nothing is taken from them; to a WebSocket's reader the first bytes are yet to come.
    see(request, path in talks ? Buffer.alloc(0) : head);
  });
  world = await openWorld();
  await world.show(serviceRow({ routes: [model.route] }));
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await model[Symbol.asyncDispose]();
});

const hash = (bytes: Buffer): string =>
  bytes.length < 200 ? bytes.toString("latin1") : `${bytes.length} ${createHash("sha256").update(bytes).digest("hex")}`;
const handshakeOf = ({ upgrade = "websocket", headers = [] }: Case): readonly string[] => [
  "Host: service.test",
  "Connection: keep-alive, Upgrade",
  `Upgrade: ${upgrade}`,
  ...(upgrade.toLowerCase() === "websocket" ? ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="] : []),
  ...headers,
];
const flat = (lines: readonly string[]): string[] =>
  lines.flatMap((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]);

/** The status line, the headers, all that came after them, and how it ended. */
async function converse(port: number, one: Case) {
  const socket = connect({ host: "127.0.0.1", port });
  const end = Promise.withResolvers<string>();
  socket.on("error", ({ code }: NodeJS.ErrnoException) => end.resolve(code ?? "")).on("end", () => end.resolve("its end"));
  const answered = Promise.withResolvers<void>();
  let received = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    if (received.includes("\r\n\r\n")) answered.resolve();
  });
  const text = [`${one.method ?? "GET"} ${one.path} HTTP/1.1`, ...handshakeOf(one), "", ""].join("\r\n");
  socket.write(Buffer.concat([Buffer.from(text, "latin1"), one.early ?? Buffer.alloc(0)]));
  await answered.promise;
  for (const bytes of one.late ?? []) socket.write(bytes);
  if (one.isEnded === true) socket.end();
  const ended = await end.promise;
  socket.destroy();
  await seen.closed;
  const headEnd = received.indexOf("\r\n\r\n");
  const [status, ...lines] = received.toString("latin1", 0, headEnd).split("\r\n");
  const headers = comparable(flat(lines), [framing, documented]);
  return { status, headers, bytes: hash(received.subarray(headEnd + 4)), ended, model: { head: seen.head, bytes: hash(seen.bytes) } };
}

async function askRefused(port: number, one: Case) {
  const outgoing = openRequest({ host: "127.0.0.1", port, path: one.path, agent: false, headers: flat(handshakeOf(one)) });
  outgoing.end();
  const [answer] = (await once(outgoing, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
  const headers = comparable(answer.rawHeaders, [framing, documented]);
  return { status: `${answer.statusCode} ${answer.statusMessage}`, headers, bytes: hash(Buffer.concat(chunks)), model: seen.head };
}

test.each(cases.map((one) => ({ one, title: `${one.upgrade ?? "a WebSocket"} at ${one.path}: ${one.title}` })))(
  "$title is the same through the gateway and direct",
  async ({ one }) => {
    const ask = one.path in refusals ? askRefused : converse;
    expect(await ask(world.port, one)).toEqual(await ask(model.route.port, one));
  },
);
