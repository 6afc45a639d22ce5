/** Revisions: inserted and read, never updated. */
import { and, eq, inArray, sql, type InferSelectModel } from "drizzle-orm";
import { revisions, services } from "../../drizzle/tables.ts";
import { newId, type ProjectId, type RevisionId } from "../model/ids.ts";
import { parseModelDefinition, type DefinitionFile, type ModelDefinition } from "../model/model-definition.ts";
import type { Problem } from "../model/problem.ts";
import type { Database, Transaction } from "./database.ts";

export type RevisionRow = InferSelectModel<typeof revisions>;

type DefinitionColumns = {
  readonly definition: ModelDefinition | null;
  readonly definitionProblems: readonly Problem[];
  readonly definitionHash: string | null;
};

export function definitionColumns(file: DefinitionFile): DefinitionColumns {
  if ("problem" in file) return { definition: null, definitionProblems: [file.problem], definitionHash: null };
  const parsed = parseModelDefinition(file.text);
  return parsed.ok
    ? { definition: parsed.definition, definitionProblems: [], definitionHash: file.hash }
    : { definition: null, definitionProblems: parsed.problems, definitionHash: file.hash };
}

export type NewRevision = Pick<RevisionRow, "serviceId" | "number" | "folderId" | "environmentId" | "resourceGroupId" | "resources" | "createdBy">;

/** Also makes it the one that the service's routes should be on. */
export async function insertRevision(tx: Transaction, wish: NewRevision, file: DefinitionFile): Promise<RevisionId> {
  const id = newId("revision");
  const columns = definitionColumns(file);
  // The JSON value null is not SQL's, and it is SQL's that the check means.
  const definition = columns.definition ?? sql`null`;
  await tx.insert(revisions).values({ ...wish, ...columns, definition, id });
  await tx.update(services).set({ revisionId: id }).where(eq(services.id, wish.serviceId));
  return id;
}

export async function readRevisions(database: Database, projectId: ProjectId, ids: readonly RevisionId[]): Promise<RevisionRow[]> {
  const rows = await database.db
    .select({ revision: revisions })
    .from(revisions)
    .innerJoin(services, eq(services.id, revisions.serviceId))
    .where(and(eq(services.projectId, projectId), inArray(revisions.id, [...ids])));
  return rows.map((row) => row.revision);
}
