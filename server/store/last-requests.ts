/** When services were last asked for something, as far as it is known: what is open to the public leaves no trace of it. */
import { and, eq, isNotNull, isNull, sql } from "drizzle-orm";
import { tokens } from "../../drizzle/tables/access.ts";
import { services } from "../../drizzle/tables/services.ts";
import type { ProjectId, ServiceId } from "../model/ids.ts";
import type { Database } from "./database.ts";

/** Minutes without a request, of each private live service of the project whose tokens have been used. */
export async function readIdleMinutes(database: Database, projectId: ProjectId): Promise<ReadonlyMap<ServiceId, number>> {
  const rows = await database.db
    .select({
      id: services.id,
      minutes: sql<number>`floor(extract(epoch from now() - max(${tokens.lastUsedAt})) / 60)`.mapWith(Number),
    })
    .from(services)
    .innerJoin(tokens, eq(tokens.serviceId, services.id))
    .where(and(eq(services.projectId, projectId), isNull(services.terminatedAt), eq(services.openToPublic, false), isNotNull(tokens.lastUsedAt)))
    .groupBy(services.id);
  return new Map(rows.map(({ id, minutes }) => [id, Math.max(0, minutes)]));
}
