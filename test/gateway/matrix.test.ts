/** What a client and a model notice of the gateway between them: nothing but the headers that docs/gateway.md names. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { type IncomingMessage, request as openRequest, type RequestListener } from "node:http";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { comparable, documented, framing } from "./comparable.ts";
import { type Model, openWorld, serviceRow, startModel, type World } from "./world.ts";

type Case = {
  readonly method: string;
  readonly path: string;
  readonly headers?: readonly string[];
  readonly body?: Buffer;
  readonly isChunked?: boolean;
};

const hash = (bytes: Buffer): string => `${bytes.length} ${createHash("sha256").update(bytes).digest("hex").slice(0, 16)}`;

async function bytesOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const large = Buffer.alloc(1024 * 1024, "0123456789abcdef");
const ways: Record<string, RequestListener> = {
  length: (_request, response) => void response.writeHead(200, { "Content-Length": 5, "Content-Type": "text/plain" }).end("hello"),
  chunked: (_request, response) => {
    response.writeHead(201, "Made", ["X-B", "1", "x-a", "2", "Set-Cookie", "a=1", "Set-Cookie", "b=2", "X-B", "3"]);
    response.write("one ");
    setImmediate(() => response.end("two"));
  },
  large: (_request, response) => void response.end(large),
  gzip: (_request, response) => void response.writeHead(200, { "Content-Encoding": "gzip", Vary: "Accept-Encoding" }).end(gzipSync("hello")),
  trailers: (request, response) => {
    if (request.method === "HEAD") return void response.end();
    response.writeHead(200, { Trailer: "X-Sum" }).write("body");
    response.addTrailers({ "X-Sum": "42" });
    response.end();
  },
  nothing: (_request, response) => void response.writeHead(204).end(),
  unchanged: (_request, response) => void response.writeHead(304, { ETag: '"x"' }).end(),
  partial: (_request, response) => void response.writeHead(206, { "Content-Range": "bytes 0-1/5", "Content-Length": 2 }).end("he"),
  teapot: (_request, response) => void response.writeHead(418, "Short and stout", { "X-Empty": "", "X-Latin": "Gr\xfc\xdfe" }).end("{}"),
  failed: (_request, response) => void response.writeHead(500, { "Content-Type": "text/html" }).end("<h1>the model's own error</h1>"),
  moved: (_request, response) => void response.writeHead(307, { Location: "http://elsewhere.test/x?y=1" }).end(),
};

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "QUERY"];
const bodies: readonly Pick<Case, "body" | "isChunked">[] = [
  {},
  { body: Buffer.alloc(0) },
  { body: Buffer.from('{"a":1}') },
  { body: Buffer.from("chunked"), isChunked: true },
];
const oddHeaders: readonly (readonly string[])[] = [
  ["X-Empty", ""],
  ["X-Two", "1", "X-Two", "2", "x-two", "3"],
  ["X-Latin", "Gr\xfc\xdfe"],
  ["X-Long", "a".repeat(8000)],
  ["x-UPPER-lower", "Kept"],
  ["Accept", "*/*", "Accept", "text/html"],
  ["Cookie", "a=1; b=2", "Cookie", "c=3"],
  ["!#$%&'*+.^_`|~", "odd but legal"],
  ["0", "digit"],
  ["X-Quoted", '"a, b"; c="d"'],
  ["X-Tab", "a\tb"],
  ["Range", "bytes=0-1"],
  ["If-None-Match", '"x"'],
  ["Authorization", "Basic dTpw"],
  ["X-API-Key", "the-models-own"],
  ["Accept-Encoding", "gzip, br;q=0.5"],
  ["Content-Type", "multipart/form-data; boundary=x"],
  ["Origin", "null"],
  ["Via", "1.1 other"],
  ["Max-Forwards", "3"],
  ["Cache-Control", "no-cache", "Pragma", "no-cache"],
  ["From", "a@b"],
  ["Date", "Tue, 15 Nov 1994 08:12:31 GMT"],
  ["User-Agent", ""],
  ["Priority", "u=1"],
  ["traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
  ["traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", "tracestate", "a=1"],
  ["Sec-Fetch-Mode", "cors"],
  ["X-Forwarded-Port", "443"],
  ["Upgrade-Insecure-Requests", "1"],
];
const paths = [
  "/",
  "/?",
  "/?a=b&a=c",
  "//double//",
  "/a/../b",
  "/%2F%00%zz",
  "/a;b=c,d",
  "/~user/(x)!*'",
  "/:@&=+$,",
  "/[x]|{y}^`",
  `/${"long/".repeat(1000)}`,
  "/?q=a?b/c",
  "/..",
  "/.",
  "/a%20b",
  '/"<>\\',
];

const cases: readonly Case[] = [
  ...methods.flatMap((method) => bodies.flatMap((body) => ["length", "chunked"].map((way) => ({ method, path: `/${way}`, ...body })))),
  ...["GET", "HEAD", "POST"].flatMap((method) =>
    Object.keys(ways).map((way) => ({ method, path: `/${way}`, ...(method === "POST" ? { body: Buffer.from("x") } : {}) })),
  ),
  ...["GET", "POST"].flatMap((method) =>
    oddHeaders.map((headers) => ({ method, path: "/length", headers, ...(method === "POST" ? { body: Buffer.from("x") } : {}) })),
  ),
  ...paths.map((path) => ({ method: "GET", path })),
  ...[false, true].map((isChunked) => ({ method: "POST", path: "/large", body: large, isChunked })),
  ...["length", "failed", "teapot"].map((way) => ({ method: "PUT", path: `/${way}`, headers: ["Expect", "100-continue"], body: large })),
];

let model: Model;
let world: World;
const received: string[] = [];
beforeAll(async () => {
  model = await startModel(async (request, response) => {
    const body = hash(await bytesOf(request));
    received.push(
      JSON.stringify([
        request.method,
        request.url,
        comparable(request.rawHeaders, [framing, documented, new Set(["expect", "content-length"])]).toSorted(),
        body,
      ]),
    );
    const way = ways[request.url?.slice(1) ?? ""] ?? ways["length"];
    response.sendDate = false;
    return way?.(request, response);
  });
  world = await openWorld();
  await world.show(serviceRow({ routes: [model.route] }));
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await model[Symbol.asyncDispose]();
});

async function ask(port: number, { method, path, headers = [], body, isChunked = false }: Case) {
  const length = body === undefined ? [] : isChunked ? ["Transfer-Encoding", "chunked"] : ["Content-Length", String(body.length)];
  const outgoing = openRequest({
    host: "127.0.0.1",
    port,
    method,
    path,
    agent: false,
    headers: ["Host", "service.test", ...headers, ...length, "Connection", "close"],
  });
  const answered = once(outgoing, "response") as Promise<[IncomingMessage]>;
  if (headers.includes("Expect")) {
    outgoing.flushHeaders();
    await once(outgoing, "continue");
  }
  outgoing.end(body);
  const [answer] = await answered;
  const text = hash(await bytesOf(answer));
  return {
    status: `${answer.statusCode} ${answer.statusMessage}`,
    headers: comparable(answer.rawHeaders, [framing, documented, new Set(["date"])]),
    body: text,
    trailers: answer.rawTrailers,
    model: received.pop(),
  };
}

test("the matrix has about 200 requests", () => expect(cases.length).toBeGreaterThanOrEqual(180));

test.each(
  cases.map((one, at) => ({ at, one, title: `${one.method} ${one.path.slice(0, 30)} ${one.headers?.[0] ?? ""} ${one.body?.length ?? "-"}` })),
)("$at: $title is the same through the gateway and direct", async ({ one }) => {
  expect(await ask(world.port, one)).toEqual(await ask(model.route.port, one));
});
