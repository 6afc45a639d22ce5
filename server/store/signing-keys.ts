/** Keys that sign tokens: rows are inserted once and read, never updated. */
import { asc } from "drizzle-orm";
import { signingKeys } from "../../drizzle/tables/access.ts";
import type { Database } from "./database.ts";

export type SigningKeyRow = { readonly id: string; readonly publicKey: string; readonly privateKeyEncrypted: string };

/** Oldest first. */
export async function readSigningKeys(database: Database): Promise<readonly SigningKeyRow[]> {
  return database.db
    .select({ id: signingKeys.id, publicKey: signingKeys.publicKey, privateKeyEncrypted: signingKeys.privateKeyEncrypted })
    .from(signingKeys)
    .orderBy(asc(signingKeys.createdAt), asc(signingKeys.id));
}

/** Does nothing where a key of that id exists: whoever was first has made it. */
export async function insertSigningKey(database: Database, row: SigningKeyRow): Promise<void> {
  await database.db.insert(signingKeys).values(row).onConflictDoNothing();
}
