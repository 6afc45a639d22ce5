/** The five start actions, as the guide words them, under two shells that know nothing but POSIX. */
import { existsSync, lstatSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { modelOf, newPlace, removeRuns, run, type Ran, shells } from "./start-run.ts";

afterEach(removeRuns);

const file = ({ folder }: Ran, name: string): string => readFileSync(join(folder, name), "utf8");
const modeOf = ({ folder }: Ran, name: string): string => (statSync(join(folder, name)).mode & 0o777).toString(8);
const writeFile = (filename: string, body: string | readonly string[], more: object = {}) => ({
  action: "write_file",
  args: { filename, body, ...more },
});
const runCommand = (command: readonly string[], more: object = {}, ref: string | null = null) => ({
  action: "run_command",
  ref,
  args: { command, ...more },
});
const hostile = ["'", '"', "$(exit 1)", "`id`", "\\", "\\n", "%s%n", "-n", "!x", "${IFS}", "a\nb\n\n", "\r\n", "\u0081\u0088ü🙂", "*", "~", "#", ""];

describe.each(shells)("under $shell", ({ shell }) => {
  test("the actions run one after the other, then the start command", async () => {
    const ran = await run(
      modelOf([
        { action: "mkdir", args: { path: "cache" } },
        runCommand(["sh", "-c", "echo prepared > cache/one"]),
        runCommand(["cat", "cache/one"]),
        { action: "log", args: { message: "ready to start", debug: false } },
      ]),
      shell,
    );
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(ran.stdout.toString()).toBe("prepared\nready to start\nstarted");
    expect(ran.report).toMatchObject({ count: 4, ready: true });
    expect(ran.report?.steps.map(({ index, action, end }) => [index, action, end?.exitCode])).toEqual([
      [0, "mkdir", 0],
      [1, "run_command", 0],
      [2, "run_command", 0],
      [3, "log", 0],
    ]);
    expect(ran.report?.steps[1]?.summary).toBe("sh -c 'echo prepared > cache/one'");
  });

  test("write_file makes the file's directories, writes the body and gives it its mode", async () => {
    const ran = await run(
      modelOf([
        writeFile("/models/deep/er/plain.txt", "no line break"),
        writeFile("lines.txt", ["one", "", "three"]),
        writeFile("run.sh", "#!/bin/sh\necho ran\n", { mode: "755" }),
        writeFile("secret", "x", { mode: "0600" }),
        writeFile("empty", ""),
        runCommand(["./run.sh"]),
      ]),
      shell,
    );
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(ran.stdout.toString()).toBe("ran\nstarted");
    expect(file(ran, "deep/er/plain.txt")).toBe("no line break");
    expect(file(ran, "lines.txt")).toBe("one\n\nthree\n");
    expect(file(ran, "empty")).toBe("");
    expect(["deep/er/plain.txt", "run.sh", "secret"].map((name) => modeOf(ran, name))).toEqual(["644", "755", "600"]);
  });

  test("write_file overwrites, with append it appends, and a link stays a link", async () => {
    const where = newPlace();
    writeFileSync(join(where.folder, "long"), "something much longer than before");
    const ran = await run(
      modelOf([
        runCommand(["ln", "-s", "long", "link"]),
        writeFile("link", "short\n"),
        writeFile("long", "more\n", { append: true }),
        writeFile("long", "and more", { append: true, mode: "640" }),
        writeFile("new", "begun", { append: true }),
      ]),
      shell,
      [],
      where,
    );
    expect(ran.code).toBe(0);
    expect(file(ran, "long")).toBe("short\nmore\nand more");
    expect(file(ran, "new")).toBe("begun");
    expect(modeOf(ran, "long")).toBe("640");
    expect(lstatSync(join(ran.folder, "link")).isSymbolicLink()).toBe(true);
  });

  test("bodies, names, arguments and messages of any content arrive byte by byte", async () => {
    const body = fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: "binary", maxLength: 60 }), fc.string({ unit: "grapheme", maxLength: 60 }));
    const text = body.filter((one) => !one.includes("\0") && one.isWellFormed() && !/\{[A-Za-z_]/.test(one));
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 3, maxLength: 3 }), async ([written = "", argument = "", message = ""]) => {
        const ran = await run(
          modelOf([
            writeFile("body", written),
            writeFile("lines", [written, argument]),
            runCommand(["printf", "%s", `x${argument}`], {}, "said"),
            { action: "log", args: { message } },
          ]),
          shell,
        );
        expect(ran).toMatchObject({ code: 0, stderr: "" });
        expect(file(ran, "body")).toBe(written);
        expect(file(ran, "lines")).toBe(`${written}\n${argument}\n`);
        expect(ran.kept("2.out")?.toString()).toBe(`x${argument}`);
        expect(ran.stdout.toString()).toBe(`x${argument}${message}\nstarted`);
        removeRuns();
      }),
      { numRuns: 25, examples: hostile.map((one) => [[one, one, one]]) },
    );
  });

  test.each([
    ["quotes and shell", "'\"`$(exit 9)\\%s\n"],
    ["one long line", "abcdefgh'"],
    ["many characters of three bytes", "語\u0081"],
  ])("a body of 1 MiB arrives as it is: %s", async (_what, unit) => {
    const body = unit.repeat(Math.ceil((1024 * 1024) / Buffer.byteLength(unit)));
    const ran = await run(
      modelOf([writeFile("big", body), { action: "write_tempfile", ref: "big", args: { body } }, runCommand(["cmp", "big", "{big}"])]),
      shell,
    );
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(file(ran, "big") === body).toBe(true);
  });

  test("write_tempfile makes a .py file with its line breaks, whose path is known to what comes after", async () => {
    const ran = await run(
      modelOf(
        [
          { action: "write_tempfile", ref: "script", args: { body: ["import sys", "print(sys.argv[1])"], mode: "755" } },
          runCommand(["python3", "{script}", "{model_path}"], {}, "printed"),
          runCommand(["stat", "-c", "%a", "{script}"]),
        ],
        ["printf", "%s|%s", "{script}", "{printed.out}"],
      ),
      shell,
    );
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    const [before = "", path = "", out = ""] = /^([^]*)\n(.*)\|([^]*)$/.exec(ran.stdout.toString())?.slice(1) ?? [];
    expect(before).toBe(`${ran.folder}\n755`);
    expect(path).toMatch(/\.py$/);
    expect(out).toBe(ran.folder);
  });

  test("known variables are replaced in bodies, commands, paths and messages, and all other braces are left alone", async () => {
    const ran = await run(
      modelOf(
        [
          runCommand(["printf", "42\n\n"], {}, "answer"),
          writeFile(
            "{answer}/made",
            `{"port": {port}, "a": {}, "b": "\${port}", "c": {other}, "d": "\\{port}"}\n{model_path} {model_name} {answer.out}`,
          ),
          { action: "log", args: { message: "{answer} {no}" } },
        ],
        ["printf", "%s", "--x={model_path}/y", "{port}", "${HOME}", "\\{port}"],
      ),
      shell,
    );
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    const json = `{"port": 4711, "a": {}, "b": "\${port}", "c": {other}, "d": "{port}"}`;
    expect(file(ran, "42/made")).toBe(`${json}\n${ran.folder} it's a model 42`);
    expect(ran.stdout.toString()).toBe(`42\n\n42 {no}\n--x=${ran.folder}/y4711\${HOME}{port}`);
  });

  test("on a host, commands and paths mean the real places and port; what a file holds stays as it is", async () => {
    const place = newPlace();
    const ran = await run(
      modelOf([
        { action: "mkdir", args: { path: "/data/sub" } },
        writeFile("/home/work/note", "/models /data 8000"),
        runCommand(["printf", "%s ", "/models/x", "/data", "8000", "--port=8000", "--max", "8000"]),
      ]),
      shell,
      [{ target: "/data", source: place.folder }],
    );
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(existsSync(join(place.folder, "sub"))).toBe(true);
    expect(readFileSync(join(ran.home, "note"), "utf8")).toBe("/models /data 8000");
    expect(ran.kept("2.out")?.toString()).toBe(`${ran.folder}/x ${place.folder} 4711 --port=4711 --max 8000 `);
  });

  test("mkdir makes parents, and nothing happens where the directory is there", async () => {
    const ran = await run(modelOf(["a/b/c", "a/b/c", "-p", "/models/d"].map((path) => ({ action: "mkdir", args: { path } }))), shell);
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(["a/b/c", "-p", "d"].every((name) => statSync(join(ran.folder, name)).isDirectory())).toBe(true);
  });

  test("log prints its message, marked where it is for debugging, and it is in the record", async () => {
    const message = "first line\nsecond";
    const ran = await run(
      modelOf([
        { action: "log", args: { message } },
        { action: "log", args: { message: "detail", debug: true } },
      ]),
      shell,
    );
    expect(ran.stdout.toString()).toBe(`${message}\ndebug: detail\nstarted`);
    expect(ran.kept("1.out")?.toString()).toBe("debug: detail\n");
  });

  test("a start command that is a text is run by a shell, with variables replaced and the folder as its directory", async () => {
    const ran = await run(modelOf([], 'echo "$0" "{model_path}" "$MODEL_PATH" {port} "$PORT"; pwd'), shell);
    expect(ran.stdout.toString()).toBe(`${existsSync("/bin/bash") ? "/bin/bash" : "/bin/sh"} ${ran.folder} ${ran.folder} 4711 4711\n${ran.folder}\n`);
    const chosen = await run(modelOf([], 'echo "$0"', { shell: "/bin/sh" }), shell);
    expect(chosen.stdout.toString()).toBe("/bin/sh\n");
  });

  test("a start without actions asks nothing of the image and leaves nothing in the session's directory", async () => {
    const ran = await run(modelOf([]), shell, null);
    expect(ran).toMatchObject({ code: 0, report: null });
    expect(existsSync(join(ran.home, ".serai"))).toBe(false);
  });

  test("a start again begins with an empty record, also where the one before left files that nobody may write", async () => {
    const where = newPlace();
    const model = modelOf([{ action: "write_tempfile", ref: "t", args: { body: "x", mode: "400" } }, runCommand(["cat", "{t}"])]);
    const first = await run(model, shell, [], where);
    mkdirSync(join(where.home, ".serai/start/9.out"));
    const again = await run(model, shell, [], where);
    expect([first.code, again.code]).toEqual([0, 0]);
    expect(again.kept("1.out")?.toString()).toBe("x");
    expect(existsSync(join(where.home, ".serai/start/9.out"))).toBe(false);
  });
});
