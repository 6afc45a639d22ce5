/**
 * Turns a change of what a service's routes should be into a rollout: the way from what serves to what is wanted.
 *
 * One is live at most. A newer wish ends it as SUPERSEDED and starts from what it started from: that is what still serves, and what a
 * failure goes back to. Whoever changes the wish calls this within the transaction, with the lock on the service's row.
 */
import { and, eq, isNull, sql } from "drizzle-orm";
import { routes } from "../../drizzle/tables/routes.ts";
import { revisions, rollouts, services } from "../../drizzle/tables/services.ts";
import { newId, type RevisionId, type RolloutId, type ServiceId, type UserId } from "../model/ids.ts";
import { withSteps, type RolloutKind, type RolloutPolicy } from "../model/rollout.ts";
import type { Transaction } from "./database.ts";
import type { RolloutRow } from "./rollouts.ts";
import type { ServiceRow } from "./services.ts";

type Wanted = {
  readonly kind: RolloutKind;
  readonly toRevisionId: RevisionId;
  readonly userId: UserId;
  /** The present ones, and only those that were created since are to stay. */
  readonly restart?: boolean;
};

/** @param service as it was before the change, but with the policy that counts from now on. */
export async function beginRollout(tx: Transaction, service: ServiceRow, wanted: Wanted): Promise<void> {
  const restart = wanted.restart ?? false;
  const live = await lockLiveRollout(tx, service.id);
  const fromRestartedAt = live === null ? service.restartedAt : live.fromRestartedAt;
  const from = await wayBackOf(tx, service);
  if (wanted.toRevisionId === from && !restart) {
    if (live !== null) await turnBack(tx, live, `Revision ${await numberOf(tx, from)} is wanted again.`);
    return;
  }
  if (live !== null) await endRollout(tx, live.id, "A newer change took its place.");
  // Nothing has ever served: there is nothing to go over from, or back to. With problems, nothing of it can start.
  const startable = from !== null && (await isStartable(tx, wanted.toRevisionId));
  if (startable) {
    await tx.insert(rollouts).values({
      id: newId("rollout"),
      serviceId: service.id,
      kind: wanted.kind,
      fromRevisionId: from,
      fromRestartedAt,
      toRevisionId: wanted.toRevisionId,
      // Where there was no room a moment ago, there is none now: seats that are being handed on go to the newest wish.
      mode: live?.mode ?? "SURGE",
      policy: policyOf(service.rolloutPolicy, wanted, from),
      createdBy: wanted.userId,
    });
  }
  // What serves stays, and is not to be restarted any more for a rollout that has no successor.
  const restartedAt = restart ? sql`now()` : startable ? service.restartedAt : fromRestartedAt;
  await tx.update(services).set({ restartedAt, notice: null }).where(eq(services.id, service.id));
}

/**
 * What serves now, and what a failure goes back to: the revision that all desired routes were healthy on last; where none of it is healthy,
 * whatever is, though it never was enough. Null where nothing serves, and nothing ever did.
 */
async function wayBackOf(tx: Transaction, { id, stableRevisionId }: ServiceRow): Promise<RevisionId | null> {
  const serving = await tx
    .select({ revisionId: routes.revisionId })
    .from(routes)
    .where(and(eq(routes.serviceId, id), eq(routes.status, "HEALTHY")))
    .groupBy(routes.revisionId)
    .orderBy(sql`count(*) desc`, routes.revisionId);
  const isServing = serving.some(({ revisionId }) => revisionId === stableRevisionId);
  return isServing ? stableRevisionId : (serving[0]?.revisionId ?? stableRevisionId);
}

/** A restart tries out nothing new, unless it comes while something new is being tried out: that stays under its policy. */
const policyOf = (policy: RolloutPolicy, { kind, toRevisionId }: Wanted, from: RevisionId): RolloutPolicy =>
  kind === "RESTART" && toRevisionId === from ? { ...policy, steps: [], promote: "AUTO" } : withSteps(policy);

export async function lockLiveRollout(tx: Transaction, serviceId: ServiceId): Promise<RolloutRow | null> {
  const [row] = await tx
    .select()
    .from(rollouts)
    .where(and(eq(rollouts.serviceId, serviceId), isNull(rollouts.endedAt)))
    .for("update");
  return row ?? null;
}

/** The service is on its way back to what serves. */
export async function turnBack(tx: Transaction, { id, serviceId, fromRevisionId, fromRestartedAt }: RolloutRow, reason: string): Promise<void> {
  await tx.update(rollouts).set({ status: "REVERTING", reason }).where(eq(rollouts.id, id));
  await tx.update(services).set({ revisionId: fromRevisionId, restartedAt: fromRestartedAt }).where(eq(services.id, serviceId));
}

/** It comes to no end of its own. */
export async function endRollout(tx: Transaction, id: RolloutId, reason: string): Promise<void> {
  await tx
    .update(rollouts)
    .set({ status: "SUPERSEDED", reason, endedAt: sql`now()` })
    .where(eq(rollouts.id, id));
}

async function isStartable(tx: Transaction, id: RevisionId): Promise<boolean> {
  const [row] = await tx
    .select({ startable: sql<boolean>`${revisions.definition} is not null` })
    .from(revisions)
    .where(eq(revisions.id, id));
  return row?.startable ?? false;
}

async function numberOf(tx: Transaction, id: RevisionId): Promise<number> {
  const [row] = await tx.select({ number: revisions.number }).from(revisions).where(eq(revisions.id, id));
  if (row === undefined) throw new Error(`there is no revision ${id}`);
  return row.number;
}
