/** Which machines are a group's: asked of a rule that is not one's yet, and what follows from it. */
import { expect, test } from "vitest";
import { testApi, type Data } from "../support/api.ts";
import { gpus, nodeWith } from "../support/nodes.ts";

test("which machines a rule would take in is told before it is a group's, and which conditions only Nomad knows", async () => {
  const alpha = nodeWith({ name: "alpha", datacenter: "eu-1", devices: [gpus(2)] });
  const down = nodeWith({ name: "beta", datacenter: "eu-2", status: "DOWN", eligible: false });
  await using api = await testApi({ nodes: async () => [alpha, down, nodeWith({ name: "gamma", nodePool: "edge", datacenter: "us-1" })] });
  const usage = "usage { nodes eligibleNodes cpu { total } accelerators { name free } }";
  const question = `query ($input: CheckResourceGroupInput!) { checkResourceGroup(input: $input) { ${usage} unknownConstraints { attribute } } }`;
  const ask = async (input: object): Promise<Data> => (await api.ask(question, { input })).data?.["checkResourceGroup"];
  const nodes = async (input: object): Promise<number> => (await ask(input))["usage"].nodes;
  expect(await ask({ nodePool: "default", datacenters: ["eu-*"] })).toEqual({
    usage: { nodes: 1, eligibleNodes: 1, cpu: { total: 8 }, accelerators: [{ name: "nvidia/gpu/H100", free: 2 }] },
    unknownConstraints: [],
  });
  expect(await nodes({ nodePool: "all" })).toBe(2);
  expect(await nodes({ nodePool: "all", nodeClass: "large" })).toBe(0);
  const constraints = [
    { attribute: "${node.unique.name}", operator: "!=", value: "alpha" },
    { attribute: "${meta.rack}", operator: "is_set" },
  ];
  expect(await ask({ nodePool: "all", constraints })).toMatchObject({ usage: { nodes: 1 }, unknownConstraints: [{ attribute: "${meta.rack}" }] });
  // What is said of the group itself is the same.
  const { resourceGroup } = await api.change("createResourceGroup", { name: "others", nodePool: "all", constraints }, "resourceGroup { id }");
  expect((await api.ask("{ resourceGroups { name usage { nodes } } }")).data).toEqual({
    resourceGroups: [
      { name: "default", usage: { nodes: 1 } },
      { name: "others", usage: { nodes: 1 } },
    ],
  });
  const input = { name: "a", folderId: await api.createFolder("models"), resourceGroupId: resourceGroup.id };
  const { fields } = await api.change("createService", { ...input, resources: { accelerators: [{ name: "gpu", count: 1 }] } }, "service { id }");
  expect(fields).toMatchObject([{ message: "is on no node of resource group others, which has no accelerators" }]);
});

test("a rule that no group could have is refused, and one of many stars is answered at once", async () => {
  await using api = await testApi({ nodes: async () => [nodeWith({ datacenter: "us-east-1".repeat(10) })] });
  const ask = (input: object) =>
    api.ask("query ($input: CheckResourceGroupInput!) { checkResourceGroup(input: $input) { usage { nodes } } }", { input });
  const refused = async (input: object): Promise<unknown> => (await ask({ nodePool: "all", ...input })).errors?.[0];
  const badInput = (message: string) => ({ message, extensions: { code: "BAD_USER_INPUT" } });
  expect(await refused({ datacenters: ["*".repeat(200)] })).toMatchObject(
    badInput("datacenters[0] must be a datacenter's name, in which * stands for anything"),
  );
  expect(await refused({ datacenters: Array.from({ length: 65 }, () => "*") })).toMatchObject(badInput("datacenters must be 64 or fewer"));
  expect(await refused({ constraints: [{ attribute: "__proto__", operator: "=", value: "x" }] })).toMatchObject({
    message: expect.stringContaining("constraints[0].attribute"),
  });
  expect((await ask({ nodePool: "all", datacenters: [`${"*a".repeat(60)}x`] })).data).toEqual({ checkResourceGroup: { usage: { nodes: 0 } } });
});

test("which machines a rule would take in is not claimed while the scheduler cannot be asked", async () => {
  await using api = await testApi({ nodes: () => Promise.reject(new Error("away")) });
  const { data } = await api.ask('{ checkResourceGroup(input: { nodePool: "all" }) { usage { nodes } unknownConstraints { attribute } } }');
  expect(data).toEqual({ checkResourceGroup: { usage: null, unknownConstraints: [] } });
});
