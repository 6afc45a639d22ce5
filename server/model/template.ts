/**
 * Variables in a definition: `{model_path}`, `{port}`, `{model_name}`, and of an action before with `ref: name` its result: `{name}` is
 * the path of a write_tempfile's file; what a run_command wrote is `{name.out}` and `{name.err}`, and `{name}` is its output without the
 * line break at the end. Other actions have no result.
 *
 * Only a name directly between single braces is one. `${NAME}` is the shell's, `{"a": 1}`, `{}`, `{ x }` and `{{x}}` are text, and
 * `\{name}` is the text `{name}`. So JSON, shell and Jinja go through untouched.
 */

export const ownVariables = ["model_path", "port", "model_name"] as const;

export type TemplatePart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "variable"; readonly name: string; readonly index: number };

type Action = { readonly action: string; readonly ref: string | null };

/** The variables that one action's result makes. */
export function variablesOf({ action, ref }: Action): readonly string[] {
  if (ref === null) return [];
  if (action === "write_tempfile") return [ref];
  return action === "run_command" ? [ref, `${ref}.out`, `${ref}.err`] : [];
}

/** What `actions[index]` may use; with `index` = `actions.length`: what the start command may. */
export const knownVariables = (actions: readonly Action[], index: number): ReadonlySet<string> =>
  new Set([...ownVariables, ...actions.slice(0, index).flatMap(variablesOf)]);

const reference = /(\\?)(?<![{$])\{([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_]+)?)\}/g;

/** The names that `text` refers to and where their braces open; literal braces are none. */
export const referencesIn = (text: string): readonly { readonly name: string; readonly index: number }[] =>
  [...text.matchAll(reference)].flatMap(({ 1: escape, 2: name = "", index }) => (escape === "" ? [{ name, index }] : []));

/**
 * Joined again, names in their braces, the parts are the text, but for the backslash of literal braces.
 *
 * @param isKnown a name it does not know stays text in a `body` (Python's own braces survive). In commands and paths the check has
 * refused unknown names: there pass `() => true`, so that `\{name}` is literal for every name.
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
