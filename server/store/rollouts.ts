/** Rollouts as the API reads them. Bounded by the project of their service. */
import { desc, inArray, sql, type InferSelectModel } from "drizzle-orm";
import { rollouts } from "../../drizzle/tables/services.ts";
import type { ServiceId } from "../model/ids.ts";
import type { Database } from "./database.ts";

export type RolloutRow = InferSelectModel<typeof rollouts>;

/** The live one of each, else the newest; of services that the caller may see. */
export async function readNewestRollouts(database: Database, serviceIds: readonly ServiceId[]): Promise<RolloutRow[]> {
  return database.db
    .selectDistinctOn([rollouts.serviceId])
    .from(rollouts)
    .where(inArray(rollouts.serviceId, [...serviceIds]))
    .orderBy(rollouts.serviceId, sql`${rollouts.endedAt} desc nulls first`, desc(rollouts.createdAt));
}
