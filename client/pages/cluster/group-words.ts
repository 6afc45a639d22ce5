/** Resource groups in words: which machines they take in, what they allow, and what would be theirs. Pure. */
import type { GroupUsageItemFragment, ResourceGroupItemFragment } from "../../gql/graphql.ts";
import { counted } from "../../parts/bytes.ts";
import { allOf, listed } from "../../parts/listed.ts";
import { amount } from "./amount.ts";

type Constraint = ResourceGroupItemFragment["constraints"][number];

/** `${attr.cpu.arch} = amd64`, as Nomad has it. */
export const constraintInWords = ({ attribute, operator, value }: Constraint): string =>
  [attribute, operator, ...(value === "" ? [] : [value])].join(" ");

export const ruleInWords = ({ nodePool, datacenters, nodeClass, constraints }: ResourceGroupItemFragment): string =>
  [
    nodePool === "all" ? "every node pool" : `node pool ${nodePool}`,
    ...(datacenters.length === 0 ? [] : [`datacenter ${listed(datacenters)}`]),
    ...(nodeClass === null ? [] : [`class ${nodeClass}`]),
    ...constraints.map(constraintInWords),
  ].join(" · ");

/** Empty where it allows everything but images of one's own, as most do. */
export function allowanceInWords({ environments, limits, acceleratorNames, wholeCores, ownImages }: ResourceGroupItemFragment): string {
  const { cpu, memoryGiB, accelerators } = limits;
  const most = [
    ...(cpu === null ? [] : [`${cpu} CPU`]),
    ...(memoryGiB === null ? [] : [`${memoryGiB} GiB of RAM`]),
    ...(accelerators === null ? [] : [counted(accelerators, "accelerator")]),
  ];
  return [
    ...(most.length === 0 ? [] : [`a route may have ${allOf(most)}`]),
    ...(environments === null ? [] : [`only ${listed(environments.map(({ name }) => name))}`]),
    ...(acceleratorNames === null ? [] : [acceleratorNames.length === 0 ? "offers no accelerators" : `offers ${listed(acceleratorNames)}`]),
    ...(wholeCores ? ["whole cores"] : []),
    ...(ownImages ? ["images by hand"] : []),
  ].join(" · ");
}

export function usageInWords({ nodes, eligibleNodes, cpu, memoryGiB, accelerators }: GroupUsageItemFragment): string {
  if (nodes === 0) return "It has no node now: sessions in it would wait.";
  const free = [
    `${amount(cpu.free)} of ${amount(cpu.total)} cores`,
    `${amount(memoryGiB.free)} of ${amount(memoryGiB.total)} GiB of RAM`,
    ...accelerators.map(({ name, count, free: left }) => `${left} of ${count} ${name}`),
  ];
  const takeWork =
    eligibleNodes === nodes ? "" : `, ${eligibleNodes === 0 ? "none" : eligibleNodes} of which ${eligibleNodes === 1 ? "takes" : "take"} work`;
  return `It has ${counted(nodes, "node")} now${takeWork}. Free: ${allOf(free)}.`;
}
