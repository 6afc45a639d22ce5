import { once } from "node:events";
import { Agent, get, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { freePorts } from "../support/ports.ts";
import { call, countBytes, open, openWorld, serviceRow, startModel, type World } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

/** A model whose answers are ended by the test. */
async function startPatient() {
  const waiting: ServerResponse[] = [];
  const model = await startModel((_request, response) => {
    response.write("begun ");
    waiting.push(response);
  });
  return { ...model, waiting };
}

describe("A permanent port", () => {
  const atPort = async () => {
    const [port = 0] = await freePorts(1);
    return { port, row: serviceRow({ endpointPort: port, endpointHost: null }) };
  };

  test("answers under any host name as soon as the service has it, and is closed when the service is gone", async () => {
    await using model = await startModel();
    const { port, row } = await atPort();
    await world.show({ ...row, routes: [model.route] });
    expect((await call(port, { headers: ["Host", "localhost"] })).text).toBe("hello");
    expect((await call(world.port, { headers: ["Host", "localhost"] })).status).toBe(404);
    await world.show();
    await expect(call(port)).rejects.toThrow("ECONNREFUSED");
  });

  test("stays open while the service is terminating", async () => {
    const { port, row } = await atPort();
    await world.show(row);
    await world.show({ ...row, status: "TERMINATING" });
    expect((await call(port)).status).toBe(404);
  });

  test("that something else holds is taken when it is free, and other services are served meanwhile", async () => {
    await using model = await startModel();
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as { port: number };
    await world.show(serviceRow({ endpointPort: port, endpointHost: null, routes: [model.route] }), serviceRow({ routes: [model.route] }));
    expect((await call(world.port)).status).toBe(200);
    taken.close();
    await expect
      .poll(
        () =>
          call(port).then(
            ({ status }) => status,
            () => null,
          ),
        { timeout: 20_000 },
      )
      .toBe(200);
  });

  test("that is closed lets the requests on it finish", async () => {
    await using model = await startPatient();
    const { port, row } = await atPort();
    await world.show({ ...row, routes: [model.route] });
    const answer = await open(port);
    await world.show();
    model.waiting[0]?.end("done");
    expect(await countBytes(answer)).toBe("begun done".length);
  });
});

describe("A draining route", () => {
  test("gets nothing new and is idle only when its last request has ended", async () => {
    await using old = await startPatient();
    await using fresh = await startModel();
    const row = serviceRow({ routes: [old.route] });
    await world.show(row);
    const answers = [await open(world.port), await open(world.port)];
    await world.show({ ...row, routes: [fresh.route], drainingRoutes: [old.route.id] });
    expect(world.idleDrainingRoutes()).toEqual([]);
    expect((await call(world.port)).text).toBe("hello");

    const idle = world.nextIdle();
    for (const response of old.waiting) response.end("done");
    for (const answer of answers) expect(await countBytes(answer)).toBe("begun done".length);
    await idle;
    expect(world.idleDrainingRoutes()).toEqual([old.route.id]);
  });
});

test("Requests in flight are shared evenly among routes", async () => {
  await using first = await startPatient();
  await using second = await startPatient();
  await world.show(serviceRow({ routes: [first.route, second.route] }));
  const answers = [];
  for (let count = 0; count < 10; count += 1) answers.push(await open(world.port));
  expect([first.waiting.length, second.waiting.length]).toEqual([5, 5]);
  for (const answer of answers) answer.destroy();
});

describe("Stopping a gateway", () => {
  test("lets requests in flight finish, accepts no new ones, and does not wait for idle connections", async () => {
    await using model = await startPatient();
    await world.show(serviceRow({ routes: [model.route] }));
    const agent = new Agent({ keepAlive: true });
    const [answer] = (await once(get({ agent, port: world.port, host: "127.0.0.1", headers: { Host: "service.test" } }), "response")) as [
      IncomingMessage,
    ];
    const drained = world.drain(60_000);
    await expect(call(world.port)).rejects.toThrow("ECONNREFUSED");
    model.waiting[0]?.end("done");
    expect(await countBytes(answer)).toBe("begun done".length);
    await drained;
    agent.destroy();
  });

  test("waits no longer than it was told to; what is left then is broken off, not cut short", async () => {
    await using model = await startPatient();
    const stopping = await openWorld();
    await stopping.show(serviceRow({ routes: [model.route] }));
    const answer = await open(stopping.port);
    await stopping.drain(10);
    const read = countBytes(answer).catch((thrown: Error) => thrown.message);
    await stopping[Symbol.asyncDispose]();
    expect(await read).toBe("aborted");
  });
});
