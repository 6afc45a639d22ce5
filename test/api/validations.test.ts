/** Validations as the API tells of them. That they really run: test/control/validation.test.ts. */
import { expect, test } from "vitest";
import { guideDefinition, testApi, type Data, type TestApi } from "../support/api.ts";

const fields = `id status statusReason verdict cancelling timeLimitSeconds sessionId name node endedAt folder { name } environment { name } service { id }
  resources { cpu } variables { name value secret } definition { modelName } definitionProblems { message line }
  failure { cause message hint exitCode outputTail } launch { startedAt durationMs phases { phase durationMs } }`;
const query = `query ($id: ID!) { validation(id: $id) { ${fields} } }`;
const subscription = `subscription ($id: ID!) { validation(id: $id) { id status statusReason } }`;
const broken = guideDefinition.replace(/port: \d+/, "port: eight");

const start = (api: TestApi, input: object, token?: string): Promise<Data> => api.change("validateService", input, `validation { ${fields} }`, token);
const cancel = (api: TestApi, id: string, token?: string): Promise<Data> =>
  api.change("cancelValidation", { id }, "validation { id status cancelling verdict }", token);
const counts = async (api: TestApi): Promise<string | undefined> => {
  const [row] = await api.database.sql<{ rows: string }[]>`
    select (select count(*) from services) || ' ' || (select count(*) from revisions) || ' ' || (select count(*) from routes) as rows`;
  return row?.rows;
};

test("a validation takes what a session is made of, by the rules of createService, and makes no service", async () => {
  await using api = await testApi();
  const folderId = await api.createFolder("models");
  const variables = [{ name: "TOKEN", value: "a secret value", secret: true }];
  const { validation } = await start(api, { folderId, resources: { cpu: 2 }, variables, timeLimitSeconds: 90 });
  expect(validation).toMatchObject({
    status: "PENDING",
    verdict: null,
    timeLimitSeconds: 90,
    name: null,
    folder: { name: "models" },
    service: null,
    resources: { cpu: 2 },
    variables: [{ name: "TOKEN", value: null, secret: true }],
    definition: { modelName: "simple-http-server" },
    launch: null,
  });
  expect(await counts(api)).toBe("0 0 0");
  expect(JSON.stringify(await api.database.sql`select * from validations`)).not.toContain("a secret value");
  expect((await api.ask(query, { id: validation.id })).data?.["validation"]).toEqual(validation);
  expect((await api.ask("query ($id: ID!) { node(id: $id) { id __typename } }", { id: validation.id })).data?.["node"]).toEqual({
    id: validation.id,
    __typename: "Validation",
  });
});

test("what is wrong is refused at its field", async () => {
  await using api = await testApi();
  const folderId = await api.createFolder("models");
  const pathsOf = async (input: object): Promise<string[]> => (await start(api, input))["fields"].map(({ path }: Data) => path);
  expect(await pathsOf({})).toEqual(["folderId"]);
  expect(await pathsOf({ folderId: null })).toEqual(["folderId"]);
  expect(await pathsOf({ folderId, name: "Not So", resources: { cpu: 0 } })).toEqual(["name", "resources.cpu"]);
  for (const timeLimitSeconds of [0, 86_401]) expect(await pathsOf({ folderId, timeLimitSeconds })).toEqual(["timeLimitSeconds"]);
  expect(await start(api, { folderId: "fld_aaaaaaaaaaaaaaaaaaaa" })).toMatchObject({ __typename: "NotFoundError" });
  expect(await start(api, { serviceId: "svc_aaaaaaaaaaaaaaaaaaaa" })).toMatchObject({ __typename: "NotFoundError" });
});

test("a definition with problems has failed at once, and names them", async () => {
  await using api = await testApi();
  const { validation } = await start(api, { folderId: await api.createFolder("broken", broken) });
  expect(validation).toMatchObject({ status: "FAILED", verdict: "FAILED", definition: null, launch: null, endedAt: expect.any(String) });
  expect(validation.failure.message).toMatch(/^The model definition cannot be used: `port` must be a whole number/);
  expect(validation.definitionProblems[0].line).toBeGreaterThan(1);
  await using live = api.subscribe(subscription, { id: validation.id });
  expect(await live.next()).toMatchObject({ validation: { status: "FAILED" } });
  expect(await live.next()).toBeNull();
});

test("with a service, what is absent is as the service has it, secrets too, and the file is read as it is now", async () => {
  await using api = await testApi();
  const folderId = await api.createFolder("models");
  const variables = [{ name: "TOKEN", value: "a secret value", secret: true }];
  const { id } = await api.createService("a", folderId, { resources: { cpu: 3 }, variables });
  const before = await counts(api);
  const content = guideDefinition.replace("simple-http-server", "another");
  await api.folders.writeFile(folderId, { path: "model-definition.yml", content, ifMatch: null });
  const { validation } = await start(api, { serviceId: id, resources: { memoryGiB: 1 } });
  expect(validation).toMatchObject({ service: { id }, resources: { cpu: 3 }, variables: [{ name: "TOKEN" }], definition: { modelName: "another" } });
  expect(await counts(api)).toBe(before);
  const [same] = await api.database.sql<{ same: boolean }[]>`
    select revisions.variables = validations.variables as same from revisions, validations`;
  expect(same).toEqual({ same: true });
});

test("ten may be under way in a project, one more is refused until one has ended", async () => {
  await using api = await testApi();
  const folderId = await api.createFolder("models");
  const asked = await Promise.all(Array.from({ length: 12 }, () => start(api, { folderId })));
  const refused = asked.filter(({ __typename }) => __typename === "ConflictError");
  expect(refused).toHaveLength(2);
  expect(refused[0]?.["message"]).toBe("10 validations of the project are under way: wait for one, or cancel one.");
  await api.database.sql`
    update validations set status = 'CANCELLED', verdict = 'CANCELLED', ended_at = now() where id = (select min(id) from validations)`;
  expect(await start(api, { folderId })).toMatchObject({ validation: { status: "PENDING" } });
  const { data } = await api.ask("{ validations(first: 3) { edges { node { id } } pageInfo { hasNextPage } } }");
  expect(data?.["validations"].edges).toHaveLength(3);
  expect(data?.["validations"].pageInfo).toEqual({ hasNextPage: true });
});

test("cancelling is a wish that control grants; what is final stays as it is", async () => {
  await using api = await testApi();
  const folderId = await api.createFolder("models");
  const { validation } = await start(api, { folderId });
  // Its session reads the files until it is gone.
  expect(await api.change("deleteFolder", { id: folderId }, "folder { id }")).toMatchObject({
    message: "The folder models is used by a validation: wait for it, or cancel it.",
  });
  for (let count = 0; count < 2; count++) {
    expect(await cancel(api, validation.id)).toMatchObject({ validation: { status: "PENDING", cancelling: true, verdict: null } });
  }
  const failed = (await start(api, { folderId: await api.createFolder("broken", broken) }))["validation"];
  expect(await cancel(api, failed.id)).toMatchObject({ validation: { status: "FAILED", cancelling: false } });
  expect(await cancel(api, "val_aaaaaaaaaaaaaaaaaaaa")).toMatchObject({ __typename: "NotFoundError" });
});

test("who follows one gets it whole at once, then every change, and the end after it is final", async () => {
  await using api = await testApi();
  const { sql } = api.database;
  const { validation } = await start(api, { folderId: await api.createFolder("models") });
  const { id } = validation;
  await using live = api.subscribe(subscription, { id });
  const status = async (): Promise<string> => (await live.next())?.["validation"].status;
  expect(await status()).toBe("PENDING");
  await sql`update validations set status = 'RUNNING' where id = ${id}`;
  expect(await status()).toBe("RUNNING");
  await sql`update validations set status = 'CLEANING_UP', verdict = 'PASSED' where id = ${id}`;
  expect(await status()).toBe("CLEANING_UP");
  await sql`update validations set status = 'PASSED', ended_at = now() where id = ${id}`;
  expect(await status()).toBe("PASSED");
  expect(await live.next()).toBeNull();
});

test("another project's validation is not found: not asked, not followed, not cancelled", async () => {
  await using api = await testApi();
  const folderId = await api.createFolder("models");
  const service = await api.createService("a", folderId);
  const { validation } = await start(api, { folderId });
  const stranger = await api.createOtherUser();
  expect((await api.ask(query, { id: validation.id }, stranger)).data).toEqual({ validation: null });
  expect((await api.ask("query ($id: ID!) { node(id: $id) { id } }", { id: validation.id }, stranger)).data).toEqual({ node: null });
  expect((await api.ask("{ validations { edges { node { id } } } }", {}, stranger)).data).toEqual({ validations: { edges: [] } });
  expect(await cancel(api, validation.id, stranger)).toMatchObject({ __typename: "NotFoundError" });
  expect(await start(api, { folderId }, stranger)).toMatchObject({ __typename: "NotFoundError" });
  expect(await start(api, { serviceId: service.id }, stranger)).toMatchObject({ __typename: "NotFoundError" });
  await using live = api.subscribe(subscription, { id: validation.id }, stranger);
  expect(await live.next()).toEqual({ validation: null });
  expect(await live.next()).toBeNull();
});
