/**
 * "Fix the file, then clear and retry": the definition is read again, errors are marked as seen, waiting ends.
 *
 * The file is read before the transaction: a shared file system can hang, and must then hold neither a lock nor one of the
 * pool's connections. So what was read counts only where the service is still on the revision that it was on before the read;
 * else it is read again. Of two who ask at once the later one thus never writes an older revision. What was cleared stays in
 * the history.
 */
import { and, desc, eq, isNull, sql } from "drizzle-orm";
import { routes } from "../../drizzle/tables/routes.ts";
import { revisions } from "../../drizzle/tables/services.ts";
import type { ServingEnvironment } from "../model/effective-definition.ts";
import type { FolderId, ProjectId, ServiceId, UserId } from "../model/ids.ts";
import type { DefinitionFile } from "../model/model-definition.ts";
import { conflict, done, notFound, type Outcome } from "../model/problem.ts";
import { inTransaction, type Database, type Transaction } from "./database.ts";
import { writeDefinitionHash } from "./definition-hash.ts";
import { writeWish } from "./modify-service.ts";
import { definitionColumns, insertRevision, readRevisions, servingEnvironment, type RevisionRow } from "./revisions.ts";
import { insertUserEvent } from "./route-events.ts";
import { findService, lockService, type ServiceRow } from "./services.ts";

const readsMax = 5;

type Who = { readonly projectId: ProjectId; readonly userId: UserId };

export async function clearErrorsAndRetry(
  database: Database,
  who: Who,
  id: ServiceId,
  readDefinition: (folderId: FolderId) => Promise<DefinitionFile>,
): Promise<Outcome<ServiceRow>> {
  for (let read = 0; read < readsMax; read += 1) {
    const service = retryable(id, await findService(database, who.projectId, id));
    if (!service.ok) return service;
    const [current] = service.value.revisionId === null ? [] : await readRevisions(database, who.projectId, [service.value.revisionId]);
    if (current === undefined) throw new Error(`the service ${id} has no revision`);
    const file = await readDefinition(current.folderId);
    const cleared = await inTransaction(database, (tx) => clear(tx, who, id, current, file));
    if (cleared !== "outdated") return cleared;
  }
  return conflict("Others changed the service's definition at the same time: try again.");
}

/** `outdated`: the service has another revision by now than the one that was current before the file was read. */
async function clear(
  tx: Transaction,
  who: Who,
  id: ServiceId,
  current: RevisionRow,
  file: DefinitionFile,
): Promise<Outcome<ServiceRow> | "outdated"> {
  const service = retryable(id, await lockService(tx, who.projectId, id));
  if (!service.ok) return service;
  if (service.value.revisionId !== current.id) return "outdated";
  const changed = differs(current, file, await servingEnvironment(tx, current.environmentId));
  if (changed) await insertNextRevision(tx, current, who.userId, file);
  else await writeDefinitionHash(tx, current.folderId, current.definitionHash);
  const isWaiting = sql`${routes.status} = 'BACKING_OFF'`;
  await tx
    .update(routes)
    .set({
      failure: null,
      retryNow: isWaiting,
      statusReason: sql`case when ${isWaiting} then 'Errors cleared; about to be started again.' else ${routes.statusReason} end`,
    })
    .where(and(eq(routes.serviceId, id), isNull(routes.terminatedAt)));
  const message = changed ? "Errors cleared; the model definition has changed." : "Errors cleared; trying again.";
  await insertUserEvent(tx, { serviceId: id, userId: who.userId, kind: "CLEARED", message });
  return done(await writeWish(tx, id, { failure: null }));
}

function retryable(id: ServiceId, service: ServiceRow | null): Outcome<ServiceRow> {
  if (service === null) return notFound(`service ${id}`);
  if (service.terminatingAt !== null) return conflict(`The service ${service.name} is being terminated: there is nothing to retry.`);
  return done(service);
}

async function insertNextRevision(tx: Transaction, current: RevisionRow, createdBy: UserId, file: DefinitionFile): Promise<void> {
  const { serviceId, folderId, environmentId, resourceGroupId, resources, mounts, modelReadOnly, variables } = current;
  const [newest] = await tx
    .select({ number: revisions.number })
    .from(revisions)
    .where(eq(revisions.serviceId, serviceId))
    .orderBy(desc(revisions.number))
    .limit(1);
  const number = (newest?.number ?? 0) + 1;
  const snapshot = { serviceId, folderId, environmentId, resourceGroupId, resources, mounts, modelReadOnly, variables };
  await insertRevision(tx, { ...snapshot, number, createdBy }, file);
}

function differs(revision: RevisionRow, file: DefinitionFile, environment: ServingEnvironment): boolean {
  const now = definitionColumns(file, revision.mounts, environment);
  if (now.definitionHash !== revision.definitionHash) return true;
  // The same bytes can be judged differently by a newer Serai.
  return problemTexts(now.definitionProblems) !== problemTexts(revision.definitionProblems);
}

/** Comparable: JSON from the database has lost the order of its keys. */
const problemTexts = (problems: RevisionRow["definitionProblems"]): string =>
  JSON.stringify(problems.map(({ path, line, column, message, hint }) => [path, line, column, message, hint]));
