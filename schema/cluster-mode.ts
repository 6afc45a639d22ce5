/** How the members of a route are spread, where it has several. */
import type { ClusterMode as ClusterModeValue } from "../server/model/cluster.ts";
import { builder } from "./builder.ts";

export const ClusterMode = builder.enumType("ClusterMode", {
  description: "Where the members of a route run, if it has several.",
  values: {
    SINGLE_NODE: { description: "All on one node." },
    MULTI_NODE: { description: "Each on a node of its own." },
  } as const satisfies Record<ClusterModeValue, object>,
});

export const clusterSizeWords =
  "Members of each route: one main, which alone serves, and workers. Each has the resources of the route and runs its start command";
