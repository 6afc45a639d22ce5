/**
 * A Docker daemon for tests: the one of DOCKER_HOST or of the machine where it answers, otherwise a private one.
 *
 * A private one needs root and has everything of its own: data, socket, containerd and a bridge, so that test files can
 * each have one at the same time. It leaves the machine's iptables alone: published ports are then served by docker's
 * own proxy, which is all that tests on 127.0.0.1 need. overlay2 and cgroup v1 were seen to work on Debian 12 in a
 * virtual machine (docker.io 20.10); where overlay does not work, dockerd itself falls back to a slower driver.
 *
 * Images are imported, never pulled: `serai-test/busybox:1`, `serai-test/python:1` with python3, and `serai-test/servers:1`, which has
 * something in the place of every server of the catalogue.
 */
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { promisify } from "node:util";
import { Client } from "undici";
import { installBusybox } from "./busybox.ts";
import { onPath } from "./on-path.ts";
import { killEverythingOf, unmountEverythingUnder } from "./remains.ts";

const busyboxImage = "serai-test/busybox:1";
const serversImage = "serai-test/servers:1";
const pythonImage = "serai-test/python:1";

export type Docker = AsyncDisposable & {
  /** For DOCKER_HOST and Nomad's `endpoint`. */
  readonly host: string;
};

const execute = promisify(execFile);
const machineSocket = "/var/run/docker.sock";

/** The daemon that is there already, or null. */
const given = (): string | null => process.env["DOCKER_HOST"] ?? (existsSync(machineSocket) ? `unix://${machineSocket}` : null);

/** Whether `startDockerd` can work here; otherwise docker.io, iproute2 and root are what it takes. */
export function findDocker(): boolean {
  if (given() !== null) return true;
  return process.getuid?.() === 0 && onPath("dockerd") !== null && onPath("ip") !== null;
}

export async function startDockerd(): Promise<Docker> {
  const host = given();
  if (host !== null && (await answers(host))) return { host, [Symbol.asyncDispose]: async () => {} };
  return startPrivateDockerd();
}

async function startPrivateDockerd(): Promise<Docker> {
  const dockerd = onPath("dockerd");
  if (dockerd === null) throw new Error("There is no dockerd here: the package docker.io has one.");
  await using cleanUp = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), "serai-docker-"));
  cleanUp.defer(() => rm(directory, { recursive: true, force: true }));
  cleanUp.defer(() => unmountEverythingUnder(directory));
  cleanUp.defer(() => killEverythingOf(directory));
  const bridge = addBridge();
  cleanUp.defer(() => void ip("link", "delete", bridge));

  const host = `unix://${directory}/docker.sock`;
  const log = join(directory, "log");
  const places = ["--data-root", `${directory}/data`, "--exec-root", `${directory}/exec`, "--pidfile", `${directory}/pid`, "--host", host];
  const child = spawn(dockerd, [...places, "--bridge", bridge, "--iptables=false"], { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.pipe(createWriteStream(log));
  child.stderr.pipe(createWriteStream(log, { flags: "a" }));
  cleanUp.defer(() => end(child));
  const endWithUs = (): unknown => child.kill("SIGTERM");
  process.once("exit", endWithUs);
  child.once("exit", () => process.off("exit", endWithUs));
  const deadline = Date.now() + 60_000;
  while (!(await answers(host))) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`dockerd did not start: ${execFileSync("tail", ["-5", log]).toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const owned = cleanUp.move();
  return { host, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Ends it the ordinary way, which ends its containers; whatever is left is killed by the directory's name. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const impatience = setTimeout(() => child.kill("SIGKILL"), 20_000);
  await ended;
  clearTimeout(impatience);
}

const ip = (...words: readonly string[]): unknown => execFileSync(onPath("ip") ?? "ip", words, { stdio: "pipe" });

/** A bridge that nobody else has: creating it fails where the name is taken, so a name claims its addresses as well. */
function addBridge(): string {
  for (let attempt = 0; ; attempt += 1) {
    const number = Math.floor(Math.random() * 250) + 1;
    const name = `serai${number}`;
    try {
      ip("link", "add", "name", name, "type", "bridge");
      ip("address", "add", `10.213.${number}.1/24`, "dev", name);
      ip("link", "set", name, "up");
      return name;
    } catch (cause) {
      if (attempt > 20) throw cause;
    }
  }
}

type Sent = { readonly body?: Readable; readonly headers?: Readonly<Record<string, string>> };

/** The API of the daemon; `body` is streamed to it. */
async function dockerRequest(host: string, method: "GET" | "POST" | "DELETE", path: string, sent: Sent = {}): Promise<string> {
  const socketPath = host.replace(/^unix:\/\//, "");
  const client = socketPath === host ? new Client(host.replace(/^tcp:/, "http:")) : new Client("http://docker", { socketPath });
  try {
    const response = await client.request({ method, path, ...sent, headersTimeout: 120_000 });
    const text = await response.body.text();
    if (response.statusCode >= 400) throw new Error(`docker: ${method} ${path}: ${response.statusCode} ${text}`);
    return text;
  } finally {
    await client.destroy();
  }
}

const answers = (host: string): Promise<boolean> =>
  dockerRequest(host, "GET", "/_ping").then(
    () => true,
    () => false,
  );

async function importImage(host: string, image: string, tarball: () => Promise<Readable>, user = ""): Promise<void> {
  const known = await dockerRequest(host, "GET", `/images/${image}/json`).then(
    () => true,
    () => false,
  );
  if (known) return;
  const [repository = "", tag = ""] = image.split(":");
  const changes = user === "" ? "" : `&changes=${encodeURIComponent(`USER ${user}`)}`;
  const path = `/images/create?fromSrc=-&repo=${encodeURIComponent(repository)}&tag=${tag}${changes}`;
  const answer = await dockerRequest(host, "POST", path, { body: await tarball() });
  if (answer.includes('"error"')) throw new Error(`docker import: ${answer}`);
}

/** A shell, httpd, nc and whatever else busybox is, in 2 MB. @param user whom its programs run as; empty: root. */
export async function importBusybox({ host }: Docker, user = ""): Promise<string> {
  const image = user === "" ? busyboxImage : `${busyboxImage}-as-${user}`;
  await importWithBusybox(host, image, async () => {}, user);
  return image;
}

/**
 * Stands in for the images of the catalogue: where each of them has its server's program, one that passes every health check, serves on
 * the port that it is told and tells at `/called` how it was called.
 */
export async function importServers({ host }: Docker, programs: readonly string[]): Promise<string> {
  await importWithBusybox(host, serversImage, async (root) => {
    for (const program of programs) {
      await mkdir(dirname(join(root, program)), { recursive: true });
      await writeFile(join(root, program), anyServer, { mode: 0o755 });
    }
  });
  return serversImage;
}

const anyServer = `#!/bin/sh
mkdir -p /tmp/www/v1/health /tmp/www/v2/health
for page in health v1/health/ready v2/health/ready; do [ -d /tmp/www/$page ] || echo ready > /tmp/www/$page; done
echo "$0 $*" > /tmp/www/called
port=$NIM_SERVER_PORT
env | grep ^NIM_ | sort >> /tmp/www/called
while [ $# -gt 0 ]; do
  case $1 in --port|--http-port) port=$2 ;; esac
  shift
done
exec httpd -f -p "$port" -h /tmp/www
`;

async function importWithBusybox(host: string, image: string, add: (root: string) => Promise<void>, user = ""): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), "serai-busybox-"));
  try {
    await installBusybox(root);
    await add(root);
    await importImage(host, image, async () => spawn("tar", ["-C", root, "-c", "."], { stdio: ["ignore", "pipe", "inherit"] }).stdout, user);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** Debian with python3. The first time on a machine it downloads packages, for about a minute. */
export async function importPython({ host }: Docker): Promise<string> {
  const { stdout } = await execute("sh", [join(import.meta.dirname, "python-image.sh")], { timeout: 600_000 });
  await importImage(host, pythonImage, async () => createReadStream(stdout.trim()));
  return pythonImage;
}

type Credentials = { readonly username: string; readonly password: string };

/** Puts an image of the daemon into a registry, under a name that begins with its host, and leaves the daemon without that name. */
export async function pushImage({ host }: Docker, image: string, name: string, credentials: Credentials): Promise<void> {
  // The alphabet of URLs, but with the padding that Node's own `base64url` leaves out.
  const headers = { "x-registry-auth": Buffer.from(JSON.stringify(credentials)).toString("base64").replaceAll("+", "-").replaceAll("/", "_") };
  const repository = name.slice(0, name.lastIndexOf(":"));
  const tag = name.slice(repository.length + 1);
  await dockerRequest(host, "POST", `/images/${image}/tag?repo=${encodeURIComponent(repository)}&tag=${tag}`);
  const answer = await dockerRequest(host, "POST", `/images/${repository}/push?tag=${tag}`, { headers });
  if (answer.includes('"error"')) throw new Error(`docker push: ${answer}`);
  await removeImage({ host }, name);
}

/** From the daemon; nothing happens where it has none. */
export async function removeImage({ host }: Pick<Docker, "host">, name: string): Promise<void> {
  await dockerRequest(host, "DELETE", `/images/${name}?force=true`).catch((thrown: Error) => {
    if (!thrown.message.includes(": 404 ")) throw thrown;
  });
}
