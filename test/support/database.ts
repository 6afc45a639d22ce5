/** A database of a test's own, migrated, on the run's real PostgreSQL. */
import { randomBytes } from "node:crypto";
import { inject } from "vitest";
import { openDatabase, type Database } from "../../server/store/database.ts";

export async function testDatabase(): Promise<Database> {
  const serverUrl = inject("postgresUrl");
  const name = `test_${randomBytes(8).toString("hex")}`;
  await using main = openDatabase(serverUrl, 1);
  await main.sql`create database ${main.sql(name)} template serai_template`;
  const url = serverUrl.replace("/postgres?", `/${name}?`);
  const database = openDatabase(url);
  return {
    get sql() {
      return database.sql;
    },
    get db() {
      return database.db;
    },
    url,
    renew: () => database.renew(),
    [Symbol.asyncDispose]: async () => {
      await database[Symbol.asyncDispose]();
      await using again = openDatabase(serverUrl, 1);
      await again.sql`drop database ${again.sql(name)} with (force)`;
    },
  };
}
