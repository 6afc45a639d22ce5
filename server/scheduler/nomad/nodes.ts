/** The machines of the cluster, what they have and what of it is promised to allocations, also to those that are not Serai's. */
import type { Node } from "../scheduler.ts";
import type { Allocation, NodeStub } from "./api-types.ts";
import type { NomadClient } from "./client.ts";

const kindOfDriver = { raw_exec: "HOST", docker: "CONTAINER" } as const;

/** Nomad counts CPU in MHz; people count cores. A core counts for what the fastest machine of the pool gives: nobody gets less than asked for. */
export async function readMegahertzPerCore(client: NomadClient, nodePool: string): Promise<number> {
  const { value } = await client.get<readonly NodeStub[]>("/v1/nodes", { resources: true });
  const speeds = value.filter(({ NodePool }) => NodePool === nodePool).map(megahertzPerCoreOf);
  return speeds.length === 0 ? unknownMegahertz : Math.max(...speeds);
}

/** Of a machine that does not say. */
const unknownMegahertz = 1000;

function megahertzPerCoreOf({ NodeResources }: NodeStub): number {
  const { CpuShares = 0, TotalCpuCores = 0 } = NodeResources?.Cpu ?? {};
  return TotalCpuCores > 0 && CpuShares > 0 ? CpuShares / TotalCpuCores : unknownMegahertz;
}

export async function readNodes(client: NomadClient, seesFolders: (nodeId: string) => boolean | null): Promise<readonly Node[]> {
  const [nodes, allocations] = await Promise.all([
    client.get<readonly NodeStub[]>("/v1/nodes", { resources: true }),
    client.get<readonly Allocation[]>("/v1/allocations", {
      namespace: "*",
      resources: true,
      task_states: false,
      filter: 'ClientStatus == "running" or ClientStatus == "pending"',
    }),
  ]);
  return nodes.value.map((node) => {
    const here = allocations.value.filter(({ NodeID }) => NodeID === node.ID);
    const staying = new Set(here.filter(({ DesiredStatus }) => DesiredStatus === "run").map(({ JobID }) => JobID));
    // A seat that is being handed on is taken once: its next session starts when the one before has ended.
    const takers = here.filter(({ DesiredStatus, JobID }) => DesiredStatus === "run" || !staying.has(JobID));
    return nodeOf(node, takers, seesFolders(node.ID));
  });
}

function nodeOf(node: NodeStub, allocations: readonly Allocation[], seesFolders: boolean | null): Node {
  const megahertz = node.NodeResources?.Cpu.CpuShares ?? 0;
  const megahertzPerCore = megahertzPerCoreOf(node);
  const tasks = allocations.flatMap(({ AllocatedResources }) => Object.values(AllocatedResources?.Tasks ?? {}));
  const millicores = (ofMegahertz: number): number => Math.round((ofMegahertz * 1000) / megahertzPerCore);
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
  return {
    id: node.ID,
    name: node.Name,
    nodePool: node.NodePool,
    eligible: node.Status === "ready" && node.SchedulingEligibility === "eligible" && !node.Drain,
    cpuMillicores: {
      total: millicores(megahertz - (node.ReservedResources?.Cpu.CpuShares ?? 0)),
      used: millicores(sum(tasks.map(({ Cpu }) => Cpu.CpuShares))),
    },
    memoryMiB: {
      total: (node.NodeResources?.Memory.MemoryMB ?? 0) - (node.ReservedResources?.Memory.MemoryMB ?? 0),
      used: sum(tasks.map(({ Memory }) => Memory.MemoryMB)),
    },
    accelerators: acceleratorsOf(node, tasks),
    seesFolders,
    runs: Object.entries(kindOfDriver).flatMap(([driver, kind]) => (node.Drivers?.[driver]?.Healthy === true ? [kind] : [])),
  };
}

type TaskResources = NonNullable<Allocation["AllocatedResources"]>["Tasks"][string];

function acceleratorsOf(node: NodeStub, tasks: readonly TaskResources[]): Node["accelerators"] {
  const taken = tasks.flatMap(({ Devices }) => Devices ?? []);
  return (node.NodeResources?.Devices ?? []).map((device) => {
    const same = taken.filter(({ Vendor, Type, Name }) => Vendor === device.Vendor && Type === device.Type && Name === device.Name);
    return {
      name: `${device.Vendor}/${device.Type}/${device.Name}`,
      count: device.Instances.length,
      used: same.reduce((total, { DeviceIDs }) => total + DeviceIDs.length, 0),
    };
  });
}
