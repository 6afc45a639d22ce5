/**
 * A YAML tree as plain values that know where they were written.
 *
 * A key without a value is as absent: it is no part of `value`, but still of `entries`. Anchors, aliases and merge keys (`<<`) are
 * followed, as the original does, up to a bound; what is the same by an alias is shared. What a database or a shell could not keep
 * (NUL, half a character), tags, keys that are no text and keys that are there twice are mistakes.
 */
import { isAlias, isMap, isScalar, isSeq, type Document, type Node, type Pair, type Scalar } from "yaml";
import type { PlacedMessage } from "./yaml-mistakes.ts";

export type Step = string | number;
export type Entry = { readonly keyAt: number; readonly child: Located };
export type Located = {
  readonly value: unknown;
  /** Offsets in the text. */
  readonly at: number;
  readonly end: number;
  /** What it is written as: `PLAIN`, `QUOTE_DOUBLE`, … for a scalar; true for { } and [ ]. */
  readonly style: Scalar.Type | null;
  readonly isFlow: boolean;
  readonly entries: ReadonlyMap<string, Entry> | null;
  readonly items: readonly Located[] | null;
  /** Nodes in it, aliases followed; long texts count as several, for they too are multiplied by aliases. */
  readonly size: number;
};

const nodesMax = 20_000;
const charactersPerNode = 100;
const knownTags = new Set(["str", "int", "float", "bool", "null", "map", "seq"].map((name) => `tag:yaml.org,2002:${name}`));

export type Mistake = PlacedMessage & { readonly path: readonly Step[] };

/**
 * @param text what the document was read from.
 * @returns `endless`: it repeats itself too often, and the tree is not whole.
 */
export function locate(
  document: Document,
  text: string,
): { readonly root: Located; readonly mistakes: readonly Mistake[]; readonly endless: Mistake | null } {
  const mistakes: Mistake[] = [];
  const anchors = new Map<string, Located>();
  let nodes = 0;
  let endless: Mistake | null = null;
  const wrong = (offset: number, path: readonly Step[], message: string, hint: string | null): void =>
    void mistakes.push({ offset, path, message, hint });

  function visit(node: Node | null | undefined, path: readonly Step[], at: number): Located {
    if (node === null || node === undefined) return scalar(null, at, at, null);
    const [from, to] = [node.range?.[0] ?? at, node.range?.[1] ?? at];
    if (isAlias(node)) return follow(node.source, from, path);
    nodes += 1;
    const tag = "tag" in node ? node.tag : undefined;
    if (typeof tag === "string" && !knownTags.has(tag)) {
      const written = tag.replace("tag:yaml.org,2002:", "!!");
      const bang = text.lastIndexOf(written, from);
      wrong(
        bang < 0 ? from : bang,
        path,
        `the tag \`${shownKey(written)}\` has no meaning here`,
        "Remove it: a definition holds texts, numbers, lists and mappings.",
      );
    }
    let located: Located;
    if (isMap(node)) located = mapping(node.items as Pair<Node, Node | null>[], from, to, node.flow === true, path);
    else if (isSeq(node)) {
      const items = (node.items as (Node | null)[]).map((item, index) => visit(item, [...path, index], from));
      located = {
        ...scalar(
          items.map((item) => item.value),
          from,
          to,
          null,
        ),
        isFlow: node.flow === true,
        items,
        size: sizeOf(items),
      };
    } else located = isScalar(node) ? leaf(node, from, to, path) : scalar(null, from, to, null);
    if ("anchor" in node && typeof node.anchor === "string") anchors.set(node.anchor, located);
    return located;
  }

  function leaf(node: Scalar, from: number, to: number, path: readonly Step[]): Located {
    const { value } = node;
    if (typeof value === "string") checkText(value, from, path);
    // `mode: 0644` is meant as it is written, whatever number YAML makes of it.
    const asWritten = path.at(-1) === "mode" && typeof value === "number" && node.source !== undefined;
    return scalar(asWritten ? node.source : value, from, to, (node.type as Scalar.Type | undefined) ?? null);
  }

  function checkText(value: string, from: number, path: readonly Step[]): void {
    if (value.includes("\0"))
      wrong(from, path, `${placeOf(path)} holds a NUL character`, "Remove it: no file name, command or database can hold it.");
    else if (!value.isWellFormed())
      wrong(from, path, `${placeOf(path)} holds half of a character`, "Write the character itself instead of \\ud800 to \\udfff.");
  }

  function follow(name: string, from: number, path: readonly Step[]): Located {
    const target = anchors.get(name);
    if (target === undefined) {
      wrong(
        from,
        path,
        `\`*${shownKey(name)}\` repeats what no \`&${shownKey(name)}\` before it names`,
        "A text that begins with * must be in quotes.",
      );
      return scalar(null, from, from, null);
    }
    nodes += target.size;
    if (nodes <= nodesMax) return target;
    const message = "the file repeats itself too often by aliases";
    endless ??= { offset: from, path, message, hint: "Write the values out instead of using & and *." };
    return scalar(null, from, from, null);
  }

  function mapping(pairs: readonly Pair<Node, Node | null>[], from: number, to: number, isFlow: boolean, path: readonly Step[]): Located {
    const entries = new Map<string, Entry>();
    const merged: Located[] = [];
    for (const { key, value } of pairs) {
      const keyAt = key?.range?.[0] ?? from;
      if (isScalar(key) && key.value === "<<" && key.type === "PLAIN") {
        merged.push(visit(value, [...path, "<<"], keyAt));
        continue;
      }
      const name = keyText(key);
      if (name === null) {
        wrong(keyAt, path, "a key must be a text", "A text that begins with { or [ must be in quotes.");
        visit(value, [...path, "?"], keyAt);
        continue;
      }
      checkText(name, keyAt, [...path, name]);
      const child = visit(value, [...path, name], keyAt);
      if (entries.has(name)) wrong(keyAt, [...path, name], `\`${shownKey(name)}\` is there twice`, "Keep one of them.");
      else entries.set(name, { keyAt, child });
    }
    for (const source of merged.flatMap((one) => one.items ?? [one])) {
      if (source.entries === null) wrong(source.at, path, "`<<` takes a mapping, or a list of them", null);
      for (const [name, entry] of source.entries ?? []) if (!entries.has(name)) entries.set(name, entry);
    }
    return { ...scalar(null, from, to, null), ...mappingOf(entries), isFlow };
  }

  const root = visit(document.contents, [], 0);
  return { root, mistakes, endless };
}

/** What a mapping of these entries is. */
export function mappingOf(entries: ReadonlyMap<string, Entry>): Pick<Located, "entries" | "value" | "size"> {
  const children = [...entries.values()].map(({ child }) => child);
  const present = [...entries].filter(([, { child }]) => child.value !== null);
  return { entries, value: Object.fromEntries(present.map(([name, { child }]) => [name, child.value])), size: sizeOf(children) };
}

const scalar = (value: unknown, at: number, end: number, style: Scalar.Type | null): Located => ({
  value,
  at,
  end,
  style,
  isFlow: false,
  entries: null,
  items: null,
  size: typeof value === "string" ? 1 + Math.floor(value.length / charactersPerNode) : 1,
});
const sizeOf = (children: readonly Located[]): number => children.reduce((sum, child) => sum + child.size, 1);

function keyText(key: unknown): string | null {
  if (!isScalar(key) || key.value === null) return null;
  return typeof key.value === "string" ? key.value : (key.source ?? JSON.stringify(key.value));
}

/** What is at the path, or null. */
export function childAt(root: Located, path: readonly Step[]): Located | null {
  let current: Located | undefined = root;
  for (const step of path) current = typeof step === "number" ? current?.items?.[step] : current?.entries?.get(step)?.child;
  return current ?? null;
}

export const shownKey = (key: string): string => (key.length > 60 ? `${key.slice(0, 60).toWellFormed()}…` : key);

function placeOf(path: readonly Step[]): string {
  const last = path.at(-1);
  return last === undefined ? "the text" : `\`${typeof last === "number" ? `[${last}]` : shownKey(last)}\``;
}
