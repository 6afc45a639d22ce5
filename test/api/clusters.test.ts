/** Routes of several members: asked for, kept, compared, refused where they cannot be. */
import { expect, test } from "vitest";
import type { ComputeNode } from "../../server/model/observe.ts";
import type { Session } from "../../server/model/session.ts";
import { testApi, type Data, type TestApi } from "../support/api.ts";
import { nodeWith } from "../support/nodes.ts";

const revision = "revision { number clusterMode clusterSize }";
const modify = async (api: TestApi, id: string, changes: object): Promise<Data> =>
  (await api.change("modifyService", { id, ...changes }, `service { ${revision} }`))["service"]["revision"];
const refusal = async (api: TestApi, folderId: string, changes: object): Promise<unknown> =>
  (await api.change("createService", { name: "refused", folderId, ...changes }, "service { id }"))["fields"];

test("are one member where nothing is said, and each change of how many, and how, is a revision", async () => {
  await using api = await testApi();
  const folderId = await api.createFolder("models");
  const { id } = await api.createService("a", folderId);
  expect(await modify(api, id, {})).toEqual({ number: 1, clusterMode: "SINGLE_NODE", clusterSize: 1 });
  expect(await modify(api, id, { clusterSize: 3 })).toEqual({ number: 2, clusterMode: "SINGLE_NODE", clusterSize: 3 });
  expect(await modify(api, id, { clusterMode: "MULTI_NODE", clusterSize: 3 })).toMatchObject({ number: 3, clusterMode: "MULTI_NODE" });
  const differences = `checkModification(input: { id: "${id}", clusterMode: SINGLE_NODE, clusterSize: 2 }) { differences { path before after } }`;
  expect((await api.ask(`{ ${differences} }`)).data?.["checkModification"]["differences"]).toEqual([
    { path: "clusterMode", before: "Multi node", after: "Single node" },
    { path: "clusterSize", before: "3", after: "2" },
  ]);
  expect(await modify(api, id, { clusterMode: null, clusterSize: null })).toEqual({ number: 4, clusterMode: "SINGLE_NODE", clusterSize: 1 });
  const { service } = await api.change(
    "createService",
    { name: "b", folderId, clusterMode: "MULTI_NODE", clusterSize: 2 },
    `service { ${revision} }`,
  );
  expect(service["revision"]).toEqual({ number: 1, clusterMode: "MULTI_NODE", clusterSize: 2 });
});

test("are kept when the definition is read anew, and a validation has what its service would have", async () => {
  await using api = await testApi();
  const folderId = await api.createFolder("models");
  const { id } = await api.createService("a", folderId, { clusterMode: "MULTI_NODE", clusterSize: 2 });
  await api.folders.writeFile(folderId, { path: "model-definition.yml", content: "models: []\n", ifMatch: null });
  const cleared = await api.change("clearErrorsAndRetry", { id }, `service { ${revision} }`);
  expect(cleared["service"]["revision"]).toEqual({ number: 2, clusterMode: "MULTI_NODE", clusterSize: 2 });
  const of = "validation { clusterMode clusterSize }";
  expect((await api.change("validateService", { serviceId: id, folderId: await api.createFolder("sound") }, of))["validation"]).toEqual({
    clusterMode: "MULTI_NODE",
    clusterSize: 2,
  });
});

test("that are too few or too many are refused at the field", async () => {
  await using api = await testApi();
  const folderId = await api.createFolder("models");
  expect(await refusal(api, folderId, { clusterSize: 0 })).toEqual([{ path: "clusterSize", message: "must be 1 or more" }]);
  expect(await refusal(api, folderId, { clusterSize: 65 })).toEqual([{ path: "clusterSize", message: "must be 64 members or fewer" }]);
});

test("are refused where Serai runs sessions by itself, before anything is submitted", async () => {
  await using api = await testApi({ nodes: async () => [nodeWith({ gangs: false })] });
  const folderId = await api.createFolder("models");
  const message = "must be 1: routes of several members need Nomad, and this Serai runs sessions by itself on one machine";
  for (const clusterMode of ["SINGLE_NODE", "MULTI_NODE"])
    expect(await refusal(api, folderId, { clusterMode, clusterSize: 2 })).toEqual([{ path: "clusterSize", message }]);
});

test("need as many nodes that could take one, or one that could take all", async () => {
  const small = (name: string): ComputeNode => nodeWith({ name, memoryMiB: { total: 2048, used: 0 }, eligible: false });
  await using api = await testApi({ nodes: async () => [small("a"), small("b"), nodeWith({ name: "c" })] });
  const folderId = await api.createFolder("models");
  const resources = { memoryGiB: 2 };
  await api.createService("spread", folderId, { resources, clusterMode: "MULTI_NODE", clusterSize: 3 });
  expect(await refusal(api, folderId, { resources: { memoryGiB: 4 }, clusterMode: "MULTI_NODE", clusterSize: 2 })).toEqual([
    { path: "clusterSize", message: "must be 1 or less: so many nodes of resource group default could take a member" },
  ]);
  expect(await refusal(api, folderId, { resources: { memoryGiB: 32 }, clusterSize: 3 })).toEqual([
    {
      path: "resources",
      message: "must fit on one node 3 times: none of resource group default has all of it. The largest, c, has 8 cores and 64 GiB",
    },
  ]);
});

test("share what a resource group allows for a route", async () => {
  await using api = await testApi();
  const { data } = await api.ask("{ resourceGroups { id } }");
  await api.change(
    "modifyResourceGroup",
    { id: data?.["resourceGroups"][0].id, limits: { cpu: 4, memoryGiB: 16, accelerators: 4 } },
    "resourceGroup { id }",
  );
  const folderId = await api.createFolder("models");
  const fits = { cpu: 2, memoryGiB: 8, accelerators: [{ name: "gpu", count: 2 }] };
  await api.createService("fits", folderId, { resources: fits, clusterSize: 2 });
  const allows = "resource group default allows no more for a route of 3 members";
  expect(await refusal(api, folderId, { resources: fits, clusterSize: 3 })).toEqual([
    { path: "resources.cpu", message: `must be 1.33 cores or less: ${allows}` },
    { path: "resources.memoryGiB", message: `must be 5.33 GiB or less: ${allows}` },
    { path: "resources.accelerators", message: `must be 1 or fewer together: ${allows}` },
  ]);
});

test("are what the scheduler is asked about beforehand", async () => {
  const asked: Session[] = [];
  await using api = await testApi({
    nodes: async () => [nodeWith({ name: "a" }), nodeWith({ name: "b" }), nodeWith({ name: "c", eligible: false })],
    preview: async (session) => {
      asked.push(session);
      const facts = { nodesEvaluated: 2, nodesFiltered: 2, nodesExhausted: 0, constraintFiltered: { distinct_hosts: 2 }, dimensionExhausted: {} };
      const nodes = [nodeWith({ name: "a" }), nodeWith({ name: "b" }), nodeWith({ name: "c", eligible: false })];
      return { fits: false, unplaced: { ...facts, message: null, nodes } };
    },
  });
  const folderId = await api.createFolder("models");
  const check = `checkService(input: { name: "a", folderId: "${folderId}", clusterMode: MULTI_NODE, clusterSize: 3 }) { ok placement { fits reason } }`;
  expect((await api.ask(`{ ${check} }`)).data?.["checkService"]).toEqual({
    ok: true,
    placement: {
      fits: false,
      reason:
        "2 of 3 members would find a place; 1 is missing. The only node of group default (beside a, b) takes no new work: c is not eligible. Would fit on c, if it took new work.",
    },
  });
  expect(asked[0]?.cluster).toEqual({ mode: "MULTI_NODE", size: 3 });
});
