import { expect, test } from "vitest";
import { assertHeld, holdLeases, releaseLeases, shardCount, type Lease } from "../../server/store/leases.ts";
import { modifyService } from "../support/modify-service.ts";
import { testDatabase } from "../support/database.ts";
import { guideExample } from "./definitions.ts";
import { openControlWorld } from "./world.ts";

const patience = { timeout: 45_000, interval: 50 };

const shardsOf = (leases: readonly { readonly shard: number }[]) => leases.map(({ shard }) => shard);

test("a shard has one holder, who keeps it by renewing; another takes over when it ends, with a higher epoch", async () => {
  await using database = await testDatabase();
  const first = await holdLeases(database, "first", 60);
  expect(first).toHaveLength(shardCount);
  expect(await holdLeases(database, "first", 60)).toEqual(first);
  await releaseLeases(database, "first");
  const second = await holdLeases(database, "second", 60);
  expect(second.map((lease) => lease.epoch)).toEqual(first.map((lease) => lease.epoch + 1));
});

test("the living share evenly: who has too many gives back, who has too few takes what is free, and then nothing moves", async () => {
  await using database = await testDatabase();
  const holders = ["first", "second", "third"];
  const renewAll = async () => {
    const held: (readonly Lease[])[] = [];
    for (const holder of holders) held.push(await holdLeases(database, holder, 60));
    return held;
  };
  expect((await renewAll()).map((leases) => leases.length)).toEqual([64, 0, 0]);
  await renewAll();
  const shared = await renewAll();
  expect(shared.map((leases) => leases.length)).toEqual([22, 21, 21]);
  expect(new Set(shared.flatMap(shardsOf)).size).toBe(shardCount);
  expect(await renewAll()).toEqual(shared);
});

test("a dead one's shards go to the living, evenly, when its leases end, and none is left without a holder", async () => {
  await using database = await testDatabase();
  for (let round = 0; round < 3; round += 1) for (const holder of ["dead", "one", "other"]) await holdLeases(database, holder, 60);
  await database.sql`update leases set until = now() where holder = 'dead'`;
  await database.sql`update controllers set until = now() where holder = 'dead'`;
  const [one, other] = [await holdLeases(database, "one", 60), await holdLeases(database, "other", 60)];
  expect([one.length, other.length]).toEqual([32, 32]);
  expect(new Set(shardsOf([...one, ...other])).size).toBe(shardCount);
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

test("any number that ask at once never both get a shard, and soon have as many each", async () => {
  await using database = await testDatabase();
  const askAtOnce = () => Promise.all(Array.from({ length: 8 }, (_, index) => holdLeases(database, `holder-${index}`, 60)));
  for (let round = 0; round < 4; round += 1) {
    const shards = (await askAtOnce()).flatMap(shardsOf);
    expect(new Set(shards).size).toBe(shards.length);
  }
  await expect.poll(async () => (await askAtOnce()).map((leases) => leases.length), patience).toEqual(Array.from({ length: 8 }, () => 8));
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

test("two control processes share the services; each controls its own, and who stays has all when the other ends", async () => {
  await using world = await openControlWorld();
  const second = await world.openAnotherControl();
  const holders = async () =>
    (await world.database.sql<{ number: number }[]>`select count(*)::int as number from leases where until > now() group by holder`).map(
      ({ number }) => number,
    );
  await expect.poll(holders, patience).toEqual([32, 32]);
  const services = await Promise.all(Array.from({ length: 6 }, () => world.create(guideExample)));
  const statuses = () => Promise.all(services.map(({ id }) => world.status(id)));
  await expect.poll(statuses, patience).toEqual(services.map(() => "HEALTHY"));
  const epochs = () => world.database.sql`select shard, epoch from leases order by shard`;
  const before = await epochs();
  await second[Symbol.asyncDispose]();
  await expect.poll(holders, patience).toEqual([64]);
  for (const { id } of services) await modifyService(world.database, world.who.projectId, id, { desiredRouteCount: 0 });
  await expect.poll(statuses, patience).toEqual(services.map(() => "STOPPED"));
  expect((await epochs()).filter(({ epoch }, shard) => epoch !== before[shard]?.["epoch"])).toHaveLength(32);
});
