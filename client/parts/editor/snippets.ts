/**
 * Text to insert for what a schema describes, with fields to fill in (`${…}`), for CodeMirror's snippets: there a tab at the start
 * of a line is one step of indentation. Only what is required is written out; what is optional is offered once it is wanted.
 */
import { isOf, valuesOf, type JsonSchema } from "./json-schema.ts";

type Unite = (schema: JsonSchema) => readonly JsonSchema[];

const field = (text: string): string => `\${${text.replaceAll(/[{}]/g, "\\$&")}}`;
const tabs = (count: number): string => "\t".repeat(count);

/** `key: value` with whatever has to be below it. @param unite the parts of a union. */
export function pairSnippet(key: string, schema: JsonSchema, unite: Unite, depth: number): string {
  return `${key}:${valueSnippet(key, schema, unite, depth + 1)}`;
}

/** The pairs that a mapping must hold, but those that are there already, at this depth. */
export function requiredPairs(schema: JsonSchema, unite: Unite, depth: number, present: ReadonlySet<string> = new Set()): readonly string[] {
  const required = new Set(schema.required);
  return Object.keys(schema.properties ?? {})
    .filter((key) => required.has(key) && !present.has(key))
    .map((key) => `${tabs(depth)}${pairSnippet(key, schema.properties?.[key] ?? {}, unite, depth)}`);
}

function valueSnippet(key: string, schema: JsonSchema, unite: Unite, depth: number): string {
  const parts = unite(schema);
  const first = parts[0] ?? schema;
  if (first.const !== undefined) return ` ${String(first.const)}`;
  const mapping = parts.find((part) => isOf(part, "object"));
  if (mapping !== undefined) {
    const pairs = requiredPairs(mapping, unite, depth);
    return pairs.length === 0 ? `\n${tabs(depth)}${field("")}` : `\n${pairs.join("\n")}`;
  }
  // A body is several lines more often than one.
  if (key === "body") return ` |\n${tabs(depth)}${field("")}`;
  const list = parts.find((part) => isOf(part, "array"));
  if (list !== undefined) return listSnippet(list, schema.examples, unite, depth);
  if (isOf(first, "boolean")) return ` ${field(String(schema.default === undefined ? true : schema.default !== true))}`;
  const known = schema.default ?? schema.examples?.[0] ?? valuesOf(first)[0];
  return ` ${field(known === undefined || known === null ? "" : scalarOf(known))}`;
}

function listSnippet(list: JsonSchema, examples: readonly unknown[] | undefined, unite: Unite, depth: number): string {
  const items = typeof list.items === "object" ? unite(list.items) : [];
  // Several kinds of items: which one is chosen in the next completion.
  if (items.length > 1) return `\n${tabs(depth)}- ${field("")}`;
  const mapping = items.find((item) => isOf(item, "object"));
  if (mapping === undefined) {
    const example = examples?.find((each) => Array.isArray(each)) ?? [];
    return ` [${field(example.map((each) => JSON.stringify(each)).join(", "))}]`;
  }
  const [head = field(""), ...rest] = requiredPairs(mapping, unite, depth + 1);
  return `\n${[`${tabs(depth)}- ${head.trimStart()}`, ...rest].join("\n")}`;
}

/** Text that YAML would read as something else stands in quotes. */
export function scalarOf(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value);
  return /^[A-Za-z/][\w./-]*$/.test(value) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(value) ? value : JSON.stringify(value);
}
