import { expect, test } from "vitest";
import { createVariableSecrets } from "../../server/auth/variable-secrets.ts";
import type { ProjectId, ServiceId } from "../../server/model/ids.ts";
import { guideDefinition, testApi, type Data, type TestApi } from "../support/api.ts";

const selection = `service { id name desiredRouteCount rolloutPolicy { maxSurge maxUnavailable steps { weight holdSeconds } promote } revision {
  number folder { name } environment { name } resourceGroup { name } resources { cpu memoryGiB sharedMemoryGiB }
  mounts { folder { name } path readOnly } modelReadOnly variables { name value secret } definition { port } createdBy { name } } }`;

const modify = async (api: TestApi, input: object): Promise<Data> => {
  const result = await api.change("modifyService", input, selection);
  if (result["service"] === undefined) throw new Error(JSON.stringify(result));
  return result["service"];
};
const refused = (api: TestApi, input: object): Promise<Data> => api.change("modifyService", input, selection);

const eventsOf = async (api: TestApi, id: ServiceId): Promise<string[]> => {
  const rows = await api.database.sql<
    { text: string }[]
  >`select kind || ' ' || message as text from route_events where service_id = ${id} order by id`;
  return rows.map((row) => row.text);
};
/** Everything that a refused change could have written in part. */
const everything = async (api: TestApi): Promise<unknown> => {
  const { sql } = api.database;
  return [
    await sql`select * from services order by id`,
    await sql`select * from revisions order by id`,
    await sql`select * from rollouts order by id`,
    await sql`select * from route_events order by id`,
    await sql`select id, definition_hash from folders order by id`,
  ];
};
const generalFolder = async (api: TestApi, name: string): Promise<string> =>
  (await api.change("createFolder", { name, usage: "GENERAL" }, "folder { id }"))["folder"].id;

test("every part of what sessions are made of makes a new revision when it changes, and leaves the others as they were", async () => {
  await using api = await testApi();
  const { id } = await api.createService("a", await api.createFolder("models"), { resources: { cpu: 2, memoryGiB: 4, sharedMemoryGiB: 1 } });
  await api.database.sql`insert into environments (id, runtime, kind, image) values ('env_aaaaaaaaaaaaaaaaaaaa', 'Python', 'CONTAINER', 'python:3')`;
  await api.database.sql`insert into resource_groups (id, name, node_pool) values ('rg_aaaaaaaaaaaaaaaaaaaa', 'big', 'big')`;
  const data = await generalFolder(api, "data");

  const resources = { cpu: 3, memoryGiB: 4, sharedMemoryGiB: 1 };
  expect((await modify(api, { id, resources: { cpu: 3 } }))["revision"]).toMatchObject({ number: 2, resources });
  expect((await modify(api, { id, environmentId: "env_aaaaaaaaaaaaaaaaaaaa" }))["revision"]).toMatchObject({
    number: 3,
    environment: { name: "Python" },
  });
  expect((await modify(api, { id, resourceGroupId: "rg_aaaaaaaaaaaaaaaaaaaa" }))["revision"]).toMatchObject({
    number: 4,
    resourceGroup: { name: "big" },
  });
  expect((await modify(api, { id, mounts: [{ folderId: data }] }))["revision"]).toMatchObject({ number: 5, mounts: [{ path: "/home/work/data" }] });
  expect((await modify(api, { id, modelReadOnly: true }))["revision"]).toMatchObject({ number: 6, modelReadOnly: true });
  expect((await modify(api, { id, variables: [{ name: "A", value: "1" }] }))["revision"]).toMatchObject({
    number: 7,
    variables: [{ name: "A", value: "1" }],
  });
  const other = await api.createFolder("other", guideDefinition.replace("port: 8000", "port: 9000").replace('"8000"', '"9000"'));
  expect((await modify(api, { id, folderId: other }))["revision"]).toMatchObject({
    number: 8,
    folder: { name: "other" },
    definition: { port: 9000 },
    environment: { name: "Python" },
    resourceGroup: { name: "big" },
    resources,
    mounts: [{ folder: { name: "data" } }],
    modelReadOnly: true,
    variables: [{ name: "A" }],
    createdBy: { name: "admin" },
  });
  const all = { environmentId: null, resourceGroupId: null, resources: null, mounts: null, modelReadOnly: null, variables: null };
  expect((await modify(api, { id, ...all }))["revision"]).toMatchObject({
    number: 9,
    environment: { name: "Host" },
    resourceGroup: { name: "default" },
    resources: { cpu: 0.1, memoryGiB: 0.125, sharedMemoryGiB: 0 },
    mounts: [],
    modelReadOnly: false,
    variables: [],
  });
  expect((await eventsOf(api, id)).at(0)).toBe("MODIFIED Changed: resources. Revision 2.");
});

test("what makes no difference makes no revision and leaves no trace", async () => {
  await using api = await testApi();
  const folderId = await api.createFolder("models");
  const data = await generalFolder(api, "data");
  const asked = {
    name: "a",
    folderId,
    openToPublic: true,
    resources: { cpu: 1, memoryGiB: 1 },
    mounts: [{ folderId: data, readOnly: false }],
    variables: [
      { name: "A", value: "1" },
      { name: "B", value: "secret", secret: true },
    ],
    rollout: { maxSurge: "50%", steps: [{ weight: 10 }] },
  };
  const { service } = await api.change("createService", asked, "service { id }");
  // The definition in the folder is another one by now: that alone is no modification.
  await api.folders.writeFile(folderId, { path: "model-definition.yml", content: `${guideDefinition}\n`, ifMatch: null });
  const before = await everything(api);
  await modify(api, { id: service.id, ...asked });
  await modify(api, { id: service.id });
  expect(await everything(api)).toEqual(before);
});

test("name, openness, counts and the rollout's policy change without a revision", async () => {
  await using api = await testApi();
  const { id } = await api.createService("a", await api.createFolder("models"), { rollout: { maxUnavailable: 1 } });
  const policy = { maxSurge: 1, maxUnavailable: 1, steps: [], promote: "AUTO" };
  expect(await modify(api, { id, name: "b", desiredRouteCount: 2 })).toMatchObject({ name: "b", revision: { number: 1 }, rolloutPolicy: policy });
  const steps = [{ weight: 10, holdSeconds: 60 }, { weight: 50 }];
  expect(await modify(api, { id, rollout: { maxSurge: "100%", steps, promote: "MANUAL" } })).toMatchObject({
    revision: { number: 1 },
    rolloutPolicy: { maxSurge: "100%", maxUnavailable: 1, steps: [steps[0], { weight: 50, holdSeconds: 0 }], promote: "MANUAL" },
  });
  expect(await modify(api, { id, rollout: { steps: null } })).toMatchObject({ rolloutPolicy: { maxSurge: "100%", steps: [], promote: "MANUAL" } });
  expect(await modify(api, { id, rollout: null })).toMatchObject({ rolloutPolicy: { maxSurge: 1, maxUnavailable: 0, steps: [], promote: "AUTO" } });
  expect(await eventsOf(api, id)).toEqual([
    "MODIFIED Changed: name, number of routes.",
    "MODIFIED Changed: rollout policy.",
    "MODIFIED Changed: rollout policy.",
    "MODIFIED Changed: rollout policy.",
  ]);
});

test("the traffic policy changes part by part without a revision; null is the default, of a part and of the whole", async () => {
  await using api = await testApi();
  const policy = async (input: object): Promise<Data> =>
    (await api.change("modifyService", { id, ...input }, `service { revision { number } trafficPolicy { ${parts} } }`))["service"];
  const parts = "affinity { by header } firstByteTimeoutSeconds idleTimeoutSeconds allowedAddresses passAuthorization";
  const byDefault = { affinity: null, firstByteTimeoutSeconds: 600, idleTimeoutSeconds: null, allowedAddresses: [], passAuthorization: false };
  const { id } = await api.createService("a", await api.createFolder("models"), { trafficPolicy: { passAuthorization: true } });
  expect(await policy({})).toEqual({ revision: { number: 1 }, trafficPolicy: { ...byDefault, passAuthorization: true } });
  const asked = { affinity: { by: "HEADER", header: "X-Session-Id" }, idleTimeoutSeconds: 30, allowedAddresses: ["10.0.0.0/8", "::1"] };
  const changed = { ...byDefault, passAuthorization: true, ...asked };
  expect(await policy({ trafficPolicy: asked })).toEqual({ revision: { number: 1 }, trafficPolicy: changed });
  expect(await policy({ trafficPolicy: { affinity: { by: "COOKIE" } } })).toMatchObject({
    trafficPolicy: { ...changed, affinity: { by: "COOKIE", header: null } },
  });
  const reset = { affinity: null, idleTimeoutSeconds: null, allowedAddresses: null };
  expect(await policy({ trafficPolicy: reset })).toMatchObject({ trafficPolicy: { ...byDefault, passAuthorization: true } });
  expect(await policy({ trafficPolicy: null })).toEqual({ revision: { number: 1 }, trafficPolicy: byDefault });
  expect(await eventsOf(api, id)).toEqual(Array.from({ length: 4 }, () => "MODIFIED Changed: traffic policy."));
});

test("a new revision is made of the definition as it is now; one with problems does not keep it from being made", async () => {
  await using api = await testApi();
  const folderId = await api.createFolder("models");
  const { id } = await api.createService("a", folderId);
  const write = (content: string) => api.folders.writeFile(folderId, { path: "model-definition.yml", content, ifMatch: null });
  await write(guideDefinition.replaceAll("8000", "9000"));
  expect((await modify(api, { id, resources: { cpu: 1 } }))["revision"]).toMatchObject({ number: 2, definition: { port: 9000 } });
  await write("models: []");
  expect((await modify(api, { id, resources: { cpu: 2 } }))["revision"]).toMatchObject({ number: 3, definition: null });
});

test("a form is sent back without knowing the secrets: they stay as they are", async () => {
  await using api = await testApi();
  const variables = [
    { name: "A", value: "1" },
    { name: "TOKEN", value: "hf_verysecret", secret: true },
  ];
  const { id } = await api.createService("a", await api.createFolder("models"), { variables });
  const kept = [
    { name: "A", value: "2" },
    { name: "TOKEN", secret: true },
    { name: "NEW", value: "x", secret: true },
  ];
  expect((await modify(api, { id, variables: kept }))["revision"]).toMatchObject({
    number: 2,
    variables: [{ value: "2" }, { value: null }, { value: null }],
  });
  const [row] = await api.database.sql<{ projectId: ProjectId; encrypted: string }[]>`
    select project_id as "projectId", variables -> 1 ->> 'encrypted' as encrypted
    from revisions join services on services.revision_id = revisions.id`;
  if (row === undefined) throw new Error("no revision");
  const secrets = createVariableSecrets(() => "a secret for tests");
  expect(await secrets.decrypt(row.projectId, "TOKEN", row.encrypted)).toBe("hf_verysecret");

  // The same value given again is the same secret; another one is not.
  const again = (token: string) => modify(api, { id, variables: [{ name: "TOKEN", value: token, secret: true }] });
  expect((await again("hf_verysecret"))["revision"].number).toBe(3);
  expect((await again("hf_verysecret"))["revision"].number).toBe(3);
  expect((await again("another"))["revision"].number).toBe(4);
  expect((await modify(api, { id, variables: [] }))["revision"].number).toBe(5);

  const before = await everything(api);
  for (const wrong of [{ name: "TOKEN", secret: true }, { name: "PLAIN" }]) {
    expect(await refused(api, { id, variables: [wrong] })).toMatchObject({
      __typename: "ValidationError",
      fields: [{ path: "variables[0].value", message: expect.stringMatching(/^must be given/) }],
    });
  }
  expect(await everything(api)).toEqual(before);
});

test("what cannot be is said at its field, as at creation, and nothing of the rest is written", async () => {
  await using api = await testApi();
  const { id } = await api.createService("a", await api.createFolder("models"));
  await api.createService("taken", await api.createFolder("more"));
  const data = await generalFolder(api, "data");
  const withoutService = await api.createFolder("bare", 'models:\n  - name: "m"\n    model_path: "/m"\n');
  const before = await everything(api);
  const cases: [input: object, paths: string[]][] = [
    [{ name: null }, ["name"]],
    [{ folderId: null }, ["folderId"]],
    [{ folderId: data }, ["folderId"]],
    [{ desiredRouteCount: -1, resources: { cpu: 0 } }, ["desiredRouteCount", "resources.cpu"]],
    [{ resources: { sharedMemoryGiB: 8 } }, ["resources.sharedMemoryGiB"]],
    [{ mounts: [{ folderId: data, path: "/etc/data" }] }, ["mounts[0].path"]],
    [{ mounts: [{ folderId: data, path: "/models/data" }] }, ["mounts[0].path"]],
    [{ mounts: [{ folderId: "nonsense" }] }, ["mounts[0].folderId"]],
    [{ variables: [{ name: "PORT", value: "1" }] }, ["variables[0].name"]],
    [{ folderId: withoutService }, ["environmentId"]],
    [{ rollout: { maxSurge: "150%" } }, ["rollout.maxSurge"]],
    [
      { trafficPolicy: { firstByteTimeoutSeconds: 0, idleTimeoutSeconds: 90_000 } },
      ["trafficPolicy.firstByteTimeoutSeconds", "trafficPolicy.idleTimeoutSeconds"],
    ],
    [{ trafficPolicy: { allowedAddresses: ["10.0.0.0/8", "10.0.0.0/40"] } }, ["trafficPolicy.allowedAddresses[1]"]],
    [{ trafficPolicy: { affinity: { by: "HEADER" } } }, ["trafficPolicy.affinity.header"]],
    [{ trafficPolicy: { affinity: { by: "HEADER", header: "a b" } } }, ["trafficPolicy.affinity.header"]],
    [{ trafficPolicy: { affinity: { by: "COOKIE", header: "X" } } }, ["trafficPolicy.affinity"]],
    [{ rollout: { maxUnavailable: -1, steps: [{ weight: 101 }] } }, ["rollout.maxUnavailable", "rollout.steps[0].weight"]],
  ];
  for (const [input, paths] of cases) {
    const result = await refused(api, { id, openToPublic: true, terminationGraceSeconds: 7, ...input });
    expect(result, JSON.stringify(input)).toMatchObject({ __typename: "ValidationError" });
    expect(result["fields"].map((field: Data) => field["path"])).toEqual(paths);
  }
  const nowhere = { folderId: "fld_aaaaaaaaaaaaaaaaaaaa", environmentId: "env_bbbbbbbbbbbbbbbbbbbb", resourceGroupId: "rg_bbbbbbbbbbbbbbbbbbbb" };
  for (const [field, value] of Object.entries(nowhere)) {
    expect(await refused(api, { id, resources: { cpu: 5 }, [field]: value })).toMatchObject({ __typename: "NotFoundError" });
  }
  // The revision that goes with it is undone too.
  expect(await refused(api, { id, name: "taken", resources: { cpu: 5 } })).toEqual({
    __typename: "ConflictError",
    message: "There is a service taken already.",
  });
  expect(await everything(api)).toEqual(before);
});

test("fields that are not known, and shares that are none, are refused by GraphQL itself", async () => {
  await using api = await testApi();
  const { id } = await api.createService("a", await api.createFolder("models"));
  await expect(refused(api, { id, replicas: 3 })).rejects.toThrow(/replicas/);
  await expect(refused(api, { id, rollout: { maxSurge: true } })).rejects.toThrow(/RouteShare/);
});

test("many who modify a service at once each have their part in the end", async () => {
  await using api = await testApi();
  const { id } = await api.createService("a", await api.createFolder("models"));
  await Promise.all([
    modify(api, { id, resources: { cpu: 2 } }),
    modify(api, { id, resources: { memoryGiB: 2 } }),
    modify(api, { id, variables: [{ name: "A", value: "1" }] }),
    modify(api, { id, desiredRouteCount: 4 }),
  ]);
  expect(await modify(api, { id })).toMatchObject({
    desiredRouteCount: 4,
    revision: { number: 4, resources: { cpu: 2, memoryGiB: 2 }, variables: [{ name: "A" }] },
  });
});
