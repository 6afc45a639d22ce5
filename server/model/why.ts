/**
 * Why a session is not placed, and what would help: pure. The same answer beforehand (checkService) and while it waits (statusReason).
 *
 * (what the scheduler said, or nothing + the machines with all that is held + what the session needs) → one sentence, the one culprit, the
 * numbers, and remedies that the API can carry out. In this order:
 * 1. The group's machines are narrowed down by what they can never give (fit.ts, stages). Where nobody is left, the last sieve is the culprit.
 * 2. Of those left, each lacks something that others hold. The culprit is what most of them lack as the only thing.
 * 3. Where one has room for it by this arithmetic, the scheduler's own numbers are put into words (facts.ts): ports, conditions on attributes
 *    that only it knows. Where it gave none (Nomad's evaluations are empty sometimes: hashicorp/nomad #19446, #19827), that is said.
 * The scheduler's numbers come first in one case: where its conditions leave no machine at all, because then the rest does not matter.
 *
 * why/fit.ts  the arithmetic · why/situations.ts  each culprit in words · why/holders.ts  who has it · why/remedies.ts  what would help
 * why/members.ts  members on nodes of their own
 * why/facts.ts  the scheduler's numbers in words · why/ended.ts  why an attempt ended · why/driver-failure.ts  why none could begin
 */
import type { ComputeNode } from "./observe.ts";
import { isInGroup, isKnownHere } from "./resource-group.ts";
import type { UnplacedFacts } from "./session.ts";
import { asSentence } from "./words.ts";
import { constraintThatRulesOutAll, factSituation } from "./why/facts.ts";
import { lacksOf, ofSeat, stageOf, stages, type Lack, type Stage, type Without } from "./why/fit.ts";
import type { Explanation, Question, Remedy } from "./why/question.ts";
import { membersMissing, membersPlaced } from "./why/members.ts";
import { remediesFor } from "./why/remedies.ts";
import {
  allUnavailable,
  constrained,
  cpuLacking,
  devicesHeld,
  memoryLacking,
  noDriver,
  noFolders,
  noNodes,
  noSuchDevice,
  type Situation,
} from "./why/situations.ts";

export function explain(question: Question): Explanation {
  const { facts, group, nodes: told } = question;
  if (told === null) return withRemedies(membersPlaced(question, factSituation(question, null)), []);
  // What is said must not depend on the order in which a scheduler lists its machines.
  const nodes = told.toSorted((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : one.id < other.id ? -1 : 1));
  const ours = nodes.filter((node) => isInGroup(node, group));
  const without = ofSeat(question.seat);
  // Where Nomad alone knows which machines its conditions leave, and says that they leave out some, nothing is claimed of those machines.
  const isCertain = isKnownHere(group) || (facts !== null && facts.nodesEvaluated > 0 && !isConditioned(facts));
  const remedies = remediesFor(question, nodes, without).filter((remedy) => isCertain || isElsewhere(remedy));
  const conditions = facts === null || ours.length === 0 ? null : constraintThatRulesOutAll(question, facts);
  if (conditions !== null) return withRemedies(conditions, remedies.filter(isElsewhere));
  const situation = membersPlaced(question, situationOf(question, ours, nodes, without));
  // A scheduler that knows better in words, says why it is so: its machine has no accelerators that it manages, for example.
  const said = facts?.message ?? null;
  return withRemedies(said === null || situation.culprit === "FOLDERS" ? situation : { ...situation, sentence: asSentence(said) }, remedies);
}

const isConditioned = ({ constraintFiltered }: UnplacedFacts): boolean => Object.keys(constraintFiltered).some((one) => one.startsWith("${"));
const isElsewhere = ({ kind }: Remedy): boolean => kind === "OTHER_GROUP";

/** The sentence names what costs nobody anything; what is at somebody else's expense is for people to choose. */
function withRemedies(situation: Situation, remedies: Explanation["remedies"]): Explanation {
  const free = remedies.find(({ kind }) => kind !== "STOP_SERVICE" && kind !== "SCALE_DOWN");
  return { ...situation, sentence: free === undefined ? situation.sentence : `${situation.sentence} ${free.says}`, remedies };
}

/** @param nodes those of the group. */
function situationOf(question: Question, nodes: readonly ComputeNode[], all: readonly ComputeNode[], without: Without): Situation {
  const { needs, group } = question;
  const ofMembers = membersMissing(question, nodes, without, (asked, others) => situationOf(asked, others, all, without));
  if (ofMembers !== null) return ofMembers;
  const found = { question, without, total: nodes.length };
  if (nodes.length === 0) return noNodes(question, all);
  const stopped = new Map(nodes.map((node) => [node, stageOf(node, needs, group)]));
  const able = nodes.filter((node) => stopped.get(node) === null);
  if (able.length > 0) return roomFor(question, able, found);
  // Who came farthest is who nearly takes it.
  const farthest = stages.findLast((stage) => nodes.some((node) => stopped.get(node) === stage)) ?? "UNAVAILABLE";
  return inWords[farthest](
    nodes.filter((node) => stopped.get(node) === farthest),
    found,
  );
}

type Found = Parameters<typeof noDriver>[1];

const inWords: Readonly<Record<Stage, (nodes: readonly ComputeNode[], found: Found) => Situation>> = {
  UNAVAILABLE: allUnavailable,
  DRIVER: noDriver,
  FOLDERS: noFolders,
  CONSTRAINT: constrained,
  NO_SUCH_DEVICE: noSuchDevice,
  TOO_LITTLE_MEMORY: (nodes, found) => memoryLacking(nodes, found, true),
  TOO_LITTLE_CPU: (nodes, found) => cpuLacking(nodes, found, true),
};

const lacks: readonly Lack[] = ["DEVICES", "MEMORY", "CPU"];

/** @param able machines that could take it if nobody else were there. */
function roomFor(question: Question, able: readonly ComputeNode[], found: Found): Situation {
  const missing = able.map((node) => ({ node, lack: lacksOf(node, question.needs, found.without) }));
  if (missing.some(({ lack }) => lack.length === 0)) return factSituation(question, missing.find(({ lack }) => lack.length === 0)?.node ?? null);
  const onlyLacking = (one: Lack): number => missing.filter(({ lack }) => lack.length === 1 && lack[0] === one).length;
  const lacking = (one: Lack): number => missing.filter(({ lack }) => lack.includes(one)).length;
  const [culprit = "DEVICES"] = lacks.toSorted((one, other) => onlyLacking(other) - onlyLacking(one) || lacking(other) - lacking(one));
  const only = missing.filter(({ lack }) => lack.length === 1 && lack[0] === culprit);
  const those = (only.length > 0 ? only : missing.filter(({ lack }) => lack.includes(culprit))).map(({ node }) => node);
  switch (culprit) {
    case "DEVICES":
      // All that have them: those whose devices are free lack something else, and that is not what is told.
      return devicesHeld(
        missing.filter(({ lack }) => lack.includes("DEVICES")).map(({ node }) => node),
        found,
      );
    case "MEMORY":
      return memoryLacking(those, found, false);
    case "CPU":
      return cpuLacking(those, found, false);
  }
}
