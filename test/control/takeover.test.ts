import { expect, test } from "vitest";
import { assertHeld, holdLeases, releaseLeases, shardCount } from "../../server/store/leases.ts";
import { modifyService } from "../support/modify-service.ts";
import { testDatabase } from "../support/database.ts";
import { guideExample } from "./definitions.ts";
import { openControlWorld } from "./world.ts";

const patience = { timeout: 45_000, interval: 50 };

test("a shard has one holder, who keeps it by renewing; another takes over when it ends, with a higher epoch", async () => {
  await using database = await testDatabase();
  const first = await holdLeases(database, "first", 60);
  expect(first).toHaveLength(shardCount);
  expect(await holdLeases(database, "second", 60)).toEqual([]);
  expect(await holdLeases(database, "first", 60)).toEqual(first);
  await releaseLeases(database, "first");
  const second = await holdLeases(database, "second", 60);
  expect(second.map((lease) => lease.epoch)).toEqual(first.map((lease) => lease.epoch + 1));
});

test("who lost a lease can write nothing any more, however late it wakes", async () => {
  await using database = await testDatabase();
  const [stale] = await holdLeases(database, "frozen", 60);
  if (stale === undefined) throw new Error("no lease");
  await database.db.transaction((tx) => assertHeld(tx, stale));
  await releaseLeases(database, "frozen");
  await expect(database.db.transaction((tx) => assertHeld(tx, stale))).rejects.toMatchObject({ code: "SUPERSEDED" });
  await holdLeases(database, "other", 60);
  await expect(database.db.transaction((tx) => assertHeld(tx, stale))).rejects.toMatchObject({ code: "SUPERSEDED" });
  await holdLeases(database, "frozen", 60);
  await expect(database.db.transaction((tx) => assertHeld(tx, stale))).rejects.toMatchObject({ code: "SUPERSEDED" });
});

test("two that ask at once never both get a shard", async () => {
  await using database = await testDatabase();
  const asked = await Promise.all(Array.from({ length: 8 }, (_, index) => holdLeases(database, `holder-${index}`, 60)));
  const shards = asked.flat().map((lease) => lease.shard);
  expect(shards).toHaveLength(shardCount);
  expect(new Set(shards).size).toBe(shardCount);
});

test("who loses its leases for a while and gets them back has lost no session", async () => {
  await using world = await openControlWorld();
  const { id } = await world.create(guideExample);
  await expect.poll(() => world.status(id), patience).toBe("HEALTHY");
  const route = async () => {
    const [row] = await world.database.sql<{ id: string; session_id: string; status: string }[]>`
      select id, session_id, status from routes where service_id = ${id} and terminated_at is null`;
    return row;
  };
  const before = await route();
  await world.database.sql`update leases set holder = 'another', epoch = epoch + 1, until = now() + interval '2 seconds'`;
  // Something wakes the service while somebody else has it.
  await modifyService(world.database, world.who.projectId, id, { terminationGraceSeconds: 5 });
  const holders = async () => (await world.database.sql<{ holder: string }[]>`select distinct holder from leases`).map((row) => row.holder);
  await expect.poll(holders, patience).not.toContain("another");
  await modifyService(world.database, world.who.projectId, id, { terminationGraceSeconds: 6 });
  await modifyService(world.database, world.who.projectId, id, { desiredRouteCount: 2 });
  await expect
    .poll(async () => (await world.database.sql`select 1 from routes where service_id = ${id} and status = 'HEALTHY'`).length, patience)
    .toBe(2);
  await modifyService(world.database, world.who.projectId, id, { desiredRouteCount: 1 });
  await expect.poll(() => route(), patience).toEqual(before);
});
