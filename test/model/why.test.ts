/** Each sentence that says why a session is not placed, from machines made up for it. */
import { describe, expect, test } from "vitest";
import { noNeeds } from "../../server/model/environment.ts";
import type { ResourceGroupId } from "../../server/model/ids.ts";
import type { ComputeNode } from "../../server/model/observe.ts";
import { noLimits, type GroupRules } from "../../server/model/resource-group.ts";
import type { UnplacedFacts } from "../../server/model/session.ts";
import type { Question } from "../../server/model/why/question.ts";
import { ask, ofKind } from "../support/ask-why.ts";
import { gpus, nodeWith, withSession } from "../support/nodes.ts";

const facts = (changes: Partial<UnplacedFacts> = {}): UnplacedFacts => ({
  nodesEvaluated: 0,
  nodesFiltered: 0,
  nodesExhausted: 0,
  constraintFiltered: {},
  dimensionExhausted: {},
  message: null,
  ...changes,
});
const otherGroup: GroupRules = {
  id: "rg_dev" as ResourceGroupId,
  name: "dev",
  nodePool: "dev",
  environmentIds: null,
  limits: noLimits,
  acceleratorNames: null,
};

describe("memory and CPU", () => {
  test("that others hold are told with the most that is free, by whom it is held, and how much would fit", () => {
    const full = withSession(nodeWith({ memoryMiB: { total: 65_536, used: 0 } }), "llama", { memoryMiB: 61_440, cpuMillicores: 7500 });
    const told = ask([full]);
    expect(told.sentence).toBe(
      "Needs 8 GiB of memory in group prod. The most that is free on one node is 4 GiB of 64 GiB, on node-1. Held by: llama (60 GiB).",
    );
    expect(told).toMatchObject({ culprit: "MEMORY", numbers: { freeGiB: 4, wantedGiB: 8 } });
    expect(told.remedies).toMatchObject([{ kind: "STOP_SERVICE", serviceId: "svc_llama" }]);
    const lighter = ask([full], { needs: { cpuMillicores: 100 } });
    expect(lighter.sentence).toMatch(/Would fit now with 4 GiB of memory\.$/);
    expect(ofKind(lighter, "LOWER_MEMORY")).toMatchObject({ memoryGiB: 4 });
    expect(ask([full], { needs: { memoryMiB: 1024 } }).sentence).toBe(
      "Needs 1 core of CPU in group prod. The most that is free on one node is 0.5 cores of 8 cores, on node-1. Held by: llama (7.5 cores). Would fit now with 0.5 cores.",
    );
  });

  test("that no machine has are told with the largest", () => {
    expect(ask([nodeWith()], { needs: { memoryMiB: 512 * 1024 } }).sentence).toBe(
      "Needs 512 GiB of memory in group prod. The largest node, node-1, has 64 GiB. Would fit now with 64 GiB of memory.",
    );
    expect(ask([nodeWith()], { needs: { cpuMillicores: 9000 } }).sentence).toBe(
      "Needs 9 cores of CPU in group prod. The largest node, node-1, has 8 cores. Would fit now with 8 cores.",
    );
  });

  test("shared memory is never lowered away: less memory is offered only where it is more than that", () => {
    const full = withSession(nodeWith(), "llama", { memoryMiB: 61_440 });
    expect(ofKind(ask([full], { needs: { sharedMemoryMiB: 4096 } }), "LOWER_MEMORY")).toBeUndefined();
  });

  test("less than the environment needs is not offered: it would be refused", () => {
    const full = withSession(nodeWith({ devices: [gpus(2), gpus(3, 24, "L4", "amd")] }), "llama", {
      memoryMiB: 61_440,
      cpuMillicores: 7500,
      devices: ["GPU-0"],
    });
    const offered = (wanted: Partial<Question["needs"]>, least: Partial<Question["least"]>, kind: string): unknown =>
      ofKind(ask([full], { needs: { cpuMillicores: 100, memoryMiB: 1024, ...wanted }, least: { ...noNeeds, ...least } }), kind);
    expect(offered({ memoryMiB: 8192 }, { memoryGiB: 4 }, "LOWER_MEMORY")).toMatchObject({ memoryGiB: 4 });
    expect(offered({ memoryMiB: 8192 }, { memoryGiB: 5 }, "LOWER_MEMORY")).toBeUndefined();
    expect(offered({ cpuMillicores: 1000 }, { cpu: 0.5 }, "LOWER_CPU")).toMatchObject({ cpu: 0.5 });
    expect(offered({ cpuMillicores: 1000 }, { cpu: 1 }, "LOWER_CPU")).toBeUndefined();
    const two = { accelerators: [{ name: "nvidia/gpu", count: 2 }] };
    expect(offered(two, { accelerators: [{ name: "nvidia/gpu", count: 1 }] }, "FEWER_ACCELERATORS")).toMatchObject({ count: 1 });
    expect(offered(two, { accelerators: [{ name: "nvidia/gpu", count: 2 }] }, "FEWER_ACCELERATORS")).toBeUndefined();
    expect(offered(two, {}, "OTHER_ACCELERATOR")).toMatchObject({ instead: "amd/gpu/L4" });
    expect(offered(two, { accelerators: [{ name: "nvidia/gpu", count: 1 }] }, "OTHER_ACCELERATOR")).toBeUndefined();
  });

  test("a core of a slower machine counts for less", () => {
    const slow = nodeWith({ coreSpeed: 0.5 });
    expect(ask([slow], { needs: { cpuMillicores: 5000 } }).sentence).toContain("The largest node, node-1, has 4 cores.");
  });
});

describe("machines", () => {
  test("that are not there are told by the rule that takes none in", () => {
    const group = { name: "prod", nodePool: "gpus" };
    expect(ask([nodeWith()], { group }).sentence).toBe("Group prod has no nodes: no node is in node pool gpus.");
    const nodes = [nodeWith({ nodePool: "gpus" })];
    expect(ask(nodes, { group: { ...group, datacenters: ["eu-*"] } }).sentence).toBe(
      "Group prod has no nodes: none of the 1 node of node pool gpus is in datacenter eu-*.",
    );
    expect(ask(nodes, { group: { ...group, nodeClass: "large" } }).sentence).toContain("is of class large.");
  });

  test("that take no new work are told one by one, and the one to make eligible is offered", () => {
    const nodes = [
      nodeWith({ name: "a", eligible: false }),
      nodeWith({ name: "b", eligible: false, draining: true, memoryMiB: { total: 1024, used: 0 } }),
      nodeWith({ name: "c", eligible: false, status: "DOWN" }),
    ];
    const told = ask(nodes);
    expect(told.sentence).toBe(
      "None of the 3 nodes of group prod takes new work: a is not eligible, b is being drained, c is down. Would fit on a, if it took new work.",
    );
    expect(told).toMatchObject({ culprit: "ALL_UNAVAILABLE", remedies: [{ kind: "MAKE_ELIGIBLE", nodeId: "id-of-a" }] });
    expect(ask([nodes[2] as ComputeNode]).sentence).toBe("The only node of group prod takes no new work: c is down.");
  });

  test("without the driver, or with an unhealthy one, are told with what the driver says", () => {
    const broken = { name: "docker", detected: true, healthy: false, said: "Failed to connect to docker daemon" };
    const nodes = [nodeWith({ name: "a", runs: ["HOST"], drivers: [] }), nodeWith({ name: "b", runs: ["HOST"], drivers: [broken] })];
    expect(ask(nodes)).toMatchObject({
      culprit: "DRIVER",
      sentence:
        "Needs the driver docker, which no usable node of group prod has healthy: a does not have it, on b it is unhealthy (Failed to connect to docker daemon).",
    });
  });

  test("that run no isolated environments are told so", () => {
    expect(ask([nodeWith()], { needs: { kind: "ISOLATED_HOST" } })).toMatchObject({
      culprit: "DRIVER",
      sentence: "Needs the driver exec, which no usable node of group prod has healthy: node-1 does not have it.",
    });
  });

  test("that do not see the folders are told so", () => {
    expect(ask([nodeWith({ seesFolders: false })])).toMatchObject({
      culprit: "FOLDERS",
      sentence: expect.stringContaining("sees the folders (SERAI_FOLDERS): node-1."),
    });
  });

  test("that a condition of the group rules out are told with it, also where only Nomad knows that", () => {
    const constraints = [{ attribute: "${node.unique.name}", operator: "=", value: "other" } as const];
    expect(ask([nodeWith()], { group: { name: "prod", nodePool: "default", constraints } })).toMatchObject({
      culprit: "CONSTRAINT",
      sentence: "`${node.unique.name} = other` rules out the only usable node of group prod.",
    });
    const said = facts({
      nodesEvaluated: 2,
      nodesFiltered: 2,
      constraintFiltered: { "${attr.kernel.name} = windows": 1, "computed class ineligible": 1 },
    });
    expect(ask([nodeWith(), nodeWith({ name: "b" })], { facts: said })).toMatchObject({
      culprit: "CONSTRAINT",
      sentence: "`${attr.kernel.name} = windows` rules out all 2 usable nodes of group prod.",
    });
  });

  test("of which only Nomad knows some to be ruled out are no ground to claim that something would help", () => {
    const constraints = [{ attribute: "${attr.cpu.arch}", operator: "=", value: "arm64" } as const];
    const full = withSession(nodeWith(), "llama", { memoryMiB: 61_440 });
    const said = facts({ nodesEvaluated: 2, nodesFiltered: 1, nodesExhausted: 1, dimensionExhausted: { memory: 1 } });
    const group = { name: "prod", nodePool: "default", constraints };
    const filtered = { ...said, constraintFiltered: { "${attr.cpu.arch} = arm64": 1 } };
    expect(ask([full, withSession(nodeWith({ name: "b" }), "llama", { memoryMiB: 60_000 })], { group, facts: filtered })).toMatchObject({
      culprit: "MEMORY",
      remedies: [],
    });
    expect(ask([full], { group, facts: { ...said, nodesFiltered: 0, nodesEvaluated: 1 } }).remedies.map(({ kind }) => kind)).toEqual([
      "LOWER_MEMORY",
      "STOP_SERVICE",
    ]);
  });

  test("of another group that have room are offered, where that group allows it", () => {
    const nodes = [nodeWith({ eligible: false, status: "DOWN" }), nodeWith({ name: "dev-1", nodePool: "dev" })];
    expect(ask(nodes, { otherGroups: [otherGroup] })).toMatchObject({
      sentence: expect.stringMatching(/Would fit now in group dev\.$/),
      remedies: [{ kind: "OTHER_GROUP", resourceGroupId: "rg_dev" }],
    });
    expect(ask(nodes, { otherGroups: [{ ...otherGroup, limits: { ...noLimits, memoryGiB: 4 } }] }).remedies).toEqual([]);
  });
});

describe("what only the scheduler knows", () => {
  test("ports are its word", () => {
    const said = facts({ nodesEvaluated: 1, nodesExhausted: 1, dimensionExhausted: { "network: dynamic port selection failed": 1 } });
    expect(ask([nodeWith()], { facts: said })).toMatchObject({
      culprit: "PORTS",
      sentence: "No machine of resource group prod takes it: no port is free on 1 machine (dynamic port selection failed).",
    });
  });

  test("nothing at all is no excuse: the reason is found from the machines", () => {
    const full = withSession(nodeWith(), "llama", { memoryMiB: 61_440 });
    expect(ask([full], { facts: facts() })).toEqual(ask([full]));
    expect(ask([nodeWith()], { facts: facts() }).sentence).toBe(
      "node-1 of group prod has room for it; the scheduler has not placed it yet and names no reason.",
    );
  });

  test("without the machines its numbers are put into words", () => {
    const said = facts({
      nodesEvaluated: 3,
      nodesFiltered: 1,
      nodesExhausted: 2,
      constraintFiltered: { "missing devices": 1 },
      dimensionExhausted: { "devices: no devices match request": 2 },
    });
    expect(ask(null, { facts: said, needs: { accelerators: [{ name: "nvidia/gpu", count: 2 }] } }).sentence).toBe(
      "No machine of resource group prod takes it: 1 machine does not have 2 nvidia GPUs, 2 nvidia GPUs are not free on 2 machines.",
    );
    expect(ask(null).sentence).toBe("Resource group prod has no machine that may run it.");
  });
});
