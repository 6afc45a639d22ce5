import { spawn } from "node:child_process";
import { once } from "node:events";
import { Agent } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RouteAddress } from "../../server/gateway/route-table.ts";
import { newId } from "../../server/model/ids.ts";
import { call, goneRoute, openWorld, serviceRow, startModel, type World } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

/** A model in a process of its own, that can be killed. */
async function startProcess() {
  const source = `
    const server = require("node:http").createServer((_request, response) => setTimeout(() => response.end("hello"), 5));
    server.listen(0, "127.0.0.1", () => console.log(server.address().port));`;
  const child = spawn(process.execPath, ["-e", source], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return {
    process: child,
    route: { id: newId("route"), revisionId: newId("revision"), host: "127.0.0.1", port: Number(line), isNew: false },
    [Symbol.asyncDispose]: async () => void child.kill("SIGKILL"),
  };
}

const dying = () => startModel((request) => void request.socket.destroy());
const otherProtocol = ["Connection", "Upgrade", "Upgrade", "x-other", "Content-Length", "0"];
const service = serviceRow();
const show = (...routes: RouteAddress[]) => world.show({ ...service, routes });

describe("A client that never retries", () => {
  test.each([
    { what: "GET", method: "GET", headers: [] },
    { what: "HEAD", method: "HEAD", headers: [] },
    { what: "GET for another protocol", method: "GET", headers: otherProtocol },
  ])("sees no failure of $what when a route dies before it answers", async ({ method, headers }) => {
    await using bad = await dying();
    await using good = await startModel();
    await show(bad.route, await goneRoute(), good.route);
    for (let count = 0; count < 10; count += 1) expect((await call(world.port, { method, headers })).status).toBe(200);
    expect(good.requests).toHaveLength(10);
  });

  test("sees no failure of GET when a route dies between the head of its answer and the body", async () => {
    await using bad = await startModel((request, response) => {
      response.writeHead(200, { "Content-Length": 5 }).flushHeaders();
      setImmediate(() => request.socket.destroy());
    });
    await using good = await startModel();
    await show(bad.route, good.route);
    while (bad.requests.length === 0) expect(await call(world.port)).toMatchObject({ status: 200, text: "hello" });
  });

  test("sees no failure while one of two routes is killed", async () => {
    await using killed = await startProcess();
    await using good = await startModel();
    await show(killed.route, good.route);
    const agent = new Agent({ keepAlive: true });
    const loop = async () => {
      const statuses: number[] = [];
      for (let count = 0; count < 100; count += 1) statuses.push((await call(world.port, { agent })).status);
      return statuses;
    };
    const loops = Promise.all([loop(), loop(), loop(), loop()]);
    await once(good.server, "request");
    killed.process.kill("SIGKILL");
    expect(new Set((await loops).flat())).toEqual(new Set([200]));
    agent.destroy();
  });

  test("sees no failure of POST for another protocol when a route cannot be reached at all", async () => {
    await using good = await startModel();
    await show(await goneRoute(), good.route);
    for (let count = 0; count < 10; count += 1) expect((await call(world.port, { method: "POST", headers: otherProtocol })).status).toBe(200);
  });

  test("sees no failure of POST when a route cannot be reached at all", async () => {
    await using good = await startModel(async (request, response) => void request.pipe(response));
    await show(await goneRoute(), good.route);
    for (let count = 0; count < 10; count += 1) {
      expect(await call(world.port, { method: "POST", body: `body ${count}` })).toMatchObject({ status: 200, text: `body ${count}` });
    }
  });
});

describe("A request is sent once only", () => {
  test("when it is a POST that reached a route", async () => {
    await using first = await dying();
    await using second = await dying();
    await show(first.route, second.route);
    const answer = await call(world.port, { method: "POST", body: "charge my card" });
    expect(answer).toMatchObject({ status: 502, headers: { "content-type": "application/problem+json" } });
    expect(JSON.parse(answer.text)).toMatchObject({ code: "ROUTE_FAILED", status: 502 });
    expect(first.requests.length + second.requests.length).toBe(1);
  });

  test.each(["POST", "PUT", "PATCH", "DELETE"])("when it is a %s that asks for another protocol", async (method) => {
    await using first = await dying();
    await using second = await dying();
    await show(first.route, second.route);
    expect((await call(world.port, { method, headers: otherProtocol })).status).toBe(502);
    expect(first.requests.length + second.requests.length).toBe(1);
  });

  test("when it is a GET with a body", async () => {
    await using first = await dying();
    await using second = await dying();
    await show(first.route, second.route);
    expect((await call(world.port, { body: "x", headers: ["Content-Length", "1"] })).status).toBe(502);
    expect(first.requests.length + second.requests.length).toBe(1);
  });

  test("when the service has one route only", async () => {
    await using only = await dying();
    await show(only.route);
    expect((await call(world.port)).status).toBe(502);
    expect(only.requests).toHaveLength(1);
  });

  test("per route, and on three routes at most", async () => {
    const models = await Promise.all([dying(), dying(), dying(), dying(), dying()]);
    await using closing = new AsyncDisposableStack();
    for (const model of models) closing.use(model);
    await show(...models.map((model) => model.route));
    expect((await call(world.port)).status).toBe(502);
    expect(models.filter((model) => model.requests.length === 1)).toHaveLength(3);
    expect(models.filter((model) => model.requests.length === 0)).toHaveLength(2);
  });

  test("when the other route left the table meanwhile", async () => {
    await using other = await startModel(() => {});
    await using bad = await startModel(async (request) => {
      await show(bad.route);
      request.socket.destroy();
    });
    // The other one has a request in flight, so the bad one is asked first.
    await show(other.route);
    const client = new AbortController();
    const waiting = call(world.port, { signal: client.signal });
    waiting.catch(() => {});
    await once(other.server, "request");
    await show(bad.route, other.route);

    expect((await call(world.port)).status).toBe(502);
    expect([bad.requests.length, other.requests.length]).toEqual([1, 1]);
    client.abort();
  });
});
