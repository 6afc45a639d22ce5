/** Resource groups: their rule and limits, who may change them, what is refused because of them, and their machines as they are now. */
import { expect, test } from "vitest";
import type { ComputeNode } from "../../server/model/observe.ts";
import type { ProjectId } from "../../server/model/ids.ts";
import type { Session } from "../../server/model/session.ts";
import { adminToken, testApi, type Data, type TestApi } from "../support/api.ts";
import { gpus, nodeWith, withSession } from "../support/nodes.ts";

const rule =
  "id name nodePool datacenters nodeClass constraints { attribute operator value } wholeCores environments { id } limits { cpu memoryGiB accelerators } acceleratorNames";
const create = (api: TestApi, input: object, token?: string): Promise<Data> =>
  api.change("createResourceGroup", input, `resourceGroup { ${rule} }`, token);
const modify = (api: TestApi, input: object): Promise<Data> => api.change("modifyResourceGroup", input, `resourceGroup { ${rule} }`);
const remove = (api: TestApi, id: string): Promise<Data> => api.change("deleteResourceGroup", { id }, "resourceGroup { id deletedAt }");
const groups = async (api: TestApi): Promise<Data[]> => (await api.ask(`{ resourceGroups { ${rule} } }`)).data?.["resourceGroups"];
const environmentOf = async (api: TestApi): Promise<string> => (await api.ask("{ environments { id } }")).data?.["environments"][0].id;

test("an administrator makes, changes and removes them, what is absent stays, and null is the default", async () => {
  await using api = await testApi();
  const environmentId = await environmentOf(api);
  const constraints = [
    { attribute: "${attr.cpu.arch}", operator: "=", value: "amd64" },
    { attribute: "${meta.rack}", operator: "is_set", value: "" },
  ];
  const wish = {
    name: "prod",
    nodePool: "gpus",
    datacenters: ["eu-*"],
    nodeClass: "large",
    constraints,
    wholeCores: true,
    limits: { cpu: 8, memoryGiB: 64.5, accelerators: 2 },
    acceleratorNames: ["nvidia/gpu"],
  };
  const made = (await create(api, { ...wish, environmentIds: [environmentId] }))["resourceGroup"];
  expect(made).toMatchObject({ ...wish, environments: [{ id: environmentId }] });
  const { id } = made;
  expect((await modify(api, { id, name: "production", limits: { cpu: 4 } }))["resourceGroup"]).toMatchObject({
    ...wish,
    name: "production",
    limits: { cpu: 4, memoryGiB: null, accelerators: null },
  });
  const reset = {
    datacenters: null,
    nodeClass: null,
    constraints: null,
    wholeCores: null,
    environmentIds: null,
    limits: null,
    acceleratorNames: null,
  };
  expect((await modify(api, { id, ...reset }))["resourceGroup"]).toEqual({
    id,
    name: "production",
    nodePool: "gpus",
    datacenters: [],
    nodeClass: null,
    constraints: [],
    wholeCores: false,
    environments: null,
    limits: { cpu: null, memoryGiB: null, accelerators: null },
    acceleratorNames: null,
  });
  expect(await remove(api, id)).toMatchObject({ resourceGroup: { id, deletedAt: expect.any(String) } });
  expect((await groups(api)).map(({ name }) => name)).toEqual(["default"]);
  expect(await remove(api, id)).toMatchObject({ __typename: "NotFoundError" });
});

test("what is wrong is told at its field, a name that is taken as such, and members may change nothing", async () => {
  await using api = await testApi();
  const fields = async (input: object): Promise<unknown> => (await create(api, { name: "a", nodePool: "b", ...input }))["fields"];
  expect(await fields({ nodePool: "no pool" })).toMatchObject([{ path: "nodePool" }]);
  expect(await fields({ constraints: [{ attribute: "arch", operator: "=", value: "x" }] })).toMatchObject([{ path: "constraints[0].attribute" }]);
  expect(await fields({ constraints: [{ attribute: "${attr.x}", operator: "~", value: "x" }] })).toMatchObject([{ path: "constraints[0].operator" }]);
  expect(await fields({ constraints: [{ attribute: "${attr.x}", operator: "=" }] })).toMatchObject([{ path: "constraints[0].value" }]);
  expect(await fields({ environmentIds: ["env_aaaaaaaaaaaaaaaaaaaa"] })).toEqual([{ path: "environmentIds[0]", message: "names no environment" }]);
  expect(await fields({ limits: { cpu: 0 } })).toEqual([{ path: "limits.cpu", message: "must be more than 0" }]);
  expect(await create(api, { name: "default", nodePool: "x" })).toEqual({
    __typename: "ConflictError",
    message: "There is a resource group default already.",
  });
  const stranger = await api.createOtherUser();
  expect(await create(api, { name: "mine", nodePool: "x" }, stranger)).toMatchObject({ __typename: "ForbiddenError" });
});

test("one that a service is to run on is not deleted, and the name of one that was is free", async () => {
  await using api = await testApi();
  const { id } = (await create(api, { name: "prod", nodePool: "gpus" }))["resourceGroup"];
  const service = await api.createService("a", await api.createFolder("models"), { resourceGroupId: id });
  expect(await remove(api, id)).toEqual({ __typename: "ConflictError", message: "1 service is to run on prod: move or terminate it first." });
  await api.database.sql`update services set terminated_at = now() where id = ${service.id}`;
  expect(await remove(api, id)).toMatchObject({ resourceGroup: { id } });
  expect((await api.ask(`{ service(id: "${service.id}") { revision { resourceGroup { name } } } }`)).data).toMatchObject({
    service: { revision: { resourceGroup: { name: "prod" } } },
  });
  expect(await create(api, { name: "prod", nodePool: "gpus" })).toMatchObject({ resourceGroup: { name: "prod" } });
});

test("what a group does not allow, or none of its machines has, is refused at its field before anything is submitted", async () => {
  const machines = [
    nodeWith({ name: "small" }),
    nodeWith({ name: "large", memoryMiB: { total: 131_072, used: 131_072 }, devices: [gpus(2, 24, "L4")] }),
  ];
  await using api = await testApi({ nodes: async () => machines });
  const folderId = await api.createFolder("models");
  const refusal = async (resources: object, more: object = {}): Promise<unknown> => {
    const result = await api.change("createService", { name: "a", folderId, resources, ...more }, "service { id }");
    return result["fields"] ?? result;
  };
  expect(await refusal({ memoryGiB: 200 })).toEqual([
    { path: "resources.memoryGiB", message: "must be 128 GiB or less: large, the largest node of resource group default, has no more" },
  ]);
  expect(await refusal({ cpu: 9 })).toEqual([
    { path: "resources.cpu", message: "must be 8 cores or less: large, the largest node of resource group default, has no more" },
  ]);
  expect(
    await refusal({
      accelerators: [
        { name: "nvidia/gpu", count: 1 },
        { name: "amd/gpu", count: 1 },
      ],
    }),
  ).toEqual([{ path: "resources.accelerators[1].name", message: "is on no node of resource group default, which has nvidia/gpu/L4" }]);
  expect(await refusal({ accelerators: [{ name: "gpu", count: 3 }] })).toEqual([
    { path: "resources.accelerators[0].count", message: "must be 2 or less: large has most of them in resource group default" },
  ]);
  expect(await refusal({ accelerators: [{ name: "gpu", count: 1, memoryGiB: 40 }] })).toEqual([
    { path: "resources.accelerators[0].memoryGiB", message: "must be 24 GiB or less: the largest GPU of resource group default is on large" },
  ]);
  const constraints = [{ attribute: "${device.model}", operator: "=", value: "H100" }];
  expect(await refusal({ accelerators: [{ name: "gpu", count: 1, constraints }] })).toEqual([
    {
      path: "resources.accelerators[0].constraints",
      message: "must be met by some GPU of resource group default, and none meets ${device.model} = H100",
    },
  ]);
  expect(await refusal({ sharedMemoryGiB: 1, memoryGiB: 1 })).toEqual([
    { path: "resources.sharedMemoryGiB", message: "must be smaller than the memory" },
  ]);
  expect(await refusal({ memoryMaxGiB: 1, memoryGiB: 1 })).toEqual([{ path: "resources.memoryMaxGiB", message: "must be more than the memory" }]);
  // Room that others have is no reason to refuse: it waits.
  expect(await refusal({ memoryGiB: 100 })).toMatchObject({ service: {} });

  const limits = { cpu: 2, memoryGiB: 4, accelerators: 1 };
  const { id } = (await create(api, { name: "dev", nodePool: "default", limits, acceleratorNames: ["nvidia/gpu"] }))["resourceGroup"];
  const more = { resourceGroupId: id, name: "b" };
  // A `gpu` may be anybody's; each model of those that are offered is offered.
  expect(await refusal({ cpu: 3, memoryGiB: 5, accelerators: [{ name: "gpu", count: 2 }] }, more)).toEqual([
    { path: "resources.cpu", message: "must be 2 cores or less: resource group dev allows no more for a route" },
    { path: "resources.memoryGiB", message: "must be 4 GiB or less: resource group dev allows no more for a route" },
    { path: "resources.accelerators", message: "must be 1 or fewer together: resource group dev allows no more for a route" },
    { path: "resources.accelerators[0].name", message: "is not offered on resource group dev: nvidia/gpu" },
  ]);
  expect(await refusal({ memoryGiB: 1, accelerators: [{ name: "nvidia/gpu/L4", count: 1 }] }, more)).toMatchObject({ service: {} });
});

test("what a service has already is not refused again, when a machine has gone", async () => {
  let machines: readonly ComputeNode[] = [nodeWith()];
  await using api = await testApi({ nodes: async () => machines });
  const { id } = await api.createService("a", await api.createFolder("models"), { resources: { memoryGiB: 32 } });
  machines = [nodeWith({ memoryMiB: { total: 1024, used: 0 } })];
  const change = (input: object): Promise<Data> => api.change("modifyService", { id, ...input }, "service { revision { number } }");
  expect(await change({ modelReadOnly: true })).toMatchObject({ service: { revision: { number: 2 } } });
  expect(await change({ resources: { cpu: 2 } })).toMatchObject({ __typename: "ValidationError" });
});

test("all that is asked of an accelerator is kept, compared and told", async () => {
  await using api = await testApi();
  const accelerator = {
    name: "nvidia/gpu",
    count: 2,
    memoryGiB: 40,
    constraints: [{ attribute: "${device.attr.cuda_cores}", operator: ">=", value: "9000" }],
    affinities: [{ attribute: "${device.model}", operator: "=", value: "H100", weight: 50 }],
  };
  const resources = { memoryGiB: 2, memoryMaxGiB: 4, accelerators: [accelerator] };
  const { id } = await api.createService("a", await api.createFolder("models"), { resources });
  const selection =
    "memoryMaxGiB accelerators { name count memoryGiB constraints { attribute operator value } affinities { attribute operator value weight } }";
  const told = (await api.ask(`{ service(id: "${id}") { revision { resources { ${selection} } } } }`)).data?.["service"]["revision"]["resources"];
  expect(told).toEqual({ memoryMaxGiB: 4, accelerators: [accelerator] });
  const same = await api.change("modifyService", { id, resources }, "service { revision { number } }");
  expect(same).toMatchObject({ service: { revision: { number: 1 } } });
  const less = { memoryMaxGiB: null, accelerators: [{ ...accelerator, memoryGiB: 24, constraints: [], affinities: null }] };
  const { data } = await api.ask(`query ($input: ModifyServiceInput!) { checkModification(input: $input) { differences { path before after } } }`, {
    input: { id, resources: less },
  });
  expect(data?.["checkModification"]["differences"]).toEqual([
    { path: "resources.accelerators[nvidia/gpu].affinities", before: "${device.model} = H100 (50)", after: null },
    { path: "resources.accelerators[nvidia/gpu].constraints", before: "${device.attr.cuda_cores} >= 9000", after: null },
    { path: "resources.accelerators[nvidia/gpu].memoryGiB", before: "40", after: "24" },
    { path: "resources.memoryMaxGiB", before: "4", after: null },
  ]);
});

test("its machines are told with what is free and who holds what; other projects' services only to administrators", async () => {
  await using api = await testApi();
  const projectId = (await api.ask("{ viewer { project { id } } }")).data?.["viewer"].project.id as ProjectId;
  const machine = withSession(
    nodeWith({ datacenter: "dc1", devices: [gpus(2)] }),
    "whisper",
    { cpuMillicores: 500, memoryMiB: 1024, devices: ["GPU-0"] },
    projectId,
  );
  await using other = await testApi({ nodes: async () => [machine, nodeWith({ name: "far", datacenter: "dc2" })], databaseUrl: api.database.url });
  const { id } = (await create(api, { name: "near", nodePool: "default", datacenters: ["dc1"] }))["resourceGroup"];
  const selection = `usage { nodes eligibleNodes cpu { total used free } memoryGiB { free } accelerators { name count used } }
    nodes { name status draining drivers { name healthy } devices { name attributes { name value unit } devices { id healthy heldBy { name serviceId isForeign } } } }`;
  const ask = async (token: string): Promise<Data> =>
    (await other.ask(`query ($id: ID!) { node(id: $id) { ... on ResourceGroup { ${selection} } } }`, { id }, token)).data?.["node"];
  const seen = await ask(adminToken);
  expect(seen).toMatchObject({
    usage: {
      nodes: 1,
      eligibleNodes: 1,
      cpu: { total: 8, used: 0.5, free: 7.5 },
      memoryGiB: { free: 63 },
      accelerators: [{ name: "nvidia/gpu/H100", count: 2, used: 1 }],
    },
    nodes: [{ name: "node-1", status: "READY", draining: false }],
  });
  expect(seen["nodes"][0].devices).toEqual([
    {
      name: "nvidia/gpu/H100",
      attributes: [{ name: "memory", value: "81920", unit: "MiB" }],
      devices: [
        { id: "GPU-0", healthy: true, heldBy: { name: "whisper", serviceId: "svc_whisper", isForeign: false } },
        { id: "GPU-1", healthy: true, heldBy: null },
      ],
    },
  ]);
  const stranger = await api.createOtherUser();
  expect((await ask(stranger))["nodes"][0].devices[0].devices[0].heldBy).toEqual({ name: "another project", serviceId: null, isForeign: false });
});

test("where it would not be placed, checkService and the waiting service tell the culprit and what would help, and a session carries the group's rule", async () => {
  const asked: Session[] = [];
  const full = withSession(nodeWith(), "llama", { memoryMiB: 61_440 }, "prj_other" as ProjectId);
  const spare = nodeWith({ name: "spare", nodePool: "dev" });
  const facts = { nodesEvaluated: 1, nodesFiltered: 0, nodesExhausted: 1, constraintFiltered: {}, dimensionExhausted: { memory: 1 }, message: null };
  await using api = await testApi({
    nodes: async () => [full, spare],
    preview: async (session) => {
      asked.push(session);
      return { fits: false, unplaced: { ...facts, nodes: [full, spare] } };
    },
  });
  const dev = (await create(api, { name: "dev", nodePool: "dev" }))["resourceGroup"];
  const [{ id: groupId }] = (await groups(api)) as [Data];
  await modify(api, {
    id: groupId,
    nodeClass: null,
    datacenters: ["dc1"],
    constraints: [{ attribute: "${attr.cpu.arch}", operator: "=", value: "amd64" }],
  });
  const input = { name: "a", folderId: await api.createFolder("models"), resources: { memoryGiB: 8 } };
  const why = "culprit sentence numbers { name value } remedies { kind says memoryGiB resourceGroup { id } }";
  const { data } = await api.ask(
    `query ($input: CreateServiceInput!) { checkService(input: $input) { ok placement { fits reason why { ${why} } } } }`,
    { input },
  );
  const sentence =
    "Needs 8 GiB of memory in group default. The most that is free on one node is 4 GiB of 64 GiB, on node-1. Held by: other projects (60 GiB). Would fit now with 4 GiB of memory.";
  const expected = {
    culprit: "MEMORY",
    sentence,
    remedies: [
      { kind: "LOWER_MEMORY", memoryGiB: 4, resourceGroup: null },
      { kind: "OTHER_GROUP", memoryGiB: null, resourceGroup: { id: dev.id } },
    ],
  };
  expect(data?.["checkService"]).toMatchObject({ ok: true, placement: { fits: false, reason: sentence, why: expected } });
  expect(asked[0]?.resourceGroup).toEqual({
    name: "default",
    nodePool: "default",
    datacenters: ["dc1"],
    constraints: [{ attribute: "${attr.cpu.arch}", operator: "=", value: "amd64" }],
  });

  const { id } = await api.createService("a", input.folderId, { resources: input.resources });
  const ask = async (): Promise<unknown> => (await api.ask(`{ service(id: "${id}") { why { ${why} } } }`)).data?.["service"]["why"];
  expect(await ask()).toMatchObject(expected);
  await api.database.sql`
    insert into routes (id, service_id, revision_id, session_id, status)
    select 'rt_aaaaaaaaaaaaaaaaaaaa', id, revision_id, 'ses_aaaaaaaaaaaaaaaaaaaa', 'SCHEDULING' from services where id = ${id}`;
  expect(await ask()).toMatchObject(expected);
  const failure = { cause: "OUT_OF_MEMORY", routeId: "rt_aaaaaaaaaaaaaaaaaaaa", at: new Date(0).toISOString(), message: "It used more.", hint: null };
  await api.database.sql`update services set status = 'UNHEALTHY', failure = ${JSON.stringify(failure)}::text::jsonb where id = ${id}`;
  expect(await ask()).toMatchObject({ culprit: "OUT_OF_MEMORY", sentence: "It used more.", remedies: [{ kind: "RAISE_MEMORY", memoryGiB: 16 }] });
  await api.database.sql`update services set status = 'HEALTHY', failure = null where id = ${id}`;
  expect(await ask()).toBeNull();
  // It serves, from a machine that it is to leave.
  await api.database.sql`
    update routes set status = 'HEALTHY', status_reason = 'Stays on old, which is being drained, until its successor serves.',
      node = 'old', host = '127.0.0.1', port = 4000 where service_id = ${id}`;
  const stays = `1 route stays on old, which is being drained: ${sentence}`;
  expect(await ask()).toMatchObject({ ...expected, sentence: stays });
});
