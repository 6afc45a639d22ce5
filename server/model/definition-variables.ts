/**
 * Checks the variables of a definition before anything runs: in commands and paths every name must be known where it stands. It reads
 * the tree and not the parsed value, so that it says its part also where something else is wrong.
 *
 * In a `body` and in a message of `log` only known names are replaced, so nothing there is wrong; a name that becomes known only later,
 * or is nearly that of what a command wrote, is a warning.
 */
import { listed } from "./definition-places.ts";
import { childAt, shownKey, type Located, type Mistake, type Step } from "./located.ts";
import { nearest } from "./nearest.ts";
import { refPattern, startActionsMax } from "./start-action.ts";
import { knownVariables, ownVariables, referencesIn, variablesOf } from "./template.ts";

type Action = { readonly action: string; readonly ref: string | null; readonly place: string };
export type VariableFindings = { readonly mistakes: readonly Mistake[]; readonly warnings: readonly Mistake[] };

/** Arguments in which every name must be known. */
const strictArguments: readonly string[] = ["filename", "path", "command"];
const looseArguments: readonly string[] = ["body", "message"];

/** Of a definition, of each kind: no more are ever shown, and each takes a look through its text and all known names. */
const findingsMax = 50;
/** In a hint. */
const namesMax = 8;

/** @param path of the `service`. */
export function checkVariables(service: Located, path: readonly Step[], text: string): VariableFindings {
  const mistakes: Mistake[] = [];
  const warnings: Mistake[] = [];
  const nodes = (childAt(service, ["pre_start_actions"])?.items ?? []).slice(0, startActionsMax);
  const actions = nodes.map(actionOf);
  const all: All = { actions, text, refLike: refsLike(actions) };
  for (const [index, node] of nodes.entries()) {
    const at = [...path, "pre_start_actions", index];
    mistakes.push(...checkRef(node, actions, index, [...at, "ref"]));
    warnings.push(...uselessRef(node, actions[index], [...at, "ref"]));
    const scope = scopeAt(all, index);
    for (const [key, { child }] of childAt(node, ["args"])?.entries ?? []) {
      const texts = textsOf(child, [...at, "args", key]);
      if (strictArguments.includes(key)) collect(mistakes, texts, checkText, scope);
      if (looseArguments.includes(key)) collect(warnings, texts, checkLooseText, scope);
    }
  }
  const command = childAt(service, ["start_command"]);
  if (command !== null) collect(mistakes, textsOf(command, [...path, "start_command"]), checkText, scopeAt(all, actions.length));
  return { mistakes, warnings };
}

/** What a text may refer to where it stands. */
type Scope = {
  readonly actions: readonly Action[];
  readonly known: ReadonlySet<string>;
  readonly text: string;
  readonly refLike: (written: string) => string | null;
};

type All = Omit<Scope, "known">;
const scopeAt = (all: All, index: number): Scope => ({ ...all, known: knownVariables(all.actions, index) });

type Check = (one: LocatedText, scope: Scope, most: number) => readonly Mistake[];

function collect(found: Mistake[], texts: readonly LocatedText[], check: Check, scope: Scope): void {
  for (const one of texts) {
    if (found.length >= findingsMax) return;
    found.push(...check(one, scope, findingsMax - found.length));
  }
}

function actionOf(node: Located, index: number): Action {
  const [action, ref] = [childAt(node, ["action"])?.value, childAt(node, ["ref"])?.value];
  const name = typeof action === "string" ? action : "";
  return {
    action: name,
    ref: typeof ref === "string" && refPattern.test(ref) ? ref : null,
    place: `pre_start_actions[${index}] (${shownKey(name)})`,
  };
}

function checkRef(node: Located, actions: readonly Action[], index: number, path: readonly Step[]): Mistake[] {
  const ref = actions[index]?.ref ?? null;
  const found = childAt(node, ["ref"]);
  if (ref === null || found === null) return [];
  const wrong = (message: string): Mistake[] => [{ path, offset: found.at, message, hint: "Give it another name." }];
  if (ownVariables.some((name) => name === ref)) return wrong(`\`${ref}\` is a variable already: no action can have it as its \`ref\``);
  const before = actions.slice(0, index).find((other) => other.ref === ref);
  return before === undefined ? [] : wrong(`\`${ref}\` is the \`ref\` of ${before.place} already`);
}

function uselessRef(node: Located, action: Action | undefined, path: readonly Step[]): Mistake[] {
  const found = childAt(node, ["ref"]);
  if (action === undefined || action.ref === null || found === null || variablesOf(action).length > 0) return [];
  const message = `\`ref\` has no use here: \`${shownKey(action.action)}\` has no result`;
  return [{ path, offset: found.at, message, hint: "`write_tempfile` and `run_command` have one." }];
}

type LocatedText = { readonly value: string; readonly node: Located; readonly path: readonly Step[] };

function textsOf(node: Located, path: readonly Step[]): readonly LocatedText[] {
  if (typeof node.value === "string") return [{ value: node.value, node, path }];
  return (node.items ?? []).flatMap((item, index) =>
    typeof item.value === "string" ? [{ value: item.value, node: item, path: [...path, index] }] : [],
  );
}

function checkText(one: LocatedText, scope: Scope, most: number): readonly Mistake[] {
  const unknown = referencesIn(one.value)
    .filter(({ name }) => !scope.known.has(name))
    .slice(0, most);
  const found = unknown.map(({ name, index }) => wrongAt(one, `{${name}}`, index, scope.text, whyUnknown(name, scope, one.node)));
  return [...found, ...checkSubscripts(one, scope, most - found.length)];
}

function checkLooseText(one: LocatedText, scope: Scope, most: number): readonly Mistake[] {
  const { actions, known, text } = scope;
  const later = knownVariables(actions, actions.length);
  const found = referencesIn(one.value).filter(({ name }) => !known.has(name));
  const told: Mistake[] = [];
  for (const { name, index } of found) {
    if (told.length >= most) break;
    const says = later.has(name)
      ? { message: `\`{${name}}\` is known only later: here it stays as it is`, hint: null }
      : whyProbablyMeant(name, scope);
    if (says !== null) told.push(wrongAt(one, `{${name}}`, index, text, says));
  }
  return told;
}

/** What a command wrote, but for a letter or two. A name without such a part may as well be Python's own. */
function whyProbablyMeant(name: string, { known, refLike }: Scope): { message: string; hint: string } | null {
  const [base = "", part] = name.split(".");
  if (part === undefined) return null;
  const stream = /out/i.test(part) ? "out" : /err/i.test(part) ? "err" : nearest(part, ["out", "err"]);
  const meant = stream === null ? null : `${refLike(base) ?? ""}.${stream}`;
  if (meant === null || !known.has(meant)) return null;
  return { message: `\`{${shownKey(name)}}\` is no variable: here it stays as it is`, hint: `Did you mean \`{${meant}}\`?` };
}

/** No more than so many names are compared: a body has room for a hundred thousand. */
const comparedMax = 100;

function refsLike(actions: readonly Action[]): (written: string) => string | null {
  const refs = actions.flatMap(({ ref }) => ref ?? []);
  const compared = new Map<string, string | null>();
  return (written) => {
    const before = compared.get(written);
    if (before !== undefined) return before;
    if (compared.size >= comparedMax) return null;
    const found = refs.includes(written) ? written : nearest(written, refs);
    compared.set(written, found);
    return found;
  };
}

/** The original's way to write parts: `{ports[0]}`, `{result[out]}`. */
function checkSubscripts(one: LocatedText, { actions, text }: Scope, most: number): readonly Mistake[] {
  const found = [...one.value.matchAll(/(?<![{$\\])\{([A-Za-z_]\w{0,63})\[(\w{1,63})\]\}/g)].slice(0, most);
  return found.flatMap(({ 0: whole, 1: name = "", 2: part = "", index }) => {
    if (name !== "ports" && !actions.some(({ ref }) => ref === name)) return [];
    const right = name === "ports" ? "{port}" : `{${name}.${part}}`;
    return [wrongAt(one, whole, index, text, { message: `\`${whole}\` is no variable`, hint: `Write \`${right}\`.` })];
  });
}

function whyUnknown(name: string, { actions, known }: Scope, node: Located): { message: string; hint: string } {
  const [base = ""] = name.split(".");
  const owner = actions.find(({ ref }) => ref === base);
  const literal = `Literal braces are written \`${node.style === "QUOTE_DOUBLE" ? "\\\\" : "\\"}{${shownKey(name)}}\`.`;
  if (owner !== undefined) {
    const makes = variablesOf(owner);
    if (makes.length === 0) return { message: `\`{${name}}\`: ${owner.place} has no result`, hint: literal };
    if (makes.includes(name))
      return { message: `\`{${name}}\` is used before ${owner.place} has run`, hint: "Move the action before the place that uses its result." };
    return {
      message: `\`{${shownKey(name)}}\` is no result of ${owner.place}`,
      hint: `It gives ${listed(makes.map((one) => `{${one}}`))}. ${literal}`,
    };
  }
  const close = name === "runtime_path" ? null : nearest(name, [...known]);
  const names = `${listed([...known].slice(0, namesMax).map((one) => `{${one}}`))}${known.size > namesMax ? " and others" : ""}`;
  const meant = close === null ? `Known here are ${names}.` : `Did you mean \`{${close}}\`?`;
  return {
    message: `\`{${shownKey(name)}}\` is no variable`,
    hint: name === "runtime_path" ? `Write \`python3\`. ${literal}` : `${meant} ${literal}`,
  };
}

/** Where the reference stands in the file: the same occurrence of it in what was written, whatever the quoting. */
function wrongAt(
  { value, node, path }: LocatedText,
  reference: string,
  index: number,
  text: string,
  says: { message: string; hint: string | null },
): Mistake {
  // Only what was written of this text is looked through: a reference can be written by escapes, and is then nowhere.
  const written = text.slice(node.at, node.end);
  const before = value.slice(0, index).split(reference).length - 1;
  let offset = -1;
  for (let occurrence = 0; occurrence <= before; occurrence += 1) {
    offset = written.indexOf(reference, offset + 1);
    if (offset < 0) return { path, offset: node.at, ...says };
  }
  return { path, offset: node.at + offset, ...says };
}
