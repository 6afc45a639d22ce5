/**
 * A route of several members, a gang: one main, which serves, and workers. Each is a session's worth of processes with the resources of
 * the route, runs the same start script, and is told who it is. They live and die together.
 */
import { z } from "zod";

/** SINGLE_NODE: all on one machine. MULTI_NODE: each on a machine of its own. */
export const clusterModes = ["SINGLE_NODE", "MULTI_NODE"] as const;
export type ClusterMode = (typeof clusterModes)[number];

/** Of more than one member. */
export type Cluster = { readonly mode: ClusterMode; readonly size: number };

const clusterSizeMax = 64;
export const clusterSize = z
  .int("must be a whole number")
  .min(1, "must be 1 or more")
  .max(clusterSizeMax, `must be ${clusterSizeMax} members or fewer`);

/** Alone it is a session like others, whatever the mode. */
export const clusterOf = ({ clusterMode, clusterSize: size }: { readonly clusterMode: ClusterMode; readonly clusterSize: number }): Cluster | null =>
  size > 1 ? { mode: clusterMode, size } : null;

/** How people call a member. Main has rank 0. */
export const memberName = (rank: number): string => (rank === 0 ? "main" : `worker ${rank}`);
