import { once } from "node:events";
import { connect, Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { openConnections } from "../../server/gateway/connection-limits.ts";
import { silentLog } from "../../server/log.ts";
import { call, countBytes, openWorld, serviceRow, startModel } from "./world.ts";

async function worldWith(limits: { readonly totalMax?: number; readonly perAddressMax?: number; readonly bodyStallMs?: number }) {
  const connections = { totalMax: limits.totalMax ?? 100, perAddressMax: limits.perAddressMax ?? 100 };
  const world = await openWorld(silentLog, undefined, { connections, bodyStallMs: limits.bodyStallMs ?? 60_000 });
  onTestFinished(() => world[Symbol.asyncDispose]());
  return world;
}

async function connected(port: number, localAddress: string): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", localAddress });
  onTestFinished(() => void socket.destroy());
  await once(
    socket.on("error", () => {}),
    "connect",
  );
  return socket;
}

test("One address cannot use up the connections of all, and what it gives back it can have again", async () => {
  await using model = await startModel();
  const world = await worldWith({ perAddressMax: 3 });
  await world.show(serviceRow({ routes: [model.route] }));
  const held = [await connected(world.port, "127.0.0.2"), await connected(world.port, "127.0.0.2"), await connected(world.port, "127.0.0.2")];
  await expect.poll(() => world.connections()).toBe(3);
  const refused = await connected(world.port, "127.0.0.2");
  const [said] = (await once(refused, "data")) as [Buffer];
  expect(said.toString()).toMatch(/^HTTP\/1\.1 503 [^]*Retry-After: \d[^]*TOO_MANY_CONNECTIONS/);
  expect((await call(world.port)).status).toBe(200);
  held[0]?.destroy();
  await expect.poll(() => world.connections()).toBeLessThan(3);
  const again = await connected(world.port, "127.0.0.2");
  again.write("GET / HTTP/1.1\r\nHost: service.test\r\n\r\n");
  expect(String((await once(again, "data"))[0])).toMatch(/^HTTP\/1\.1 200 /);
});

test("No more connections are served than there may be altogether", async () => {
  await using model = await startModel();
  const world = await worldWith({ totalMax: 2 });
  await world.show(serviceRow({ routes: [model.route] }));
  const held = [await connected(world.port, "127.0.0.2"), await connected(world.port, "127.0.0.3")];
  await expect.poll(() => world.connections()).toBe(2);
  expect((await call(world.port)).status).toBe(503);
  for (const socket of held) socket.destroy();
  await expect.poll(async () => (await call(world.port)).status).toBe(200);
});

test("What other processes have counts as well, until they are gone", () => {
  const connections = openConnections({ totalMax: 5, perAddressMax: 3 });
  const admit = (remoteAddress: string) => {
    const socket = Object.defineProperty(new Socket(), "remoteAddress", { value: remoteAddress });
    onTestFinished(() => void socket.destroy());
    return connections.admit(socket);
  };
  connections.heed(1, [["a", 1]]);
  connections.heed(2, [
    ["a", 1],
    ["b", 1],
  ]);
  expect([admit("a"), admit("a")]).toEqual([true, false]);
  expect([admit("c"), admit("c")]).toEqual([true, false]);
  connections.heed(2, [["a", 0]]);
  expect([admit("a"), admit("b")]).toEqual([true, false]);
  connections.heed(1, null);
  expect([admit("b"), admit("b")]).toEqual([true, false]);
  expect(connections.count()).toBe(4);
});

test("A body that stops coming is given up, and the route is free again; one that the route reads slowly is not", async () => {
  const reading = Promise.withResolvers<void>();
  let aborted = 0;
  await using model = await startModel(async (request, response) => {
    response.once("close", () => (aborted += response.writableFinished ? 0 : 1));
    if (request.url === "/slow") await reading.promise;
    response.end(String(await countBytes(request).catch(() => 0)));
  });
  const world = await worldWith({ bodyStallMs: 200 });
  await world.show(serviceRow({ routes: [model.route] }));
  const slow = call(world.port, { method: "POST", path: "/slow", body: Buffer.alloc(32 * 1024 * 1024) });
  await once(model.server, "request");
  const stalling = await connected(world.port, "127.0.0.2");
  stalling.write("POST / HTTP/1.1\r\nHost: service.test\r\nContent-Length: 10\r\n\r\n12345");
  await once(stalling, "close");
  await expect.poll(() => aborted).toBe(1);
  reading.resolve();
  expect((await slow).text).toBe(String(32 * 1024 * 1024));
});

test("A client that leaves in the middle of an answer is never the route's failure, however often, and is noticed within 100 ms", async () => {
  let begun = Promise.withResolvers<void>();
  let ended = Promise.withResolvers<number>();
  await using model = await startModel((request, response) => {
    if (request.url === "/quick") return void response.end("hello");
    response.write("begun");
    response.once("close", () => ended.resolve(performance.now()));
    begun.resolve();
  });
  const world = await worldWith({});
  await world.show(serviceRow({ routes: [model.route] }));
  const noticedMs: number[] = [];
  for (let round = 0; round < 20; round += 1) {
    begun = Promise.withResolvers();
    ended = Promise.withResolvers();
    const leaving = await connected(world.port, "127.0.0.2");
    leaving.write("GET / HTTP/1.1\r\nHost: service.test\r\n\r\n");
    await begun.promise;
    if (round % 2 === 0) await once(leaving, "data");
    const leftAtMs = performance.now();
    leaving.resetAndDestroy();
    noticedMs.push((await ended.promise) - leftAtMs);
    expect((await call(world.port, { path: "/quick" })).status).toBe(200);
  }
  // The middle one of them: a machine that has other work may be late once.
  expect(noticedMs.toSorted((one, other) => one - other)[10]).toBeLessThan(100);
});
