/** What the catalogue says of how an environment's sessions are confined: who may say what of which, and that sessions are run so. */
import { expect, test } from "vitest";
import type { Session } from "../../server/model/session.ts";
import { readServiceState } from "../../server/store/service-state.ts";
import { testApi, type Data, type TestApi } from "../support/api.ts";

const noGpus = "must have no gpu of nvidia's and none of just any maker's";
const shown = "environment { id image isolated runAs readOnlyRoot }";
const create = (api: TestApi, input: object): Promise<Data> => api.change("createEnvironment", { runtime: "Made", ...input }, shown);
const modify = (api: TestApi, input: object): Promise<Data> => api.change("modifyEnvironment", input, shown);
const idOf = async (api: TestApi, input: object): Promise<string> => (await create(api, input))["environment"].id;

test("an image allows another user and a read-only root, the host's programs can be isolated, and what makes no sense is told at its field", async () => {
  await using api = await testApi();
  const nothing = { isolated: false, runAs: null, readOnlyRoot: false };
  const { environment } = await create(api, { image: "python:1" });
  expect(environment).toMatchObject(nothing);
  expect(await modify(api, { id: environment.id, runAs: "1000:1000", readOnlyRoot: true })).toMatchObject({
    environment: { ...nothing, runAs: "1000:1000", readOnlyRoot: true },
  });
  // What is absent stays; null is the default.
  expect(await modify(api, { id: environment.id, readOnlyRoot: null })).toMatchObject({ environment: { ...nothing, runAs: "1000:1000" } });
  expect(await create(api, { version: "isolated", isolated: true, runAs: "models" })).toMatchObject({
    environment: { ...nothing, image: null, isolated: true, runAs: "models" },
  });

  const fields = async (input: object): Promise<unknown> => (await create(api, { version: "wrong", ...input }))["fields"];
  expect(await fields({ image: "python:1", isolated: true })).toEqual([{ path: "isolated", message: "must be false: a container is" }]);
  expect(await fields({ readOnlyRoot: true })).toEqual([{ path: "readOnlyRoot", message: "must be false: it has no image" }]);
  expect(await fields({ runAs: "models" })).toEqual([
    { path: "runAs", message: "must be absent where nothing is isolated: it runs as Nomad's agent does" },
  ]);
  for (const name of ["nvidia/gpu", "gpu"]) {
    expect(await fields({ isolated: true, usualResources: { accelerators: [{ name, count: 1 }] } }), name).toEqual([
      {
        path: "usualResources.accelerators",
        message: `${noGpus}: the environment is isolated, where NVIDIA's cannot be used. A container can`,
      },
    ]);
  }
  expect(await fields({ isolated: true, version: "amd", usualResources: { accelerators: [{ name: "amd/gpu", count: 1 }] } })).toBeUndefined();
  for (const runAs of ["1000", "models:models"]) {
    expect(await fields({ isolated: true, runAs }), runAs).toEqual([{ path: "runAs", message: "must be a user of the machines, by name" }]);
  }
  for (const runAs of ["", "a b", "${attr.x}", "-root", "1000:", "1000:1000:1000"]) {
    expect(await fields({ image: "python:1", runAs }), runAs).toEqual([
      { path: "runAs", message: "must be a user, by name or number, or user:group" },
    ]);
  }
});

test("sessions are run as their environment says, and an image by hand as it is", async () => {
  const asked: Session[] = [];
  await using api = await testApi({
    preview: async (session) => {
      asked.push(session);
      return { fits: true };
    },
  });
  const folderId = await api.createFolder("models");
  const check = async (input: object): Promise<Session["environment"] | undefined> => {
    await api.ask("query ($input: CreateServiceInput!) { checkService(input: $input) { ok placement { fits } } }", {
      input: { name: "a", folderId, ...input },
    });
    return asked.at(-1)?.environment;
  };
  const image = "python:1";
  const environmentId = await idOf(api, { image, runAs: "1000", readOnlyRoot: true });
  expect(await check({ environmentId })).toEqual({ kind: "CONTAINER", image, runAs: "1000", readOnlyRoot: true });
  expect(await check({ environmentId: await idOf(api, { version: "as it is", image }) })).toEqual({ kind: "CONTAINER", image });
  expect(await check({ environmentId: await idOf(api, { version: "isolated", isolated: true }) })).toEqual({ kind: "HOST", isolated: true });
  const isolated = { name: "b", folderId, environmentId: await idOf(api, { version: "other", isolated: true }) };
  const gpu = { resources: { accelerators: [{ name: "nvidia/gpu/H100", count: 1 }] } };
  expect((await api.change("createService", { ...isolated, ...gpu }, "service { id }"))["fields"]).toEqual([
    { path: "resources.accelerators", message: `${noGpus}: Made other is isolated, where NVIDIA's cannot be used. A container can` },
  ]);
  const groupId = (await api.ask("{ resourceGroups { id } }")).data?.["resourceGroups"][0].id;
  await api.change("modifyResourceGroup", { id: groupId, ownImages: true }, "resourceGroup { id }");
  expect(await check({ environmentId, image: "mine:1" })).toEqual({ kind: "CONTAINER", image: "mine:1" });

  // Every start reads them anew, so they stay under what was made with them.
  const { id } = await api.createService("a", folderId, { environmentId });
  const state = await readServiceState(api.database, id, (folder) => api.folders.pathOf(folder));
  expect(state?.revisions.get(state.revisionId)?.environment).toEqual({ kind: "CONTAINER", image, runAs: "1000", readOnlyRoot: true });
  const why = "because services were made with it: make another version";
  expect((await modify(api, { id: environmentId, runAs: null, readOnlyRoot: false }))["fields"]).toEqual([
    { path: "runAs", message: `must stay 1000, ${why}` },
    { path: "readOnlyRoot", message: `must stay true, ${why}` },
  ]);
});
