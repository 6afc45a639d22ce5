/** What holds of every answer of the engine, on clusters and wishes made up at random. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { noNeeds } from "../../server/model/environment.ts";
import type { ResourceGroupId, ServiceId } from "../../server/model/ids.ts";
import type { ComputeNode } from "../../server/model/observe.ts";
import { noLimits } from "../../server/model/resource-group.ts";
import type { Accelerator } from "../../server/model/service-spec.ts";
import { explain } from "../../server/model/why.ts";
import { anyTakes } from "../../server/model/why/fit.ts";
import { culprits, type Question, type Remedy } from "../../server/model/why/question.ts";
import { gpus, nodeWith, project, withSession } from "../support/nodes.ts";

const accelerator = fc.record(
  {
    name: fc.constantFrom("gpu", "nvidia/gpu", "nvidia/gpu/H100", "amd/gpu", "npu"),
    count: fc.integer({ min: 1, max: 4 }),
    memoryGiB: fc.constantFrom(10, 24, 40, 80, 100),
  },
  { requiredKeys: ["name", "count"] },
) satisfies fc.Arbitrary<Accelerator>;

const use = fc.record({
  service: fc.constantFrom("whisper", "llama", "tiny"),
  cpuMillicores: fc.integer({ min: 0, max: 3000 }),
  memoryMiB: fc.integer({ min: 0, max: 20_000 }),
  device: fc.integer({ min: 0, max: 3 }),
});

const node = fc
  .record({
    memory: fc.integer({ min: 1000, max: 64_000 }),
    cpu: fc.integer({ min: 500, max: 8000 }),
    gpus: fc.integer({ min: 0, max: 4 }),
    gpuGiB: fc.constantFrom(24, 80),
    vendor: fc.constantFrom("nvidia", "amd"),
    out: fc.constantFrom("no", "no", "no", "ineligible", "draining", "down"),
    runs: fc.constantFrom(["HOST", "CONTAINER"] as const, ["HOST"] as const),
    nodePool: fc.constantFrom("default", "default", "dev"),
    coreSpeed: fc.constantFrom(1, 0.7),
    sees: fc.constantFrom(null, true, false),
    uses: fc.array(use, { maxLength: 3 }),
  })
  .map((made) => {
    const { memory, cpu, out, nodePool, coreSpeed } = made;
    const empty: Omit<ComputeNode, "id" | "name"> = {
      ...nodeWith(),
      nodePool,
      coreSpeed,
      runs: made.runs,
      seesFolders: made.sees,
      eligible: out === "no",
      draining: out === "draining",
      status: out === "down" ? "DOWN" : "READY",
      cpuMillicores: { total: cpu, used: 0 },
      memoryMiB: { total: memory, used: 0 },
      devices: made.gpus === 0 ? [] : [gpus(made.gpus, made.gpuGiB, "H100", made.vendor)],
    };
    return { empty, uses: made.uses };
  });

const cluster = fc.array(node, { maxLength: 6 }).map((made) =>
  made.map(({ empty, uses }, index) => {
    const named: ComputeNode = { ...empty, id: `n${index}`, name: `node-${index}` };
    return uses.reduce(
      (on, { service, device, ...amounts }) => withSession(on, service, { ...amounts, devices: [`GPU-${device}`].filter((id) => isFree(on, id)) }),
      named,
    );
  }),
);
const isFree = ({ devices }: ComputeNode, id: string): boolean =>
  devices.some(({ instances }) => instances.some((one) => one.id === id && one.heldBy === null));

const question = fc
  .record({
    nodes: cluster,
    kind: fc.constantFrom("HOST", "CONTAINER"),
    cpuMillicores: fc.integer({ min: 10, max: 9000 }),
    memoryMiB: fc.integer({ min: 16, max: 70_000 }),
    cluster: fc.option(fc.record({ mode: fc.constantFrom("SINGLE_NODE" as const, "MULTI_NODE" as const), size: fc.integer({ min: 2, max: 3 }) })),
    accelerators: fc.uniqueArray(accelerator, { maxLength: 2, selector: ({ name }) => name }),
  })
  .map(({ nodes, ...needs }): Question => ({
    needs: { ...needs, sharedMemoryMiB: 0 },
    group: { name: "prod", nodePool: "default" },
    facts: null,
    nodes,
    projectId: project,
    serviceId: "svc_tiny" as ServiceId,
    seat: null,
    idleMinutes: new Map([["svc_llama" as ServiceId, 90]]),
    otherGroups: [{ id: "rg_dev" as ResourceGroupId, name: "dev", nodePool: "dev", environmentIds: null, limits: noLimits, acceleratorNames: null }],
    offered: null,
    least: noNeeds,
  }));

/** The world after the remedy. */
function fitsAfter({ needs, group, nodes, otherGroups }: Question, remedy: Remedy): boolean {
  const all = nodes ?? [];
  const fits = (changed: Partial<Question["needs"]>, on = all, where: Question["group"] = group): boolean =>
    anyTakes(on, { ...needs, ...changed }, where, () => false);
  const withRequest = (name: string, changes: Partial<Accelerator>): boolean =>
    fits({ accelerators: needs.accelerators.map((one) => (one.name === name ? { ...one, ...changes } : one)) });
  const without = (ids: ReadonlySet<string>): boolean => anyTakes(all, needs, group, ({ id }) => ids.has(id));
  switch (remedy.kind) {
    case "LOWER_MEMORY":
      return remedy.memoryGiB * 1024 < needs.memoryMiB && fits({ memoryMiB: Math.round(remedy.memoryGiB * 1024) });
    case "LOWER_CPU":
      return remedy.cpu * 1000 < needs.cpuMillicores && fits({ cpuMillicores: Math.round(remedy.cpu * 1000) });
    case "LOWER_ACCELERATOR_MEMORY":
      return withRequest(remedy.accelerator, { memoryGiB: remedy.memoryGiB });
    case "FEWER_ACCELERATORS":
      return withRequest(remedy.accelerator, { count: remedy.count });
    case "OTHER_ACCELERATOR":
      return withRequest(remedy.accelerator, { name: remedy.instead });
    case "STOP_SERVICE":
      return without(idsOf(all, remedy.serviceId));
    case "SCALE_DOWN":
      return [...idsOf(all, remedy.serviceId)].every((id) => without(new Set([id])));
    case "OTHER_GROUP":
      return otherGroups.some((other) => other.id === remedy.resourceGroupId && fits({}, all, other));
    case "MAKE_ELIGIBLE":
      return fits(
        {},
        all.map((one) => (one.id === remedy.nodeId ? { ...one, eligible: true } : one)),
      );
    case "RAISE_MEMORY":
    case "CLEAR_ERRORS_AND_RETRY":
      return false;
  }
}

/** Those that the engine may think of: of machines in the group. */
const idsOf = (nodes: readonly ComputeNode[], serviceId: ServiceId): ReadonlySet<string> =>
  new Set(
    nodes
      .filter(({ nodePool }) => nodePool === "default")
      .flatMap(({ users }) => users.filter(({ session }) => session?.serviceId === serviceId).map(({ id }) => id)),
  );

const runs = { numRuns: 2000 };
const unplaced = question.filter(({ needs, group, nodes }) => !anyTakes(nodes ?? [], needs, group, () => false));

test("there is always a sentence, with a culprit and finite numbers", () => {
  fc.assert(
    fc.property(question, (asked) => {
      const { sentence, culprit, numbers } = explain(asked);
      expect(sentence).toMatch(/^\S.*[.]$/);
      expect(sentence).not.toMatch(/undefined|NaN|Infinity|null| {2}|\.\./);
      expect(culprits).toContain(culprit);
      for (const value of Object.values(numbers)) expect(Number.isFinite(value)).toBe(true);
    }),
    runs,
  );
});

test("whatever is said to help makes it fit, and only where it does not fit already", () => {
  fc.assert(
    fc.property(unplaced, (asked) => {
      for (const remedy of explain(asked).remedies) expect(fitsAfter(asked, remedy), JSON.stringify(remedy)).toBe(true);
    }),
    runs,
  );
});

test("the answer depends on what is there, not on the order in which it is told", () => {
  const shuffled = unplaced.chain((asked) =>
    fc.record({
      asked: fc.constant(asked),
      nodes: fc
        .shuffledSubarray([...(asked.nodes ?? [])], { minLength: asked.nodes?.length ?? 0 })
        .map((nodes) => nodes.map((one) => ({ ...one, users: one.users.toReversed() }))),
    }),
  );
  fc.assert(
    fc.property(shuffled, ({ asked, nodes }) => {
      expect(explain({ ...asked, nodes })).toEqual(explain(asked));
    }),
    runs,
  );
});

test("where it fits nowhere, the machines always tell why, without the scheduler's help", () => {
  fc.assert(
    fc.property(unplaced, (asked) => {
      expect(explain(asked).culprit).not.toBe("OTHER");
    }),
    runs,
  );
});
