/** Why a route of several members is not placed, from machines made up for it. */
import { describe, expect, test } from "vitest";
import type { Cluster } from "../../server/model/cluster.ts";
import type { SessionId } from "../../server/model/ids.ts";
import type { ComputeNode } from "../../server/model/observe.ts";
import type { Explanation, Question } from "../../server/model/why/question.ts";
import { ask as askOfOne } from "../support/ask-why.ts";
import { gpus, nodeWith, withSession } from "../support/nodes.ts";

const ask = (
  nodes: readonly ComputeNode[],
  cluster: Cluster,
  changes: Partial<Question["needs"]> = {},
  facts: Question["facts"] = null,
): Explanation => askOfOne(nodes, { needs: { kind: "HOST", cluster, ...changes }, facts });
const three = { mode: "MULTI_NODE", size: 3 } as const;
const together = { mode: "SINGLE_NODE", size: 3 } as const;
const oneGpu = { accelerators: [{ name: "gpu", count: 1 }] };
const withGpu = (name: string): ComputeNode => nodeWith({ name, devices: [gpus(1)] });
const held = withSession(withGpu("c"), "whisper", { devices: ["GPU-0"] });

describe("members on nodes of their own", () => {
  test("of which some have a place are counted, and of the other nodes it is told why they take none", () => {
    const told = ask([withGpu("a"), withGpu("b"), held], three, oneGpu);
    expect(told.sentence).toBe(
      "2 of 3 members would find a place; 1 is missing. Needs 1 GPU in group prod (beside a, b). 1 node has one; all are held: whisper (1).",
    );
    expect(told).toMatchObject({ culprit: "DEVICES", numbers: { members: 3, placed: 2 } });
    expect(told.remedies).toMatchObject([{ kind: "STOP_SERVICE", serviceId: "svc_whisper" }]);
  });

  test("that are placed in part are said to be", () => {
    const facts = {
      nodesEvaluated: 3,
      nodesFiltered: 2,
      nodesExhausted: 1,
      constraintFiltered: { distinct_hosts: 2 },
      dimensionExhausted: {},
      message: null,
      members: { placed: 1, size: 3 },
    };
    expect(ask([withGpu("a"), held], three, oneGpu, facts).sentence).toMatch(/^1 of 3 members is placed; 2 are missing\. Needs 1 GPU in group prod/);
    expect(ask([held], three, oneGpu, { ...facts, members: { placed: 0, size: 3 } }).sentence).toMatch(/^None of 3 members is placed\. Needs 1 GPU/);
  });

  test("need as many nodes", () => {
    expect(ask([nodeWith({ name: "a" }), nodeWith({ name: "b" })], three)).toEqual({
      culprit: "NO_NODES",
      sentence: "2 of 3 members would find a place; 1 is missing. Each member needs a node of its own, and group prod has 2 nodes.",
      numbers: { nodes: 2, wanted: 3, members: 3, placed: 2 },
      remedies: [],
    });
  });

  test("would fit with less, where enough nodes have that", () => {
    const nodes = ["a", "b", "c"].map((name, index) => nodeWith({ name, memoryMiB: { total: 16_384, used: index * 4096 + 1024 } }));
    expect(ask(nodes, three).remedies).toMatchObject([{ kind: "LOWER_MEMORY", memoryGiB: 7 }]);
  });
});

describe("members on one node", () => {
  test("need all of it there", () => {
    const told = ask([nodeWith({ memoryMiB: { total: 20_480, used: 0 } })], together);
    expect(told.sentence).toBe(
      "Needs 3 times 8 GiB of memory on one node of group prod. The largest node, node-1, has 20 GiB. Would fit now with 6.5 GiB of memory.",
    );
    expect(ask([nodeWith({ devices: [gpus(2)] }), nodeWith({ name: "b", devices: [gpus(2)] })], together, oneGpu).sentence).toBe(
      "Needs 3 times 1 GPU on one node of group prod. The most on one node is 2, on b.",
    );
  });
});

test("the members of a route are one route to who would have its place", () => {
  const member = (name: string): ComputeNode => {
    const node = withSession(withGpu(name), "whisper", { devices: ["GPU-0"] });
    return { ...node, users: node.users.map((user) => ({ ...user, session: user.session && { ...user.session, id: "ses_gang" as SessionId } })) };
  };
  const told = ask([member("a"), member("b")], { mode: "MULTI_NODE", size: 2 }, oneGpu);
  expect(told.sentence).toMatch(
    /^None of 2 members would find a place\. Needs 1 GPU in group prod\. 2 nodes have one; all are held: whisper \(2\)\./,
  );
  expect(told.remedies.map(({ kind }) => kind)).toEqual(["STOP_SERVICE"]);
});
