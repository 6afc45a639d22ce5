/**
 * A real Nomad for tests: agents of the released program, on free ports of 127.0.0.1, with a data directory of their own.
 *
 * With one client, server and client are one agent; with more, one server and a client each, all on this machine with
 * names of their own, so that "on two nodes" can be seen without two machines. Each client hands out ports from a range
 * that this process has claimed, because clients on one machine do not know of each other's ports.
 *
 * When it is disposed of, nothing is left: jobs are purged, agents ended, what their tasks left behind is killed (found by
 * the data directory in its command line, environment or working directory), mounts are undone, the directory removed.
 */
import { accessSync, constants } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { agentOf, json, type NomadAgent, pause } from "./nomad-agent.ts";
import { clientRole, commonConfig, type Ports, serverRole } from "./nomad-config.ts";
import { claimPortRange, freePorts } from "./ports.ts";
import { killEverythingOf, unmountEverythingUnder } from "./remains.ts";

export type Nomad = AsyncDisposable & {
  readonly address: string;
  /** Names of the clients. */
  readonly nodes: readonly string[];
  readonly server: NomadAgent;
  readonly clients: readonly NomadAgent[];
  /** The answer of the API, parsed. */
  get(path: string): Promise<unknown>;
};

export type NomadOptions = {
  readonly clients?: number;
  /** The node pool of each client; `default` where there is none. */
  readonly nodePools?: readonly string[];
  /** What each client sees an empty directory in place of; null: nothing. */
  readonly hidden?: readonly (string | null)[];
  /** The Docker daemon to use; null: none. */
  readonly dockerHost?: string | null;
  /** Added to the environment of the agents, to see what sessions inherit. */
  readonly environment?: Readonly<Record<string, string>>;
};

/** Where the program is, or null: then `test/nomad/build.sh` makes it. */
export function findNomad(): string | null {
  const cache = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  for (const path of [process.env["NOMAD_BINARY"], join(cache, "serai", "nomad-1.11.3")]) {
    if (path === undefined) continue;
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {}
  }
  return null;
}

export async function startNomad(options: NomadOptions = {}): Promise<Nomad> {
  const binary = findNomad();
  if (binary === null) throw new Error("There is no Nomad here: sh test/nomad/build.sh makes one.");
  const directory = await mkdtemp(join(tmpdir(), "serai-nomad-"));
  const [http = 0, rpc = 0, serf = 0] = await freePorts(3);
  const cleanUp = new AsyncDisposableStack();
  cleanUp.defer(() => rm(directory, { recursive: true, force: true }));
  cleanUp.defer(() => unmountEverythingUnder(directory));
  cleanUp.defer(() => killEverythingOf(directory));

  const clientCount = options.clients ?? 1;
  const nodes = Array.from({ length: clientCount }, (_, index) => `node-${index + 1}`);
  const agents: NomadAgent[] = [];
  const add = async (name: string, ports: Ports, roles: object): Promise<void> => {
    const config = { ...commonConfig(join(directory, name), name, ports, options.dockerHost ?? null), ...roles };
    agents.push(await agentOf({ binary, directory, name, port: ports.http, config, environment: options.environment ?? {} }, cleanUp));
  };
  const together = clientCount === 1;
  if (!together) await add("server", { http, rpc, serf }, { server: serverRole });
  for (const [index, name] of nodes.entries()) {
    const range = await claimPortRange();
    cleanUp.use(range);
    const pool = options.nodePools?.[index] ?? "default";
    const ports = together ? { http, rpc, serf } : await clientPorts();
    await add(name, ports, { client: clientRole(rpc, pool, range), ...(together ? { server: serverRole } : {}) });
  }
  const address = `http://127.0.0.1:${http}`;
  try {
    const firstClient = together ? 0 : 1;
    for (const [index, agent] of agents.entries()) await agent.start(options.hidden?.[index - firstClient] ?? null);
    await untilNodesAreReady(address, clientCount);
  } catch (cause) {
    await cleanUp.disposeAsync();
    throw cause;
  }
  cleanUp.defer(() => purgeAllJobs(address));

  const [first] = agents;
  if (first === undefined) throw new Error("no agent");
  return {
    address,
    nodes,
    server: first,
    clients: together ? agents : agents.slice(1),
    get: (path) => json(address, path),
    [Symbol.asyncDispose]: () => cleanUp.disposeAsync(),
  };
}

async function clientPorts(): Promise<Ports> {
  const [http = 0, rpc = 0, serf = 0] = await freePorts(3);
  return { http, rpc, serf };
}

async function untilNodesAreReady(address: string, count: number): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const nodes = (await json(address, "/v1/nodes")) as readonly { readonly Status: string }[];
    if (nodes.filter((node) => node.Status === "ready").length === count) return;
    if (Date.now() > deadline) throw new Error(`Not all ${count} clients of Nomad became ready.`);
    await pause();
  }
}

/** Best effort, so that containers and processes end the ordinary way; what does not is killed afterwards. */
async function purgeAllJobs(address: string): Promise<void> {
  try {
    const jobs = (await json(address, "/v1/jobs?namespace=*")) as readonly { readonly ID: string }[];
    for (const { ID } of jobs) await fetch(`${address}/v1/job/${encodeURIComponent(ID)}?purge=true`, { method: "DELETE" });
    const deadline = Date.now() + 5_000;
    while (Date.now() < deadline) {
      const allocations = (await json(address, "/v1/allocations?namespace=*")) as readonly { readonly ClientStatus: string }[];
      if (allocations.every(({ ClientStatus }) => ClientStatus !== "running" && ClientStatus !== "pending")) return;
      await pause();
    }
  } catch {}
}
