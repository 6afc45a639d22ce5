/**
 * The history of a service. Ids come from a sequence, so of two transactions the later id could become visible first, and
 * whoever reads "everything after id N" would miss the other for ever. Therefore every writer locks the service's row before it
 * takes an id: the events of one service become visible in the order of their ids.
 */
import { and, asc, desc, eq, gt, lt, type InferSelectModel } from "drizzle-orm";
import { routeEvents } from "../../drizzle/tables/routes.ts";
import type { ServiceId, UserId } from "../model/ids.ts";
import type { Database, Transaction } from "./database.ts";
import { oldestFirst, type Window } from "./keyset.ts";

export type RouteEventRow = InferSelectModel<typeof routeEvents>;

/** Something that a user did. The caller's transaction holds the lock on the service's row. */
export async function insertUserEvent(
  tx: Transaction,
  event: { readonly serviceId: ServiceId; readonly userId: UserId; readonly kind: string; readonly message: string },
): Promise<void> {
  await tx.insert(routeEvents).values(event);
}

export async function listRouteEvents(database: Database, serviceId: ServiceId, window: Window<number>): Promise<RouteEventRow[]> {
  const rows = await database.db
    .select()
    .from(routeEvents)
    .where(
      and(
        eq(routeEvents.serviceId, serviceId),
        window.after === null ? undefined : gt(routeEvents.id, window.after),
        window.before === null ? undefined : lt(routeEvents.id, window.before),
      ),
    )
    .orderBy(window.fromEnd ? desc(routeEvents.id) : asc(routeEvents.id))
    .limit(window.limit);
  return oldestFirst(rows, window);
}
