/**
 * Variables in a definition: `{model_path}`, `{port}`, `{model_name}`, and `{ref}` or `{ref.out}` of an action before.
 *
 * Only a name directly between single braces is one. `${NAME}` is the shell's, `{"a": 1}`, `{}`, `{ x }` and `{{x}}` are text, and
 * `\{name}` is the text `{name}`. So JSON, shell and Jinja go through untouched.
 */

export const ownVariables = ["model_path", "port", "model_name"] as const;

export type TemplatePart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "variable"; readonly name: string; readonly index: number };

const reference = /(\\?)(?<![{$])\{([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_]+)?)\}/g;

/**
 * @param isKnown a name it does not know stays text in a `body` (Python's own braces survive); elsewhere whoever checks refuses it.
 */
export function templateParts(text: string, isKnown: (name: string) => boolean): readonly TemplatePart[] {
  const parts: TemplatePart[] = [];
  let literal = "";
  let end = 0;
  for (const match of text.matchAll(reference)) {
    const [whole, escape = "", name = ""] = match;
    if (!isKnown(name)) continue;
    literal += text.slice(end, match.index);
    end = match.index + whole.length;
    if (escape !== "") {
      literal += `{${name}}`;
      continue;
    }
    if (literal !== "") parts.push({ kind: "text", text: literal });
    literal = "";
    parts.push({ kind: "variable", name, index: match.index });
  }
  literal += text.slice(end);
  if (literal !== "" || parts.length === 0) parts.push({ kind: "text", text: literal });
  return parts;
}
