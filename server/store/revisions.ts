/** Revisions: inserted and read, never updated. */
import { and, asc, desc, eq, gt, inArray, lt, max, sql, type InferSelectModel } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { folders } from "../../drizzle/tables/folders.ts";
import { environments } from "../../drizzle/tables/places.ts";
import { revisions, services } from "../../drizzle/tables/services.ts";
import { definitionWithoutFile, effectiveDefinition, lacksService, type ServingEnvironment } from "../model/effective-definition.ts";
import { newId, type ProjectId, type RevisionId, type ServiceId } from "../model/ids.ts";
import type { DefinitionFile, ModelDefinition } from "../model/model-definition.ts";
import { parseModelDefinition } from "../model/parse-definition.ts";
import { collisionsInDefinition } from "../model/mounts.ts";
import type { Problem } from "../model/problem.ts";
import type { ExtraMount } from "../model/service-spec.ts";
import type { Database, Transaction } from "./database.ts";
import { writeDefinitionHash } from "./definition-hash.ts";
import { oldestFirst, type Window } from "./keyset.ts";

export type RevisionRow = InferSelectModel<typeof revisions>;

type DefinitionColumns = {
  readonly definition: ModelDefinition | null;
  readonly definitionProblems: readonly Problem[];
  readonly definitionHash: string | null;
};

/**
 * @param mounts what is mounted besides the model's folder: nothing of it may be where the definition wants the model.
 * @param environment serves what the definition itself does not say how to serve.
 */
export function definitionColumns(file: DefinitionFile, mounts: readonly ExtraMount[], environment: ServingEnvironment): DefinitionColumns {
  if ("problem" in file) {
    const definition = file.isMissing ? definitionWithoutFile(environment) : null;
    return { definition, definitionProblems: definition === null ? [file.problem] : [], definitionHash: null };
  }
  const parsed = parseModelDefinition(file.text);
  if (!parsed.ok) return { definition: null, definitionProblems: parsed.problems, definitionHash: file.hash };
  const effective = effectiveDefinition(parsed.definition, environment);
  const problems = effective === null ? [lacksService(environment)] : collisionsInDefinition(effective, mounts, file.text);
  return { definition: problems.length > 0 ? null : effective, definitionProblems: problems, definitionHash: file.hash };
}

export async function servingEnvironment(
  tx: Transaction,
  { environmentId, folderId }: Pick<RevisionRow, "environmentId" | "folderId">,
): Promise<ServingEnvironment> {
  const [row] = await tx
    .select({ name: environments.name, defaultService: environments.defaultService, folderName: folders.name })
    .from(environments)
    .innerJoin(folders, eq(folders.id, folderId))
    .where(eq(environments.id, environmentId));
  if (row === undefined) throw new Error(`there is no environment ${environmentId}, or no folder ${folderId}`);
  return row;
}

/** What a user decides of it; the rest is read from the definition. */
export type Snapshot = Pick<
  RevisionRow,
  "folderId" | "environmentId" | "image" | "resourceGroupId" | "resources" | "clusterMode" | "clusterSize" | "mounts" | "modelReadOnly" | "variables"
>;
type NewRevision = Snapshot & Pick<RevisionRow, "serviceId" | "createdBy">;
export type RevisionKey = Pick<RevisionRow, "id" | "number">;

/**
 * Also makes it the one that the service's routes should be on, and notes on the folder what its definition is now. The caller holds
 * the lock on the service's row.
 */
export async function insertRevision(tx: Transaction, wish: NewRevision, file: DefinitionFile): Promise<RevisionKey> {
  const id = newId("revision");
  const number = await nextNumber(tx, wish.serviceId);
  const columns = definitionColumns(file, wish.mounts, await servingEnvironment(tx, wish));
  // The JSON value null is not SQL's, and it is SQL's that the check means.
  const definition = columns.definition ?? sql`null`;
  await tx.insert(revisions).values({ ...wish, ...columns, definition, id, number });
  await tx.update(services).set({ revisionId: id }).where(eq(services.id, wish.serviceId));
  await writeDefinitionHash(tx, wish.folderId, columns.definitionHash);
  return { id, number };
}

async function nextNumber(tx: Transaction, serviceId: ServiceId): Promise<number> {
  const [newest] = await tx
    .select({ number: max(revisions.number) })
    .from(revisions)
    .where(eq(revisions.serviceId, serviceId));
  return (newest?.number ?? 0) + 1;
}

export async function readRevisions(database: Database, projectId: ProjectId, ids: readonly RevisionId[]): Promise<RevisionRow[]> {
  const rows = await database.db
    .select({ revision: revisions })
    .from(revisions)
    .innerJoin(services, eq(services.id, revisions.serviceId))
    .where(and(eq(services.projectId, projectId), inArray(revisions.id, [...ids])));
  return rows.map((row) => row.revision);
}

/** Of a service that the caller may see; oldest first. */
export async function listRevisions(database: Database, serviceId: ServiceId, window: Window<number>): Promise<RevisionRow[]> {
  const rows = await database.db
    .select()
    .from(revisions)
    .where(
      and(
        eq(revisions.serviceId, serviceId),
        window.after === null ? undefined : gt(revisions.number, window.after),
        window.before === null ? undefined : lt(revisions.number, window.before),
      ),
    )
    .orderBy(window.fromEnd ? desc(revisions.number) : asc(revisions.number))
    .limit(window.limit);
  return oldestFirst(rows, window);
}

export type RevisionBefore = { readonly of: RevisionId; readonly revision: RevisionRow };

/** Of each of these the one that its service had before; none for a first one. */
export async function readRevisionsBefore(database: Database, ids: readonly RevisionId[]): Promise<RevisionBefore[]> {
  const after = alias(revisions, "after");
  return database.db
    .select({ of: after.id, revision: revisions })
    .from(after)
    .innerJoin(revisions, and(eq(revisions.serviceId, after.serviceId), eq(revisions.number, sql`${after.number} - 1`)))
    .where(inArray(after.id, [...ids]));
}

/** Within a transaction, as it is there. */
export async function readRevisionIn(tx: Transaction, id: RevisionId): Promise<RevisionRow> {
  const [row] = await tx.select().from(revisions).where(eq(revisions.id, id));
  if (row === undefined) throw new Error(`there is no revision ${id}`);
  return row;
}
