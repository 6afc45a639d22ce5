/** What control reads and writes of validations: as of services, each write in one transaction that the lease fences. */
import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import { environments, resourceGroups } from "../../drizzle/tables/places.ts";
import { validations } from "../../drizzle/tables/validations.ts";
import { AppError } from "../failure.ts";
import type { ValidationId } from "../model/ids.ts";
import type { SecretVariable } from "../model/service-spec.ts";
import { isFinal, type ValidationChange, type ValidationState } from "../model/validation.ts";
import { inTransaction, type Database } from "./database.ts";
import { assertHeld, type Lease } from "./leases.ts";
import { readOnlyFolders, runnableOf, type FolderPath } from "./runnable.ts";

/** Those of these shards that are not final. */
export async function listLiveValidationIds(database: Database, shards: readonly number[]): Promise<ValidationId[]> {
  if (shards.length === 0) return [];
  const rows = await database.db
    .select({ id: validations.id })
    .from(validations)
    .where(and(inArray(validations.shard, [...shards]), isNull(validations.endedAt)));
  return rows.map(({ id }) => id);
}

/** Null where it is not, or no longer, live. */
export function readValidationState(database: Database, id: ValidationId, folderPath: FolderPath): Promise<ValidationState | null> {
  return inTransaction(database, async (tx) => {
    const [found] = await tx
      .select({
        row: validations,
        environment: environments,
        group: resourceGroups,
        readAt: sql<Date>`now()`.mapWith(validations.createdAt).as("read_at"),
      })
      .from(validations)
      .innerJoin(environments, eq(environments.id, validations.environmentId))
      .innerJoin(resourceGroups, eq(resourceGroups.id, validations.resourceGroupId))
      .where(and(eq(validations.id, id), isNull(validations.endedAt)));
    if (found === undefined) return null;
    const { row, readAt, ...around } = found;
    const { definition } = row;
    if (definition === null) throw new AppError("INTERNAL", `the validation ${id} is live without a definition`);
    const readOnly = await readOnlyFolders(tx, row.folderId, row.mounts);
    return {
      ...row,
      readAt,
      cancelling: row.cancellingAt !== null,
      launchEvents: row.launchEvents.map((event) => ({ ...event, at: new Date(event.at) })),
      revision: runnableOf({ ...row, definition }, { ...around, readOnly }, folderPath),
      secrets: row.variables.filter((variable): variable is SecretVariable => "encrypted" in variable),
    };
  });
}

/** Throws SUPERSEDED where the lease is another's, or the validation no longer what it was believed to be. */
export async function recordValidation(database: Database, lease: Lease, id: ValidationId, change: ValidationChange): Promise<void> {
  const { believed, launchEvents, ...columns } = change;
  await inTransaction(database, async (tx) => {
    await assertHeld(tx, lease);
    const written = await tx
      .update(validations)
      .set({
        ...columns,
        ...(launchEvents === undefined ? {} : { launchEvents: launchEvents.map((event) => ({ ...event, at: event.at.toISOString() })) }),
        ...(columns.status !== undefined && isFinal(columns.status) ? { endedAt: sql`now()` } : {}),
        // A set without columns is not valid SQL; the id never changes.
        id,
      })
      .where(and(eq(validations.id, id), eq(validations.status, believed)))
      .returning({ id: validations.id });
    if (written.length === 0) throw new AppError("SUPERSEDED", `validation ${id} is no longer ${believed}`, { retry: true });
  });
}
