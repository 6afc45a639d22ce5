/** What is counted is what clients saw. */
import { once } from "node:events";
import { connect } from "node:net";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { countedRequests, type Figures } from "../../server/gateway/figures.ts";
import { createMetrics } from "../../server/metrics.ts";
import { newId } from "../../server/model/ids.ts";
import { bucketCount, outcomes, place, sumOf } from "../../server/model/traffic.ts";
import { call, countBytes, goneRoute, open, openWorld, serviceRow, startModel, tokenFor, type World } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

/** By outcome, without those of which there were none. */
const ended = (figures: Figures | undefined) =>
  Object.fromEntries(outcomes.flatMap((outcome, at) => (figures?.counts[at] ? [[outcome, figures.counts[at]]] : [])));
const known = (id: ReturnType<typeof newId>) => world.figures.known.get(id as never);
const countOf = (id: ReturnType<typeof newId>, what: number) => known(id)?.counts[what] ?? 0;
const nothingInFlight = () => [world.figures.nowhere, ...world.figures.known.values()].every(({ inFlight }) => inFlight === 0);

describe("A request is counted once, by how it ended,", () => {
  test("with the route that answered it and with its token", async () => {
    await using model = await startModel((request, response) => void response.writeHead(Number(request.url?.slice(1))).end("hello"));
    const row = serviceRow({ openToPublic: false, routes: [model.route] });
    await world.show(row);
    const tokenId = newId("token");
    const headers = ["Authorization", `Bearer ${tokenFor(row.id, { tokenId })}`];
    for (const path of ["/200", "/201", "/302", "/404", "/500"]) await call(world.port, { path, headers });
    const seen = { "2xx": 2, "3xx": 1, "4xx": 1, "5xx": 1 };
    await expect.poll(() => ended(known(model.route.id))).toEqual(seen);
    expect(ended(known(tokenId))).toEqual(seen);
    expect(ended(known(row.id))).toEqual({});
    expect(countOf(model.route.id, place.bytesOut)).toBe(5 * "hello".length);
    expect(sumOf(known(model.route.id)?.counts ?? [], place.latency, bucketCount)).toBe(5);
    expect(sumOf(known(model.route.id)?.counts ?? [], place.firstByte, bucketCount)).toBe(5);
    expect(nothingInFlight()).toBe(true);
  });

  test("with the service where no route answered it, and with none where there is no service", async () => {
    const row = serviceRow({ openToPublic: false });
    await world.show(row);
    await call(world.port);
    await call(world.port, { headers: ["Authorization", `Bearer ${tokenFor(row.id)}`] });
    await call(world.port, { headers: ["Host", "nobody.test"] });
    await expect.poll(() => ended(known(row.id))).toEqual({ "4xx": 1, "5xx": 1 });
    expect(ended(world.figures.nowhere)).toEqual({ "4xx": 1 });
    expect(sumOf(known(row.id)?.counts ?? [], place.firstByte, bucketCount)).toBe(0);
  });

  test("as gone where the client left before an answer, and as broken where the route broke off within it", async () => {
    await using model = await startModel((request, response) => {
      if (request.url !== "/broken") return;
      response.write("begun");
      setImmediate(() => request.socket.destroy());
    });
    await world.show(serviceRow({ routes: [model.route] }));
    const leaving = new AbortController();
    const left = call(world.port, { signal: leaving.signal }).catch(() => "left");
    await expect.poll(() => model.requests.length).toBe(1);
    expect(known(model.route.id)?.inFlight).toBe(1);
    leaving.abort();
    await left;
    await expect.poll(() => ended(known(model.route.id))).toEqual({ gone: 1 });
    await expect(call(world.port, { path: "/broken" })).rejects.toThrow();
    await expect.poll(() => ended(known(model.route.id))).toEqual({ gone: 1, broken: 1 });
    expect(nothingInFlight()).toBe(true);
  });

  test("with the last of the routes that were tried, and the others with a retry", async () => {
    await using model = await startModel();
    const gone = await goneRoute();
    await world.show(serviceRow({ routes: [gone, model.route] }));
    for (let each = 0; each < 20; each += 1) await call(world.port);
    await expect.poll(() => ended(known(model.route.id))).toEqual({ "2xx": 20 });
    expect(ended(known(gone.id))).toEqual({});
    expect(countOf(gone.id, place.retries)).toBeGreaterThan(0);
    expect(nothingInFlight()).toBe(true);
  });

  test("also where it waited for a route", async () => {
    await using model = await startModel();
    const row = serviceRow({ holdUntil: new Date(Date.now() + 60_000) });
    await world.show(row);
    const waiting = call(world.port);
    await expect.poll(() => known(row.id)?.inFlight).toBe(1);
    await world.show({ ...row, routes: [model.route] });
    expect((await waiting).status).toBe(200);
    await expect.poll(() => countOf(model.route.id, place.held)).toBe(1);
    expect(nothingInFlight()).toBe(true);
  });
});

test("bodies count as they flow, both ways", async () => {
  await using model = await startModel((request, response) => void request.pipe(response));
  await world.show(serviceRow({ routes: [model.route] }));
  const more = Promise.withResolvers<void>();
  const body = Readable.from(
    (async function* () {
      yield Buffer.alloc(100_000);
      await more.promise;
      yield Buffer.alloc(50_000);
    })(),
  );
  const answer = await open(world.port, { method: "POST", body });
  const bytes = countBytes(answer);
  await expect.poll(() => countOf(model.route.id, place.bytesIn)).toBe(100_000);
  await expect.poll(() => countOf(model.route.id, place.bytesOut)).toBe(100_000);
  more.resolve();
  expect(await bytes).toBe(150_000);
  expect([countOf(model.route.id, place.bytesIn), countOf(model.route.id, place.bytesOut)]).toEqual([150_000, 150_000]);
});

test("a WebSocket is in flight while it is open, counts what flows through it, and says nothing of latency", async () => {
  await using model = await startModel();
  model.server.on("upgrade", (_request, socket) => {
    socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    socket.pipe(socket);
  });
  await world.show(serviceRow({ routes: [model.route] }));
  const client = connect(world.port, "127.0.0.1");
  client.write("GET / HTTP/1.1\r\nHost: service.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  await once(client, "data");
  client.write("hello");
  await once(client, "data");
  expect(known(model.route.id)?.inFlight).toBe(1);
  client.destroy();
  await expect.poll(() => ended(known(model.route.id))).toEqual({ "1xx": 1 });
  expect([countOf(model.route.id, place.bytesIn), countOf(model.route.id, place.bytesOut)]).toEqual([5, 5]);
  expect(sumOf(known(model.route.id)?.counts ?? [], place.latency, bucketCount)).toBe(0);
  expect(nothingInFlight()).toBe(true);
});

test("Prometheus reads it by service, revision and route; tokens are not told, and what was forgotten leaves", async () => {
  await using model = await startModel();
  const row = serviceRow({ openToPublic: false, routes: [model.route] });
  await world.show(row);
  const tokenId = newId("token");
  await call(world.port, { headers: ["Authorization", `Bearer ${tokenFor(row.id, { tokenId })}`] });
  const metrics = createMetrics();
  metrics.requests(() => countedRequests(world.figures));
  const labels = `service="${row.id}",revision="${model.route.revisionId}",route="${model.route.id}"`;
  await expect.poll(metrics.text).toContain(`serai_gateway_requests_total{${labels},status="2xx"} 1\n`);
  const text = await metrics.text();
  expect(text).toContain(`serai_gateway_request_seconds_bucket{${labels},le="+Inf"} 1\n`);
  expect(text).toContain(`serai_gateway_first_byte_seconds_count{${labels}} 1\n`);
  expect(text).toContain(`serai_gateway_in_flight{${labels}} 0\n`);
  expect(text).toContain(`serai_gateway_sent_bytes_total{${labels}} 5\n`);
  expect(text).not.toContain(tokenId);
  world.figures.forget(model.route.id);
  expect(await metrics.text()).not.toContain(model.route.id);
});
