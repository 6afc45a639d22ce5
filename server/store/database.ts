/**
 * The connection to PostgreSQL and the only place that makes one.
 *
 * Every function of this folder takes the database, or a transaction of it, first. Whoever needs several statements to be one
 * change opens the transaction with `inTransaction`.
 */
import { sql as statement } from "drizzle-orm";
import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import { migrate as runMigrations } from "drizzle-orm/postgres-js/migrator";
import { fileURLToPath } from "node:url";
import postgres, { type Sql } from "postgres";
import { AppError, messageOf } from "../failure.ts";
import { openTransactions } from "./transactions.ts";

export type Db = PostgresJsDatabase;
export type Database = {
  /** Ask for it anew at each statement: after a connection was lost it is another. */
  readonly sql: Sql;
  /** Likewise. */
  readonly db: Db;
  readonly url: string;
  /** The database has stopped answering: what waits for an answer fails now, and what comes next connects anew. */
  renew(): void;
} & AsyncDisposable;

const migrationsFolder = fileURLToPath(new URL("../../drizzle/migrations", import.meta.url));
const migrationLock = 7_253_241;

/** Longer than an idle connection lives. */
const retireMs = 90_000;

/**
 * @param url as libpq reads it: also `postgres://user@%2Frun%2Fpostgres/db` and `?host=/run/postgres` for a Unix socket.
 * @param connectionsMax upper bound of the pool, and of transactions beside it.
 */
export function openDatabase(url: string, connectionsMax = 10): Database {
  const transactions = openTransactions((ended) => prepared(connect(url, 1, ended, { idle_timeout: 0, max_lifetime: null })), connectionsMax);
  const retired = new Set<Sql>();
  let isClosed = false;
  let pool = openPool();

  /**
   * A pool that has lost a connection is used no more: postgres.js 3.4.9 may keep, in that connection's place, one that will never
   * be connected again. What the others are doing goes on.
   */
  function openPool(): { readonly sql: Sql; readonly db: Db } {
    const sql = connect(url, connectionsMax, () => {
      if (pool.sql === sql && !isClosed) retire();
    });
    const client = new Proxy(sql, { get: (target, name) => (name === "begin" ? transactions.begin : Reflect.get(target, name)) });
    return { sql, db: drizzle(client) };
  }

  function retire(): void {
    const { sql } = pool;
    pool = openPool();
    retired.add(sql);
    setTimeout(() => retired.delete(sql) && void Promise.allSettled([sql.end({ timeout: 0 })]), retireMs).unref();
  }

  return {
    get sql() {
      return pool.sql;
    },
    get db() {
      return pool.db;
    },
    url,
    renew() {
      const { sql } = pool;
      pool = openPool();
      transactions.renew();
      for (const deaf of [sql, ...retired]) void Promise.allSettled([deaf.end({ timeout: 0 })]);
      retired.clear();
    },
    async [Symbol.asyncDispose]() {
      isClosed = true;
      const { sql } = pool;
      await Promise.all([transactions[Symbol.asyncDispose](), ...[sql, ...retired].map((each) => each.end({ timeout: 2 }))]);
    },
  };
}

/** In seconds. */
type Lives = { readonly idle_timeout: number; readonly max_lifetime: number | null };

/** A client of postgres.js. @param ended called when one of its connections has ended, for whatever reason. */
function connect(url: string, connectionsMax: number, ended: () => void, lives: Lives = { idle_timeout: 60, max_lifetime: 3600 }): Sql {
  const parsed = new URL(url);
  const socketDirectory = parsed.searchParams.get("host") ?? decodeURIComponent(parsed.hostname);
  parsed.searchParams.delete("host");
  const isSocket = socketDirectory.startsWith("/");
  if (isSocket) parsed.hostname = "localhost";
  return postgres(parsed.toString(), {
    max: connectionsMax,
    ...(isSocket ? { path: `${socketDirectory}/.s.PGSQL.${parsed.port === "" ? 5432 : parsed.port}` } : {}),
    connect_timeout: 5,
    ...lives,
    onnotice: () => {},
    onclose: ended,
    // A process that freezes within a transaction must not keep its locks: others wait for them to take over.
    connection: { application_name: "serai", TimeZone: "UTC", idle_in_transaction_session_timeout: 5000 },
  });
}

/** As Drizzle wants the values of rows. */
function prepared(sql: Sql): Sql {
  drizzle(sql);
  return sql;
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
 * the one connection on which it is done, so that it ends with it, whatever happens.
 */
export async function migrate(url: string): Promise<void> {
  const sql = connect(url, 1, () => {});
  try {
    await sql`select pg_advisory_lock(${migrationLock})`;
    await runMigrations(drizzle(sql), { migrationsFolder });
  } finally {
    await sql.end({ timeout: 2 });
  }
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
      // Triggers count what they tell of, and a count is not undone: without this everybody would look for what they have missed.
      await tx.execute(statement`select set_config('serai.dry_run', 'on', true)`);
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
