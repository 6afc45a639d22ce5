import { expect, test } from "vitest";
import { lockPaths } from "../../server/store/path-locks.ts";
import { openDatabase } from "../../server/store/database.ts";
import { testDatabase } from "../support/database.ts";

test("what is done under a lock is waited for, and its result told, although the connection of the lock dies meanwhile", async () => {
  await using database = await testDatabase();
  const { promise: working, resolve: finish } = Promise.withResolvers<string>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  let isAnswered = false;
  const locked = lockPaths(database, ["a"], async () => {
    begin();
    return await working;
  }).finally(() => (isAnswered = true));
  await begun;
  const others = database.sql`select pg_terminate_backend(pid) as ended from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and state = 'idle in transaction'`;
  expect(await others).toEqual([{ ended: true }]);
  await expect
    .poll(() => database.sql`select 1 from pg_stat_activity where datname = current_database() and state = 'idle in transaction'`)
    .toEqual([]);
  // The dead connection has been noticed here as well once another takes the lock and gives it back.
  expect(await lockPaths(database, ["a"], async () => "second")).toBe("second");
  expect(isAnswered).toBe(false);
  finish("first");
  expect(await locked).toBe("first");
});

test("what failed under a lock fails, and so does a lock that cannot be had", async () => {
  await using database = await testDatabase();
  await expect(lockPaths(database, ["a"], () => Promise.reject(new Error("the disk says no")))).rejects.toThrow("the disk says no");
  const closed = openDatabase(database.url);
  await closed[Symbol.asyncDispose]();
  let isBegun = false;
  await expect(lockPaths(closed, ["a"], async () => (isBegun = true))).rejects.toThrow();
  expect(isBegun).toBe(false);
});
