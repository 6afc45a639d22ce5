/** The Nomad scheduler, opened on a Nomad of its own, as the contract suite wants it: with `raw_exec`, or with containers. */
import { randomBytes } from "node:crypto";
import { chmod, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { silentLog } from "../../server/log.ts";
import type { Session } from "../../server/model/session.ts";
import { foldersVolume } from "../../server/scheduler/nomad/names.ts";
import { openNomadScheduler } from "../../server/scheduler/nomad/nomad-scheduler.ts";
import type { SchedulerHarness } from "../contract/harness.ts";
import { ownSecret } from "../contract/harness.ts";
import { markedProcesses } from "../contract/session-processes.ts";
import { installBusybox } from "./busybox.ts";
import { importBusybox, startDockerd } from "./docker.ts";
import { startNomad } from "./nomad.ts";

export const newInstallationId = (): string => randomBytes(6).toString("hex");

/** Beside no others: isolated sessions have what is around it. */
const modelFolder = async (cleanUp: AsyncDisposableStack): Promise<string> => {
  const folders = await mkdtemp(join(tmpdir(), "serai-folders-"));
  cleanUp.defer(() => rm(folders, { recursive: true, force: true }));
  await chmod(folders, 0o755);
  const folder = join(folders, "model");
  await mkdir(folder);
  // Isolated sessions are nobody's, and the suite may write there as well.
  await chmod(folder, 0o777);
  return folder;
};

/**
 * What a client is told so that isolated sessions have the folders. Of programs they have busybox: without a word Nomad copies all that the
 * machine has for each of them.
 */
export async function isolating(cleanUp: AsyncDisposableStack, installationId: string, folders: string): Promise<object> {
  const root = await mkdtemp(join(tmpdir(), "serai-root-"));
  cleanUp.defer(() => rm(root, { recursive: true, force: true }));
  await installBusybox(root);
  await mkdir(join(root, "usr/bin"), { recursive: true });
  await symlink("../../bin/busybox", join(root, "usr/bin/env"));
  return {
    chroot_env: { [root]: "/", "/etc/passwd": "/etc/passwd" },
    host_volume: { [foldersVolume(installationId)]: { path: folders } },
  };
}

type Kind = {
  readonly environment: Session["environment"];
  readonly serve: string;
  readonly linger: string;
  readonly target: string | null;
  readonly dockerHost: string | null;
};

async function open(cleanUp: AsyncDisposableStack, kind: Kind): Promise<SchedulerHarness> {
  // As if the agent had been started from an environment full of secrets: raw_exec hands on what the agent has.
  const environment = { [ownSecret.name]: ownSecret.value, NOMAD_TOKEN: "", DATABASE_URL: "postgres://secret" };
  const source = await modelFolder(cleanUp);
  const installationId = newInstallationId();
  const client = kind.environment.kind === "HOST" && kind.environment.isolated ? await isolating(cleanUp, installationId, dirname(source)) : {};
  const nomad = cleanUp.use(await startNomad({ dockerHost: kind.dockerHost, environment, client }));
  const scheduler = cleanUp.use(await openNomadScheduler({ address: nomad.address, installationId, log: silentLog }));
  const owned = cleanUp.move();
  return {
    scheduler,
    sessionDefaults: {
      environment: kind.environment,
      resourceGroup: { name: "default", nodePool: "default" },
      mounts: [{ source, target: kind.target ?? source, readOnly: false }],
      port: 8000,
    },
    serve: kind.serve,
    linger: kind.linger,
    processesOf: markedProcesses,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

export async function openHostHarness(): Promise<SchedulerHarness> {
  await using cleanUp = new AsyncDisposableStack();
  const serve = 'exec python3 -m http.server --directory "$SERAI_HOME/www" "$PORT"';
  return await open(cleanUp, { environment: { kind: "HOST" }, serve, linger: ":", target: null, dockerHost: null });
}

const busyboxServes = 'exec httpd -f -p "$PORT" -h "$SERAI_HOME/www"';

export async function openIsolatedHarness(): Promise<SchedulerHarness> {
  await using cleanUp = new AsyncDisposableStack();
  return await open(cleanUp, {
    environment: { kind: "HOST", isolated: true },
    serve: busyboxServes,
    linger: ":",
    target: null,
    dockerHost: null,
  });
}

export async function openContainerHarness(): Promise<SchedulerHarness> {
  await using cleanUp = new AsyncDisposableStack();
  const docker = cleanUp.use(await startDockerd());
  const image = await importBusybox(docker);
  return await open(cleanUp, {
    environment: { kind: "CONTAINER", image },
    serve: busyboxServes,
    linger: "sleep 2",
    target: "/models",
    dockerHost: docker.host,
  });
}
