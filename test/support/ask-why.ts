/** Asks the engine why a session is not placed, on machines made up for it. */
import { noNeeds } from "../../server/model/environment.ts";
import type { ComputeNode } from "../../server/model/observe.ts";
import type { Accelerator } from "../../server/model/service-spec.ts";
import { explain } from "../../server/model/why.ts";
import type { Explanation, Question } from "../../server/model/why/question.ts";
import { project } from "./nodes.ts";

const needs = { kind: "CONTAINER", cpuMillicores: 1000, memoryMiB: 8192, sharedMemoryMiB: 0, accelerators: [], cluster: null } as const;
export const gpu = (changes: Partial<Accelerator> = {}): Accelerator => ({ name: "gpu", count: 1, ...changes });
type Asked = Omit<Partial<Question>, "needs"> & { readonly needs?: Partial<Question["needs"]> };

export const ask = (nodes: readonly ComputeNode[] | null, { needs: wanted, ...changes }: Asked = {}): Explanation =>
  explain({
    needs: { ...needs, ...wanted },
    group: { name: "prod", nodePool: "default" },
    facts: null,
    nodes,
    projectId: project,
    serviceId: null,
    seat: null,
    idleMinutes: new Map(),
    otherGroups: [],
    offered: null,
    least: noNeeds,
    ...changes,
  });
export const wanting = (...accelerators: Accelerator[]): Asked => ({ needs: { accelerators } });
export const ofKind = ({ remedies }: Explanation, kind: string): unknown => remedies.find((remedy) => remedy.kind === kind);
