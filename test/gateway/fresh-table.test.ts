import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { openFreshTable } from "../../server/gateway/fresh-table.ts";
import { insertRoute, openInstallation, setStatus } from "./installation.ts";
import { call } from "./world.ts";

describe("What the API has said", () => {
  test("the gateway does at once: whoever may call since a moment ago is not turned away, with a token or without", async () => {
    const { database, serviceId, model, openOne } = await openInstallation();
    await insertRoute(database, serviceId, model, "HEALTHY");
    const gateway = await openOne();
    const status = async (headers: readonly string[] = []) => (await call(gateway.port, { headers })).status;
    for (let round = 0; round < 20; round += 1) {
      await database.sql`update services set open_to_public = true where id = ${serviceId}`;
      expect(await status(round % 2 === 0 ? [] : ["Authorization", "Bearer nonsense"])).toBe(200);
      await database.sql`update services set open_to_public = false where id = ${serviceId}`;
      await expect.poll(() => status(), { interval: 5 }).toBe(401);
    }
  });

  test("the gateway does at once: no healthy service answers 503, and none that exists 404, however close the call follows", async () => {
    const { database, serviceId, model, openOne } = await openInstallation();
    await database.sql`update services set open_to_public = true where id = ${serviceId}`;
    await insertRoute(database, serviceId, model, "WARMING_UP");
    const gateway = await openOne();
    for (let round = 0; round < 20; round += 1) {
      await setStatus(database, model.route.id, "UNHEALTHY");
      await expect.poll(async () => (await call(gateway.port)).status, { interval: 5 }).toBe(503);
      await setStatus(database, model.route.id, "HEALTHY");
      expect((await call(gateway.port)).status).toBe(200);
      await database.sql`update services set endpoint_host = ${`name-${round}.test`} where id = ${serviceId}`;
      expect((await call(gateway.port, { headers: ["Host", `name-${round}.test`] })).status).toBe(200);
      await database.sql`update services set endpoint_host = 'service.test' where id = ${serviceId}`;
    }
  });
});

/** A table whose reads the test ends itself. */
function slowTable(hears = () => true) {
  const reads: PromiseWithResolvers<void>[] = [];
  const fresh = openFreshTable(() => {
    const reading = Promise.withResolvers<void>();
    reads.push(reading);
    return reading.promise;
  }, hears);
  return { reads, ...fresh };
}

describe("Reading the table afresh", () => {
  test("is one read for all who ask meanwhile, begun after the asking, however many they are", async () => {
    const { reads, look } = slowTable();
    const first = look();
    expect(reads.length).toBe(1);
    const more = Array.from({ length: 1000 }, () => look());
    expect(reads.length).toBe(1);
    reads[0]?.resolve();
    await first;
    await expect.poll(() => reads.length).toBe(2);
    reads[1]?.resolve();
    await Promise.all(more);
    expect(reads.length).toBe(2);
  });

  test("costs nobody time while the database is down, and is back with the first read that works", async () => {
    let hears = true;
    const { reads, look, read } = slowTable(() => hears);
    const failing = read();
    reads[0]?.reject(new Error("down"));
    await expect(failing).rejects.toThrow("down");
    await look();
    expect(reads.length).toBe(1);
    const working = read();
    await expect.poll(() => reads.length).toBe(2);
    reads[1]?.resolve();
    await working;
    hears = false;
    await look();
    expect(reads.length).toBe(2);
    hears = true;
    const looking = look();
    await expect.poll(() => reads.length).toBe(3);
    reads[2]?.resolve();
    await looking;
  });

  test("begins for requests only after a rest of four times the last read, however many ask; for a change, at once", async () => {
    const { reads, look, read } = slowTable();
    const first = look();
    await pause(20);
    reads[0]?.resolve();
    await first;
    const endedAtMs = performance.now();
    const second = look();
    expect(reads.length).toBe(1);
    await expect.poll(() => reads.length, { interval: 2 }).toBe(2);
    expect(performance.now() - endedAtMs).toBeGreaterThan(70);
    reads[1]?.resolve();
    await second;
    const third = look();
    const change = read();
    expect(reads.length).toBe(3);
    reads[2]?.resolve();
    await Promise.all([third, change]);
  });

  test("is waited for half a second at most, and by nobody else until it is done", async () => {
    const { reads, look } = slowTable();
    await look();
    await Promise.race([look(), pause(100).then(() => Promise.reject(new Error("waited")))]);
    expect(reads.length).toBe(1);
  });
});
