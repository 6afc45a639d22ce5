/** Many services on a database of the bench's own, and the one server that answers for all their routes. */
import { type ChildProcess, fork, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { hostSeed } from "../../server/model/environment-seeds.ts";
import { defaultResources } from "../../server/model/service-spec.ts";
import { createService } from "../../server/store/create-service.ts";
import { type Database, migrate, openDatabase } from "../../server/store/database.ts";
import { ensureEnvironments } from "../../server/store/environments.ts";
import { createFolder } from "../../server/store/folders.ts";
import { ensureInstallation, findFirstUser } from "../../server/store/installation.ts";
import { ensureResourceGroup } from "../../server/store/resource-groups.ts";
import { openBenchDatabase } from "./bench-database.ts";

export type Scale = { readonly services: number; readonly routesEach: number; readonly intervalSeconds: number };

/** What control-child.ts tells. */
export type Told = {
  readonly startMs: number;
  readonly startCpuMs: number;
  readonly perRoute: number;
  readonly cores: number;
  readonly rssMiB: number;
  readonly corrections: number;
};

export const definitionWith = (intervalSeconds: number): string => `
models:
  - name: bench
    model_path: /models
    service:
      start_command: [serve]
      port: 8000
      health_check: { path: /, interval: ${intervalSeconds} }
`;

/**
 * Has control bring so many services from nothing to HEALTHY, and be quiet for a while.
 *
 * @param nomadAddress of one whose tasks are pretended; null: a scheduler that runs nothing at all.
 */
export async function measureControl(opened: AsyncDisposableStack, scale: Scale, quietMs: number, nomadAddress: string | null): Promise<Told> {
  const databaseUrl = await openBenchDatabase(opened);
  const database = opened.use(openDatabase(databaseUrl));
  await migrate(databaseUrl);
  await fill(database, scale);
  const port = await openAnswering(opened);
  const child = fork(fileURLToPath(new URL("control-child.ts", import.meta.url)), [
    databaseUrl,
    port,
    String(scale.services * scale.routesEach),
    String(quietMs),
    ...(nomadAddress === null ? [] : [nomadAddress]),
  ]);
  opened.defer(() => ended(child));
  const [told] = (await Promise.race([
    once(child, "message"),
    once(child, "exit").then(([code]) => {
      throw new Error(`it ended with ${code}`);
    }),
  ])) as [Told];
  await once(child, "exit");
  return told;
}

async function openAnswering(opened: AsyncDisposableStack): Promise<string> {
  const answering = spawn(process.execPath, [fileURLToPath(new URL("answering-child.ts", import.meta.url))], {
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  opened.defer(() => ended(answering));
  const { stdout } = answering;
  if (stdout === null) throw new Error("the answering process says nothing");
  const [port] = (await once(stdout, "data")) as [Buffer];
  return String(port).trim();
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await once(child, "exit");
}

async function fill(database: Database, { services, routesEach, intervalSeconds }: Scale): Promise<void> {
  await ensureInstallation(database, { token: "a-token-for-benches", chosen: true });
  const { projectId, userId } = await findFirstUser(database);
  const group = await ensureResourceGroup(database, { name: "default", nodePool: "default" });
  if (group === null) throw new Error("there is no resource group");
  const [environment] = await ensureEnvironments(database, [hostSeed]);
  if (environment === undefined) throw new Error("there is no environment");
  const folder = await createFolder(database, { projectId, createdBy: userId, name: "models", usage: "MODEL" });
  if (!folder.ok) throw new Error(folder.refusal.message);
  const text = definitionWith(intervalSeconds);
  const file = { text, hash: createHash("sha256").update(text).digest("hex"), name: "model-definition.yml", warnings: [] };
  const rule = { urlTemplate: "http://localhost:{port}", ports: { from: 10_000, to: 30_000 } };
  const places = { folderId: folder.value.id, environmentId: environment.id, image: null, resourceGroupId: group.id };
  const rest = {
    openToPublic: true,
    terminationGraceSeconds: 30,
    resources: defaultResources,
    clusterMode: "SINGLE_NODE" as const,
    clusterSize: 1,
    mounts: [],
    modelReadOnly: false,
    variables: [],
  };
  for (let count = 0; count < services; count++) {
    const wish = { projectId, createdBy: userId, name: `service-${count}`, desiredRouteCount: routesEach, ...places, ...rest };
    const made = await createService(database, wish, rule, file);
    if (!made.ok) throw new Error(made.refusal.message);
  }
}
