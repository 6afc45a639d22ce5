/**
 * "Fix the file, then clear and retry": the definition is read again, errors are marked as seen, waiting ends.
 *
 * The file is read under the lock on the service, so of two who ask at once the later one never writes an older revision.
 * What was cleared stays in the history.
 */
import { and, desc, eq, isNull, sql } from "drizzle-orm";
import { revisions, routes } from "../../drizzle/tables.ts";
import type { FolderId, ProjectId, ServiceId, UserId } from "../model/ids.ts";
import { conflict, done, notFound, type Outcome } from "../model/problem.ts";
import { inTransaction, type Database } from "./database.ts";
import { writeWish } from "./modify-service.ts";
import { definitionColumns, insertRevision, type DefinitionFile, type RevisionRow } from "./revisions.ts";
import { insertUserEvent } from "./route-events.ts";
import { lockService, type ServiceRow } from "./services.ts";

export function clearErrorsAndRetry(
  database: Database,
  who: { readonly projectId: ProjectId; readonly userId: UserId },
  id: ServiceId,
  readDefinition: (folderId: FolderId) => Promise<DefinitionFile>,
): Promise<Outcome<ServiceRow>> {
  return inTransaction(database, async (tx) => {
    const service = await lockService(tx, who.projectId, id);
    if (service === null) return notFound(`service ${id}`);
    if (service.terminatingAt !== null) return conflict(`The service ${service.name} is being terminated: there is nothing to retry.`);
    const [newest] = await tx.select().from(revisions).where(eq(revisions.serviceId, id)).orderBy(desc(revisions.number)).limit(1);
    if (newest === undefined || service.revisionId === null) throw new Error(`the service ${id} has no revision`);
    const [current = newest] = await tx.select().from(revisions).where(eq(revisions.id, service.revisionId));

    const file = await readDefinition(current.folderId);
    const changed = differs(current, file);
    if (changed) {
      const { serviceId, folderId, environmentId, resourceGroupId, resources } = current;
      const number = newest.number + 1;
      await insertRevision(tx, { serviceId, folderId, environmentId, resourceGroupId, resources, number, createdBy: who.userId }, file);
    }
    await tx
      .update(routes)
      .set({ failure: null, retryNow: sql`${routes.status} = 'BACKING_OFF'` })
      .where(and(eq(routes.serviceId, id), isNull(routes.terminatedAt)));
    const message = changed ? "Errors cleared; the model definition has changed." : "Errors cleared; trying again.";
    await insertUserEvent(tx, { serviceId: id, userId: who.userId, kind: "CLEARED", message });
    return done(await writeWish(tx, id, { failure: null }));
  });
}

function differs(revision: RevisionRow, file: DefinitionFile): boolean {
  const now = definitionColumns(file);
  if (now.definitionHash !== revision.definitionHash) return true;
  // The same bytes can be judged differently by a newer Serai.
  return problemTexts(now.definitionProblems) !== problemTexts(revision.definitionProblems);
}

/** Comparable: JSON from the database has lost the order of its keys. */
const problemTexts = (problems: RevisionRow["definitionProblems"]): string =>
  JSON.stringify(problems.map(({ path, line, column, message, hint }) => [path, line, column, message, hint]));
