/** A failure as a row of the history: what the page of a service shows until somebody clears it, and what is kept afterwards. */
import type { HistoryEntry, RouteState } from "../model/control-state.ts";
import type { Failure, FailureReport } from "../model/service-status.ts";
import type { SessionExit } from "../model/session.ts";

const linesMax = 50;

/** @param exit of the attempt that failed, where it ended. */
export const failureEntry = (failure: Failure, route: RouteState, exit: SessionExit | null): HistoryEntry => ({
  key: `failure:${route.sessionId}:${failure.cause}:${failure.at}`,
  at: new Date(failure.at),
  kind: "FAILURE",
  message: failure.message,
  failure: { ...failure, ...reportOfEnd(exit), node: route.node },
});

/** What is told of an attempt's end besides the sentence. */
export const reportOfEnd = (exit: SessionExit | null): Pick<FailureReport, "exitCode" | "signal" | "outputTail"> => ({
  exitCode: exit?.code ?? null,
  signal: exit?.signal ?? null,
  outputTail: lastLines(exit?.outputTail ?? ""),
});

function lastLines(output: string): string {
  const lines = output.trimEnd().split("\n");
  return lines.slice(-linesMax).join("\n");
}
