/** Services as the API reads them. Every read is bounded by the project: another project's service is simply not found. */
import { createHash } from "node:crypto";
import { and, eq, inArray, isNull, type InferSelectModel } from "drizzle-orm";
import { services } from "../../drizzle/tables/services.ts";
import type { ProjectId, ServiceId, ValidationId } from "../model/ids.ts";
import type { ServiceStatus } from "../model/service-status.ts";
import type { Database, Transaction } from "./database.ts";
import { shardCount } from "./leases.ts";
import { contains, type CreationKey, inOrder, oldestFirst, type Window, withinWindow } from "./keyset.ts";

export type ServiceRow = InferSelectModel<typeof services>;
export type ServiceFilter = { readonly statuses: readonly ServiceStatus[] | null; readonly nameContains: string | null };

/** Stable for ever: which lease decides who controls the service, or the validation. */
export const shardOf = (id: ServiceId | ValidationId): number => createHash("sha256").update(id).digest().readUInt32BE(0) % shardCount;

export async function findService(database: Database, projectId: ProjectId, id: ServiceId): Promise<ServiceRow | null> {
  const [row] = await database.db
    .select()
    .from(services)
    .where(and(eq(services.projectId, projectId), eq(services.id, id)));
  return row ?? null;
}

/** The live one of that name. */
export async function findServiceByName(database: Database, projectId: ProjectId, name: string): Promise<ServiceRow | null> {
  const [row] = await database.db
    .select()
    .from(services)
    .where(and(eq(services.projectId, projectId), eq(services.name, name), isNull(services.terminatedAt)));
  return row ?? null;
}

/** Without a filter by status: those that are not terminated. */
export async function listServices(
  database: Database,
  projectId: ProjectId,
  window: Window<CreationKey>,
  filter: ServiceFilter,
): Promise<ServiceRow[]> {
  const rows = await database.db
    .select()
    .from(services)
    .where(
      and(
        eq(services.projectId, projectId),
        filter.statuses === null ? isNull(services.terminatedAt) : inArray(services.status, [...filter.statuses]),
        contains(services.name, filter.nameContains),
        withinWindow(services, window),
      ),
    )
    .orderBy(...inOrder(services, window))
    .limit(window.limit);
  return oldestFirst(rows, window);
}

export async function readServices(database: Database, projectId: ProjectId, ids: readonly ServiceId[]): Promise<ServiceRow[]> {
  return database.db
    .select()
    .from(services)
    .where(and(eq(services.projectId, projectId), inArray(services.id, [...ids])));
}

/** Locks it: from here to the end of the transaction nobody else changes the service or appends to its history. */
export async function lockService(tx: Transaction, projectId: ProjectId, id: ServiceId): Promise<ServiceRow | null> {
  const [row] = await tx
    .select()
    .from(services)
    .where(and(eq(services.projectId, projectId), eq(services.id, id)))
    .for("update");
  return row ?? null;
}
