/** What a route may not ask for on a resource group, at its field: what the group does not allow, and what none of its machines has. Pure. */
import type { Cluster } from "./cluster.ts";
import { memoryMiBOf, wordsOf } from "./constraint.ts";
import type { EnvironmentId } from "./ids.ts";
import type { ComputeNode } from "./observe.ts";
import type { FieldProblem } from "./problem.ts";
import { isTakenIn, type GroupRules } from "./resource-group.ts";
import type { Accelerator, Resources } from "./service-spec.ts";
import { MiBPerGiB } from "./units.ts";
import { hasMemory, isNamed, isOffered, meets, nameOf, nodesNeeded, stageOf, suits } from "./why/fit.ts";
import { coresOf, kindOf, sizeOf } from "./why/words.ts";
import { countOf } from "./words.ts";

/** What an administrator allows there. */
export function limitProblems(
  { name, limits, environmentIds, acceleratorNames }: GroupRules,
  resources: Resources,
  cluster: Cluster | null,
  environment: { readonly id: EnvironmentId; readonly name: string },
): readonly FieldProblem[] {
  const { cpu, memoryGiB, accelerators } = limits;
  const members = cluster?.size ?? 1;
  const count = resources.accelerators.reduce((sum, one) => sum + one.count, 0);
  const allows = `resource group ${name} allows no more for a route${members === 1 ? "" : ` of ${members} members`}`;
  const asked = Math.max(resources.memoryGiB, resources.memoryMaxGiB ?? 0);
  // What is allowed is for the route, and what is asked for is for each member.
  const each = (limit: number): number => Math.floor((limit / members) * 100) / 100;
  return [
    ...(environmentIds === null || environmentIds.includes(environment.id)
      ? []
      : [{ path: "environmentId", message: `must be another one: ${environment.name} is not allowed on resource group ${name}` }]),
    ...(cpu === null || resources.cpu <= each(cpu)
      ? []
      : [{ path: "resources.cpu", message: `must be ${countOf(each(cpu), "core")} or less: ${allows}` }]),
    ...(memoryGiB === null || asked <= each(memoryGiB)
      ? []
      : [
          {
            path: `resources.${resources.memoryGiB > each(memoryGiB) ? "memoryGiB" : "memoryMaxGiB"}`,
            message: `must be ${each(memoryGiB)} GiB or less: ${allows}`,
          },
        ]),
    ...(accelerators === null || count * members <= accelerators
      ? []
      : [{ path: "resources.accelerators", message: `must be ${Math.floor(accelerators / members)} or fewer together: ${allows}` }]),
    ...resources.accelerators.flatMap((one) =>
      isOffered(one.name, acceleratorNames)
        ? []
        : [
            {
              path: fieldOf(resources, one, "name"),
              message: `is not offered on resource group ${name}: ${acceleratorNames?.join(", ") || "none is"}`,
            },
          ],
    ),
  ];
}

const fieldOf = ({ accelerators }: Resources, one: Accelerator, field: string): string =>
  `resources.accelerators[${accelerators.indexOf(one)}].${field}`;

/**
 * What no machine of the group has, whatever is free, with the largest one that there is. Nothing is known to be wrong where the group has
 * no machines yet. Machines that are drained or down count: they come back.
 */
export function sizeProblems(group: GroupRules, resources: Resources, cluster: Cluster | null, all: readonly ComputeNode[]): readonly FieldProblem[] {
  const nodes = all.filter((node) => isTakenIn(node, group) && node.memoryMiB.total > 0).toSorted((one, other) => (one.name < other.name ? -1 : 1));
  const [first] = nodes;
  if (first === undefined) return [];
  if (cluster !== null && nodes.every(({ gangs }) => gangs === false)) {
    return [
      { path: "clusterSize", message: "must be 1: routes of several members need Nomad, and this Serai runs sessions by itself on one machine" },
    ];
  }
  const most = (of: (node: ComputeNode) => number): ComputeNode => nodes.reduce((best, node) => (of(node) > of(best) ? node : best), first);
  const memoryMiB = Math.round(resources.memoryGiB * MiBPerGiB);
  const cpuMillicores = Math.round(resources.cpu * 1000);
  const ofMemory = most((node) => node.memoryMiB.total);
  const coresIn = (node: ComputeNode): number => node.cpuMillicores.total * node.coreSpeed;
  const ofCpu = most(coresIn);
  const problems: FieldProblem[] = resources.accelerators.flatMap((one) => deviceProblem(group, resources, one, nodes) ?? []);
  if (memoryMiB > ofMemory.memoryMiB.total) {
    problems.push({
      path: "resources.memoryGiB",
      message: `must be ${sizeOf(ofMemory.memoryMiB.total)} or less: ${largest(ofMemory, group)} has no more`,
    });
  }
  if (cpuMillicores > coresIn(ofCpu)) {
    problems.push({ path: "resources.cpu", message: `must be ${coresOf(coresIn(ofCpu))} or less: ${largest(ofCpu, group)} has no more` });
  }
  if (problems.length > 0) return problems;
  const kind = "HOST";
  const needs = { kind, cpuMillicores, memoryMiB, sharedMemoryMiB: 0, accelerators: resources.accelerators, cluster } as const;
  const asIfFree = nodes.map((node): ComputeNode => ({ ...node, eligible: true, seesFolders: true, runs: [kind], devices: allHealthy(node) }));
  const able = asIfFree.filter((node) => stageOf(node, needs, { nodePool: group.nodePool }) === null).length;
  if (able >= nodesNeeded(needs)) return [];
  if (able > 0)
    return [{ path: "clusterSize", message: `must be ${able} or less: so many nodes of resource group ${group.name} could take a member` }];
  const has = `${coresOf(coresIn(ofMemory))} and ${sizeOf(ofMemory.memoryMiB.total)}`;
  return [
    {
      path: "resources",
      message: `must fit on one node${cluster?.mode === "SINGLE_NODE" ? ` ${cluster.size} times` : ""}: none of resource group ${group.name} has all of it. The largest, ${ofMemory.name}, has ${has}`,
    },
  ];
}

const largest = (node: ComputeNode, group: GroupRules): string => `${node.name}, the largest node of resource group ${group.name},`;

const allHealthy = ({ devices }: ComputeNode): ComputeNode["devices"] =>
  devices.map((group) => ({ ...group, instances: group.instances.map((one) => ({ ...one, healthy: true })) }));

function deviceProblem(group: GroupRules, resources: Resources, one: Accelerator, nodes: readonly ComputeNode[]): FieldProblem | null {
  const at = (field: string, message: string): FieldProblem => ({ path: fieldOf(resources, one, field), message });
  const devices = nodes.flatMap((node) => node.devices.map((device) => ({ node, device })));
  const ofName = devices.filter(({ device }) => isNamed(device, one.name));
  if (ofName.length === 0) {
    const there = [...new Set(devices.map(({ device }) => nameOf(device)))].toSorted();
    return at("name", `is on no node of resource group ${group.name}, which has ${there.join(", ") || "no accelerators"}`);
  }
  const large = ofName.filter(({ device }) => hasMemory(device, one));
  if (large.length === 0) {
    const sizes = ofName.map(({ node, device }) => ({ node, memoryMiB: memoryMiBOf(device.attributes["memory"]) ?? 0 }));
    const best = sizes.reduce((most, size) => (size.memoryMiB > most.memoryMiB ? size : most));
    return best.memoryMiB === 0
      ? at("memoryGiB", `must be absent: no ${kindOf(one.name)} of resource group ${group.name} says how much memory it has`)
      : at(
          "memoryGiB",
          `must be ${sizeOf(best.memoryMiB)} or less: the largest ${kindOf(one.name)} of resource group ${group.name} is on ${best.node.name}`,
        );
  }
  const suited = large.filter(({ device }) => suits(device, one));
  if (suited.length === 0) {
    const unmet = (one.constraints ?? []).filter((constraint) => !large.some(({ device }) => meets(device, constraint)));
    const which = unmet.length === 0 ? "all of them together" : unmet.map(wordsOf).join(", ");
    return at("constraints", `must be met by some ${kindOf(one.name)} of resource group ${group.name}, and none meets ${which}`);
  }
  const best = suited.reduce((most, candidate) => (candidate.device.instances.length > most.device.instances.length ? candidate : most));
  const count = best.device.instances.length;
  return one.count <= count ? null : at("count", `must be ${count} or less: ${best.node.name} has most of them in resource group ${group.name}`);
}
