/** Pools of machines: the rule that makes them, what a route may have there, and what the scheduler says of them now. */
import { noLimits, isTakenIn, type RouteLimits as RouteLimitsValue } from "../server/model/resource-group.ts";
import type { EnvironmentId, ResourceGroupId } from "../server/model/ids.ts";
import type { ComputeNode as ComputeNodeValue } from "../server/model/observe.ts";
import { MiBPerGiB } from "../server/model/units.ts";
import { listResourceGroups, readResourceGroups, type ResourceGroupRow } from "../server/store/resource-groups.ts";
import { builder, gathering } from "./builder.ts";
import { Accelerator, acceleratorsOf, askNodes, ComputeNode, scaled, Usage } from "./compute-node.ts";
import { Constraint } from "./constraint.ts";
import type { Context } from "./context.ts";
import { Environment } from "./environment.ts";

const RouteLimits = builder.objectRef<RouteLimitsValue>("RouteLimits").implement({
  description: "The most that one route may have; null: no limit but the machines'.",
  fields: (t) => ({
    cpu: t.exposeFloat("cpu", { nullable: true, description: "Cores." }),
    memoryGiB: t.exposeFloat("memoryGiB", { nullable: true }),
    accelerators: t.exposeInt("accelerators", { nullable: true, description: "Of all kinds together." }),
  }),
});

export const GroupUsage = builder.objectRef<readonly ComputeNodeValue[]>("GroupUsage").implement({
  description: "All machines of a group together, but for those that are down.",
  fields: (t) => ({
    nodes: t.int({ resolve: (nodes) => nodes.length }),
    eligibleNodes: t.int({
      description: "Those on which new sessions may be placed.",
      resolve: (nodes) => nodes.filter(({ eligible }) => eligible).length,
    }),
    cpu: t.field({ type: Usage, description: "Cores.", resolve: (nodes) => scaled(sumOf(nodes.map((node) => node.cpuMillicores)), 1000) }),
    memoryGiB: t.field({ type: Usage, resolve: (nodes) => scaled(sumOf(nodes.map((node) => node.memoryMiB)), MiBPerGiB) }),
    accelerators: t.field({ type: [Accelerator], resolve: acceleratorsOf }),
  }),
});

const sumOf = (all: readonly { readonly total: number; readonly used: number }[]) => ({
  total: all.reduce((sum, { total }) => sum + total, 0),
  used: all.reduce((sum, { used }) => sum + used, 0),
});

const nodesIn = async (group: ResourceGroupRow, context: Context): Promise<ComputeNodeValue[] | null> =>
  (await askNodes(context))?.filter((node) => isTakenIn(node, group)).toSorted((one, other) => (one.name < other.name ? -1 : 1)) ?? null;

export const ResourceGroup = builder.loadableNode("ResourceGroup", {
  id: { resolve: (group: ResourceGroupRow) => group.id },
  load: (ids: ResourceGroupId[], context): Promise<ResourceGroupRow[]> => readResourceGroups(context.database, ids),
  toKey: (group: ResourceGroupRow) => group.id,
  sort: true,
  loaderOptions: gathering,
  fields: (t) => ({
    name: t.exposeString("name"),
    nodePool: t.exposeString("nodePool", { description: "Nomad's; `all` is every one." }),
    datacenters: t.stringList({ description: "Names in which `*` stands for anything; none: all.", resolve: ({ datacenters }) => [...datacenters] }),
    nodeClass: t.exposeString("nodeClass", { nullable: true, description: "Null: any." }),
    constraints: t.field({
      type: [Constraint],
      description: "What must be so of a machine besides.",
      resolve: ({ constraints }) => [...constraints],
    }),
    wholeCores: t.exposeBoolean("wholeCores", { description: "A session that asks for whole cores gets them for itself." }),
    environments: t.field({
      type: [Environment],
      nullable: true,
      description: "Those allowed here; null: all.",
      resolve: ({ environmentIds }): EnvironmentId[] | null => (environmentIds === null ? null : [...environmentIds]),
    }),
    limits: t.field({ type: RouteLimits, resolve: ({ limits }) => ({ ...noLimits, ...limits }) }),
    acceleratorNames: t.stringList({
      nullable: true,
      description: "Those offered here, as services ask for them; null: all that its machines have.",
      resolve: ({ acceleratorNames }) => (acceleratorNames === null ? null : [...acceleratorNames]),
    }),
    nodes: t.field({
      type: [ComputeNode],
      nullable: true,
      description: "By name. Null while the scheduler cannot be asked.",
      resolve: (group, _args, context) => nodesIn(group, context),
    }),
    ownImages: t.exposeBoolean("ownImages", { description: "Services may name an image of their own." }),
    usage: t.field({
      type: GroupUsage,
      nullable: true,
      description: "Null while the scheduler cannot be asked.",
      resolve: async (group, _args, context) => (await nodesIn(group, context))?.filter(({ status }) => status !== "DOWN") ?? null,
    }),
    deletedAt: t.expose("deletedAt", { type: "DateTime", nullable: true, description: "Only older revisions still name it." }),
  }),
});

builder.queryField("resourceGroups", (t) =>
  t.field({
    type: [ResourceGroup],
    description: "Oldest first; a service that names none gets the first.",
    resolve: (_root, _args, context) => listResourceGroups(context.database),
  }),
);
