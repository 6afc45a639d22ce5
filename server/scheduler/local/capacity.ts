/** Counting room: what a session asks for against what the machine has and what the placed sessions take of it. */
import type { SessionId } from "../../model/ids.ts";
import type { Session, UnplacedFacts } from "../../model/session.ts";
import { allot, type Devices } from "./devices.ts";

type Room = { readonly cpuMillicores: number; readonly memoryMiB: number };
export type Capacity = Room & { readonly devices: Devices };
/** `devices`: their ids. */
export type Used = Room & { readonly devices: ReadonlySet<string> };

type Wanted = Pick<Session, "environment" | "resources" | "cluster">;

function sumOf(resources: readonly Room[]): Room {
  return {
    cpuMillicores: resources.reduce((sum, { cpuMillicores }) => sum + cpuMillicores, 0),
    memoryMiB: resources.reduce((sum, { memoryMiB }) => sum + memoryMiB, 0),
  };
}

/** What a placed session takes of the machine, in its seat. */
export type Claim = { readonly seat: SessionId; readonly resources: Room; readonly devices: readonly string[] };

/** What all take together. A seat that is being handed on is taken once, as large as the larger of its sessions: they never run at the same time. */
export function usedBy(claims: readonly Claim[]): Used {
  const largest = new Map<SessionId, Room>();
  for (const { seat, resources } of claims) {
    const other = largest.get(seat) ?? { cpuMillicores: 0, memoryMiB: 0 };
    largest.set(seat, {
      cpuMillicores: Math.max(other.cpuMillicores, resources.cpuMillicores),
      memoryMiB: Math.max(other.memoryMiB, resources.memoryMiB),
    });
  }
  return { ...sumOf([...largest.values()]), devices: new Set(claims.flatMap(({ devices }) => devices)) };
}

/** What the others take, as one in this seat sees it. */
export const usedBeside = (seat: SessionId, claims: readonly Claim[]): Used => usedBy(claims.filter((claim) => claim.seat !== seat));

/** The facts that keep it from being placed beside what is used, or null where it fits. */
export function whyUnplaced({ environment, resources, cluster }: Wanted, capacity: Capacity, used: Used): UnplacedFacts | null {
  const facts = { nodesEvaluated: 1, nodesFiltered: 0, nodesExhausted: 0, constraintFiltered: {}, dimensionExhausted: {} };
  if (environment.kind !== "HOST") {
    const message = `needs the container image ${environment.image}; the local scheduler runs host environments only`;
    return { ...facts, nodesFiltered: 1, constraintFiltered: { "container environment": 1 }, message };
  }
  if (environment.isolated === true) {
    const message = "needs an isolated environment; on the local scheduler sessions see all of the machine";
    return { ...facts, nodesFiltered: 1, constraintFiltered: { "isolated environment": 1 }, message };
  }
  if (cluster !== undefined) {
    const message = `needs ${cluster.size} members; the local scheduler runs sessions of one`;
    return { ...facts, nodesFiltered: 1, constraintFiltered: { cluster: 1 }, message };
  }
  const { accelerators } = resources;
  if (allot(capacity.devices, new Set(), accelerators) === null)
    return { ...facts, nodesFiltered: 1, constraintFiltered: { "missing devices": 1 }, message: null };
  if (allot(capacity.devices, used.devices, accelerators) === null)
    return { ...facts, nodesExhausted: 1, dimensionExhausted: { "devices: no devices match request": 1 }, message: null };
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

type Waiting = Wanted & Pick<Claim, "seat"> & { readonly order: number };

/**
 * Which of the waiting sessions are placed now, in the order of their submission, and the devices that each gets. One that does not fit
 * holds up no other: it may need more than the machine will ever have.
 */
export function placeable<T extends Waiting>(waiting: readonly T[], capacity: Capacity, claims: readonly Claim[]): readonly (T & Claim)[] {
  const placed: (T & Claim)[] = [];
  for (const one of waiting.toSorted((first, second) => first.order - second.order)) {
    const used = usedBeside(one.seat, [...claims, ...placed]);
    if (whyUnplaced(one, capacity, used) !== null) continue;
    placed.push({ ...one, devices: allot(capacity.devices, used.devices, one.resources.accelerators) ?? [] });
  }
  return placed;
}

const rounded = (value: number, digits: number): string => String(Number(value.toFixed(digits)));
const cores = (millicores: number): string => {
  const count = rounded(Math.max(0, millicores) / 1000, 2);
  return `${count} ${count === "1" ? "core" : "cores"}`;
};
const size = (memoryMiB: number): string => (memoryMiB >= 1024 ? `${rounded(memoryMiB / 1024, 1)} GiB` : `${rounded(Math.max(0, memoryMiB), 0)} MiB`);
