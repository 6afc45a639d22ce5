/**
 * Where in a YAML document a position is: the keys and items that lead there, and what stands beside them.
 *
 * A line that is being typed is not YAML yet (`po` under a mapping is a syntax error, and so is everything after it), so for
 * completion the text is parsed again with the word made into a key, or the missing value put in. Definitions are pages of text:
 * parsing one takes a millisecond or two.
 */
import { yamlLanguage } from "@codemirror/lang-yaml";
import type { syntaxTree } from "@codemirror/language";
import { noEntries, type Entries, type Step } from "./json-schema.ts";

type Tree = ReturnType<typeof syntaxTree>;
type SyntaxNode = Tree["topNode"];

export type Place = {
  /** The last step of a key is the key itself. */
  readonly path: readonly Step[];
  readonly at: "key" | "value";
  readonly from: number;
  readonly to: number;
};

/** What stands at the position of a finished text; null between things. */
export function placeAt(tree: Tree, text: string, position: number, side: -1 | 1): Place | null {
  const node = tree.resolveInner(position, side);
  if (!/^(Quoted)?Literal$|^BlockLiteral(Content)?$/.test(node.name)) return null;
  const at = node.parent?.name === "Key" ? "key" : "value";
  return { path: pathOf(node, text), at, from: node.from, to: node.to };
}

export type Typing =
  /** A key is being typed, or an item: `container` is the mapping it would belong to, `beside` that mapping's other keys. */
  | {
      readonly kind: "key";
      readonly container: readonly Step[];
      readonly beside: Entries;
      readonly from: number;
      /** Columns between the line's indentation and the word: those of the dashes before it. */
      readonly dashes: number;
      /** Nothing but blanks behind it on its line. */
      readonly isLast: boolean;
    }
  | { readonly kind: "value"; readonly path: readonly Step[]; readonly beside: Entries; readonly from: number; readonly dashes: number };

/** What is being typed at the position; null where it is neither a key nor a plain value. */
export function typingAt(text: string, position: number): Typing | null {
  const lineStart = text.lastIndexOf("\n", position - 1) + 1;
  const before = text.slice(lineStart, position);
  const lineEnd = text.indexOf("\n", position);
  const after = text.slice(position, lineEnd === -1 ? text.length : lineEnd);

  const key = /^ *((?:- +)*)([\w-]*)$/.exec(before);
  if (key !== null) {
    const [, dashes = "", word = ""] = key;
    // A key that is there already is being changed; else the word becomes one.
    const isKey = /^[\w-]*\s*:/.test(after);
    const isLast = after.trim() === "";
    if (!isKey && !isLast) return null;
    const from = position - word.length;
    // A word that is only a dash becomes an item with the blank that follows.
    if (word === "-") return null;
    const whole = isKey ? text : `${text.slice(0, position)}_: 0${text.slice(position)}`;
    const node = yamlLanguage.parser.parse(whole).resolveInner(from, 1);
    if (node.parent?.name !== "Key") return null;
    const path = pathOf(node, whole);
    const own = path.at(-1);
    const name = own?.kind === "key" ? own.name : "";
    const beside = new Map([...(own?.kind === "key" ? own.beside : noEntries)].filter(([each]) => each !== name));
    return { kind: "key", container: path.slice(0, -1), beside, from, dashes: dashes.length, isLast };
  }

  const value = /^ *((?:- +)*)[\w-]+: +([^\s"'{[|>&*#]*)$/.exec(before);
  if (value === null || !/^\s*(#.*)?$/.test(after)) return null;
  const [, dashes = "", word = ""] = value;
  const from = position - word.length;
  const whole = word === "" ? `${text.slice(0, position)}_${text.slice(position)}` : text;
  const path = pathOf(yamlLanguage.parser.parse(whole).resolveInner(from, 1), whole);
  const own = path.at(-1);
  if (own?.kind !== "key") return null;
  return { kind: "value", path, beside: own.beside, from, dashes: dashes.length };
}

/** Names that `ref:` gives in the text, in their order. */
export function refsIn(text: string): readonly string[] {
  return [...new Set([...text.matchAll(/^\s*(?:- +)*ref: +["']?([A-Za-z_]\w*)/gm)].map(([, name]) => name ?? ""))];
}

function pathOf(start: SyntaxNode, text: string): readonly Step[] {
  const steps: Step[] = [];
  for (let node: SyntaxNode | null = start; node !== null; node = node.parent) {
    if (node.name === "Item") steps.unshift({ kind: "item" });
    if (node.name === "Pair") {
      const key = node.getChild("Key");
      if (key !== null) steps.unshift({ kind: "key", name: scalar(key, text), beside: entriesOf(node.parent, text) });
    }
  }
  return steps;
}

function entriesOf(mapping: SyntaxNode | null, text: string): Entries {
  const entries = new Map<string, string | null>();
  for (const pair of mapping?.getChildren("Pair") ?? []) {
    const key = pair.getChild("Key");
    const value = pair.getChild("Literal") ?? pair.getChild("QuotedLiteral");
    if (key !== null) entries.set(scalar(key, text), value === null ? null : scalar(value, text));
  }
  return entries;
}

const scalar = (node: SyntaxNode, text: string): string => text.slice(node.from, node.to).replace(/^(["'])(.*)\1$/s, "$2");
