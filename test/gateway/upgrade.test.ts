import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { newId } from "../../server/model/ids.ts";
import { askAndReset, upgradeTo } from "../support/reset.ts";
import { call, goneRoute, openWorld, serviceRow, startModel, tokenFor, type World } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

/** A model that echoes over WebSocket, but declines the path /no. */
async function startEcho() {
  const http = createServer((_request, response) => void response.end("plain"));
  const sockets = new WebSocketServer({ server: http, verifyClient: ({ req }, done) => done(req.url !== "/no", 418, "no", { "X-Why": "because" }) });
  sockets.on("connection", (socket) => {
    socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
    socket.on("error", () => {});
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const route = { id: newId("route"), revisionId: newId("revision"), host: "127.0.0.1", port: (http.address() as AddressInfo).port, isNew: false };
  return {
    route,
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.clients) socket.terminate();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

const connect = (path: string, headers: Record<string, string> = {}) =>
  new WebSocket(`ws://127.0.0.1:${world.port}${path}`, { headers: { Host: "service.test", ...headers } });

test("A WebSocket speaks with the model, also when another route is gone, and closing reaches both ends", async () => {
  await using model = await startEcho();
  const row = serviceRow({ routes: [await goneRoute(), model.route] });
  await world.show(row);
  const socket = connect("/");
  await once(socket, "open");
  for (const text of ["hello", "x".repeat(1_000_000)]) {
    socket.send(text);
    const [data] = (await once(socket, "message")) as [Buffer];
    expect(data.toString()).toBe(text);
  }

  await world.show({ ...row, routes: [], drainingRoutes: [model.route.id] });
  expect(world.idleDrainingRoutes()).toEqual([]);
  const idle = world.nextIdle();
  socket.close(4000, "done");
  const [code] = await once(socket, "close");
  expect(code).toBe(4000);
  await idle;
  expect(world.idleDrainingRoutes()).toEqual([model.route.id]);
});

test("A WebSocket needs a token where a request does, and the model never sees it", async () => {
  await using model = await startEcho();
  const row = serviceRow({ routes: [model.route], openToPublic: false });
  await world.show(row);
  const [refused] = await once(connect("/"), "error");
  expect(String(refused)).toContain("401");

  const connected = once(model.sockets, "connection");
  const socket = connect("/", { Authorization: `Bearer ${tokenFor(row.id)}`, Cookie: "serai_session=secret" });
  await once(socket, "open");
  const [, request] = await connected;
  expect(request.headers).not.toHaveProperty("authorization");
  expect(request.headers).not.toHaveProperty("cookie");
  socket.terminate();
});

test("A model that declines a WebSocket is heard; a route that dies is 502, no route 503", async () => {
  await using model = await startEcho();
  await world.show(serviceRow({ routes: [model.route] }));
  const [, declined] = await once(
    connect("/no").on("error", () => {}),
    "unexpected-response",
  );
  expect([declined.statusCode, declined.headers["x-why"]]).toEqual([418, "because"]);

  await world.show(serviceRow({ routes: [await goneRoute()] }));
  expect(String((await once(connect("/"), "error"))[0])).toContain("502");
  await world.show(serviceRow());
  expect(String((await once(connect("/"), "error"))[0])).toContain("503");
});

test("A request that offers HTTP/2 is answered in HTTP/1.1", async () => {
  await using model = await startModel();
  await world.show(serviceRow({ routes: [model.route] }));
  const headers = ["Connection", "Upgrade, HTTP2-Settings", "Upgrade", "h2c", "HTTP2-Settings", "AAMAAABkAAQAAP__"];
  expect(await call(world.port, { headers })).toMatchObject({ status: 200, text: "hello" });
  expect(model.requests[0]?.headers).not.toHaveProperty("http2-settings");
});

test.each([
  ["of known length", ["Content-Length", "5"]],
  ["in chunks", ["Transfer-Encoding", "chunked"]],
])("A request for a WebSocket with a body %s is one like any other, and its body the model's", async (_what, framing) => {
  await using model = await startModel((request, response) => void request.pipe(response));
  await world.show(serviceRow({ routes: [model.route] }));
  const headers = ["Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="];
  expect(await call(world.port, { headers: [...headers, ...framing], body: "hello" })).toMatchObject({ status: 200, text: "hello" });
  expect(model.requests[0]?.headers).not.toHaveProperty("upgrade");
});

test("Clients whose connection is reset while they upgrade, or after nonsense, take nothing down with them", async () => {
  await using echo = await startEcho();
  await using model = await startModel();
  const isPrivate = serviceRow({ endpointHost: "private.test", openToPublic: false });
  await world.show(serviceRow({ routes: [echo.route] }), isPrivate, serviceRow({ endpointHost: "plain.test", routes: [model.route] }));
  for (const host of ["service.test", "private.test", "plain.test", "nobody.test"]) {
    for (let count = 0; count < 20; count += 1) await askAndReset(world.port, upgradeTo("/", host));
  }
  for (const text of ["nonsense\r\n\r\n", `GET / HTTP/1.1\r\nHost: ${"x".repeat(20_000)}\r\n\r\n`]) await askAndReset(world.port, text);
  expect(await call(world.port, { headers: ["Host", "plain.test"] })).toMatchObject({ status: 200, text: "hello" });
});
