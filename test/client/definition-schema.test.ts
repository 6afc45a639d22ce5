/** What the console's editor offers for a definition comes from the committed JSON Schema: here on texts as they look while they are typed. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { itemsAt, mappingsAt, schemasAt, type JsonSchema, type Step } from "../../client/parts/editor/json-schema.ts";
import { pairSnippet, requiredPairs } from "../../client/parts/editor/snippets.ts";
import { indentAfter } from "../../client/parts/editor/yaml-indent.ts";
import { refsIn, typingAt } from "../../client/parts/editor/yaml-place.ts";
import { parseModelDefinition } from "../../server/model/parse-definition.ts";

const root = JSON.parse(readFileSync(new URL("../../schema/model-definition.schema.json", import.meta.url), "utf8")) as JsonSchema;
const unite = (schema: JsonSchema) => schemasAt(schema, []);
/** A snippet as text: its fields filled with what they propose, its tabs as steps. */
const filled = (snippet: string): string =>
  snippet.replaceAll(/\$\{((?:\\[{}]|[^{}])*)\}/g, (_all, text: string) => text.replaceAll(/\\([{}])/g, "$1") || "x").replaceAll("\t", "  ");
/** `|` is where the cursor stands. */
const typed = (text: string) => typingAt(text.replace("|", ""), text.indexOf("|"));
const namesOf = (path: readonly Step[]): readonly string[] => path.map((step) => (step.kind === "key" ? step.name : "[]"));

const before = "models:\n  - name: x\n    model_path: /m\n    service:\n";

describe("while a definition is typed", () => {
  test.each([
    ["an empty file", "|", [], []],
    ["a key among others", `${before}      po|\n      start_command: [a]\n`, ["models", "[]", "service"], ["start_command"]],
    ["a key after others", `${before}      port: 80\n      he|`, ["models", "[]", "service"], ["port"]],
    ["a blank line in between", `${before}      port: 80\n      |\n      shell: /bin/sh\n`, ["models", "[]", "service"], ["port", "shell"]],
    ["the first key of an item", "models:\n  - na|\n    model_path: /m\n", ["models", "[]"], ["model_path"]],
    [
      "a key of an action's arguments",
      `${before}      pre_start_actions:\n        - action: log\n          args:\n            me|\n      port: 80\n`,
      ["models", "[]", "service", "pre_start_actions", "[]", "args"],
      [],
    ],
  ] as const)("the place of %s is known", (_what, text, container, beside) => {
    const typing = typed(text);
    expect(typing).toMatchObject({ kind: "key" });
    if (typing?.kind !== "key") return;
    expect(namesOf(typing.container)).toEqual(container);
    expect([...typing.beside.keys()]).toEqual(beside);
  });

  test.each([
    [
      "in a text of several lines",
      `${before}      pre_start_actions:\n        - action: write_file\n          args:\n            body: |\n              im|\n`.replace(
        "body: |",
        "body: >",
      ),
    ],
    ["in a comment", "models: # na|\n"],
    ["in the middle of a value", "models:\n  - name: some th|ing\n"],
  ])("nothing is offered %s", (_where, text) => {
    expect(typed(text)).toBeNull();
  });

  test("after an action's name only its own arguments are known", () => {
    const typing = typed(`${before}      pre_start_actions:\n        - action: mkdir\n          args:\n            |\n`);
    if (typing?.kind !== "key") throw new Error("no key");
    expect(mappingsAt(root, typing.container, typing.beside).flatMap((schema) => Object.keys(schema.properties ?? {}))).toEqual(["path"]);
  });

  test("every start action that is offered is one that the check accepts, with its proposals filled in", () => {
    const actions = itemsAt(root, [
      { kind: "key", name: "models", beside: new Map() },
      { kind: "item" },
      { kind: "key", name: "service", beside: new Map() },
      { kind: "key", name: "pre_start_actions", beside: new Map() },
    ]);
    const names = actions.map((action) => action.properties?.["action"]?.const);
    expect(names).toEqual(["write_file", "write_tempfile", "run_command", "mkdir", "log"]);
    for (const action of actions) {
      const [first = "", ...rest] = requiredPairs(action, unite, 0);
      const item = [`- ${first}`, ...rest.map((line) => `  ${line.replaceAll("\n", "\n  ")}`)].join("\n");
      const text = `${before}      pre_start_actions:\n${filled(item).replaceAll(/^/gm, "        ")}\n      start_command: [a]\n      port: 80\n`;
      expect(parseModelDefinition(text), text).toMatchObject({ ok: true });
    }
  });

  test("what an empty file is begun with is accepted as well", () => {
    const models = root.properties?.["models"];
    expect(models).toBeDefined();
    if (models !== undefined) expect(parseModelDefinition(filled(pairSnippet("models", models, unite, 0)))).toMatchObject({ ok: true });
  });

  test("names that `ref` gives are known as variables", () => {
    expect(refsIn("- action: log\n  ref: one\n- ref: 'two'\n  action: log\n# ref: three\n")).toEqual(["one", "two"]);
  });

  test.each([
    ["    service:", 6],
    ["    service: # of the model", 6],
    ["  - name: x", 4],
    ["      body: |", 8],
    ["        - python", 8],
    ['      path: "/a:b"', 6],
    ["models:", 2],
    ["", null],
  ])("a line after %j begins in column %s", (line, column) => {
    expect(indentAfter(line)).toBe(column);
  });
});
