/**
 * `model-definition.yml`: what a model folder says about how its model is served.
 *
 * The text is parsed with positions, so that every problem names its line and column, what was expected and what would
 * help. A definition is either wholly usable or a list of problems; nothing in between is ever run.
 * Hostile files are bounded: their size before parsing, aliases while parsing.
 */
import { isMap, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument, type Document } from "yaml";
import { z } from "zod";
import { nearest } from "./nearest.ts";
import type { Problem } from "./problem.ts";
import { argument, optional, orNull, startAction, text } from "./start-action.ts";

export const definitionFileNames = ["model-definition.yml", "model-definition.yaml"] as const;
export const definitionBytesMax = 256 * 1024;
const aliasCountMax = 100;
const problemsMax = 50;

/** Failed probes in a row that make a route UNHEALTHY. */
export const defaultMaxRetries = 10;

/** How long a first pass may take, in seconds; also where there is no health check. */
export const initialDelayDefaultSeconds = 1800;

const absolutePath = text("an absolute path")
  .regex(/^\/[^\0]*$/, "must be an absolute path")
  .refine((path) => path !== "/" && !path.split("/").includes(".."), "must be an absolute path below / without ..");

const healthCheck = z.strictObject({
  path: optional(text("a path").startsWith("/", "must begin with /"), "/"),
  max_retries: optional(z.int("must be a whole number").min(1, "must be 1 or more").max(1000, "must be 1000 or less"), defaultMaxRetries),
  interval: optional(z.number("must be seconds").min(0.25, "must be at least 0.25 seconds").max(3600, "must be 3600 seconds or less"), 10),
  max_wait_time: optional(z.number("must be seconds").min(0.05, "must be at least 0.05 seconds").max(600, "must be 600 seconds or less"), 15),
  expected_status_code: optional(z.int("must be a whole number").min(100, "must be 100 to 599").max(599, "must be 100 to 599"), 200),
  initial_delay: optional(
    z.number("must be seconds").min(0, "must be 0 or more").max(86_400, "must be 86400 seconds (a day) or less"),
    initialDelayDefaultSeconds,
  ),
});

const service = z.strictObject({
  pre_start_actions: optional(z.array(startAction, "must be a list of actions").max(100, "must hold 100 actions or less"), []),
  /** A list is run as it is; a text by the shell. */
  start_command: z.union([text("a text or a list of texts"), z.array(argument).min(1, "must not be empty")]),
  /** What runs a start command that is one text; null: /bin/bash where there is one, else /bin/sh. */
  shell: orNull(absolutePath),
  port: z.int("must be a whole number").min(1, "must be 1 to 65535").max(65_535, "must be 1 to 65535"),
  health_check: z.preprocess((value) => (value === null ? undefined : value), healthCheck.optional()),
});

const metadata = z.record(z.string(), z.unknown());

const model = z.strictObject({
  name: text("text").max(255, "must be 255 characters or less"),
  model_path: absolutePath,
  service: orNull(service),
  metadata: optional(metadata, {}),
});

const definition = z.strictObject({
  models: z
    .array(model, "must be a list of models")
    .min(1, "must hold a model")
    .refine(
      (models) => models.filter((one) => one.service !== null).length <= 1,
      "must hold one `service`: give the other models folders of their own",
    ),
});

export type HealthCheck = z.output<typeof healthCheck>;
export type ModelService = z.output<typeof service>;
export type Model = z.output<typeof model>;
export type ServedModel = Model & { readonly service: ModelService };
export type ModelDefinition = z.output<typeof definition>;

/** The model that a definition serves. A revision's definition always has one. */
export function servedModel(parsed: ModelDefinition): ServedModel {
  const served = parsed.models.find((one): one is ServedModel => one.service !== null);
  if (served === undefined) throw new Error("the definition has no service");
  return served;
}

/** What was found where a definition should be: its text, or why there is none. */
export type DefinitionFile = { readonly text: string; readonly hash: string; readonly name: string } | { readonly problem: Problem };

export type ParsedDefinition =
  | { readonly ok: true; readonly definition: ModelDefinition }
  | { readonly ok: false; readonly problems: readonly [Problem, ...Problem[]] };

/** Parses and checks the text of a definition file. Never throws, whatever the text is. */
export function parseModelDefinition(yaml: string): ParsedDefinition {
  if (Buffer.byteLength(yaml) > definitionBytesMax) {
    return failed([
      at(null, "", `the file is larger than ${definitionBytesMax / 1024} KiB`, "A definition is a page of text; keep data in other files."),
    ]);
  }
  const lines = new LineCounter();
  const document = parseDocument(yaml, { lineCounter: lines, uniqueKeys: true, prettyErrors: false, logLevel: "silent" });
  if (document.errors.length > 0) {
    return failed(
      document.errors.slice(0, problemsMax).map((error) => {
        const { line, col } = lines.linePos(error.pos[0]);
        return { path: "", line, column: col, message: `not valid YAML: ${error.message.split("\n")[0] ?? ""}`, hint: null };
      }),
    );
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: aliasCountMax });
  } catch {
    return failed([at(null, "", "it repeats itself by aliases too often", "Write the values out instead of using & and *.")]);
  }
  const parsed = definition.safeParse(value ?? undefined);
  if (parsed.success) return { ok: true, definition: parsed.data };
  return failed(parsed.error.issues.flatMap((issue) => problemsOf(issue, document, lines, value)).slice(0, problemsMax));
}

const failed = (problems: readonly Problem[]): ParsedDefinition => {
  const [first, ...rest] = [...problems].sort((one, other) => (one.line ?? 0) - (other.line ?? 0) || (one.column ?? 0) - (other.column ?? 0));
  if (first === undefined) throw new Error("a failed definition has a problem");
  return { ok: false, problems: [first, ...rest] };
};

const at = (position: { line: number; col: number } | null, path: string, message: string, hint: string | null): Problem => ({
  path,
  line: position?.line ?? null,
  column: position?.col ?? null,
  message,
  hint,
});

function problemsOf(issue: z.core.$ZodIssue, document: Document, lines: LineCounter, value: unknown): Problem[] {
  const path = issue.path.filter((step): step is string | number => typeof step !== "symbol");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => {
      const where = keyPosition(document, lines, path, key);
      return at(where, dotted([...path, key]), `\`${key}\` is not known here`, hintForKey(key, path));
    });
  }
  const missing = valueAt(value, path) === undefined;
  const name = path.length === 0 ? "the definition" : `\`${String(path.at(-1))}\``;
  if (missing && path.length > 0) {
    return [at(nodePosition(document, lines, path.slice(0, -1)), dotted(path), `${name} is missing`, null)];
  }
  const message = path.length === 0 ? "must be a mapping with the key `models`" : issue.message;
  return [at(nodePosition(document, lines, path), dotted(path), `${name} ${message}`, null)];
}

const keysByPlace: Record<string, readonly string[]> = {
  "": ["models"],
  "models[]": ["name", "model_path", "service", "metadata"],
  "models[].service": Object.keys(service.shape),
  "models[].service.health_check": Object.keys(healthCheck.shape),
};

/** Where an unknown key belongs, or the key that was probably meant. */
function hintForKey(key: string, path: readonly (string | number)[]): string | null {
  const here = dotted(path).replaceAll(/\[\d+\]/g, "[]");
  for (const [place, keys] of Object.entries(keysByPlace)) {
    if (place !== here && keys.includes(key)) return `It belongs under \`${place === "" ? "the top level" : place}\`.`;
  }
  const close = nearest(key, keysByPlace[here] ?? []);
  return close === null ? null : `Did you mean \`${close}\`?`;
}

function dotted(path: readonly (string | number)[]): string {
  let result = "";
  for (const step of path) result += typeof step === "number" ? `[${step}]` : `${result === "" ? "" : "."}${step}`;
  return result;
}

function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  let current = value;
  for (const step of path) {
    if (typeof current !== "object" || current === null) return undefined;
    current = (current as Record<string | number, unknown>)[step];
  }
  return current;
}

function nodePosition(document: Document, lines: LineCounter, path: readonly (string | number)[]): { line: number; col: number } {
  for (let depth = path.length; depth >= 0; depth--) {
    const node = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
    const range = (node as Node | null | undefined)?.range;
    if (range) return lines.linePos(range[0]);
  }
  return { line: 1, col: 1 };
}

function keyPosition(document: Document, lines: LineCounter, path: readonly (string | number)[], key: string): { line: number; col: number } {
  const map = path.length === 0 ? document.contents : document.getIn(path, true);
  if (isMap(map)) {
    for (const pair of map.items) {
      if (isPair(pair) && isScalar(pair.key) && String(pair.key.value) === key && pair.key.range) return lines.linePos(pair.key.range[0]);
    }
  }
  return isSeq(map) || map === undefined ? { line: 1, col: 1 } : nodePosition(document, lines, path);
}
