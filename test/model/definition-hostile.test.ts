/** Text that nobody who means well writes: it is answered all the same, and every place in the answer is a place in the text. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { definitionBytesMax, parseModelDefinition } from "../../server/model/parse-definition.ts";
import { guide, withActions } from "./definition-texts.ts";

function expectAnswered(text: string): void {
  const parsed = parseModelDefinition(text);
  const lines = text.replace(/^\u{FEFF}/u, "").split("\n");
  const problems = parsed.ok ? parsed.warnings : [...parsed.problems, ...parsed.warnings];
  expect(problems.length).toBeLessThanOrEqual(100);
  for (const { line, column, message, hint } of problems) {
    expect(line ?? 0, message).toBeGreaterThanOrEqual(1);
    expect(line ?? 0, message).toBeLessThanOrEqual(lines.length);
    expect(column ?? 0, message).toBeGreaterThanOrEqual(1);
    expect(column ?? 0, message).toBeLessThanOrEqual((lines[(line ?? 1) - 1] ?? "").length + 1);
    expect((message + (hint ?? "")).length).toBeLessThan(1000);
    // Words of the library are nobody's language.
    expect(message).not.toMatch(/Invalid input|received/);
  }
  // What is accepted can be kept: neither a database nor a shell takes these.
  if (parsed.ok) expect(JSON.stringify(parsed.definition)).not.toMatch(/\\u0000|\\ud[89a-f]/);
}

test("any text is answered", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 300 }), expectAnswered));
  const piece = fc.constantFrom(
    ..."[]{}:,-?&*!|>'\"%@`#~\\\n\t \u{FEFF}\r\0".split(""),
    "a",
    "- ",
    ": ",
    "\n  ",
    "<<: ",
    "&a ",
    "*a",
    "!!str ",
    "---\n",
    "...\n",
    "models:",
    "{port}",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => expectAnswered(pieces.join(""))),
    { numRuns: 500 },
  );
});

const words = `models name model_path service pre_start_actions start_command port health_check action ref args write_file run_command
  command body mode filename path metadata author /models {port} {x.out} __proto__ constructor toString << 644 x`;
const word = fc.constantFrom("", ...words.split(/\s+/));
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: "medium" },
    fc.oneof(word, fc.integer(), fc.double(), fc.boolean(), fc.constant(null), fc.string()),
    fc.array(tie("tree"), { maxLength: 4 }),
    fc.dictionary(word, tie("tree"), { maxKeys: 6 }),
  ),
}));

test("any tree is answered, as YAML and as JSON, also where a definition has its parts", () => {
  fc.assert(
    fc.property(tree, fc.constantFrom("", "models", "model", "service", "args"), (value, place) => {
      const args = {
        models: [
          { name: "a", model_path: "/m", service: { port: 1, start_command: ["x"], pre_start_actions: [{ action: "write_file", args: value }] } },
        ],
      };
      const service = { models: [{ name: "a", model_path: "/m", service: value }] };
      const wrapped = { "": value, models: { models: value }, model: { models: [value] }, service, args }[place];
      expectAnswered(stringify(wrapped, { aliasDuplicateObjects: false }));
      expectAnswered(JSON.stringify(wrapped) ?? "");
    }),
    { numRuns: 500 },
  );
});

const valid = [
  guide,
  withActions(
    "- action: write_tempfile\n  ref: s\n  args:\n    mode: 0644\n    body: |\n      {port}\n- action: run_command\n  args: {command: [python3, '{s}', \"${X}\"]}",
  ),
];

test("a right definition with pieces cut out, doubled or put in is answered", () => {
  const mutation = fc.tuple(
    fc.nat(),
    fc.nat({ max: 12 }),
    fc.constantFrom("delete", "double", "insert"),
    fc.string({ unit: "binary", maxLength: 3 }),
  );
  fc.assert(
    fc.property(fc.constantFrom(...valid), fc.array(mutation, { minLength: 1, maxLength: 4 }), (text, mutations) => {
      let mutated = text;
      for (const [position, length, kind, inserted] of mutations) {
        const at = position % (mutated.length + 1);
        const piece = mutated.slice(at, at + length);
        const put = kind === "delete" ? "" : kind === "double" ? piece + piece : inserted + piece;
        mutated = mutated.slice(0, at) + put + mutated.slice(at + length);
      }
      expectAnswered(mutated);
    }),
    { numRuns: 1000 },
  );
});

const filled = (piece: string): string => piece.repeat(Math.floor((definitionBytesMax - 1000) / piece.length));
const nested = (open: string): string => `a: ${open.repeat(5000)}`;
const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${"bcdefghij"
  .split("")
  .map((key, index) => `${key}: &${key} [${Array(9).fill(`*${"abcdefghij"[index]}`).join(",")}]`)
  .join("\n")}\nmodels: *j\n`;

test.each([
  ["brackets", filled("[")],
  ["closing brackets", filled("]")],
  ["braces", filled("a: {")],
  ["items in items", filled("- ")],
  ["keys in keys", filled("? ")],
  ["commas", `[${filled(",")}`],
  ["anchors", filled("&a ")],
  ["documents", filled("---\n")],
  ["keys, all different", Array.from({ length: 9000 }, (_, index) => `key${index}: 1\n`).join("")],
  ["the same key", "a: 1\n".repeat(7000)],
  ["bad escapes", `a: "${filled("\\q")}"`],
  ["quotes", filled("'\n")],
  ["merges", "<<: 1\n".repeat(6000)],
  ["brackets, 5000 deep", nested("[")],
  ["aliases that grow without end", bomb],
  ["aliases of one thing", `a: &a [1,2,3,4,5,6,7,8,9]\nb: [${"*a,".repeat(9000)}]`],
  ["10 MiB", "x".repeat(10 * 1024 * 1024)],
])("%s without end are refused", (_what, text) => {
  expect(parseModelDefinition(text).ok).toBe(false);
});

test("a body of almost 1 MiB is accepted, full of variables or of braces", () => {
  const body = filled("              {model_path} {zz} {{ {\n");
  const text = withActions(`- action: write_file\n  args:\n    filename: x\n    body: |\n`).replace("body: |\n", () => `body: |\n${body}`);
  expect(parseModelDefinition(text).ok).toBe(true);
});

test("a command of 1 MiB of unknown variables is told about, not counted to the end", () => {
  const text = guide.replace(/start_command:[\s\S]*?port:/, () => `start_command: |\n${filled("        {zz} {port}\n")}      port:`);
  const parsed = parseModelDefinition(text);
  expect(parsed.ok ? 0 : parsed.problems.length).toBe(50);
});

const withService = (lines: string): string => `models:
  - name: a
    model_path: /m
    service:
      port: 1
${lines}`;
const aliases = ", *a".repeat(9000);
const longNames = (count: number, name: (index: number) => string): readonly string[] => Array.from({ length: count }, (_, index) => name(index));

test.each([
  ["a long text, multiplied by aliases", withService(`      start_command: [&a "${"x".repeat(900_000)}"${aliases}]`)],
  ["a text full of variables, multiplied by aliases", withService(`      start_command: [&a "${"{b} ".repeat(200_000)}"${aliases}]`)],
  ["metadata, multiplied by aliases", withService(`      start_command: x\n    metadata: [&a "${"x".repeat(900_000)}"${aliases}]`)],
])("%s, is refused by one problem, and not kept a thousand times", (_what, text) => {
  const parsed = parseModelDefinition(text);
  expect(parsed.ok ? [] : parsed.problems.map(({ message }) => message)).toEqual(["the file repeats itself too often by aliases"]);
});

test("unknown variables whose places cannot be found are not looked for through the whole file each", () => {
  const text = withService(`      start_command: [${'"\\x7ba}",'.repeat(9000)} "x"]\n#${"{".repeat(900_000)}\n`);
  const parsed = parseModelDefinition(text);
  expect(parsed.ok ? [] : parsed.problems[0]).toMatchObject({ line: 6, message: "`{a}` is no variable" });
});

test("thousands of unknown variables beside hundreds of known ones make an answer that a page can show", () => {
  const command = longNames(12_000, (index) => `"{${"q".repeat(50)}${index}}"`).join(",");
  const actions = longNames(100, (index) => `        - {action: run_command, ref: ${"r".repeat(60)}${index}, args: {command: [x]}}`).join("\n");
  const parsed = parseModelDefinition(withService(`      start_command: [${command}]\n      pre_start_actions:\n${actions}\n`));
  expect(JSON.stringify(parsed).length).toBeLessThan(60_000);
});
