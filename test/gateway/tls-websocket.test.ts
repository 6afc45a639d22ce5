/** WebSockets over HTTP/2 (RFC 8441): what clients and models notice, and what is refused. */
import { once } from "node:events";
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants, type IncomingHttpHeaders, type OutgoingHttpHeaders } from "node:http2";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { WebSocketServer } from "ws";
import { createCertificates } from "../../server/gateway/certificates.ts";
import { newId } from "../../server/model/ids.ts";
import { defaultTrafficPolicy } from "../../server/model/traffic-policy.ts";
import { type MadeCertificate, makeCertificate } from "../support/certificate.ts";
import { closing, frame } from "./websocket-frames.ts";
import { goneRoute, openTlsWorld, serviceRow, startModel, tokenFor, type World } from "./world.ts";

let made: MadeCertificate;
let world: World;
beforeAll(async () => {
  made = await makeCertificate();
  world = await openTlsWorld(createCertificates(made));
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await made[Symbol.asyncDispose]();
});

async function session(to: World = world): Promise<ClientHttp2Session> {
  const opened = connect(`https://127.0.0.1:${to.port}`, { ca: made.cert });
  opened.on("error", () => {});
  onTestFinished(() => opened.destroy());
  await once(opened, "remoteSettings");
  expect(opened.remoteSettings.enableConnectProtocol).toBe(true);
  return opened;
}

const handshake = {
  ":method": "CONNECT",
  ":protocol": "websocket",
  ":scheme": "https",
  ":path": "/",
  ":authority": "service.test",
  "sec-websocket-version": "13",
};

type Opened = {
  readonly stream: ClientHttp2Stream;
  readonly headers: IncomingHttpHeaders;
  readonly received: () => Buffer;
  readonly closed: Promise<unknown>;
};

/** Resolves when the head of the answer is there; rejects where there is none. */
async function open(client: ClientHttp2Session, headers: OutgoingHttpHeaders = {}): Promise<Opened> {
  const stream = client.request({ ...handshake, ...headers }, { endStream: false });
  let bytes = Buffer.alloc(0);
  stream.on("data", (chunk: Buffer) => (bytes = Buffer.concat([bytes, chunk])));
  const closed = new Promise((resolve) => stream.on("error", () => {}).once("close", resolve));
  const [answered] = (await once(stream, "response")) as [IncomingHttpHeaders];
  return { stream, headers: answered, received: () => bytes, closed };
}

/** A model that echoes, but declines the path /no. */
async function startEcho() {
  const model = await startModel();
  const sockets = new WebSocketServer({
    server: model.server,
    verifyClient: ({ req }, done) => done(req.url !== "/no", 418, "no", { "X-Why": "because" }),
  });
  sockets.on("connection", (socket) => socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary })).on("error", () => {}));
  return {
    ...model,
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.clients) socket.terminate();
      await model[Symbol.asyncDispose]();
    },
  };
}

const ownKey = "AAAAAAAAAAAAAAAAAAAAAA==";
const byServer = { isMasked: false };

test("A WebSocket speaks with the model, which sees an ordinary handshake, beside other streams of the connection; closing reaches both ends", async () => {
  await using model = await startEcho();
  const row = serviceRow({ routes: [model.route] });
  await world.show(row);
  const client = await session();
  const connected = once(model.sockets, "connection");
  const one = await open(client, {
    ":path": "/talk?q=1",
    "sec-websocket-protocol": "chat",
    "sec-websocket-key": ownKey,
    cookie: ["a=1", "serai_session=secret"],
  });
  const other = await open(client);
  expect(one.headers).toMatchObject({ ":status": 200, "sec-websocket-protocol": "chat" });
  expect(one.headers).not.toHaveProperty("sec-websocket-accept");
  const [, request] = await connected;
  expect(request.headersDistinct["sec-websocket-key"]).toEqual([expect.not.stringContaining(ownKey)]);
  expect([request.method, request.url]).toEqual(["GET", "/talk?q=1"]);
  expect(request.headersDistinct).toMatchObject({
    host: ["service.test"],
    connection: ["Upgrade"],
    upgrade: ["websocket"],
    "sec-websocket-version": ["13"],
    cookie: ["a=1"],
    "x-forwarded-proto": ["https"],
  });

  const large = Buffer.alloc(1024 * 1024, "0123456789abcdef");
  for (const bytes of [frame("text", "hello"), frame("binary", large)]) one.stream.write(bytes);
  const echoed = Buffer.concat([frame("text", "hello", byServer), frame("binary", large, byServer)]);
  await expect.poll(() => one.received().equals(echoed)).toBe(true);
  expect(other.received()).toHaveLength(0);

  await world.show({ ...row, routes: [], drainingRoutes: [model.route.id] });
  expect(world.idleDrainingRoutes()).toEqual([]);
  for (const { stream, received, closed } of [one, other]) {
    stream.end(closing(4000, "done"));
    await closed;
    expect([received().subarray(-6).toString("latin1"), stream.rstCode]).toEqual([
      `${String.fromCharCode(0x0f, 0xa0)}done`,
      constants.NGHTTP2_NO_ERROR,
    ]);
  }
  await expect.poll(() => world.idleDrainingRoutes()).toEqual([model.route.id]);
  expect(client.destroyed).toBe(false);
});

test("A client that resets its stream, or leaves, ends the model's connection", async () => {
  await using model = await startEcho();
  await world.show(serviceRow({ routes: [model.route] }));
  const client = await session();
  const { stream } = await open(client);
  await open(client);
  await expect.poll(() => model.sockets.clients.size).toBe(2);
  stream.close(constants.NGHTTP2_CANCEL);
  await expect.poll(() => model.sockets.clients.size).toBe(1);
  client.destroy();
  await expect.poll(() => model.sockets.clients.size).toBe(0);
});

test("A model that dies ends the stream, and one that pauses for too long is cut", async () => {
  await using model = await startEcho();
  await world.show(serviceRow({ routes: [model.route], traffic: { ...defaultTrafficPolicy, idleTimeoutSeconds: 1 } }));
  const client = await session();
  const dying = await open(client);
  for (const socket of model.sockets.clients) socket.terminate();
  await dying.closed;
  expect(dying.stream.rstCode).toBe(constants.NGHTTP2_NO_ERROR);
  const paused = await open(client);
  await paused.closed;
  expect(paused.stream.rstCode).toBe(constants.NGHTTP2_INTERNAL_ERROR);
  expect(model.sockets.clients.size).toBe(0);
});

test("A gateway that is to end lets it go on for the grace, and is done when it is closed", async () => {
  await using model = await startEcho();
  await using ending = await openTlsWorld(createCertificates(made));
  await ending.show(serviceRow({ routes: [model.route] }));
  const { stream, received, closed } = await open(await session(ending));
  let isDrained = false;
  const drained = ending.drain(30_000).then(() => (isDrained = true));
  stream.write(frame("text", "still here"));
  await expect.poll(() => received().toString()).toContain("still here");
  expect(isDrained).toBe(false);
  stream.end(closing(1000));
  await closed;
  await drained;
});

test("What is refused by HTTP/1.1 is refused here in the same words, and what the model says instead passes", async () => {
  await using model = await startEcho();
  await using plain = await startModel();
  const isPrivate = serviceRow({ endpointHost: "private.test", openToPublic: false, routes: [model.route] });
  const limits = { requestsPerMinute: null, concurrentRequests: 1 };
  const tokenId = newId("token");
  await world.show(
    serviceRow({ routes: [model.route] }),
    { ...isPrivate, tokenLimits: [{ id: tokenId, ...limits }] },
    serviceRow({ endpointHost: "plain.test", routes: [plain.route] }),
    serviceRow({ endpointHost: "gone.test", routes: [await goneRoute()] }),
    serviceRow({ endpointHost: "none.test" }),
  );
  const client = await session();
  const refused = async (headers: OutgoingHttpHeaders) => {
    const { headers: answered, received, closed, stream } = await open(client, headers);
    stream.end();
    await closed;
    return { status: answered[":status"], why: answered["x-why"], text: received().toString() };
  };
  const codeOf = (text: string) => (JSON.parse(text) as { code: string }).code;
  expect(await refused({ ":path": "/no" })).toEqual({ status: 418, why: "because", text: "no" });
  // By HTTP/2 a success would say that a WebSocket is open.
  expect(await refused({ ":authority": "plain.test" })).toMatchObject({ status: 502, text: "hello" });
  for (const [host, status, code] of [
    ["private.test", 401, "UNAUTHORIZED"],
    ["gone.test", 502, "ROUTE_FAILED"],
    ["none.test", 503, "NO_HEALTHY_ROUTE"],
    ["nobody.test", 404, "SERVICE_NOT_FOUND"],
  ] as const) {
    const answer = await refused({ ":authority": host });
    expect([answer.status, codeOf(answer.text)]).toEqual([status, code]);
  }
  // For as long as it is open it is one of its token's requests.
  const authorized = { ":authority": "private.test", authorization: `Bearer ${tokenFor(isPrivate.id, { tokenId })}` };
  const first = await open(client, authorized);
  expect(first.headers[":status"]).toBe(200);
  expect((await refused(authorized)).status).toBe(429);
  first.stream.end(closing(1000));
  await first.closed;
  await expect.poll(async () => (await open(client, authorized)).headers[":status"]).toBe(200);
});

test.each([
  { what: "to anywhere", headers: { ":protocol": undefined, ":scheme": undefined, ":path": undefined } },
  { what: "for another protocol", headers: { ":protocol": "connect-udp" } },
  { what: "for WebSocket in capitals", headers: { ":protocol": "WebSocket" } },
  { what: "with a length", headers: { "content-length": "5" } },
])("CONNECT $what is refused, reaches no model, and leaves the connection usable", async ({ headers }) => {
  await using model = await startEcho();
  await world.show(serviceRow({ routes: [model.route] }));
  const client = await session();
  const given = Object.fromEntries(Object.entries({ ...handshake, ...headers }).filter(([, value]) => value !== undefined)) as OutgoingHttpHeaders;
  const stream = client.request(given, { endStream: false });
  let answered: unknown = null;
  stream.on("response", (head) => (answered = head)).on("error", () => {});
  await new Promise((resolve) => stream.once("close", resolve));
  expect(answered).toBeNull();
  expect((await open(client)).headers[":status"]).toBe(200);
  expect(model.sockets.clients.size).toBe(1);
});
