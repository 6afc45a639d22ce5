/** What administrators wish of machines: written as a wish; control tells the scheduler. */
import type { NodeWishKind as WishKind } from "../server/model/node-wish.ts";
import { notFound } from "../server/model/problem.ts";
import type { ComputeNode as ComputeNodeValue } from "../server/model/observe.ts";
import { readNodeWishes, wishForNode, type NodeWishRow } from "../server/store/node-wishes.ts";
import { builder } from "./builder.ts";
import { ComputeNode } from "./compute-node.ts";
import type { Context } from "./context.ts";
import { adminRefusals, onlyAdministrators, valueOf } from "./errors.ts";
import { gatherByParent } from "./gather.ts";

const NodeWishKind = builder.enumType("NodeWishKind", {
  values: {
    ELIGIBLE: { description: "It takes new work again. The wish ends when the scheduler knows it." },
    INELIGIBLE: { description: "It takes no new work; what runs there goes on." },
    DRAINED: {
      description:
        "It takes no new work, and each route there ends when a successor serves elsewhere; one for which there is no room elsewhere stays, and says so.",
    },
  } satisfies Record<WishKind, object>,
});

const NodeWish = builder.objectRef<NodeWishRow>("NodeWish").implement({
  description: "What an administrator wishes of a machine.",
  fields: (t) => ({
    kind: t.expose("wish", { type: NodeWishKind }),
    userName: t.exposeString("userName", { description: "Who wished it." }),
    createdAt: t.expose("createdAt", { type: "DateTime" }),
    appliedAt: t.expose("appliedAt", { type: "DateTime", nullable: true, description: "When the scheduler had been told." }),
    problem: t.exposeString("problem", { nullable: true, description: "Why it could not be told. It is tried again." }),
  }),
});

const wishesOf = gatherByParent(
  ({ database }: Context, nodeIds: readonly string[]) => readNodeWishes(database, nodeIds),
  ({ nodeId }) => nodeId,
);

builder.objectField(ComputeNode, "wish", (t) =>
  t.field({
    type: NodeWish,
    nullable: true,
    description: "Null: nobody wishes anything; the scheduler alone decides.",
    resolve: async ({ id }, _args, context) => (await wishesOf(context, id))[0] ?? null,
  }),
);

/** @throws AppError where the scheduler cannot be asked which machines there are. */
async function wish(nodeId: string, kind: WishKind, context: Context): Promise<ComputeNodeValue> {
  onlyAdministrators(context);
  const node = (await context.observe.nodes()).find(({ id }) => id === nodeId) ?? valueOf(notFound(`node ${nodeId}`));
  await wishForNode(context.database, { nodeId: node.id, nodeName: node.name, wish: kind, userId: context.viewer.user.id });
  return node;
}

const mutations = {
  drainNode: { kind: "DRAINED", says: "It takes no new work, and its routes move elsewhere, each when its successor serves." },
  makeNodeIneligible: { kind: "INELIGIBLE", says: "It takes no new work; what runs there goes on. Ends a drain." },
  makeNodeEligible: { kind: "ELIGIBLE", says: "It takes new work again. Ends a drain, also one of the scheduler's own." },
} as const satisfies Record<string, { readonly kind: WishKind; readonly says: string }>;

for (const [name, { kind, says }] of Object.entries(mutations)) {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const Input = builder.inputType(`${type}Input`, { fields: (t) => ({ id: t.id({ required: true }) }) });
  const Success = builder
    .objectRef<ComputeNodeValue>(`${type}Success`)
    .implement({ fields: (t) => ({ node: t.field({ type: ComputeNode, resolve: (node) => node }) }) });
  builder.mutationField(name, (t) =>
    t.field({
      type: Success,
      errors: adminRefusals,
      description: `For administrators. ${says}`,
      args: { input: t.arg({ type: Input, required: true }) },
      resolve: (_root, { input }, context) => wish(input.id, kind, context),
    }),
  );
}
