/**
 * What a JSON Schema says about one place of a document: enough of it for completion and hovering, not for checking, which is the
 * server's. A place may be described by several schemas at once (`anyOf`, `oneOf`); those that contradict what the document says
 * beside it are left out: after `action: mkdir`, `args` is mkdir's.
 */
type Scalar = string | number | boolean | null;
export type JsonSchema = {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly const?: Scalar;
  readonly enum?: readonly Scalar[];
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly required?: readonly string[];
  readonly items?: JsonSchema | boolean;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly deprecated?: boolean;
};

/** The scalars that a mapping holds, by key; null where the value is none. */
export type Entries = ReadonlyMap<string, string | null>;
export type Step = { readonly kind: "key"; readonly name: string; readonly beside: Entries } | { readonly kind: "item" };

export const noEntries: Entries = new Map();

/** Every schema that may describe the place; a union's own words come along, as the first that has a description. */
export function schemasAt(root: JsonSchema, path: readonly Step[]): readonly JsonSchema[] {
  let here = [root];
  // Parts of a union often share what is below them: once is enough.
  for (const step of path) here = [...new Set(here.flatMap((schema) => alternatives(root, schema)).flatMap((schema) => childrenOf(schema, step)))];
  return here.flatMap((schema) => alternatives(root, schema));
}

/** As `schemasAt`, without those that contradict what the mapping at that place holds. */
export const mappingsAt = (root: JsonSchema, path: readonly Step[], entries: Entries): readonly JsonSchema[] =>
  schemasAt(root, path).filter((schema) => schema.properties !== undefined && agrees(schema, entries));

/** Of a list at that place: what its items may be. */
export const itemsAt = (root: JsonSchema, path: readonly Step[]): readonly JsonSchema[] => schemasAt(root, [...path, { kind: "item" }]);

function childrenOf(schema: JsonSchema, step: Step): readonly JsonSchema[] {
  if (step.kind === "item") return typeof schema.items === "object" ? [schema.items] : [];
  const others = new Map([...step.beside].filter(([name]) => name !== step.name));
  if (!agrees(schema, others)) return [];
  const own = schema.properties?.[step.name];
  if (own !== undefined) return [own];
  return typeof schema.additionalProperties === "object" ? [schema.additionalProperties] : [];
}

/** The schema itself where it is no union, else its parts, `$ref`s followed. */
function alternatives(root: JsonSchema, schema: JsonSchema, depth = 0): readonly JsonSchema[] {
  if (depth > 20) return [];
  const { $ref, anyOf, oneOf, allOf, ...own } = schema;
  const referenced = $ref === undefined ? [] : [referenceOf(root, $ref)];
  const parts = [...referenced, ...(anyOf ?? []), ...(oneOf ?? []), ...(allOf ?? [])];
  if (parts.length === 0) return [schema];
  const inner = parts.flatMap((part) => alternatives(root, part, depth + 1)).filter((part) => part.type !== "null");
  return inner.map((part) => together(own, part));
}

/** What is said of the union is said of each of its parts that says nothing itself; what either holds or requires, both do. */
const together = (own: JsonSchema, part: JsonSchema): JsonSchema => ({
  ...own,
  ...part,
  ...((own.required ?? part.required) && { required: [...(own.required ?? []), ...(part.required ?? [])] }),
  ...((own.properties ?? part.properties) && { properties: { ...part.properties, ...own.properties } }),
});

function referenceOf(root: JsonSchema, reference: string): JsonSchema {
  let here: unknown = root;
  for (const name of reference.replace(/^#\/?/, "").split("/")) {
    if (name !== "") here = (here as Record<string, unknown> | undefined)?.[name.replaceAll("~1", "/").replaceAll("~0", "~")];
  }
  return typeof here === "object" && here !== null ? here : {};
}

function agrees(schema: JsonSchema, entries: Entries): boolean {
  for (const [name, value] of entries) {
    const wanted = schema.properties?.[name]?.const;
    if (wanted !== undefined && value !== null && value !== "" && String(wanted) !== value) return false;
  }
  return true;
}

export const isOf = (schema: JsonSchema, type: string): boolean => [schema.type].flat().includes(type);
const isFlag = (schema: JsonSchema): boolean => isOf(schema, "boolean") && !isOf(schema, "string");
/** A number that may also stand in quotes: not worth a word. */
const isNumberInText = (schema: JsonSchema): boolean => isOf(schema, "string") && schema.pattern?.startsWith("^[0-9]") === true;

/** What may be written there, in words: "a whole number from 1 to 65535". */
export function kindOf(schemas: readonly JsonSchema[]): string {
  return [...new Set(schemas.map(wordOf))].filter((word) => word !== "").join(" or ");
}

function wordOf(schema: JsonSchema): string {
  const values = valuesOf(schema);
  if (isFlag(schema)) return "true or false";
  if (values.length > 0) return values.map((value) => String(value)).join(", ");
  if (isNumberInText(schema)) return "";
  if (isOf(schema, "string")) return "text";
  if (isOf(schema, "integer")) return `a whole number${rangeOf(schema)}`;
  if (isOf(schema, "number")) return `a number${rangeOf(schema)}`;
  if (isOf(schema, "array")) return "a list";
  return isOf(schema, "object") ? "a mapping" : "";
}

function rangeOf({ minimum, maximum }: JsonSchema): string {
  const low = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? minimum : null;
  const high = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : null;
  if (low !== null && high !== null) return ` from ${low} to ${high}`;
  if (low !== null) return `, ${low} or more`;
  return high === null ? "" : `, ${high} or less`;
}

/** The values that are known, when there are only some. */
export function valuesOf(schema: JsonSchema): readonly Scalar[] {
  if (schema.const !== undefined) return [schema.const];
  if (schema.enum !== undefined) return schema.enum.filter((value) => value !== null);
  return isFlag(schema) ? [true, false] : [];
}
