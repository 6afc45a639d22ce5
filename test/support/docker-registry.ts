/**
 * A registry of container images for tests: Debian's docker-registry on a free port of 127.0.0.1, where Docker wants no TLS. It lets
 * nobody in without the one name and password.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { request } from "undici";
import { freePorts } from "./ports.ts";

const program = "/usr/bin/docker-registry";
export const hasDockerRegistry = (): boolean => existsSync(program);

export type DockerRegistry = AsyncDisposable & { readonly host: string };

export async function startDockerRegistry({ username, password }: { readonly username: string; readonly password: string }): Promise<DockerRegistry> {
  await using cleanUp = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), "serai-registry-"));
  cleanUp.defer(() => rm(directory, { recursive: true, force: true }));
  const [port = 0] = await freePorts(1);
  const host = `127.0.0.1:${port}`;
  const hash = execFileSync("perl", ["-e", "print crypt($ARGV[0], $ARGV[1])", password, "$2y$04$abcdefghijklmnopqrstuu"]).toString();
  await writeFile(join(directory, "users"), `${username}:${hash}\n`);
  const config = {
    version: 0.1,
    log: { level: "error" },
    storage: { filesystem: { rootdirectory: join(directory, "images") } },
    http: { addr: host },
    auth: { htpasswd: { realm: "tests", path: join(directory, "users") } },
  };
  // JSON is YAML.
  await writeFile(join(directory, "config.yml"), JSON.stringify(config));
  const child = spawn(program, ["serve", join(directory, "config.yml")], { stdio: "ignore" });
  cleanUp.defer(async () => {
    if (child.exitCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  });
  const deadline = Date.now() + 20_000;
  while (!(await answers(host))) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error("docker-registry did not start");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const owned = cleanUp.move();
  return { host, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const answers = (host: string): Promise<boolean> =>
  request(`http://${host}/v2/`).then(
    async ({ statusCode, body }) => {
      await body.dump();
      return statusCode === 401;
    },
    () => false,
  );
