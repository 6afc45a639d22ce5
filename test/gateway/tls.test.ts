import { once } from "node:events";
import { type IncomingMessage, request as openRequest } from "node:http";
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect as connectHttp2,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from "node:http2";
import { request as openTlsRequest } from "node:https";
import { connect as connectTcp } from "node:net";
import { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { createCertificates } from "../../server/gateway/certificates.ts";
import { type MadeCertificate, makeCertificate } from "../support/certificate.ts";
import { countBytes, openTlsWorld, serviceRow, startModel, type World } from "./world.ts";

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

function session(to: World = world): ClientHttp2Session {
  const opened = connectHttp2(`https://127.0.0.1:${to.port}`, { ca: made.cert });
  opened.on("error", () => {});
  onTestFinished(() => opened.destroy());
  return opened;
}

const head = { ":method": "GET", ":path": "/", ":authority": "service.test" };
type Answer = {
  readonly headers: IncomingHttpHeaders & { readonly ":status"?: number };
  readonly text: string;
  readonly trailers: IncomingHttpHeaders;
};

async function answerOf(stream: ClientHttp2Stream): Promise<Answer> {
  let trailers: IncomingHttpHeaders = {};
  stream.on("trailers", (given: IncomingHttpHeaders) => (trailers = given));
  const [headers] = (await once(stream, "response")) as [IncomingHttpHeaders];
  let text = "";
  for await (const chunk of stream.setEncoding("latin1")) text += chunk;
  return { headers, text, trailers };
}

const ask = (client: ClientHttp2Session, headers: OutgoingHttpHeaders = {}, body?: string | Buffer): Promise<Answer> => {
  const stream = client.request({ ...head, ...headers }, { endStream: body === undefined });
  if (body !== undefined) stream.end(body);
  return answerOf(stream);
};

test("A request by HTTP/2 reaches the model as one by HTTP/1.1 would, and one by HTTP/1.1 is served at the same port", async () => {
  await using model = await startModel(async (request, response) => void response.end(String(await countBytes(request))));
  await world.show(serviceRow({ routes: [model.route] }));
  const client = session();
  expect(client.alpnProtocol ?? (await once(client, "connect"), client.alpnProtocol)).toBe("h2");
  const odd = { cookie: ["a=1", "serai_session=secret; b=2"], "x-latin": "Gr\xfc\xdfe", "x-empty": "", accept: ["a", "b"] };
  expect((await ask(client, { ...odd, ":method": "POST", ":path": "/p?q=1" }, "hello")).text).toBe("5");
  expect((await ask(client, { ":method": "POST", "content-length": 5, expect: "100-continue", te: "trailers" }, "hello")).text).toBe("5");
  const plain = openTlsRequest({ port: world.port, host: "127.0.0.1", ca: made.cert, headers: { Host: "service.test" }, agent: false });
  plain.end();
  const [answer] = (await once(plain, "response")) as [IncomingMessage];
  expect(answer.statusCode).toBe(200);

  const [chunked, sized, http1] = model.requests;
  expect([chunked?.method, chunked?.url]).toEqual(["POST", "/p?q=1"]);
  expect(chunked?.headersDistinct).toMatchObject({
    host: ["service.test"],
    cookie: ["a=1; b=2"],
    "x-latin": ["Gr\xfc\xdfe"],
    "x-empty": [""],
    "x-forwarded-proto": ["https"],
    "x-forwarded-host": ["service.test"],
    "x-forwarded-for": ["127.0.0.1"],
  });
  expect(chunked?.rawHeaders.filter((name) => name.startsWith(":"))).toEqual([]);
  expect(sized?.headers).toMatchObject({ "content-length": "5" });
  for (const name of ["te", "expect", "transfer-encoding"]) expect(sized?.headers).not.toHaveProperty(name);
  expect(http1?.headers).toMatchObject({ host: "service.test", "x-forwarded-proto": "https" });
});

test("An answer by HTTP/2 has all that the model said but what is the connection's, and its trailers", async () => {
  await using model = await startModel((request, response) => {
    if (request.url === "/nothing") return void response.writeHead(204, { ETag: '"x"' }).end();
    const lines = [
      "Set-Cookie",
      "a=1",
      "set-cookie",
      "b=2",
      "ETag",
      "1",
      "ETag",
      "2",
      "X-Latin",
      "Gr\xfc\xdfe",
      "Keep-Alive",
      "x",
      "Http2-Settings",
      "x",
    ];
    if (request.method === "HEAD") return void response.writeHead(201, lines).end();
    response.writeHead(201, "Made", ["Trailer", "X-Sum", ...lines]);
    response.write("one ");
    response.addTrailers({ "X-Sum": "42" });
    setImmediate(() => response.end("two"));
  });
  await world.show(serviceRow({ routes: [model.route] }));
  const client = session();
  const { headers, text, trailers } = await ask(client);
  expect(headers).toMatchObject({ ":status": 201, "set-cookie": ["a=1", "b=2"], "x-latin": "Gr\xfc\xdfe" });
  expect(headers).toHaveProperty("server-timing");
  for (const name of ["connection", "keep-alive", "transfer-encoding", "http2-settings"]) expect(headers).not.toHaveProperty(name);
  expect([text, trailers["x-sum"]]).toEqual(["one two", "42"]);
  const nothing = await ask(client, { ":path": "/nothing" });
  expect([nothing.headers[":status"], nothing.headers.etag, nothing.text]).toEqual([204, '"x"', ""]);
  const onlyHead = await ask(client, { ":method": "HEAD" });
  expect([onlyHead.headers[":status"], onlyHead.text]).toEqual([201, ""]);
});

test("A stream that the client resets ends the route's work within 100 ms, and is no failure of the route", async () => {
  let begun = Promise.withResolvers<void>();
  let ended = Promise.withResolvers<number>();
  await using model = await startModel((request, response) => {
    if (request.url === "/quick") return void response.end("hello");
    request.resume();
    if (request.method === "GET") response.write("begun");
    response.once("close", () => ended.resolve(performance.now()));
    begun.resolve();
  });
  await world.show(serviceRow({ routes: [model.route] }));
  const client = session();
  const noticedMs: number[] = [];
  for (const method of ["GET", "HEAD", "POST"]) {
    for (let round = 0; round < 6; round += 1) {
      [begun, ended] = [Promise.withResolvers(), Promise.withResolvers()];
      const stream = client.request({ ...head, ":method": method }, { endStream: method !== "POST" });
      stream.on("error", () => {});
      if (method === "POST") stream.write("half of it");
      await begun.promise;
      const leftAtMs = performance.now();
      stream.close(round % 2 === 0 || method === "POST" ? constants.NGHTTP2_CANCEL : constants.NGHTTP2_NO_ERROR);
      noticedMs.push((await ended.promise) - leftAtMs);
      expect((await ask(client, { ":path": "/quick" })).text).toBe("hello");
    }
  }
  // The middle one of them: a machine that has other work may be late once.
  expect(noticedMs.toSorted((one, other) => one - other)[9]).toBeLessThan(100);
});

test("An answer that the route breaks off is broken off at the client, and other streams of the connection go on", async () => {
  await using model = await startModel((request, response) => {
    response.write("half");
    if (request.url === "/broken") setTimeout(() => response.destroy(), 20);
    else setTimeout(() => response.end(), 100);
  });
  await world.show(serviceRow({ routes: [model.route] }));
  const client = session();
  const good = ask(client);
  await expect(ask(client, { ":path": "/broken" })).rejects.toThrow("NGHTTP2_INTERNAL_ERROR");
  expect((await good).text).toBe("half");
});

test("Who is refused while sending a large body is told why", async () => {
  await world.show(serviceRow({ openToPublic: false }));
  const client = session();
  const { headers, text } = await ask(client, { ":method": "POST" }, Buffer.alloc(4 * 1024 * 1024));
  expect([headers[":status"], text]).toEqual([401, expect.stringContaining("UNAUTHORIZED")]);
  // Who does not end it is not waited for.
  const unfinished = client.request({ ...head, ":method": "POST" }).on("error", () => {});
  const closed = once(unfinished, "close");
  unfinished.write(Buffer.alloc(1000));
  expect((await answerOf(unfinished)).headers[":status"]).toBe(401);
  await closed;
});

test("Large bodies go both ways with back-pressure", async () => {
  await using model = await startModel((request, response) => void request.pipe(response));
  await world.show(serviceRow({ routes: [model.route] }));
  const stream = session().request({ ...head, ":method": "POST" });
  Readable.from(Array.from({ length: 512 }, () => Buffer.alloc(64 * 1024))).pipe(stream);
  await once(stream, "response");
  // What nobody reads stays where it is: the model is not read on, and the model does not read on.
  const receivedBytes = () => model.requests[0]?.socket.bytesRead ?? 0;
  const standsStill = async () => {
    const before = receivedBytes();
    await pause(300);
    return receivedBytes() === before;
  };
  await expect.poll(standsStill).toBe(true);
  expect(receivedBytes()).toBeLessThan(24 * 1024 * 1024);
  expect(await countBytes(stream)).toBe(32 * 1024 * 1024);
});

test("WebSockets come by HTTP/1.1 over the same port", async () => {
  await using model = await startModel();
  const sockets = new WebSocketServer({ server: model.server });
  sockets.on("connection", (socket) => socket.on("message", (data) => socket.send(data)));
  await world.show(serviceRow({ routes: [model.route] }));
  const socket = new WebSocket(`wss://127.0.0.1:${world.port}/chat`, { ca: made.cert, headers: { Host: "service.test" } });
  await once(socket, "open");
  socket.send("hello");
  expect(String((await once(socket, "message"))[0])).toBe("hello");
  socket.terminate();
});

test("No connection has more streams at once than it is allowed, nor headers than in HTTP/1.1", async () => {
  const held: (() => void)[] = [];
  await using model = await startModel((_request, response) => void held.push(() => response.end()));
  await world.show(serviceRow({ routes: [model.route] }));
  const client = session();
  await once(client, "remoteSettings");
  expect(client.remoteSettings).toMatchObject({ maxConcurrentStreams: 100, maxHeaderListSize: 16_384 });
  const answers = Array.from({ length: 150 }, () => ask(client));
  await expect.poll(() => model.requests.length).toBe(100);
  const release = setInterval(() => held.pop()?.(), 1);
  onTestFinished(() => clearInterval(release));
  expect(new Set((await Promise.all(answers)).map(({ headers }) => headers[":status"]))).toEqual(new Set([200]));
  await expect(ask(client, { authorization: `Bearer ${"x".repeat(20_000)}` })).rejects.toThrow("NGHTTP2_ENHANCE_YOUR_CALM");
});

test("What is no TLS gets nothing, and harms nobody", async () => {
  await using model = await startModel();
  await world.show(serviceRow({ routes: [model.route] }));
  const client = session();
  const socket = connectTcp(world.port, "127.0.0.1");
  socket.on("error", () => {}).resume();
  socket.write("GET / HTTP/1.1\r\nHost: service.test\r\n\r\n");
  await once(socket, "close");
  expect((await ask(client)).text).toBe("hello");
});

test("On draining, streams end, and nothing new is taken", async () => {
  const finish = Promise.withResolvers<void>();
  await using model = await startModel(async (_request, response) => {
    response.write("begun ");
    await finish.promise;
    response.end("done");
  });
  await using own = await openTlsWorld(createCertificates(made));
  await own.show(serviceRow({ routes: [model.route] }));
  const [client, idle] = [session(own), session(own)];
  await once(idle, "connect");
  const answer = ask(client);
  await once(model.server, "request");
  const drained = own.drain(10_000);
  await once(idle, "close");
  const refused = openRequest({ port: own.port, host: "127.0.0.1" });
  expect(((await once(refused, "error")) as [NodeJS.ErrnoException])[0].code).toBe("ECONNREFUSED");
  finish.resolve();
  expect((await answer).text).toBe("begun done");
  await drained;
});

test("A new certificate is used from the next connection on, and none is dropped for it", async () => {
  await using model = await startModel();
  await using renewed = await makeCertificate();
  const certificates = createCertificates(made);
  await using own = await openTlsWorld(certificates);
  await own.show(serviceRow({ routes: [model.route] }));
  const client = session(own);
  expect((await ask(client)).text).toBe("hello");
  certificates.replace(renewed);
  const fresh = connectTls({ port: own.port, host: "127.0.0.1", ca: renewed.cert });
  onTestFinished(() => void fresh.destroy());
  await once(fresh, "secureConnect");
  expect((await ask(client)).text).toBe("hello");
});
