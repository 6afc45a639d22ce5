/** Changes of the wish for a service that exists. Each is one transaction on a fresh read, and moves the generation. */
import { isDeepStrictEqual } from "node:util";
import { eq, sql, type SQL } from "drizzle-orm";
import { services } from "../../drizzle/tables/services.ts";
import type { FolderId, ProjectId, ServiceId } from "../model/ids.ts";
import type { DefinitionFile } from "../model/model-definition.ts";
import { conflict, done, notFound, type Outcome } from "../model/problem.ts";
import type { RolloutPolicy } from "../model/rollout.ts";
import type { TrafficPolicy } from "../model/traffic-policy.ts";
import { beginRollout, endRollout, lockLiveRollout } from "./begin-rollout.ts";
import { nameTaken } from "./create-service.ts";
import { lockChangeable, onCurrentRevision, type Who } from "./current-revision.ts";
import { inDryRun, inTransaction, violatedConstraint, type Database, type Transaction } from "./database.ts";
import { changedParts, checkRevisionWish, type RevisionWish } from "./revision-wish.ts";
import { insertRevision, type RevisionRow } from "./revisions.ts";
import { insertUserEvent } from "./route-events.ts";
import { nameInUse } from "./service-names.ts";
import { refreshServiceStatus } from "./service-status.ts";
import { lockService, type ServiceRow } from "./services.ts";

type OfService = "name" | "openToPublic" | "aliases" | "allowedOrigins" | "desiredRouteCount" | "terminationGraceSeconds";
type ServiceColumns = Partial<Pick<ServiceRow, OfService | "rolloutPolicy" | "trafficPolicy" | "revisionId">>;

/** What is absent stays as it is. */
export type Modification = Pick<ServiceColumns, OfService> & {
  readonly rollout: Partial<RolloutPolicy>;
  readonly trafficPolicy: Partial<TrafficPolicy>;
  /** All of it; what was not asked for is that of the revision that this was made for. */
  readonly revision: RevisionWish;
};

/** What is wanted of a service that is on this revision. */
type Propose = (current: RevisionRow) => Promise<Modification>;
type ReadDefinition = (folderId: FolderId) => Promise<DefinitionFile>;
const ended = "it can no longer be modified";

/** Writes a new revision where a part of it is not as it was, and then from the definition as it is in the folder now. */
export function modifyService(
  database: Database,
  who: Who,
  id: ServiceId,
  propose: Propose,
  readDefinition: ReadDefinition,
): Promise<Outcome<ServiceRow>> {
  return onProposal(database, who, id, propose, readDefinition, (wish) => inTransaction(database, (tx) => modify(tx, who, id, wish)));
}

/** What would come of it: the same, looked at and undone. */
export function tryModifyService<T>(
  database: Database,
  who: Who,
  id: ServiceId,
  propose: Propose,
  readDefinition: ReadDefinition,
  look: (tx: Transaction, service: ServiceRow, before: RevisionRow) => Promise<T>,
): Promise<Outcome<T>> {
  return onProposal(database, who, id, propose, readDefinition, (wish) =>
    inDryRun(database, async (tx) => {
      const made = await modify(tx, who, id, wish);
      return made === "outdated" || !made.ok ? made : done(await look(tx, made.value, wish.current));
    }),
  );
}

async function onProposal<T>(
  database: Database,
  who: Who,
  id: ServiceId,
  propose: Propose,
  readDefinition: ReadDefinition,
  write: (wish: Proposed) => Promise<Outcome<T> | "outdated">,
): Promise<Outcome<T>> {
  let name = "";
  let aliases: readonly string[] = [];
  try {
    return await onCurrentRevision(database, who, id, ended, async (current) => {
      const modification = await propose(current);
      ({ name = "", aliases = [] } = modification);
      const differs = changedParts(modification.revision, current).length > 0;
      const file = differs ? await readDefinition(modification.revision.folderId) : null;
      return write({ current, modification, file });
    });
  } catch (thrown) {
    const constraint = violatedConstraint(thrown);
    if (constraint === "services_name") return conflict(nameTaken(name));
    if (constraint === "service_names_name") return nameInUse(database, who.projectId, [name, ...aliases], id);
    throw thrown;
  }
}

type Proposed = { readonly current: RevisionRow; readonly modification: Modification; readonly file: DefinitionFile | null };

async function modify(tx: Transaction, who: Who, id: ServiceId, proposed: Proposed): Promise<Outcome<ServiceRow> | "outdated"> {
  const locked = await lockChangeable(tx, who, id, ended);
  if (!locked.ok) return locked;
  const service = locked.value;
  const { current, file, modification } = proposed;
  const { revision: wish, rollout, trafficPolicy, ...given } = modification;
  if (service.revisionId !== current.id) return "outdated";

  const policies = { rolloutPolicy: { ...service.rolloutPolicy, ...rollout }, trafficPolicy: { ...service.trafficPolicy, ...trafficPolicy } };
  const asked: ServiceColumns = { ...given, ...policies };
  const differ = (Object.keys(asked) as (keyof ServiceColumns)[]).filter((column) => !isDeepStrictEqual(asked[column], service[column]));
  const columns = Object.fromEntries(differ.map((column) => [column, asked[column]])) as ServiceColumns;
  const changed: string[] = differ.map((column) => words[column] ?? column);

  let from = "";
  if (file !== null) {
    const checked = await checkRevisionWish(tx, who.projectId, wish, file, current.mounts);
    if (!checked.ok) return checked;
    const parts = changedParts(checked.value, current);
    if (parts.length > 0) {
      const revision = await insertRevision(tx, { ...checked.value, serviceId: id, createdBy: who.userId }, file);
      await beginRollout(tx, { ...service, ...columns }, { kind: "MODIFY", toRevisionId: revision.id, userId: who.userId });
      changed.push(...parts.map((part) => words[part] ?? part));
      from = ` Revision ${revision.number}.`;
    }
  }
  if (changed.length === 0) return done(service);
  await insertUserEvent(tx, { serviceId: id, userId: who.userId, kind: "MODIFIED", message: `Changed: ${changed.join(", ")}.${from}` });
  // What kept an earlier revision from running says nothing of the new one.
  return done(await writeWish(tx, id, from === "" ? columns : { ...columns, failure: null }));
}

/** What was changed, as the history tells it. */
const words: Readonly<Record<string, string>> = {
  openToPublic: "open to the public",
  allowedOrigins: "allowed origins",
  desiredRouteCount: "number of routes",
  terminationGraceSeconds: "termination grace",
  rolloutPolicy: "rollout policy",
  trafficPolicy: "traffic policy",
  folderId: "folder",
  environmentId: "environment",
  resourceGroupId: "resource group",
  clusterMode: "cluster mode",
  clusterSize: "cluster size",
  modelReadOnly: "model folder's access",
};

/** Asking again changes nothing. Control ends the routes, and the service when none is left. */
export function terminateService(database: Database, projectId: ProjectId, id: ServiceId): Promise<Outcome<ServiceRow>> {
  return inTransaction(database, async (tx) => {
    const service = await lockService(tx, projectId, id);
    if (service === null) return notFound(`service ${id}`);
    if (service.terminatingAt !== null) return done(service);
    const live = await lockLiveRollout(tx, id);
    if (live !== null) await endRollout(tx, live.id, "The service was terminated.");
    return done(await writeWish(tx, id, { terminatingAt: sql`now()` }));
  });
}

/** The caller holds the lock on the row. */
export async function writeWish(
  tx: Transaction,
  id: ServiceId,
  change: ServiceColumns & { readonly terminatingAt?: SQL; readonly failure?: null; readonly notice?: null },
): Promise<ServiceRow> {
  await tx
    .update(services)
    .set({ ...change, generation: sql`${services.generation} + 1` })
    .where(eq(services.id, id));
  await refreshServiceStatus(tx, id);
  const [row] = await tx.select().from(services).where(eq(services.id, id));
  if (row === undefined) throw new Error(`the service ${id} vanished while it was locked`);
  return row;
}
