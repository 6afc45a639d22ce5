/** A whole Serai as an operator runs it: a real process of server/main.ts with a data directory and ports of its own. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { claimPortRange } from "./ports.ts";

const main = fileURLToPath(new URL("../../server/main.ts", import.meta.url));

export type SeraiOptions = {
  readonly env?: Readonly<Record<string, string>>;
  /** Of an earlier one, to go on where that stopped; it is then not removed. */
  readonly dataDirectory?: string;
  readonly endpointPorts?: string;
  readonly nodeOptions?: readonly string[];
};

export type Serai = {
  readonly url: string;
  readonly signInUrl: string;
  readonly adminToken: string;
  readonly dataDirectory: string;
  readonly endpointPorts: string;
  readonly process: ChildProcess;
  /** What it has said so far, stdout and stderr together. */
  output(): string;
  /** Resolves with the exit code when the process has ended. */
  end(signal: NodeJS.Signals): Promise<number | null>;
} & AsyncDisposable;

/** Resolves when it says that it is up. Disposing ends it in order and removes its data. */
export async function startSerai(options: SeraiOptions = {}): Promise<Serai> {
  await using unfinished = new AsyncDisposableStack();
  const dataDirectory = options.dataDirectory ?? (await mkdtemp(join(tmpdir(), "serai-data-")));
  if (options.dataDirectory === undefined) unfinished.defer(() => rm(dataDirectory, { recursive: true, force: true, maxRetries: 5 }));
  let endpointPorts = options.endpointPorts;
  if (endpointPorts === undefined) {
    const range = unfinished.use(await claimPortRange());
    endpointPorts = `${range.first}-${range.last}`;
  }
  const child = spawn(process.execPath, [...(options.nodeOptions ?? []), main], {
    env: {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      SERAI_DATA_DIR: dataDirectory,
      SERAI_PORT: "0",
      SERAI_GATEWAY_PORT: "0",
      SERAI_ENDPOINT_PORTS: endpointPorts,
      SERAI_LOG_LEVEL: "warn",
      ...options.env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  const exited = once(child, "exit").then(([code]) => code as number | null);
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    return exited;
  };
  unfinished.defer(async () => void (await end("SIGTERM")));

  const up = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        said += text;
        if (/^ {2}Data {5}.*$/m.test(said) || /^Serai is up: .*$/m.test(said)) resolve();
      });
    }
  });
  const failed = exited.then((code) => Promise.reject(new Error(`Serai ended with ${code} before it was up:\n${said}`)));
  await Promise.race([up, failed]);
  failed.catch(() => {});

  const signInUrl = /Console {2}(\S+)/.exec(said)?.[1] ?? "";
  const adminToken = options.env?.["SERAI_ADMIN_TOKEN"] ?? (await readFile(join(dataDirectory, "admin-token"), "utf8").catch(() => "")).trim();
  const lifetime = unfinished.move();
  return {
    url: signInUrl.replace(/#.*/, ""),
    signInUrl,
    adminToken,
    dataDirectory,
    endpointPorts,
    process: child,
    output: () => said,
    end,
    [Symbol.asyncDispose]: () => lifetime.disposeAsync(),
  };
}
