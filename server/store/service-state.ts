/** What control decides on: a service, its revisions, its routes, its rollout, in one snapshot. */
import { and, asc, eq, inArray, isNull, sql, type InferSelectModel } from "drizzle-orm";
import { folders } from "../../drizzle/tables/folders.ts";
import { environments, resourceGroups } from "../../drizzle/tables/places.ts";
import { gateways } from "../../drizzle/tables/processes.ts";
import { routes } from "../../drizzle/tables/routes.ts";
import { revisions, rollouts, services } from "../../drizzle/tables/services.ts";
import { AppError } from "../failure.ts";
import type { RolloutState, ServiceState } from "../model/control-state.ts";
import type { FolderId, RevisionId, RouteId, ServiceId } from "../model/ids.ts";
import { servedModel, type ModelDefinition } from "../model/model-definition.ts";
import type { ExtraMount, SecretVariable } from "../model/service-spec.ts";
import type { RunnableRevision } from "../model/session-of.ts";
import type { Database, Transaction } from "./database.ts";
import type { RevisionRow, Snapshot } from "./revisions.ts";

export type FolderPath = (folderId: FolderId) => string;

const readAt = sql<Date>`now()`.mapWith(services.createdAt).as("read_at");

/** Everything that control needs to decide about a service; null where it is not, or no longer, live. */
export function readServiceState(database: Database, serviceId: ServiceId, folderPath: FolderPath): Promise<ServiceState | null> {
  return database.db.transaction((tx) => readStateIn(tx, serviceId, folderPath), { isolationLevel: "repeatable read", accessMode: "read only" });
}

/** Within a transaction, as it is there. */
export async function readStateIn(tx: Transaction, serviceId: ServiceId, folderPath: FolderPath): Promise<ServiceState | null> {
  const [row] = await tx
    .select({ service: services, readAt })
    .from(services)
    .where(and(eq(services.id, serviceId), isNull(services.terminatedAt)));
  if (row === undefined) return null;
  const { service } = row;
  if (service.revisionId === null) throw new AppError("INTERNAL", `the service ${serviceId} has no revision`);
  const rollout = await liveRollout(tx, serviceId);
  const live = await tx
    .select()
    .from(routes)
    .where(and(eq(routes.serviceId, serviceId), isNull(routes.terminatedAt)))
    .orderBy(asc(routes.createdAt), asc(routes.id));
  const wanted = [service.revisionId, ...(rollout === null ? [] : [rollout.fromRevisionId]), ...live.map((route) => route.revisionId)];
  const { rows, runnable } = await readRunnable(tx, [...new Set(wanted)], folderPath);
  const draining = live.some(({ status }) => status === "DRAINING");
  return {
    readAt: row.readAt,
    id: service.id,
    projectId: service.projectId,
    name: service.name,
    shard: service.shard,
    desiredRouteCount: service.desiredRouteCount,
    terminating: service.terminatingAt !== null,
    terminationGraceMs: service.terminationGraceSeconds * 1000,
    revisionId: service.revisionId,
    restartedAt: service.restartedAt,
    rollout,
    revisions: runnable,
    routes: live.map((route) => {
      const revision = runnable.get(route.revisionId);
      if (revision === undefined) throw new AppError("INTERNAL", `route ${route.id} is on a revision without a definition`);
      const model = servedModel(revision.definition);
      return { ...route, declaredPort: model.service.port, healthCheck: model.service.health_check ?? null };
    }),
    secrets: rows.flatMap(({ variables }) => variables.filter((variable): variable is SecretVariable => "encrypted" in variable)),
    idleWhileDraining: draining ? await idleEverywhere(tx) : new Set(),
  } satisfies ServiceState;
}

async function liveRollout(tx: Transaction, serviceId: ServiceId): Promise<RolloutState | null> {
  const [row] = await tx
    .select({ rollout: rollouts, toNumber: revisions.number })
    .from(rollouts)
    .innerJoin(revisions, eq(revisions.id, rollouts.toRevisionId))
    .where(and(eq(rollouts.serviceId, serviceId), isNull(rollouts.endedAt)));
  if (row === undefined) return null;
  const { status } = row.rollout;
  return status === "ROLLING" || status === "REVERTING" ? { ...row.rollout, status, toNumber: row.toNumber } : null;
}

type Readable = { readonly rows: readonly RevisionRow[]; readonly runnable: ReadonlyMap<RevisionId, RunnableRevision> };

async function readRunnable(tx: Transaction, ids: readonly RevisionId[], folderPath: FolderPath): Promise<Readable> {
  const found = await tx
    .select({ revision: revisions, environment: environments, group: resourceGroups, permission: folders.permission })
    .from(revisions)
    .innerJoin(environments, eq(environments.id, revisions.environmentId))
    .innerJoin(resourceGroups, eq(resourceGroups.id, revisions.resourceGroupId))
    .innerJoin(folders, eq(folders.id, revisions.folderId))
    .where(inArray(revisions.id, [...ids]));
  const readOnly = await readOnlyFolders(
    tx,
    found.flatMap(({ revision }) => revision.mounts),
  );
  const runnable = new Map<RevisionId, RunnableRevision>();
  for (const { revision, environment, group, permission } of found) {
    if (revision.definition === null) continue;
    runnable.set(revision.id, runnableOf({ ...revision, definition: revision.definition }, { environment, group, permission, readOnly }, folderPath));
  }
  return { rows: found.map(({ revision }) => revision), runnable };
}

type Around = {
  readonly environment: InferSelectModel<typeof environments>;
  readonly group: InferSelectModel<typeof resourceGroups>;
  readonly permission: InferSelectModel<typeof folders>["permission"];
  /** Those of the mounted folders that are read-only themselves. */
  readonly readOnly: ReadonlySet<FolderId>;
};

/** A snapshot with what it names. */
export const runnableOf = (
  snapshot: Snapshot & { readonly definition: ModelDefinition },
  { environment, group, permission, readOnly }: Around,
  folderPath: FolderPath,
): RunnableRevision => ({
  definition: snapshot.definition,
  environment: environment.kind === "HOST" ? { kind: "HOST" } : { kind: "CONTAINER", image: environment.image ?? "" },
  resourceGroup: { id: group.id, name: group.name, nodePool: group.nodePool },
  resources: snapshot.resources,
  folderPath: folderPath(snapshot.folderId),
  modelReadOnly: snapshot.modelReadOnly || permission === "READ_ONLY",
  extraMounts: snapshot.mounts.map((mount) => ({
    source: folderPath(mount.folderId),
    target: mount.path,
    readOnly: mount.readOnly || readOnly.has(mount.folderId),
  })),
  variables: snapshot.variables,
});

/** What a folder allows counts at every start, whatever was asked for when the revision was written. */
export async function readOnlyFolders(tx: Transaction, mounts: readonly ExtraMount[]): Promise<ReadonlySet<FolderId>> {
  if (mounts.length === 0) return new Set();
  const ids = mounts.map(({ folderId }) => folderId);
  const found = await tx
    .select({ id: folders.id })
    .from(folders)
    .where(and(inArray(folders.id, ids), eq(folders.permission, "READ_ONLY")));
  return new Set(found.map(({ id }) => id));
}

/** Draining routes that have nothing in flight at any living gateway; null where no gateway lives: nobody can be cut off. */
async function idleEverywhere(tx: Transaction): Promise<ReadonlySet<RouteId> | null> {
  const living = await tx
    .select({ idle: gateways.idleDrainingRoutes })
    .from(gateways)
    .where(sql`${gateways.seenAt} > now() - interval '5 seconds'`);
  const [first, ...others] = living.map((gateway) => new Set(gateway.idle));
  if (first === undefined) return null;
  return new Set([...first].filter((route) => others.every((idle) => idle.has(route))));
}
