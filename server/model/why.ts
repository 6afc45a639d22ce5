/** Turns facts into the sentence that a user reads: why a session is not placed, why it ended. */
import type { Session, SessionExit, UnplacedFacts } from "./session.ts";
import type { Failure } from "./service-status.ts";
import { countOf } from "./words.ts";

/** Why no machine takes it. */
export function whyUnplaced(facts: UnplacedFacts, resourceGroup: string): string {
  if (facts.message !== null) return facts.message;
  const exhausted = Object.entries(facts.dimensionExhausted).map(([dimension, nodes]) => `${dimension} is used up on ${countOf(nodes, "machine")}`);
  const filtered = Object.entries(facts.constraintFiltered).map(([constraint, nodes]) => `${constraint} rules out ${countOf(nodes, "machine")}`);
  const reasons = [...exhausted, ...filtered];
  if (reasons.length > 0) return `No machine of resource group ${resourceGroup} takes it: ${reasons.join(", ")}.`;
  if (facts.nodesEvaluated === 0) return `Resource group ${resourceGroup} has no machine that may run it.`;
  return `None of the ${countOf(facts.nodesEvaluated, "machine")} of resource group ${resourceGroup} takes it now.`;
}

type Ending = Pick<Failure, "cause" | "message" | "hint">;

/** What ended an attempt, and what would help. */
export function whyEnded(exit: SessionExit | null, memoryMiB: number | null): Ending {
  if (exit === null) return { cause: "LOST", message: "The process is gone; nobody saw how it ended.", hint: null };
  if (exit.outOfMemory) {
    const limit = memoryMiB === null ? "" : ` (${memoryMiB} MiB)`;
    return { cause: "OUT_OF_MEMORY", message: `The process used more than its memory${limit} and was ended.`, hint: "Give the route more RAM." };
  }
  if (exit.message !== null) return { cause: "START_FAILED", message: exit.message, hint: null };
  const last = lastLine(exit.outputTail);
  const said = last === null ? "" : `: ${last}`;
  if (exit.signal !== null) return { cause: "EXITED", message: `The process was ended by ${exit.signal}${said}`, hint: null };
  if (exit.code === null) return { cause: "LOST", message: "The process is gone; nobody saw how it ended.", hint: null };
  const hint = exit.code === 127 ? "The program was not found: check the first word of start_command." : null;
  return { cause: "EXITED", message: `The start command exited with code ${exit.code}${said}`, hint };
}

/** It ran, but never passed a health check. */
export function whyNeverHealthy(waitedSeconds: number, session: Pick<Session, "port">, path: string | null, lastProbe: string | null): Ending {
  const within = `within ${waitedSeconds} s of the start`;
  if (lastProbe === null) {
    return {
      cause: "NEVER_HEALTHY",
      message: `Nothing listened on port ${session.port} ${within}`,
      hint: "Check that start_command listens on the port that the definition declares.",
    };
  }
  const check = path === null ? `port ${session.port}` : `GET ${path} on port ${session.port}`;
  return {
    cause: "NEVER_HEALTHY",
    message: `No health check passed ${within}: ${check}: ${lastProbe}`,
    hint: "Check health_check.path, or allow more time with health_check.initial_delay.",
  };
}

function lastLine(output: string): string | null {
  const lines = output
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const last = lines.at(-1);
  return last === undefined ? null : last.length > 300 ? `${last.slice(0, 300).toWellFormed()}…` : last;
}
