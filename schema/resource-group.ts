/** Pools of machines, and what the scheduler says of them now. */
import { messageOf } from "../server/failure.ts";
import type { ResourceGroupId } from "../server/model/ids.ts";
import type { ComputeNode as ComputeNodeValue } from "../server/model/observe.ts";
import { listResourceGroups, readResourceGroups, type ResourceGroupRow } from "../server/store/resource-groups.ts";
import { builder, gathering } from "./builder.ts";
import { gatherOnce } from "./gather.ts";

type Accelerator = ComputeNodeValue["accelerators"][number];

const Usage = builder.objectRef<{ total: number; used: number }>("Usage").implement({
  fields: (t) => ({ total: t.exposeFloat("total"), used: t.exposeFloat("used") }),
});

const Accelerator = builder.objectRef<Accelerator>("Accelerator").implement({
  fields: (t) => ({ name: t.exposeString("name"), count: t.exposeInt("count"), used: t.exposeInt("used") }),
});

const scaled = (usage: { readonly total: number; readonly used: number }, by: number) => ({ total: usage.total / by, used: usage.used / by });

const ComputeNode = builder.objectRef<ComputeNodeValue>("ComputeNode").implement({
  description: "A machine that runs sessions.",
  fields: (t) => ({
    id: t.exposeID("id"),
    name: t.exposeString("name"),
    eligible: t.exposeBoolean("eligible", { description: "May new sessions be placed here?" }),
    seesFolders: t.exposeBoolean("seesFolders", {
      nullable: true,
      description: "Can sessions there reach the folders' files? Where not, none is placed there. Null: not known.",
    }),
    cpu: t.field({ type: Usage, description: "Cores.", resolve: (node) => scaled(node.cpuMillicores, 1000) }),
    memoryGiB: t.field({ type: Usage, resolve: (node) => scaled(node.memoryMiB, 1024) }),
    accelerators: t.expose("accelerators", { type: [Accelerator] }),
  }),
});

const askNodes = gatherOnce(async ({ observe, log }) => {
  try {
    return await observe.nodes();
  } catch (thrown) {
    log.warn({ reason: messageOf(thrown) }, "the scheduler could not be asked for its nodes");
    return null;
  }
});

export const ResourceGroup = builder.loadableNode("ResourceGroup", {
  id: { resolve: (group: ResourceGroupRow) => group.id },
  load: (ids: ResourceGroupId[], context): Promise<ResourceGroupRow[]> => readResourceGroups(context.database, ids),
  toKey: (group: ResourceGroupRow) => group.id,
  sort: true,
  loaderOptions: gathering,
  fields: (t) => ({
    name: t.exposeString("name"),
    nodes: t.field({
      type: [ComputeNode],
      nullable: true,
      description: "Null while the scheduler cannot be asked.",
      resolve: async (group, _args, context) => (await askNodes(context))?.filter((node) => node.nodePool === group.nodePool) ?? null,
    }),
  }),
});

builder.queryField("resourceGroups", (t) =>
  t.field({
    type: [ResourceGroup],
    description: "Oldest first; a service that names none gets the first.",
    resolve: (_root, _args, context) => listResourceGroups(context.database),
  }),
);
