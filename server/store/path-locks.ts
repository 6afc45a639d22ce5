/** Paths of folders that one process at a time may change, in the whole installation. */
import { sql } from "drizzle-orm";
import { inTransaction, type Database } from "./database.ts";

/** Apart from whatever else takes an advisory lock by a hash. */
const kind = 7_253_242;

/**
 * The locks are the transaction's, so they end with it, also where this process freezes (idle_in_transaction_session_timeout): what
 * they guard takes milliseconds. @param paths sorted, so that two who want the same ones never wait for each other.
 *
 * Nothing is answered before the action has ended, and then what became of it: a transaction is over as soon as its connection dies, but
 * whoever waits here closes the directories that the action still works in, and their numbers go to others.
 */
export async function lockPaths<T>(database: Database, paths: readonly string[], action: () => Promise<T>): Promise<T> {
  const begun: Promise<T>[] = [];
  let isLost = false;
  const locked = inTransaction(database, async (tx) => {
    for (const path of paths) await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${path}, ${kind}))`);
    const acting = action();
    begun.push(acting);
    await acting.catch(() => {});
    // postgres.js would send the end of the transaction into a connection that is no more, and throw where nobody can catch it.
    return await (isLost ? never : acting);
  });
  try {
    return await locked;
  } catch (thrown) {
    isLost = true;
    const [acting] = begun;
    if (acting === undefined) throw thrown;
    return await acting;
  }
}

const never = new Promise<never>(() => {});
