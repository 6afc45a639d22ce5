/**
 * "Fix the file, then clear and retry": the definition is read again, errors are marked as seen, waiting ends. What was cleared stays
 * in the history.
 */
import { and, eq, inArray, isNull, or, sql } from "drizzle-orm";
import { routes } from "../../drizzle/tables/routes.ts";
import type { ServingEnvironment } from "../model/effective-definition.ts";
import type { FolderId, ServiceId } from "../model/ids.ts";
import type { DefinitionFile } from "../model/model-definition.ts";
import { done, type Outcome } from "../model/problem.ts";
import { imageCauses } from "../model/why/driver-failure.ts";
import { beginRollout } from "./begin-rollout.ts";
import { lockChangeable, onCurrentRevision, type Who } from "./current-revision.ts";
import { inTransaction, type Database, type Transaction } from "./database.ts";
import { writeDefinitionHash } from "./definition-hash.ts";
import { writeWish } from "./modify-service.ts";
import { definitionColumns, insertRevision, servingEnvironment, type RevisionRow } from "./revisions.ts";
import { insertUserEvent } from "./route-events.ts";
import type { ServiceRow } from "./services.ts";

const ended = "there is nothing to retry";

export function clearErrorsAndRetry(
  database: Database,
  who: Who,
  id: ServiceId,
  readDefinition: (folderId: FolderId) => Promise<DefinitionFile>,
): Promise<Outcome<ServiceRow>> {
  return onCurrentRevision(database, who, id, ended, async (current) => {
    const file = await readDefinition(current.folderId);
    return inTransaction(database, (tx) => clear(tx, who, id, current, file));
  });
}

async function clear(
  tx: Transaction,
  who: Who,
  id: ServiceId,
  current: RevisionRow,
  file: DefinitionFile,
): Promise<Outcome<ServiceRow> | "outdated"> {
  const service = await lockChangeable(tx, who, id, ended);
  if (!service.ok) return service;
  if (service.value.revisionId !== current.id) return "outdated";
  const changed = differs(current, file, await servingEnvironment(tx, current));
  if (changed) {
    const { serviceId, folderId, environmentId, image, resourceGroupId, resources, clusterMode, clusterSize, mounts, modelReadOnly, variables } =
      current;
    const places = { serviceId, folderId, environmentId, image, resourceGroupId };
    const snapshot = { ...places, resources, clusterMode, clusterSize, mounts, modelReadOnly, variables };
    const revision = await insertRevision(tx, { ...snapshot, createdBy: who.userId }, file);
    await beginRollout(tx, service.value, { kind: "MODIFY", toRevisionId: revision.id, userId: who.userId });
  } else await writeDefinitionHash(tx, current.folderId, current.definitionHash);
  // An attempt that is under way is retried as well where it can only fail again, by what its job says of the image (control/route-step.ts).
  const isRefused = and(inArray(routes.status, ["SCHEDULING", "PREPARING"]), inArray(sql`${routes.failure} ->> 'cause'`, [...imageCauses]));
  const isWaiting = sql<boolean>`coalesce(${or(eq(routes.status, "BACKING_OFF"), isRefused)}, false)`;
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
  return done(await writeWish(tx, id, { failure: null, notice: null }));
}

function differs(revision: RevisionRow, file: DefinitionFile, environment: ServingEnvironment): boolean {
  const now = definitionColumns(file, revision.mounts, environment);
  if (now.definitionHash !== revision.definitionHash) return true;
  // The same bytes can be judged differently by a newer Serai, and no file at all by an environment that was changed.
  return problemTexts(now.definitionProblems) !== problemTexts(revision.definitionProblems);
}

/** Comparable: JSON from the database has lost the order of its keys. */
const problemTexts = (problems: RevisionRow["definitionProblems"]): string =>
  JSON.stringify(problems.map(({ path, line, column, message, hint }) => [path, line, column, message, hint]));
