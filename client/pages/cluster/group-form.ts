/** A resource group as the form has it, and as it is asked for. Pure. */
import type { CheckResourceGroupInput, CreateResourceGroupInput, ResourceGroupItemFragment } from "../../gql/graphql.ts";

/** Empty lists, names and numbers: no condition, no limit. */
export type GroupValues = {
  name: string;
  nodePool: string;
  datacenters: string[];
  nodeClass: string;
  constraints: { attribute: string; operator: string; value: string }[];
  environmentIds: string[];
  limits: { cpu: number | string; memoryGiB: number | string; accelerators: number | string };
  offered: "ALL" | "SOME" | "NONE";
  /** Where some are offered. */
  acceleratorNames: string[];
  wholeCores: boolean;
  ownImages: boolean;
};

export const untouched: GroupValues = {
  name: "",
  nodePool: "",
  datacenters: [],
  nodeClass: "",
  constraints: [],
  environmentIds: [],
  limits: { cpu: "", memoryGiB: "", accelerators: "" },
  offered: "ALL",
  acceleratorNames: [],
  wholeCores: false,
  ownImages: false,
};

/** Nomad's. */
export const operators = ["=", "!=", ">", ">=", "<", "<=", "regexp", "version", "semver", "set_contains", "set_contains_any", "is_set", "is_not_set"];
export const hasValue = (operator: string): boolean => operator !== "is_set" && operator !== "is_not_set";

export function valuesOf(group: ResourceGroupItemFragment): GroupValues {
  const { name, nodePool, datacenters, nodeClass, constraints, environments, limits, acceleratorNames, wholeCores, ownImages } = group;
  return {
    name,
    nodePool,
    datacenters: [...datacenters],
    nodeClass: nodeClass ?? "",
    constraints: constraints.map(({ attribute, operator, value }) => ({ attribute, operator, value })),
    environmentIds: environments?.map(({ id }) => id) ?? [],
    limits: { cpu: limits.cpu ?? "", memoryGiB: limits.memoryGiB ?? "", accelerators: limits.accelerators ?? "" },
    offered: acceleratorNames === null ? "ALL" : acceleratorNames.length === 0 ? "NONE" : "SOME",
    acceleratorNames: [...(acceleratorNames ?? [])],
    wholeCores,
    ownImages,
  };
}

const ruleOf = ({ nodePool, datacenters, nodeClass, constraints }: GroupValues): CheckResourceGroupInput => ({
  nodePool: nodePool.trim(),
  datacenters,
  nodeClass: nodeClass.trim() === "" ? null : nodeClass.trim(),
  constraints: constraints.map(({ attribute, operator, value }) => ({
    attribute: attribute.trim(),
    operator,
    value: hasValue(operator) ? value.trim() : null,
  })),
});

/** Which nodes it would have is asked also while a constraint is not typed in full. */
export const askedOf = (values: GroupValues): CheckResourceGroupInput =>
  ruleOf({
    ...values,
    constraints: values.constraints.filter(({ attribute, operator, value }) => attribute !== "" && (value !== "" || !hasValue(operator))),
  });

export const inputOf = (values: GroupValues): CreateResourceGroupInput => ({
  ...ruleOf(values),
  name: values.name.trim(),
  environmentIds: values.environmentIds.length === 0 ? null : values.environmentIds,
  limits: { cpu: numberOf(values.limits.cpu), memoryGiB: numberOf(values.limits.memoryGiB), accelerators: numberOf(values.limits.accelerators) },
  acceleratorNames: values.offered === "ALL" ? null : values.offered === "NONE" ? [] : values.acceleratorNames,
  wholeCores: values.wholeCores,
  ownImages: values.ownImages,
});

const numberOf = (typed: number | string): number | null => (typeof typed === "number" ? typed : null);

/** Only what was changed: what somebody else has changed meanwhile, stays. */
export function changesOf(before: GroupValues, after: GroupValues): Partial<CreateResourceGroupInput> {
  const was = inputOf(before);
  const differs = ([key, value]: [string, unknown]): boolean => JSON.stringify(value) !== JSON.stringify(was[key as keyof CreateResourceGroupInput]);
  return Object.fromEntries(Object.entries(inputOf(after)).filter(differs));
}

/** What is wrong already before it is sent. */
export const validateGroup = {
  name: (name: string) => (name.trim() === "" ? "Give the group a name." : null),
  nodePool: (pool: string) => (pool.trim() === "" ? "Choose a node pool; all is every one." : null),
  acceleratorNames: (names: readonly string[], { offered }: GroupValues) =>
    offered === "SOME" && names.length === 0 ? "Name at least one, or offer none." : null,
};

/** The field that stands for a path in a ValidationError. */
export function fieldsOf({ datacenters, constraints, environmentIds, acceleratorNames }: GroupValues): Readonly<Record<string, string>> {
  const own = ["name", "nodePool", "datacenters", "nodeClass", "constraints", "environmentIds", "acceleratorNames"];
  const ofLimits = ["cpu", "memoryGiB", "accelerators"].map((part) => `limits.${part}`);
  const entries = (list: string, items: readonly unknown[]) => items.map((_one, index) => [`${list}[${index}]`, list] as const);
  return Object.fromEntries([
    ...[...own, ...ofLimits].map((field) => [field, field] as const),
    ...entries("datacenters", datacenters),
    ...entries("environmentIds", environmentIds),
    ...entries("acceleratorNames", acceleratorNames),
    ...constraints.flatMap((_one, index) =>
      ["attribute", "operator", "value"].map((part) => [`constraints[${index}].${part}`, `constraints.${index}.${part}`] as const),
    ),
  ]);
}
