/** Named pools of machines. Resource groups belong to the installation, not to a project. */
import { asc, eq, inArray, type InferSelectModel } from "drizzle-orm";
import { resourceGroups } from "../../drizzle/tables/places.ts";
import { newId, type ResourceGroupId } from "../model/ids.ts";
import type { Database } from "./database.ts";

export type ResourceGroupRow = InferSelectModel<typeof resourceGroups>;

/** Makes it where none of that name exists; one that exists is left as it is. */
export async function ensureResourceGroup(database: Database, wish: { readonly name: string; readonly nodePool: string }): Promise<ResourceGroupRow> {
  await database.db
    .insert(resourceGroups)
    .values({ id: newId("resourceGroup"), ...wish })
    .onConflictDoNothing();
  const [row] = await database.db.select().from(resourceGroups).where(eq(resourceGroups.name, wish.name));
  if (row === undefined) throw new Error("the resource group that was just written cannot be read");
  return row;
}

/** Oldest first: the first one is what a service gets that names none. */
export async function listResourceGroups(database: Database): Promise<ResourceGroupRow[]> {
  return database.db.select().from(resourceGroups).orderBy(asc(resourceGroups.createdAt), asc(resourceGroups.id));
}

export async function readResourceGroups(database: Database, ids: readonly ResourceGroupId[]): Promise<ResourceGroupRow[]> {
  return database.db
    .select()
    .from(resourceGroups)
    .where(inArray(resourceGroups.id, [...ids]));
}
