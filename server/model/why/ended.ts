/** Why an attempt ended, or never became healthy: the sentence that a user reads, and what would help. */
import { memberName } from "../cluster.ts";
import type { SessionExit } from "../session.ts";
import type { Failure } from "../service-status.ts";
import { type FailedAction, lastLine, nameOfAction, type RunningAction } from "../start-report.ts";
import { driverFailureOf } from "./driver-failure.ts";

type Ending = Pick<Failure, "cause" | "message" | "hint">;

/** What ended an attempt, and what would help. */
export function whyEnded(exit: SessionExit | null): Ending {
  const member = exit?.member === undefined ? null : memberName(exit.member).replace(/^./, (letter) => letter.toUpperCase());
  if (exit === null) return { cause: "LOST", message: "The process is gone; nobody saw how it ended.", hint: null };
  if (exit.outOfMemory) {
    const limit = exit.memoryLimitMiB === undefined ? "" : ` (${exit.memoryLimitMiB} MiB)`;
    return {
      cause: "OUT_OF_MEMORY",
      message: `${member ?? "The process"} used all of its memory${limit}, needed more and was ended.`,
      hint: "Give the route more RAM.",
    };
  }
  if (exit.action) return whyActionFailed(exit.action, exit.signal, member === null ? "" : `${member}: `);
  if (exit.message !== null) {
    const failed = driverFailureOf(exit.message);
    return { cause: failed?.cause ?? "START_FAILED", message: failed?.message ?? exit.message, hint: failed?.hint ?? null };
  }
  const last = lastLine(exit.outputTail);
  const said = last === null ? "" : `: ${last}`;
  if (exit.signal !== null) return { cause: "EXITED", message: `${member ?? "The process"} was ended by ${exit.signal}${said}`, hint: null };
  if (exit.code === null) return { cause: "LOST", message: "The process is gone; nobody saw how it ended.", hint: null };
  const hint = exit.code === 127 ? "The program was not found: check the first word of start_command." : null;
  return { cause: "EXITED", message: `${member ?? "The start command"} exited with code ${exit.code}${said}`, hint };
}

function whyActionFailed(failed: FailedAction, signal: string | null, whose: string): Ending {
  const name = nameOfAction(failed);
  const said = failed.said === "" ? "" : `: ${failed.said}`;
  const ending = (message: string, hint: string | null): Ending => ({ cause: "ACTION_FAILED", message: `${whose}${name} ${message}${said}`, hint });
  if (failed.timedOut) return ending("was not done within its time_limit", "Allow it more time with time_limit.");
  if (failed.exitCode === null) return ending(signal === null ? "was ended from outside" : `was ended by ${signal}`, null);
  return ending(`failed with exit code ${failed.exitCode}`, hintFor(failed));
}

function hintFor({ action, exitCode }: FailedAction): string {
  if (action !== "run_command") return "Check its path, and whether the session may write there.";
  if (exitCode === 127) return "The program was not found: check the first word of its command.";
  return "What it wrote is in the history and in the log. With ignore_errors: true the start goes on in spite of it.";
}

/** What is known of a session that ran and never passed a health check. */
export type NeverHealthy = {
  readonly waitedSeconds: number;
  readonly port: number;
  /** Null where an accepted connection is enough. */
  readonly path: string | null;
  readonly lastProbe: string | null;
  /** The start action that still runs: its start command has had no chance yet. */
  readonly step: RunningAction | null;
};

export function whyNeverHealthy({ waitedSeconds, port, path, lastProbe, step }: NeverHealthy): Ending {
  const within = `within ${waitedSeconds} s of the start`;
  if (step !== null) {
    return {
      cause: "NEVER_HEALTHY",
      message: `${nameOfAction(step)} was not done ${within}`,
      hint: "Start actions count: allow more time with health_check.initial_delay.",
    };
  }
  if (lastProbe === null) {
    return {
      cause: "NEVER_HEALTHY",
      message: `Nothing listened on port ${port} ${within}`,
      hint: "Check that start_command listens on the port that the definition declares.",
    };
  }
  const check = path === null ? `port ${port}` : `GET ${path} on port ${port}`;
  return {
    cause: "NEVER_HEALTHY",
    message: `No health check passed ${within}: ${check}: ${lastProbe}`,
    hint: "Check health_check.path, or allow more time with health_check.initial_delay.",
  };
}
