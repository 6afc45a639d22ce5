/** Serves one of examples/ as a public service of the first project, through the same functions that users' wishes take. */
import type { Folders } from "./folders/folders.ts";
import type { EnvironmentId, ResourceGroupId } from "./model/ids.ts";
import type { Outcome } from "./model/problem.ts";
import { defaultResources, terminationGraceDefaultSeconds } from "./model/service-spec.ts";
import { createService } from "./store/create-service.ts";
import type { Database } from "./store/database.ts";
import type { EndpointRule } from "./store/endpoint.ts";
import { createFolder } from "./store/folders.ts";
import { findFirstUser } from "./store/installation.ts";

export type ExamplePlace = {
  readonly database: Database;
  readonly folders: Folders;
  readonly endpoint: EndpointRule;
  readonly environmentId: EnvironmentId;
  readonly resourceGroupId: ResourceGroupId;
};

export async function serveExample(place: ExamplePlace, name: string, definition: string): Promise<void> {
  const { database, folders } = place;
  const { userId, projectId } = await findFirstUser(database);
  const folder = expected(await createFolder(database, { projectId, createdBy: userId, name, usage: "MODEL" }));
  await folders.create(folder.id);
  expected(await folders.writeFile(folder.id, { path: "model-definition.yml", content: definition, ifMatch: null }));
  const wish = {
    projectId,
    createdBy: userId,
    name,
    folderId: folder.id,
    environmentId: place.environmentId,
    image: null,
    resourceGroupId: place.resourceGroupId,
    openToPublic: true,
    desiredRouteCount: 1,
    terminationGraceSeconds: terminationGraceDefaultSeconds,
    resources: defaultResources,
    clusterMode: "SINGLE_NODE" as const,
    clusterSize: 1,
    mounts: [],
    modelReadOnly: false,
    variables: [],
  };
  expected(await createService(database, wish, place.endpoint, await folders.readDefinition(folder.id)));
}

function expected<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw new Error(`the example cannot be served: ${outcome.refusal.message}`);
}
