/** Text of a definition -> its value, or every problem with its place. */
import { isMap, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument, type Document } from "yaml";
import { z } from "zod";
import { healthCheckKeys, modelDefinition, modelKeys, serviceKeys, type ModelDefinition } from "./model-definition.ts";
import { nearest } from "./nearest.ts";
import { fileProblem, type Problem } from "./problem.ts";

export const definitionBytesMax = 256 * 1024;
export const definitionTooLarge: Problem = fileProblem(
  `the file is larger than ${definitionBytesMax / 1024} KiB`,
  "A definition is a page of text; keep data in other files.",
);
const aliasCountMax = 100;
const problemsMax = 50;

export type ParsedDefinition =
  | { readonly ok: true; readonly definition: ModelDefinition }
  | { readonly ok: false; readonly problems: readonly [Problem, ...Problem[]] };

/** Parses and checks the text of a definition file. Never throws, whatever the text is. */
export function parseModelDefinition(yaml: string): ParsedDefinition {
  if (Buffer.byteLength(yaml) > definitionBytesMax) {
    return failed([definitionTooLarge]);
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
  const parsed = modelDefinition.safeParse(value ?? undefined);
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
  "models[]": Object.keys(modelKeys),
  "models[].service": Object.keys(serviceKeys),
  "models[].service.health_check": Object.keys(healthCheckKeys),
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
