/** Variables in commands and paths. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseModelDefinition } from "../../server/model/parse-definition.ts";
import { templateParts } from "../../server/model/template.ts";
import { accepted, withActions, withCommand, type Broken, expectNamed } from "./definition-texts.ts";

const broken: readonly Broken[] = [
  {
    wrong: "unknown variable",
    yaml: withCommand("[serve, --model, '{model_pth}']"),
    at: [5, 40],
    path: "models[0].service.start_command[2]",
    says: "`{model_pth}` is no variable",
    hint: "Did you mean `{model_path}`? Literal braces are written `\\{model_pth}`.",
  },
  {
    wrong: "unknown in text",
    yaml: withCommand("serve {model_path} --x {nothing} {port}"),
    at: [5, 45],
    path: "models[0].service.start_command",
    says: "`{nothing}` is no variable",
    hint: "Known here are `{model_path}`, `{port}`, `{model_name}`. Literal braces are written `\\{not",
  },
  {
    wrong: "unknown in double quotes",
    yaml: withCommand('"a {nothing}"'),
    at: [5, 25],
    path: "models[0].service.start_command",
    says: "`{nothing}` is no variable",
    hint: "Known here are `{model_path}`, `{port}`, `{model_name}`. Literal braces are written `\\\\{no",
  },
  {
    wrong: "unknown in block",
    yaml: "models:\n  - name: a\n    model_path: /models\n    service:\n      port: 8000\n      start_command: |\n        serve {port}\n          --x {nope} {nope}\n",
    at: [8, 15],
    path: "models[0].service.start_command",
    says: "`{nope}` is no variable",
    hint: "Known here are `{model_path}`, `{port}`, `{model_name}`. Literal braces are written `\\{nop",
    others: 1,
  },
  {
    wrong: "awk",
    yaml: withCommand("\"awk '{print}' x\""),
    at: [5, 28],
    path: "models[0].service.start_command",
    says: "`{print}` is no variable",
    hint: "Known here are `{model_path}`, `{port}`, `{model_name}`. Literal braces are written `\\\\{pr",
  },
  {
    wrong: "ports",
    yaml: withCommand("[serve, '{ports[0]}']"),
    at: [5, 31],
    path: "models[0].service.start_command[1]",
    says: "`{ports[0]}` is no variable",
    hint: "Write `{port}`.",
  },
  {
    wrong: "runtime_path",
    yaml: withCommand("['{runtime_path}', serve.py]"),
    at: [5, 24],
    path: "models[0].service.start_command[0]",
    says: "`{runtime_path}` is no variable",
    hint: "Write `python3`. Literal braces are written `\\{runtime_path}`.",
  },
  {
    wrong: "used before",
    yaml: withActions("- action: run_command\n  args: {command: [python3, '{s}']}\n- action: write_tempfile\n  ref: s\n  args: {body: x}"),
    at: [7, 38],
    path: "models[0].service.pre_start_actions[0].args.command[1]",
    says: "`{s}` is used before pre_start_actions[1] (write_tempfile) has run",
    hint: "Move the action before the place that uses its result.",
  },
  {
    wrong: "its own result",
    yaml: withActions("- action: run_command\n  ref: r\n  args: {command: [echo, '{r.out}']}"),
    at: [8, 35],
    path: "models[0].service.pre_start_actions[0].args.command[1]",
    says: "`{r.out}` is used before pre_start_actions[0] (run_command) has run",
    hint: "Move the action before the place that uses its result.",
  },
  {
    wrong: "no such result",
    yaml: withActions("- action: write_tempfile\n  ref: s\n  args: {body: x}\n- action: mkdir\n  args: {path: '{s.out}'}"),
    at: [10, 25],
    path: "models[0].service.pre_start_actions[1].args.path",
    says: "`{s.out}` is no result of pre_start_actions[0] (write_tempfile)",
    hint: "It gives `{s}`. Literal braces are written `\\{s.out}`.",
  },
  {
    wrong: "no result",
    yaml: withActions("- action: mkdir\n  ref: d\n  args: {path: x}\n- action: write_file\n  args: {filename: '{d}/x', body: y}"),
    at: [10, 29],
    path: "models[0].service.pre_start_actions[1].args.filename",
    says: "`{d}`: pre_start_actions[0] (mkdir) has no result",
    hint: "Literal braces are written `\\{d}`.",
  },
  {
    wrong: "original's result",
    yaml: withActions("- action: run_command\n  ref: r\n  args: {command: [ls]}\n- action: mkdir\n  args: {path: '{r[out]}'}"),
    at: [10, 25],
    path: "models[0].service.pre_start_actions[1].args.path",
    says: "`{r[out]}` is no variable",
    hint: "Write `{r.out}`.",
  },
];

test.each(broken)("a command or path with $wrong is refused where that is", expectNamed);

test("braces that are the shell's, JSON's or Jinja's go through", () => {
  accepted(
    withCommand(`["\${HOME}", '{"a": {"b": 1}}', '{}', '{{ x }}', '{ x }', '{a,b}', 'a{1..3}', '\\{literal}', '{model_path}/{port}/{model_name}']`),
  );
});

test("what actions before made is known to those after and to the start command", () => {
  const actions = "- action: write_tempfile\n  ref: s\n  args: {body: x}\n- action: run_command\n  ref: r\n  args: {command: [python3, '{s}']}";
  const yaml = withActions(`${actions}\n- action: mkdir\n  args: {path: '{r}/{r.out}/{r.err}'}`).replace("[serve]", "'serve {s} {r.out}'");
  expect(accepted(yaml).warnings).toEqual([]);
});

test("in a body and in a message nothing is wrong; what is known only later is a warning where it stands", () => {
  const yaml = withActions(`- action: write_file
  args:
    filename: a.py
    body: |
      f"{x} {model_path} {later}"
- action: log
  args: {message: "{what}"}
- action: write_tempfile
  ref: later
  args: {body: x}`);
  expect(accepted(yaml).warnings).toMatchObject([{ line: 10, column: 34, message: "`{later}` is known only later: here it stays as it is" }]);
});

test("in a body and in a message, what is nearly the name of a command's output is a warning where it stands, and works", () => {
  const yaml = withActions(`- action: run_command
  ref: download
  args: {command: [ls]}
- action: log
  args: {message: "{downlaod.out} {download.stderr} {download.out} {self.out} {download.name} {downlaod}"}
- action: write_file
  args: {filename: a, body: ["{x.out}", "{Download.err}"]}`);
  const { definition, warnings } = accepted(yaml);
  const message = (name: string) => `\`{${name}}\` is no variable: here it stays as it is`;
  expect(warnings).toMatchObject([
    { line: 10, column: 28, message: message("downlaod.out"), hint: "Did you mean `{download.out}`?" },
    { line: 10, column: 43, message: message("download.stderr"), hint: "Did you mean `{download.err}`?" },
    { line: 12, column: 50, message: message("Download.err"), hint: "Did you mean `{download.err}`?" },
  ]);
  expect(definition.models).toHaveLength(1);
});

test("a ref that nothing can be had from is a warning", () => {
  const yaml = withActions("- action: mkdir\n  ref: d\n  args: {path: x}");
  expect(accepted(yaml).warnings).toMatchObject([{ line: 7, column: 16, message: "`ref` has no use here: `mkdir` has no result" }]);
});

test("a mistake in a variable is told beside other mistakes", () => {
  const parsed = parseModelDefinition(withCommand("'{nothing}'").replace("port: 8000", "port: x"));
  expect(parsed.ok ? [] : parsed.problems.map(({ line }) => line)).toEqual([5, 6]);
});

test("the parts of a text, joined again, are the text", () => {
  const text = fc.array(fc.oneof(fc.constantFrom("{port}", "{a.out}", "${x}", "{{y}}", "{", "}", "$", "{ z }", "{other}"), fc.string()));
  fc.assert(
    fc.property(text, (pieces) => {
      const whole = pieces.join("").replaceAll("\\", "/");
      const parts = templateParts(whole, (name) => name !== "other");
      expect(parts.map((part) => (part.kind === "text" ? part.text : `{${part.name}}`)).join("")).toBe(whole);
      for (const part of parts) if (part.kind === "variable") expect(whole.startsWith(`{${part.name}}`, part.index)).toBe(true);
    }),
  );
});
