/** Each culprit in words, with its numbers: what was found out about the machines that came so far. */
import { memoryMiBOf, wordsOf } from "../constraint.ts";
import type { ComputeNode } from "../observe.ts";
import { brokenConstraint, isInDatacenters, isInPool, isOfClass } from "../resource-group.ts";
import type { Accelerator } from "../service-spec.ts";
import { MiBPerGiB } from "../units.ts";
import { asSentence, countOf } from "../words.ts";
import { freeMillicores, freeOf, hasMemory, isFreeOn, isNamed, membersTogether, nameOf, suits, type Without } from "./fit.ts";
import { holdersOfCpu, holdersOfDevices, holdersOfMemory, holderWords } from "./holders.ts";
import type { Culprit, Numbers, Question } from "./question.ts";
import { coresOf, firstOf, kindOf, listOf, requestOf, sizeOf, wantedSizeOf } from "./words.ts";

/** What keeps it, before what would help is said. */
export type Situation = { readonly culprit: Culprit; readonly sentence: string; readonly numbers: Numbers };
type Found = { readonly question: Question; readonly without: Without; readonly total: number };

const namesMax = 3;
const nodesOf = (count: number): string => countOf(count, "node");

export function noNodes({ group }: Question, all: readonly ComputeNode[]): Situation {
  const { name, nodePool, datacenters = [], nodeClass = null } = group;
  const pool = all.filter((node) => isInPool(node, nodePool));
  const wanted = [
    ...(pool.every((node) => !isInDatacenters(node, group)) ? [`in datacenter ${listOf(datacenters)}`] : []),
    ...(nodeClass !== null && pool.every((node) => !isOfClass(node, group)) ? [`of class ${nodeClass}`] : []),
  ];
  const rule = wanted.length > 0 ? listOf(wanted) : "in its datacenters and of its class at once";
  const why = pool.length === 0 ? `no node is in node pool ${nodePool}` : `none of the ${nodesOf(pool.length)} of node pool ${nodePool} is ${rule}`;
  return { culprit: "NO_NODES", sentence: `Group ${name} has no nodes: ${why}.`, numbers: { nodesInPool: pool.length, nodes: 0 } };
}

/** @param nodes all of the group: each is drained, ineligible or down. */
export function allUnavailable(nodes: readonly ComputeNode[], { question, total }: Found): Situation {
  const words = (node: ComputeNode): string => {
    if (node.status !== "READY") return `${node.name} is ${node.status.toLowerCase()}`;
    return `${node.name} is ${node.draining ? "being drained" : "not eligible"}`;
  };
  const subject =
    total === 1 ? `The only node of group ${question.group.name} takes` : `None of the ${total} nodes of group ${question.group.name} takes`;
  return {
    culprit: "ALL_UNAVAILABLE",
    sentence: `${subject} ${total === 1 ? "no " : ""}new work: ${firstOf(nodes.map(words), namesMax, "node")}.`,
    numbers: {
      nodes: total,
      usable: 0,
      draining: nodes.filter(({ draining }) => draining).length,
      down: nodes.filter(({ status }) => status !== "READY").length,
    },
  };
}

const driverOf = { HOST: "raw_exec", ISOLATED_HOST: "exec", CONTAINER: "docker" } as const;

export function noDriver(nodes: readonly ComputeNode[], { question, total }: Found): Situation {
  const driver = driverOf[question.needs.kind];
  const words = (node: ComputeNode): string => {
    const found = node.drivers.find(({ name }) => name === driver);
    if (found === undefined || !found.detected) return `${node.name} does not have it`;
    return `on ${node.name} it is unhealthy${found.said === null ? "" : ` (${found.said.replace(/\.$/, "")})`}`;
  };
  const sentence = `Needs the driver ${driver}, which no usable node of group ${question.group.name} has healthy: ${firstOf(nodes.map(words), namesMax, "node")}.`;
  return { culprit: "DRIVER", sentence, numbers: { nodes: total, usable: nodes.length, withDriver: 0 } };
}

export function noFolders(nodes: readonly ComputeNode[], { question, total }: Found): Situation {
  const names = firstOf(
    nodes.map(({ name }) => name),
    namesMax,
    "node",
  );
  const sentence =
    question.facts?.message ??
    `No usable node of group ${question.group.name} sees the folders (SERAI_FOLDERS): ${names}. The same shared file system has to be mounted there.`;
  return { culprit: "FOLDERS", sentence: asSentence(sentence), numbers: { nodes: total, usable: nodes.length, seeFolders: 0 } };
}

export function constrained(nodes: readonly ComputeNode[], { question, total }: Found): Situation {
  const broken = nodes.flatMap((node) => brokenConstraint(node, question.group) ?? []).map(wordsOf);
  return {
    culprit: "CONSTRAINT",
    sentence: constraintSentence(broken, question.group.name, nodes.length),
    numbers: { nodes: total, usable: nodes.length, suited: 0 },
  };
}

export const constraintSentence = (constraints: readonly string[], group: string, nodes: number): string =>
  `${listOf([...new Set(constraints)].toSorted().map((one) => `\`${one}\``))} ${new Set(constraints).size > 1 ? "rule" : "rules"} out ${
    nodes === 1 ? "the only usable node" : `all ${nodes} usable nodes`
  } of group ${group}.`;

/** What is wanted of one node. */
function neededOf({ needs, group }: Question, what: string): string {
  const members = membersTogether(needs);
  return members === 1 ? `Needs ${what} in group ${group.name}.` : `Needs ${members} times ${what} on one node of group ${group.name}.`;
}

const wantedIn = (question: Question): string => neededOf(question, listOf(question.needs.accelerators.map(requestOf)));

/** @param nodes none of them has, free or not, all that is asked for. */
export function noSuchDevice(nodes: readonly ComputeNode[], { question, total }: Found): Situation {
  const { needs } = question;
  const most = (request: Accelerator): number =>
    Math.max(
      0,
      ...nodes.flatMap(({ devices }) =>
        devices.filter((one) => suits(one, request)).map(({ instances }) => instances.filter(({ healthy }) => healthy).length),
      ),
    );
  const missing = needs.accelerators.filter((request) => most(request) < request.count * membersTogether(needs));
  const numbers = { nodes: total, usable: nodes.length, suited: 0 };
  const first = missing[0];
  if (first === undefined) {
    return { culprit: "NO_SUCH_DEVICE", sentence: `${wantedIn(question)} No node has all of it; each is there on some.`, numbers };
  }
  return {
    culprit: "NO_SUCH_DEVICE",
    sentence: `${wantedIn(question)} ${whyMissing(first, nodes, most(first))}`,
    numbers: { ...numbers, wanted: first.count, most: most(first) },
  };
}

function whyMissing(request: Accelerator, nodes: readonly ComputeNode[], most: number): string {
  if (most > 0) {
    const where = nodes.find(({ devices }) =>
      devices.some((one) => suits(one, request) && one.instances.filter(({ healthy }) => healthy).length === most),
    );
    return `The most on one node is ${most}, on ${where?.name ?? "one"}.`;
  }
  const devices = nodes.flatMap((node) => node.devices);
  const ofName = devices.filter((one) => isNamed(one, request.name));
  if (ofName.length === 0) {
    const there = [...new Set(devices.map(nameOf))].toSorted();
    const have = there.length === 0 ? "and no other accelerator either" : `only ${firstOf(there, namesMax, "kind")}`;
    return nodes.length === 1 ? `Its only usable node has none, ${have}.` : `None of its ${nodes.length} usable nodes has one, ${have}.`;
  }
  const big = ofName.filter((one) => hasMemory(one, request));
  if (big.length === 0) {
    const largest = Math.max(0, ...ofName.map((one) => memoryMiBOf(one.attributes["memory"]) ?? 0));
    return largest === 0 ? "Those there do not say how much memory they have." : `The largest there has ${sizeOf(largest)}.`;
  }
  if (big.every((one) => !suits(one, request))) {
    const conditions = (request.constraints ?? []).map((one) => `\`${wordsOf(one)}\``);
    return `None of the ${countOf(
      big.reduce((sum, { instances }) => sum + instances.length, 0),
      kindOf(request.name),
    )} there meets ${listOf(conditions)}.`;
  }
  return "Those that it has are not healthy.";
}

/** @param nodes each has the devices, and does not have them free. */
export function devicesHeld(nodes: readonly ComputeNode[], { question, without, total }: Found): Situation {
  const { needs } = question;
  const suited = nodes.flatMap((node) => {
    const groups = node.devices.filter((group) => needs.accelerators.some((request) => suits(group, request)));
    return groups.flatMap(({ instances }) => instances.map((instance) => isFreeOn(node, without)(instance)));
  });
  const free = suited.filter(Boolean).length;
  const wanted = membersTogether(needs) * needs.accelerators.reduce((sum, { count }) => sum + count, 0);
  const holders = holdersOfDevices(nodes, needs, question, without).map((holder) => holderWords(holder, String));
  const have = `${nodesOf(nodes.length)} ${nodes.length === 1 ? "has" : "have"} ${wanted === 1 ? "one" : "as many"}`;
  const are = free === 0 ? "all are held" : `${free} of ${suited.length} ${free === 1 ? "is" : "are"} free, not enough on one node; held`;
  const by = holders.length === 0 ? "" : `: ${firstOf(holders, 5, "holder")}`;
  return {
    culprit: "DEVICES",
    sentence: `${wantedIn(question)} ${have}; ${are}${by}.`,
    numbers: { nodes: total, suited: nodes.length, wanted, devices: suited.length, free },
  };
}

/** @param nodes those that only lack this, or may be given it. */
export function memoryLacking(nodes: readonly ComputeNode[], found: Found, isTooLarge: boolean): Situation {
  const { question, without, total } = found;
  const { memoryMiB, accelerators } = question.needs;
  const needs = neededOf(question, `${wantedSizeOf(memoryMiB)} of memory`);
  const largest = nodes.reduce((most, node) => (node.memoryMiB.total > most.memoryMiB.total ? node : most));
  const numbers = { nodes: total, suited: nodes.length, wantedGiB: memoryMiB / MiBPerGiB, largestGiB: largest.memoryMiB.total / MiBPerGiB };
  if (isTooLarge) {
    const among = accelerators.length === 0 ? "The largest node" : "The largest node with the accelerators";
    return { culprit: "MEMORY", sentence: `${needs} ${among}, ${largest.name}, has ${sizeOf(largest.memoryMiB.total)}.`, numbers };
  }
  const freest = nodes.reduce((most, node) => (freeOf(node, without).memoryMiB > freeOf(most, without).memoryMiB ? node : most));
  const free = Math.max(0, freeOf(freest, without).memoryMiB);
  const holders = holdersOfMemory(nodes, question, without).map((holder) => holderWords(holder, sizeOf));
  const held = holders.length === 0 ? "" : ` Held by: ${firstOf(holders, namesMax, "holder")}.`;
  const on = accelerators.length === 0 ? "on one node" : "on a node with free accelerators";
  const sentence = `${needs} The most that is free ${on} is ${sizeOf(free)} of ${sizeOf(freest.memoryMiB.total)}, on ${freest.name}.${held}`;
  return { culprit: "MEMORY", sentence, numbers: { ...numbers, freeGiB: free / MiBPerGiB } };
}

export function cpuLacking(nodes: readonly ComputeNode[], { question, without, total }: Found, isTooLarge: boolean): Situation {
  const { cpuMillicores, accelerators } = question.needs;
  const needs = neededOf(question, `${coresOf(cpuMillicores)} of CPU`);
  const coresIn = (node: ComputeNode): number => node.cpuMillicores.total * node.coreSpeed;
  const largest = nodes.reduce((most, node) => (coresIn(node) > coresIn(most) ? node : most));
  const numbers = { nodes: total, suited: nodes.length, wantedCores: cpuMillicores / 1000, largestCores: coresIn(largest) / 1000 };
  if (isTooLarge) {
    const among = accelerators.length === 0 ? "The largest node" : "The largest node with the accelerators";
    return { culprit: "CPU", sentence: `${needs} ${among}, ${largest.name}, has ${coresOf(coresIn(largest))}.`, numbers };
  }
  const freest = nodes.reduce((most, node) => (freeMillicores(node, without) > freeMillicores(most, without) ? node : most));
  const free = Math.max(0, freeMillicores(freest, without));
  const holders = holdersOfCpu(nodes, question, without).map((holder) => holderWords(holder, coresOf));
  const held = holders.length === 0 ? "" : ` Held by: ${firstOf(holders, namesMax, "holder")}.`;
  const on = accelerators.length === 0 ? "on one node" : "on a node with free accelerators";
  const sentence = `${needs} The most that is free ${on} is ${coresOf(free)} of ${coresOf(coresIn(freest))}, on ${freest.name}.${held}`;
  return { culprit: "CPU", sentence, numbers: { ...numbers, freeCores: free / 1000 } };
}
