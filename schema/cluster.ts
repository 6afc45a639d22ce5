/** All machines and the groups that they are in, as they change. */
import { isTakenIn } from "../server/model/resource-group.ts";
import type { ClusterSeen, ComputeNode as ComputeNodeValue } from "../server/model/observe.ts";
import { listResourceGroups, type ResourceGroupRow } from "../server/store/resource-groups.ts";
import { builder } from "./builder.ts";
import { ComputeNode } from "./compute-node.ts";
import type { Context } from "./context.ts";
import { endable, readThroughOutages } from "./live.ts";
import { GroupUsage, ResourceGroup } from "./resource-group.ts";

type GroupValue = { readonly group: ResourceGroupRow; readonly nodes: readonly ComputeNodeValue[] };

const ClusterGroup = builder.objectRef<GroupValue>("ClusterGroup").implement({
  description: "A resource group with what its machines have and use.",
  fields: (t) => ({
    resourceGroup: t.field({ type: ResourceGroup, resolve: ({ group }) => group }),
    nodeIds: t.idList({ description: "By name.", resolve: ({ nodes }) => nodes.map(({ id }) => id) }),
    usage: t.field({ type: GroupUsage, resolve: ({ nodes }) => nodes.filter(({ status }) => status !== "DOWN") }),
  }),
});

type ClusterValue = ClusterSeen & { readonly groups: readonly GroupValue[] };

const Cluster = builder.objectRef<ClusterValue>("Cluster").implement({
  fields: (t) => ({
    readAt: t.expose("readAt", { type: "DateTime", nullable: true, description: "When the scheduler last told of its machines; null: not yet." }),
    problem: t.exposeString("problem", {
      nullable: true,
      description: "Why the scheduler cannot be asked. What is told then is as it was at `readAt`; null: it is as it is now.",
    }),
    nodes: t.field({ type: [ComputeNode], description: "By name.", resolve: ({ nodes }) => [...nodes] }),
    groups: t.field({ type: [ClusterGroup], description: "Oldest first.", resolve: ({ groups }) => [...groups] }),
  }),
});

async function* followCluster(context: Context, signal: AbortSignal): AsyncGenerator<ClusterValue> {
  for await (const seen of context.cluster.follow(signal)) {
    const groups = await readThroughOutages(() => listResourceGroups(context.database), context, signal);
    yield { ...seen, groups: groups.map((group) => ({ group, nodes: seen.nodes.filter((node) => isTakenIn(node, group)) })) };
  }
}

builder.subscriptionField("cluster", (t) =>
  t.field({
    type: Cluster,
    description: "The whole at once, then again at every change, within seconds.",
    subscribe: (_root, _args, context) => endable((signal) => followCluster(context, signal)),
    resolve: (cluster) => cluster,
  }),
);
