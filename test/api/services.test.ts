import jsonwebtoken from "jsonwebtoken";
import { expect, test } from "vitest";
import { guideDefinition, testApi, type Data } from "../support/api.ts";
import { gpus, nodeWith, withSession } from "../support/nodes.ts";

const ports = (from: number, to: number) => ({ urlTemplate: "http://localhost:{port}", ports: { from, to } });

test("a service is created with the guide's definition, the defaults and a permanent address", async () => {
  await using api = await testApi();
  const { id } = await api.createService("guide", await api.createFolder("models"));
  const { data } = await api.ask(
    `query ($id: ID!) { service(id: $id) {
      name endpoint status statusReason openToPublic desiredRouteCount terminationGraceSeconds routeCounts { desired healthy total } failure { message }
      revision { number folder { name } environment { name kind } resourceGroup { name } resources { cpu memoryGiB sharedMemoryGiB }
        definition { modelName modelPath port startCommand healthCheckPath } definitionProblems { message } definitionHash }
      routes { id } tokens { id } createdBy { name } terminatedAt
    } }`,
    { id },
  );
  expect(data?.["service"]).toMatchObject({
    name: "guide",
    endpoint: "http://localhost:10000",
    status: "PROVISIONING",
    openToPublic: false,
    desiredRouteCount: 1,
    terminationGraceSeconds: 30,
    routeCounts: { desired: 1, healthy: 0, total: 0 },
    failure: null,
    revision: {
      number: 1,
      folder: { name: "models" },
      environment: { name: "Host", kind: "HOST" },
      resourceGroup: { name: "default" },
      resources: { cpu: 0.1, memoryGiB: 0.125, sharedMemoryGiB: 0 },
      definition: { modelName: "simple-http-server", modelPath: "/models", port: 8000, healthCheckPath: "/" },
      definitionProblems: [],
      definitionHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    },
    routes: [],
    tokens: [],
    createdBy: { name: "admin" },
    terminatedAt: null,
  });
});

test("a broken definition makes an UNHEALTHY service that says where it is broken, and clear and retry reads the fixed file", async () => {
  await using api = await testApi();
  const folderId = await api.createFolder("models", guideDefinition.replace("port: 8000", "prot: 8000"));
  const service = await api.createService("broken", folderId);
  expect(service["status"]).toBe("UNHEALTHY");
  expect(service["statusReason"]).toMatch(/The model definition cannot be used: .* \(line \d+, column \d+\)/);
  const problems =
    "service { status revision { number definitionProblems { path line column message hint } } events { edges { event { kind user { name } } node { id } } } }";
  const { data } = await api.ask(`query ($id: ID!) { service(id: $id) { ${problems.slice(10, -2)} } }`, { id: service.id });
  expect(data?.["service"].revision.definitionProblems).toContainEqual({
    path: "models[0].service.prot",
    line: 12,
    column: 7,
    message: "`prot` is not known here",
    hint: "Did you mean `port`?",
  });

  const again = await api.change("clearErrorsAndRetry", { id: service.id }, problems);
  expect(again["service"]).toMatchObject({ status: "UNHEALTHY", revision: { number: 1 } });
  await api.change("writeFile", { folderId, path: "model-definition.yml", content: guideDefinition }, "file { etag }");
  const fixed = await api.change("clearErrorsAndRetry", { id: service.id }, problems);
  expect(fixed["service"]).toMatchObject({ status: "PROVISIONING", revision: { number: 2, definitionProblems: [] } });
  const kinds = fixed["service"].events.edges.map(({ event }: { event: object }) => event);
  expect(kinds).toEqual([
    { kind: "CLEARED", user: { name: "admin" } },
    { kind: "CLEARED", user: { name: "admin" } },
  ]);
});

test("a folder without a definition is no obstacle either, and the reason names the file", async () => {
  await using api = await testApi();
  const service = await api.createService("empty", await api.createFolder("empty", null));
  expect(service).toMatchObject({ status: "UNHEALTHY", statusReason: expect.stringContaining("`model-definition.yml`") });
});

test("a name belongs to one live service, and is free again when that is terminated", async () => {
  await using api = await testApi();
  const folderId = await api.createFolder("models");
  const first = await api.createService("one", folderId);
  const second = await api.createService("two", folderId);
  const taken = { __typename: "ConflictError", message: "There is a service one already." };
  expect(await api.change("createService", { name: "one", folderId }, "service { id }")).toEqual(taken);
  expect(await api.change("modifyService", { id: second.id, name: "one" }, "service { id }")).toEqual(taken);
  expect(await api.change("createFolder", { name: "models", usage: "MODEL" }, "folder { id }")).toMatchObject({ __typename: "ConflictError" });
  await api.database.sql`update services set terminating_at = now(), terminated_at = now(), status = 'TERMINATED' where id = ${first.id}`;
  expect((await api.createService("one", folderId))["name"]).toBe("one");
});

test("ports go to new services in order, and a freed one only after all that were free longer", async () => {
  await using api = await testApi({ endpoint: ports(10_000, 10_002) });
  const folderId = await api.createFolder("models");
  const free = (id: string, minutes: number) =>
    api.database
      .sql`update services set terminating_at = now(), terminated_at = now() + ${minutes} * interval '1 minute', status = 'TERMINATED' where id = ${id}`;
  const portOf = async (name: string) => Number(new URL((await api.createService(name, folderId))["endpoint"]).port);

  const services = [await api.createService("a", folderId), await api.createService("b", folderId)];
  expect(services.map((service) => service["endpoint"])).toEqual(["http://localhost:10000", "http://localhost:10001"]);
  await free(services[1]?.id ?? "", 1);
  await free(services[0]?.id ?? "", 2);
  expect([await portOf("c"), await portOf("d"), await portOf("e")]).toEqual([10_002, 10_001, 10_000]);
  const none = await api.change("createService", { name: "f", folderId }, "service { id }");
  expect(none).toMatchObject({ __typename: "ConflictError", message: expect.stringContaining("10000 to 10002") });
});

test("many who create services at once get an address each", async () => {
  await using api = await testApi({ endpoint: ports(10_000, 10_019) });
  const folderId = await api.createFolder("models");
  const made = await Promise.all(Array.from({ length: 20 }, (_, index) => api.createService(`s${index}`, folderId)));
  expect(new Set(made.map((service) => service["endpoint"])).size).toBe(20);
});

test("with host names the address follows the first name for ever, and two services never share one", async () => {
  await using api = await testApi({ endpoint: { urlTemplate: "https://{service}.models.example.com", ports: { from: 1, to: 1 } } });
  const folderId = await api.createFolder("models");
  const { id, endpoint } = await api.createService("chat", folderId);
  expect(endpoint).toBe("https://chat.models.example.com");
  const renamed = await api.change("modifyService", { id, name: "talk" }, "service { name endpoint }");
  expect(renamed["service"]).toEqual({ name: "talk", endpoint: "https://chat.models.example.com" });
  expect(await api.change("createService", { name: "chat", folderId }, "service { id }")).toMatchObject({ __typename: "ConflictError" });
});

test("modifying changes what is given, and null resets it", async () => {
  await using api = await testApi();
  const { id } = await api.createService("a", await api.createFolder("models"), { openToPublic: true, desiredRouteCount: 3 });
  const selection = "service { name status openToPublic desiredRouteCount terminationGraceSeconds }";
  const stopped = await api.change("modifyService", { id, desiredRouteCount: 0 }, selection);
  expect(stopped["service"]).toMatchObject({ status: "STOPPED", openToPublic: true, desiredRouteCount: 0 });
  const reset = await api.change(
    "modifyService",
    { id, openToPublic: null, desiredRouteCount: null, terminationGraceSeconds: null, name: "b" },
    selection,
  );
  expect(reset["service"]).toMatchObject({ name: "b", openToPublic: false, desiredRouteCount: 1, terminationGraceSeconds: 30 });
  const [row] = await api.database.sql`select generation from services where id = ${id}`;
  expect(row?.["generation"]).toBe(3);
});

test("terminating is asked for once, and what it then no longer takes is said plainly", async () => {
  await using api = await testApi();
  const { id } = await api.createService("a", await api.createFolder("models"));
  for (let count = 0; count < 2; count += 1) {
    expect((await api.change("terminateService", { id }, "service { status }"))["service"]).toEqual({ status: "TERMINATING" });
  }
  const [row] = await api.database.sql`select generation from services where id = ${id}`;
  expect(row?.["generation"]).toBe(2);
  for (const name of ["modifyService", "clearErrorsAndRetry"]) {
    expect(await api.change(name, { id }, "service { id }")).toMatchObject({ __typename: "ConflictError" });
  }
  expect(await api.change("createToken", { serviceId: id }, "secret")).toMatchObject({ __typename: "ConflictError" });
});

test("a folder in use is not deleted, and says which services use it", async () => {
  await using api = await testApi();
  const folderId = await api.createFolder("models");
  const { id } = await api.createService("a", folderId);
  const used = await api.change("deleteFolder", { id: folderId }, "id");
  expect(used).toEqual({ __typename: "ConflictError", message: "The folder models is used by a: terminate it first." });
  await api.database.sql`update services set terminating_at = now(), terminated_at = now(), status = 'TERMINATED' where id = ${id}`;
  expect(await api.change("deleteFolder", { id: folderId }, "id")).toMatchObject({ id: folderId });
  expect(await api.change("purgeFolder", { id: folderId }, "id")).toMatchObject({ id: folderId });
  await expect(api.folders.readDefinition(folderId)).rejects.toThrow();
  // Its history still tells which folder it was.
  const { data } = await api.ask("query ($id: ID!) { service(id: $id) { revision { folder { name } } } }", { id });
  expect(data?.["service"].revision.folder.name).toBe("models");
});

test("a token's copy makes the same statement, and a revoked one is not copied", async () => {
  await using api = await testApi();
  const { id: serviceId } = await api.createService("a", await api.createFolder("models"));
  const created = await api.change(
    "createToken",
    { serviceId, name: "ci", expiresAt: "2099-01-01T00:00:00+01:00" },
    "secret token { id name expiresAt }",
  );
  expect(created["token"]).toMatchObject({ name: "ci", expiresAt: "2098-12-31T23:00:00.000Z" });
  const { id } = created["token"];
  const copied = await api.change("copyToken", { id }, "secret");
  expect(jsonwebtoken.decode(copied["secret"])).toEqual(jsonwebtoken.decode(created["secret"]));
  expect(jsonwebtoken.decode(created["secret"])).toMatchObject({ sub: serviceId, jti: id });

  const revoked = await api.change("revokeToken", { id }, "token { revokedAt }");
  expect((await api.change("revokeToken", { id }, "token { revokedAt }"))["token"]).toEqual(revoked["token"]);
  expect(await api.change("copyToken", { id }, "secret")).toMatchObject({ __typename: "ConflictError" });
  const { data } = await api.ask("query ($id: ID!) { service(id: $id) { tokens { name } events { edges { event { kind user { name } } } } } }", {
    id: serviceId,
  });
  expect(data?.["service"].tokens).toEqual([{ name: "ci" }]);
  expect(data?.["service"].events.edges.map((edge: { event: { kind: string } }) => edge.event.kind)).toEqual([
    "TOKEN_CREATED",
    "TOKEN_COPIED",
    "TOKEN_REVOKED",
  ]);
});

test("lists are paged in both directions without a gap, and filtered", async () => {
  await using api = await testApi();
  const folderId = await api.createFolder("models");
  for (const name of ["a", "b", "c", "d", "e"]) await api.createService(name, folderId);
  const page = async (args: string) => {
    const { data } = await api.ask(
      `{ services(${args}) { edges { cursor node { name } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
    );
    const { edges, pageInfo } = (data as Data)["services"];
    return { names: edges.map((edge: { node: { name: string } }) => edge.node.name).join(""), pageInfo };
  };
  const first = await page("first: 2");
  expect(first).toMatchObject({ names: "ab", pageInfo: { hasNextPage: true, hasPreviousPage: false } });
  expect(await page(`first: 9, after: "${first.pageInfo.endCursor}"`)).toMatchObject({
    names: "cde",
    pageInfo: { hasNextPage: false, hasPreviousPage: true },
  });
  const last = await page("last: 2");
  expect(last).toMatchObject({ names: "de", pageInfo: { hasNextPage: false, hasPreviousPage: true } });
  expect((await page(`last: 2, before: "${last.pageInfo.startCursor}"`)).names).toBe("bc");
  expect((await page('filter: {nameContains: "C"}')).names).toBe("c");
  expect((await page("filter: {statuses: [TERMINATED]}")).names).toBe("");
  expect((await page("first: 0")).names).toBe("");
});

test("a list of services costs the same few queries however long it is", async () => {
  await using api = await testApi();
  const folderId = await api.createFolder("models");
  const list =
    "{ services { edges { node { name routes { id } endedRoutes { id } tokens { id } createdBy { name } rollout { toRevision { number } } revision { number folder { createdBy { name } } environment { name } resourceGroup { name } } } } } }";
  const { sql } = api.database;
  const original = sql.unsafe.bind(sql);
  let queries = 0;
  sql.unsafe = ((...args: Parameters<typeof original>) => {
    queries += 1;
    return original(...args);
  }) as typeof sql.unsafe;
  const cost = async (): Promise<[services: number, queries: number]> => {
    queries = 0;
    const { data } = await api.ask(list);
    return [data?.["services"].edges.length, queries];
  };
  await api.createService("a", folderId);
  const [, few] = await cost();
  for (let index = 0; index < 30; index += 1) await api.createService(`s${index}`, folderId);
  expect(await cost()).toEqual([31, few]);
  expect(few).toBeGreaterThan(3);
});

test("machines of a resource group are shown, and null while the scheduler cannot be asked", async () => {
  const machine = nodeWith({ cpuMillicores: { total: 4000, used: 0 }, memoryMiB: { total: 2048, used: 0 }, devices: [gpus(2)] });
  const node = withSession(machine, "whisper", { cpuMillicores: 500, memoryMiB: 512, devices: ["GPU-1"] });
  let isDown = false;
  await using api = await testApi({
    nodes: async () => {
      if (isDown) throw new Error("no leader");
      return [node, { ...node, id: "n2", nodePool: "other" }];
    },
  });
  const ask = async () =>
    (await api.ask("{ resourceGroups { name nodes { name cpu { total used } memoryGiB { total used } accelerators { name count used } } } }")).data;
  expect(await ask()).toEqual({
    resourceGroups: [
      {
        name: "default",
        nodes: [
          {
            name: "node-1",
            cpu: { total: 4, used: 0.5 },
            memoryGiB: { total: 2, used: 0.5 },
            accelerators: [{ name: "nvidia/gpu/H100", count: 2, used: 1 }],
          },
        ],
      },
    ],
  });
  isDown = true;
  expect(await ask()).toEqual({ resourceGroups: [{ name: "default", nodes: null }] });
});
