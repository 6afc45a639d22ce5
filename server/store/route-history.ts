/**
 * Appends what happened to a route: what was seen of its session, and the transitions that follow from it, in the order in which
 * one led to the other. Nothing is ever removed; what is reported again is the same row, and a probe's repeat counts up in it.
 */
import { sql } from "drizzle-orm";
import { routeEvents } from "../../drizzle/tables/routes.ts";
import type { HistoryEntry, RouteChange } from "../model/control-state.ts";
import type { ServiceId } from "../model/ids.ts";
import type { RouteStatus } from "../model/route-status.ts";
import type { Transaction } from "./database.ts";

export async function appendHistory(tx: Transaction, serviceId: ServiceId, changes: readonly RouteChange[]): Promise<void> {
  const rows = changes.flatMap((change) => inOrder(change).map((row) => ({ ...row, serviceId, routeId: change.routeId })));
  if (rows.length === 0) return;
  await tx
    .insert(routeEvents)
    .values(rows)
    .onConflictDoUpdate({
      target: [routeEvents.routeId, routeEvents.key],
      set: { repeats: sql`${routeEvents.repeats} + 1`, lastAt: sql`now()` },
      // What the scheduler reports again is the same event; what Serai itself counts (probes) is a repeat.
      setWhere: sql`excluded.kind = 'PROBE'`,
    });
}

type Row = Pick<typeof routeEvents.$inferInsert, "kind" | "status" | "message" | "key" | "at" | "action" | "failure">;

/** The transition that follows from what was seen. */
const leadsTo: Readonly<Record<string, RouteStatus>> = {
  PLACED: "PREPARING",
  STARTED: "WARMING_UP",
  EXITED: "BACKING_OFF",
  START_FAILED: "BACKING_OFF",
  LOST: "BACKING_OFF",
};

/** What was seen stays in its order: before a transition stands all up to what led to it. */
function inOrder({ history, transitions }: RouteChange): Row[] {
  const rows: Row[] = [];
  let rest = history;
  for (const { status, message } of transitions) {
    const led = rest.findIndex((entry) => leadsTo[entry.kind] === status) + 1;
    rows.push(...rest.slice(0, led).map(seen));
    rest = rest.slice(led);
    rows.push({ kind: "STATUS", status, message, key: null });
  }
  return [...rows, ...rest.map(seen)];
}

const seen = (entry: HistoryEntry): Row => ({ ...entry, status: null });
