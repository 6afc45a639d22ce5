/** What a gateway makes of routes that fail, and of clients that leave. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { Agent, type IncomingMessage, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { newRetryBudget, noteRequest, takeRetry } from "../../server/gateway/retry-budget.ts";
import { newId } from "../../server/model/ids.ts";
import { call, goneRoute, open, openWorld, serviceRow, startModel, type World } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const dying = () => startModel((request) => void request.socket.destroy());

describe("A client that leaves in the middle of an answer", () => {
  test("is never held against the route, however often it happens and whatever it had got", async () => {
    let closed = Promise.withResolvers<void>();
    const answerSlowly = (request: IncomingMessage, response: ServerResponse) => {
      if (request.url === "/quick") return void response.end("hello");
      if (request.url === "/stream") response.write("begun");
      response.once("close", () => closed.resolve());
    };
    await using first = await startModel(answerSlowly);
    await using second = await startModel(answerSlowly);
    await world.show(serviceRow({ routes: [first.route] }));
    for (let count = 0; count < 6; count += 1) {
      closed = Promise.withResolvers();
      const client = new AbortController();
      if (count % 2 === 0) await open(world.port, { path: "/stream", signal: client.signal }).then((answer) => answer.on("error", () => {}));
      else {
        const arrived = once(first.server, "request");
        call(world.port, { path: "/silent", signal: client.signal }).catch(() => {});
        await arrived;
      }
      client.abort();
      await closed.promise;
    }
    // Beside one that nobody has left, it is chosen as often.
    await world.show(serviceRow({ routes: [first.route, second.route] }));
    const agent = new Agent({ keepAlive: true });
    for (let count = 0; count < 60; count += 1) expect((await call(world.port, { path: "/quick", agent })).status).toBe(200);
    agent.destroy();
    const quick = first.requests.filter(({ url }) => url === "/quick").length;
    expect(quick).toBeGreaterThan(10);
  });
});

describe("A route that fails every request", () => {
  test("draws none any more, though it always looks idle, and is asked all the same where nothing else is left", async () => {
    await using bad = await dying();
    await using good = await startModel((_request, response) => void setTimeout(() => response.end("hello"), 20));
    const row = serviceRow({ routes: [bad.route, good.route] });
    await world.show(row);
    const answers = await Promise.all(Array.from({ length: 100 }, () => call(world.port)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const before = bad.requests.length;
    await Promise.all(Array.from({ length: 100 }, () => call(world.port)));
    expect(bad.requests.length - before).toBeLessThan(5);
    await world.show({ ...row, routes: [bad.route] });
    expect((await call(world.port)).status).toBe(502);
    expect(bad.requests.length).toBeGreaterThan(before);
  });

  test("comes back with a clean record when control has taken it out and put it in again", async () => {
    let isDying = true;
    await using model = await startModel((request, response) => void (isDying ? request.socket.destroy() : response.end("back")));
    await using other = await startModel((_request, response) => void setTimeout(() => response.end("other"), 20));
    const row = serviceRow({ routes: [model.route, other.route] });
    await world.show(row);
    for (let count = 0; count < 20; count += 1) await call(world.port);
    isDying = false;
    await world.show({ ...row, routes: [other.route] });
    await world.show(row);
    const texts = await Promise.all(Array.from({ length: 20 }, async () => (await call(world.port)).text));
    expect(texts).toContain("back");
  });
});

test("A route that is far slower than nine others gets less than one request in a hundred, so their 99th percentile is theirs", async () => {
  const answerAfter = (ms: number) => startModel((_request, response) => void setTimeout(() => response.end(), ms));
  const models = await Promise.all([answerAfter(1500), ...Array.from({ length: 9 }, () => answerAfter(10))]);
  await using closing = new AsyncDisposableStack();
  for (const model of models) closing.use(model);
  await world.show(serviceRow({ routes: models.map(({ route }) => route) }));
  const agent = new Agent({ keepAlive: true });
  const loop = async () => {
    for (let count = 0; count < 150; count += 1) expect((await call(world.port, { agent })).status).toBe(200);
  };
  await Promise.all(Array.from({ length: 20 }, loop));
  agent.destroy();
  expect(models[0]?.requests.length).toBeLessThan(30);
});

describe("Retries", () => {
  test("of all requests of a route that dies at once are made, for none of them is to be lost", async () => {
    const waiting: IncomingMessage[] = [];
    await using doomed = await startModel((request) => void waiting.push(request));
    await using good = await startModel();
    const row = serviceRow({ routes: [doomed.route] });
    await world.show(row);
    const answers = Array.from({ length: 200 }, () => call(world.port));
    await expect.poll(() => waiting.length).toBe(200);
    await world.show({ ...row, routes: [doomed.route, good.route] });
    for (const { socket } of waiting) socket.destroy();
    expect(new Set((await Promise.all(answers)).map(({ status }) => status))).toEqual(new Set([200]));
  });

  test.each([
    ["", []],
    [" for another protocol", ["Connection", "Upgrade", "Upgrade", "x-other"]],
  ])(
    "do not multiply the load of an outage: when every route fails, models get a fifth more requests%s than there are, and a few",
    async (_what, headers) => {
      const models = await Promise.all([dying(), dying(), dying(), dying()]);
      await using closing = new AsyncDisposableStack();
      for (const model of models) closing.use(model);
      await world.show(serviceRow({ routes: models.map(({ route }) => route) }));
      for (let count = 0; count < 300; count += 1) expect((await call(world.port, { headers })).status).toBe(502);
      const received = models.reduce((sum, { requests }) => sum + requests.length, 0);
      expect(received).toBeGreaterThan(300);
      expect(received).toBeLessThanOrEqual(300 * 1.2 + 15);
    },
  );

  test("of what no model has seen are not counted", async () => {
    await using good = await startModel();
    const gone = await Promise.all(Array.from({ length: 2 }, goneRoute));
    const row = serviceRow();
    for (let count = 0; count < 40; count += 1) {
      await world.show(row);
      await world.show({ ...row, routes: [...gone, good.route] });
      expect((await call(world.port, { method: "POST", body: "x" })).status).toBe(200);
    }
  });

  test("are a fifth of the requests of the last 5 to 10 seconds, and 10 besides", () => {
    const budget = newRetryBudget();
    const taken = (nowMs: number) => {
      let count = 0;
      while (takeRetry(budget, 0, nowMs)) count += 1;
      return count;
    };
    expect(taken(0)).toBe(10);
    for (let count = 0; count < 100; count += 1) noteRequest(budget, 1000);
    expect(taken(1000)).toBe(20);
    expect(taken(6000)).toBe(0);
    expect(taken(12_000)).toBe(10);
  });
});

test("A route that takes no connection is 504 with a code of its own, when it is the only one", async () => {
  const source = `
    const server = require("node:net").createServer();
    server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => console.log(server.address().port));`;
  const child = spawn(process.execPath, ["-e", source], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const route = { id: newId("route"), revisionId: newId("revision"), host: "127.0.0.1", port: Number(line), isNew: false };
  // It accepts nothing any more, and the kernel keeps no more than these for it.
  child.kill("SIGSTOP");
  const waiting = Array.from({ length: 3 }, () => connect(route.port, route.host).on("error", () => {}));
  await once(waiting[0] ?? child, "connect");
  await world.show(serviceRow({ routes: [route] }));
  const answer = await call(world.port);
  expect([answer.status, (JSON.parse(answer.text) as { code: string }).code]).toEqual([504, "CONNECT_TIMEOUT"]);

  await using good = await startModel();
  await world.show(serviceRow({ routes: [route, good.route] }));
  for (let count = 0; count < 4; count += 1) expect((await call(world.port, { method: "POST", body: "x" })).status).toBe(200);
  for (const socket of waiting) socket.destroy();
});
