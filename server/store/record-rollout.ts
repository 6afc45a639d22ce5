/** What control writes of a rollout: how far it is, and how it ends. What users ask of one: begin-rollout.ts. */
import { and, eq, isNull, sql } from "drizzle-orm";
import { routeEvents } from "../../drizzle/tables/routes.ts";
import { rollouts, services } from "../../drizzle/tables/services.ts";
import { AppError } from "../failure.ts";
import type { RolloutChange } from "../model/control-state.ts";
import type { ServiceId } from "../model/ids.ts";
import type { Database } from "./database.ts";
import type { Lease } from "./leases.ts";
import { changeService } from "./routes.ts";

export async function recordRollout(database: Database, lease: Lease, serviceId: ServiceId, change: RolloutChange): Promise<void> {
  const { becomes, message, failure, patch } = change;
  await changeService(database, lease, serviceId, async (tx) => {
    const [written] = await tx
      .update(rollouts)
      .set({
        ...patch,
        ...(message === null ? {} : { reason: message }),
        ...(failure === undefined ? {} : { failure }),
        ...(becomes === undefined ? {} : { status: becomes, endedAt: becomes === "REVERTING" ? null : sql`now()` }),
        id: change.rolloutId,
      })
      .where(and(eq(rollouts.id, change.rolloutId), eq(rollouts.status, change.believed), isNull(rollouts.endedAt)))
      .returning();
    if (written === undefined) throw new AppError("SUPERSEDED", `rollout ${change.rolloutId} is no longer ${change.believed}`, { retry: true });
    if (message !== null) await tx.insert(routeEvents).values({ serviceId, kind: "ROLLOUT", message });
    const service = eq(services.id, serviceId);
    if (becomes === "REVERTING") {
      const { fromRevisionId, fromRestartedAt } = written;
      // What failed is not what the service is on any more; its page says what happened until somebody has cleared it.
      await tx.update(services).set({ revisionId: fromRevisionId, restartedAt: fromRestartedAt, failure: null, notice: message }).where(service);
    }
  });
}
