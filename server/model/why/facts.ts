/** The scheduler's own numbers in words: where the machines are not known, and for what only it knows of them. */
import type { ComputeNode } from "../observe.ts";
import type { UnplacedFacts } from "../session.ts";
import { asSentence, countOf } from "../words.ts";
import type { Culprit, Question } from "./question.ts";
import { constraintSentence, type Situation } from "./situations.ts";
import { requestOf, listOf } from "./words.ts";

/** Nomad's names for what it filters by and the machines tell as well; and its note that a like machine was filtered before. */
const toldByMachines: ReadonlySet<string> = new Set(["missing drivers", "missing devices", "computed class ineligible"]);
/** How a constraint is called that says more than Nomad's words for it: "… rules out 2 machines". */
export const missingFolders = "not seeing the folders (SERAI_FOLDERS)";

/** Conditions of the group that leave no machine, as the scheduler says. */
export function constraintThatRulesOutAll({ group }: Question, facts: UnplacedFacts): Situation | null {
  const { nodesEvaluated, nodesFiltered, nodesExhausted, constraintFiltered } = facts;
  const own = Object.keys(constraintFiltered).filter((one) => !toldByMachines.has(one) && one !== missingFolders && one.startsWith("${"));
  const others = Object.keys(constraintFiltered).some((one) => one.startsWith("missing ") || one === missingFolders);
  if (own.length === 0 || others || nodesExhausted > 0 || nodesEvaluated === 0 || nodesFiltered < nodesEvaluated) return null;
  return {
    culprit: "CONSTRAINT",
    sentence: constraintSentence(own, group.name, nodesEvaluated),
    numbers: { nodes: nodesEvaluated, usable: nodesEvaluated, suited: 0 },
  };
}

/** @param room a machine that has room for it by the engine's arithmetic; null: not known. */
export function factSituation(question: Question, room: ComputeNode | null): Situation {
  const { group, facts } = question;
  const numbers = facts === null ? {} : { nodes: facts.nodesEvaluated, filtered: facts.nodesFiltered, exhausted: facts.nodesExhausted };
  if (facts?.message != null) return { culprit: "OTHER", sentence: asSentence(facts.message), numbers };
  const reasons = facts === null ? [] : reasonsOf(question, facts);
  const [first] = reasons;
  if (first !== undefined) {
    const words = reasons.map(({ says }) => says).join(", ");
    return { culprit: first.culprit, sentence: `No machine of resource group ${group.name} takes it: ${words}.`, numbers };
  }
  if (room !== null) {
    return {
      culprit: "OTHER",
      sentence: `${room.name} of group ${group.name} has room for it; the scheduler has not placed it yet and names no reason.`,
      numbers,
    };
  }
  const evaluated = facts?.nodesEvaluated ?? 0;
  if (evaluated === 0) return { culprit: "NO_NODES", sentence: `Resource group ${group.name} has no machine that may run it.`, numbers };
  return { culprit: "OTHER", sentence: `None of the ${countOf(evaluated, "machine")} of resource group ${group.name} takes it now.`, numbers };
}

type Reason = { readonly culprit: Culprit; readonly says: string };

function reasonsOf({ needs: { accelerators } }: Question, facts: UnplacedFacts): readonly Reason[] {
  const devices = listOf(accelerators.map(requestOf));
  const areSeveral = accelerators.length > 1 || accelerators.some(({ count }) => count > 1);
  const exhausted = Object.entries(facts.dimensionExhausted).map(([dimension, nodes]): Reason => {
    const on = countOf(nodes, "machine");
    // In Nomad's words: `devices: no devices match request`. Which of several is missing, it does not say.
    if (dimension.startsWith("devices: ")) return { culprit: "DEVICES", says: `${devices} ${areSeveral ? "are" : "is"} not free on ${on}` };
    if (dimension.startsWith("network: ")) return { culprit: "PORTS", says: `no port is free on ${on} (${dimension.slice("network: ".length)})` };
    return { culprit: dimension === "memory" ? "MEMORY" : dimension.startsWith("c") ? "CPU" : "OTHER", says: `${dimension} is used up on ${on}` };
  });
  const filtered = Object.entries(facts.constraintFiltered).map(([constraint, nodes]): Reason => {
    const are = countOf(nodes, "machine");
    const verb = nodes === 1 ? "does" : "do";
    if (constraint === "missing devices") return { culprit: "NO_SUCH_DEVICE", says: `${are} ${verb} not have ${devices}` };
    if (constraint === "missing drivers") return { culprit: "DRIVER", says: `${are} ${verb} not have its driver` };
    if (constraint === "distinct_hosts") return { culprit: "NO_NODES", says: `${are} ${nodes === 1 ? "has" : "have"} a member already` };
    if (constraint === "missing network") return { culprit: "PORTS", says: `${are} ${verb} not have its network` };
    return { culprit: constraint === missingFolders ? "FOLDERS" : "CONSTRAINT", says: `${constraint} rules out ${are}` };
  });
  return [...exhausted, ...filtered].toSorted((one, other) => (one.says < other.says ? -1 : 1));
}
