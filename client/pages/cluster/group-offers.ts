/** What a resource group can name of the machines that there are, so that nothing is typed in twice. Pure. */
import type { NodeItemFragment } from "../../gql/graphql.ts";

export type GroupOffers = {
  readonly nodePools: readonly string[];
  readonly datacenters: readonly string[];
  readonly nodeClasses: readonly string[];
  /** Each kind, and what takes in all of a vendor or of a type. */
  readonly acceleratorNames: readonly string[];
};

export function offersOf(nodes: readonly NodeItemFragment[]): GroupOffers {
  const kinds = nodes.flatMap(({ devices }) => devices.map(({ name }) => name));
  const wider = kinds.flatMap((name) => {
    const [vendor = "", type = ""] = name.split("/");
    return [type, `${vendor}/${type}`, name];
  });
  return {
    nodePools: ["all", ...distinct(nodes.map(({ nodePool }) => nodePool)).filter((pool) => pool !== "all")],
    datacenters: distinct(nodes.map(({ datacenter }) => datacenter)),
    nodeClasses: distinct(nodes.map(({ nodeClass }) => nodeClass).filter((one) => one !== "")),
    acceleratorNames: distinct(wider),
  };
}

const distinct = (names: readonly string[]): readonly string[] => [...new Set(names)].toSorted();
