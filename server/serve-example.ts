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

export async function serveExample(place: ExamplePlace, name: string, files: ExampleFiles): Promise<void> {
  const { database, folders } = place;
  const { userId, projectId } = await findFirstUser(database);
  const folder = expected(await createFolder(database, { projectId, createdBy: userId, name, usage: "MODEL" }));
  await folders.create(folder.id);
  for (const [path, content] of files) expected(await folders.writeFile(folder.id, { path, content, ifMatch: null }));
  const wish = {
    projectId,
    createdBy: userId,
    name,
    folderId: folder.id,
    environmentId: place.environmentId,
    resourceGroupId: place.resourceGroupId,
    openToPublic: true,
    desiredRouteCount: 1,
    terminationGraceSeconds: terminationGraceDefaultSeconds,
    resources: defaultResources,
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
