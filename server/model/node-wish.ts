/**
 * What an administrator wishes of a machine. Whether it takes new work is the scheduler's to keep; control tells it (control/node-keeper.ts).
 *
 * ELIGIBLE    it takes new work: told once, and then the scheduler's own affair again
 * INELIGIBLE  it takes none; what runs there goes on
 * DRAINED     it takes none, and the routes on it get successors elsewhere before they end; where there is no room, they stay
 */
export const nodeWishes = ["ELIGIBLE", "INELIGIBLE", "DRAINED"] as const;
export type NodeWishKind = (typeof nodeWishes)[number];

export type NodeWish = {
  readonly nodeId: string;
  readonly nodeName: string;
  readonly wish: NodeWishKind;
  readonly createdAt: Date;
  /** Null: the scheduler has not been told yet. */
  readonly appliedAt: Date | null;
  /** Why it could not be told. */
  readonly problem: string | null;
};
