/** Machines as a scheduler would tell them, made up for tests of what is decided on them. */
import type { ProjectId, RouteId, ServiceId, SessionId } from "../../server/model/ids.ts";
import type { ComputeNode, DeviceGroup, NodeUser } from "../../server/model/observe.ts";

export const project = "prj_mine" as ProjectId;

export function nodeWith(changes: Partial<ComputeNode> = {}): ComputeNode {
  const name = changes.name ?? "node-1";
  return {
    id: `id-of-${name}`,
    name,
    nodePool: "default",
    datacenter: "dc1",
    nodeClass: "",
    status: "READY",
    draining: false,
    eligible: true,
    seesFolders: null,
    runs: ["HOST", "CONTAINER"],
    drivers: [
      { name: "docker", detected: true, healthy: true, said: null },
      { name: "raw_exec", detected: true, healthy: true, said: null },
    ],
    coreSpeed: 1,
    cpuMillicores: { total: 8000, used: 0 },
    memoryMiB: { total: 65_536, used: 0 },
    devices: [],
    users: [],
    ...changes,
  };
}

type Use = { readonly cpuMillicores?: number; readonly memoryMiB?: number; readonly devices?: readonly string[] };

/** The machine, with a session of a service of `project` on it; its id says how many are there already. */
export function withSession(
  node: ComputeNode,
  serviceName: string,
  { cpuMillicores = 0, memoryMiB = 0, devices = [] }: Use,
  projectId = project,
): ComputeNode {
  const id = `${serviceName}-on-${node.name}-${node.users.length}`;
  const session = {
    id: `ses_${id}` as SessionId,
    routeId: `rt_${id}` as RouteId,
    serviceId: `svc_${serviceName}` as ServiceId,
    serviceName,
    projectId,
  };
  return withUser(node, { id, job: `serai-x-ses_${id}`, session, cpuMillicores, memoryMiB }, devices);
}

export function withUser(node: ComputeNode, user: NodeUser, devices: readonly string[] = []): ComputeNode {
  const { cpuMillicores, memoryMiB } = node;
  return {
    ...node,
    cpuMillicores: { ...cpuMillicores, used: cpuMillicores.used + user.cpuMillicores },
    memoryMiB: { ...memoryMiB, used: memoryMiB.used + user.memoryMiB },
    users: [...node.users, user],
    devices: node.devices.map((group) => ({
      ...group,
      instances: group.instances.map((one) => (devices.includes(one.id) ? { ...one, heldBy: user.id } : one)),
    })),
  };
}

/** `GPU-0`, `GPU-1` … of one kind. */
export const gpus = (count: number, memoryGiB = 80, model = "H100", vendor = "nvidia"): DeviceGroup => ({
  vendor,
  type: "gpu",
  model,
  attributes: { memory: { value: memoryGiB * 1024, unit: "MiB" } },
  instances: Array.from({ length: count }, (_, index) => ({ id: `GPU-${index}`, healthy: true, heldBy: null })),
});
