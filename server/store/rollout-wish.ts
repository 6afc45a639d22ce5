/** Wishes about which revision a service's routes are on, and how they get there. Each is one transaction, and moves the generation. */
import { and, asc, eq, inArray } from "drizzle-orm";
import { folders } from "../../drizzle/tables/folders.ts";
import { revisions, rollouts } from "../../drizzle/tables/services.ts";
import type { ProjectId, RevisionId, ServiceId } from "../model/ids.ts";
import { conflict, done, notFound, type Outcome } from "../model/problem.ts";
import { beginRollout, lockLiveRollout, turnBack } from "./begin-rollout.ts";
import { lockChangeable, type Who } from "./current-revision.ts";
import { inTransaction, type Database, type Transaction } from "./database.ts";
import { writeWish } from "./modify-service.ts";
import type { RevisionRow } from "./revisions.ts";
import type { RolloutRow } from "./rollouts.ts";
import { insertUserEvent } from "./route-events.ts";
import type { ServiceRow } from "./services.ts";

/** Makes a revision that the service has had the one that its routes should be on, without a new one. */
export function rollBackService(database: Database, who: Who, id: ServiceId, revisionId: RevisionId): Promise<Outcome<ServiceRow>> {
  return onLocked(database, who, id, "it can no longer be rolled back", async (tx, service) => {
    const revision = await readRevisionOf(tx, id, revisionId);
    if (revision === null) return notFound(`revision ${revisionId} of ${service.name}`);
    if (service.revisionId === revisionId) return conflict(`Revision ${revision.number} is the one that ${service.name} is on already.`);
    const refusal = hasProblems(revision) ?? (await lacksFolder(tx, who.projectId, revision));
    if (refusal !== null) return conflict(refusal);
    await beginRollout(tx, service, { kind: "ROLLBACK", toRevisionId: revisionId, userId: who.userId });
    await insertUserEvent(tx, { serviceId: id, userId: who.userId, kind: "ROLLED_BACK", message: `Rolled back to revision ${revision.number}.` });
    return done(await writeWish(tx, id, { revisionId, failure: null }));
  });
}

/** Every route is replaced, on the revision that is wanted anyway. */
export function restartService(database: Database, who: Who, id: ServiceId): Promise<Outcome<ServiceRow>> {
  return onLocked(database, who, id, "there is nothing to restart", async (tx, service) => {
    const revision = service.revisionId === null ? null : await readRevisionOf(tx, id, service.revisionId);
    if (revision === null) throw new Error(`the service ${id} has no revision`);
    const refusal = hasProblems(revision);
    if (refusal !== null) return conflict(refusal);
    await beginRollout(tx, service, { kind: "RESTART", toRevisionId: revision.id, userId: who.userId, restart: true });
    await insertUserEvent(tx, { serviceId: id, userId: who.userId, kind: "RESTARTED", message: "Restarting all routes, one after another." });
    return done(await writeWish(tx, id, { failure: null }));
  });
}

/** The rollout under way goes on without waiting. Asking again changes nothing. */
export function promoteRollout(database: Database, who: Who, id: ServiceId): Promise<Outcome<ServiceRow>> {
  return onLocked(database, who, id, "there is nothing to promote", async (tx, service) => {
    const rollout = await rollingOf(tx, service);
    if (!rollout.ok) return rollout;
    if (rollout.value.promoted) return done(service);
    await tx.update(rollouts).set({ promoted: true }).where(eq(rollouts.id, rollout.value.id));
    const to = await readRevisionOf(tx, id, rollout.value.toRevisionId);
    await insertUserEvent(tx, { serviceId: id, userId: who.userId, kind: "PROMOTED", message: `Promoted revision ${to?.number}.` });
    return done(await writeWish(tx, id, {}));
  });
}

/** @param userName who wants it, for the rollout's reason. */
export function revertRollout(database: Database, who: Who, userName: string, id: ServiceId): Promise<Outcome<ServiceRow>> {
  return onLocked(database, who, id, "there is nothing to revert", async (tx, service) => {
    const rollout = await rollingOf(tx, service);
    if (!rollout.ok) return rollout;
    await turnBack(tx, rollout.value, `Reverted by ${userName}.`);
    const from = await readRevisionOf(tx, id, rollout.value.fromRevisionId);
    await insertUserEvent(tx, { serviceId: id, userId: who.userId, kind: "REVERTED", message: `Going back to revision ${from?.number}.` });
    return done(await writeWish(tx, id, { failure: null }));
  });
}

function onLocked(
  database: Database,
  who: Who,
  id: ServiceId,
  ended: string,
  change: (tx: Transaction, service: ServiceRow) => Promise<Outcome<ServiceRow>>,
): Promise<Outcome<ServiceRow>> {
  return inTransaction(database, async (tx) => {
    const service = await lockChangeable(tx, who, id, ended);
    return service.ok ? change(tx, service.value) : service;
  });
}

async function rollingOf(tx: Transaction, service: ServiceRow): Promise<Outcome<RolloutRow>> {
  const live = await lockLiveRollout(tx, service.id);
  if (live === null) return conflict(`No rollout of ${service.name} is under way.`);
  return live.status === "ROLLING" ? done(live) : conflict(`The rollout of ${service.name} is being reverted already.`);
}

async function readRevisionOf(tx: Transaction, serviceId: ServiceId, id: RevisionId): Promise<RevisionRow | null> {
  const [row] = await tx
    .select()
    .from(revisions)
    .where(and(eq(revisions.serviceId, serviceId), eq(revisions.id, id)));
  return row ?? null;
}

const hasProblems = ({ definition, number }: RevisionRow): string | null =>
  definition === null ? `Nothing can be started on revision ${number}: its model definition has problems.` : null;

/** What its sessions would miss. The folders are locked, so that they are not deleted in the meantime. */
async function lacksFolder(tx: Transaction, projectId: ProjectId, { folderId, mounts, number }: RevisionRow): Promise<string | null> {
  const needed = [...new Set([folderId, ...mounts.map((mount) => mount.folderId)])];
  const found = await tx
    .select()
    .from(folders)
    .where(and(eq(folders.projectId, projectId), inArray(folders.id, needed)))
    .orderBy(asc(folders.id))
    .for("share");
  for (const id of needed) {
    const folder = found.find((one) => one.id === id);
    if (folder === undefined || folder.purgedAt !== null) return `Revision ${number} needs the folder ${folder?.name ?? id}, which is gone for good.`;
    if (folder.deletedAt !== null) return `Revision ${number} needs the folder ${folder.name}, which is in the trash: restore it first.`;
  }
  return null;
}
