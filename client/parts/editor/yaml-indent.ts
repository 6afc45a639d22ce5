/**
 * Where a new line of YAML begins: below a key that has no value yet one step in, else where the line before began. What the grammar
 * itself proposes looks at the tree, and so puts a line after `service:` beside it as soon as there is a value further down.
 */
import { indentService } from "@codemirror/language";
import type { Extension } from "@codemirror/state";

const step = 2;

/** The column in which a line after this one begins; null where the line says nothing. */
export function indentAfter(line: string): number | null {
  const [, spaces = "", dashes = "", rest = ""] = /^( *)((?:- +)*)(.*)$/.exec(line) ?? [];
  if (rest.trim() === "" && dashes === "") return null;
  const key = /^("[^"]*"|'[^']*'|[^\s#:"'-][^:#]*?)\s*:(\s|$)/.exec(rest);
  if (key === null) return spaces.length;
  const value = rest
    .slice(key[0].length)
    .replace(/(^|\s)#.*$/, "")
    .trim();
  const isOpen = value === "" || /^[|>][-+0-9]*$/.test(value);
  return spaces.length + dashes.length + (isOpen ? step : 0);
}

export const yamlIndent: Extension = indentService.of((context, position) =>
  // Only for a line that is being begun: those that are there are left as they are.
  context.simulatedBreak === null ? undefined : (indentAfter(context.lineAt(position, -1).text) ?? undefined),
);
