/** Named pools of machines. Resource groups belong to the installation, not to a project. */
import { and, asc, eq, inArray, isNull, or, sql, type InferSelectModel } from "drizzle-orm";
import { environments, resourceGroups } from "../../drizzle/tables/places.ts";
import { revisions, services } from "../../drizzle/tables/services.ts";
import { validations } from "../../drizzle/tables/validations.ts";
import { newId, type ResourceGroupId } from "../model/ids.ts";
import { conflict, done, invalid, notFound, type Outcome } from "../model/problem.ts";
import type { ResourceGroupWish } from "../model/resource-group.ts";
import { countOf } from "../model/words.ts";
import { inTransaction, violatedConstraint, type Database, type Transaction } from "./database.ts";

export type ResourceGroupRow = InferSelectModel<typeof resourceGroups>;

/**
 * Makes it where there is none of that name or of that node pool, nor was: what an administrator has renamed or deleted is not made
 * again at the next start. Null where there is none now, because it was deleted.
 */
export async function ensureResourceGroup(
  database: Database,
  wish: { readonly name: string; readonly nodePool: string },
): Promise<ResourceGroupRow | null> {
  const alike = or(eq(resourceGroups.name, wish.name), eq(resourceGroups.nodePool, wish.nodePool));
  await inTransaction(database, async (tx) => {
    const found = await tx.select({ id: resourceGroups.id }).from(resourceGroups).where(alike).limit(1);
    if (found.length > 0) return;
    await tx
      .insert(resourceGroups)
      .values({ id: newId("resourceGroup"), ...wish })
      .onConflictDoNothing();
  });
  const [row] = await database.db
    .select()
    .from(resourceGroups)
    .where(and(alike, isNull(resourceGroups.deletedAt)))
    .orderBy(sql`${resourceGroups.name} <> ${wish.name}`, asc(resourceGroups.createdAt))
    .limit(1);
  return row ?? null;
}

/** Oldest first: the first one is what a service gets that names none. */
export async function listResourceGroups(database: Database): Promise<ResourceGroupRow[]> {
  return database.db
    .select()
    .from(resourceGroups)
    .where(isNull(resourceGroups.deletedAt))
    .orderBy(asc(resourceGroups.createdAt), asc(resourceGroups.id));
}

/** Deleted ones too: old revisions name them. */
export async function readResourceGroups(database: Database, ids: readonly ResourceGroupId[]): Promise<ResourceGroupRow[]> {
  return database.db
    .select()
    .from(resourceGroups)
    .where(inArray(resourceGroups.id, [...ids]));
}

export const createResourceGroup = (database: Database, wish: ResourceGroupWish): Promise<Outcome<ResourceGroupRow>> =>
  unlessNameIsTaken(wish.name, () =>
    inTransaction(database, async (tx) => {
      const refused = await refuseEnvironments(tx, wish);
      if (refused !== null) return refused;
      const [row] = await tx
        .insert(resourceGroups)
        .values({ id: newId("resourceGroup"), ...wish })
        .returning();
      if (row === undefined) throw new Error("the resource group that was just written cannot be read");
      return done(row);
    }),
  );

/** What runs goes on as it was started; the rule counts from the next start of each session on. */
export const modifyResourceGroup = (
  database: Database,
  id: ResourceGroupId,
  change: (row: ResourceGroupRow) => Outcome<ResourceGroupWish>,
): Promise<Outcome<ResourceGroupRow>> => {
  let name = "";
  return unlessNameIsTaken(
    () => name,
    () =>
      inTransaction(database, async (tx) => {
        const row = await lockGroup(tx, id);
        if (row === null) return notFound(`resource group ${id}`);
        const wish = change(row);
        if (!wish.ok) return wish;
        name = wish.value.name;
        const refused = await refuseEnvironments(tx, wish.value);
        if (refused !== null) return refused;
        const [changed] = await tx.update(resourceGroups).set(wish.value).where(eq(resourceGroups.id, id)).returning();
        return done(changed ?? row);
      }),
  );
};

/** Only one that no live service and no live validation is to run on. */
export function deleteResourceGroup(database: Database, id: ResourceGroupId): Promise<Outcome<ResourceGroupRow>> {
  return inTransaction(database, async (tx) => {
    const row = await lockGroup(tx, id);
    if (row === null) return notFound(`resource group ${id}`);
    const users = await tx
      .selectDistinct({ name: services.name })
      .from(revisions)
      .innerJoin(services, or(eq(services.revisionId, revisions.id), eq(services.stableRevisionId, revisions.id)))
      .where(and(eq(revisions.resourceGroupId, id), isNull(services.terminatedAt)));
    const [trial] = await tx
      .select({ id: validations.id })
      .from(validations)
      .where(and(eq(validations.resourceGroupId, id), isNull(validations.endedAt)))
      .limit(1);
    if (users.length > 0)
      return conflict(
        `${countOf(users.length, "service")} ${users.length === 1 ? "is" : "are"} to run on ${row.name}: move or terminate ${users.length === 1 ? "it" : "them"} first.`,
      );
    if (trial !== undefined) return conflict(`A validation runs on ${row.name}: wait for its end, or cancel it.`);
    const [deleted] = await tx
      .update(resourceGroups)
      .set({ deletedAt: sql`now()` })
      .where(eq(resourceGroups.id, id))
      .returning();
    return done(deleted ?? row);
  });
}

async function lockGroup(tx: Transaction, id: ResourceGroupId): Promise<ResourceGroupRow | null> {
  const [row] = await tx
    .select()
    .from(resourceGroups)
    .where(and(eq(resourceGroups.id, id), isNull(resourceGroups.deletedAt)))
    .for("update");
  return row ?? null;
}

async function refuseEnvironments(tx: Transaction, { environmentIds }: ResourceGroupWish): Promise<Outcome<never> | null> {
  if (environmentIds === null) return null;
  const found = await tx
    .select({ id: environments.id })
    .from(environments)
    .where(inArray(environments.id, [...environmentIds]));
  const missing = environmentIds.flatMap((id, index) =>
    found.some((one) => one.id === id) ? [] : [{ path: `environmentIds[${index}]`, message: "names no environment" }],
  );
  return missing.length === 0 ? null : invalid(missing);
}

async function unlessNameIsTaken<T>(name: string | (() => string), write: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
  try {
    return await write();
  } catch (thrown) {
    if (violatedConstraint(thrown) !== "resource_groups_name") throw thrown;
    return conflict(`There is a resource group ${typeof name === "string" ? name : name()} already.`);
  }
}
