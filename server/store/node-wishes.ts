/** What administrators wish of machines, and how far control has come with it. */
import { and, asc, eq, inArray, sql } from "drizzle-orm";
import { users } from "../../drizzle/tables/installation.ts";
import { nodeWishes } from "../../drizzle/tables/places.ts";
import type { UserId } from "../model/ids.ts";
import type { NodeWish } from "../model/node-wish.ts";
import type { Database } from "./database.ts";
import { assertHeld, type Lease } from "./leases.ts";

export type NodeWishRow = NodeWish & { readonly userName: string };

const columns = {
  nodeId: nodeWishes.nodeId,
  nodeName: nodeWishes.nodeName,
  wish: nodeWishes.wish,
  createdAt: nodeWishes.createdAt,
  appliedAt: nodeWishes.appliedAt,
  problem: nodeWishes.problem,
};

/** In place of what was wished of it before. The same again is tried again. */
export async function wishForNode(
  database: Database,
  wish: Pick<NodeWish, "nodeId" | "nodeName" | "wish"> & { readonly userId: UserId },
): Promise<void> {
  const anew = { ...wish, createdAt: sql`clock_timestamp()`, appliedAt: null, problem: null };
  await database.db.insert(nodeWishes).values(anew).onConflictDoUpdate({ target: nodeWishes.nodeId, set: anew });
}

export async function listNodeWishes(database: Database): Promise<NodeWish[]> {
  return database.db.select(columns).from(nodeWishes).orderBy(asc(nodeWishes.nodeName), asc(nodeWishes.nodeId));
}

export async function readNodeWishes(database: Database, nodeIds: readonly string[]): Promise<NodeWishRow[]> {
  return database.db
    .select({ ...columns, userName: users.name })
    .from(nodeWishes)
    .innerJoin(users, eq(users.id, nodeWishes.userId))
    .where(inArray(nodeWishes.nodeId, [...nodeIds]));
}

const believed = ({ nodeId, createdAt }: NodeWish) => and(eq(nodeWishes.nodeId, nodeId), eq(nodeWishes.createdAt, createdAt));

/** The scheduler has been told, or not: `problem` says why. Of a wish that another has replaced meanwhile nothing is written. */
export async function recordNodeWish(database: Database, lease: Lease, wish: NodeWish, problem: string | null): Promise<void> {
  await database.db.transaction(async (tx) => {
    await assertHeld(tx, lease);
    await tx
      .update(nodeWishes)
      .set({ problem, ...(problem === null ? { appliedAt: sql`now()` } : {}) })
      .where(believed(wish));
  });
}

/** It has come true and need not be kept true, or its machine is no more. */
export async function endNodeWish(database: Database, lease: Lease, wish: NodeWish): Promise<void> {
  await database.db.transaction(async (tx) => {
    await assertHeld(tx, lease);
    await tx.delete(nodeWishes).where(believed(wish));
  });
}
