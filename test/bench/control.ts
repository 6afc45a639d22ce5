/**
 * Control at scale: 1,000 services of three routes each, on a real database, with a scheduler that runs nothing (pretend-scheduler.ts):
 * so what is measured is Serai alone. Twice, in processes of their own: with probes every hour, and every ten seconds.
 */
import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { createService } from "../../server/store/create-service.ts";
import { openDatabase, type Database } from "../../server/store/database.ts";
import { ensureEnvironment } from "../../server/store/environments.ts";
import { createFolder } from "../../server/store/folders.ts";
import { ensureInstallation, findFirstUser } from "../../server/store/installation.ts";
import { ensureResourceGroup } from "../../server/store/resource-groups.ts";
import { defaultResources } from "../../server/model/service-spec.ts";
import { migrate } from "../../server/store/database.ts";
import { openBenchDatabase } from "./bench-database.ts";
import type { Part } from "./part.ts";

const services = 1000;
const routesEach = 3;
const quietMs = 30_000;

type Told = {
  readonly startMs: number;
  readonly startCpuMs: number;
  readonly perRoute: number;
  readonly cores: number;
  readonly rssMiB: number;
  readonly corrections: number;
};

const definition = (intervalSeconds: number): string => `
models:
  - name: bench
    model_path: /models
    service:
      start_command: [serve]
      port: 8000
      health_check: { path: /, interval: ${intervalSeconds} }
`;

export const control: Part = {
  name: "control",
  missing: () => null,
  async measure(opened) {
    const quiet = await measureWith(opened, 3600);
    const probed = await measureWith(opened, 10);
    const routes = services * routesEach;
    const percent = (cores: number): string => `${(100 * cores).toFixed(1)}% of a core`;
    return [
      {
        name: `${services} services of ${routesEach} routes, from nothing to all HEALTHY`,
        figure: `${(quiet.startMs / 1000).toFixed(1)} s`,
        aim: "",
      },
      { name: "the same, CPU of control for each route", figure: `${(quiet.startCpuMs / routes).toFixed(1)} ms`, aim: "" },
      { name: "the same, transactions for each route", figure: quiet.perRoute.toFixed(1), aim: "" },
      { name: `${routes} quiet routes`, figure: percent(quiet.cores), aim: "under 10%" },
      { name: `${routes} routes, each probed every 10 s`, figure: percent(probed.cores), aim: "under 35%" },
      { name: "memory of control (RSS)", figure: `${probed.rssMiB.toFixed(0)} MiB`, aim: "" },
      { name: "corrections by the timer", figure: String(quiet.corrections + probed.corrections), aim: "0" },
    ];
  },
};

async function measureWith(opened: AsyncDisposableStack, intervalSeconds: number): Promise<Told> {
  const databaseUrl = await openBenchDatabase(opened);
  const database = opened.use(openDatabase(databaseUrl));
  await migrate(databaseUrl);
  await fill(database, definition(intervalSeconds));
  const answering = spawn(process.execPath, [fileURLToPath(new URL("answering-child.ts", import.meta.url))], {
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  opened.defer(() => ended(answering));
  const { stdout } = answering;
  if (stdout === null) throw new Error("the answering process says nothing");
  const [port] = (await once(stdout, "data")) as [Buffer];
  const child = fork(fileURLToPath(new URL("control-child.ts", import.meta.url)), [
    databaseUrl,
    String(port).trim(),
    String(services * routesEach),
    String(quietMs),
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

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await once(child, "exit");
}

async function fill(database: Database, text: string): Promise<void> {
  await ensureInstallation(database, { token: "a-token-for-benches", chosen: true });
  const { projectId, userId } = await findFirstUser(database);
  const group = await ensureResourceGroup(database, { name: "default", nodePool: "default" });
  if (group === null) throw new Error("there is no resource group");
  const environment = await ensureEnvironment(database, { name: "Host", kind: "HOST" });
  const folder = await createFolder(database, { projectId, createdBy: userId, name: "models", usage: "MODEL" });
  if (!folder.ok) throw new Error(folder.refusal.message);
  const file = { text, hash: createHash("sha256").update(text).digest("hex"), name: "model-definition.yml", warnings: [] };
  const rule = { urlTemplate: "http://localhost:{port}", ports: { from: 10_000, to: 30_000 } };
  const places = { folderId: folder.value.id, environmentId: environment.id, resourceGroupId: group.id };
  const rest = { openToPublic: true, terminationGraceSeconds: 30, resources: defaultResources, mounts: [], modelReadOnly: false, variables: [] };
  for (let count = 0; count < services; count++) {
    const wish = { projectId, createdBy: userId, name: `service-${count}`, desiredRouteCount: routesEach, ...places, ...rest };
    const made = await createService(database, wish, rule, file);
    if (!made.ok) throw new Error(made.refusal.message);
  }
}
