/** What zod found in a definition, told at the place where it was written, with what would help. */
import { z } from "zod";
import { hintForKey, listed, type Place } from "./definition-places.ts";
import { childAt, shownKey, type Located, type Mistake, type Step } from "./located.ts";
import { modelKeys, serviceKeys } from "./model-definition.ts";
import { nearest } from "./nearest.ts";
import { startActionNames } from "./start-action.ts";

type Issue = z.core.$ZodIssue;
export type Source = { readonly text: string; readonly root: Located };

const keysMax = 50;

export function mistakesOfIssue(issue: Issue, source: Source): Mistake[] {
  const path = issue.path.filter((step): step is Step => typeof step !== "symbol");
  if (issue.code === "unrecognized_keys") return issue.keys.slice(0, keysMax).map((key) => unknownKey(key, path, source));
  if (isMissing(path, source.root)) return [missing(path, source.root)];
  if (issue.code === "invalid_union" && issue.errors.length === 0) return [unknownAction(path, source)];
  if (issue.code === "invalid_union") {
    const branch = issue.errors.find((issues) => issues.every((one) => one.path.length > 0 || one.code !== "invalid_type"));
    if (branch !== undefined) return branch.flatMap((one) => mistakesOfIssue({ ...one, path: [...issue.path, ...one.path] } as Issue, source));
  }
  const found = childAt(source.root, path) ?? source.root;
  return [
    { path, offset: found.at, message: `${nameOf(path, source.root)} ${issue.message}`, hint: hintForValue(found, issue.message, source.text) },
  ];
}

function unknownKey(key: string, path: readonly Step[], { root }: Source): Mistake {
  const entry = childAt(root, path)?.entries?.get(key);
  const place = placeAt(path);
  return {
    path: [...path, key],
    offset: entry?.keyAt ?? childAt(root, path)?.at ?? 0,
    message: `\`${shownKey(key)}\` is not known here`,
    hint: place === null ? null : hintForKey(key, place, actionAt(path, root)),
  };
}

function isMissing(path: readonly Step[], root: Located): boolean {
  const parent = childAt(root, path.slice(0, -1));
  const last = path.at(-1);
  if (last === undefined || parent === null) return false;
  if (typeof last === "number") return parent.items?.[last]?.value === null;
  return (parent.entries?.get(last)?.child.value ?? null) === null;
}

function missing(path: readonly Step[], root: Located): Mistake {
  const parent = childAt(root, path.slice(0, -1)) ?? root;
  const key = path.at(-1);
  const entry = typeof key === "string" ? parent.entries?.get(key) : undefined;
  const empty = typeof key === "number" ? parent.items?.[key] : entry?.child;
  const offset = entry?.keyAt ?? empty?.at ?? parent.at;
  const says = empty === undefined ? "is missing" : "has no value";
  return { path, offset, message: `${nameOf(path, root)} ${says}`, hint: hintForMissing(String(key), path, root) };
}

function hintForMissing(key: string, path: readonly Step[], root: Located): string | null {
  const place = placeAt(path.slice(0, -1));
  if (place === "top") return "Begin the file with `models:`.";
  if (key === "body") return 'For an empty file write `body: ""`.';
  if (place === "action" && key === "action") return hintForActionKey(path, root);
  if (place === "action" && key === "args") return "What the action takes belongs under `args`.";
  const schema = { ...modelKeys, ...serviceKeys }[key as "name"] as z.ZodType | undefined;
  const [example] = (schema?.meta()?.["examples"] as unknown[] | undefined) ?? [];
  return place !== "model" && place !== "service" ? null : example === undefined ? null : `For example \`${key}: ${yamlOf(example)}\`.`;
}

/** `- mkdir: {path: x}` instead of `- action: mkdir`. */
function hintForActionKey(path: readonly Step[], root: Located): string {
  const keys = [...(childAt(root, path.slice(0, -1))?.entries?.keys() ?? [])];
  const name = startActionNames.find((known) => keys.includes(known));
  return name === undefined ? `One of ${listed(startActionNames)}.` : `Write \`action: ${name}\`, and what it takes under \`args\`.`;
}

function unknownAction(path: readonly Step[], { root }: Source): Mistake {
  const found = childAt(root, path) ?? root;
  const close = typeof found.value === "string" ? nearest(found.value, startActionNames) : null;
  const written = typeof found.value === "string" ? `\`${shownKey(found.value)}\`` : "this";
  return {
    path,
    offset: found.at,
    message: `${nameOf(path.slice(0, -1), root)}: ${written} is no action`,
    hint: close === null ? `The actions are ${listed(startActionNames)}.` : `Did you mean \`${close}\`?`,
  };
}

function hintForValue({ value, isFlow, entries, at, end }: Located, message: string, text: string): string | null {
  if (message.includes("the key `models`")) return "Begin the file with `models:`.";
  if (/must be (a |an )?(absolute )?(text|path|name)\b/.test(message)) {
    if (typeof value === "number" || typeof value === "boolean" || (isFlow && entries !== null)) {
      const written = text.slice(at, end).trim();
      return written.length > 60 || /["\n]/.test(written) ? "Write it in quotes." : `Write it in quotes: "${written}"`;
    }
  }
  if (typeof value === "string") {
    if (message.includes("true or false")) {
      if (/^(y|yes|on|1)$/i.test(value)) return "Write `true`.";
      return /^(n|no|off|0)$/i.test(value) ? "Write `false`." : null;
    }
    if (message.includes("seconds")) return hintForDuration(value);
    if (message.includes("a list") && !message.includes("text") && /^[\w./:=@%+{} -]{1,80}$/.test(value)) {
      return `Write ${yamlOf(value.trim().split(/\s+/))}.`;
    }
  }
  if (entries !== null && message.includes("a list of")) return "Begin each with `- `.";
  return null;
}

function hintForDuration(value: string): string | null {
  const [, amount, unit] = /^(\d{1,6})\s*(s|sec|seconds?|m|min|minutes?|h|hours?)$/i.exec(value) ?? [];
  if (amount === undefined || unit === undefined) return null;
  const factor = /^s/i.test(unit) ? 1 : /^m/i.test(unit) ? 60 : 3600;
  return `Write ${Number(amount) * factor}, the seconds without a unit.`;
}

const yamlOf = (value: unknown): string =>
  typeof value === "string" && /^[\w/]/.test(value) ? value : JSON.stringify(value).replaceAll('","', '", "');

function placeAt(path: readonly Step[]): Place | null {
  const keys = path.filter((step) => typeof step === "string").join(".");
  const places: Record<string, Place> = {
    "": "top",
    models: "model",
    "models.service": "service",
    "models.service.health_check": "healthCheck",
    "models.service.pre_start_actions": "action",
    "models.service.pre_start_actions.args": "args",
  };
  return Object.hasOwn(places, keys) ? (places[keys] ?? null) : null;
}

/** What the action is called that the path leads into; null where it leads into none. */
function actionAt(path: readonly Step[], root: Located): string | null {
  const action = path[3] === "pre_start_actions" && path.length >= 5 ? childAt(root, [...path.slice(0, 5), "action"])?.value : null;
  return typeof action === "string" ? action : null;
}

/** What a message calls a place: `port`, `start_command[1]`, `filename` of pre_start_actions[0] (write_file). */
function nameOf(path: readonly Step[], root: Located): string {
  const last = path.at(-1);
  if (last === undefined) return "the definition";
  const isAction = path[3] === "pre_start_actions" && path.length >= 5;
  const action = actionAt(path, root);
  const which = isAction ? `pre_start_actions[${path[4] ?? ""}]${action === null ? "" : ` (${shownKey(action)})`}` : "";
  if (isAction && path.length === 5) return which;
  const own = typeof last === "number" ? `${String(path.at(-2) ?? "")}[${last}]` : shownKey(last);
  return isAction ? `\`${own}\` of ${which}` : `\`${own}\``;
}
