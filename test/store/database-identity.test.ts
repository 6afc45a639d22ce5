import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { settleIdentity } from "../../server/store/database-identity.ts";
import { inTransaction, openDatabase, type Database } from "../../server/store/database.ts";
import { ensureInstallation } from "../../server/store/installation.ts";
import { guideExample } from "../control/definitions.ts";
import { openControlWorld } from "../control/world.ts";
import { testDatabase } from "../support/database.ts";
import { startSerai } from "../support/serai.ts";

const patience = { timeout: 45_000, interval: 50 };
const identityOf = async (database: Database) =>
  (await database.sql<{ id: string; database_identity: string | null }[]>`select id, database_identity from installation`)[0];
const becomeAnother = (database: Database) => database.sql`update installation set database_identity = '7400000000000000001/16384'`;

test("an installation remembers its database, also one from before that was remembered, and starts on it whatever is said", async () => {
  await using database = await testDatabase();
  const { installationId } = await ensureInstallation(database, null);
  const identity = (await identityOf(database))?.database_identity;
  expect(identity).toMatch(/^\d{15,}\/\d+$/);
  await database.sql`update installation set database_identity = null`;
  expect(await ensureInstallation(database, null)).toEqual({ installationId });
  expect(await identityOf(database)).toEqual({ id: installationId, database_identity: identity });
  expect(await ensureInstallation(database, null, "copied")).toEqual({ installationId });
});

test("in another database it does not start until it is told: moved keeps the installation, copied makes another", async () => {
  await using database = await testDatabase();
  const { installationId } = await ensureInstallation(database, null);
  await becomeAnother(database);
  await expect(ensureInstallation(database, null)).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: expect.stringMatching(/another database \(7400000000000000001\/16384\).*SERAI_DATABASE_IDENTITY.*`moved`.*`copied`/),
  });
  expect(await ensureInstallation(database, null, "moved")).toEqual({ installationId });
  expect(await ensureInstallation(database, null)).toEqual({ installationId });

  await becomeAnother(database);
  const copies = await Promise.all(Array.from({ length: 4 }, () => ensureInstallation(database, null, "copied")));
  expect(new Set(copies.map((copy) => copy.installationId)).size).toBe(1);
  expect(copies[0]?.installationId).not.toBe(installationId);
  expect(await ensureInstallation(database, null)).toEqual(copies[0]);
});

test("the process says it in a sentence and ends", async () => {
  await using database = await testDatabase();
  await ensureInstallation(database, null);
  await becomeAnother(database);
  const starting = startSerai({ env: { DATABASE_URL: database.url, SERAI_EXAMPLES: "0" } });
  await expect(starting).rejects.toThrow(/Serai ended with 1.*\n?.*Serai could not start\. DATABASE_URL: This installation was in another database/s);
  await using told = await startSerai({ env: { DATABASE_URL: database.url, SERAI_EXAMPLES: "0", SERAI_DATABASE_IDENTITY: "moved" } });
  expect(told.process.exitCode).toBeNull();
});

test("a copy asks nothing of the sessions of the first: its routes begin anew", async () => {
  await using world = await openControlWorld();
  const { id } = await world.create(guideExample, 2);
  await expect.poll(() => world.status(id), patience).toBe("HEALTHY");
  const seen: unknown[] = [];
  const looked = inTransaction(world.database, async (tx) => {
    await settleIdentity(tx, { id: "first", databaseIdentity: "1/1" }, "2/2", "copied");
    seen.push(await tx.execute(sql`select status, host, port, attempt from routes`), await tx.execute(sql`select status from services`));
    throw new Error("seen");
  });
  await expect(looked).rejects.toThrow("seen");
  const begunAnew = { status: "PENDING", host: null, port: null, attempt: null };
  expect(seen).toEqual([[begunAnew, begunAnew], [{ status: "PROVISIONING" }]]);
});

test("a role that may not ask PostgreSQL who it is starts all the same, and so does the next that may", async () => {
  await using database = await testDatabase();
  const name = `role_${database.url.replace(/.*test_(\w+)\?.*/, "$1")}`;
  await database.sql`create role ${database.sql(name)} login`;
  try {
    await database.sql`grant all on all tables in schema public to ${database.sql(name)}`;
    await database.sql`grant all on all sequences in schema public to ${database.sql(name)}`;
    await database.sql`revoke execute on function pg_control_system() from public`;
    await using limited = openDatabase(database.url.replace("//serai@", `//${name}@`));
    const { installationId } = await ensureInstallation(limited, null);
    expect(await identityOf(database)).toEqual({ id: installationId, database_identity: null });
    expect(await ensureInstallation(database, null)).toEqual({ installationId });
  } finally {
    await database.sql`drop owned by ${database.sql(name)}`;
    await database.sql`drop role ${database.sql(name)}`;
  }
});
