/** A connection that dies takes its own transaction with it, and nothing else. */
import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { inTransaction, openDatabase, type Database, type Transaction } from "../../server/store/database.ts";
import { endFrozenTransactions } from "../../server/store/frozen.ts";
import { isOutage } from "../../server/store/outage.ts";
import { testDatabase } from "../support/database.ts";
import { openTcpProxy } from "../support/tcp-proxy.ts";

const patience = { timeout: 10_000, interval: 20 };
const insert = (tx: Transaction, id: string) => tx.execute(sql`insert into projects (id, name) values (${id}, ${id})`);
const projects = async (database: Database) => (await database.sql<{ id: string }[]>`select id from projects order by id`).map(({ id }) => id);

async function pidOf(tx: Transaction): Promise<number> {
  const [row] = await tx.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`);
  return row?.pid ?? 0;
}

test("what a transaction does after its connection has died is done nowhere, least of all in another transaction", async () => {
  await using database = await testDatabase();
  await using one = openDatabase(database.url, 1);
  const [dead, proceed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const failures: unknown[] = [];
  const transaction = inTransaction(one, async (tx) => {
    await insert(tx, "prj_before");
    await database.sql`select pg_terminate_backend(${await pidOf(tx)})`;
    dead.resolve();
    await proceed.promise;
    for (const id of ["prj_after", "prj_later"]) await insert(tx, id).catch((thrown: unknown) => failures.push(thrown));
  });
  await expect(transaction).rejects.toSatisfy(isOutage);
  await dead.promise;
  await inTransaction(one, async (tx) => {
    await insert(tx, "prj_other");
    proceed.resolve();
    await expect.poll(() => failures, patience).toEqual([expect.toSatisfy(isOutage), expect.toSatisfy(isOutage)]);
  });
  expect(await projects(database)).toEqual(["prj_other"]);
});

// Then PostgreSQL waits for the rest of the statement, which to it is no idle transaction.
test("what a process has locked that froze in the middle of a statement is set free within seconds", async () => {
  await using server = await testDatabase();
  await server.sql`insert into projects (id, name) values ('prj_locked', 'locked')`;
  let isFreezing = false;
  const isBind = (piece: Buffer): boolean => piece[0] === "B".charCodeAt(0);
  await using proxy = await openTcpProxy(server.url, (piece) => isFreezing && isBind(piece));
  await using database = openDatabase(proxy.url, 1);
  const frozen = inTransaction(database, async (tx) => {
    await tx.execute(sql`select id from projects where id = 'prj_locked' for update`);
    isFreezing = true;
    await tx.execute(sql`select ${1}::int`);
  });
  const outcome = Promise.allSettled([frozen]);
  const free = () => server.sql`select id from projects where id = 'prj_locked' for update skip locked`;
  await expect.poll(() => isFreezing, patience).toBe(true);
  expect(await free()).toEqual([]);
  await endFrozenTransactions(server);
  expect(await free()).toEqual([]);
  const freed = async () => {
    await endFrozenTransactions(server);
    return free();
  };
  await expect.poll(freed, { timeout: 15_000, interval: 100 }).toEqual([{ id: "prj_locked" }]);
  expect(await outcome).toMatchObject([{ status: "rejected", reason: expect.toSatisfy(isOutage) }]);
});

test("a statement that comes after the end of its transaction, or failed within it, changes nothing", async () => {
  await using database = await testDatabase();
  const kept: Transaction[] = [];
  await inTransaction(database, async (tx) => void kept.push(tx));
  const [late] = kept;
  if (late === undefined) throw new Error("no transaction");
  await expect(insert(late, "prj_late")).rejects.toThrow();
  await expect(
    inTransaction(database, async (tx) => {
      await insert(tx, "prj_first");
      await tx.execute(sql`select 1 / 0`).catch(() => {});
    }),
  ).rejects.toThrow();
  expect(await projects(database)).toEqual([]);
});

test("when every connection is cut at once, in the middle of transactions and beside them, everything works again at once", async () => {
  await using server = await testDatabase();
  await using database = openDatabase(server.url);
  for (let round = 0; round < 5; round += 1) {
    const asks = [
      ...Array.from({ length: 8 }, () => database.sql`select pg_sleep(30)`),
      ...Array.from({ length: 14 }, () => inTransaction(database, (tx) => tx.execute(sql`select pg_sleep(30)`))),
    ];
    const outcomes = Promise.allSettled(asks);
    const sleeping = () =>
      server.sql`select pid from pg_stat_activity where datname = current_database() and query like '%pg_sleep(30)%' and pid <> pg_backend_pid()`;
    await expect.poll(async () => (await sleeping()).length, patience).toBeGreaterThanOrEqual(18);
    const cut = setInterval(
      () =>
        void server.sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and query like '%pg_sleep(30)%'`.catch(
          () => {},
        ),
      50,
    );
    expect((await outcomes).map(({ status }) => status)).toEqual(asks.map(() => "rejected"));
    clearInterval(cut);
    const again = Array.from({ length: 20 }, (_, index) =>
      index % 2 === 0 ? database.sql`select 1` : inTransaction(database, (tx) => tx.execute(sql`select 1`)),
    );
    await Promise.all(again);
  }
});

test("while the database swallows everything, what was asked fails as soon as that is known, also in the middle of a transaction", async () => {
  await using server = await testDatabase();
  await using database = openDatabase(server.url);
  const asks = [database.sql`select pg_sleep(30)`, inTransaction(database, (tx) => tx.execute(sql`select pg_sleep(30)`))];
  const outcomes = Promise.allSettled(asks);
  await expect
    .poll(
      async () => (await server.sql`select 1 from pg_stat_activity where datname = current_database() and query like '%pg_sleep(30)'`).length,
      patience,
    )
    .toBe(2);
  database.renew();
  for (const outcome of await outcomes) expect(outcome).toMatchObject({ status: "rejected", reason: expect.toSatisfy(isOutage) });
  await Promise.all([database.sql`select 1`, inTransaction(database, (tx) => tx.execute(sql`select 1`))]);
});
