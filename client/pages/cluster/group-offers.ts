/** What a resource group can name of the machines that there are, so that nothing is typed in twice. Pure. */
import type { NodeItemFragment } from "../../gql/graphql.ts";
import { acceleratorNames } from "../../parts/accelerator-names.ts";

export type GroupOffers = {
  readonly nodePools: readonly string[];
  readonly datacenters: readonly string[];
  readonly nodeClasses: readonly string[];
  readonly acceleratorNames: readonly string[];
};

export function offersOf(nodes: readonly NodeItemFragment[]): GroupOffers {
  return {
    nodePools: ["all", ...distinct(nodes.map(({ nodePool }) => nodePool)).filter((pool) => pool !== "all")],
    datacenters: distinct(nodes.map(({ datacenter }) => datacenter)),
    nodeClasses: distinct(nodes.map(({ nodeClass }) => nodeClass).filter((one) => one !== "")),
    acceleratorNames: acceleratorNames(nodes.flatMap(({ devices }) => devices.map(({ name }) => name))),
  };
}

const distinct = (names: readonly string[]): readonly string[] => [...new Set(names)].toSorted();
