/** What ends a start, what does not, and what is left to say of it. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { startScript } from "../../server/model/start-script.ts";
import { modelOf, newPlace, removeRuns, run, type Ran, shells } from "./start-run.ts";

afterEach(removeRuns);

const runCommand = (command: readonly string[], more: object = {}, ref: string | null = null) => ({
  action: "run_command",
  ref,
  args: { command, ...more },
});
const ends = ({ report }: Ran) => report?.steps.map(({ index, end }) => [index, end?.exitCode, end?.timedOut, end?.ignored]);
const said = (ran: Ran, index: number): string => ran.kept(`${index}.err`)?.toString() ?? "";

/** Processes that have this text among their arguments. */
async function processesWith(argument: string): Promise<readonly number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const words = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      return words.split("\0").includes(argument) ? [pid] : [];
    }),
  );
  return found.flat();
}

describe.each(shells)("under $shell", ({ shell }) => {
  test("a command that fails ends the start with its exit code; what it wrote is kept and in the log", async () => {
    const ran = await run(
      modelOf([runCommand(["true"]), runCommand(["sh", "-c", "echo part; echo broken >&2; exit 3"]), runCommand(["touch", "after"])]),
      shell,
    );
    expect(ran).toMatchObject({ code: 3, stderr: "broken\npre_start_actions[1] (run_command) failed with exit code 3\n" });
    expect(ran.stdout.toString()).toBe("part\n");
    expect(ran.report?.ready).toBe(false);
    expect(ends(ran)).toEqual([
      [0, 0, false, false],
      [1, 3, false, false],
    ]);
    expect(existsSync(join(ran.folder, "after"))).toBe(false);
  });

  test("with ignore_errors the failure is recorded and the start goes on", async () => {
    const ran = await run(
      modelOf([runCommand(["sh", "-c", "echo no >&2; exit 7"], { ignore_errors: true }, "tried")], ["printf", "{tried.err}"]),
      shell,
    );
    expect(ran.code).toBe(0);
    expect(ran.stdout.toString()).toBe("no");
    expect(ends(ran)).toEqual([[0, 7, false, true]]);
    expect(ran.report?.ready).toBe(true);
  });

  test.each([
    ["is not there", "no-such-program", 127],
    ["may not be run", "/etc/passwd", 126],
  ])("a program that %s is named", async (_what, program, code) => {
    const ran = await run(modelOf([runCommand([program])]), shell);
    expect(ran.code).toBe(code);
    expect(said(ran, 0)).toContain(program);
  });

  test("only programs are run, never the shell's own commands", async () => {
    const ran = await run(modelOf([runCommand(["exit", "0"])]), shell);
    expect(ran.code).toBe(127);
  });

  test.each([
    { what: "a directory", action: { action: "write_file", args: { filename: "/models/there", body: "x" } }, words: /there.*[Ii]s a directory/ },
    { what: "a file on the way", action: { action: "write_file", args: { filename: "file/x", body: "x" } }, words: /file/ },
    { what: "a full disk", action: { action: "write_file", args: { filename: "/dev/full", body: "x" } }, words: /\S/ },
    { what: "a file where a directory should be", action: { action: "mkdir", args: { path: "file" } }, words: /file/ },
    { what: "no such machine directory", action: { action: "mkdir", args: { path: "/proc/none" } }, words: /none/ },
  ])("$what ends the start and is named: $action.action", async ({ action, words }) => {
    const where = newPlace();
    mkdirSync(join(where.folder, "there"));
    const ran = await run(modelOf([runCommand(["touch", "file"]), action]), shell, [], where);
    expect(ran.code).toBe(1);
    expect(said(ran, 1)).toMatch(words);
    expect(ran.stderr).toContain(`pre_start_actions[1] (${action.action}) failed`);
    expect(ends(ran)?.[1]).toEqual([1, 1, false, false]);
  });

  test("a command is ended with its children when its time limit is over, also where they ignore SIGTERM's polite request", async () => {
    const mark = `4${process.pid}${shell.length}.5`;
    const children = `trap 'exit 0' TERM; sleep ${mark} & sh -c "trap '' TERM; sleep ${mark}; sleep ${mark}" & echo begun; wait`;
    const ran = await run(modelOf([runCommand(["sh", "-c", children], { time_limit: 0.5 })]), shell);
    expect(ran.code).toBe(124);
    expect(ends(ran)).toEqual([[0, 124, true, false]]);
    expect(ran.stdout.toString()).toBe("begun\n");
    await expect.poll(() => processesWith(mark)).toEqual([]);
  });

  test("a command that ends within its time limit is not ended, and nothing waits for the limit", async () => {
    const limit = 700_000 + process.pid;
    const ran = await run(
      modelOf([
        runCommand(["sh", "-c", "exit 5"], { time_limit: 80_000, ignore_errors: true }),
        runCommand(["true"], { time_limit: 70_000 + (limit % 10_000) }),
      ]),
      shell,
    );
    expect(ran.code).toBe(0);
    expect(ends(ran)).toEqual([
      [0, 5, false, true],
      [1, 0, false, false],
    ]);
    await expect.poll(() => processesWith(String(70_000 + (limit % 10_000)))).toEqual([]);
  });

  test("a command that leaves a daemon behind does not hold the start up", async () => {
    const mark = `6${process.pid}${shell.length}`;
    const ran = await run(modelOf([runCommand(["sh", "-c", `sleep ${mark} & echo done`])]), shell);
    expect(ran.code).toBe(0);
    expect(ran.stdout.toString()).toBe("done\nstarted");
    const daemons = await processesWith(mark);
    expect(daemons).toHaveLength(1);
    for (const pid of daemons) process.kill(pid, "SIGKILL");
  });

  test("output of any size and content goes through, and only its end is handed on", async () => {
    const ran = await run(
      modelOf(
        [
          runCommand(["sh", "-c", "head -c 100000000 /dev/zero; printf 'a\\0b\\377end'; head -c 5000 /dev/urandom >&2"], {}, "much"),
          runCommand(["printf", "%s", "{much.out}"]),
        ],
        ["true"],
      ),
      shell,
    );
    expect(ran).toMatchObject({ code: 0 });
    expect(ran.kept("0.out")?.length).toBe(100_000_007);
    expect(ran.stdout.length).toBeGreaterThan(100_000_007);
    expect(ran.kept("1.out")?.toString("latin1")).toContain("end");
  });

  test("SIGTERM ends a start at once, in the middle of an action", async () => {
    const mark = `8${process.pid}${shell.length}`;
    const where = newPlace();
    const [program, ...rest] = shell;
    const env = { PATH: process.env["PATH"] ?? "", PORT: "4711", MODEL_PATH: where.folder, SERAI_HOME: where.home };
    const script = startScript(modelOf([runCommand(["sleep", mark], { time_limit: 60_000 })]), []);
    const child = spawn(program, [...rest, "-s"], { env, stdio: ["pipe", "ignore", "ignore"] });
    child.stdin.end(script);
    await expect.poll(async () => (await processesWith(mark)).length).toBeGreaterThan(0);
    const ended = new Promise((resolve) => child.once("exit", (code, signal) => resolve({ code, signal })));
    child.kill("SIGTERM");
    expect(await ended).toEqual({ code: 143, signal: null });
    await expect.poll(() => processesWith(mark)).toEqual([]);
    expect(readFileSync(join(where.home, ".serai/start/report"), "utf8")).toMatch(/\nbegin\t0\t.*\n$/);
  });

  test("a file that cannot be written is said in the words of the system, without the shell's own name and line", async () => {
    const ran = await run(modelOf([{ action: "write_file", args: { filename: ".", body: "x" } }]), shell);
    expect(ran.kept("0.err")?.toString()).toMatch(/^(cannot|can't) create .*: Is a directory\n$/);
    expect(ran.code).toBe(1);
  });

  test("where the session's directory cannot be written the start says so", async () => {
    const place = newPlace();
    const ran = await run(modelOf([{ action: "log", args: { message: "x" } }]), shell, null, { folder: place.folder, home: "/proc/none" });
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain("/proc/none/.serai/start cannot be written");
  });
});
