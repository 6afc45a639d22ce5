import { expect, test } from "vitest";
import { silentLog } from "../../server/log.ts";
import { openChanges } from "../../server/store/changes.ts";
import { checkDatabase, openDatabase } from "../../server/store/database.ts";
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
