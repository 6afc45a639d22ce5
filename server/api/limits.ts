/**
 * What a document may cost, decided before it is validated: its length, how deep it nests, how many fields it has when its
 * fragments are written out. A hostile one is refused with HTTP 400 in the time that reading it takes; every fragment is
 * looked at once, however often it is spread. Introspection is as deep as it needs to be; graphql-js bounds it itself.
 */
import { type DocumentNode, GraphQLError, Kind, parse, type SelectionSetNode } from "graphql";
import type { Plugin } from "graphql-yoga";

const documentBytesMax = 100 * 1024;
const depthMax = 12;
const fieldsMax = 1000;
/** Beyond what a document within the other limits has. */
const tokensMax = 10_000;
/** Of brackets of any kind: the parser calls itself for each, and its stack must not run out. */
const nestingMax = 200;

const tooCostly = (message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { code: "DOCUMENT_TOO_COSTLY", http: { status: 400 } } });

export const limits: Plugin = {
  onParse({ params, setParseFn }) {
    const text = typeof params.source === "string" ? params.source : params.source.body;
    if (Buffer.byteLength(text) > documentBytesMax) throw tooCostly(`The document is larger than ${documentBytesMax / 1024} KiB.`);
    if (nestingOf(text) > nestingMax) throw tooCostly(`The document nests brackets more than ${nestingMax} deep.`);
    setParseFn((source, options) => parse(source, { ...options, maxTokens: tokensMax }));
    return ({ result, replaceParseResult }) => {
      if (result instanceof Error || result === null || result === undefined) return;
      const problem = costProblem(result as DocumentNode);
      if (problem !== null) replaceParseResult(tooCostly(problem));
    };
  },
};

/** Counts brackets in strings and comments too: nobody writes two hundred of them open. */
function nestingOf(text: string): number {
  let [open, most] = [0, 0];
  for (const character of text) {
    if (character === "{" || character === "[" || character === "(") most = Math.max(most, (open += 1));
    else if (character === "}" || character === "]" || character === ")") open = Math.max(0, open - 1);
  }
  return most;
}

type Cost = { readonly depth: number; readonly fields: number };
const nothing: Cost = { depth: 0, fields: 0 };

function costProblem(document: DocumentNode): string | null {
  const fragments = new Map<string, SelectionSetNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition.selectionSet);
  }
  const known = new Map<string, Cost>();
  // A fragment that spreads itself is refused by validation; here it only must not run for ever.
  const costOfFragment = (name: string): Cost => {
    const already = known.get(name);
    const selections = fragments.get(name);
    if (already !== undefined || selections === undefined) return already ?? nothing;
    known.set(name, nothing);
    const cost = costOf(selections);
    known.set(name, cost);
    return cost;
  };
  const costOf = (selections: SelectionSetNode): Cost => {
    let [depth, fields] = [0, 0];
    for (const selection of selections.selections) {
      const inner = costOfSelection(selection);
      depth = Math.max(depth, inner.depth);
      fields += inner.fields;
    }
    return { depth, fields };
  };
  const costOfSelection = (selection: SelectionSetNode["selections"][number]): Cost => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return costOfFragment(selection.name.value);
    const inner = selection.selectionSet === undefined ? nothing : costOf(selection.selectionSet);
    if (selection.kind === Kind.INLINE_FRAGMENT) return inner;
    const isIntrospection = selection.name.value.startsWith("__");
    return { depth: isIntrospection ? 1 : inner.depth + 1, fields: inner.fields + 1 };
  };

  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const { depth, fields } = costOf(definition.selectionSet);
    if (depth > depthMax) return `The document nests ${depth} fields deep; ${depthMax} are allowed.`;
    if (fields > fieldsMax) return `The document asks for ${fields} fields, fragments written out; ${fieldsMax} are allowed.`;
  }
  return null;
}
