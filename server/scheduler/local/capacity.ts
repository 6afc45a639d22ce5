/** Counting room: what a session asks for against what the machine has and what the placed sessions take of it. */
import type { Session, UnplacedFacts } from "../../model/session.ts";

export type Capacity = { readonly cpuMillicores: number; readonly memoryMiB: number };

type Wanted = Pick<Session, "environment" | "resources">;

export function sumOf(resources: readonly Capacity[]): Capacity {
  return {
    cpuMillicores: resources.reduce((sum, { cpuMillicores }) => sum + cpuMillicores, 0),
    memoryMiB: resources.reduce((sum, { memoryMiB }) => sum + memoryMiB, 0),
  };
}

/** The facts that keep it from being placed beside what is used, or null where it fits. */
export function whyUnplaced({ environment, resources }: Wanted, capacity: Capacity, used: Capacity): UnplacedFacts | null {
  const facts = { nodesEvaluated: 1, nodesFiltered: 0, nodesExhausted: 0, constraintFiltered: {}, dimensionExhausted: {} };
  if (environment.kind !== "HOST") {
    const message = `needs the container image ${environment.image}; the local scheduler runs host environments only`;
    return { ...facts, nodesFiltered: 1, constraintFiltered: { "container environment": 1 }, message };
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

type Waiting = Wanted & { readonly order: number };

/**
 * Which of the waiting sessions are placed now, in the order of their submission. One that does not fit holds up no
 * other: it may need more than the machine will ever have.
 */
export function placeable<T extends Waiting>(waiting: readonly T[], capacity: Capacity, used: Capacity): readonly T[] {
  const placed: T[] = [];
  for (const one of waiting.toSorted((first, second) => first.order - second.order)) {
    const usedByNow = sumOf([used, ...placed.map(({ resources }) => resources)]);
    if (whyUnplaced(one, capacity, usedByNow) === null) placed.push(one);
  }
  return placed;
}

const rounded = (value: number, digits: number): string => String(Number(value.toFixed(digits)));
const cores = (millicores: number): string => {
  const count = rounded(Math.max(0, millicores) / 1000, 2);
  return `${count} ${count === "1" ? "core" : "cores"}`;
};
const size = (memoryMiB: number): string => (memoryMiB >= 1024 ? `${rounded(memoryMiB / 1024, 1)} GiB` : `${rounded(Math.max(0, memoryMiB), 0)} MiB`);
