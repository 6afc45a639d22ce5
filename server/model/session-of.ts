/** The session that runs a route of a revision: pure, so that the same revision and route always give the same session. */
import type { Cluster } from "./cluster.ts";
import { MiBPerGiB } from "./units.ts";
import type { ProjectId, SessionId } from "./ids.ts";
import { replacePlaces } from "./host-paths.ts";
import type { NamedGroup } from "./resource-group.ts";
import { servedModel, type ModelDefinition } from "./model-definition.ts";
import { homePath } from "./mounts.ts";
import type { Resources, StoredVariable } from "./service-spec.ts";
import { homePlaceholder, type ImageCredentials, type Session, type SessionEnvironment, type SessionMount } from "./session.ts";
import { startScript } from "./start-script.ts";

export type RunnableRevision = {
  readonly definition: ModelDefinition;
  readonly environment: SessionEnvironment;
  readonly resourceGroup: NamedGroup;
  readonly resources: Resources;
  /** Null: it has one member. */
  readonly cluster: Cluster | null;
  /** The model's folder. Paths of folders are absolute, and the same on every machine that runs sessions. */
  readonly folderPath: string;
  readonly modelReadOnly: boolean;
  /** The other folders; read-only as asked, and where the folder itself is. */
  readonly extraMounts: readonly SessionMount[];
  readonly variables: readonly StoredVariable[];
};

/** What a revision has that is kept encrypted, readable. */
export type Opened = {
  /** All of them, also those that are no secrets. */
  readonly variables: Readonly<Record<string, string>>;
  /** Null where Serai knows none of the image's registry. */
  readonly credentials: ImageCredentials | null;
};

/** @param opened absent: of a session that is only asked about. */
export function sessionOf(
  service: { readonly id: Session["serviceId"]; readonly name: string; readonly projectId: ProjectId },
  revision: RunnableRevision,
  route: { readonly id: Session["routeId"]; readonly sessionId: SessionId },
  avoid: readonly string[],
  { variables, credentials }: Opened = { variables: {}, credentials: null },
): Session {
  const model = servedModel(revision.definition);
  const { environment } = revision;
  const isHost = environment.kind === "HOST";
  const modelMount = { source: revision.folderPath, target: model.model_path, readOnly: revision.modelReadOnly };
  const seen = isHost ? onHost(variables, [modelMount, ...revision.extraMounts]) : variables;
  const secretNames = new Set(revision.variables.flatMap((one) => ("encrypted" in one ? one.name : [])));
  const those = (areSecret: boolean) => Object.fromEntries(Object.entries(seen).filter(([name]) => secretNames.has(name) === areSecret));
  return {
    id: route.sessionId,
    routeId: route.id,
    serviceId: service.id,
    serviceName: service.name,
    projectId: service.projectId,
    environment: environment.kind === "CONTAINER" && credentials !== null ? { ...environment, credentials } : environment,
    resourceGroup: ruleOf(revision.resourceGroup),
    resources: {
      cpuMillicores: Math.round(revision.resources.cpu * 1000),
      memoryMiB: Math.round(revision.resources.memoryGiB * MiBPerGiB),
      sharedMemoryMiB: Math.round(revision.resources.sharedMemoryGiB * MiBPerGiB),
      ...(revision.resources.memoryMaxGiB === undefined ? {} : { memoryMaxMiB: Math.round(revision.resources.memoryMaxGiB * MiBPerGiB) }),
      accelerators: revision.resources.accelerators,
    },
    ...(revision.cluster === null ? {} : { cluster: revision.cluster }),
    script: startScript(model, isHost ? revision.extraMounts : null),
    actionCount: model.service.pre_start_actions.length,
    variables: { ...those(false), MODEL_NAME: model.name, ...countOfAccelerators(revision.resources) },
    secrets: those(true),
    port: model.service.port,
    mounts: [modelMount, ...revision.extraMounts],
    avoid,
  };
}

const ruleOf = ({ id: _id, ...group }: NamedGroup): Session["resourceGroup"] => group;

/** For commands that spread a model over all of them. Absent where there is none, so that `${SERAI_ACCELERATOR_COUNT:-1}` is right. */
function countOfAccelerators({ accelerators }: Resources): Readonly<Record<string, string>> {
  const count = accelerators.reduce((sum, one) => sum + one.count, 0);
  return count === 0 ? {} : { SERAI_ACCELERATOR_COUNT: String(count) };
}

/** Mount points in variables are replaced, as in commands. */
function onHost(variables: Readonly<Record<string, string>>, mounts: readonly SessionMount[]): Readonly<Record<string, string>> {
  const places = [{ target: homePath, put: homePlaceholder }, ...mounts.map(({ target, source }) => ({ target, put: source }))];
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, replacePlaces(value, places)]));
}
