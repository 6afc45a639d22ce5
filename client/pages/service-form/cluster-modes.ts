/** How the members of a route are spread, in the guide's words. */
import type { ClusterMode } from "../../gql/graphql.ts";

export const clusterModes: readonly { readonly value: ClusterMode; readonly label: string; readonly about: string }[] = [
  { value: "SINGLE_NODE", label: "Single node", about: "All members on one node" },
  { value: "MULTI_NODE", label: "Multi node", about: "Each member on a node of its own" },
];

export const clusterModeInWords = (mode: ClusterMode): string => clusterModes.find(({ value }) => value === mode)?.label ?? mode;
