/** What is to be done about machines of which something is wished: pure. */
import type { NodeWish } from "../model/node-wish.ts";
import type { ComputeNode } from "../model/observe.ts";

export type NodeStep =
  | { readonly kind: "tell"; readonly wish: NodeWish; readonly eligible: boolean }
  /** The scheduler knows no such machine any more. */
  | { readonly kind: "forget"; readonly wish: NodeWish };

/** Whoever makes a machine eligible behind Serai's back while it is to take nothing new is overruled: its routes would come back to it. */
export function nodeSteps(wishes: readonly NodeWish[], nodes: readonly Pick<ComputeNode, "id" | "eligible">[]): readonly NodeStep[] {
  return wishes.flatMap((wish): readonly NodeStep[] => {
    const node = nodes.find(({ id }) => id === wish.nodeId);
    if (node === undefined) return [{ kind: "forget", wish }];
    const eligible = wish.wish === "ELIGIBLE";
    return wish.appliedAt === null || (node.eligible && !eligible) ? [{ kind: "tell", wish, eligible }] : [];
  });
}
