/**
 * A real Nomad for tests: agents of the released program, on free ports of 127.0.0.1, with a data directory of their own.
 *
 * With one client, server and client are one agent; with more, or with GPUs, servers and clients of their own, all on this machine with
 * names of their own, so that "on two nodes" can be seen without two machines. Each client hands out ports from a range
 * that this process has claimed, because clients on one machine do not know of each other's ports.
 *
 * When it is disposed of, nothing is left: jobs are purged, agents ended, what their tasks left behind is killed (found by
 * the data directory in its command line, environment or working directory), mounts are undone, the directory removed.
 */
import { createHash } from "node:crypto";
import { accessSync, constants, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { agentOf, json, type NomadAgent, pause } from "./nomad-agent.ts";
import { clientRole, commonConfig, type Ports, serverOf, serverRole } from "./nomad-config.ts";
import { claimPortRange, freePorts } from "./ports.ts";
import { killEverythingOf, unmountEverythingUnder } from "./remains.ts";

export type Nomad = AsyncDisposable & {
  /** Of its first server. */
  readonly address: string;
  /** Of all its servers, in their order. */
  readonly addresses: readonly string[];
  /** Names of the clients. */
  readonly nodes: readonly string[];
  readonly server: NomadAgent;
  readonly servers: readonly NomadAgent[];
  readonly clients: readonly NomadAgent[];
  /** The answer of the API, parsed, of whichever server has one. */
  get(path: string): Promise<unknown>;
};

export type NomadOptions = {
  readonly clients?: number;
  /** More than one: an odd number, that elect a leader among themselves. */
  readonly servers?: number;
  /** The node pool of each client; `default` where there is none. */
  readonly nodePools?: readonly string[];
  /** How many events a server keeps for who comes late; absent: Nomad's own number. */
  readonly eventBufferSize?: number;
  /** What each client sees an empty directory in place of; null: nothing. */
  readonly hidden?: readonly (string | null)[];
  /** How many GPUs each client has, or each in turn, GPU-0, GPU-1 …, made up by test/nomad/fake-gpu; absent: none. */
  readonly gpus?: number | readonly number[];
  /** How many of another model each client with GPUs has besides: L4-0, L4-1 …, with less memory. */
  readonly l4s?: number;
  /** Added to the configuration of each client. */
  readonly client?: object;
  /** The Docker daemon to use; null: none. */
  readonly dockerHost?: string | null;
  /** Added to the environment of the agents, to see what sessions inherit. */
  readonly environment?: Readonly<Record<string, string>>;
};

/** Where the program is, or null: then `test/nomad/build.sh` makes it. */
export const findNomad = (): string | null => firstProgram([process.env["NOMAD_BINARY"], inCache("nomad-1.11.3")]);

/** The same of the plugin that makes up GPUs; built of its source as it is now. */
export function findFakeGpu(): string | null {
  const source = readFileSync(new URL("../nomad/fake-gpu/main.go", import.meta.url));
  const hash = createHash("sha256").update(source).digest("hex").slice(0, 12);
  return firstProgram([inCache(`nomad-1.11.3-fake-gpu-${hash}/fake-gpu`)]);
}

const inCache = (name: string): string => join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "serai", name);

function firstProgram(paths: readonly (string | undefined)[]): string | null {
  for (const path of paths) {
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
  const servers = await Promise.all(Array.from({ length: options.servers ?? 1 }, agentPorts));
  const [first] = servers as [Ports];
  const cleanUp = new AsyncDisposableStack();
  cleanUp.defer(() => rm(directory, { recursive: true, force: true }));
  cleanUp.defer(() => unmountEverythingUnder(directory));
  cleanUp.defer(() => killEverythingOf(directory));

  const clientCount = options.clients ?? 1;
  const given = options.gpus ?? 0;
  const gpus = Array.from({ length: clientCount }, (_, index) => (typeof given === "number" ? given : (given[index] ?? 0)));
  const hasGpus = gpus.some((count) => count > 0);
  const l4s = options.l4s ?? 0;
  const nodes = Array.from({ length: clientCount }, (_, index) => `node-${index + 1}`);
  const agents: NomadAgent[] = [];
  const add = async (name: string, ports: Ports, roles: object, gpuCount = 0): Promise<void> => {
    const plugins = {
      dockerHost: options.dockerHost ?? null,
      gpus: gpuCount === 0 ? null : { count: gpuCount, l4s, directory: directoryOfFakeGpu() },
    };
    const config = { ...commonConfig(join(directory, name), name, ports, plugins), ...roles };
    agents.push(await agentOf({ binary, directory, name, port: ports.http, config, environment: options.environment ?? {} }, cleanUp));
  };
  // A plugin takes its time to start, and a client that registers in the moment in which its own server comes up tries again only after 15 s or more.
  const together = clientCount === 1 && !hasGpus && servers.length === 1;
  const buffer = options.eventBufferSize === undefined ? {} : { event_buffer_size: options.eventBufferSize };
  const server = { ...(servers.length === 1 ? serverRole : serverOf(servers.map(({ serf }) => serf))), ...buffer };
  const rpcs = servers.map(({ rpc }) => rpc);
  if (!together) for (const [index, ports] of servers.entries()) await add(`server-${index + 1}`, ports, { server });
  for (const [index, name] of nodes.entries()) {
    const range = await claimPortRange();
    cleanUp.use(range);
    const pool = options.nodePools?.[index] ?? "default";
    const ports = together ? first : await agentPorts();
    const client = { ...clientRole(rpcs, pool, range), ...options.client };
    await add(name, ports, { client, ...(together ? { server } : {}) }, gpus[index]);
  }
  const addresses = servers.map(({ http }) => `http://127.0.0.1:${http}`);
  const [address] = addresses as [string];
  const ofServers = together ? agents : agents.slice(0, servers.length);
  const ofClients = together ? agents : agents.slice(servers.length);
  try {
    // Several elect a leader only together; a client that comes before its servers tries again only after a while.
    if (!together) await Promise.all(ofServers.map((agent) => agent.start()));
    for (const [index, agent] of ofClients.entries()) await agent.start(options.hidden?.[index] ?? null);
    await untilNodesAreReady(
      address,
      gpus.map((count) => (count === 0 ? 0 : count + l4s)),
    );
  } catch (cause) {
    await cleanUp.disposeAsync();
    throw cause;
  }
  cleanUp.defer(() => purgeAllJobs(address));

  return {
    address,
    addresses,
    nodes,
    server: ofServers[0] as NomadAgent,
    servers: ofServers,
    clients: ofClients,
    get: (path) => Promise.any(addresses.map((one) => json(one, path))),
    [Symbol.asyncDispose]: () => cleanUp.disposeAsync(),
  };
}

function directoryOfFakeGpu(): string {
  const plugin = findFakeGpu();
  if (plugin === null) throw new Error("There is no plugin here that makes up GPUs: sh test/nomad/build.sh makes one.");
  return dirname(plugin);
}

async function agentPorts(): Promise<Ports> {
  const [http = 0, rpc = 0, serf = 0] = await freePorts(3);
  return { http, rpc, serf };
}

type NodeStub = {
  readonly Status: string;
  readonly NodeResources?: { readonly Devices?: readonly { readonly Instances: readonly object[] }[] | null } | null;
};

/** Devices are found a moment after the node is ready. */
async function untilNodesAreReady(address: string, devices: readonly number[]): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const nodes = (await json(address, "/v1/nodes?resources=true")) as readonly NodeStub[];
    const found = nodes
      .filter(({ Status }) => Status === "ready")
      .map(({ NodeResources }) => (NodeResources?.Devices ?? []).flatMap(({ Instances }) => Instances).length);
    if (inOrder(found) === inOrder(devices)) return;
    if (Date.now() > deadline) throw new Error(`Not all ${devices.length} clients of Nomad became ready.`);
    await pause();
  }
}

const inOrder = (counts: readonly number[]): string => counts.toSorted((one, other) => one - other).join();

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
