import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import type { ServedModel } from "../../server/model/model-definition.ts";
import { quote } from "../../server/model/shell-words.ts";
import { startScript } from "../../server/model/start-script.ts";

const directory = mkdtempSync(join(tmpdir(), "serai-script-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const model = (start_command: readonly string[]): ServedModel => ({
  name: "test",
  model_path: "/models",
  service: { pre_start_actions: [], start_command: [...start_command], shell: null, health_check: null, port: 8000 },
  metadata: {},
});

/** What the program finds as its arguments when the script runs. */
function argumentsSeen(script: string, shell: readonly [string, ...string[]] = ["/bin/sh"]): string[] {
  const [program, ...rest] = shell;
  const env = { PATH: process.env["PATH"] ?? "", PORT: "4711", MODEL_PATH: directory, SERAI_HOME: "/home/of session" };
  const output = execFileSync(program, [...rest, "-c", script], { env, maxBuffer: 16 * 1024 * 1024 });
  return output.toString("utf8").split("\0").slice(0, -1);
}
const print = (...args: string[]) => model(["printf", "%s\\0", ...args]);

test("the guide's example runs unchanged on a host: port, directory and model path become the real ones", () => {
  const script = startScript(print("--directory", "/home/work", "/models/weights", "8000"), []);
  expect(argumentsSeen(script)).toEqual(["--directory", "/home/of session", `${directory}/weights`, "4711"]);
});

test.each([
  { args: ["--max-model-len", "8000"], seen: ["--max-model-len", "8000"] },
  { args: ["--port", "8000"], seen: ["--port", "4711"] },
  { args: ["--http-port=8000"], seen: ["--http-port=4711"] },
  { args: ["--bind", "0.0.0.0:8000"], seen: ["--bind", "0.0.0.0:4711"] },
  { args: ["[::]:8000"], seen: ["[::]:4711"] },
  { args: ["http://localhost:8000"], seen: ["http://localhost:4711"] },
  { args: ["18000", "8000x"], seen: ["18000", "8000x"] },
  { args: ["--model=/models"], seen: [`--model=${directory}`] },
  { args: ["/models2", "/srv/models", "x/models"], seen: ["/models2", "/srv/models", "x/models"] },
  { args: ["/models:/home/work/cache"], seen: [`${directory}:/home/of session/cache`] },
])("on a host, $args means $seen", ({ args, seen }) => {
  expect(argumentsSeen(startScript(print(...args), []))).toEqual(seen);
});

test("in a container no path and no port is replaced", () => {
  const args = ["/models", "8000", "/home/work", "$PORT", "${port}", "{other}"];
  expect(argumentsSeen(startScript(print(...args), null))).toEqual(args);
});

test("in a container variables are replaced as well", () => {
  expect(argumentsSeen(startScript(print("{model_path}/x", "{port}", "\\{port}"), null))).toEqual([`${directory}/x`, "4711", "{port}"]);
});

test.each([{ shell: ["dash"] as const }, { shell: ["busybox", "sh"] as const }])(
  "hostile arguments reach the program byte by byte under $shell",
  ({ shell }) => {
    const hostile = fc.array(
      fc.string({ unit: "grapheme", maxLength: 40 }).filter((text) => !text.includes("\0") && !/\{[A-Za-z_]/.test(text)),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(hostile, (args) => {
        expect(argumentsSeen(startScript(print(...args), null), [...shell])).toEqual(args.length === 0 ? [""] : args);
      }),
      { numRuns: 40, examples: [[["'", '"', "$(exit 1)", "`id`", "a\nb", "\\", "*", "~", "-n", "!x", "${IFS}", ""]]] },
    );
  },
);

test("a word is quoted only when it must be", () => {
  expect(quote("plain-word/1.0")).toBe("plain-word/1.0");
  expect(quote("it's")).toBe("'it'\\''s'");
});
