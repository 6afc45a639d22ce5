/** A service under control, on a real database and the real local scheduler (or another one), without an API in front. */
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
import type { Capacity } from "../../server/scheduler/local/capacity.ts";
import { openLocalScheduler } from "../../server/scheduler/local/local-scheduler.ts";
import type { Scheduler } from "../../server/scheduler/scheduler.ts";
import { openChanges } from "../../server/store/changes.ts";
import { createService, type NewService } from "../../server/store/create-service.ts";
import type { Database } from "../../server/store/database.ts";
import { ensureEnvironment } from "../../server/store/environments.ts";
import { createFolder } from "../../server/store/folders.ts";
import { ensureInstallation, findFirstUser } from "../../server/store/installation.ts";
import { ensureResourceGroup } from "../../server/store/resource-groups.ts";
import type { RevisionWish } from "../../server/store/revision-wish.ts";
import { testDatabase } from "../support/database.ts";

export type ControlWorld = {
  readonly database: Database;
  readonly folders: Folders;
  readonly scheduler: Scheduler;
  readonly who: Awaited<ReturnType<typeof findFirstUser>>;
  /** What a service of a new folder with this definition would be made of. */
  wish(definition: string): Promise<RevisionWish>;
  create(definition: string, desiredRouteCount?: number, more?: Partial<NewService>): Promise<{ id: ServiceId; folderId: FolderId }>;
  status(id: ServiceId): Promise<string>;
  reason(id: ServiceId): Promise<string>;
  /** Beside the one that is there from the beginning. */
  openAnotherControl(): Promise<Control>;
  /** Another control in place of the one there is, as after a restart of Serai on a cluster: the sessions go on. */
  restartControl(meanwhile?: () => Promise<void>): Promise<void>;
} & AsyncDisposable;

export type ControlWorldOptions = Pick<ControlOptions, "orphans"> & {
  /** Of the local scheduler's machine. */
  readonly capacity?: Capacity;
  readonly openScheduler?: (directory: string, capacity: Capacity) => Promise<Scheduler>;
};

const localScheduler = (directory: string, capacity: Capacity): Promise<Scheduler> => openLocalScheduler({ directory, log: silentLog, capacity });

export async function openControlWorld(
  decryptVariable: DecryptVariable = async () => null,
  { capacity = { cpuMillicores: 4000, memoryMiB: 2048, devices: [] }, openScheduler = localScheduler, ...ofControl }: ControlWorldOptions = {},
): Promise<ControlWorld> {
  await using opened = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), "serai-control-"));
  opened.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
  const database = opened.use(await testDatabase());
  await ensureInstallation(database, { token: "a-token-for-tests", chosen: true });
  const who = await findFirstUser(database);
  const found = (await ensureResourceGroup(database, { name: "default", nodePool: "default" }))?.id;
  if (found === undefined) throw new Error("there is no resource group");
  const resourceGroupId = found;
  const environment = await ensureEnvironment(database, { name: "Host", kind: "HOST" });
  const folders = openFolders({ directory: join(directory, "folders") });
  const changes = opened.use(await openChanges(database, silentLog));
  const scheduler = opened.use(await openScheduler(join(directory, "sessions"), capacity));
  const folderPath = folders.pathOf;
  const controlOptions = () => ({ database, changes, scheduler, folderPath, decryptVariable, holder: randomUUID(), log: silentLog, ...ofControl });
  let control = await openControl(controlOptions());
  opened.defer(() => control[Symbol.asyncDispose]());
  const lifetime = opened.move();
  const read = async (id: ServiceId) => {
    const [row] = await database.sql<{ status: string; status_reason: string }[]>`select status, status_reason from services where id = ${id}`;
    return row ?? { status: "", status_reason: "" };
  };
  let made = 0;
  async function wishOf(name: string, definition: string): Promise<RevisionWish> {
    const folder = await createFolder(database, { projectId: who.projectId, createdBy: who.userId, name, usage: "MODEL" });
    if (!folder.ok) throw new Error(folder.refusal.message);
    await folders.create(folder.value.id);
    await folders.writeFile(folder.value.id, { path: "model-definition.yml", content: definition, ifMatch: null });
    return {
      folderId: folder.value.id,
      environmentId: environment.id,
      resourceGroupId,
      resources: defaultResources,
      mounts: [],
      modelReadOnly: false,
      variables: [],
    };
  }
  return {
    database,
    folders,
    scheduler,
    who,
    wish: (definition) => wishOf(`folder-${++made}`, definition),
    async create(definition, desiredRouteCount = 1, more = {}) {
      const name = `service-${++made}`;
      const wish = await wishOf(name, definition);
      const service = await createService(
        database,
        {
          projectId: who.projectId,
          createdBy: who.userId,
          name,
          openToPublic: true,
          desiredRouteCount,
          terminationGraceSeconds: 30,
          ...wish,
          ...more,
        },
        { urlTemplate: "http://localhost:{port}", ports: { from: 10_000, to: 10_100 } },
        await folders.readDefinition(wish.folderId),
      );
      if (!service.ok) throw new Error(service.refusal.message);
      return { id: service.value.id, folderId: wish.folderId };
    },
    status: async (id) => (await read(id)).status,
    openAnotherControl: async () => lifetime.use(await openControl(controlOptions())),
    reason: async (id) => (await read(id)).status_reason,
    async restartControl(meanwhile = async () => {}) {
      await control[Symbol.asyncDispose]();
      await meanwhile();
      control = await openControl(controlOptions());
    },
    [Symbol.asyncDispose]: () => lifetime.disposeAsync(),
  };
}
