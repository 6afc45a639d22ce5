import { spawn } from "node:child_process";
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { silentLog } from "../../server/log.ts";
import { newId } from "../../server/model/ids.ts";
import { expectProblem, held, rawClient, waiting } from "./held.ts";
import { type Answer, call, countBytes, goneRoute, open, openWorld, startModel, tokenFor, type World } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

describe("A request made while the seat is handed on", () => {
  test("waits and is answered, whatever its method", async () => {
    await using model = await startModel();
    const row = held();
    await world.show(row);
    const answers = ["GET", "HEAD", "POST", "DELETE"].map((method) => call(world.port, { method }));
    await waiting(world, 4);
    await world.show({ ...row, routes: [model.route] });
    for (const answer of await Promise.all(answers)) expect(answer.status).toBe(200);
    expect(world.waiting()).toBe(0);
  });

  test("is at the model within 20 ms of the table that has a healthy route", async () => {
    const tookMs: number[] = [];
    const row = held();
    for (let round = 0; round < 7; round += 1) {
      await world.show(row);
      await using model = await startModel();
      const answer = call(world.port);
      await waiting(world, 1);
      const arrived = once(model.server, "request");
      const startedAtMs = performance.now();
      void world.show({ ...row, routes: [model.route] });
      await arrived;
      tookMs.push(performance.now() - startedAtMs);
      await answer;
    }
    // The median: others use the machine as well.
    expect(tookMs.toSorted((a, b) => a - b)[3]).toBeLessThan(20);
  });

  test("keeps its place in the order of arrival", async () => {
    const responses: ServerResponse[] = [];
    // Each on a connection of its own, for one that is used again is faster than a new one.
    await using model = await startModel((_request, response) => {
      if (responses.push(response) === 30) for (const one of responses) one.end();
    });
    const row = held();
    await world.show(row);
    const paths = Array.from({ length: 30 }, (_, at) => `/${at}`);
    const answers: Promise<Answer>[] = [];
    for (const path of paths) {
      answers.push(call(world.port, { path }));
      await waiting(world, answers.length);
    }
    await world.show({ ...row, routes: [model.route] });
    await Promise.all(answers);
    expect(model.requests.map(({ url }) => url)).toEqual(paths);
  });

  test("has not been sent anywhere when its client leaves, and counts no more", async () => {
    await using model = await startModel();
    const row = held();
    await world.show(row);
    const client = new AbortController();
    const stays = call(world.port, { path: "/stays" });
    const leaving = [
      call(world.port, { signal: client.signal }),
      call(world.port, { method: "POST", body: "x".repeat(1000), signal: client.signal }),
    ];
    const left = Promise.allSettled(leaving);
    await waiting(world, 3);
    client.abort();
    await left;
    await waiting(world, 1);
    const { socket } = await rawClient(world, "GET / HTTP/1.1\r\nHost: service.test\r\n\r\n");
    await waiting(world, 2);
    socket.resetAndDestroy();
    await waiting(world, 1);
    await world.show({ ...row, routes: [model.route] });
    expect((await stays).status).toBe(200);
    expect(model.requests.map(({ url }) => url)).toEqual(["/stays"]);
  });

  test("is not read beyond its head: a POST with a body of 5 MB stays with its client, and arrives whole", async () => {
    await using model = await startModel(async (request, response) => void response.end(String(await countBytes(request))));
    const size = 5 * 1024 * 1024;
    const row = held();
    await world.show(row);
    let made = 0;
    function* chunks() {
      for (; made < 16 * size; made += 65_536) yield Buffer.alloc(65_536);
    }
    const endless = call(world.port, {
      method: "POST",
      headers: ["Transfer-Encoding", "chunked"],
      body: Readable.from(chunks(), { objectMode: false }),
    });
    const whole = call(world.port, { method: "POST", headers: ["Content-Length", String(size)], body: Buffer.alloc(size) });
    await waiting(world, 2);
    const other = held({ endpointHost: "other.test", routes: [model.route] });
    await expect
      .poll(async () => {
        const before = made;
        await world.show(row, other);
        for (let count = 0; count < 10; count += 1) await call(world.port, { headers: ["Host", "other.test"] });
        return made - before;
      })
      .toBe(0);
    expect(made).toBeLessThan(8 * size);
    await world.show({ ...row, routes: [model.route] });
    expect([(await whole).text, (await endless).text]).toEqual([String(size), String(16 * size)]);
  });

  test("is told to go on with its body only when somebody will read it", async () => {
    await using model = await startModel(async (request, response) => void response.end(String(await countBytes(request))));
    const row = held();
    await world.show(row);
    const { socket, received } = await rawClient(world, "POST / HTTP/1.1\r\nHost: service.test\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    await waiting(world, 1);
    expect(received()).toBe("");
    await world.show({ ...row, routes: [model.route] });
    await expect.poll(received).toContain("100 Continue");
    socket.write("hello");
    await expect.poll(received).toContain("200 OK");
  });

  test("needs its token before it may wait, and still when it has waited", async () => {
    await using model = await startModel();
    const row = held({ openToPublic: false });
    await world.show(row);
    expectProblem(await call(world.port), 401, "UNAUTHORIZED");
    const revoked = newId("token");
    const ask = (token: string) => call(world.port, { headers: ["Authorization", `Bearer ${token}`] });
    const answers = [ask(tokenFor(row.id)), ask(tokenFor(row.id, { tokenId: revoked }))];
    await waiting(world, 2);
    await world.show({ ...row, revokedTokens: [revoked] });
    await world.show({ ...row, revokedTokens: [revoked], routes: [model.route] });
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 401]);
    expect(model.requests).toHaveLength(1);
  });

  test("disturbs no answer that has begun: events go on while it waits", async () => {
    const started = Promise.withResolvers<ServerResponse>();
    await using old = await startModel((_request, response) => {
      response.writeHead(200, { "Content-Type": "text/event-stream" }).flushHeaders();
      started.resolve(response);
    });
    await using fresh = await startModel();
    const row = held();
    await world.show({ ...row, routes: [old.route] });
    const stream = await open(world.port);
    const response = await started.promise;
    await world.show({ ...row, drainingRoutes: [old.route.id] });
    const answer = call(world.port);
    await waiting(world, 1);
    for (const event of ["data: one\n\n", "data: two\n\n"]) {
      response.write(event);
      const [chunk] = (await once(stream, "data")) as [Buffer];
      expect(chunk.toString()).toBe(event);
    }
    await world.show({ ...row, routes: [fresh.route], drainingRoutes: [old.route.id] });
    expect((await answer).text).toBe("hello");
    response.end("data: three\n\n");
    expect(await countBytes(stream)).toBe("data: three\n\n".length);
  });
});

test("A hold is no more than a permission: with a healthy route nothing waits, and a failure is a failure", async () => {
  await using model = await startModel();
  const row = held();
  await world.show({ ...row, routes: [model.route] });
  expect((await call(world.port)).status).toBe(200);
  await world.show({ ...row, routes: [await goneRoute()] });
  expectProblem(await call(world.port), 502, "ROUTE_FAILED");
});

test("A model server that takes in few connections at once gets everything that waited, and loses none of it", async () => {
  const source = `
    const server = require("node:http").createServer((_request, response) => setTimeout(() => response.end("hello"), 20));
    server.listen({ port: 0, host: "127.0.0.1", backlog: 5 }, () => console.log(server.address().port));`;
  const child = spawn(process.execPath, ["-e", source], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const row = held();
  await world.show(row);
  const answers = Array.from({ length: 300 }, () => call(world.port));
  await waiting(world, 300);
  await world.show({ ...row, routes: [{ id: newId("route"), revisionId: newId("revision"), host: "127.0.0.1", port: Number(line), isNew: false }] });
  expect(new Set((await Promise.all(answers)).map(({ status }) => status))).toEqual(new Set([200]));
});

describe("A request whose only route fails just when the seat is handed on", () => {
  /** A gateway that is told of the hold in the moment in which it notices the failure. */
  async function openLate(row: ReturnType<typeof held>): Promise<World> {
    const log = Object.assign(Object.create(silentLog) as typeof silentLog, { info: () => void late.show(row) });
    const late = await openWorld(log);
    onTestFinished(() => late[Symbol.asyncDispose]());
    return late;
  }

  test("waits and is sent again, where nothing of it had been sent", async () => {
    await using model = await startModel((request, response) => void request.pipe(response));
    const row = held();
    const late = await openLate(row);
    for (const method of ["GET", "POST"]) {
      await late.show({ ...row, routes: [await goneRoute()] });
      const answer = call(late.port, { method, ...(method === "POST" ? { body: "x".repeat(100_000) } : {}) });
      await waiting(late, 1);
      await late.show({ ...row, routes: [model.route] });
      expect(await answer).toMatchObject({ status: 200, text: method === "POST" ? "x".repeat(100_000) : "" });
    }
  });

  test("waits and is sent to the same route, where that one comes back; a POST that had reached it does neither", async () => {
    let isDying = true;
    await using model = await startModel((request, response) => void (isDying ? request.socket.destroy() : response.end("hello")));
    const row = held();
    const late = await openLate(row);
    await late.show({ ...row, routes: [model.route] });
    expectProblem(await call(late.port, { method: "POST", body: "charge my card" }), 502, "ROUTE_FAILED");
    await late.show({ ...row, routes: [model.route] });
    const answer = call(late.port);
    await waiting(late, 1);
    isDying = false;
    await late.show({ ...row, routes: [model.route] });
    expect((await answer).text).toBe("hello");
  });
});
