/**
 * One after the other at the same path: whoever looks whether a file is what it was, and then replaces it, must be alone meanwhile.
 * First within this process, in turn, so that a hundred writers of one path hold one connection; then among all API processes, by a
 * lock in the database. Sessions know of neither: against them, each single step is safe by itself.
 */
import type { Database } from "../store/database.ts";
import { lockPaths } from "../store/path-locks.ts";

export type Exclusively = <T>(keys: readonly string[], action: () => Promise<T>) => Promise<T>;

/** @param database null: there is no other process. */
export function createExclusively(database: Database | null): Exclusively {
  const turns = new Map<string, Promise<unknown>>();
  return async (keys, action) => {
    const wanted = [...new Set(keys)].toSorted();
    const before = Promise.all(wanted.map(async (key) => turns.get(key)));
    const mine = before.then(() => (database === null ? action() : lockPaths(database, wanted, action)));
    const over = mine.catch(() => {});
    for (const key of wanted) turns.set(key, over);
    try {
      return await mine;
    } finally {
      for (const key of wanted) if (turns.get(key) === over) turns.delete(key);
    }
  };
}
