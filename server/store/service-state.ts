/**
 * What control decides on: a service, its revisions, its routes, its rollout, in one statement, so in one moment of the database.
 *
 * Every turn of control begins with it, and the timer's round asks it for each service: as ten statements of drizzle's it took 5 ms of a
 * core each time; as one prepared statement a fifth of that (docs/decisions/figures.md). JSON carries it, so times come as text.
 */
import { sql } from "drizzle-orm";
import { AppError } from "../failure.ts";
import type { ClusterMode } from "../model/cluster.ts";
import type { RolloutState, RouteState, ServiceState } from "../model/control-state.ts";
import type { FolderId, RevisionId, RouteId, ServiceId } from "../model/ids.ts";
import { type ModelDefinition, servedModel } from "../model/model-definition.ts";
import type { ExtraMount, Resources, SecretVariable, StoredVariable } from "../model/service-spec.ts";
import type { RunnableRevision } from "../model/session-of.ts";
import type { Database, Transaction } from "./database.ts";
import { runnableOf, type FolderPath, type NamedEnvironment } from "./runnable.ts";

/** As JSON has it: every time is text. */
type Told<T> = { readonly [Name in keyof T]: T[Name] extends Date ? string : T[Name] extends Date | null ? string | null : T[Name] };

type ToldRoute = Told<Omit<RouteState, "declaredPort" | "healthCheck">>;
type ToldRevision = {
  readonly id: RevisionId;
  readonly folderId: FolderId;
  readonly image: string | null;
  readonly definition: ModelDefinition | null;
  readonly resources: Omit<Resources, "accelerators"> & Partial<Resources>;
  readonly clusterMode: ClusterMode;
  readonly clusterSize: number;
  readonly mounts: readonly ExtraMount[];
  readonly modelReadOnly: boolean;
  readonly variables: readonly StoredVariable[];
  readonly environment: NamedEnvironment;
  readonly resourceGroup: RunnableRevision["resourceGroup"];
  /** Folders of it that may not be written, whatever was asked for when it was made. */
  readonly readOnlyFolders: readonly FolderId[];
};
type ToldState = Told<Omit<ServiceState, "rollout" | "revisions" | "routes" | "secrets" | "idleWhileDraining">> & {
  readonly rollout: Told<RolloutState> | null;
  readonly routes: readonly ToldRoute[];
  readonly revisions: readonly ToldRevision[];
  /** Of each living gateway the draining routes that it is done with; null where nothing drains. */
  readonly idle: readonly (readonly RouteId[])[] | null;
};

const before = "with wanted as (select ";
const after = `::text as id),
service as (select services.* from services join wanted on services.id = wanted.id where terminated_at is null),
rollout as (select rollouts.*, revisions.number as to_number from rollouts join service on rollouts.service_id = service.id
  join revisions on revisions.id = rollouts.to_revision_id where rollouts.ended_at is null),
live as (select routes.* from routes join wanted on routes.service_id = wanted.id where terminated_at is null),
revision as (select * from revisions where id in
  (select revision_id from service union select from_revision_id from rollout union select revision_id from live))
select json_build_object(
  'readAt', now(), 'id', service.id, 'projectId', service.project_id, 'name', service.name, 'shard', service.shard,
  'desiredRouteCount', service.desired_route_count, 'terminating', service.terminating_at is not null,
  'terminationGraceMs', service.termination_grace_seconds * 1000, 'revisionId', service.revision_id, 'restartedAt', service.restarted_at,
  'rollout', (select json_build_object('id', id, 'kind', kind, 'status', status, 'mode', mode, 'fromRevisionId', from_revision_id,
    'fromRestartedAt', from_restarted_at, 'toRevisionId', to_revision_id, 'toNumber', to_number, 'policy', policy, 'step', step,
    'stepAt', step_at, 'promoted', promoted) from rollout),
  'routes', coalesce((select json_agg(json_build_object('id', id, 'revisionId', revision_id, 'sessionId', session_id, 'status', status,
    'statusReason', status_reason, 'statusAt', status_at, 'node', node, 'nodeId', node_id,
    'leaving', exists (select 1 from node_wishes where node_wishes.node_id = live.node_id and wish = 'DRAINED' and applied_at is not null), 'host', host, 'port', port, 'attempt', attempt,
    'probeFailures', probe_failures, 'restarts', restarts, 'restarting', restarting, 'retryAt', retry_at, 'retryNow', retry_now,
    'failure', failure, 'failures', failures, 'predecessorId', predecessor_id, 'judgedExitAt', judged_exit_at, 'createdAt', created_at)
    order by created_at, id) from live), '[]'),
  'revisions', (select json_agg(json_build_object('id', revision.id, 'folderId', revision.folder_id, 'image', revision.image, 'definition', revision.definition,
    'resources', revision.resources, 'clusterMode', revision.cluster_mode, 'clusterSize', revision.cluster_size,
    'mounts', revision.mounts, 'modelReadOnly', revision.model_read_only, 'variables', revision.variables,
    'environment', json_build_object('kind', environments.kind, 'image', environments.image, 'isolated', environments.isolated,
      'runAs', environments.run_as, 'readOnlyRoot', environments.read_only_root),
    'resourceGroup', json_build_object('id', resource_groups.id, 'name', resource_groups.name, 'nodePool', resource_groups.node_pool,
      'datacenters', resource_groups.datacenters, 'nodeClass', resource_groups.node_class, 'constraints', resource_groups.constraints,
      'wholeCores', resource_groups.whole_cores),
    'readOnlyFolders', (select coalesce(json_agg(folders.id), '[]') from folders where folders.permission = 'READ_ONLY' and
      (folders.id = revision.folder_id or folders.id in (select mount ->> 'folderId' from jsonb_array_elements(revision.mounts) as mount)))))
    from revision join environments on environments.id = revision.environment_id
    join resource_groups on resource_groups.id = revision.resource_group_id),
  'idle', case when exists (select 1 from live where status = 'DRAINING') then
    (select coalesce(json_agg(idle_draining_routes), '[]') from gateways where seen_at > now() - interval '5 seconds') end
) as told from service`;

/** Null where it is not, or no longer, live. */
export async function readServiceState(database: Database, serviceId: ServiceId, folderPath: FolderPath): Promise<ServiceState | null> {
  const rows = await database.sql.unsafe<{ told: ToldState }[]>(`${before}$1${after}`, [serviceId], { prepare: true });
  return rows[0] === undefined ? null : stateOf(rows[0].told, folderPath);
}

/** Within a transaction, as it is there. */
export async function readStateIn(tx: Transaction, serviceId: ServiceId, folderPath: FolderPath): Promise<ServiceState | null> {
  const [row] = await tx.execute<{ told: ToldState }>(sql`${sql.raw(before)}${serviceId}${sql.raw(after)}`);
  return row === undefined ? null : stateOf(row.told, folderPath);
}

function stateOf(told: ToldState, folderPath: FolderPath): ServiceState {
  const revisions = new Map(told.revisions.flatMap((revision) => runnable(revision, folderPath)));
  const { idle, ...rest } = told;
  return {
    ...rest,
    readAt: new Date(told.readAt),
    restartedAt: time(told.restartedAt),
    rollout: told.rollout && { ...told.rollout, fromRestartedAt: time(told.rollout.fromRestartedAt), stepAt: time(told.rollout.stepAt) },
    revisions,
    routes: told.routes.map((route) => routeOf(route, revisions)),
    secrets: told.revisions.flatMap(({ variables }) => variables.filter((variable): variable is SecretVariable => "encrypted" in variable)),
    idleWhileDraining: idle === null ? new Set() : idleEverywhere(idle),
  };
}

const time = (text: string | null): Date | null => (text === null ? null : new Date(text));

function routeOf(route: ToldRoute, revisions: ServiceState["revisions"]): RouteState {
  const revision = revisions.get(route.revisionId);
  if (revision === undefined) throw new AppError("INTERNAL", `route ${route.id} is on a revision without a definition`);
  const { service } = servedModel(revision.definition);
  return {
    ...route,
    statusAt: new Date(route.statusAt),
    createdAt: new Date(route.createdAt),
    retryAt: time(route.retryAt),
    judgedExitAt: time(route.judgedExitAt),
    declaredPort: service.port,
    healthCheck: service.health_check ?? null,
  };
}

function runnable(revision: ToldRevision, folderPath: FolderPath): readonly (readonly [RevisionId, RunnableRevision])[] {
  const { definition, environment, resourceGroup: group } = revision;
  if (definition === null) return [];
  // Those stored before there were accelerators have none (drizzle/tables/services.ts).
  const resources = { ...revision.resources, accelerators: revision.resources.accelerators ?? [] };
  return [
    [
      revision.id,
      runnableOf({ ...revision, definition, resources }, { environment, group, readOnly: new Set(revision.readOnlyFolders) }, folderPath),
    ],
  ];
}

/** Draining routes that have nothing in flight at any living gateway; null where no gateway lives: nobody can be cut off. */
function idleEverywhere(idle: readonly (readonly RouteId[])[]): ReadonlySet<RouteId> | null {
  const [first, ...others] = idle.map((routes) => new Set(routes));
  if (first === undefined) return null;
  return new Set([...first].filter((route) => others.every((one) => one.has(route))));
}
