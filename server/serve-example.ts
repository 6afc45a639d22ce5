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

/** What lies in a directory of examples/: names with contents. */
export type ExampleFiles = ReadonlyMap<string, string>;

export async function serveExample(place: ExamplePlace, name: string, files: ExampleFiles): Promise<Outcome<unknown>> {
  const { database, folders } = place;
  const { userId, projectId } = await findFirstUser(database);
  const folder = await createFolder(database, { projectId, createdBy: userId, name, usage: "MODEL" });
  if (!folder.ok) return folder;
  const folderId = folder.value.id;
  await folders.create(folderId);
  for (const [path, content] of files) {
    const written = await folders.writeFile(folderId, { path, content, ifMatch: null });
    if (!written.ok) return written;
  }
  const wish = {
    projectId,
    createdBy: userId,
    name,
    folderId,
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
  return createService(database, wish, place.endpoint, await folders.readDefinition(folderId));
}
