/**
 * The connection to PostgreSQL and the only place that makes one.
 *
 * Every function of this folder takes the database, or a transaction of it, first. Whoever needs several statements to be one
 * change opens the transaction with `inTransaction`.
 */
import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import { migrate as runMigrations } from "drizzle-orm/postgres-js/migrator";
import { fileURLToPath } from "node:url";
import postgres, { type Sql } from "postgres";
import { AppError, messageOf } from "../failure.ts";

export type Db = PostgresJsDatabase;
export type Database = { readonly sql: Sql; readonly db: Db; readonly url: string } & AsyncDisposable;

const migrationsFolder = fileURLToPath(new URL("../../drizzle/migrations", import.meta.url));
const migrationLock = 7_253_241;

/**
 * @param url as libpq reads it: also `postgres://user@%2Frun%2Fpostgres/db` and `?host=/run/postgres` for a Unix socket.
 * @param connectionsMax upper bound of the pool; LISTEN uses one more.
 */
export function openDatabase(url: string, connectionsMax = 10): Database {
  const parsed = new URL(url);
  const socketDirectory = parsed.searchParams.get("host") ?? decodeURIComponent(parsed.hostname);
  parsed.searchParams.delete("host");
  const isSocket = socketDirectory.startsWith("/");
  if (isSocket) parsed.hostname = "localhost";
  const sql = postgres(parsed.toString(), {
    max: connectionsMax,
    ...(isSocket ? { path: `${socketDirectory}/.s.PGSQL.${parsed.port === "" ? 5432 : parsed.port}` } : {}),
    connect_timeout: 5,
    idle_timeout: 60,
    max_lifetime: 3600,
    onnotice: () => {},
    // A process that freezes within a transaction must not keep its locks: others wait for them to take over.
    connection: { application_name: "serai", TimeZone: "UTC", idle_in_transaction_session_timeout: 5000 },
  });
  return {
    sql,
    db: drizzle(sql),
    url,
    [Symbol.asyncDispose]: () => sql.end({ timeout: 2 }),
  };
}

/** Another in place of one whose single connection may be deaf: the old one is thrown away without waiting for it. */
export function replaced(deaf: Database): Database {
  void Promise.allSettled([deaf[Symbol.asyncDispose]()]);
  return openDatabase(deaf.url, 1);
}

/** Makes the database where it is missing. */
export async function createDatabase(serverUrl: string, name: string): Promise<void> {
  await using server = openDatabase(serverUrl, 1);
  const [present] = await server.sql`select 1 from pg_database where datname = ${name}`;
  if (present === undefined) await server.sql`create database ${server.sql(name)}`;
}

/**
 * Brings the tables up to date. Several processes may do so at once: one works, the others wait for it. The lock belongs to
 * a connection of its own, so that it ends with it, whatever happens.
 */
export async function migrate(url: string): Promise<void> {
  await using database = openDatabase(url, 1);
  await database.sql`select pg_advisory_lock(${migrationLock})`;
  await runMigrations(database.db, { migrationsFolder });
}

export type Transaction = Parameters<Parameters<Db["transaction"]>[0]>[0];

/** Everything that `change` writes becomes visible at once, or nothing of it. */
export function inTransaction<T>(database: Database, change: (tx: Transaction) => Promise<T>): Promise<T> {
  return database.db.transaction(change);
}

/** Finds out what a change would come to: it is made, looked at, and undone, whatever comes of it. Nobody else sees it, or is told. */
export async function inDryRun<T>(database: Database, change: (tx: Transaction) => Promise<T>): Promise<T> {
  let seen: { readonly value: T } | null = null;
  const undo = new Error("a dry run is undone");
  try {
    await database.db.transaction(async (tx) => {
      seen = { value: await change(tx) };
      throw undo;
    });
  } catch (thrown) {
    if (thrown !== undo) throw thrown;
  }
  if (seen === null) throw new Error("a dry run came to nothing");
  return (seen as { readonly value: T }).value;
}

/** Throws DATABASE_UNAVAILABLE, with a message for the operator, unless the database answers and is new enough. */
export async function checkDatabase(database: Database): Promise<void> {
  let version: number;
  try {
    const [row] = await database.sql<{ version: string }[]>`select current_setting('server_version_num') as version`;
    version = Number(row?.version);
  } catch (thrown) {
    throw new AppError("DATABASE_UNAVAILABLE", `PostgreSQL does not answer: ${messageOf(thrown)}`, { retry: true, cause: thrown });
  }
  if (version < 150_000) {
    throw new AppError("CONFIG_INVALID", `DATABASE_URL: PostgreSQL 15 or newer is needed, this is ${Math.floor(version / 10_000)}.`);
  }
}

/** Name of the constraint or index that refused a write, where that was the reason; null otherwise. */
export function violatedConstraint(thrown: unknown): string | null {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    const candidate = error as { code?: unknown; constraint_name?: unknown };
    if (typeof candidate.constraint_name === "string" && typeof candidate.code === "string" && candidate.code.startsWith("23")) {
      return candidate.constraint_name;
    }
  }
  return null;
}
