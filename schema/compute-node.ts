/** Machines as the scheduler has them now: what they have, and who has what of it. */
import { messageOf } from "../server/failure.ts";
import type { AttributeValue } from "../server/model/constraint.ts";
import type { ComputeNode as ComputeNodeValue, DeviceGroup, DeviceInstance, NodeDriver, NodeUser as NodeUserValue } from "../server/model/observe.ts";
import { MiBPerGiB } from "../server/model/units.ts";
import { nameOf } from "../server/model/why/fit.ts";
import { builder } from "./builder.ts";
import type { Context } from "./context.ts";
import { gatherOnce } from "./gather.ts";

type UsageValue = { readonly total: number; readonly used: number };

export const Usage = builder.objectRef<UsageValue>("Usage").implement({
  fields: (t) => ({
    total: t.exposeFloat("total"),
    used: t.exposeFloat("used", { description: "Promised to sessions and other jobs, whatever they really use." }),
    free: t.float({ resolve: ({ total, used }) => Math.max(0, total - used) }),
  }),
});

type AcceleratorUse = { readonly name: string; readonly count: number; readonly used: number; readonly free: number };

export const Accelerator = builder.objectRef<AcceleratorUse>("Accelerator").implement({
  fields: (t) => ({
    name: t.exposeString("name"),
    count: t.exposeInt("count"),
    used: t.exposeInt("used"),
    free: t.exposeInt("free", { description: "Healthy, and nobody has it." }),
  }),
});

export const scaled = (usage: UsageValue, by: number): UsageValue => ({ total: usage.total / by, used: usage.used / by });

export const acceleratorsOf = (nodes: readonly ComputeNodeValue[]): AcceleratorUse[] => {
  const byName = Map.groupBy(
    nodes.flatMap(({ devices }) => devices),
    nameOf,
  );
  return [...byName].map(([name, groups]) => {
    const instances = groups.flatMap((group) => group.instances);
    return {
      name,
      count: instances.length,
      used: instances.filter(({ heldBy }) => heldBy !== null).length,
      free: instances.filter(({ healthy, heldBy }) => healthy && heldBy === null).length,
    };
  });
};

/** Services of other projects are nobody's business but an administrator's. */
const maySee = ({ session }: NodeUserValue, { viewer }: Context): boolean =>
  viewer.user.role === "ADMIN" || (session !== null && session.projectId === viewer.project.id);

const NodeUser = builder.objectRef<NodeUserValue>("NodeUser").implement({
  description: "Who has something of a machine.",
  fields: (t) => ({
    isForeign: t.boolean({ description: "A job that is not this Serai's.", resolve: ({ session }) => session === null }),
    name: t.string({
      description: "Of the service; of the job, where it is not Serai's. Those of other projects are told to administrators only.",
      resolve: (user, _args, context) => {
        if (!maySee(user, context)) return user.session === null ? "a job that is not Serai's" : "another project";
        return user.session === null ? user.job : (user.session.serviceName ?? user.job);
      },
    }),
    serviceId: t.id({ nullable: true, resolve: (user, _args, context) => (maySee(user, context) ? (user.session?.serviceId ?? null) : null) }),
    routeId: t.id({ nullable: true, resolve: (user, _args, context) => (maySee(user, context) ? (user.session?.routeId ?? null) : null) }),
    sessionId: t.id({ nullable: true, resolve: (user, _args, context) => (maySee(user, context) ? (user.session?.id ?? null) : null) }),
    cpu: t.float({ description: "Cores.", resolve: ({ cpuMillicores }) => cpuMillicores / 1000 }),
    memoryGiB: t.float({ resolve: ({ memoryMiB }) => memoryMiB / MiBPerGiB }),
  }),
});

const DeviceAttribute = builder.objectRef<AttributeValue & { readonly name: string }>("DeviceAttribute").implement({
  fields: (t) => ({
    name: t.exposeString("name"),
    value: t.string({ resolve: ({ value }) => String(value) }),
    unit: t.exposeString("unit", { nullable: true }),
  }),
});

type Held = DeviceInstance & { readonly holder: NodeUserValue | null };

const Device = builder.objectRef<Held>("Device").implement({
  fields: (t) => ({
    id: t.exposeString("id", { description: "As the machine names it: `GPU-0`." }),
    healthy: t.exposeBoolean("healthy"),
    heldBy: t.field({ type: NodeUser, nullable: true, description: "Null: it is free.", resolve: ({ holder }) => holder }),
  }),
});

type NodeDevices = DeviceGroup & { readonly users: readonly NodeUserValue[] };

const DeviceKind = builder.objectRef<NodeDevices>("DeviceKind").implement({
  description: "Devices of one kind on one machine.",
  fields: (t) => ({
    name: t.string({ description: "As a service asks for it: `nvidia/gpu/H100`.", resolve: nameOf }),
    vendor: t.exposeString("vendor"),
    type: t.exposeString("type"),
    model: t.exposeString("model"),
    attributes: t.field({
      type: [DeviceAttribute],
      resolve: ({ attributes }) =>
        Object.entries(attributes)
          .map(([name, attribute]) => ({ name, ...attribute }))
          .toSorted((one, other) => (one.name < other.name ? -1 : 1)),
    }),
    devices: t.field({
      type: [Device],
      resolve: ({ instances, users }) => instances.map((one) => ({ ...one, holder: users.find(({ id }) => id === one.heldBy) ?? null })),
    }),
  }),
});

const Driver = builder.objectRef<NodeDriver>("NodeDriver").implement({
  fields: (t) => ({
    name: t.exposeString("name"),
    detected: t.exposeBoolean("detected"),
    healthy: t.exposeBoolean("healthy"),
    description: t.exposeString("said", { nullable: true }),
  }),
});

const NodeStatus = builder.enumType("NodeStatus", { values: ["READY", "INITIALIZING", "DOWN", "DISCONNECTED"] as const });

export const ComputeNode = builder.objectRef<ComputeNodeValue>("ComputeNode").implement({
  description: "A machine that runs sessions.",
  fields: (t) => ({
    id: t.exposeID("id"),
    name: t.exposeString("name"),
    nodePool: t.exposeString("nodePool"),
    datacenter: t.exposeString("datacenter"),
    nodeClass: t.exposeString("nodeClass", { description: "Empty where it has none." }),
    status: t.expose("status", { type: NodeStatus }),
    draining: t.exposeBoolean("draining", { description: "By the scheduler itself, which stops first. What Serai drains has a `wish`." }),
    eligible: t.exposeBoolean("eligible", { description: "May new sessions be placed here?" }),
    seesFolders: t.exposeBoolean("seesFolders", {
      nullable: true,
      description: "Can sessions there reach the folders' files? Where not, none is placed there. Null: not known.",
    }),
    drivers: t.field({ type: [Driver], resolve: ({ drivers }) => [...drivers] }),
    cpu: t.field({ type: Usage, description: "Cores.", resolve: (node) => scaled(node.cpuMillicores, 1000) }),
    memoryGiB: t.field({ type: Usage, resolve: (node) => scaled(node.memoryMiB, MiBPerGiB) }),
    accelerators: t.field({ type: [Accelerator], resolve: (node) => acceleratorsOf([node]) }),
    devices: t.field({ type: [DeviceKind], resolve: ({ devices, users }) => devices.map((group) => ({ ...group, users })) }),
    users: t.field({ type: [NodeUser], resolve: ({ users }) => [...users] }),
    schedulerUrl: t.string({
      nullable: true,
      description: "Of its page in Nomad's own UI; null where that is not configured.",
      resolve: ({ id }, _args, { observe }) => observe.nodeUrl(id),
    }),
  }),
});

/** Null while the scheduler cannot be asked. */
export const askNodes = gatherOnce(async ({ observe, log }) => {
  try {
    return await observe.nodes();
  } catch (thrown) {
    log.warn({ reason: messageOf(thrown) }, "the scheduler could not be asked for its nodes");
    return null;
  }
});
