import { expect, test } from "vitest";
import { assertHeld, holdLeases, releaseLeases, shardCount } from "../../server/store/leases.ts";
import { testDatabase } from "../support/database.ts";

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
