/**
 * Resource groups: which machines they mean, and what a route may have there. Machines are never typed in: they are those that the
 * scheduler has now and that the group's rule takes in.
 */
import { z } from "zod";
import { holds, nodeConstraint, type Constraint } from "./constraint.ts";
import type { EnvironmentId, ResourceGroupId } from "./ids.ts";
import type { ComputeNode } from "./observe.ts";

/** Which machines. Absent: all. */
export type NodeRule = {
  readonly nodePool: string;
  /** Names, in which `*` stands for anything. */
  readonly datacenters?: readonly string[];
  readonly nodeClass?: string | null;
  readonly constraints?: readonly Constraint[];
  /** Whole cores are reserved for a session that asks for whole ones. */
  readonly wholeCores?: boolean;
};

export type NamedGroup = NodeRule & { readonly id: ResourceGroupId; readonly name: string };

/** The most that one route may have; null: no limit but the machines'. */
export type RouteLimits = { readonly cpu: number | null; readonly memoryGiB: number | null; readonly accelerators: number | null };
export const noLimits: RouteLimits = { cpu: null, memoryGiB: null, accelerators: null };

export type GroupRules = NamedGroup & {
  /** Null: all. */
  readonly environmentIds: readonly EnvironmentId[] | null;
  readonly limits: RouteLimits;
  /** As sessions ask for them: `gpu`, `nvidia/gpu`, `nvidia/gpu/H100`. Null: all that its machines have. */
  readonly acceleratorNames: readonly string[] | null;
};

const named = z
  .string()
  .trim()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9 ._-]{0,62}$/,
    "must be 1 to 63 letters, digits, spaces, dots, hyphens and underscores, beginning with a letter or digit",
  );
const nomadName = (what: string) => z.string().regex(/^[A-Za-z0-9_-]{1,128}$/, `must be ${what}: 1 to 128 letters, digits, hyphens and underscores`);
const limit = z.number().positive("must be more than 0").nullable();

export const resourceGroupWish = z.strictObject({
  name: named,
  nodePool: nomadName("a node pool of Nomad"),
  datacenters: z
    .array(z.string().regex(/^[\w.*-]{1,128}$/, "must be a datacenter's name, in which * stands for anything"))
    .max(64, "must be 64 or fewer"),
  nodeClass: z.string().min(1, "must not be empty").max(128, "must be 128 characters or less").nullable(),
  constraints: z.array(nodeConstraint).max(32, "must be 32 or fewer"),
  wholeCores: z.boolean(),
  environmentIds: z
    .array(z.string().transform((id) => id as EnvironmentId))
    .min(1, "must name one, or be null for all")
    .nullable(),
  limits: z.strictObject({
    cpu: limit,
    memoryGiB: limit,
    accelerators: z.int("must be a whole number").min(0, "must be 0 or more").nullable(),
  }),
  acceleratorNames: z
    .array(z.string().min(1, "must not be empty").max(128, "must be 128 characters or less"))
    .max(64, "must be 64 or fewer")
    .nullable(),
  ownImages: z.boolean(),
});
export type ResourceGroupWish = z.output<typeof resourceGroupWish>;

/** The part of it that says which machines. */
export const nodeRuleWish = resourceGroupWish.pick({ nodePool: true, datacenters: true, nodeClass: true, constraints: true });

/** Part by part, each at the first place where it stands: a regular expression would try all ways to spread a name over many `*`. */
function matchesGlob(name: string, glob: string): boolean {
  const [first = "", ...parts] = glob.split("*");
  const last = parts.pop();
  if (last === undefined) return name === glob;
  if (!name.startsWith(first) || !name.slice(first.length).endsWith(last)) return false;
  const end = name.length - last.length;
  let from = first.length;
  for (const part of parts) {
    const at = name.indexOf(part, from);
    if (at < 0 || at + part.length > end) return false;
    from = at + part.length;
  }
  return true;
}

/** `all` is Nomad's name for every pool. */
export const isInPool = (node: Pick<ComputeNode, "nodePool">, pool: string): boolean => pool === "all" || node.nodePool === pool;

/** Is it one of the group's, whatever it can take now? Constraints are asked apart: they can be typed wrongly, and are named then. */
export const isInGroup = (node: Pick<ComputeNode, "nodePool" | "datacenter" | "nodeClass">, rule: NodeRule): boolean =>
  isInPool(node, rule.nodePool) && isInDatacenters(node, rule) && isOfClass(node, rule);

export const isInDatacenters = ({ datacenter }: Pick<ComputeNode, "datacenter">, { datacenters = [] }: NodeRule): boolean =>
  datacenters.length === 0 || datacenters.some((glob) => matchesGlob(datacenter, glob));

export const isOfClass = (node: Pick<ComputeNode, "nodeClass">, { nodeClass = null }: NodeRule): boolean =>
  nodeClass === null || node.nodeClass === nodeClass;

const told: ReadonlyMap<string, (node: ComputeNode) => string> = new Map([
  ["${node.unique.id}", ({ id }) => id],
  ["${node.unique.name}", ({ name }) => name],
  ["${node.datacenter}", ({ datacenter }) => datacenter],
  ["${node.pool}", ({ nodePool }) => nodePool],
  ["${node.class}", ({ nodeClass }) => nodeClass],
]);

const nowhere: ReadonlySet<Constraint["operator"]> = new Set(["regexp", "version", "semver"]);

/** Those of which it cannot be said here whether they hold of a machine: attributes and metadata are Nomad's to know. */
export const unknownConstraints = ({ constraints = [] }: NodeRule): readonly Constraint[] =>
  constraints.filter(({ attribute, operator }) => !told.has(attribute) || nowhere.has(operator));
export const isKnownHere = (rule: NodeRule): boolean => unknownConstraints(rule).length === 0;

/** The first of the group's constraints that is known not to hold of the machine; null: none. What is not known here, Nomad says. */
export function brokenConstraint(node: ComputeNode, { constraints = [] }: NodeRule): Constraint | null {
  const breaks = (constraint: Constraint): boolean => {
    const value = told.get(constraint.attribute)?.(node);
    return value !== undefined && holds(value === "" ? undefined : { value, unit: null }, constraint) === false;
  };
  return constraints.find(breaks) ?? null;
}

/** Is it one of the group's by all that is known of it here? */
export const isTakenIn = (node: ComputeNode, rule: NodeRule): boolean => isInGroup(node, rule) && brokenConstraint(node, rule) === null;
