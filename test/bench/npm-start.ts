/**
 * Serai as a user starts it: `npm start` in this checkout, with a data directory and ports of its own. Other than
 * test/support/serai.ts, what is measured here includes npm, bin/prepare.mjs and the flags in package.json.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { claimPortRange } from "../support/ports.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

export type Started = {
  readonly url: string;
  readonly adminToken: string;
  /** Where the example answers; empty without one. */
  readonly example: string;
  readonly serverPid: number;
} & AsyncDisposable;

export type Place = { readonly dataDirectory: string; readonly env: Readonly<Record<string, string>> };

/** Removed, and its ports given back, with `opened`. */
export async function openPlace(opened: AsyncDisposableStack, env: Readonly<Record<string, string>> = {}): Promise<Place> {
  const dataDirectory = await mkdtemp(join(tmpdir(), "serai-bench-"));
  opened.defer(() => rm(dataDirectory, { recursive: true, force: true, maxRetries: 5 }));
  const ports = opened.use(await claimPortRange());
  return {
    dataDirectory,
    env: { SERAI_PORT: "0", SERAI_GATEWAY_PORT: "0", SERAI_ENDPOINT_PORTS: `${ports.first}-${ports.last}`, SERAI_LOG_LEVEL: "warn", ...env },
  };
}

/** As after an installation: nothing has been compiled yet. */
export async function forgetCompiled(): Promise<void> {
  await rm(join(root, "node_modules", ".cache", "node"), { recursive: true, force: true });
}

/** Resolves when it says that it is up. Disposing, also twice, ends it in order. */
export async function npmStart(opened: AsyncDisposableStack, { dataDirectory, env }: Place): Promise<Started> {
  const { PATH, HOME } = process.env;
  // Its own process group, because Ctrl-C must reach the server once, from here.
  const npm = spawn("npm", ["start"], {
    cwd: root,
    detached: true,
    env: { PATH, HOME, SERAI_DATA_DIR: dataDirectory, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = once(npm, "exit");
  const end = (): Promise<void> => endInOrder(npm, exited);
  opened.defer(end);

  let said = "";
  const up = Promise.withResolvers<void>();
  for (const stream of [npm.stdout, npm.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (/^ {2}Data {5}.*\n/m.test(said)) up.resolve();
    });
  }
  void exited.then(() => up.reject(new Error(`npm start ended before Serai was up:\n${said}`)));
  await up.promise;
  return {
    url: /Console {2}([^\s#]+)/.exec(said)?.[1] ?? "",
    adminToken: /#token=(\S+)/.exec(said)?.[1] ?? "",
    example: /Example {2}(\S+)/.exec(said)?.[1] ?? "",
    serverPid: await serverBelow(npm.pid ?? 0),
    [Symbol.asyncDispose]: end,
  };
}

/** npm would pass a signal on to the shell beside the server, which takes two for impatience: the server alone gets one. */
async function endInOrder(npm: ChildProcess, exited: Promise<unknown>): Promise<void> {
  if (npm.pid === undefined || npm.exitCode !== null || npm.signalCode !== null) return;
  const server = await serverBelow(npm.pid).catch(() => null);
  if (server === null) npm.kill("SIGTERM");
  else process.kill(server, "SIGTERM");
  const patience = setTimeout(() => {
    console.log("Serai did not end within 20 s of SIGTERM and is killed.");
    if (server === null) npm.kill("SIGKILL");
    else process.kill(server, "SIGKILL");
  }, 20_000);
  await exited;
  clearTimeout(patience);
}

async function serverBelow(pid: number): Promise<number> {
  const found = await findServer(pid);
  if (found === null) throw new Error(`No server was found below process ${pid}.`);
  return found;
}

async function findServer(pid: number): Promise<number | null> {
  const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  if (/\/node\0.*server\/main\.ts\0/s.test(command)) return pid;
  for (const thread of await readdir(`/proc/${pid}/task`).catch(() => [])) {
    const children = await readFile(`/proc/${pid}/task/${thread}/children`, "utf8").catch(() => "");
    for (const child of children.split(" ").filter(Boolean)) {
      const found = await findServer(Number(child));
      if (found !== null) return found;
    }
  }
  return null;
}
