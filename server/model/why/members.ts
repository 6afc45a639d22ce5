/**
 * A route whose members run each on a node of its own: how many have a place, and why there is none for the rest. The nodes that take a
 * member are set aside, and of the others is told what keeps them from taking one.
 */
import type { ComputeNode } from "../observe.ts";
import { countOf } from "../words.ts";
import { nodesNeeded, takes, type Without } from "./fit.ts";
import type { Question } from "./question.ts";
import type { Situation } from "./situations.ts";
import { firstOf } from "./words.ts";

const namesMax = 3;

/**
 * Null where it has one member, or there are nodes for all.
 *
 * @param nodes those of the group.
 * @param situationOf of the others alone.
 */
export function membersMissing(
  question: Question,
  nodes: readonly ComputeNode[],
  without: Without,
  situationOf: (question: Question, others: readonly ComputeNode[]) => Situation,
): Situation | null {
  const { needs, group } = question;
  const size = nodesNeeded(needs);
  const taking = nodes.filter((node) => takes(node, needs, group, without));
  if (size === 1 || nodes.length === 0 || taking.length >= size) return null;
  const others = nodes.filter((node) => !taking.includes(node));
  const found = others.length === 0 ? tooFew(question, nodes) : situationOf(ofOne(beside(question, taking)), others);
  if (question.facts?.members !== undefined) return found;
  const numbers = { ...found.numbers, members: size, placed: taking.length };
  return { ...found, sentence: `${counted(taking.length, size, "would find a place")} ${found.sentence}`, numbers };
}

/** Of one that waits, how many of its members have a place already. */
export function membersPlaced({ facts }: Question, situation: Situation): Situation {
  if (facts?.members === undefined) return situation;
  const { placed, size } = facts.members;
  const sentence = `${counted(placed, size, placed < 2 ? "is placed" : "are placed")} ${situation.sentence}`;
  return { ...situation, sentence, numbers: { ...situation.numbers, members: size, placed } };
}

const counted = (count: number, size: number, are: string): string =>
  count === 0
    ? `None of ${size} members ${are}.`
    : `${count} of ${size} members ${are}; ${size - count} ${size - count === 1 ? "is" : "are"} missing.`;

/** Of one member, for a node that takes none. */
const ofOne = (question: Question): Question => ({ ...question, needs: { ...question.needs, cluster: null } });

const tooFew = ({ needs, group }: Question, nodes: readonly ComputeNode[]): Situation => ({
  culprit: "NO_NODES",
  sentence: `Each member needs a node of its own, and group ${group.name} has ${countOf(nodes.length, "node")}.`,
  numbers: { nodes: nodes.length, wanted: nodesNeeded(needs) },
});

function beside(question: Question, taking: readonly ComputeNode[]): Question {
  if (taking.length === 0) return question;
  const names = firstOf(
    taking.map(({ name }) => name),
    namesMax,
    "node",
  );
  return { ...question, group: { ...question.group, name: `${question.group.name} (beside ${names})` } };
}
