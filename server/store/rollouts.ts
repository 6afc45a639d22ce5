/** Rollouts as the API reads them: of services that the caller may see. */
import { and, desc, eq, inArray, sql, type InferSelectModel } from "drizzle-orm";
import { rollouts } from "../../drizzle/tables/services.ts";
import type { ServiceId } from "../model/ids.ts";
import type { Database, Transaction } from "./database.ts";
import { inOrder, oldestFirst, withinWindow, type CreationKey, type Window } from "./keyset.ts";

export type RolloutRow = InferSelectModel<typeof rollouts>;

/** Of each service the live one, else the newest that has ended. */
export const selectNewestRollouts = (db: Database["db"] | Transaction) =>
  db
    .selectDistinctOn([rollouts.serviceId])
    .from(rollouts)
    .orderBy(rollouts.serviceId, sql`${rollouts.endedAt} desc nulls first`, desc(rollouts.createdAt))
    .$dynamic();

export async function readNewestRollouts(database: Database, serviceIds: readonly ServiceId[]): Promise<RolloutRow[]> {
  return selectNewestRollouts(database.db).where(inArray(rollouts.serviceId, [...serviceIds]));
}

export async function listRollouts(database: Database, serviceId: ServiceId, window: Window<CreationKey>): Promise<RolloutRow[]> {
  const rows = await database.db
    .select()
    .from(rollouts)
    .where(and(eq(rollouts.serviceId, serviceId), withinWindow(rollouts, window)))
    .orderBy(...inOrder(rollouts, window))
    .limit(window.limit);
  return oldestFirst(rows, window);
}
