import { sql as statement } from "drizzle-orm";
import { expect, test } from "vitest";
import { silentLog } from "../../server/log.ts";
import { openChanges } from "../../server/store/changes.ts";
import { checkDatabase, inTransaction, openDatabase } from "../../server/store/database.ts";
import { answeredWithin } from "../../server/store/deadline.ts";
import { testDatabase } from "../support/database.ts";
import { openTcpProxy } from "../support/tcp-proxy.ts";

test("whoever listens hears of a change, and of everything after the connection was lost", async () => {
  await using database = await testDatabase();
  await using changes = await openChanges(database, silentLog);
  const ending = new AbortController();
  const turns = changes.subscribe(ending.signal)[Symbol.asyncIterator]();

  await database.sql`insert into projects (id, name) values ('prj_a', 'a')`;
  await database.sql`insert into users (id, name, project_id, role, token_hash) values ('usr_a', 'a', 'prj_a', 'ADMIN', 'x')`;
  await database.sql`insert into folders (id, project_id, created_by, name, usage) values ('fld_a', 'prj_a', 'usr_a', 'a', 'MODEL')`;
  expect((await turns.next()).value).toEqual(new Set(["folder:fld_a"]));

  await database.sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'listen%'`;
  expect((await turns.next()).value).toBe("everything");
  ending.abort();
  expect((await turns.next()).done).toBe(true);
});

test("a change whose notification was lost is noticed by the timer", async () => {
  await using database = await testDatabase();
  await using changes = await openChanges(database, silentLog);
  const ending = new AbortController();
  const turns = changes.subscribe(ending.signal)[Symbol.asyncIterator]();
  await database.sql`select nextval('change_version')`;
  expect((await turns.next()).value).toBe("everything");
  expect(changes.corrections).toBe(1);
  ending.abort();
});

test("a network that swallows everything is noticed within seconds, and after it everybody reads everything again", async () => {
  await using database = await testDatabase();
  await using proxy = await openTcpProxy(database.url);
  await using throughProxy = openDatabase(proxy.url);
  await using changes = await openChanges(throughProxy, silentLog);
  const ending = new AbortController();
  const turns = changes.subscribe(ending.signal)[Symbol.asyncIterator]();
  proxy.swallow();
  await expect.poll(() => changes.hears, { timeout: 20_000 }).toBe(false);
  await expect(answeredWithin(checkDatabase(throughProxy), 100)).rejects.toMatchObject({ code: "DATABASE_UNAVAILABLE" });
  await database.sql`select nextval('change_version')`;

  // The old connections never say another word; only new ones do.
  proxy.forwardNewConnections();
  await expect.poll(() => changes.hears, { timeout: 20_000 }).toBe(true);
  expect((await turns.next()).value).toBe("everything");
  ending.abort();
}, 60_000);

test("who writes under its name is not woken by it, everybody else is; and however many rows there were, once for each subject", async () => {
  await using database = await testDatabase();
  await using changes = await openChanges(database, silentLog);
  const told: string[] = [];
  await database.sql.listen("serai", (payload) => told.push(payload));
  await database.sql`insert into projects (id, name) values ('prj_a', 'a')`;
  await database.sql`insert into users (id, name, project_id, role, token_hash) values ('usr_a', 'a', 'prj_a', 'ADMIN', 'x')`;
  const ending = new AbortController();
  const own = changes.subscribe(ending.signal, "machine:1")[Symbol.asyncIterator]();
  const others = changes.subscribe(ending.signal, "machine:2")[Symbol.asyncIterator]();

  const folder = (id: string) =>
    statement`insert into folders (id, project_id, created_by, name, usage) values (${id}, 'prj_a', 'usr_a', ${id}, 'MODEL')`;
  await inTransaction(database, async (tx) => {
    await tx.execute(statement`select set_config('serai.writer', 'machine:1', true)`);
    await tx.execute(folder("fld_a"));
    await tx.execute(statement`update folders set name = 'b' where id = 'fld_a'`);
    await tx.execute(folder("fld_b"));
  });
  await inTransaction(database, (tx) => tx.execute(folder("fld_c")));

  await expect
    .poll(() => told.map((payload) => payload.split(" ").slice(1).join(" ")))
    .toEqual([
      "folder:fld_a machine:1",
      "folder:fld_b machine:1",
      // On a connection that had a writer before.
      "folder:fld_c",
    ]);
  expect((await own.next()).value).toEqual(new Set(["folder:fld_c"]));
  expect((await others.next()).value).toContain("folder:fld_a");
  // Nothing was counted that nobody heard of.
  expect(changes.corrections).toBe(0);
  ending.abort();
});
