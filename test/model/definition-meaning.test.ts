/** What definitions mean: values, defaults, and what is as absent. */
import { expect, test } from "vitest";
import { modelWithService, servedModel } from "../../server/model/model-definition.ts";
import { parseModelDefinition } from "../../server/model/parse-definition.ts";
import { accepted, edited, expectNamed, guide, withCommand } from "./definition-texts.ts";

const serviceOf = (yaml: string) => servedModel(accepted(yaml).definition).service;

test.each(["health_check:", "health_check: {}", "health_check: null", "health_check: {enable: false, path: /x}"])(
  "`%s` is no health check",
  (line) => {
    expect(serviceOf(withCommand(`serve\n      ${line}`)).health_check).toBeNull();
  },
);

test("keys without a value are as absent", () => {
  const yaml = withCommand(
    "serve\n      pre_start_actions:\n      shell:\n      health_check:\n        path:\n        max_retries: 3\n        interval:",
  );
  expect(serviceOf(yaml)).toEqual({
    pre_start_actions: [],
    start_command: "serve",
    shell: null,
    port: 8000,
    health_check: { path: "/", max_retries: 3, interval: 10, max_wait_time: 15, expected_status_code: 200, initial_delay: 1800 },
  });
});

test("numbers in quotes are numbers, as in the original", () => {
  const yaml = edited("port: 8000", 'port: "8000"').replace(
    "max_retries: 5",
    'max_retries: "5"\n        max_wait_time: "2.5"\n        expected_status_code: "204"',
  );
  expect(serviceOf(yaml)).toMatchObject({ port: 8000, health_check: { max_retries: 5, max_wait_time: 2.5, expected_status_code: 204 } });
});

test("`command` is another name of `start_command`, as in the original", () => {
  expect(serviceOf(edited("start_command:", "command:")).start_command).toEqual(["python", "-m", "http.server", "--directory", "/home/work", "8000"]);
});

test("a start command can be one text, with a shell of its own", () => {
  expect(serviceOf(withCommand("vllm serve {model_path} | tee log\n      shell: /bin/zsh"))).toMatchObject({
    start_command: "vllm serve {model_path} | tee log",
    shell: "/bin/zsh",
  });
});

test("metadata keeps what is known and what is not", () => {
  const metadata =
    "author: me\n      version: 1.5\n      created_at: 2024-05-01\n      label: [a, 2]\n      framework: vllm\n      min_resource: {mem: 8g}\n      license:\n      own: {a: [1]}";
  const parsed = accepted(edited("    service:", `    metadata:\n      ${metadata}\n    service:`));
  expect(parsed.definition.models[0]?.metadata).toEqual({
    author: "me",
    version: "1.5",
    created_at: "2024-05-01",
    label: ["a", "2"],
    framework: ["vllm"],
    min_resource: { mem: "8g" },
    own: { a: [1] },
  });
});

test("several models may be in a definition, and the one with `service` is served", () => {
  const parsed = accepted(`${guide}  - name: other\n    model_path: /other\n`);
  expect(servedModel(parsed.definition).name).toBe("simple-http-server");
});

test("a definition without `service` is right, and says what it needs", () => {
  const parsed = accepted("models:\n  - name: a\n    model_path: /m\n    service:\n");
  expect(modelWithService(parsed.definition)).toBeNull();
  expect(parsed.warnings).toMatchObject([{ path: "models", line: 2, message: expect.stringContaining("no model has a `service`") }]);
});

test.each([
  {
    maybe: "a list whose dashes lack their spaces",
    yaml: edited("- python\n        - -m", "-python\n        - -m").replace("        -python", "        -python"),
    line: 6,
    message: /begins with `-`/,
  },
  { maybe: "a shell that a list does not use", yaml: withCommand("[serve]\n      shell: /bin/sh"), line: 6, message: /`shell` has no use/ },
])("$maybe is a warning", ({ yaml, line, message }) => {
  expect(accepted(yaml).warnings).toMatchObject([{ line, message: expect.stringMatching(message) }]);
});

test("anchors, aliases and merge keys are followed, and a mistake in them is told once, where it is written", () => {
  const shared = (port: string) => `models:
  - name: a
    model_path: /m
    metadata: &about {author: me}
    service: {start_command: [x], port: ${port}, health_check: &check {path: /h}}
  - name: b
    model_path: /n
    metadata: {<<: *about, title: B}
`;
  expect(accepted(shared("1")).definition.models[1]?.metadata).toEqual({ author: "me", title: "B" });
  expectNamed({
    wrong: "",
    yaml: shared("1").replace("{author: me}", "{author: [1]}"),
    at: [4, 31],
    path: "models[0].metadata.author",
    says: "must be text",
    hint: null,
  });
});

test.each([
  ["a byte order mark", `\u{FEFF}${guide}`],
  ["Windows' line ends", guide.replaceAll("\n", "\r\n")],
  ["a document mark at the beginning", `---\n${guide}`],
  ["a document mark at the end", `${guide}...\n`],
])("%s changes nothing", (_what, yaml) => {
  expect(accepted(yaml).definition).toEqual(accepted(guide).definition);
});

test("after a byte order mark and with Windows' line ends, places are where an editor shows them", () => {
  const parsed = parseModelDefinition(`\u{FEFF}${edited("models:", "model:").replaceAll("\n", "\r\n").replace("port: 8000", "port: x")}`);
  expect(parsed.ok ? null : parsed.problems[0]).toMatchObject({ line: 1, column: 1 });
});
