/**
 * Routes as control reads and writes them.
 *
 * Every write is one transaction: lock the service (so that events of one service commit in the order of their ids), check the
 * lease, change rows only where they still have the status that the writer believed, append history, refresh the status.
 */
import { and, asc, eq, inArray, isNull, sql } from "drizzle-orm";
import { folders } from "../../drizzle/tables/folders.ts";
import { environments, resourceGroups } from "../../drizzle/tables/places.ts";
import { gateways } from "../../drizzle/tables/processes.ts";
import { routeEvents, routes } from "../../drizzle/tables/routes.ts";
import { revisions, services } from "../../drizzle/tables/services.ts";
import { AppError } from "../failure.ts";
import { newId, type FolderId, type RevisionId, type RouteId, type ServiceId } from "../model/ids.ts";
import { nothingKnown, type RouteChange, type ServiceState } from "../model/control-state.ts";
import { servedModel } from "../model/model-definition.ts";
import type { ExtraMount, SecretVariable } from "../model/service-spec.ts";
import { assertHeld, type Lease } from "./leases.ts";
import type { RevisionRow } from "./revisions.ts";
import { appendHistory } from "./route-history.ts";
import { refreshServiceStatus } from "./service-status.ts";
import type { Database, Transaction } from "./database.ts";

const readAt = sql<Date>`now()`.mapWith(services.createdAt).as("read_at");

/** Everything that control needs to decide about a service, in one snapshot; null where it is not, or no longer, live. */
export async function readServiceState(
  database: Database,
  serviceId: ServiceId,
  folderPath: (folderId: FolderId) => string,
): Promise<ServiceState | null> {
  return database.db.transaction(
    async (tx) => {
      const [row] = await tx
        .select({ service: services, revision: revisions, environment: environments, group: resourceGroups, permission: folders.permission, readAt })
        .from(services)
        .innerJoin(revisions, eq(revisions.id, services.revisionId))
        .innerJoin(environments, eq(environments.id, revisions.environmentId))
        .innerJoin(resourceGroups, eq(resourceGroups.id, revisions.resourceGroupId))
        .innerJoin(folders, eq(folders.id, revisions.folderId))
        .where(and(eq(services.id, serviceId), isNull(services.terminatedAt)));
      if (row === undefined) return null;
      const live = await tx
        .select({ route: routes, definition: revisions.definition })
        .from(routes)
        .innerJoin(revisions, eq(revisions.id, routes.revisionId))
        .where(and(eq(routes.serviceId, serviceId), isNull(routes.terminatedAt)))
        .orderBy(asc(routes.createdAt), asc(routes.id));
      const readOnly = await readOnlyFolders(tx, row.revision.mounts);
      const secrets = await secretsOf(tx, row.revision, [...new Set(live.map(({ route }) => route.revisionId))]);
      const draining = live.some(({ route }) => route.status === "DRAINING");
      const { service, revision, environment, group } = row;
      return {
        readAt: row.readAt,
        id: service.id,
        projectId: service.projectId,
        name: service.name,
        shard: service.shard,
        desiredRouteCount: service.desiredRouteCount,
        terminating: service.terminatingAt !== null,
        terminationGraceMs: service.terminationGraceSeconds * 1000,
        revisionId: revision.id,
        revision:
          revision.definition === null
            ? null
            : {
                definition: revision.definition,
                environment: environment.kind === "HOST" ? { kind: "HOST" } : { kind: "CONTAINER", image: environment.image ?? "" },
                resourceGroup: { id: group.id, name: group.name, nodePool: group.nodePool },
                resources: revision.resources,
                folderPath: folderPath(revision.folderId),
                modelReadOnly: revision.modelReadOnly || row.permission === "READ_ONLY",
                extraMounts: revision.mounts.map((mount) => ({
                  source: folderPath(mount.folderId),
                  target: mount.path,
                  readOnly: mount.readOnly || readOnly.has(mount.folderId),
                })),
                variables: revision.variables,
              },
        routes: live.map(({ route, definition }) => {
          if (definition === null) throw new AppError("INTERNAL", `route ${route.id} is on a revision without a definition`);
          const model = servedModel(definition);
          return { ...route, declaredPort: model.service.port, healthCheck: model.service.health_check ?? null };
        }),
        secrets,
        idleWhileDraining: draining ? await idleEverywhere(tx) : new Set(),
      } satisfies ServiceState;
    },
    { isolationLevel: "repeatable read", accessMode: "read only" },
  );
}

/** What a folder allows counts at every start, whatever was asked for when the revision was written. */
async function readOnlyFolders(tx: Transaction, mounts: readonly ExtraMount[]): Promise<ReadonlySet<FolderId>> {
  if (mounts.length === 0) return new Set();
  const ids = mounts.map(({ folderId }) => folderId);
  const found = await tx
    .select({ id: folders.id })
    .from(folders)
    .where(and(inArray(folders.id, ids), eq(folders.permission, "READ_ONLY")));
  return new Set(found.map(({ id }) => id));
}

/** Of the current revision, which is read already, and of others that live routes still run. */
async function secretsOf(tx: Transaction, current: RevisionRow, live: readonly RevisionId[]): Promise<readonly SecretVariable[]> {
  const others = live.filter((id) => id !== current.id);
  const older = others.length === 0 ? [] : await tx.select({ variables: revisions.variables }).from(revisions).where(inArray(revisions.id, others));
  return [current, ...older].flatMap(({ variables }) => variables.filter((variable) => "encrypted" in variable));
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

/** Live services of these shards. */
export async function listLiveServiceIds(database: Database, shards: readonly number[]): Promise<ServiceId[]> {
  if (shards.length === 0) return [];
  const rows = await database.db
    .select({ id: services.id })
    .from(services)
    .where(and(inArray(services.shard, [...shards]), isNull(services.terminatedAt)));
  return rows.map((row) => row.id);
}

export async function createRoutes(database: Database, lease: Lease, serviceId: ServiceId, revisionId: RevisionId, count: number): Promise<void> {
  await changeService(database, lease, serviceId, async (tx) => {
    const rows = Array.from({ length: count }, () => ({
      id: newId("route"),
      serviceId,
      revisionId,
      sessionId: newId("session"),
      status: "PENDING" as const,
    }));
    await tx.insert(routes).values(rows);
    await tx.insert(routeEvents).values(rows.map((row) => ({ serviceId, routeId: row.id, kind: "STATUS", status: row.status, message: "Created." })));
  });
}

/** Writes what was observed or decided of routes: what is there is updated, what happened is appended. */
export async function recordRoutes(database: Database, lease: Lease, serviceId: ServiceId, changes: readonly RouteChange[]): Promise<void> {
  await changeService(database, lease, serviceId, async (tx) => {
    for (const change of changes) await recordRoute(tx, serviceId, change);
  });
}

async function recordRoute(tx: Transaction, serviceId: ServiceId, change: RouteChange): Promise<void> {
  const status = change.transitions.at(-1)?.status;
  const written = await tx
    .update(routes)
    .set({
      ...change.patch,
      ...(status === undefined ? {} : { status, statusAt: sql`now()` }),
      ...(change.renewSession === true ? { sessionId: newId("session"), ...nothingKnown } : {}),
      ...(status === "TERMINATED" ? { terminatedAt: sql`now()` } : {}),
      // A set without columns is not valid SQL; the id never changes.
      id: change.routeId,
    })
    .where(and(eq(routes.id, change.routeId), eq(routes.status, change.believed)))
    .returning({ id: routes.id });
  if (written.length === 0) throw new AppError("SUPERSEDED", `route ${change.routeId} is no longer ${change.believed}`, { retry: true });

  await appendHistory(tx, serviceId, change);
  if (change.failure !== undefined) await tx.update(services).set({ failure: change.failure }).where(eq(services.id, serviceId));
}

/** The service's end: only when none of its routes is live. Its address is free from here on. */
export async function finishTermination(database: Database, lease: Lease, serviceId: ServiceId): Promise<void> {
  await changeService(database, lease, serviceId, async (tx) => {
    await tx
      .update(services)
      .set({ terminatedAt: sql`now()` })
      .where(
        and(
          eq(services.id, serviceId),
          sql`${services.terminatingAt} is not null`,
          sql`not exists (select 1 from ${routes} where ${routes.serviceId} = ${serviceId} and ${routes.terminatedAt} is null)`,
        ),
      );
  });
}

async function changeService(database: Database, lease: Lease, serviceId: ServiceId, change: (tx: Transaction) => Promise<void>): Promise<void> {
  await database.db.transaction(async (tx) => {
    await tx.select({ id: services.id }).from(services).where(eq(services.id, serviceId)).for("update");
    await assertHeld(tx, lease);
    await change(tx);
    await refreshServiceStatus(tx, serviceId);
  });
}
