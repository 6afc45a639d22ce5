/**
 * Completion for model definitions: keys, known values, actions with their arguments, items of lists, and variables in braces. All of
 * it comes from the JSON Schema, so a key that the server learns is offered here without another line.
 */
import { snippetCompletion, startCompletion, type Completion, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import { describe } from "./describe.ts";
import { isOf, itemsAt, kindOf, mappingsAt, schemasAt, valuesOf, type Entries, type JsonSchema, type Step } from "./json-schema.ts";
import { pairSnippet, requiredPairs, scalarOf } from "./snippets.ts";
import { refsIn, typingAt, type Typing } from "./yaml-place.ts";

const ownVariables: readonly { readonly name: string; readonly detail: string }[] = [
  { name: "model_path", detail: "where the model folder is mounted" },
  { name: "port", detail: "where the model listens" },
  { name: "model_name", detail: "name of the model" },
];

export const completeDefinition =
  (root: JsonSchema) =>
  (context: CompletionContext): CompletionResult | null => {
    const text = context.state.sliceDoc();
    // A brace alone may begin anything (JSON, Python), and then Enter is meant as Enter.
    const variable = context.matchBefore(context.explicit ? /(?<![{$\\])\{[\w.]*/ : /(?<![{$\\])\{[\w.]+/);
    if (variable !== null) return { from: variable.from, options: variables(text), validFor: /^\{[\w.]*$/ };
    const typing = typingAt(text, context.pos);
    if (typing === null) return null;
    const options = typing.kind === "key" ? keyOptions(root, typing) : valueOptions(root, typing);
    // Where nothing is typed and nothing was asked for, only what is new on its line is offered by itself.
    if (!context.explicit && context.pos === typing.from && typing.kind === "key" && typing.dashes === 0) return null;
    return options.length === 0 ? null : { from: typing.from, options, validFor: /^[\w-]*$/ };
  };

function variables(text: string): readonly Completion[] {
  const refs = refsIn(text).flatMap((name) => [
    { name, detail: "of the action with this ref" },
    { name: `${name}.out`, detail: "what it wrote" },
    { name: `${name}.err`, detail: "what it wrote as errors" },
  ]);
  return [...ownVariables, ...refs].map(({ name, detail }) => ({ label: `{${name}}`, detail, type: "variable", apply: insertVariable }));
}

/** The closing brace that the editor has put there already is not doubled. */
function insertVariable(view: View, { label }: Completion, from: number, to: number): void {
  const end = view.state.sliceDoc(to, to + 1) === "}" ? to + 1 : to;
  view.dispatch({ changes: { from, to: end, insert: label }, selection: { anchor: from + label.length } });
}

function keyOptions(root: JsonSchema, typing: Extract<Typing, { kind: "key" }>): readonly Completion[] {
  const { container, beside, dashes, isLast } = typing;
  const unite = (schema: JsonSchema) => schemasAt({ ...root, ...schema, ...(root.$defs && { $defs: root.$defs }) }, []);
  const depth = dashes / 2;
  const mappings = mappingsAt(root, container, beside);
  const lists = schemasAt(root, container).filter((schema) => isOf(schema, "array"));
  const items = lists.length === 0 ? [] : itemsAt(root, container);
  return [
    ...(isLast && beside.size === 0 ? mappings.flatMap((schema) => choiceOption(schema, unite, depth, "")) : []),
    ...keysOf(mappings)
      .filter(({ key, schemas }) => !beside.has(key) && schemas.some(({ deprecated }) => deprecated !== true))
      .map(({ key, schemas, required }) =>
        keyOption(root, [...container, { kind: "key", name: key, beside }], key, schemas, required, isLast ? unite : null, depth),
      ),
    ...items.flatMap((schema) => choiceOption(schema, unite, depth + 1, "- ")),
  ];
}

type Key = { readonly key: string; readonly schemas: readonly JsonSchema[]; readonly required: boolean };

function keysOf(mappings: readonly JsonSchema[]): readonly Key[] {
  const names = [...new Set(mappings.flatMap((schema) => Object.keys(schema.properties ?? {})))];
  return names.map((key) => ({
    key,
    schemas: [...new Set(mappings.flatMap((schema) => schema.properties?.[key] ?? []))],
    required: mappings.every((schema) => schema.required?.includes(key)),
  }));
}

function keyOption(
  root: JsonSchema,
  path: readonly Step[],
  key: string,
  schemas: readonly JsonSchema[],
  required: boolean,
  unite: ((schema: JsonSchema) => readonly JsonSchema[]) | null,
  depth: number,
): Completion {
  const described = schemasAt(root, path);
  const option: Completion = {
    label: key,
    type: "property",
    detail: required ? "required" : "",
    boost: required ? 1 : 0,
    info: () => describe(key, described, required),
  };
  const only = schemas.length === 1 ? schemas[0] : undefined;
  // A key that stands before its value already, or means several things: its name alone.
  if (unite === null) return option;
  return only === undefined
    ? { ...option, apply: (view, _option, from, to) => insertAndAsk(view, from, to, `${key}: `) }
    : snippetCompletion(pairSnippet(key, only, unite, depth), option);
}

type View = Parameters<typeof startCompletion>[0];

function insertAndAsk(view: View, from: number, to: number, insert: string): void {
  view.dispatch({ changes: { from, to, insert }, selection: { anchor: from + insert.length } });
  startCompletion(view);
}

/** One of several kinds of mappings (an action), whole: its name and what it must hold. */
function choiceOption(schema: JsonSchema, unite: (schema: JsonSchema) => readonly JsonSchema[], depth: number, dash: string): readonly Completion[] {
  const chosen = Object.entries(schema.properties ?? {}).find(([, { const: value }]) => typeof value === "string");
  if (chosen === undefined) return [];
  const [key, { const: value }] = chosen;
  const others = requiredPairs(schema, unite, depth, new Set([key]));
  const text = [`${dash}${key}: ${String(value)}`, ...others].join("\n");
  const info = () => describe(String(value), [about(schema)], false);
  return [snippetCompletion(text, { label: `${dash}${key}: ${String(value)}`, type: "class", boost: 2, info })];
}

function valueOptions(root: JsonSchema, typing: Extract<Typing, { kind: "value" }>): readonly Completion[] {
  const { path, beside, dashes } = typing;
  const own = path.at(-1);
  const name = own?.kind === "key" ? own.name : "";
  const others: Entries = new Map([...beside].filter(([key]) => key !== name));
  const unite = (schema: JsonSchema) => schemasAt({ ...root, ...schema, ...(root.$defs && { $defs: root.$defs }) }, []);
  const whole = mappingsAt(root, path.slice(0, -1), others);
  const schemas = schemasAt(root, path);
  const known = new Map<string, Completion>();
  for (const schema of schemas) {
    for (const value of valuesOf(schema)) {
      const mapping = schema.const === undefined ? undefined : whole.find((each) => each.properties?.[name]?.const === value);
      // What follows from the value (an action's arguments) comes with it.
      const follows = mapping === undefined ? [] : requiredPairs(mapping, unite, dashes / 2, new Set([name, ...others.keys()]));
      const info = () => describe(String(value), [about(mapping ?? schema)], false);
      const option: Completion = { label: String(value), type: "enum", info };
      known.set(String(value), follows.length === 0 ? option : snippetCompletion([String(value), ...follows].join("\n"), option));
    }
    for (const value of [schema.default, ...(schema.examples ?? [])]) {
      if (value === undefined || value === null || typeof value === "object") continue;
      const label = scalarOf(value);
      if (!known.has(label)) known.set(label, { label, type: "constant", detail: value === schema.default ? "default" : kindOf([schema]) });
    }
  }
  return [...known.values()];
}

/** Its words without its kind, which goes without saying of a value. */
export const about = ({ description = "" }: JsonSchema): JsonSchema => ({ description });
