/**
 * What would help: every change that the API can make and after which, by the engine's arithmetic, one route would be placed now. What is
 * only possible together with another change is not named. In order: what costs nobody anything first, other people's services last.
 */
import { memoryMiBOf } from "../constraint.ts";
import { missingAccelerators } from "../environment.ts";
import type { ServiceId } from "../ids.ts";
import type { ComputeNode } from "../observe.ts";
import { isInGroup, isKnownHere } from "../resource-group.ts";
import { seatOf } from "../seat.ts";
import type { Accelerator } from "../service-spec.ts";
import { MiBPerGiB } from "../units.ts";
import { countOf } from "../words.ts";
import {
  anyTakes,
  freeMillicores,
  freeOf,
  isNamed,
  isOffered,
  membersTogether,
  nameOf,
  nodesNeeded,
  takes,
  type Needs,
  type Without,
} from "./fit.ts";
import { isOwn, usersOf } from "./holders.ts";
import type { Question, Remedy } from "./question.ts";
import { coresOf, kindOf, sizeOf } from "./words.ts";

type Asked = { readonly question: Question; readonly nodes: readonly ComputeNode[]; readonly without: Without };

/** @param nodes sorted; those of all groups. */
export function remediesFor(question: Question, nodes: readonly ComputeNode[], without: Without): readonly Remedy[] {
  const asked: Asked = { question, nodes, without };
  return [
    ...question.needs.accelerators.flatMap((request, index) => [...weaker(asked, request, index), ...fewer(asked, request, index)]),
    ...lessMemory(asked),
    ...lessCpu(asked),
    ...question.needs.accelerators.flatMap((request, index) => another(asked, request, index)),
    ...otherGroups(asked),
    ...moreNodes(asked),
    ...others(asked),
  ].filter((remedy) => leavesEnough(remedy, question));
}

/** What the environment would refuse helps nobody. */
function leavesEnough(remedy: Remedy, { needs, least }: Question): boolean {
  const withChanged = (changed: Partial<Accelerator>, name: string): boolean =>
    missingAccelerators(least, { accelerators: needs.accelerators.map((one) => (one.name === name ? { ...one, ...changed } : one)) }).length === 0;
  switch (remedy.kind) {
    case "LOWER_MEMORY":
      return remedy.memoryGiB >= least.memoryGiB;
    case "LOWER_CPU":
      return remedy.cpu >= least.cpu;
    case "FEWER_ACCELERATORS":
      return withChanged({ count: remedy.count }, remedy.accelerator);
    case "OTHER_ACCELERATOR":
      return withChanged({ name: remedy.instead }, remedy.accelerator);
    default:
      return true;
  }
}

const wouldFit = ({ question, nodes, without }: Asked, changes: Partial<Needs>): boolean =>
  anyTakes(nodes, { ...question.needs, ...changes }, question.group, without);

const instead = (needs: Needs, index: number, changed: Accelerator): Partial<Needs> => ({
  accelerators: needs.accelerators.map((one, at) => (at === index ? changed : one)),
});

/** With devices that have less memory: the most that fits. */
function weaker(asked: Asked, request: Accelerator, index: number): readonly Remedy[] {
  const { memoryGiB } = request;
  if (memoryGiB === undefined) return [];
  const sizes = asked.nodes.flatMap(({ devices }) => devices.flatMap((group) => memoryMiBOf(group.attributes["memory"]) ?? []));
  const smaller = [...new Set(sizes.map(inQuarters))].filter((size) => size > 0 && size < memoryGiB).toSorted((one, other) => other - one);
  const found = smaller.find((size) => wouldFit(asked, instead(asked.question.needs, index, { ...request, memoryGiB: size })));
  if (found === undefined) return [];
  return [{ kind: "LOWER_ACCELERATOR_MEMORY", accelerator: request.name, memoryGiB: found, says: `Would fit now with ${found} GiB.` }];
}

const inQuarters = (memoryMiB: number): number => Math.floor((memoryMiB / MiBPerGiB) * 4) / 4;

function fewer(asked: Asked, request: Accelerator, index: number): readonly Remedy[] {
  // What the machines do not have at all need not be tried: a thousand are asked for more easily than found.
  const most = Math.max(0, ...asked.nodes.flatMap(({ devices }) => devices.map(({ instances }) => instances.length)));
  for (let count = Math.min(request.count - 1, most); count > 0; count--) {
    if (!wouldFit(asked, instead(asked.question.needs, index, { ...request, count }))) continue;
    return [{ kind: "FEWER_ACCELERATORS", accelerator: request.name, count, says: `Would fit now with ${countOf(count, kindOf(request.name))}.` }];
  }
  return [];
}

/** Another kind of the same type, `gpu` for example. */
function another(asked: Asked, request: Accelerator, index: number): readonly Remedy[] {
  const parts = request.name.split("/");
  const type = parts[1] ?? parts[0];
  const there = asked.nodes.filter((node) => isInGroup(node, asked.question.group)).flatMap(({ devices }) => devices);
  const names = new Set(there.filter((group) => group.type === type && !isNamed(group, request.name)).map(nameOf));
  return [...names]
    .filter((name) => isOffered(name, asked.question.offered))
    .toSorted()
    .flatMap((name): readonly Remedy[] => {
      if (asked.question.needs.accelerators.some((one) => one.name === name)) return [];
      if (!wouldFit(asked, instead(asked.question.needs, index, { ...request, name }))) return [];
      const says = `Would fit now with ${countOf(request.count, kindOf(name))}.`;
      return [{ kind: "OTHER_ACCELERATOR", accelerator: request.name, instead: name, count: request.count, says }];
    });
}

/** The least that a route can be given (service-spec.ts). */
const memoryMinMiB = 16;
const millicoresMin = 10;

/** The most that each member can be given: of the freest node, or where each is on its own, of the least free of so many. */
const forEach = (needs: Needs, free: readonly number[]): number =>
  Math.max(0, free.toSorted((one, other) => other - one)[nodesNeeded(needs) - 1] ?? 0) / membersTogether(needs);

function lessMemory(asked: Asked): readonly Remedy[] {
  const { question, nodes, without } = asked;
  const { needs, group } = question;
  const able = nodes.filter((node) => takes(node, { ...needs, memoryMiB: 0 }, group, without));
  const free = forEach(
    needs,
    able.map((node) => freeOf(node, without).memoryMiB),
  );
  const memoryMiB = free >= MiBPerGiB ? Math.floor(free / 256) * 256 : Math.floor(free / 16) * 16;
  // Shared memory is a part of it, and never all.
  if (memoryMiB >= needs.memoryMiB || memoryMiB < memoryMinMiB || memoryMiB <= needs.sharedMemoryMiB) return [];
  return [{ kind: "LOWER_MEMORY", memoryGiB: memoryMiB / MiBPerGiB, says: `Would fit now with ${sizeOf(memoryMiB)} of memory.` }];
}

function lessCpu(asked: Asked): readonly Remedy[] {
  const { question, nodes, without } = asked;
  const { needs, group } = question;
  const able = nodes.filter((node) => takes(node, { ...needs, cpuMillicores: 0 }, group, without));
  const free = forEach(
    needs,
    able.map((node) => freeMillicores(node, without)),
  );
  const millicores = Math.floor(free / 10) * 10;
  if (millicores >= needs.cpuMillicores || millicores < millicoresMin) return [];
  return [{ kind: "LOWER_CPU", cpu: millicores / 1000, says: `Would fit now with ${coresOf(millicores)}.` }];
}

function otherGroups({ question, nodes, without }: Asked): readonly Remedy[] {
  const { needs, otherGroups: groups } = question;
  const { cpuMillicores, memoryMiB, accelerators, cluster } = needs;
  const members = cluster?.size ?? 1;
  const count = members * accelerators.reduce((sum, one) => sum + one.count, 0);
  return groups
    .filter(
      ({ limits, acceleratorNames, ...rule }) =>
        isKnownHere(rule) &&
        members * cpuMillicores <= (limits.cpu ?? Infinity) * 1000 &&
        members * memoryMiB <= (limits.memoryGiB ?? Infinity) * MiBPerGiB &&
        count <= (limits.accelerators ?? Infinity) &&
        accelerators.every(({ name }) => isOffered(name, acceleratorNames)),
    )
    .filter((group) => anyTakes(nodes, needs, group, without))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .map(({ id, name }) => ({ kind: "OTHER_GROUP", resourceGroupId: id, says: `Would fit now in group ${name}.` }));
}

/** Machines that somebody took out of service, and that would take it. */
function moreNodes({ question, nodes, without }: Asked): readonly Remedy[] {
  const out = nodes.filter((node) => !node.eligible && node.status === "READY" && isInGroup(node, question.group));
  return out
    .map((node) => ({ ...node, eligible: true, draining: false }))
    .filter((node) => takes(node, question.needs, question.group, without))
    .filter((node) => anyTakes([...nodes.filter(({ id }) => id !== node.id), node], question.needs, question.group, without))
    .map(({ id, name }) => ({ kind: "MAKE_ELIGIBLE", nodeId: id, nodeName: name, says: `Would fit on ${name}, if it took new work.` }));
}

/** Services of the same project that have the room: the longest unused first. */
function others(asked: Asked): readonly Remedy[] {
  const { question, nodes, without } = asked;
  const { needs, group, idleMinutes } = question;
  const users = usersOf(
    nodes.filter((node) => isInGroup(node, group)),
    without,
  ).filter((user) => isOwn(user, question) && user.session?.serviceId !== question.serviceId);
  const byService = Map.groupBy(users, ({ session }) => session?.serviceId ?? null);
  const idle = (id: ServiceId): number => idleMinutes.get(id) ?? 0;
  const found = [...byService].flatMap(([serviceId, theirs]) => {
    if (serviceId === null) return [];
    const name = theirs[0]?.session?.serviceName ?? serviceId;
    const fitsWithout = (ids: readonly string[]): boolean => anyTakes(nodes, needs, group, (user) => without(user) || ids.includes(user.id));
    return [{ serviceId, name, theirs, fitsWithout }];
  });
  return found
    .toSorted((one, other) => idle(other.serviceId) - idle(one.serviceId) || (one.name < other.name ? -1 : 1))
    .flatMap(({ serviceId, name, theirs, fitsWithout }): readonly Remedy[] => {
      // Which of its routes would end is not ours to say: it has to be enough whichever it is.
      const routes = Map.groupBy(theirs, ({ id, session }) => (session === null ? id : seatOf(session.id)));
      if (routes.size > 1 && [...routes.values()].every((members) => fitsWithout(members.map(({ id }) => id)))) {
        return [{ kind: "SCALE_DOWN", serviceId, says: `Would fit with one route of ${name} less.` }];
      }
      return fitsWithout(theirs.map(({ id }) => id)) ? [{ kind: "STOP_SERVICE", serviceId, says: `Would fit if ${name} were stopped.` }] : [];
    });
}
