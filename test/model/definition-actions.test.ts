/** Start actions in a definition, each named by its place. */
import { expect, test } from "vitest";
import { servedModel } from "../../server/model/model-definition.ts";
import { accepted, withActions, type Broken, expectNamed } from "./definition-texts.ts";

const broken: readonly Broken[] = [
  {
    wrong: "unknown action",
    yaml: withActions("- action: wirte_file\n  args: {filename: a, body: b}"),
    at: [6, 19],
    path: "models[0].service.pre_start_actions[0].action",
    says: "pre_start_actions[0] (wirte_file): `wirte_file` is no action",
    hint: "Did you mean `write_file`?",
  },
  {
    wrong: "shell action",
    yaml: withActions("- action: shell\n  args: {command: [ls]}"),
    at: [6, 19],
    path: "models[0].service.pre_start_actions[0].action",
    says: "pre_start_actions[0] (shell): `shell` is no action",
    hint: "The actions are `write_file`, `write_tempfile`, `run_command`, `mkdir`, `log`.",
  },
  {
    wrong: "no action",
    yaml: withActions("- args: {path: a}"),
    at: [6, 11],
    path: "models[0].service.pre_start_actions[0].action",
    says: "`action` of pre_start_actions[0] is missing",
    hint: "One of `write_file`, `write_tempfile`, `run_command`, `mkdir`, `log`.",
  },
  {
    wrong: "action as key",
    yaml: withActions("- mkdir: {path: a}"),
    at: [6, 11],
    path: "models[0].service.pre_start_actions[0].action",
    says: "`action` of pre_start_actions[0] is missing",
    hint: "Write `action: mkdir`, and what it takes under `args`.",
  },
  {
    wrong: "action as text",
    yaml: withActions("- mkdir"),
    at: [6, 11],
    path: "models[0].service.pre_start_actions[0]",
    says: "pre_start_actions[0] must be a mapping with `action` and `args`",
    hint: null,
  },
  {
    wrong: "actions as mapping",
    yaml: withActions("action: mkdir\nargs: {path: a}"),
    at: [6, 9],
    path: "models[0].service.pre_start_actions",
    says: "`pre_start_actions` must be a list of actions",
    hint: "Begin each with `- `.",
  },
  {
    wrong: "missing args",
    yaml: withActions("- action: mkdir"),
    at: [6, 11],
    path: "models[0].service.pre_start_actions[0].args",
    says: "`args` of pre_start_actions[0] (mkdir) is missing",
    hint: "What the action takes belongs under `args`.",
  },
  {
    wrong: "args as a list",
    yaml: withActions("- action: run_command\n  args: [ls, -l]"),
    at: [7, 17],
    path: "models[0].service.pre_start_actions[0].args",
    says: "`args` of pre_start_actions[0] (run_command) must be a mapping of what the action takes",
    hint: null,
  },
  {
    wrong: "args beside",
    yaml: withActions("- action: mkdir\n  path: cache"),
    at: [7, 11],
    path: "models[0].service.pre_start_actions[0].path",
    says: "`path` is not known here",
    hint: "It belongs under `args`.",
  },
  {
    wrong: "an argument as the guide names it",
    yaml: withActions("- action: mkdir\n  args/path: cache"),
    at: [7, 11],
    path: "models[0].service.pre_start_actions[0].args/path",
    says: "`args/path` is not known here",
    hint: "Did you mean `path`? It belongs under `args`.",
  },
  {
    wrong: "filename beside args",
    yaml: withActions("- action: write_file\n  filename: a\n  args: {body: x}"),
    at: [7, 11],
    path: "models[0].service.pre_start_actions[0].filename",
    says: "`filename` is not known here",
    hint: "It belongs under `args`.",
  },
  {
    wrong: "a name instead of a ref",
    yaml: withActions("- action: run_command\n  name: list\n  args: {command: [ls]}"),
    at: [7, 11],
    path: "models[0].service.pre_start_actions[0].name",
    says: "`name` is not known here",
    hint: "Did you mean `ref`?",
  },
  {
    wrong: "missing argument",
    yaml: withActions("- action: write_file\n  args:\n    filename: a"),
    at: [8, 13],
    path: "models[0].service.pre_start_actions[0].args.body",
    says: "`body` of pre_start_actions[0] (write_file) is missing",
    hint: 'For an empty file write `body: ""`.',
  },
  {
    wrong: "action inside args",
    yaml: withActions("- action: mkdir\n  args:\n    path: a\n    ref: b"),
    at: [9, 13],
    path: "models[0].service.pre_start_actions[0].args.ref",
    says: "`ref` is not known here",
    hint: "It belongs beside `args`, not in it.",
  },
  {
    wrong: "foreign argument",
    yaml: withActions("- action: mkdir\n  args:\n    path: a\n    mode: 755"),
    at: [9, 13],
    path: "models[0].service.pre_start_actions[0].args.mode",
    says: "`mode` is not known here",
    hint: "It is an argument of `write_file`; `mkdir` takes `path`.",
  },
  {
    wrong: "misspelt argument",
    yaml: withActions("- action: write_file\n  args:\n    filname: a\n    body: x"),
    at: [8, 13],
    path: "models[0].service.pre_start_actions[0].args.filname",
    says: "`filname` is not known here",
    hint: "Did you mean `filename`?",
  },
  {
    wrong: "content",
    yaml: withActions("- action: write_file\n  args:\n    filename: a\n    content: x"),
    at: [9, 13],
    path: "models[0].service.pre_start_actions[0].args.content",
    says: "`content` is not known here",
    hint: "Did you mean `body`?",
  },
  {
    wrong: "command as text",
    yaml: withActions("- action: run_command\n  args:\n    command: pip install x"),
    at: [8, 22],
    path: "models[0].service.pre_start_actions[0].args.command",
    says: "`command` of pre_start_actions[0] (run_command) must be a list: the program and its argume",
    hint: 'Write ["pip", "install", "x"].',
  },
  {
    wrong: "number in a command",
    yaml: withActions("- action: log\n  args: {message: hi}\n- action: run_command\n  args:\n    command: [sleep, 5]"),
    at: [10, 30],
    path: "models[0].service.pre_start_actions[1].args.command[1]",
    says: "`command[1]` of pre_start_actions[1] (run_command) must be text",
    hint: 'Write it in quotes: "5"',
  },
  {
    wrong: "mode 999",
    yaml: withActions("- action: write_tempfile\n  args:\n    body: x\n    mode: 999"),
    at: [9, 19],
    path: "models[0].service.pre_start_actions[0].args.mode",
    says: '`mode` of pre_start_actions[0] (write_tempfile) must be three octal digits, such as "644"',
    hint: null,
  },
  {
    wrong: "mode rwx",
    yaml: withActions("- action: write_tempfile\n  args:\n    body: x\n    mode: rw-r--r--"),
    at: [9, 19],
    path: "models[0].service.pre_start_actions[0].args.mode",
    says: '`mode` of pre_start_actions[0] (write_tempfile) must be three octal digits, such as "644"',
    hint: null,
  },
  {
    wrong: "append yes",
    yaml: withActions("- action: write_file\n  args: {filename: a, body: b, append: yes}"),
    at: [7, 48],
    path: "models[0].service.pre_start_actions[0].args.append",
    says: "`append` of pre_start_actions[0] (write_file) must be true or false",
    hint: "Write `true`.",
  },
  {
    wrong: "number line",
    yaml: withActions("- action: write_file\n  args:\n    filename: a\n    body:\n      - one\n      - 2"),
    at: [11, 17],
    path: "models[0].service.pre_start_actions[0].args.body[1]",
    says: "`body[1]` of pre_start_actions[0] (write_file) must be text",
    hint: 'Write it in quotes: "2"',
  },
  {
    wrong: "empty body",
    yaml: withActions("- action: write_file\n  args:\n    filename: a\n    body:"),
    at: [9, 13],
    path: "models[0].service.pre_start_actions[0].args.body",
    says: "`body` of pre_start_actions[0] (write_file) has no value",
    hint: 'For an empty file write `body: ""`.',
  },
  {
    wrong: "directory as filename",
    yaml: withActions("- action: write_file\n  args: {filename: a/, body: x}"),
    at: [7, 28],
    path: "models[0].service.pre_start_actions[0].args.filename",
    says: "`filename` of pre_start_actions[0] (write_file) must name a file, not a directory",
    hint: null,
  },
  {
    wrong: "bad ref",
    yaml: withActions("- action: write_tempfile\n  ref: 1st\n  args: {body: x}"),
    at: [7, 16],
    path: "models[0].service.pre_start_actions[0].ref",
    says: "`ref` of pre_start_actions[0] (write_tempfile) must be a name: letters, digits and _, not ",
    hint: null,
  },
  {
    wrong: "ref twice",
    yaml: withActions("- action: write_tempfile\n  ref: a\n  args: {body: x}\n- action: write_tempfile\n  ref: a\n  args: {body: x}"),
    at: [10, 16],
    path: "models[0].service.pre_start_actions[1].ref",
    says: "`a` is the `ref` of pre_start_actions[0] (write_tempfile) already",
    hint: "Give it another name.",
  },
  {
    wrong: "ref shadows",
    yaml: withActions("- action: write_tempfile\n  ref: port\n  args: {body: x}"),
    at: [7, 16],
    path: "models[0].service.pre_start_actions[0].ref",
    says: "`port` is a variable already: no action can have it as its `ref`",
    hint: "Give it another name.",
  },
  {
    wrong: "time limit",
    yaml: withActions("- action: run_command\n  args: {command: [ls], time_limit: 0}"),
    at: [7, 45],
    path: "models[0].service.pre_start_actions[0].args.time_limit",
    says: "`time_limit` of pre_start_actions[0] (run_command) must be a number of seconds from 0.1 to",
    hint: null,
  },
  {
    wrong: "null action",
    yaml: withActions("-"),
    at: [6, 10],
    path: "models[0].service.pre_start_actions[0]",
    says: "pre_start_actions[0] has no value",
    hint: null,
  },
];

test.each(broken)("a start action with $wrong is refused where that is", expectNamed);

const actionsOf = (yaml: string) => servedModel(accepted(yaml).definition).service.pre_start_actions;

test("all five actions parse to what the guide says, with its defaults", () => {
  const yaml = withActions(`- action: write_file
  args:
    filename: a.txt
    body: [one, two]
- action: write_file
  args: {filename: a.txt, body: three, mode: "600", append: True}
- action: write_tempfile
  ref: script
  args:
    body: |
      print({"a": 1})
- action: run_command
  args:
    command: [python3, "{script}"]
- action: mkdir
  args: {path: cache}
- action: log
  args: {message: ready, debug: False}`);
  expect(actionsOf(yaml)).toEqual([
    { action: "write_file", ref: null, args: { filename: "a.txt", body: "one\ntwo\n", mode: "644", append: false } },
    { action: "write_file", ref: null, args: { filename: "a.txt", body: "three", mode: "600", append: true } },
    { action: "write_tempfile", ref: "script", args: { body: 'print({"a": 1})\n', mode: "644" } },
    { action: "run_command", ref: null, args: { command: ["python3", "{script}"], ignore_errors: false, time_limit: null } },
    { action: "mkdir", ref: null, args: { path: "cache" } },
    { action: "log", ref: null, args: { message: "ready", debug: false } },
  ]);
});

test.each(['"755"', "755", "0755", '"0755"', "0o755"])("mode %s is rwxr-xr-x", (mode) => {
  expect(actionsOf(withActions(`- action: write_tempfile\n  args: {body: x, mode: ${mode}}`))).toMatchObject([{ args: { mode: "755" } }]);
});

test("mode 044 is what it says, not 44 without its zero", () => {
  expect(actionsOf(withActions("- action: write_tempfile\n  args: {body: x, mode: 044}"))).toMatchObject([{ args: { mode: "044" } }]);
});
