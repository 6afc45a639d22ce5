/** The local scheduler on a machine of made-up size, so that the suite says the same on every machine. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../../server/log.ts";
import { openLocalScheduler } from "../../server/scheduler/local/local-scheduler.ts";
import type { SchedulerHarness } from "./harness.ts";
import { markedProcesses } from "./session-processes.ts";

export const serveOnHost = 'exec python3 -m http.server "$PORT" --bind 127.0.0.1 --directory "$SERAI_HOME/www"';

/** What every session on this machine has in common, with a model folder inside `directory`. */
export async function hostSessionDefaults(directory: string): Promise<SchedulerHarness["sessionDefaults"]> {
  const folder = join(directory, "model");
  await mkdir(folder, { recursive: true });
  return {
    environment: { kind: "HOST" },
    resourceGroup: { name: "default", nodePool: "default" },
    mounts: [{ source: folder, target: "/models", readOnly: false }],
    port: 8000,
  };
}

export async function openLocalHarness(): Promise<SchedulerHarness> {
  const directory = await mkdtemp(join(tmpdir(), "serai-local-"));
  const capacity = { cpuMillicores: 4000, memoryMiB: 4096, devices: [] };
  const scheduler = await openLocalScheduler({ directory: join(directory, "sessions"), log: silentLog, capacity });
  return {
    scheduler,
    sessionDefaults: await hostSessionDefaults(directory),
    serve: serveOnHost,
    linger: ":",
    processesOf: markedProcesses,
    async [Symbol.asyncDispose]() {
      await scheduler[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
