/** What is understood of a start script's report, whatever stands in it. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  actionOutputBytesMax,
  failedAction,
  parseStartReport,
  runningAction,
  startEvents,
  type ActionOutput,
} from "../../server/model/start-report.ts";
import { whyEnded } from "../../server/model/why/ended.ts";

const lines = (...all: readonly string[]): string => all.map((line) => `${line.replaceAll(" ", "\t")}\n`).join("");
const report = lines(
  "serai-start 1 100.00 3",
  "begin 0 100.01 mkdir cache",
  "end 0 100.02 0 0 0",
  "begin 1 100.02 run_command pip",
  "end 1 103.50 3 0 0",
);
const output = (out: string, err: string): ActionOutput => ({
  out: { bytes: Buffer.from(out), cut: false },
  err: { bytes: Buffer.from(err), cut: false },
});
const startedAt = new Date("2026-11-22T20:00:00Z");
const after = (milliseconds: number): Date => new Date(startedAt.getTime() + milliseconds);
const parsed = (text: string, count = 3) => {
  const found = parseStartReport(text, count);
  if (found === null) throw new Error("it was not understood");
  return found;
};
const ended = { code: 3, signal: null, outOfMemory: false, at: startedAt, outputTail: "", message: null };

describe("a start report", () => {
  test("tells of each action that is over, when, for how long and with what", () => {
    const events = startEvents("7", parsed(report), new Map([[1, output("part", "no\nspace left\n")]]), { startedAt, endedAt: null });
    expect(events.map(({ key, at, message }) => ({ key, at, message }))).toEqual([
      { key: "7:ACTION:0", at: after(20), message: "pre_start_actions[0] (mkdir) took 10 ms: cache" },
      { key: "7:ACTION:1", at: after(3500), message: "pre_start_actions[1] (run_command) failed with exit code 3 after 3.5 s: pip" },
    ]);
    expect(events[1]?.action).toEqual({
      index: 1,
      action: "run_command",
      exitCode: 3,
      timedOut: false,
      durationMs: 3480,
      out: "part",
      err: "no\nspace left\n",
      outCut: false,
      errCut: false,
    });
  });

  test("tells which action runs, until the start command does", () => {
    const begun = lines("serai-start 1 100.00 3", "begin 0 100.50 log x");
    expect(runningAction(parsed(begun), startedAt)).toEqual({ index: 0, count: 3, action: "log", since: after(500) });
    expect(runningAction(parsed(`${begun}${lines("end 0 101.00 0 0 0")}`), startedAt)).toBeNull();
    expect(runningAction(parsed(`${begun}${lines("ready  101.00")}`), startedAt)).toBeNull();
  });

  test("of a machine that was away for a month the history stays one that the API can tell", () => {
    const begun = parsed(lines("serai-start 1 100.00 3", "begin 0 100.50 run_command x"));
    const [event] = startEvents("7", begun, new Map(), { startedAt, endedAt: after(40 * 86_400_000) });
    expect(event?.action).toMatchObject({ exitCode: null, durationMs: 2 ** 31 - 1 });
  });

  test("a line that is only half written is not read yet", () => {
    expect(parsed(report.slice(0, -3)).steps[1]?.end).toBeNull();
    expect(parseStartReport("serai-start\t1\t100.00\t3", 3)).toBeNull();
  });

  test.each([
    { how: "failed", text: report, says: "pre_start_actions[1] (run_command) failed with exit code 3: space left" },
    {
      how: "took too long",
      text: report.replace("103.50\t3\t0", "103.50\t124\t1"),
      says: "pre_start_actions[1] (run_command) was not done within its time_limit: space left",
    },
    {
      how: "was ended by others",
      text: report.split("\n").slice(0, 4).join("\n").concat("\n"),
      says: "pre_start_actions[1] (run_command) was ended from outside: space left",
    },
  ])("an action that $how is named as the cause", ({ text, says }) => {
    const action = failedAction(parsed(text), new Map([[1, output("part", "no\nspace left\n")]]));
    expect(whyEnded({ ...ended, action })).toMatchObject({ cause: "ACTION_FAILED", message: says });
  });

  test.each([
    ["ignored", report.replace("103.50\t3\t0\t0", "103.50\t3\t0\t1")],
    ["done", `${report}${lines("ready  104.00")}`],
    ["followed by nothing yet", lines("serai-start 1 100.00 3")],
  ])("no action is to blame where all are %s", (_how, text) => {
    expect(failedAction(parsed(text), new Map())).toBeNull();
  });

  test("a session that used too much memory is said to have, also in an action", () => {
    const action = failedAction(parsed(report), new Map());
    expect(whyEnded({ ...ended, outOfMemory: true, memoryLimitMiB: 64, action })).toMatchObject({
      cause: "OUT_OF_MEMORY",
      message: "The process used all of its memory (64 MiB), needed more and was ended.",
    });
  });

  test("whatever a session writes, what is told of it is bounded, in order, and can be kept", () => {
    const word = fc.constantFrom(
      "serai-start",
      "begin",
      "end",
      "ready",
      "1",
      "0",
      "2",
      "99",
      "-1",
      "100.00",
      "1e9",
      "run_command",
      "x\u0000\u001b[31m\ud800",
      "",
      "9".repeat(30),
    );
    const line = fc.array(word, { maxLength: 8 }).map((words) => words.join("\t"));
    const text = fc.array(line, { maxLength: 30 }).map((all) => `serai-start\t1\t99.5\t3\n${all.join("\n")}\n`);
    fc.assert(
      fc.property(text, fc.uint8Array({ maxLength: 40_000 }), fc.boolean(), (written, bytes, isOver) => {
        const found = parsed(written, 2);
        const outputs = new Map([0, 1].map((index) => [index, { out: { bytes, cut: isOver }, err: { bytes, cut: false } }]));
        const endedAt = isOver ? after(5000) : null;
        const events = startEvents("1", found, outputs, { startedAt, endedAt });
        expect(events.length).toBeLessThanOrEqual(2);
        expect(new Set(events.map(({ key }) => key)).size).toBe(events.length);
        for (const { at, action, message } of events) {
          expect(at >= startedAt && (endedAt === null || at <= endedAt)).toBe(true);
          expect(Buffer.byteLength(action?.out ?? "")).toBeLessThanOrEqual(3 * actionOutputBytesMax);
          // oxlint-disable-next-line no-control-regex -- these are what a database or a terminal would choke on
          expect(/[\0\x1b\r]/.test(message + (action?.out ?? "")) || !(action?.out ?? "").isWellFormed()).toBe(false);
          expect(Number.isInteger(action?.durationMs) && (action?.durationMs ?? 0) >= 0).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("what was cut begins with a whole character", () => {
    const bytes = Buffer.from(`${"🙂".repeat(10_000)}end`);
    const [event] = startEvents(
      "1",
      parsed(report),
      new Map([[0, { out: { bytes, cut: false }, err: { bytes: Buffer.from("a\rb\r\nc"), cut: true } }]]),
      { startedAt, endedAt: null },
    );
    expect(event?.action).toMatchObject({ outCut: true, errCut: true, err: "a\nb\nc" });
    expect(event?.action?.out).toMatch(/^🙂+end$/u);
  });
});
