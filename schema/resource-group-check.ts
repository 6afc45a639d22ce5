/** What a rule would take in, asked before it is a group's. */
import type { Constraint as ConstraintValue } from "../server/model/constraint.ts";
import type { ComputeNode as ComputeNodeValue } from "../server/model/observe.ts";
import { isTakenIn, nodeRuleWish, unknownConstraints } from "../server/model/resource-group.ts";
import { builder } from "./builder.ts";
import { askNodes } from "./compute-node.ts";
import { Constraint, ConstraintInput, constraintOf } from "./constraint.ts";
import { badUserInput, checkInput } from "./errors.ts";
import { GroupUsage } from "./resource-group.ts";

type Check = { readonly nodes: readonly ComputeNodeValue[] | null; readonly unknown: readonly ConstraintValue[] };

const ResourceGroupCheck = builder.objectRef<Check>("ResourceGroupCheck").implement({
  fields: (t) => ({
    usage: t.field({
      type: GroupUsage,
      nullable: true,
      description: "Of the machines that it would take in now. Null while the scheduler cannot be asked.",
      resolve: ({ nodes }) => nodes,
    }),
    unknownConstraints: t.field({
      type: [Constraint],
      description: "Those of which only Nomad knows whether they hold. Here they are taken to hold.",
      resolve: ({ unknown }) => [...unknown],
    }),
  }),
});

const CheckResourceGroupInput = builder.inputType("CheckResourceGroupInput", {
  fields: (t) => ({
    nodePool: t.string({ required: true, description: "Nomad's; `all` is every one." }),
    datacenters: t.stringList({ description: "Names in which `*` stands for anything; absent: all." }),
    nodeClass: t.string({ description: "Absent: any." }),
    constraints: t.field({ type: [ConstraintInput] }),
  }),
});

builder.queryField("checkResourceGroup", (t) =>
  t.field({
    type: ResourceGroupCheck,
    description: "Which machines a group of this rule would have now. Makes and changes nothing.",
    args: { input: t.arg({ type: CheckResourceGroupInput, required: true }) },
    resolve: async (_root, { input: { nodePool, datacenters, nodeClass, constraints } }, context): Promise<Check> => {
      const given = { nodePool, datacenters: datacenters ?? [], nodeClass: nodeClass ?? null, constraints: (constraints ?? []).map(constraintOf) };
      const rule = checkInput(nodeRuleWish, given);
      if (!rule.ok) throw badUserInput(rule.refusal.message);
      const nodes = (await askNodes(context))?.filter((node) => node.status !== "DOWN" && isTakenIn(node, rule.value)) ?? null;
      return { nodes, unknown: unknownConstraints(rule.value) };
    },
  }),
);
