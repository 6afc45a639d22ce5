/**
 * What live services are called by. The table is written by a trigger, whose refusal does not say which name it was: that is looked up here.
 */
import { and, eq, inArray, ne } from "drizzle-orm";
import { serviceNames, services } from "../../drizzle/tables/services.ts";
import type { ProjectId, ServiceId } from "../model/ids.ts";
import { conflict, type Outcome } from "../model/problem.ts";
import type { Database } from "./database.ts";

/** @param own the service that wants them; null: it does not exist yet. */
export async function nameInUse(database: Database, projectId: ProjectId, names: readonly string[], own: ServiceId | null): Promise<Outcome<never>> {
  const [taken] = await database.db
    .select({ name: serviceNames.name, by: services.name })
    .from(serviceNames)
    .innerJoin(services, eq(services.id, serviceNames.serviceId))
    .where(
      and(eq(serviceNames.projectId, projectId), inArray(serviceNames.name, [...names]), own === null ? undefined : ne(serviceNames.serviceId, own)),
    )
    .limit(1);
  // Given up again while we asked.
  if (taken === undefined) return conflict("One of its names belonged to another service a moment ago: try again.");
  return conflict(`The name ${taken.name} belongs to the service ${taken.by}.`);
}
