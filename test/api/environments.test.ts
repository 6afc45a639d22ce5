/** The catalogue of environments: who may change it, what is refused because of it, what is given where nothing is said, and images by hand. */
import { expect, test } from "vitest";
import { containerSeeds } from "../../server/model/environment-seeds.ts";
import { ensureEnvironments } from "../../server/store/environments.ts";
import { testApi, type Data, type TestApi } from "../support/api.ts";
import { gpus, nodeWith } from "../support/nodes.ts";

const shown =
  "id name runtime version kind image isDefault needs { cpu memoryGiB sharedMemoryGiB accelerators { name count } } " +
  "usualResources { cpu memoryGiB sharedMemoryGiB accelerators { name count } } defaultService { startCommand port healthPath } serviceCount";
const create = (api: TestApi, input: object, token?: string): Promise<Data> =>
  api.change("createEnvironment", input, `environment { ${shown} }`, token);
const modify = (api: TestApi, input: object, token?: string): Promise<Data> =>
  api.change("modifyEnvironment", input, `environment { ${shown} }`, token);
const remove = (api: TestApi, id: string, token?: string): Promise<Data> =>
  api.change("deleteEnvironment", { id }, "environment { id deletedAt }", token);
const setDefault = (api: TestApi, id: string, token?: string): Promise<Data> =>
  api.change("setDefaultEnvironment", { id }, "environment { id isDefault }", token);
const all = async (api: TestApi, token?: string): Promise<Data[]> =>
  (await api.ask(`{ environments { ${shown} } }`, {}, token)).data?.["environments"];
const names = async (api: TestApi): Promise<string[]> => (await all(api)).map(({ name }) => name);

const wish = {
  runtime: "vLLM",
  version: "0.28.0",
  image: "registry.example.com:5000/vllm/vllm-openai:v0.28.0",
  needs: { cpu: 1, memoryGiB: 8, sharedMemoryGiB: 0, accelerators: [{ name: "nvidia/gpu", count: 1 }] },
  usualResources: { cpu: 4, memoryGiB: 32, sharedMemoryGiB: 4, accelerators: [{ name: "nvidia/gpu", count: 1 }] },
  defaultService: { startCommand: 'exec vllm serve "$MODEL_PATH"', port: 8000, healthPath: "/health" },
};
const environmentOf = async (api: TestApi, input: object = {}): Promise<string> => {
  const { environment, ...refused } = await create(api, { ...wish, ...input });
  if (environment === undefined) throw new Error(JSON.stringify(refused));
  return environment.id;
};
/** Machines on which all of this would fit. */
const roomy = () => testApi({ nodes: async () => [nodeWith({ devices: [gpus(2, 80, "H100")] })] });

test("an administrator makes and changes versions, what is absent stays, and null is the default", async () => {
  await using api = await testApi();
  const id = await environmentOf(api);
  expect((await all(api))[1]).toEqual({ id, name: "vLLM 0.28.0", kind: "CONTAINER", isDefault: false, serviceCount: 0, ...wish });
  const changed = { version: "0.28.0-patched", image: "vllm:1", usualResources: { cpu: 8 } };
  expect((await modify(api, { id, ...changed }))["environment"]).toMatchObject({
    ...wish,
    ...changed,
    name: "vLLM 0.28.0-patched",
    usualResources: { ...wish.usualResources, cpu: 8 },
  });
  const reset = { version: null, needs: null, usualResources: null, defaultService: null };
  expect((await modify(api, { id, ...reset }))["environment"]).toMatchObject({
    name: "vLLM",
    image: "vllm:1",
    needs: { cpu: 0, memoryGiB: 0, sharedMemoryGiB: 0, accelerators: [] },
    usualResources: { cpu: 0.1, memoryGiB: 0.125, sharedMemoryGiB: 0, accelerators: [] },
    defaultService: null,
  });
});

test("the default is what a service gets that names none; one that is deleted can no longer be chosen, and its name is free", async () => {
  await using api = await testApi();
  const [host] = await all(api);
  const id = await environmentOf(api, { needs: null, usualResources: null });
  expect(await names(api)).toEqual(["Host", "vLLM 0.28.0"]);
  await setDefault(api, id);
  expect((await all(api)).map(({ name, isDefault }) => [name, isDefault])).toEqual([
    ["vLLM 0.28.0", true],
    ["Host", false],
  ]);
  const folderId = await api.createFolder("models");
  const service = await api.createService("a", folderId);
  const revisionOf = async () =>
    (await api.ask(`{ service(id: "${service.id}") { revision { number environment { name deletedAt } } } }`)).data?.["service"].revision;
  expect(await revisionOf()).toMatchObject({ environment: { name: "vLLM 0.28.0", deletedAt: null } });
  await setDefault(api, host?.["id"]);
  expect((await all(api)).map(({ isDefault }) => isDefault)).toEqual([true, false]);
  expect((await all(api)).map(({ serviceCount }) => serviceCount)).toEqual([0, 1]);

  expect(await remove(api, id)).toMatchObject({ environment: { id, deletedAt: expect.any(String) } });
  expect(await names(api)).toEqual(["Host"]);
  expect(await remove(api, id)).toMatchObject({ __typename: "NotFoundError" });
  expect(await api.change("createService", { name: "b", folderId, environmentId: id }, "service { id }")).toMatchObject({
    __typename: "NotFoundError",
  });
  // Whoever is in it stays in it, also with other changes.
  await api.change("modifyService", { id: service.id, environmentId: id, modelReadOnly: true }, "service { id }");
  expect(await revisionOf()).toEqual({ number: 2, environment: { name: "vLLM 0.28.0", deletedAt: expect.any(String) } });
  expect(await create(api, wish)).toMatchObject({ environment: { name: "vLLM 0.28.0" } });
});

test("of administrators who set another default at the same time each has their way, and one is the default in the end", async () => {
  await using api = await testApi();
  const ids = [await environmentOf(api), await environmentOf(api, { version: "2" }), (await all(api))[0]?.["id"] as string];
  const answers = await Promise.all(Array.from({ length: 8 }, () => ids.map((id) => setDefault(api, id))).flat());
  expect(answers.map(({ __typename }) => __typename)).toEqual(answers.map(() => "SetDefaultEnvironmentSuccess"));
  expect((await all(api)).filter(({ isDefault }) => isDefault)).toHaveLength(1);
});

test("what is wrong is told at its field, a version that is there as such, and members read and change nothing", async () => {
  await using api = await testApi();
  const fields = async (input: object): Promise<unknown> => (await create(api, { ...wish, ...input }))["fields"];
  expect(await fields({ runtime: " " })).toEqual([{ path: "runtime", message: "must begin with a letter or digit" }]);
  for (const image of ["Upper/Case", "a b", "a:${attr.x}", "a//b", ""]) {
    expect(await fields({ image }), image).toEqual([
      { path: "image", message: "must be an image, as in python:3.13-slim or registry.example.com/team/model:1" },
    ]);
  }
  expect(await fields({ defaultService: { startCommand: " ", port: 0, healthPath: "health" } })).toEqual([
    { path: "defaultService.startCommand", message: "must not be empty" },
    { path: "defaultService.port", message: "must be a whole number from 1 to 65535" },
    { path: "defaultService.healthPath", message: "must begin with /" },
  ]);
  expect(await fields({ needs: { cpu: -1, accelerators: [{ name: "gpu", count: 0 }] } })).toEqual([
    { path: "needs.cpu", message: "must be 0 or more" },
    { path: "needs.accelerators[0].count", message: "must be 1 or more" },
  ]);
  expect(await fields({ usualResources: { cpu: 0.5, memoryGiB: 32, accelerators: [] } })).toEqual([
    { path: "usualResources.cpu", message: "must be 1 core or more: the environment needs that" },
    { path: "usualResources.accelerators", message: "must have 1 nvidia/gpu or more: the environment needs that" },
  ]);
  const id = await environmentOf(api);
  expect(await create(api, wish)).toEqual({ __typename: "ConflictError", message: "There is this version of it already." });
  const member = await api.createOtherUser();
  expect(await all(api, member)).toMatchObject([{ name: "Host", serviceCount: null }, { name: "vLLM 0.28.0" }]);
  for (const refused of [create(api, wish, member), modify(api, { id }, member), remove(api, id, member), setDefault(api, id, member)]) {
    expect(await refused).toMatchObject({ __typename: "ForbiddenError" });
  }
});

test("an image stays what it is once a service was made with it", async () => {
  await using api = await roomy();
  const id = await environmentOf(api);
  expect(await modify(api, { id, image: "vllm:1" })).toMatchObject({ environment: { image: "vllm:1" } });
  await api.createService("a", await api.createFolder("models"), { environmentId: id });
  expect((await modify(api, { id, image: "vllm:2" }))["fields"]).toEqual([
    { path: "image", message: "must stay vllm:1, because services were made with it: make another version" },
  ]);
  expect(await modify(api, { id, version: "1", image: "vllm:1" })).toMatchObject({ environment: { name: "vLLM 1" } });
});

test("what is not said is what is usual there; less than it needs is refused at its field, on creating, checking and modifying", async () => {
  await using api = await roomy();
  const environmentId = await environmentOf(api);
  const folderId = await api.createFolder("models");
  const service = await api.createService("a", folderId, { environmentId, resources: { cpu: 2 } });
  const resources = async () =>
    (await api.ask(`{ service(id: "${service.id}") { revision { resources { cpu memoryGiB sharedMemoryGiB accelerators { name count } } } } }`))
      .data?.["service"].revision.resources;
  expect(await resources()).toEqual({ ...wish.usualResources, cpu: 2 });
  await api.change("modifyService", { id: service.id, resources: { memoryGiB: 8, sharedMemoryGiB: 7 } }, "service { id }");
  // The usual 4 GiB of shared memory are not all of less memory.
  const less = await environmentOf(api, { version: "less", needs: null });
  expect(await api.createService("less", folderId, { environmentId: less, resources: { memoryGiB: 2 } })).toMatchObject({ name: "less" });
  await api.change("modifyService", { id: service.id, resources: null }, "service { id }");
  expect(await resources()).toEqual(wish.usualResources);

  const tooLittle = { cpu: 0.5, memoryGiB: 4, sharedMemoryGiB: 0, accelerators: [{ name: "amd/gpu", count: 1 }] };
  const problems = [
    { path: "resources.cpu", message: "must be 1 core or more: vLLM 0.28.0 needs that" },
    { path: "resources.memoryGiB", message: "must be 8 GiB or more: vLLM 0.28.0 needs that" },
    { path: "resources.accelerators", message: "must have 1 nvidia/gpu or more: vLLM 0.28.0 needs that" },
  ];
  const input = { name: "b", folderId, environmentId, resources: tooLittle };
  expect((await api.change("createService", input, "service { id }"))["fields"]).toEqual(problems);
  expect((await api.change("modifyService", { id: service.id, resources: tooLittle }, "service { id }"))["fields"]).toEqual(problems);
  const { data } = await api.ask("query ($input: CreateServiceInput!) { checkService(input: $input) { ok problems { path message } } }", { input });
  expect(data?.["checkService"]).toEqual({ ok: false, problems });
  // A model of the kind is one of the kind, and what a service has in another environment may be too little in this one.
  const enough = { ...wish.usualResources, accelerators: [{ name: "nvidia/gpu/H100", count: 1 }] };
  expect(await api.createService("c", folderId, { environmentId, resources: enough })).toMatchObject({ name: "c" });
  const { id } = await api.createService("d", folderId);
  expect((await api.change("modifyService", { id, environmentId }, "service { id }"))["fields"]).toHaveLength(3);
});

test("what a group allows is stronger: more is refused, and an environment that needs more than that is", async () => {
  await using api = await roomy();
  const environmentId = await environmentOf(api);
  const folderId = await api.createFolder("models");
  const group = async (name: string, limits: object): Promise<string> =>
    (await api.change("createResourceGroup", { name, nodePool: "default", limits }, "resourceGroup { id }"))["resourceGroup"].id;
  const fields = async (resourceGroupId: string): Promise<unknown> =>
    (await api.change("createService", { name: "a", folderId, environmentId, resourceGroupId }, "service { id }"))["fields"];
  expect(await fields(await group("middling", { memoryGiB: 16 }))).toEqual([
    { path: "resources.memoryGiB", message: "must be 16 GiB or less: resource group middling allows no more for a route" },
  ]);
  expect(await fields(await group("tiny", { memoryGiB: 4, accelerators: 0 }))).toEqual([
    {
      path: "environmentId",
      message:
        "must be another one on this resource group: vLLM 0.28.0 needs 8 GiB, and tiny allows 4 GiB; 1 accelerator, and tiny allows 0 accelerators",
    },
  ]);
});

test("an image by hand is taken where the group allows it, with any accelerator of the group and without what the environment needs", async () => {
  await using api = await roomy();
  const environmentId = await environmentOf(api);
  const folderId = await api.createFolder("models");
  const image = "registry.example.com/mine:1";
  const ask = (input: object): Promise<Data> =>
    api.change("createService", { folderId, image, ...input }, "service { id revision { image environment { name } resources { cpu } } }");
  expect((await ask({ name: "a", environmentId }))["fields"]).toEqual([
    { path: "image", message: "must be absent: resource group default allows only the images of its environments" },
  ]);
  const groupId = (await api.ask("{ resourceGroups { id } }")).data?.["resourceGroups"][0].id;
  expect(await api.change("modifyResourceGroup", { id: groupId }, "resourceGroup { ownImages }")).toMatchObject({
    resourceGroup: { ownImages: false },
  });
  await api.change("modifyResourceGroup", { id: groupId, ownImages: true }, "resourceGroup { id }");
  expect((await ask({ name: "a", image: "not an image" }))["fields"]).toMatchObject([{ path: "image" }]);
  const [host] = (await all(api)).filter(({ kind }) => kind === "HOST");
  expect((await ask({ name: "a", environmentId: host?.["id"] }))["fields"]).toEqual([
    { path: "image", message: "must be absent: Host is no container. Choose another environment" },
  ]);
  // Without another word it is in the first environment that is a container, and free of its needs.
  const little = { cpu: 0.5, memoryGiB: 1, sharedMemoryGiB: 0, accelerators: [{ name: "gpu", count: 2 }] };
  const { service } = await ask({ name: "a", resources: little });
  expect(service.revision).toEqual({ image, environment: { name: "vLLM 0.28.0" }, resources: { cpu: 0.5 } });
  // What the environment's own image needs counts again where that is chosen.
  expect((await api.change("modifyService", { id: service.id, image: null }, "service { id }"))["fields"]).toMatchObject([
    { path: "resources.cpu" },
    { path: "resources.memoryGiB" },
    // Any vendor's is not NVIDIA's.
    { path: "resources.accelerators" },
  ]);
  const more = { id: service.id, image: null, resources: null };
  const { data } = await api.ask(
    "query ($input: ModifyServiceInput!) { checkModification(input: $input) { ok differences { path before after } } }",
    { input: more },
  );
  expect(data?.["checkModification"]).toMatchObject({
    ok: true,
    differences: expect.arrayContaining([{ path: "image", before: image, after: null }]),
  });
  expect(await api.change("modifyService", more, "service { revision { image resources { cpu } } }")).toMatchObject({
    service: { revision: { image: null, resources: { cpu: 4 } } },
  });
});

test("a folder without a definition is served by the environment's own command, named as the folder is, until it has one", async () => {
  await using api = await roomy();
  const environmentId = await environmentOf(api);
  const folderId = await api.createFolder("tiny-llama", null);
  const service = await api.createService("chat", folderId, { environmentId });
  const revision = async () =>
    (
      await api.ask(
        `{ service(id: "${service.id}") { definitionChange { sinceRevision } revision { number definition { modelName modelPath startCommand port healthCheckPath } definitionProblems { message } definitionHash } } }`,
      )
    ).data?.["service"];
  expect(await revision()).toEqual({
    definitionChange: null,
    revision: {
      number: 1,
      definition: {
        modelName: "tiny-llama",
        modelPath: "/models",
        startCommand: [wish.defaultService.startCommand],
        port: 8000,
        healthCheckPath: "/health",
      },
      definitionProblems: [],
      definitionHash: null,
    },
  });
  await api.change("clearErrorsAndRetry", { id: service.id }, "service { id }");
  expect((await revision()).revision.number).toBe(1);
  const definition = "models: [{name: mine, model_path: /m, service: {start_command: [serve], port: 9000}}]";
  await api.change("writeFile", { folderId, path: "model-definition.yml", content: definition }, "file { path }");
  expect((await revision()).definitionChange).toEqual({ sinceRevision: 1 });
  await api.change("clearErrorsAndRetry", { id: service.id }, "service { id }");
  expect((await revision()).revision).toMatchObject({ number: 2, definition: { modelName: "mine", port: 9000 } });
});

test("what Serai brings along is made once: what administrators changed stays so, and what they deleted stays away", async () => {
  await using api = await testApi();
  const made = await ensureEnvironments(api.database, containerSeeds);
  expect(made).toHaveLength(containerSeeds.length);
  const before = await all(api);
  expect(before.slice(1).map(({ name }) => name)).toEqual(containerSeeds.map(({ runtime, version }) => `${runtime} ${version}`));
  const [, first, second] = before;
  await modify(api, { id: first?.["id"], runtime: "CPython", version: "ours", image: "registry.example.com/python:3.13" });
  await remove(api, second?.["id"]);
  const after = await all(api);
  expect(await ensureEnvironments(api.database, containerSeeds)).toHaveLength(containerSeeds.length - 1);
  expect(await all(api)).toEqual(after);
});
