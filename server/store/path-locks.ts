/** Paths of folders that one process at a time may change, in the whole installation. */
import { sql } from "drizzle-orm";
import { inTransaction, type Database } from "./database.ts";

/** Apart from whatever else takes an advisory lock by a hash. */
const kind = 7_253_242;

/**
 * The locks are the transaction's, so they end with it, also where this process freezes (idle_in_transaction_session_timeout): what
 * they guard takes milliseconds. @param paths sorted, so that two who want the same ones never wait for each other.
 */
export function lockPaths<T>(database: Database, paths: readonly string[], action: () => Promise<T>): Promise<T> {
  return inTransaction(database, async (tx) => {
    for (const path of paths) await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${path}, ${kind}))`);
    return action();
  });
}
