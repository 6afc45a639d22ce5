/**
 * Would a machine take a session? The engine's arithmetic, as Nomad's scheduler does it: first whether the machine can ever run it,
 * then whether what it needs is free. Pure; everything that is claimed to help is claimed by this.
 */
import type { Cluster } from "../cluster.ts";
import { holds, memoryMiBOf, type AttributeValue, type Constraint } from "../constraint.ts";
import type { SessionId } from "../ids.ts";
import type { ComputeNode, DeviceGroup, NodeUser } from "../observe.ts";
import { brokenConstraint, isInGroup, type NodeRule } from "../resource-group.ts";
import { seatOf } from "../seat.ts";
import type { Accelerator } from "../service-spec.ts";
import { runnableKindOf, type RunnableKind, type Session } from "../session.ts";
import { MiBPerGiB } from "../units.ts";

/** What one route must have, or each member of it. */
export type Needs = {
  readonly kind: RunnableKind;
  readonly cpuMillicores: number;
  readonly memoryMiB: number;
  readonly sharedMemoryMiB: number;
  readonly accelerators: readonly Accelerator[];
  /** Null: it has one member. */
  readonly cluster: Cluster | null;
};

export const needsOf = ({ environment, resources, cluster }: Pick<Session, "environment" | "resources" | "cluster">): Needs => ({
  kind: runnableKindOf(environment),
  cluster: cluster ?? null,
  ...resources,
});

/** How many of its members one node has to take, and how many nodes have to take so many. */
export const membersTogether = ({ cluster }: Pick<Needs, "cluster">): number => (cluster?.mode === "SINGLE_NODE" ? cluster.size : 1);
export const nodesNeeded = ({ cluster }: Pick<Needs, "cluster">): number => (cluster?.mode === "MULTI_NODE" ? cluster.size : 1);

/** What does not take up room: what would be stopped, or is the seat that the session itself takes over. */
export type Without = (user: NodeUser) => boolean;
export const ofSeat =
  (seat: SessionId | null): Without =>
  ({ session }) =>
    seat !== null && session !== null && seatOf(session.id) === seatOf(seat);

/** In the order in which they are looked at. */
export const stages = ["UNAVAILABLE", "DRIVER", "FOLDERS", "CONSTRAINT", "NO_SUCH_DEVICE", "TOO_LITTLE_MEMORY", "TOO_LITTLE_CPU"] as const;
export type Stage = (typeof stages)[number];
export type Lack = "DEVICES" | "MEMORY" | "CPU";

/** The first reason why it never takes it as it is; null where only room is missing, if anything. */
export function stageOf(node: ComputeNode, needs: Needs, rule: NodeRule): Stage | null {
  if (!node.eligible) return "UNAVAILABLE";
  if (!node.runs.includes(needs.kind)) return "DRIVER";
  if (node.seesFolders === false) return "FOLDERS";
  if (brokenConstraint(node, rule) !== null) return "CONSTRAINT";
  if (
    !allot(
      devicesOf(node, ({ healthy }) => healthy),
      needs,
    )
  )
    return "NO_SUCH_DEVICE";
  if (memoryMiBOn(needs) > node.memoryMiB.total) return "TOO_LITTLE_MEMORY";
  if (millicoresOn(node, needs) > node.cpuMillicores.total) return "TOO_LITTLE_CPU";
  return null;
}

/** What is not free on it now, of what it has. */
export function lacksOf(node: ComputeNode, needs: Needs, without: Without): readonly Lack[] {
  const free = freeOf(node, without);
  return [
    ...(allot(devicesOf(node, isFreeOn(node, without)), needs) ? [] : (["DEVICES"] as const)),
    ...(memoryMiBOn(needs) > free.memoryMiB ? (["MEMORY"] as const) : []),
    ...(millicoresOn(node, needs) > free.cpuMillicores ? (["CPU"] as const) : []),
  ];
}

export const takes = (node: ComputeNode, needs: Needs, rule: NodeRule, without: Without): boolean =>
  isInGroup(node, rule) && stageOf(node, needs, rule) === null && lacksOf(node, needs, without).length === 0;

/** Whether there are machines for it: one, or one for each member. */
export function anyTakes(nodes: readonly ComputeNode[], needs: Needs, rule: NodeRule, without: Without): boolean {
  let missing = nodesNeeded(needs);
  return nodes.some((node) => takes(node, needs, rule, without) && --missing === 0);
}

const memoryMiBOn = (needs: Needs): number => needs.memoryMiB * membersTogether(needs);

/** A core of a slower machine counts for less, so it takes more of them. Rounded: 350 / 0.7 is more than 500 to a computer. */
const millicoresOn = (node: ComputeNode, needs: Needs): number =>
  Math.round(((needs.cpuMillicores * membersTogether(needs)) / node.coreSpeed) * 1000) / 1000;

export function freeOf(node: ComputeNode, without: Without): { readonly cpuMillicores: number; readonly memoryMiB: number } {
  const released = node.users.filter(without);
  const sum = (of: (user: NodeUser) => number): number => released.reduce((total, user) => total + of(user), 0);
  return {
    cpuMillicores: node.cpuMillicores.total - node.cpuMillicores.used + sum((user) => user.cpuMillicores),
    memoryMiB: node.memoryMiB.total - node.memoryMiB.used + sum((user) => user.memoryMiB),
  };
}

/** Cores that a session could ask for, of those that are free. */
export const freeMillicores = (node: ComputeNode, without: Without): number => Math.floor(freeOf(node, without).cpuMillicores * node.coreSpeed);

type Instance = DeviceGroup["instances"][number];
type Available = { readonly group: DeviceGroup; count: number };

export function isFreeOn({ users }: ComputeNode, without: Without): (instance: Instance) => boolean {
  const released = new Set(users.filter(without).map(({ id }) => id));
  return ({ healthy, heldBy }) => healthy && (heldBy === null || released.has(heldBy));
}

const devicesOf = ({ devices }: ComputeNode, counts: (instance: Instance) => boolean): Available[] =>
  devices
    .map((group) => ({ group, count: group.instances.filter(counts).length }))
    .toSorted((one, other) => (nameOf(one.group) < nameOf(other.group) ? -1 : 1));

/**
 * In the order in which they are to get their devices: a request takes whichever kind suits it, and never gives it up for a later one that
 * only that kind suits. So `nvidia/gpu/H100` comes before `gpu`.
 */
export const narrowestFirst = (accelerators: readonly Accelerator[]): readonly Accelerator[] =>
  accelerators.toSorted((one, other) => other.name.split("/", 3).length - one.name.split("/", 3).length);

/** Each request gets its devices of one kind, one request after the other, as Nomad does it. */
function allot(available: Available[], needs: Needs): boolean {
  const requests = Array.from({ length: membersTogether(needs) }, () => narrowestFirst(needs.accelerators));
  return requests.flat().every((request) => {
    const found = available.find(({ group, count }) => count >= request.count && suits(group, request));
    if (found === undefined) return false;
    found.count -= request.count;
    return true;
  });
}

export const nameOf = ({ vendor, type, model }: DeviceGroup): string => `${vendor}/${type}/${model}`;

/** Of the name that is asked for: `gpu`, `nvidia/gpu`, `nvidia/gpu/H100`. */
export function isNamed({ vendor, type, model }: Pick<DeviceGroup, "vendor" | "type" | "model">, name: string): boolean {
  const [first, second, ...rest] = name.split("/");
  if (second === undefined) return type === first;
  return vendor === first && type === second && (rest.length === 0 || model === rest.join("/"));
}

/** Whatever is of the one name, is of the other: `nvidia/gpu/H100` is `nvidia/gpu` and `gpu`; but a `gpu` may be anybody's. */
export function isNarrower(name: string, wider: string): boolean {
  const [vendor = "", type = "", ...model] = name.split("/");
  return name === wider || isNamed({ vendor, type, model: model.join("/") }, wider);
}

/** @param offered by a group; null: all that there are. */
export const isOffered = (name: string, offered: readonly string[] | null): boolean =>
  offered === null || offered.some((wider) => isNarrower(name, wider));

/** The kind, and all that is asked of it; what cannot be said here is taken to be so. */
export const suits = (group: DeviceGroup, request: Accelerator): boolean =>
  isNamed(group, request.name) && hasMemory(group, request) && (request.constraints ?? []).every((one) => meets(group, one));

/** One that does not say how much memory it has does not have it, for Nomad as for us. */
export const hasMemory = (group: DeviceGroup, { memoryGiB }: Accelerator): boolean =>
  memoryGiB === undefined || (memoryMiBOf(group.attributes["memory"]) ?? -1) >= Math.round(memoryGiB * MiBPerGiB);

export function meets(group: DeviceGroup, constraint: Constraint): boolean {
  const told: Readonly<Record<string, AttributeValue>> = {
    "${device.vendor}": { value: group.vendor, unit: null },
    "${device.type}": { value: group.type, unit: null },
    "${device.model}": { value: group.model, unit: null },
  };
  const [, attribute] = /^\$\{device\.attr\.(.+)\}$/.exec(constraint.attribute) ?? [];
  if (attribute === undefined && told[constraint.attribute] === undefined) return true;
  return holds(attribute === undefined ? told[constraint.attribute] : group.attributes[attribute], constraint) !== false;
}
