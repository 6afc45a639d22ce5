/**
 * The machines of the cluster: what they have, and who has what of it, also those that are not Serai's. Nothing of it is kept or typed in
 * twice: it is Nomad's, as it is now.
 */
import type { AttributeValue } from "../../model/constraint.ts";
import { asId } from "../../model/ids.ts";
import type { ComputeNode, DeviceGroup, NodeUser } from "../../model/observe.ts";
import { isInPool } from "../../model/resource-group.ts";
import type { Allocation, DeviceAttribute, DeviceName, JobStub, NodeStub } from "./api-types.ts";
import type { NomadClient } from "./client.ts";
import { listJobs, listJobsThatAreOver } from "./jobs.ts";
import { holderOf, projectMeta, seatIdOf } from "./names.ts";
import { sessionOf } from "./task.ts";

const kindOfDriver = { raw_exec: "HOST", exec: "ISOLATED_HOST", docker: "CONTAINER" } as const;

/** Nomad counts CPU in MHz; people count cores. A core counts for what the fastest machine of the pool gives: nobody gets less than asked for. */
export async function readMegahertzPerCore(client: NomadClient, nodePool: string): Promise<number> {
  const { value } = await client.get<readonly NodeStub[]>("/v1/nodes", { resources: true });
  return fastest(value, nodePool);
}

function fastest(nodes: readonly NodeStub[], nodePool: string): number {
  const speeds = nodes.filter((node) => isInPool({ nodePool: node.NodePool }, nodePool)).map(megahertzPerCoreOf);
  return speeds.length === 0 ? unknownMegahertz : Math.max(...speeds);
}

/** Of a machine that does not say. */
const unknownMegahertz = 1000;

function megahertzPerCoreOf({ NodeResources }: NodeStub): number {
  const { CpuShares = 0, TotalCpuCores = 0 } = NodeResources?.Cpu ?? {};
  return TotalCpuCores > 0 && CpuShares > 0 ? CpuShares / TotalCpuCores : unknownMegahertz;
}

type NodesContext = {
  readonly client: NomadClient;
  readonly installationId: string;
  readonly seesFolders: (nodeId: string) => boolean | null;
};

export async function readNodes({ client, installationId, seesFolders }: NodesContext): Promise<readonly ComputeNode[]> {
  const [nodes, allocations, jobs] = await Promise.all([
    client.get<readonly NodeStub[]>("/v1/nodes", { resources: true }),
    client.get<readonly Allocation[]>("/v1/allocations", {
      namespace: "*",
      resources: true,
      task_states: false,
      filter: 'ClientStatus == "running" or ClientStatus == "pending"',
    }),
    listJobs(client, installationId),
  ]);
  const jobOf = new Map(jobs.value.map((job) => [job.ID, job]));
  // Over by Nomad's word, but something of it still ends: seldom, and however many they are, one list says whose they are.
  if (allocations.value.some(({ JobID }) => !jobOf.has(JobID) && seatIdOf(installationId, JobID) !== null))
    for (const job of (await listJobsThatAreOver(client, installationId)).value) jobOf.set(job.ID, job);
  const speedIn = new Map([...new Set(nodes.value.map(({ NodePool }) => NodePool))].map((pool) => [pool, fastest(nodes.value, pool)]));
  const onNode = Map.groupBy(allocations.value, ({ NodeID }) => NodeID);
  return nodes.value.map((node) => {
    const here = onNode.get(node.ID) ?? [];
    const staying = new Set(here.filter(({ DesiredStatus }) => DesiredStatus === "run").map(({ JobID }) => JobID));
    // A seat that is being handed on is taken once: its next session starts when the one before has ended.
    const takers = here.filter(({ DesiredStatus, JobID }) => DesiredStatus === "run" || !staying.has(JobID));
    const coreSpeed = Math.min(1, megahertzPerCoreOf(node) / (speedIn.get(node.NodePool) ?? unknownMegahertz));
    return nodeOf(node, {
      takers,
      coreSpeed,
      seesFolders: seesFolders(node.ID),
      sessionIn: (allocation) => sessionIn(installationId, allocation, jobOf),
    });
  });
}

/** Null where it is not this installation's, or no route's. */
function sessionIn(installationId: string, allocation: Allocation, jobOf: ReadonlyMap<string, JobStub>): NodeUser["session"] {
  const seat = seatIdOf(installationId, allocation.JobID);
  if (seat === null) return null;
  const job = jobOf.get(allocation.JobID);
  const { Meta: meta = null, Name: name = "" } = job ?? {};
  const id = sessionOf(seat, allocation) ?? (job === undefined ? seat : holderOf(seat, job));
  const routeId = asId("route", meta?.["serai_route"] ?? "");
  return {
    id,
    routeId,
    serviceId: asId("service", meta?.["serai_service"] ?? ""),
    serviceName: routeId !== null && name.endsWith(`-${routeId}`) ? name.slice(0, -routeId.length - 1) : null,
    projectId: asId("project", meta?.[projectMeta] ?? ""),
  };
}

type Around = {
  readonly takers: readonly Allocation[];
  readonly coreSpeed: number;
  readonly seesFolders: boolean | null;
  readonly sessionIn: (allocation: Allocation) => NodeUser["session"];
};

const statuses = { ready: "READY", initializing: "INITIALIZING", down: "DOWN", disconnected: "DISCONNECTED" } as const;

function nodeOf(node: NodeStub, { takers, coreSpeed, seesFolders, sessionIn: sessionOfTaker }: Around): ComputeNode {
  const megahertz = node.NodeResources?.Cpu.CpuShares ?? 0;
  const megahertzPerCore = megahertzPerCoreOf(node);
  const millicores = (ofMegahertz: number): number => Math.round((ofMegahertz * 1000) / megahertzPerCore);
  const users = takers.map((allocation): NodeUser => {
    const tasks = lastingTasksOf(allocation);
    return {
      id: allocation.ID,
      job: allocation.JobID,
      session: sessionOfTaker(allocation),
      cpuMillicores: millicores(tasks.reduce((sum, { Cpu }) => sum + Cpu.CpuShares, 0)),
      memoryMiB: tasks.reduce((sum, { Memory }) => sum + Memory.MemoryMB, 0),
    };
  });
  const drivers = Object.entries(node.Drivers ?? {}).map(([name, { Detected, Healthy, HealthDescription }]) => ({
    name,
    detected: Detected,
    healthy: Healthy,
    said: HealthDescription || null,
  }));
  return {
    id: node.ID,
    name: node.Name,
    nodePool: node.NodePool,
    datacenter: node.Datacenter,
    nodeClass: node.NodeClass,
    status: statuses[node.Status],
    draining: node.Drain,
    eligible: node.Status === "ready" && node.SchedulingEligibility === "eligible" && !node.Drain,
    coreSpeed,
    cpuMillicores: {
      total: millicores(megahertz - (node.ReservedResources?.Cpu.CpuShares ?? 0)),
      used: users.reduce((sum, { cpuMillicores }) => sum + cpuMillicores, 0),
    },
    memoryMiB: {
      total: (node.NodeResources?.Memory.MemoryMB ?? 0) - (node.ReservedResources?.Memory.MemoryMB ?? 0),
      used: users.reduce((sum, { memoryMiB }) => sum + memoryMiB, 0),
    },
    devices: devicesOf(node, takers),
    users,
    drivers: drivers.toSorted((one, other) => (one.name < other.name ? -1 : 1)),
    seesFolders,
    runs: Object.entries(kindOfDriver).flatMap(([driver, kind]) => (node.Drivers?.[driver]?.Healthy === true ? [kind] : [])),
  };
}

const tasksOf = ({ AllocatedResources }: Allocation) => Object.values(AllocatedResources?.Tasks ?? {});

/** Without those that end before the others begin: what these have of a machine is not in addition. */
const lastingTasksOf = ({ AllocatedResources }: Allocation) =>
  Object.entries(AllocatedResources?.Tasks ?? {}).flatMap(([name, task]) => {
    const lifecycle = AllocatedResources?.TaskLifecycles?.[name];
    return lifecycle?.Hook === "prestart" && !lifecycle.Sidecar ? [] : [task];
  });

function devicesOf(node: NodeStub, takers: readonly Allocation[]): readonly DeviceGroup[] {
  const isSame = (one: DeviceName, other: DeviceName): boolean => one.Vendor === other.Vendor && one.Type === other.Type && one.Name === other.Name;
  return (node.NodeResources?.Devices ?? []).map((device) => {
    const holders = new Map(
      takers.flatMap((allocation) =>
        tasksOf(allocation)
          .flatMap(({ Devices }) => Devices ?? [])
          .filter((taken) => isSame(taken, device))
          .flatMap(({ DeviceIDs }) => DeviceIDs.map((id) => [id, allocation.ID] as const)),
      ),
    );
    return {
      vendor: device.Vendor,
      type: device.Type,
      model: device.Name,
      attributes: Object.fromEntries(Object.entries(device.Attributes ?? {}).flatMap(([name, attribute]) => attributeOf(name, attribute))),
      instances: device.Instances.map(({ ID, Healthy }) => ({ id: ID, healthy: Healthy, heldBy: holders.get(ID) ?? null })).toSorted((one, other) =>
        one.id < other.id ? -1 : 1,
      ),
    };
  });
}

function attributeOf(name: string, { Int, Float, String: text, Bool, Unit }: DeviceAttribute): readonly (readonly [string, AttributeValue])[] {
  const value = Int ?? Float ?? text ?? Bool ?? null;
  return value === null ? [] : [[name, { value, unit: Unit || null }]];
}
