/** A service under control, on a real database and the real local scheduler, without an API in front. */
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openControl, type Control, type ControlOptions } from "../../server/control/loop.ts";
import type { DecryptVariable } from "../../server/control/read-variables.ts";
import { openFolders, type Folders } from "../../server/folders/folders.ts";
import { silentLog } from "../../server/log.ts";
import type { FolderId, ServiceId } from "../../server/model/ids.ts";
import { defaultResources } from "../../server/model/service-spec.ts";
import { openLocalScheduler } from "../../server/scheduler/local/local-scheduler.ts";
import type { Scheduler } from "../../server/scheduler/scheduler.ts";
import { openChanges } from "../../server/store/changes.ts";
import { createService, type NewService } from "../../server/store/create-service.ts";
import type { Database } from "../../server/store/database.ts";
import { ensureEnvironment } from "../../server/store/environments.ts";
import { createFolder } from "../../server/store/folders.ts";
import { ensureInstallation, findFirstUser } from "../../server/store/installation.ts";
import { ensureResourceGroup } from "../../server/store/resource-groups.ts";
import { testDatabase } from "../support/database.ts";

export type ControlWorld = {
  readonly database: Database;
  readonly folders: Folders;
  readonly scheduler: Scheduler;
  readonly who: Awaited<ReturnType<typeof findFirstUser>>;
  create(definition: string, desiredRouteCount?: number, more?: Partial<NewService>): Promise<{ id: ServiceId; folderId: FolderId }>;
  status(id: ServiceId): Promise<string>;
  reason(id: ServiceId): Promise<string>;
  /** Beside the one that is there from the beginning. */
  openAnotherControl(): Promise<Control>;
} & AsyncDisposable;

export async function openControlWorld(
  decryptVariable: DecryptVariable = async () => null,
  special: Pick<ControlOptions, "orphans"> = {},
): Promise<ControlWorld> {
  await using opened = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), "serai-control-"));
  opened.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
  const database = opened.use(await testDatabase());
  await ensureInstallation(database, { token: "a-token-for-tests", chosen: true });
  const who = await findFirstUser(database);
  const group = await ensureResourceGroup(database, { name: "default", nodePool: "default" });
  const environment = await ensureEnvironment(database, { name: "Host", kind: "HOST" });
  const folders = openFolders({ directory: join(directory, "folders") });
  const changes = opened.use(await openChanges(database, silentLog));
  const scheduler = opened.use(
    await openLocalScheduler({ directory: join(directory, "sessions"), log: silentLog, capacity: { cpuMillicores: 4000, memoryMiB: 2048 } }),
  );
  const folderPath = folders.pathOf;
  const controlOptions = () => ({ database, changes, scheduler, folderPath, decryptVariable, holder: randomUUID(), log: silentLog, ...special });
  opened.use(await openControl(controlOptions()));
  const lifetime = opened.move();
  const read = async (id: ServiceId) => {
    const [row] = await database.sql<{ status: string; status_reason: string }[]>`select status, status_reason from services where id = ${id}`;
    return row ?? { status: "", status_reason: "" };
  };
  let made = 0;
  return {
    database,
    folders,
    scheduler,
    who,
    async create(definition, desiredRouteCount = 1, more = {}) {
      const name = `service-${++made}`;
      const folder = await createFolder(database, { projectId: who.projectId, createdBy: who.userId, name, usage: "MODEL" });
      if (!folder.ok) throw new Error(folder.refusal.message);
      await folders.create(folder.value.id);
      await folders.writeFile(folder.value.id, { path: "model-definition.yml", content: definition, ifMatch: null });
      const service = await createService(
        database,
        {
          projectId: who.projectId,
          createdBy: who.userId,
          name,
          folderId: folder.value.id,
          environmentId: environment.id,
          resourceGroupId: group.id,
          openToPublic: true,
          desiredRouteCount,
          terminationGraceSeconds: 30,
          resources: defaultResources,
          mounts: [],
          modelReadOnly: false,
          variables: [],
          ...more,
        },
        { urlTemplate: "http://localhost:{port}", ports: { from: 10_000, to: 10_100 } },
        await folders.readDefinition(folder.value.id),
      );
      if (!service.ok) throw new Error(service.refusal.message);
      return { id: service.value.id, folderId: folder.value.id };
    },
    status: async (id) => (await read(id)).status,
    openAnotherControl: async () => lifetime.use(await openControl(controlOptions())),
    reason: async (id) => (await read(id)).status_reason,
    [Symbol.asyncDispose]: () => lifetime.disposeAsync(),
  };
}
