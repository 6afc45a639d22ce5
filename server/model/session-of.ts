/** The session that runs a route of a revision: pure, so that the same revision and route always give the same session. */
import { MiBPerGiB } from "./units.ts";
import type { ResourceGroupId, RouteId, ServiceId, SessionId } from "./ids.ts";
import { servedModel, type ModelDefinition } from "./model-definition.ts";
import type { Resources } from "./service-spec.ts";
import type { Session, SessionEnvironment } from "./session.ts";
import { startScript } from "./start-script.ts";

export type RunnableRevision = {
  readonly definition: ModelDefinition;
  readonly environment: SessionEnvironment;
  readonly resourceGroup: { readonly id: ResourceGroupId; readonly name: string; readonly nodePool: string };
  readonly resources: Resources;
  /** Absolute path of the model folder, the same on every machine that runs sessions. */
  readonly folderPath: string;
};

export function sessionOf(
  service: { readonly id: ServiceId; readonly name: string },
  revision: RunnableRevision,
  route: { readonly id: RouteId; readonly sessionId: SessionId },
  avoid: readonly string[],
): Session {
  const model = servedModel(revision.definition);
  return {
    id: route.sessionId,
    routeId: route.id,
    serviceId: service.id,
    serviceName: service.name,
    environment: revision.environment,
    resourceGroup: { name: revision.resourceGroup.name, nodePool: revision.resourceGroup.nodePool },
    resources: {
      cpuMillicores: Math.round(revision.resources.cpu * 1000),
      memoryMiB: Math.round(revision.resources.memoryGiB * MiBPerGiB),
      sharedMemoryMiB: Math.round(revision.resources.sharedMemoryGiB * MiBPerGiB),
    },
    script: startScript(model, revision.environment.kind === "HOST" ? [] : null),
    variables: { MODEL_NAME: model.name },
    port: model.service.port,
    mounts: [{ source: revision.folderPath, target: model.model_path, readOnly: false }],
    avoid,
  };
}
