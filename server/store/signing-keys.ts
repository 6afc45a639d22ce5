/** Keys that sign tokens. Rows are never deleted: a text that a retired key has signed is still known to be ours. */
import { asc, isNull, lt, or, sql, type InferSelectModel } from "drizzle-orm";
import { signingKeys } from "../../drizzle/tables/access.ts";
import { inTransaction, type Database } from "./database.ts";

export type SigningKeyRow = InferSelectModel<typeof signingKeys>;
export type NewSigningKey = Pick<SigningKeyRow, "id" | "publicKey" | "privateKeyEncrypted">;

/** Oldest first: the last one signs. */
export async function readSigningKeys(database: Database): Promise<readonly SigningKeyRow[]> {
  return database.db.select().from(signingKeys).orderBy(asc(signingKeys.createdAt), asc(signingKeys.id));
}

/** Does nothing where a key of that id exists: whoever was first has made it. */
export async function insertSigningKey(database: Database, row: NewSigningKey): Promise<void> {
  await database.db.insert(signingKeys).values(row).onConflictDoNothing();
}

/** From now on the new one signs. Those before it retire after so many seconds, or earlier where that was said already; null: they go on. */
export async function replaceSigningKey(database: Database, row: NewSigningKey, retireAfterSeconds: number | null): Promise<void> {
  await inTransaction(database, async (tx) => {
    if (retireAfterSeconds !== null) {
      const retiresAt = sql`now() + make_interval(secs => ${retireAfterSeconds})`;
      await tx
        .update(signingKeys)
        .set({ retiresAt })
        .where(or(isNull(signingKeys.retiresAt), lt(retiresAt, signingKeys.retiresAt)));
    }
    // After those that were there, also where the clock was set back.
    const createdAt = sql`greatest(now(), (select max(created_at) from signing_keys) + interval '1 millisecond')`;
    await tx.insert(signingKeys).values({ ...row, createdAt });
  });
}
