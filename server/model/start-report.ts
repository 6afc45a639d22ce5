/**
 * What a start script reports of its actions while it runs, and how that reads: pure.
 *
 * The script appends lines to `$SERAI_START/report` and leaves the output of action n in `<n>.out` and `<n>.err` beside it
 * (start-functions.ts). A scheduler reads them from where the session runs. Everything in them is the session's word: bounded, never
 * trusted; a line that makes no sense is as if it were not there.
 */
import type { SessionEvent } from "./session.ts";
import { countOf, plainText } from "./words.ts";

/** Of the report; a hundred actions need a tenth of it. */
export const reportBytesMax = 256 * 1024;

/** Of each of `out` and `err`. */
export const actionOutputBytesMax = 16 * 1024;

export type StartActionResult = {
  /** Its place in `pre_start_actions`, from 0. */
  readonly index: number;
  /** `run_command`, for example. */
  readonly action: string;
  /** Null: it was ended from outside. */
  readonly exitCode: number | null;
  readonly timedOut: boolean;
  /** Milliseconds. */
  readonly durationMs: number;
  /** The ends of what it wrote, at most `actionOutputBytesMax` each. */
  readonly out: string;
  readonly err: string;
  /** There was more before. */
  readonly outCut: boolean;
  readonly errCut: boolean;
};

export type StartStep = {
  readonly index: number;
  readonly action: string;
  /** What it does, on one line; may be empty. */
  readonly summary: string;
  /** Milliseconds since the script began. */
  readonly beganMs: number;
  readonly end: {
    /** Milliseconds since the script began. */
    readonly atMs: number;
    readonly exitCode: number;
    readonly timedOut: boolean;
    /** It failed, and `ignore_errors` lets the start go on. */
    readonly ignored: boolean;
  } | null;
};

export type StartReport = {
  /** How many actions there are. */
  readonly count: number;
  /** Those that have begun, in order. */
  readonly steps: readonly StartStep[];
  /** All are done, and the start command follows. */
  readonly ready: boolean;
};

/** The action that runs now. */
export type RunningAction = { readonly index: number; readonly count: number; readonly action: string; readonly since: Date };

/** The action at which a start ended. */
export type FailedAction = Pick<StartActionResult, "index" | "action" | "exitCode" | "timedOut"> & {
  /** The last line that it wrote; empty where it wrote nothing. */
  readonly said: string;
};

/** `pre_start_actions[1] (run_command)`: so an action is called everywhere. */
export const nameOfAction = ({ index, action }: Pick<StartActionResult, "index" | "action">): string => `pre_start_actions[${index}] (${action})`;

/** The most that GraphQL's Int holds, 24 days: a machine that was away for a month must not make a history unreadable. */
const millisecondsMax = 2 ** 31 - 1;
const summaryCharactersMax = 200;
const actionName = /^[a-z_]{1,32}$/;

/** Null where it has not begun. @param actionCount what the definition has: the report may not speak of more. */
export function parseStartReport(text: string, actionCount: number): StartReport | null {
  const lines = text.split("\n").slice(0, -1);
  const [head, ...rest] = lines.map((line) => line.split("\t"));
  const zero = secondsOf(head?.[2]);
  if (head?.[0] !== "serai-start" || head[1] !== "1" || zero === null) return null;
  const elapsedMs = (field: string | undefined): number | null => {
    const seconds = secondsOf(field);
    return seconds === null ? null : Math.min(millisecondsMax, Math.max(0, Math.round((seconds - zero) * 1000)));
  };
  const steps = new Map<number, StartStep>();
  let ready = false;
  for (const [word, place, time, ...fields] of rest) {
    const atMs = elapsedMs(time);
    if (atMs === null || ready) continue;
    if (word === "ready") ready = true;
    const index = wholeNumber(place);
    if (index === null || index >= actionCount) continue;
    const begun = steps.get(index);
    if (word === "begin" && begun === undefined) {
      const [action = "", summary = ""] = fields;
      if (actionName.test(action))
        steps.set(index, { index, action, summary: cleaned(summary).slice(0, summaryCharactersMax), beganMs: atMs, end: null });
    } else if (word === "end" && begun?.end === null) {
      const [code, late, ignored] = fields;
      const end = { atMs: Math.max(atMs, begun.beganMs), exitCode: wholeNumber(code) ?? 1, timedOut: late === "1", ignored: ignored === "1" };
      steps.set(index, { ...begun, end });
    }
  }
  return { count: actionCount, steps: [...steps.values()].toSorted((one, other) => one.index - other.index), ready };
}

const secondsOf = (field: string | undefined): number | null => (field !== undefined && /^\d{1,12}(\.\d{1,6})?$/.test(field) ? Number(field) : null);
const wholeNumber = (field: string | undefined): number | null => (field !== undefined && /^\d{1,9}$/.test(field) ? Number(field) : null);

/** What it wrote, as far as it was read: the end of the file. `cut`: there was more before. */
export type Output = { readonly bytes: Uint8Array; readonly cut: boolean };
export type ActionOutput = { readonly out: Output; readonly err: Output };

/** @param endedMs when the attempt was over, for an action that was ended from outside. */
function resultOf(step: StartStep, { out, err }: ActionOutput, endedMs: number): StartActionResult {
  const { index, action, beganMs, end } = step;
  return {
    index,
    action,
    exitCode: end?.exitCode ?? null,
    timedOut: end?.timedOut ?? false,
    durationMs: Math.min(millisecondsMax, Math.max(0, (end?.atMs ?? endedMs) - beganMs)),
    out: textOf(out),
    err: textOf(err),
    outCut: isCut(out),
    errCut: isCut(err),
  };
}

const isCut = ({ bytes, cut }: Output): boolean => cut || bytes.length > actionOutputBytesMax;

/** No more of it than is kept, and nothing that a database or a page could not hold. A progress bar's returns are line breaks. */
function textOf({ bytes, cut }: Output): string {
  const end = bytes.subarray(-actionOutputBytesMax);
  const isWhole = !cut && end.length === bytes.length;
  // The first bytes of what was cut may be the rest of a character.
  const first = isWhole
    ? 0
    : Math.max(
        0,
        end.subarray(0, 4).findIndex((byte) => (byte & 0xc0) !== 0x80),
      );
  return cleaned(new TextDecoder().decode(end.subarray(first)));
}
const cleaned = (text: string): string => plainText(text.replaceAll(/\r\n?/g, "\n"));

/** The action that runs, if one does. */
export function runningAction({ steps, count, ready }: StartReport, startedAt: Date): RunningAction | null {
  const last = steps.at(-1);
  if (ready || last === undefined || last.end !== null) return null;
  return { index: last.index, count, action: last.action, since: new Date(startedAt.getTime() + last.beganMs) };
}

export type ActionOutputs = ReadonlyMap<number, ActionOutput>;
export type StartFiles = { readonly report: StartReport; readonly outputs: ActionOutputs };
const nothing: Output = { bytes: new Uint8Array(), cut: false };
const noOutput: ActionOutput = { out: nothing, err: nothing };

/** When an attempt began to run and when it ended; null: it runs. */
export type Period = { readonly startedAt: Date; readonly endedAt: Date | null };

/**
 * One event for each action that is over, under the same key each time. Times are those of the attempt plus what the script's own clock
 * says has passed, and never outside the attempt.
 */
export function startEvents(
  attempt: string,
  { steps }: StartReport,
  outputs: ActionOutputs,
  { startedAt, endedAt }: Period,
): readonly SessionEvent[] {
  const lastMs = (endedAt ?? new Date(8.64e15)).getTime() - startedAt.getTime();
  return steps.flatMap((step): readonly SessionEvent[] => {
    if (step.end === null && endedAt === null) return [];
    const afterMs = Math.max(0, Math.min(step.end?.atMs ?? lastMs, lastMs));
    const action = resultOf(step, outputs.get(step.index) ?? noOutput, lastMs);
    const at = new Date(startedAt.getTime() + afterMs);
    return [{ key: `${attempt}:ACTION:${step.index}`, at, kind: "ACTION", message: actionSentence(action, step), action }];
  });
}

/** The action at which the start ended, where it did: it failed, or was running when everything was ended. */
export function failedAction({ steps, ready }: StartReport, outputs: ActionOutputs): FailedAction | null {
  const last = steps.at(-1);
  if (ready || last === undefined) return null;
  if (last.end !== null && (last.end.exitCode === 0 || last.end.ignored)) return null;
  const { index, action, exitCode, timedOut, out, err } = resultOf(last, outputs.get(last.index) ?? noOutput, last.beganMs);
  return { index, action, exitCode, timedOut, said: lastLine(err) ?? lastLine(out) ?? "" };
}

/** The last line that says something. */
export function lastLine(output: string): string | null {
  const last = output
    .split("\n")
    .map((line) => line.trim())
    .findLast((line) => line !== "");
  return last === undefined ? null : last.length > 300 ? `${last.slice(0, 300).toWellFormed()}…` : last;
}

/** One sentence for the history. */
function actionSentence(result: StartActionResult, step: Pick<StartStep, "summary" | "end">): string {
  const name = nameOfAction(result);
  const after = `after ${duration(result.durationMs)}`;
  const what = step.summary === "" ? "" : `: ${step.summary}`;
  if (result.exitCode === null) return `${name} was ended ${after}${what}`;
  const allowed = step.end?.ignored === true ? ", which ignore_errors allows" : "";
  if (result.timedOut) return `${name} was ended by its time_limit ${after}${allowed}${what}`;
  if (result.exitCode !== 0) return `${name} failed with exit code ${result.exitCode} ${after}${allowed}${what}`;
  return `${name} took ${duration(result.durationMs)}${what}`;
}

/** Without the time, which would be another sentence each second. */
export const runningSentence = (running: RunningAction): string =>
  `Runs ${nameOfAction(running)}, ${running.index + 1} of ${countOf(running.count, "action")}.`;

const duration = (milliseconds: number): string => (milliseconds < 1000 ? `${milliseconds} ms` : `${Number((milliseconds / 1000).toFixed(1))} s`);
