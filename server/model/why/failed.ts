/** The same answer of what could be started and then failed: the culprit is the failure's cause, and what would help is the API's to do. */
import type { AppError } from "../../failure.ts";
import type { ComputeNode } from "../observe.ts";
import type { Problem } from "../problem.ts";
import { isInGroup, type NodeRule } from "../resource-group.ts";
import type { Resources } from "../service-spec.ts";
import { definitionSentence, type Failure, type FailureCause } from "../service-status.ts";
import { MiBPerGiB } from "../units.ts";
import { isOutside, retryNow } from "./driver-failure.ts";
import type { Culprit, Explanation, Remedy } from "./question.ts";

const culpritOf = (cause: FailureCause): Culprit => (cause === "NOT_PLACED" ? "OTHER" : cause);

/** @param nodes those that there are, where they could be read: more than the largest has cannot be given. */
export function explainFailure(failure: Failure, { memoryGiB }: Resources, group: NodeRule, nodes: readonly ComputeNode[]): Explanation {
  const remedies = failure.cause === "OUT_OF_MEMORY" ? moreMemory(memoryGiB, group, nodes) : isOutside(failure.cause) ? [retryNow] : [];
  const numbers = failure.cause === "OUT_OF_MEMORY" ? { memoryGiB } : {};
  return { culprit: culpritOf(failure.cause), sentence: failure.message, numbers, remedies };
}

function moreMemory(memoryGiB: number, group: NodeRule, nodes: readonly ComputeNode[]): readonly Remedy[] {
  const there = nodes.filter((node) => isInGroup(node, group)).map((node) => node.memoryMiB.total / MiBPerGiB);
  const largest = there.length === 0 ? Infinity : Math.max(...there);
  const doubled = Math.min(memoryGiB * 2, Math.floor(largest * 4) / 4);
  return doubled > memoryGiB ? [{ kind: "RAISE_MEMORY", memoryGiB: doubled, says: `Give each route ${doubled} GiB of memory.` }] : [];
}

export const explainDefinition = (problems: readonly Problem[]): Explanation => ({
  culprit: "DEFINITION",
  sentence: definitionSentence(problems),
  numbers: { problems: problems.length },
  remedies: [{ ...retryNow, says: "Mend the definition, then clear the errors and retry." }],
});

/** A scheduler that does not answer, or says no. */
export function explainUnavailable({ code, message, publicMessage }: AppError): Explanation {
  const culprit = code === "SCHEDULER_REFUSED" ? "REFUSED" : /no (cluster )?leader/i.test(message) ? "NO_LEADER" : "UNREACHABLE";
  return { culprit, sentence: publicMessage, numbers: {}, remedies: [] };
}
