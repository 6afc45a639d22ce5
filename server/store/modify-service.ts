/** Changes of the wish for a service that exists. Each is one transaction on a fresh read, and moves the generation. */
import { eq, sql, type SQL } from "drizzle-orm";
import { services } from "../../drizzle/tables/services.ts";
import type { ProjectId, ServiceId } from "../model/ids.ts";
import { conflict, done, notFound, type Outcome } from "../model/problem.ts";
import { inTransaction, violatedConstraint, type Database, type Transaction } from "./database.ts";
import { nameTaken } from "./create-service.ts";
import { refreshServiceStatus } from "./service-status.ts";
import { lockService, type ServiceRow } from "./services.ts";

/** What is absent stays as it is. */
export type ServiceChange = Partial<Pick<ServiceRow, "name" | "openToPublic" | "desiredRouteCount" | "terminationGraceSeconds">>;

export async function modifyService(database: Database, projectId: ProjectId, id: ServiceId, change: ServiceChange): Promise<Outcome<ServiceRow>> {
  try {
    return await inTransaction(database, async (tx) => {
      const service = await lockService(tx, projectId, id);
      if (service === null) return notFound(`service ${id}`);
      if (service.terminatingAt !== null) return conflict(`The service ${service.name} is being terminated: it can no longer be modified.`);
      return done(await writeWish(tx, id, change));
    });
  } catch (thrown) {
    if (violatedConstraint(thrown) === "services_name") return conflict(nameTaken(change.name ?? ""));
    throw thrown;
  }
}

/** Asking again changes nothing. Control ends the routes, and the service when none is left. */
export function terminateService(database: Database, projectId: ProjectId, id: ServiceId): Promise<Outcome<ServiceRow>> {
  return inTransaction(database, async (tx) => {
    const service = await lockService(tx, projectId, id);
    if (service === null) return notFound(`service ${id}`);
    if (service.terminatingAt !== null) return done(service);
    return done(await writeWish(tx, id, { terminatingAt: sql`now()` }));
  });
}

/** The caller holds the lock on the row. */
export async function writeWish(
  tx: Transaction,
  id: ServiceId,
  change: ServiceChange & { readonly terminatingAt?: SQL; readonly failure?: null },
): Promise<ServiceRow> {
  await tx
    .update(services)
    .set({ ...change, generation: sql`${services.generation} + 1` })
    .where(eq(services.id, id));
  await refreshServiceStatus(tx, id);
  const [row] = await tx.select().from(services).where(eq(services.id, id));
  if (row === undefined) throw new Error(`the service ${id} vanished while it was locked`);
  return row;
}
