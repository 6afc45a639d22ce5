/** Counting room: what a session asks for against what the machine has and what the placed sessions take of it. */
import type { SessionId } from "../../model/ids.ts";
import type { Session, UnplacedFacts } from "../../model/session.ts";
import { listOf, requestOf } from "../../model/why/words.ts";

export type Capacity = { readonly cpuMillicores: number; readonly memoryMiB: number };

type Wanted = Pick<Session, "environment" | "resources">;

function sumOf(resources: readonly Capacity[]): Capacity {
  return {
    cpuMillicores: resources.reduce((sum, { cpuMillicores }) => sum + cpuMillicores, 0),
    memoryMiB: resources.reduce((sum, { memoryMiB }) => sum + memoryMiB, 0),
  };
}

/** What a placed session takes of the machine, in its seat. */
export type Claim = { readonly seat: SessionId; readonly resources: Capacity };

/** What all take together. A seat that is being handed on is taken once, as large as the larger of its sessions: they never run at the same time. */
export function usedBy(claims: readonly Claim[]): Capacity {
  const largest = new Map<SessionId, Capacity>();
  for (const { seat, resources } of claims) {
    const other = largest.get(seat) ?? { cpuMillicores: 0, memoryMiB: 0 };
    largest.set(seat, {
      cpuMillicores: Math.max(other.cpuMillicores, resources.cpuMillicores),
      memoryMiB: Math.max(other.memoryMiB, resources.memoryMiB),
    });
  }
  return sumOf([...largest.values()]);
}

/** What the others take, as one in this seat sees it. */
export const usedBeside = (seat: SessionId, claims: readonly Claim[]): Capacity => usedBy(claims.filter((claim) => claim.seat !== seat));

/** The facts that keep it from being placed beside what is used, or null where it fits. */
export function whyUnplaced({ environment, resources }: Wanted, capacity: Capacity, used: Capacity): UnplacedFacts | null {
  const facts = { nodesEvaluated: 1, nodesFiltered: 0, nodesExhausted: 0, constraintFiltered: {}, dimensionExhausted: {} };
  if (environment.kind !== "HOST") {
    const message = `needs the container image ${environment.image}; the local scheduler runs host environments only`;
    return { ...facts, nodesFiltered: 1, constraintFiltered: { "container environment": 1 }, message };
  }
  if (resources.accelerators.length > 0) {
    const message = `needs ${listOf(resources.accelerators.map(requestOf))}; the local scheduler does not manage this machine's accelerators`;
    return { ...facts, nodesFiltered: 1, constraintFiltered: { accelerators: 1 }, message };
  }
  const cpuFree = capacity.cpuMillicores - used.cpuMillicores;
  const memoryFree = capacity.memoryMiB - used.memoryMiB;
  const exhausted = [...(resources.cpuMillicores > cpuFree ? ["cpu"] : []), ...(resources.memoryMiB > memoryFree ? ["memory"] : [])];
  if (exhausted.length === 0) return null;
  const sentences = exhausted.map((dimension) =>
    dimension === "cpu"
      ? `needs ${cores(resources.cpuMillicores)} of CPU; this machine has ${cores(capacity.cpuMillicores)}, ${cores(cpuFree)} of it free`
      : `needs ${size(resources.memoryMiB)} of memory; this machine has ${size(capacity.memoryMiB)}, ${size(memoryFree)} of it free`,
  );
  return {
    ...facts,
    nodesExhausted: 1,
    dimensionExhausted: Object.fromEntries(exhausted.map((dimension) => [dimension, 1])),
    message: sentences.join("; "),
  };
}

/** A machine that is not eligible is not looked at, as on a cluster. */
export const takesNothing: UnplacedFacts = {
  nodesEvaluated: 0,
  nodesFiltered: 0,
  nodesExhausted: 0,
  constraintFiltered: {},
  dimensionExhausted: {},
  message: null,
};

type Waiting = Wanted & Claim & { readonly order: number };

/**
 * Which of the waiting sessions are placed now, in the order of their submission. One that does not fit holds up no
 * other: it may need more than the machine will ever have.
 */
export function placeable<T extends Waiting>(waiting: readonly T[], capacity: Capacity, claims: readonly Claim[]): readonly T[] {
  const placed: T[] = [];
  for (const one of waiting.toSorted((first, second) => first.order - second.order)) {
    if (whyUnplaced(one, capacity, usedBeside(one.seat, [...claims, ...placed])) === null) placed.push(one);
  }
  return placed;
}

const rounded = (value: number, digits: number): string => String(Number(value.toFixed(digits)));
const cores = (millicores: number): string => {
  const count = rounded(Math.max(0, millicores) / 1000, 2);
  return `${count} ${count === "1" ? "core" : "cores"}`;
};
const size = (memoryMiB: number): string => (memoryMiB >= 1024 ? `${rounded(memoryMiB / 1024, 1)} GiB` : `${rounded(Math.max(0, memoryMiB), 0)} MiB`);
