/**
 * Validations as the API asks for them and reads them: every read is bounded by the project. What control reads and writes of
 * them: validation-state.ts.
 */
import { and, count, eq, inArray, isNull, lt, or, sql, type InferSelectModel } from "drizzle-orm";
import { projects } from "../../drizzle/tables/installation.ts";
import { validations } from "../../drizzle/tables/validations.ts";
import { newId, type FolderId, type ProjectId, type ServiceId, type SessionId, type UserId, type ValidationId } from "../model/ids.ts";
import { initialDelayDefaultSeconds, servedModel, type DefinitionFile, type ModelDefinition } from "../model/model-definition.ts";
import { conflict, done, notFound, type Outcome, type Problem } from "../model/problem.ts";
import type { ExtraMount } from "../model/service-spec.ts";
import { definitionSentence } from "../model/service-status.ts";
import { isFinal, liveValidationsMax, timeLimitSecondsMax } from "../model/validation.ts";
import { inTransaction, type Database, type Transaction } from "./database.ts";
import { inOrder, oldestFirst, withinWindow, type CreationKey, type Window } from "./keyset.ts";
import { checkRevisionWish, type RevisionWish } from "./revision-wish.ts";
import { definitionColumns, servingEnvironment } from "./revisions.ts";
import { shardOf } from "./services.ts";

export type ValidationRow = InferSelectModel<typeof validations>;

export type NewValidation = {
  readonly projectId: ProjectId;
  readonly createdBy: UserId;
  readonly name: string | null;
  /** Whose modification it tries, and the mounts that the service has. */
  readonly service: { readonly id: ServiceId; readonly mounts: readonly ExtraMount[] } | null;
  readonly revision: RevisionWish;
  /** Null: as long as the definition gives a route. */
  readonly timeLimitSeconds: number | null;
};

/** Writes the wish; a definition with problems is a verdict at once. Refused while as many as a project may have are under way. */
export function createValidation(database: Database, wish: NewValidation, file: DefinitionFile): Promise<Outcome<ValidationRow>> {
  return inTransaction(database, async (tx) => {
    const { projectId, createdBy, name, service } = wish;
    const snapshot = await checkRevisionWish(tx, projectId, wish.revision, file, service?.mounts);
    if (!snapshot.ok) return snapshot;
    const columns = definitionColumns(file, snapshot.value.mounts, await servingEnvironment(tx, snapshot.value));
    const { definition } = columns;
    if (definition !== null && (await countLive(tx, projectId)) >= liveValidationsMax) {
      return conflict(`${liveValidationsMax} validations of the project are under way: wait for one, or cancel one.`);
    }
    const id = newId("validation");
    const [row] = await tx
      .insert(validations)
      .values({
        ...snapshot.value,
        ...columns,
        // The JSON value null is not SQL's.
        definition: definition ?? sql`null`,
        ...(definition === null ? refusedAtOnce(columns.definitionProblems) : awaited),
        id,
        projectId,
        createdBy,
        name,
        serviceId: service?.id ?? null,
        shard: shardOf(id),
        timeLimitSeconds: wish.timeLimitSeconds ?? timeLimitOf(definition),
        sessionId: newId("session"),
      })
      .returning();
    if (row === undefined) throw new Error("an inserted validation cannot be read");
    return done(row);
  });
}

const awaited = { status: "PENDING", statusReason: "Waits to be handed to the scheduler." } as const;

function refusedAtOnce(problems: readonly Problem[]) {
  const message = definitionSentence(problems);
  const hint = problems[0]?.hint ?? null;
  const at = new Date().toISOString();
  const failure = { cause: "START_FAILED" as const, at, message, hint, exitCode: null, signal: null, outputTail: "", node: null };
  return { status: "FAILED", verdict: "FAILED", statusReason: message, failure, endedAt: sql`now()` } as const;
}

function timeLimitOf(definition: ModelDefinition | null): number {
  const check = definition === null ? null : servedModel(definition).service.health_check;
  return Math.min(timeLimitSecondsMax, Math.max(1, Math.ceil(check?.initial_delay ?? initialDelayDefaultSeconds)));
}

/** From here to the end of the transaction nobody else begins one in the project. */
async function countLive(tx: Transaction, projectId: ProjectId): Promise<number> {
  await tx.select({ id: projects.id }).from(projects).where(eq(projects.id, projectId)).for("no key update");
  const [row] = await tx
    .select({ live: count() })
    .from(validations)
    .where(and(eq(validations.projectId, projectId), isNull(validations.endedAt)));
  return row?.live ?? 0;
}

/** Control ends the session, and then the validation. One that has its verdict keeps it, and asking again changes nothing. */
export function cancelValidation(database: Database, projectId: ProjectId, id: ValidationId): Promise<Outcome<ValidationRow>> {
  return inTransaction(database, async (tx) => {
    const [row] = await tx
      .select()
      .from(validations)
      .where(and(eq(validations.projectId, projectId), eq(validations.id, id)))
      .for("update");
    if (row === undefined) return notFound(`validation ${id}`);
    if (isFinal(row.status) || row.cancellingAt !== null) return done(row);
    const [changed] = await tx
      .update(validations)
      .set({ cancellingAt: sql`now()` })
      .where(eq(validations.id, id))
      .returning();
    return done(changed ?? row);
  });
}

export async function readValidations(database: Database, projectId: ProjectId, ids: readonly ValidationId[]): Promise<ValidationRow[]> {
  return database.db
    .select()
    .from(validations)
    .where(and(eq(validations.projectId, projectId), inArray(validations.id, [...ids])));
}

export async function listValidations(database: Database, projectId: ProjectId, window: Window<CreationKey>): Promise<ValidationRow[]> {
  const rows = await database.db
    .select()
    .from(validations)
    .where(and(eq(validations.projectId, projectId), withinWindow(validations, window)))
    .orderBy(...inOrder(validations, window))
    .limit(window.limit);
  return oldestFirst(rows, window);
}

/** Asked with the folder locked, as whoever begins a validation locks it too. */
export async function isBeingValidated(tx: Transaction, id: FolderId): Promise<boolean> {
  const mounted = sql`${validations.mounts} @> ${JSON.stringify([{ folderId: id }])}::jsonb`;
  const rows = await tx
    .select({ id: validations.id })
    .from(validations)
    .where(and(isNull(validations.endedAt), or(eq(validations.folderId, id), mounted)))
    .limit(1);
  return rows.length > 0;
}

/** Sessions that have a row though no route: of all validations that are not final. */
export async function liveValidationSessions(database: Database): Promise<ReadonlySet<SessionId>> {
  const rows = await database.db.select({ sessionId: validations.sessionId }).from(validations).where(isNull(validations.endedAt));
  return new Set(rows.map(({ sessionId }) => sessionId));
}

const keptDays = 30;

/** Of all projects, those that ended long ago. @returns how many there were. */
export async function deleteOldValidations(database: Database): Promise<number> {
  const rows = await database.db
    .delete(validations)
    .where(lt(validations.endedAt, sql`now() - make_interval(days => ${keptDays})`))
    .returning({ id: validations.id });
  return rows.length;
}
