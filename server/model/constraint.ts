/**
 * Conditions on attributes of machines and of devices, in Nomad's words (https://developer.hashicorp.com/nomad/docs/job-specification/constraint):
 * checked when they are typed, handed to Nomad as they are, and evaluated here where the attribute is known, to say why nothing fits.
 */
import { z } from "zod";

export const constraintOperators = [
  "=",
  "!=",
  ">",
  ">=",
  "<",
  "<=",
  "regexp",
  "version",
  "semver",
  "set_contains",
  "set_contains_any",
  "is_set",
  "is_not_set",
] as const;
export type ConstraintOperator = (typeof constraintOperators)[number];

export type Constraint = { readonly attribute: string; readonly operator: ConstraintOperator; readonly value: string };
/** A wish, not a must: machines are preferred by the sum of the weights. */
export type Affinity = Constraint & { readonly weight: number };

/** What a device's plugin says of it: `81920` `MiB`. */
export type AttributeValue = { readonly value: number | string | boolean; readonly unit: string | null };

const withoutValue: ReadonlySet<ConstraintOperator> = new Set(["is_set", "is_not_set"]);
/** Nomad would put something else in the place of a `${…}` of its own. */
const value = z
  .string()
  .max(256, "must be 256 characters or less")
  .refine((text) => !text.includes("${"), "must not contain `${`");

const fieldsOf = (attribute: z.ZodType<string, string>) => ({ attribute, operator: z.enum(constraintOperators), value });
const hasValue = (one: Constraint): boolean => withoutValue.has(one.operator) !== (one.value !== "");
const lacksValue = { path: ["value"], message: "must be given, but for is_set and is_not_set, which have none" };

const deviceAttribute = z
  .string()
  .regex(/^\$\{device\.(attr\.[\w.-]{1,100}|vendor|type|model|ids)\}$/, "must be an attribute of devices, such as ${device.attr.memory}");
export const deviceConstraint = z.strictObject(fieldsOf(deviceAttribute)).refine(hasValue, lacksValue);
export const deviceAffinity = z
  .strictObject({
    ...fieldsOf(deviceAttribute),
    weight: z.int("must be a whole number").min(-100, "must be -100 or more").max(100, "must be 100 or less"),
  })
  .refine((one) => one.weight !== 0, { path: ["weight"], message: "must not be 0" })
  .refine(hasValue, lacksValue);

const nodeAttribute = z
  .string()
  .regex(/^\$\{(attr|meta|node)\.[\w.-]{1,100}\}$/, "must be an attribute of nodes, such as ${attr.cpu.arch} or ${meta.rack}");
export const nodeConstraint = z.strictObject(fieldsOf(nodeAttribute)).refine(hasValue, lacksValue);

/** `${attr.cpu.arch} = amd64`, as people and Nomad write it. */
export const wordsOf = ({ attribute, operator, value: wanted }: Constraint): string =>
  withoutValue.has(operator) ? `${attribute} ${operator}` : `${attribute} ${operator} ${wanted}`;

const unitFactors: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    ["k", "M", "G", "T", "P", "E"].flatMap((prefix, index) => [
      [`${prefix}B`, 1000 ** (index + 1)],
      [`${prefix === "k" ? "K" : prefix}iB`, 1024 ** (index + 1)],
    ]),
  ),
  B: 1,
  MHz: 1e6,
  GHz: 1e9,
  mW: 1e-3,
  W: 1,
  kW: 1e3,
};

/** In the smallest unit of its kind; null where it is no number, or one of a unit that is not known. */
function quantityOf({ value: of, unit }: AttributeValue): number | null {
  if (typeof of !== "number") return null;
  if (unit === null || unit === "") return of;
  const factor = unitFactors[unit];
  return factor === undefined ? null : of * factor;
}

function parseAttribute(text: string): AttributeValue {
  const [, number, unit] = /^(-?\d+(?:\.\d+)?)\s*([A-Za-z/%]+)?$/.exec(text.trim()) ?? [];
  if (number !== undefined) return { value: Number(number), unit: unit ?? null };
  return text === "true" || text === "false" ? { value: text === "true", unit: null } : { value: text, unit: null };
}

/** An amount of memory in MiB; null where it says none. */
export function memoryMiBOf(attribute: AttributeValue | undefined): number | null {
  const bytes = attribute === undefined || attribute.unit === null ? null : quantityOf(attribute);
  return bytes === null ? null : bytes / 1024 ** 2;
}

/** Null: cannot be said here; Nomad will. */
export function holds(of: AttributeValue | undefined, { operator, value: wanted }: Constraint): boolean | null {
  if (operator === "is_set") return of !== undefined;
  if (operator === "is_not_set") return of === undefined;
  if (of === undefined) return operator === "!=";
  switch (operator) {
    case "=":
      return compare(of, wanted, (order) => order === 0);
    case "!=":
      return compare(of, wanted, (order) => order !== 0);
    case ">":
      return compare(of, wanted, (order) => order > 0);
    case ">=":
      return compare(of, wanted, (order) => order >= 0);
    case "<":
      return compare(of, wanted, (order) => order < 0);
    case "<=":
      return compare(of, wanted, (order) => order <= 0);
    case "set_contains":
      return itemsOf(wanted).every((item) => itemsOf(String(of.value)).includes(item));
    case "set_contains_any":
      return itemsOf(wanted).some((item) => itemsOf(String(of.value)).includes(item));
    // Go's dialects of these are its own.
    case "regexp":
    case "version":
    case "semver":
      return null;
  }
}

const itemsOf = (text: string): readonly string[] => text.split(",").map((item) => item.trim());

function compare(of: AttributeValue, wanted: string, accepts: (order: number) => boolean): boolean | null {
  const other = parseAttribute(wanted);
  const [one, two] = [quantityOf(of), quantityOf(other)];
  if (one !== null && two !== null) return accepts(one - two);
  const [left, right] = [String(of.value), String(other.value)];
  return of.unit === null && other.unit === null ? accepts(left === right ? 0 : left < right ? -1 : 1) : null;
}
