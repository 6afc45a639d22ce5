/**
 * Changes that are worked out from a service's current revision and the files of its folder.
 *
 * Files are read before the transaction: a shared file system can hang, and must then hold neither a lock nor one of the pool's
 * connections. So what was read counts only where the service is still on the revision that it was on before the read; else all of
 * it is done again. Of two who ask at once the later one thus never writes what is older.
 */
import type { ProjectId, ServiceId, UserId } from "../model/ids.ts";
import { conflict, done, notFound, type Outcome } from "../model/problem.ts";
import type { Database, Transaction } from "./database.ts";
import { readRevisions, type RevisionRow } from "./revisions.ts";
import { findService, lockService, type ServiceRow } from "./services.ts";

export type Who = { readonly projectId: ProjectId; readonly userId: UserId };

const triesMax = 10;

/** @param ended what cannot be done any more once the service is being terminated, as a clause. */
export async function onCurrentRevision<T>(
  database: Database,
  who: Who,
  id: ServiceId,
  ended: string,
  change: (current: RevisionRow) => Promise<Outcome<T> | "outdated">,
): Promise<Outcome<T>> {
  for (let count = 0; count < triesMax; count += 1) {
    const service = changeable(id, await findService(database, who.projectId, id), ended);
    if (!service.ok) return service;
    const [current] = service.value.revisionId === null ? [] : await readRevisions(database, who.projectId, [service.value.revisionId]);
    if (current === undefined) throw new Error(`the service ${id} has no revision`);
    const changed = await change(current);
    if (changed !== "outdated") return changed;
  }
  return conflict("Others changed the service at the same time: try again.");
}

/** Locked until the end of the transaction; refused where it is not there or on its way out. */
export async function lockChangeable(tx: Transaction, { projectId }: Who, id: ServiceId, ended: string): Promise<Outcome<ServiceRow>> {
  return changeable(id, await lockService(tx, projectId, id), ended);
}

function changeable(id: ServiceId, service: ServiceRow | null, ended: string): Outcome<ServiceRow> {
  if (service === null) return notFound(`service ${id}`);
  if (service.terminatingAt !== null) return conflict(`The service ${service.name} is being terminated: ${ended}.`);
  return done(service);
}
