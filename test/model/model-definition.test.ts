import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { servedModel } from "../../server/model/model-definition.ts";
import { parseModelDefinition } from "../../server/model/parse-definition.ts";

const guide = `models:
  - name: "simple-http-server"
    model_path: "/models"
    service:
      start_command:
        - python
        - -m
        - http.server
        - --directory
        - /home/work
        - "8000"
      port: 8000
      health_check:
        path: /
        max_retries: 5
`;

test("the guide's definition parses to its documented meaning, with the documented defaults", () => {
  const parsed = parseModelDefinition(guide);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  expect(servedModel(parsed.definition)).toMatchObject({
    name: "simple-http-server",
    model_path: "/models",
    service: {
      start_command: ["python", "-m", "http.server", "--directory", "/home/work", "8000"],
      port: 8000,
      health_check: { path: "/", max_retries: 5, interval: 10, max_wait_time: 15, expected_status_code: 200, initial_delay: 1800 },
    },
  });
});

test("the example that is served first is the guide's, unchanged", async () => {
  expect(await readFile(new URL("../../examples/simple-http-server/model-definition.yml", import.meta.url), "utf8")).toBe(guide);
});

test.each([
  {
    wrong: "a misspelt key",
    from: "port: 8000",
    to: "prot: 8000",
    line: 12,
    column: 7,
    says: /`prot` is not known here/,
    hint: /Did you mean `port`/,
  },
  {
    wrong: "a misplaced key",
    from: '    model_path: "/models"',
    to: '    model_path: "/models"\n    port: 1',
    line: 4,
    column: 5,
    says: /`port` is not known/,
    hint: /belongs under `service`/,
  },
  { wrong: "a missing key", from: "      port: 8000\n", to: "", line: 5, column: 7, says: /`port` is missing/, hint: null },
  { wrong: "a port in words", from: "port: 8000", to: "port: eight", line: 12, column: 13, says: /must be a whole number/, hint: null },
  { wrong: "a port out of range", from: "port: 8000", to: "port: 70000", line: 12, column: 13, says: /1 to 65535/, hint: null },
  { wrong: "a number in the command", from: '- "8000"', to: "- 8000", line: 11, column: 11, says: /must be text/, hint: null },
  { wrong: "a relative model path", from: '"/models"', to: "models", line: 3, column: 17, says: /absolute path/, hint: null },
  { wrong: "a model path that climbs", from: '"/models"', to: "/models/../etc", line: 3, column: 17, says: /\.\./, hint: null },
  { wrong: "no YAML at all", from: "models:", to: "models: [", line: 1, column: 9, says: /not valid YAML/, hint: null },
])("$wrong is named at its line and column", ({ from, to, line, column, says, hint }) => {
  const parsed = parseModelDefinition(guide.replace(from, to));
  if (parsed.ok) throw new Error("it should have been refused");
  const problem = parsed.problems.find((candidate) => says.test(candidate.message));
  expect(problem, JSON.stringify(parsed.problems)).toMatchObject({ line, column });
  if (hint !== null) expect(problem?.hint).toMatch(hint);
});

test("10 MB, and a file that repeats itself by aliases without end, are refused at once", () => {
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${"bcdefghij"
    .split("")
    .map((key, index) => `${key}: &${key} [${Array(9).fill(`*${"abcdefghij"[index]}`).join(",")}]`)
    .join("\n")}\nmodels: *j\n`;
  for (const text of ["x".repeat(10 * 1024 * 1024), bomb]) expect(parseModelDefinition(text).ok).toBe(false);
});

test("no text makes it throw", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => typeof parseModelDefinition(text).ok === "boolean"));
  fc.assert(fc.property(fc.jsonValue(), (value) => typeof parseModelDefinition(JSON.stringify(value)).ok === "boolean"));
});
