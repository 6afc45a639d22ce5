import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { inRanges } from "../../server/gateway/address-ranges.ts";
import { newId } from "../../server/model/ids.ts";
import { defaultTrafficPolicy, trafficPolicy, type TrafficPolicy } from "../../server/model/traffic-policy.ts";
import { call, open, openWorld, serviceRow, startModel, tokenFor, type Answer, type World } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const policy = (part: Partial<TrafficPolicy>): { readonly traffic: TrafficPolicy } => ({ traffic: { ...defaultTrafficPolicy, ...part } });
const codeOf = ({ status, text }: Answer) => [status, (JSON.parse(text) as { code: string }).code];

describe("A route that takes too long", () => {
  test("to begin its answer is 504 with a code of its own, for a POST and for a GET, and no other route is asked", async () => {
    await using slow = await startModel(() => {});
    await using other = await startModel(() => {});
    await world.show(serviceRow({ routes: [slow.route, other.route], ...policy({ firstByteTimeoutSeconds: 1 }) }));
    const startedAtMs = performance.now();
    const answers = await Promise.all([call(world.port), call(world.port, { method: "POST", body: "x" })]);
    expect(answers.map(codeOf)).toEqual([
      [504, "FIRST_BYTE_TIMEOUT"],
      [504, "FIRST_BYTE_TIMEOUT"],
    ]);
    expect(performance.now() - startedAtMs).toBeGreaterThan(1000);
    expect(slow.requests.length + other.requests.length).toBe(2);
    expect(answers[0]?.headers).toHaveProperty("retry-after");
  });

  test("with a WebSocket's handshake is 504 as well", async () => {
    await using slow = await startModel();
    slow.server.on("upgrade", (_request, socket) => void socket.on("end", () => socket.destroy()).resume());
    await world.show(serviceRow({ routes: [slow.route], ...policy({ firstByteTimeoutSeconds: 1 }) }));
    expect((await call(world.port, { headers: ["Connection", "Upgrade", "Upgrade", "websocket"] })).status).toBe(504);
  });

  test("is not one that is being sent a body all the while", async () => {
    await using model = await startModel((request, response) => void request.resume().on("end", () => response.end("whole")));
    await world.show(serviceRow({ routes: [model.route], ...policy({ firstByteTimeoutSeconds: 1 }) }));
    const body = new PassThrough();
    const answer = call(world.port, { method: "POST", headers: ["Transfer-Encoding", "chunked"], body });
    const startedAtMs = performance.now();
    const timer = setInterval(() => {
      if (performance.now() - startedAtMs > 1800) body.end();
      else body.write("x");
    }, 50);
    expect(await answer).toMatchObject({ status: 200, text: "whole" });
    clearInterval(timer);
  });

  test("between two parts of an answer breaks the answer off, and one that never pauses so long goes on", async () => {
    const responses = new Map<string, ServerResponse>();
    await using model = await startModel((request, response) => {
      response.writeHead(200, { "Content-Type": "text/event-stream" }).write("data: one\n\n");
      responses.set(request.url ?? "", response);
    });
    await world.show(serviceRow({ routes: [model.route], ...policy({ idleTimeoutSeconds: 1 }) }));
    const paused = call(world.port, { path: "/pauses" });
    const steady = call(world.port, { path: "/goes-on" });
    const timer = setInterval(() => void responses.get("/goes-on")?.write("data: more\n\n"), 100);
    await expect(paused).rejects.toThrow("aborted");
    clearInterval(timer);
    responses.get("/goes-on")?.end("data: last\n\n");
    expect((await steady).text).toMatch(/^data: one\n\n(data: more\n\n)+data: last\n\n$/);
  });

  test("between two messages of a WebSocket closes it", async () => {
    const http = createServer();
    const sockets = new WebSocketServer({ server: http });
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    const route = { id: newId("route"), revisionId: newId("revision"), host: "127.0.0.1", port: (http.address() as AddressInfo).port, isNew: false };
    await world.show(serviceRow({ routes: [route], ...policy({ idleTimeoutSeconds: 1 }) }));
    const socket = new WebSocket(`ws://127.0.0.1:${world.port}/`, { headers: { Host: "service.test" } });
    const startedAtMs = performance.now();
    await once(socket, "close");
    expect(performance.now() - startedAtMs).toBeGreaterThan(1000);
    sockets.close();
    await new Promise((resolve) => http.close(resolve));
  });

  test("is a matter of the service's policy at that moment: a new one holds for the next request", async () => {
    await using slow = await startModel((_request, response) => void setTimeout(() => response.end("late"), 1500));
    const row = serviceRow({ routes: [slow.route] });
    await world.show({ ...row, ...policy({ firstByteTimeoutSeconds: 1 }) });
    const first = call(world.port);
    await once(slow.server, "request");
    await world.show(row);
    expect([(await first).status, (await call(world.port)).status]).toEqual([504, 200]);
  });
});

describe("A service for certain addresses", () => {
  test("answers others with 403, whatever their token, before anything else is looked at", async () => {
    await using model = await startModel();
    const row = serviceRow({ routes: [model.route], openToPublic: false });
    const headers = ["Authorization", `Bearer ${tokenFor(row.id)}`];
    await world.show({ ...row, ...policy({ allowedAddresses: ["192.0.2.0/24", "2001:db8::/32"] }) });
    expect(codeOf(await call(world.port, { headers }))).toEqual([403, "ADDRESS_NOT_ALLOWED"]);
    expect((await call(world.port)).status).toBe(403);
    expect((await call(world.port, { headers: [...headers, "X-Forwarded-For", "192.0.2.1"] })).status).toBe(403);
    expect((await call(world.port, { headers: [...headers, "Connection", "Upgrade", "Upgrade", "websocket"] })).status).toBe(403);
    await world.show({ ...row, ...policy({ allowedAddresses: ["192.0.2.0/24", "127.0.0.1"] }) });
    expect((await call(world.port, { headers })).status).toBe(200);
    expect((await call(world.port)).status).toBe(401);
    expect(model.requests).toHaveLength(1);
  });

  test.each([
    [["10.0.0.0/8"], "10.255.0.1", "11.0.0.1"],
    [["192.0.2.7"], "192.0.2.7", "192.0.2.8"],
    [["2001:db8::/32"], "2001:db8:ffff::1", "2001:db9::1"],
    [["::1"], "::1", "::2"],
    [["0.0.0.0/0"], "203.0.113.9", "2001:db8::1"],
    [["::/0"], "2001:db8::1", "unknown"],
    [["10.1.2.3/8"], "10.9.9.9", "11.0.0.1"],
  ])("knows who belongs to %j: %s does, %s does not", (allowed, inside, outside) => {
    expect(trafficPolicy.partial().safeParse({ allowedAddresses: allowed }).success).toBe(true);
    expect([inRanges(allowed)?.(inside), inRanges(allowed)?.(outside)]).toEqual([true, false]);
  });

  test.each(["10.0.0.0/33", "10.0.0", "example.com", "", "2001:db8::/129", "10.0.0.1-10.0.0.9", "fe80::1%eth0", "1.2.3.4/"])(
    "takes %j for no address",
    (text) => expect(trafficPolicy.partial().safeParse({ allowedAddresses: [text] }).success).toBe(false),
  );
});

test("The token reaches the model where the service says so, and nowhere else", async () => {
  await using model = await startModel();
  const row = serviceRow({ routes: [model.route], openToPublic: false });
  const token = tokenFor(row.id);
  for (const passAuthorization of [false, true]) {
    for (const openToPublic of [false, true]) {
      await world.show({ ...row, openToPublic, ...policy({ passAuthorization }) });
      expect((await call(world.port, { headers: ["Authorization", `BackendAI ${token}`] })).status).toBe(200);
      expect((await call(world.port, { headers: ["X-API-Key", token] })).status).toBe(200);
      const [byHeader, byKey] = model.requests.slice(-2).map(({ headers }) => headers);
      expect([byHeader?.authorization, byKey?.["x-api-key"]]).toEqual(passAuthorization ? [`BackendAI ${token}`, token] : [undefined, undefined]);
    }
  }
});

describe("Requests that belong together", () => {
  /** Four models that say who they are. */
  async function startFour() {
    const closing = new AsyncDisposableStack();
    const models = await Promise.all([0, 1, 2, 3].map((at) => startModel((_request, response) => void response.end(String(at)))));
    for (const model of models) closing.use(model);
    return { routes: models.map(({ route }) => route), models, [Symbol.asyncDispose]: () => closing.disposeAsync() };
  }

  test("by a header go to one route, those without it to any", async () => {
    await using four = await startFour();
    await world.show(serviceRow({ routes: four.routes, ...policy({ affinity: { by: "HEADER", header: "X-Session-Id" } }) }));
    const routeOf = async (session: string) => (await call(world.port, { headers: ["x-session-id", session] })).text;
    const homes = new Set<string>();
    // By chance one of four homes none of twenty, once in eighty runs; of eighty, never.
    for (let session = 0; session < 80; session += 1) {
      const home = await routeOf(`session-${session}`);
      homes.add(home);
      for (let count = 0; count < 3; count += 1) expect(await routeOf(`session-${session}`)).toBe(home);
    }
    expect(homes.size).toBe(4);
    const without = new Set<string>();
    for (let count = 0; count < 50; count += 1) without.add((await call(world.port)).text);
    expect(without.size).toBe(4);
  });

  test("by a cookie that the gateway gives, once, and move only when their route has gone", async () => {
    await using four = await startFour();
    const row = serviceRow({ routes: four.routes, endpoint: "https://service.test", ...policy({ affinity: { by: "COOKIE" } }) });
    await world.show(row);
    const first = await call(world.port);
    const [cookie = ""] = first.headers["set-cookie"] ?? [];
    expect(cookie).toMatch(/^serai-affinity=[\da-f]{32}; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
    const again = async () => call(world.port, { headers: ["Cookie", `theme=dark; ${cookie.split(";")[0]}`] });
    for (let count = 0; count < 5; count += 1) {
      const answer = await again();
      expect([answer.text, answer.headers["set-cookie"]]).toEqual([first.text, undefined]);
    }
    const left = four.routes.filter((_route, at) => String(at) !== first.text);
    await world.show({ ...row, routes: left });
    const moved = (await again()).text;
    expect(moved).not.toBe(first.text);
    await world.show(row);
    expect((await again()).text).toBe(first.text);
  });

  test("stay on one revision while a new one is tried out, which gets its share of them", async () => {
    await using four = await startFour();
    const routes = four.routes.map((route, at) => ({ ...route, isNew: at >= 2 }));
    const row = serviceRow({ routes, newWeight: 25, ...policy({ affinity: { by: "HEADER", header: "X-Session-Id" } }) });
    await world.show(row);
    const isOnNew = async (session: number) => Number((await call(world.port, { headers: ["X-Session-Id", `session-${session}`] })).text) >= 2;
    const before: boolean[] = [];
    for (let session = 0; session < 100; session += 1) before.push(await isOnNew(session));
    for (let session = 0; session < 20; session += 1) expect(await isOnNew(session)).toBe(before[session]);
    expect(Math.abs(before.filter(Boolean).length - 25)).toBeLessThan(15);
    await world.show({ ...row, newWeight: 60 });
    // From the old one to the new one is the only way.
    for (let session = 0; session < 100; session += 1) if (before[session] === true) expect(await isOnNew(session)).toBe(true);
  });
});

test("Every answer says which route gave it, and how long it waited for a route and for the route", async () => {
  await using model = await startModel();
  await world.show(serviceRow({ routes: [model.route] }));
  const answer = await open(world.port);
  expect(answer.headers["server-timing"]).toMatch(/^queue;dur=[\d.]+, route;desc="rt_\w+", upstream;dur=[\d.]+$/);
  expect(answer.headers["server-timing"]).toContain(model.route.id);
  answer.resume();
  await once(answer, "end");
});
