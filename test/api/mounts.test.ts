import { stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createVariableSecrets } from "../../server/auth/variable-secrets.ts";
import type { FolderId, ProjectId, ServiceId } from "../../server/model/ids.ts";
import { readServiceState } from "../../server/store/service-state.ts";
import { guideDefinition, testApi, type Data, type TestApi } from "../support/api.ts";

async function generalFolder(api: TestApi, name: string, token?: string): Promise<FolderId> {
  const { folder } = await api.change("createFolder", { name, usage: "GENERAL" }, "folder { id }", token);
  return folder.id;
}

const revisionOf = async (api: TestApi, id: ServiceId): Promise<Data> => {
  const fields =
    "number mounts { folder { name } path readOnly } modelReadOnly variables { name value secret } definitionProblems { path line column message }";
  const { data, errors } = await api.ask(`query ($id: ID!) { service(id: $id) { status revision { ${fields} } } }`, { id });
  expect(errors).toBeUndefined();
  return data?.["service"].revision;
};

const create = async (api: TestApi, more: object, definition = guideDefinition): Promise<Data> => {
  const name = `folder-${Math.random().toString(36).slice(2)}`;
  return api.change("createService", { name: "a", folderId: await api.createFolder(name, definition), ...more }, "service { id }");
};

const stateOf = async (api: TestApi, id: ServiceId) => {
  const state = await readServiceState(api.database, id, (folderId) => api.folders.pathOf(folderId));
  const revision = state?.revisions.get(state.revisionId);
  if (revision === undefined) throw new Error("the service cannot run");
  return revision;
};

test("a service mounts general folders besides the model's, read-only unless asked, and its revision says which", async () => {
  await using api = await testApi();
  const [data, output] = [await generalFolder(api, "data"), await generalFolder(api, "output")];
  const mounts = [{ folderId: data }, { folderId: output, path: "/out", readOnly: false }];
  const { service } = await create(api, { mounts, modelReadOnly: true });
  expect(await revisionOf(api, service.id)).toMatchObject({
    modelReadOnly: true,
    mounts: [
      { folder: { name: "data" }, path: "/home/work/data", readOnly: true },
      { folder: { name: "output" }, path: "/out", readOnly: false },
    ],
  });
  expect(await stateOf(api, service.id)).toMatchObject({
    modelReadOnly: true,
    extraMounts: [
      { source: join(api.foldersDirectory, data), target: "/home/work/data", readOnly: true },
      { source: join(api.foldersDirectory, output), target: "/out", readOnly: false },
    ],
  });
});

test("without a word the model's folder is writable, nothing else is mounted, and no variable is set", async () => {
  await using api = await testApi();
  const { service } = await create(api, {});
  expect(await revisionOf(api, service.id)).toMatchObject({ mounts: [], modelReadOnly: false, variables: [] });
});

test("what a folder allows counts at the next start, whatever the service asked for", async () => {
  await using api = await testApi();
  const output = await generalFolder(api, "output");
  const { service } = await create(api, { mounts: [{ folderId: output, readOnly: false }] });
  expect(await stateOf(api, service.id)).toMatchObject({ modelReadOnly: false, extraMounts: [{ readOnly: false }] });
  await api.database.sql`update folders set permission = 'READ_ONLY'`;
  expect(await stateOf(api, service.id)).toMatchObject({ modelReadOnly: true, extraMounts: [{ readOnly: true }] });
});

test("folders of other projects, for models, in the trash or unknown are not mounted", async () => {
  await using api = await testApi();
  const foreign = await generalFolder(api, "foreign", await api.createOtherUser());
  const models = await api.createFolder("other-models");
  const trashed = await generalFolder(api, "trashed");
  await api.database.sql`update folders set deleted_at = now() where id = ${trashed}`;
  const mounts = [foreign, models, trashed, "fld_aaaaaaaaaaaaaaaaaaaa", "nonsense"].map((folderId, index) => ({ folderId, path: `/data/${index}` }));
  const refused = await create(api, { mounts });
  expect(refused["__typename"]).toBe("ValidationError");
  expect(refused["fields"].map((field: Data) => field["path"])).toEqual(mounts.map((_, index) => `mounts[${index}].folderId`));
  expect(JSON.stringify(refused)).not.toContain("foreign");
});

test("a mount over the model's path is refused at its field", async () => {
  await using api = await testApi();
  const data = await generalFolder(api, "data");
  for (const path of ["/models", "/models/data"]) {
    expect(await create(api, { mounts: [{ folderId: data, path }] })).toMatchObject({
      __typename: "ValidationError",
      fields: [{ path: "mounts[0].path", message: expect.stringContaining("where the model's folder is mounted") }],
    });
  }
});

test("a definition that comes to want the place of a mount is the problem, and is none any more once it is put right", async () => {
  await using api = await testApi();
  const data = await generalFolder(api, "data");
  const folderId = await api.createFolder("models");
  const { service } = await api.change("createService", { name: "a", folderId, mounts: [{ folderId: data, path: "/data" }] }, "service { id }");
  const write = async (modelPath: string) => {
    await api.folders.writeFile(folderId, { path: "model-definition.yml", content: guideDefinition.replace("/models", modelPath), ifMatch: null });
    await api.change("clearErrorsAndRetry", { id: service.id }, "service { id }");
    return revisionOf(api, service.id);
  };
  expect(await write("/data/llama")).toMatchObject({
    number: 2,
    mounts: [{ path: "/data" }],
    definitionProblems: [{ path: "models[0].model_path", line: 3, column: 17, message: expect.stringContaining("under /data") }],
  });
  expect(await write("/llama")).toMatchObject({ number: 3, mounts: [{ path: "/data" }], definitionProblems: [] });
});

test("the directory of a mounted folder is there, also where a crash had left none", async () => {
  await using api = await testApi();
  const data = await generalFolder(api, "data");
  await api.folders.remove(data);
  await create(api, { mounts: [{ folderId: data }] });
  expect((await stat(api.folders.pathOf(data))).isDirectory()).toBe(true);
});

test("many services of one folder are created at once", async () => {
  await using api = await testApi();
  const [models, data] = [await api.createFolder("models"), await generalFolder(api, "data")];
  const mounts = [{ folderId: data }];
  const all = await Promise.all(
    Array.from({ length: 8 }, (_, index) => api.change("createService", { name: `s-${index}`, folderId: models, mounts }, "service { id }")),
  );
  expect(all.map((one) => one["__typename"])).toEqual(all.map(() => "CreateServiceSuccess"));
});

const variables = [
  { name: "GREETING", value: 'it\'s "$(id)"\n{{ x }}' },
  { name: "HF_TOKEN", value: "hf_verysecret", secret: true },
];

test("a secret variable is never shown again and lies in the database encrypted; only the right secret opens it", async () => {
  await using api = await testApi();
  const { service } = await create(api, { variables });
  expect((await revisionOf(api, service.id))["variables"]).toEqual([
    { name: "GREETING", value: variables[0]?.value, secret: false },
    { name: "HF_TOKEN", value: null, secret: true },
  ]);
  const [row] = await api.database.sql<{ whole: string; projectId: ProjectId; encrypted: string }[]>`
    select to_jsonb(revisions)::text as whole, project_id as "projectId", variables -> 1 ->> 'encrypted' as encrypted
    from revisions join services on services.id = service_id`;
  if (row === undefined) throw new Error("no revision");
  expect(row.whole).not.toContain("verysecret");

  const open = (secret: string, name = "HF_TOKEN") => createVariableSecrets(() => secret).decrypt(row.projectId, name, row.encrypted);
  expect(await open("a secret for tests")).toBe("hf_verysecret");
  expect(await open("another secret")).toBeNull();
  expect(await open("a secret for tests", "GREETING")).toBeNull();
});

test("variables survive a new revision of the definition", async () => {
  await using api = await testApi();
  const folderId = await api.createFolder("models");
  const { service } = await api.change("createService", { name: "a", folderId, variables, modelReadOnly: true }, "service { id }");
  await api.folders.writeFile(folderId, { path: "model-definition.yml", content: `${guideDefinition}\n# changed\n`, ifMatch: null });
  await api.change("clearErrorsAndRetry", { id: service.id }, "service { id }");
  expect(await revisionOf(api, service.id)).toMatchObject({ number: 2, modelReadOnly: true, variables: [{ name: "GREETING" }, { secret: true }] });
});

test("what is wrong with variables is said at each of them", async () => {
  await using api = await testApi();
  const wrong = [
    { name: "PORT", value: "1" },
    { name: "A", value: "" },
    { name: "A", value: "" },
  ];
  expect(await create(api, { variables: wrong })).toMatchObject({
    __typename: "ValidationError",
    fields: [
      { path: "variables[0].name", message: "is set by Serai: choose another name" },
      { path: "variables[2].name", message: "is given twice" },
    ],
  });
});
