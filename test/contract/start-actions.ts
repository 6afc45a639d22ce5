/** A definition's start actions do what the guide says wherever a session runs, and are told of step by step. */
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { nextInSeat } from "../../server/model/seat.ts";
import type { Observation, Session, SessionEvent } from "../../server/model/session.ts";
import { startAction } from "../../server/model/start-action.ts";
import { actionOutputBytesMax, type StartActionResult } from "../../server/model/start-report.ts";
import { startScript } from "../../server/model/start-script.ts";
import type { Bench } from "./bench.ts";

const runCommand = (command: readonly string[], more: object = {}, ref: string | null = null) => ({
  action: "run_command",
  ref,
  args: { command, ...more },
});
const shell = (script: string, more: object = {}) => runCommand(["sh", "-c", script], more);
const actionsOf = ({ events }: Observation): readonly (SessionEvent & { readonly action: StartActionResult })[] =>
  events.flatMap((event) => (event.action === undefined ? [] : [{ ...event, action: event.action }]));
const told = (count: number) => (seen: Observation) => actionsOf(seen).length >= count;

export function describeStartActions(bench: () => Bench): void {
  /** As control makes it from a definition, with what the harness's sessions can serve with as start command. */
  const starting = (actions: readonly object[], changes: Partial<Session> = {}): Session => {
    const { session, harness } = bench();
    const [model] = harness.sessionDefaults.mounts;
    const definition = {
      name: "contract",
      model_path: model.target,
      service: {
        pre_start_actions: actions.map((action) => startAction.parse(action)),
        start_command: `mkdir -p "$SERAI_HOME/www"; ${harness.serve}`,
        shell: "/bin/sh",
        port: harness.sessionDefaults.port,
        health_check: null,
      },
      metadata: {},
    };
    const script = startScript(definition, harness.sessionDefaults.environment.kind === "HOST" ? [] : null);
    return session("", { script, actionCount: actions.length, ...changes });
  };
  const inFolder = (name: string): string => join(bench().harness.sessionDefaults.mounts[0].source, name);

  describe("start actions", () => {
    it("all five do what the guide says, and each is told with its output and its duration", async () => {
      const { run, observed } = bench();
      await writeFile(inFolder("appended"), "before\n");
      const wanted = starting([
        { action: "mkdir", args: { path: "made/deep" } },
        { action: "write_file", args: { filename: "made/deep/file", body: ["first", "second"], mode: 600 } },
        { action: "write_file", args: { filename: "appended", body: "after", append: true } },
        { action: "write_tempfile", ref: "script", args: { body: ["echo one >&2", "echo $1"] } },
        runCommand(["sh", "{script}", "it's {model_path}"], {}, "said"),
        { action: "write_file", args: { filename: "said", body: "{script}|{said.out}|{said.err}" } },
        { action: "log", args: { message: "nearly there", debug: true } },
      ]);
      const { id } = await run(wanted);
      const events = actionsOf(await observed.until(id, told(7), "done with its actions"));
      expect(events.map(({ action }) => [action.index, action.action, action.exitCode, action.timedOut])).toEqual([
        [0, "mkdir", 0, false],
        [1, "write_file", 0, false],
        [2, "write_file", 0, false],
        [3, "write_tempfile", 0, false],
        [4, "run_command", 0, false],
        [5, "write_file", 0, false],
        [6, "log", 0, false],
      ]);
      expect(await readFile(inFolder("made/deep/file"), "utf8")).toBe("first\nsecond\n");
      expect((await stat(inFolder("made/deep/file"))).mode & 0o777).toBe(0o600);
      expect(await readFile(inFolder("appended"), "utf8")).toBe("before\nafter");
      const { out, err } = events[4]?.action ?? {};
      expect(out).toMatch(/^it's \/.+\n$/);
      expect(err).toBe("one\n");
      const [path, saidOut, saidErr] = (await readFile(inFolder("said"), "utf8")).split("|");
      expect(path).toMatch(/^\/.+\.py$/);
      expect([saidOut, saidErr]).toEqual([out?.trim(), "one"]);
      expect(events[6]?.action.out).toBe("debug: nearly there\n");
      expect(new Set(events.map(({ key }) => key)).size).toBe(7);
      expect(events[4]?.message).toMatch(/^pre_start_actions\[4\] \(run_command\) took \d+ ms: sh \{script\}/);
    });

    it("the log has everything that the actions wrote, and then what the start command writes", async () => {
      const { run, scheduler } = bench();
      const { id } = await run(starting([shell("echo to out; echo to err >&2"), { action: "log", args: { message: "a message" } }]));
      const read = async (stream: "stdout" | "stderr"): Promise<string> => {
        const chunks: Uint8Array[] = [];
        for await (const chunk of scheduler.logs(id, {
          stream,
          follow: false,
          attempt: null,
          offset: 0,
          tailBytes: null,
          signal: AbortSignal.timeout(20_000),
        }))
          chunks.push(chunk.bytes);
        return Buffer.concat(chunks).toString();
      };
      await expect.poll(() => read("stdout"), { timeout: 20_000 }).toMatch(/^to out\na message\n/);
      await expect.poll(() => read("stderr"), { timeout: 20_000 }).toMatch(/^to err\n/);
    });

    it("one that fails is named with its index, its exit code and what it wrote, and nothing after it runs", async () => {
      const { submit, observed } = bench();
      const id = await submit(starting([shell("true"), shell("echo part; echo the weights are broken >&2; exit 3"), shell("touch after")]));
      const seen = await observed.until(id, ({ state }) => state === "BACKING_OFF", "backing off");
      expect(seen.lastExit).toMatchObject({
        code: 3,
        action: { index: 1, action: "run_command", exitCode: 3, timedOut: false, said: "the weights are broken" },
      });
      // A second start may have been seen with it.
      const events = actionsOf(seen).slice(0, 2);
      expect(events.map(({ action }) => [action.index, action.exitCode, action.out, action.err])).toEqual([
        [0, 0, "", ""],
        [1, 3, "part\n", "the weights are broken\n"],
      ]);
      const order = seen.events.map(({ kind }) => kind).filter((kind) => kind === "STARTED" || kind === "ACTION" || kind === "EXITED");
      expect(order.slice(0, 4)).toEqual(["STARTED", "ACTION", "ACTION", "EXITED"]);
      await expect(stat(inFolder("after"))).rejects.toThrow("ENOENT");
    });

    it("each start tells of its own actions, also one in the place of another", async () => {
      const { submit, observed } = bench();
      await writeFile(inFolder("count"), "");
      const id = await submit(starting([shell('echo "$(cat count)x" > count; cat count; exit 5')]));
      const seen = await observed.until(id, (one) => actionsOf(one).length >= 2, "started twice");
      const outputs = actionsOf(seen).map(({ action }) => action.out.trim());
      expect(outputs[1]).toBe(`${outputs[0]}x`);
      expect(new Set(actionsOf(seen).map(({ key }) => key)).size).toBe(actionsOf(seen).length);
      const times = seen.events.map(({ at }) => at.getTime());
      expect(times).toEqual(times.toSorted((one, other) => one - other));
    });

    it("with ignore_errors the start goes on; with a time limit a command is ended and named", async () => {
      const { submit, observed } = bench();
      const id = await submit(
        starting([shell("echo never mind >&2; exit 4", { ignore_errors: true }), shell("echo slow; sleep 3000", { time_limit: 1 })]),
      );
      const seen = await observed.until(id, ({ state }) => state === "BACKING_OFF", "backing off");
      expect(seen.lastExit?.action).toMatchObject({ index: 1, action: "run_command", timedOut: true, said: "slow" });
      const [first, second] = actionsOf(seen).map(({ action }) => action);
      expect(first).toMatchObject({ exitCode: 4, err: "never mind\n" });
      expect(second).toMatchObject({ timedOut: true, out: "slow\n" });
      expect(second?.durationMs).toBeGreaterThanOrEqual(1000);
    });

    it("of a large output the end is kept, of bytes that are no text what can be shown", async () => {
      const { run, observed } = bench();
      const large = "i=0; while [ $i -lt 3000 ]; do echo line number $i of many; i=$((i+1)); done; printf 'bad \\377\\000\\033[1m\\n' >&2";
      const { id } = await run(starting([shell(large)]));
      const [event] = actionsOf(await observed.until(id, told(1), "done with its action"));
      expect(event?.action).toMatchObject({ outCut: true, errCut: false });
      expect(event?.action.out).toMatch(/line number 2999 of many\n$/);
      expect(event?.action.out.length).toBeLessThanOrEqual(actionOutputBytesMax);
      expect(event?.action.err).toBe("bad \u{fffd}[1m\n");
    });

    it("the action that runs is told while it does", async () => {
      const { submit, observed } = bench();
      await rm(inFolder("go"), { force: true });
      const id = await submit(starting([shell("true"), shell("until [ -e go ]; do sleep 0.1; done")]));
      const running = await observed.until(id, ({ step }) => step?.index === 1, "at its second action");
      expect(running).toMatchObject({ state: "RUNNING", step: { index: 1, count: 2, action: "run_command" } });
      await writeFile(inFolder("go"), "");
      const after = await observed.until(id, (one) => one.step === null && told(2)(one), "done with its actions");
      expect(after.state).toBe("RUNNING");
    });

    it("a session that is stopped in the middle of an action is gone with it, before its grace is over, and its history says so", async () => {
      const { submit, observed, scheduler, harness } = bench();
      const id = await submit(starting([shell("sleep 3000")]));
      await observed.until(id, ({ step }) => step !== null, "at its action");
      const stoppedAt = performance.now();
      await scheduler.stop(id, 60_000);
      const { events } = await observed.until(id, ({ state }) => state === "GONE", "gone");
      expect(events.find(({ kind }) => kind === "ACTION")?.action).toMatchObject({ index: 0, exitCode: null });
      expect(performance.now() - stoppedAt).toBeLessThan(25_000);
      expect(await harness.processesOf(id)).toEqual([]);
    });

    it("a session that is replaced in the middle of an action says so, and its successor tells of its own actions only", async () => {
      const { submit, replace, observed } = bench();
      const old = await submit(starting([shell("true"), shell("sleep 3000")]));
      await observed.until(old, ({ step }) => step?.index === 1, "at its second action");
      const id = await replace(old, starting([shell("echo mine")], { id: nextInSeat(old) }));
      const { events } = await observed.until(old, ({ state }) => state === "GONE", "gone");
      expect(events.findLast(({ kind }) => kind === "ACTION")?.action).toMatchObject({ index: 1, exitCode: null });
      const successor = await observed.until(id, (one) => one.step === null && told(1)(one), "done with its action");
      expect(actionsOf(successor).map(({ action }) => [action.index, action.out])).toEqual([[0, "mine\n"]]);
    });

    it("what a session puts in the place of its report harms nobody", async () => {
      const { submit, observed } = bench();
      // Somebody else's file stands in for those of the machine, which a test must never touch.
      const secret = join(await mkdtemp(join(tmpdir(), "serai-secret-")), "secret");
      await writeFile(secret, "what nobody may read");
      onTestFinished(() => rm(dirname(secret), { recursive: true }));
      const hostile = 'cd "${1%/*}" && rm report && ln -s "$2" report && mkfifo 2.out && rm -f 1.out && ln -s "$2" 1.out; exit 6';
      const made = { action: "write_tempfile", ref: "made", args: { body: "" } };
      const id = await submit(starting([made, runCommand(["sh", "-c", hostile, "sh", "{made}", secret])]));
      const seen = await observed.until(id, ({ state }) => state === "BACKING_OFF", "backing off");
      expect(seen.lastExit?.code).toBe(6);
      expect(JSON.stringify(seen)).not.toContain("nobody may read");
    });

    it("a start script of 1 MiB arrives byte by byte", async () => {
      const { run, observed } = bench();
      await mkdir(inFolder("big"), { recursive: true });
      const body = "0123456789 'abc' \"$(x)\" `y` \\ {{ z }} <serai< %s\n".repeat(20_000).slice(0, 900 * 1024);
      const { id } = await run(starting([{ action: "write_file", args: { filename: "big/body", body } }]));
      await observed.until(id, told(1), "done with its action");
      expect((await readFile(inFolder("big/body"), "utf8")) === body).toBe(true);
    });
  });
}
