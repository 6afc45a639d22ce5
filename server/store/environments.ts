/** The catalogue of what sessions can run in. Environments belong to the installation, not to a project. */
import { and, asc, countDistinct, desc, eq, inArray, isNull, or, sql, type InferSelectModel } from "drizzle-orm";
import { environments } from "../../drizzle/tables/places.ts";
import { revisions, services } from "../../drizzle/tables/services.ts";
import { validations } from "../../drizzle/tables/validations.ts";
import type { EnvironmentSeed } from "../model/environment-seeds.ts";
import type { EnvironmentWish } from "../model/environment.ts";
import { newId, type EnvironmentId } from "../model/ids.ts";
import { conflict, done, invalid, notFound, type Outcome } from "../model/problem.ts";
import { inTransaction, violatedConstraint, type Database, type Transaction } from "./database.ts";

export type EnvironmentRow = InferSelectModel<typeof environments>;

const columnsOf = (wish: EnvironmentWish) => ({ ...wish, kind: wish.image === null ? ("HOST" as const) : ("CONTAINER" as const) });

/** Makes those that never were; what administrators have changed or deleted stays so. @returns those that there are. */
export async function ensureEnvironments(database: Database, seeds: readonly EnvironmentSeed[]): Promise<readonly EnvironmentRow[]> {
  const keys = seeds.map(({ key }) => key);
  const read = () => database.db.select().from(environments).where(inArray(environments.seed, keys));
  const known = new Set((await read()).map(({ seed }) => seed));
  // Of different ages: the first is what a service gets that names none.
  for (const [index, { key, ...wish }] of seeds.entries()) {
    if (known.has(key)) continue;
    const createdAt = sql`now() + ${index} * interval '1 millisecond'`;
    await database.db
      .insert(environments)
      .values({ id: newId("environment"), ...columnsOf(wish), seed: key, createdAt })
      .onConflictDoNothing();
  }
  return (await read()).filter(({ deletedAt }) => deletedAt === null);
}

/** The default first, then the oldest: the first one is what a service gets that names none. */
export async function listEnvironments(database: Database): Promise<EnvironmentRow[]> {
  return database.db
    .select()
    .from(environments)
    .where(isNull(environments.deletedAt))
    .orderBy(desc(environments.isDefault), asc(environments.createdAt), asc(environments.id));
}

/** Deleted ones too: services go on in them. */
export async function readEnvironments(database: Database, ids: readonly EnvironmentId[]): Promise<EnvironmentRow[]> {
  return database.db
    .select()
    .from(environments)
    .where(inArray(environments.id, [...ids]));
}

export type EnvironmentUse = { readonly environmentId: EnvironmentId; readonly services: number };

/** By how many live services of all projects; none for one that nobody uses. */
export async function countEnvironmentUses(database: Database, ids: readonly EnvironmentId[]): Promise<EnvironmentUse[]> {
  return database.db
    .select({ environmentId: revisions.environmentId, services: countDistinct(services.id) })
    .from(revisions)
    .innerJoin(services, or(eq(services.revisionId, revisions.id), eq(services.stableRevisionId, revisions.id)))
    .where(and(inArray(revisions.environmentId, [...ids]), isNull(services.terminatedAt)))
    .groupBy(revisions.environmentId);
}

export const createEnvironment = (database: Database, wish: EnvironmentWish): Promise<Outcome<EnvironmentRow>> =>
  unlessNameIsTaken(async () => {
    const [row] = await database.db
      .insert(environments)
      .values({ id: newId("environment"), ...columnsOf(wish) })
      .returning();
    if (row === undefined) throw new Error("the environment that was just written cannot be read");
    return done(row);
  });

const withoutCopy = ["image", "isolated", "runAs", "readOnlyRoot"] as const;

/** Services keep what they were made with; of some no revision has a copy, so these stay once there is one. */
export const modifyEnvironment = (
  database: Database,
  id: EnvironmentId,
  change: (row: EnvironmentRow) => Outcome<EnvironmentWish>,
): Promise<Outcome<EnvironmentRow>> =>
  onLocked(database, id, async (tx, row) => {
    const wish = change(row);
    if (!wish.ok) return wish;
    const other = withoutCopy.filter((field) => wish.value[field] !== row[field]);
    if (other.length > 0 && (await isNamed(tx, id))) {
      const why = "because services were made with it: make another version";
      return invalid(other.map((field) => ({ path: field, message: `must stay ${row[field] ?? "absent"}, ${why}` })));
    }
    return changed(tx, row, columnsOf(wish.value));
  });

/** Nobody can choose it any more; services that are in it go on. */
export const deleteEnvironment = (database: Database, id: EnvironmentId): Promise<Outcome<EnvironmentRow>> =>
  onLocked(database, id, (tx, row) => changed(tx, row, { deletedAt: sql`now()`, isDefault: false }));

/** What a service gets from now on that names none. All are locked, in one order: who else sets another one meanwhile, waits and then sees this one. */
export const setDefaultEnvironment = (database: Database, id: EnvironmentId): Promise<Outcome<EnvironmentRow>> =>
  inTransaction(database, async (tx) => {
    const all = await tx.select().from(environments).where(isNull(environments.deletedAt)).orderBy(asc(environments.id)).for("no key update");
    const row = all.find((one) => one.id === id);
    if (row === undefined) return notFound(`environment ${id}`);
    await tx.update(environments).set({ isDefault: false }).where(eq(environments.isDefault, true));
    return changed(tx, row, { isDefault: true });
  });

type Change = Parameters<ReturnType<Transaction["update"]>["set"]>[0];

async function changed(tx: Transaction, row: EnvironmentRow, change: Change): Promise<Outcome<EnvironmentRow>> {
  const [after] = await tx.update(environments).set(change).where(eq(environments.id, row.id)).returning();
  return done(after ?? row);
}

/** Locked against revisions too that would name it meanwhile. */
const onLocked = (
  database: Database,
  id: EnvironmentId,
  write: (tx: Transaction, row: EnvironmentRow) => Promise<Outcome<EnvironmentRow>>,
): Promise<Outcome<EnvironmentRow>> =>
  unlessNameIsTaken(() =>
    inTransaction(database, async (tx) => {
      const [row] = await tx
        .select()
        .from(environments)
        .where(and(eq(environments.id, id), isNull(environments.deletedAt)))
        .for("update");
      return row === undefined ? notFound(`environment ${id}`) : write(tx, row);
    }),
  );

async function isNamed(tx: Transaction, id: EnvironmentId): Promise<boolean> {
  const inRevisions = await tx.select({ id: revisions.id }).from(revisions).where(eq(revisions.environmentId, id)).limit(1);
  const inValidations = await tx.select({ id: validations.id }).from(validations).where(eq(validations.environmentId, id)).limit(1);
  return inRevisions.length + inValidations.length > 0;
}

async function unlessNameIsTaken(write: () => Promise<Outcome<EnvironmentRow>>): Promise<Outcome<EnvironmentRow>> {
  try {
    return await write();
  } catch (thrown) {
    if (violatedConstraint(thrown) !== "environments_name") throw thrown;
    return conflict("There is this version of it already.");
  }
}
