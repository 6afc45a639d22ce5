/** One process of Nomad, that a test can end and start again. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

export type NomadAgent = {
  readonly name: string;
  /** Ends the agent at once, as a crash would; what it started runs on. */
  kill(): Promise<void>;
  /**
   * Starts it again with the same data and ports.
   *
   * @param hidden a directory in whose place it sees an empty one, as on a machine without the shared file system; needs root.
   */
  start(hidden?: string | null): Promise<void>;
};

type AgentOptions = {
  readonly binary: string;
  readonly directory: string;
  readonly name: string;
  readonly port: number;
  readonly config: object;
  readonly environment: Readonly<Record<string, string>>;
  /** Of its API, where it does not answer everybody over plain HTTP. */
  readonly get?: (path: string) => Promise<unknown>;
};

export async function agentOf(options: AgentOptions, cleanUp: AsyncDisposableStack): Promise<NomadAgent> {
  const file = join(options.directory, `${options.name}.json`);
  await writeFile(file, JSON.stringify(options.config));
  let running: ChildProcess | null = null;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const child = running;
    running = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  };
  cleanUp.defer(() => end("SIGKILL"));
  return {
    name: options.name,
    kill: () => end("SIGKILL"),
    async start(hidden = null) {
      // Of an agent that is killed, the sockets of its plugins stay.
      const environment = { PATH: process.env["PATH"], HOME: options.directory, TMPDIR: options.directory, ...options.environment };
      const hide = hidden === null ? [] : ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs none "$0" && exec "$@"', hidden];
      const [command, ...words] = [...hide, options.binary, "agent", "-config", file];
      const child = spawn(command, words, { env: environment, stdio: ["ignore", "pipe", "pipe"] });
      const log = createWriteStream(join(options.directory, `${options.name}.log`), { flags: "a" });
      child.stdout.pipe(log, { end: false });
      child.stderr.pipe(log, { end: false });
      running = child;
      const endWithUs = (): unknown => child.kill("SIGKILL");
      process.once("exit", endWithUs);
      child.once("exit", () => process.off("exit", endWithUs));
      const get = options.get ?? ((path: string) => json(`http://127.0.0.1:${options.port}`, path));
      await untilAnswering(get, child, join(options.directory, `${options.name}.log`));
    },
  };
}

export async function json(address: string, path: string): Promise<unknown> {
  const response = await fetch(`${address}${path}`, { signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

export const pause = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 50));

async function untilAnswering(get: (path: string) => Promise<unknown>, child: ChildProcess, log: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`Nomad ended with ${child.exitCode}; its log is ${log}`);
    const leader = await get("/v1/status/leader").catch(() => "");
    if (leader !== "") return;
    if (Date.now() > deadline) throw new Error(`Nomad did not become ready; its log is ${log}`);
    await pause();
  }
}
