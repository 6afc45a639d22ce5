/** Credentials of image registries, encrypted before they come here. They belong to the installation, not to a project. */
import { asc, eq, type InferSelectModel } from "drizzle-orm";
import { imageRegistries } from "../../drizzle/tables/image-registries.ts";
import type { ServiceState } from "../model/control-state.ts";
import { newId, type ImageRegistryId } from "../model/ids.ts";
import { registryOf } from "../model/image-name.ts";
import { conflict, done, notFound, type Outcome } from "../model/problem.ts";
import type { SessionEnvironment } from "../model/session.ts";
import { violatedConstraint, type Database } from "./database.ts";

export type ImageRegistryRow = InferSelectModel<typeof imageRegistries>;
type Credentials = Pick<ImageRegistryRow, "username" | "password">;

/** In the order of their hosts. */
export const listImageRegistries = (database: Database): Promise<ImageRegistryRow[]> =>
  database.db.select().from(imageRegistries).orderBy(asc(imageRegistries.host));

/** That of its image; null where none is known of its host, and it is pulled as by anybody. */
export async function readRegistryFor(database: Database, environment: SessionEnvironment): Promise<ImageRegistryRow | null> {
  if (environment.kind === "HOST") return null;
  const [row] = await database.db
    .select()
    .from(imageRegistries)
    .where(eq(imageRegistries.host, registryOf(environment.image)));
  return row ?? null;
}

/** Whether it is so of what the service should be on. */
export async function pullsWithCredentials(database: Database, { revisions, revisionId }: ServiceState): Promise<boolean> {
  const revision = revisions.get(revisionId);
  return revision !== undefined && (await readRegistryFor(database, revision.environment)) !== null;
}

export async function readImageRegistry(database: Database, id: ImageRegistryId): Promise<Outcome<ImageRegistryRow>> {
  const [row] = await database.db.select().from(imageRegistries).where(eq(imageRegistries.id, id));
  return row === undefined ? unknown(id) : done(row);
}

export async function createImageRegistry(database: Database, wish: Credentials & { readonly host: string }): Promise<Outcome<ImageRegistryRow>> {
  try {
    const [row] = await database.db
      .insert(imageRegistries)
      .values({ id: newId("imageRegistry"), ...wish })
      .returning();
    if (row === undefined) throw new Error("the image registry that was just written cannot be read");
    return done(row);
  } catch (thrown) {
    if (violatedConstraint(thrown) !== "image_registries_host_unique") throw thrown;
    return conflict(`There are credentials for ${wish.host} already: change them instead.`);
  }
}

export async function modifyImageRegistry(database: Database, id: ImageRegistryId, change: Partial<Credentials>): Promise<Outcome<ImageRegistryRow>> {
  // With its own id, there is something to set where nothing is to change.
  const [row] = await database.db
    .update(imageRegistries)
    .set({ id, ...change })
    .where(eq(imageRegistries.id, id))
    .returning();
  return row === undefined ? unknown(id) : done(row);
}

export async function deleteImageRegistry(database: Database, id: ImageRegistryId): Promise<Outcome<ImageRegistryRow>> {
  const [row] = await database.db.delete(imageRegistries).where(eq(imageRegistries.id, id)).returning();
  return row === undefined ? unknown(id) : done(row);
}

const unknown = (id: ImageRegistryId): Outcome<never> => notFound(`image registry ${id}`);
