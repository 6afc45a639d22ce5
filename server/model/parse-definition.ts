/**
 * The text of a definition -> its value, or everything that is wrong with it: line, column, path, what was expected, and a hint.
 *
 * A definition is either wholly usable or a list of problems; nothing in between is ever run. Never throws, whatever the text is, and
 * takes well under a second for any text up to the limit (yaml-text.ts and located.ts hold the bounds).
 *
 *   yaml-text.ts, yaml-mistakes.ts                  text -> tree, or what is no YAML
 *   located.ts                                      tree -> values that know their places
 *   model-definition.ts                             what may be in a definition
 *   definition-issues.ts, definition-places.ts      what zod found, in words
 *   definition-variables.ts                         `{names}` in commands and paths
 */
import { mistakesOfIssue } from "./definition-issues.ts";
import { checkVariables } from "./definition-variables.ts";
import { childAt, locate, mappingOf, shownKey, type Entry, type Located, type Mistake, type Step } from "./located.ts";
import { modelDefinition, modelWithService, type ModelDefinition, type ModelService } from "./model-definition.ts";
import { fileProblem, type Problem } from "./problem.ts";
import { plainText } from "./words.ts";
import { readYaml, yamlText, type YamlText } from "./yaml-text.ts";

/** A start action's body may hold a whole script or a tokenizer's settings. */
export const definitionBytesMax = 1024 * 1024;
export const definitionTooLarge: Problem = fileProblem(
  `the file is larger than ${definitionBytesMax / 1024 / 1024} MiB`,
  "A definition is a page of text; keep data in other files.",
);
const problemsMax = 50;

export type ParsedDefinition =
  | { readonly ok: true; readonly definition: ModelDefinition; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly [Problem, ...Problem[]]; readonly warnings: readonly Problem[] };

export function parseModelDefinition(yaml: string): ParsedDefinition {
  if (Buffer.byteLength(yaml) > definitionBytesMax) return { ok: false, problems: [definitionTooLarge], warnings: [] };
  const text = yamlText(yaml.replace(/^\u{FEFF}/u, ""));
  const reading = readYaml(text.text);
  if (!reading.ok) {
    return failed(
      reading.mistakes.map((mistake) => ({ ...mistake, path: [] })),
      [],
      text,
    );
  }
  const { root: written, mistakes: treeMistakes, endless } = locate(reading.document, text.text);
  if (endless !== null) return failed([endless], [], text);
  if (written.value === null && treeMistakes.length === 0) {
    return failed([{ path: [], offset: 0, message: "the definition is empty", hint: "Begin the file with `models:`." }], [], text);
  }
  const root = asMeant(written);
  const parsed = modelDefinition.safeParse(root.value);
  const source = { text: text.text, root };
  const issues = parsed.success ? [] : parsed.error.issues.slice(0, problemsMax).flatMap((issue) => mistakesOfIssue(issue, source));
  const causes = causesAmong(issues, treeMistakes);
  const variables = servicesIn(root).map(({ service, path }) => checkVariables(service, path, text.text));
  const mistakes = [...treeMistakes, ...causes, ...secondServices(root), ...variables.flatMap((one) => one.mistakes)];
  const warnings = variables.flatMap((one) => one.warnings);
  if (!parsed.success || mistakes.length > 0) return failed(mistakes, warnings, text);
  return { ok: true, definition: parsed.data, warnings: inOrder([...warnings, ...curiosities(parsed.data, root)], text) };
}

function failed(mistakes: readonly Mistake[], warnings: readonly Mistake[], text: YamlText): ParsedDefinition {
  const [first, ...rest] = inOrder(mistakes, text);
  if (first === undefined) throw new Error("a failed definition has a problem");
  return { ok: false, problems: [first, ...rest], warnings: inOrder(warnings, text) };
}

/** By place in the file; the same said twice (by an alias) once. */
function inOrder(mistakes: readonly Mistake[], text: YamlText): readonly Problem[] {
  const once = new Map<string, Mistake>();
  for (const mistake of [...mistakes].sort((one, other) => one.offset - other.offset)) {
    const key = `${mistake.offset} ${mistake.message}`;
    if (!once.has(key)) once.set(key, mistake);
  }
  return [...once.values()].slice(0, problemsMax).map(({ path, offset, message, hint }) => {
    const { line, column } = text.position(offset);
    return { path: dotted(path), line, column, message: plainText(message), hint: hint === null ? null : plainText(hint) };
  });
}

function dotted(path: readonly Step[]): string {
  let result = "";
  for (const step of path) result += typeof step === "number" ? `[${step}]` : `${result === "" ? "" : "."}${plainText(shownKey(step))}`;
  return result;
}

/** Without what only follows from another mistake: a key that is missing because it is misspelt or elsewhere, a value that could not be read. */
function causesAmong(issues: readonly Mistake[], treeMistakes: readonly Mistake[]): readonly Mistake[] {
  const unread = new Set(treeMistakes.map(({ path }) => dotted(path)));
  const meant = new Set(issues.flatMap(meantPlaces));
  return issues.filter(({ path, message }) => !unread.has(dotted(path)) && !(message.endsWith("is missing") && meant.has(dotted(path))));
}

/** Where what was written elsewhere, or otherwise, was meant to be. */
function meantPlaces({ path, hint }: Mistake): readonly string[] {
  const [around, key] = [path.slice(0, -1), path.at(-1) ?? ""];
  const [, name] = /Did you mean `(\w+)`[.?]$/.exec(hint ?? "") ?? [];
  if (name !== undefined) return [dotted([...around, name])];
  const [, other, place] = /(?:Did you mean `(\w+)`\? )?It belongs under `(\w+)`\.$/.exec(hint ?? "") ?? [];
  if (place === undefined) return [];
  const outer = around.lastIndexOf(place);
  const home = outer < 0 ? [...around, place] : around.slice(0, outer + 1);
  return [dotted(home), dotted([...home, other ?? key])];
}

type LocatedService = { readonly service: Located; readonly path: readonly Step[]; readonly keyAt: number };

function servicesIn(root: Located): readonly LocatedService[] {
  return (childAt(root, ["models"])?.items ?? []).flatMap((model, index) => {
    const entry = model.entries?.get("service");
    return entry === undefined || entry.child.value === null
      ? []
      : [{ service: entry.child, path: ["models", index, "service"], keyAt: entry.keyAt }];
  });
}

const secondServices = (root: Located): readonly Mistake[] =>
  servicesIn(root)
    .slice(1)
    .map(({ path, keyAt }) => ({
      path,
      offset: keyAt,
      message: "a second `service`: one model of a definition is served",
      hint: "Put the other model into a folder of its own, and start a service from that.",
    }));

/** What works, but maybe not as meant. */
function curiosities(definition: ModelDefinition, root: Located): readonly Mistake[] {
  const [service] = servicesIn(root);
  const served = modelWithService(definition);
  if (service === undefined || served === null) {
    const message = "no model has a `service`: only environments with a command of their own can run it";
    return [{ path: ["models"], offset: childAt(root, ["models"])?.at ?? 0, message, hint: "Write `service` with `start_command` and `port`." }];
  }
  return [...dashes(service, served.service.start_command), ...uselessShell(service, served.service)];
}

/** `-python` without a space is no item of a list, but part of one long text. */
function dashes({ service, path }: LocatedService, command: string | readonly string[]): readonly Mistake[] {
  if (typeof command !== "string" || !command.startsWith("-")) return [];
  const offset = childAt(service, ["start_command"])?.at ?? service.at;
  const message = "`start_command` is one text here, and begins with `-`";
  return [{ path: [...path, "start_command"], offset, message, hint: "For a list write a space after each `-`." }];
}

function uselessShell({ service, path }: LocatedService, { shell: wanted, start_command: command }: ModelService): readonly Mistake[] {
  const shell = service.entries?.get("shell");
  if (shell === undefined || wanted === null || typeof command === "string") return [];
  const message = "`shell` has no use here: a `start_command` that is a list is run without one";
  return [{ path: [...path, "shell"], offset: shell.keyAt, message, hint: "Write the `start_command` as one text, or remove `shell`." }];
}

/**
 * What the original reads as the same: `command` is `start_command`, and a `health_check` with nothing in it is none.
 */
function asMeant(root: Located): Located {
  const models = root.entries?.get("models");
  if (models?.child.items === undefined || models.child.items === null) return root;
  const items = models.child.items.map((model) => {
    const service = model.entries?.get("service");
    return service?.child.entries === undefined || service.child.entries === null
      ? model
      : withEntry(model, "service", { ...service, child: serviceAsMeant(service.child, service.child.entries) });
  });
  return withEntry(root, "models", { ...models, child: { ...models.child, items, value: items.map((item) => item.value) } });
}

function serviceAsMeant(service: Located, written: ReadonlyMap<string, Entry>): Located {
  const entries = new Map(written);
  const [command, check] = [entries.get("command"), entries.get("health_check")];
  if (command !== undefined && (entries.get("start_command")?.child.value ?? null) === null) {
    entries.delete("command");
    entries.set("start_command", command);
  }
  if (check?.child.entries?.size === 0) entries.set("health_check", { ...check, child: { ...check.child, value: null } });
  return { ...service, ...mappingOf(entries) };
}

const withEntry = (located: Located, key: string, entry: Entry): Located => ({
  ...located,
  ...mappingOf(new Map([...(located.entries ?? [])].concat([[key, entry]]))),
});
