/** What sessions can run in. Environments belong to the installation, not to a project. */
import { asc, eq, inArray, type InferSelectModel } from "drizzle-orm";
import { environments } from "../../drizzle/tables/places.ts";
import { newId, type EnvironmentId } from "../model/ids.ts";
import type { Database } from "./database.ts";

export type EnvironmentRow = InferSelectModel<typeof environments>;
export type EnvironmentWish =
  | { readonly name: string; readonly kind: "HOST" }
  | { readonly name: string; readonly kind: "CONTAINER"; readonly image: string };

/** Makes it where none of that name exists; one that exists is left as it is. */
export async function ensureEnvironment(database: Database, wish: EnvironmentWish): Promise<EnvironmentRow> {
  const image = wish.kind === "CONTAINER" ? wish.image : null;
  await database.db
    .insert(environments)
    .values({ id: newId("environment"), name: wish.name, kind: wish.kind, image })
    .onConflictDoNothing();
  const [row] = await database.db.select().from(environments).where(eq(environments.name, wish.name));
  if (row === undefined) throw new Error("the environment that was just written cannot be read");
  return row;
}

/** Oldest first: the first one is what a service gets that names none. */
export async function listEnvironments(database: Database): Promise<EnvironmentRow[]> {
  return database.db.select().from(environments).orderBy(asc(environments.createdAt), asc(environments.id));
}

export async function readEnvironments(database: Database, ids: readonly EnvironmentId[]): Promise<EnvironmentRow[]> {
  return database.db
    .select()
    .from(environments)
    .where(inArray(environments.id, [...ids]));
}
