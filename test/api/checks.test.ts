/** checkService and checkModification: what would happen, without anything happening. */
import { expect, test } from "vitest";
import type { UnplacedFacts } from "../../server/model/session.ts";
import { guideDefinition, testApi, type TestApi } from "../support/api.ts";

const check = "ok problems { path message hint line } warnings placement { fits reason }";
const checkService = async (api: TestApi, input: object) =>
  (await api.ask(`query ($input: CreateServiceInput!) { checkService(input: $input) { ${check} } }`, { input })).data?.["checkService"];
const checkModification = async (api: TestApi, input: object, token?: string) =>
  (
    await api.ask(
      `query ($input: ModifyServiceInput!) { checkModification(input: $input) { ${check} makesRevision way expectedPauseMs differences { path before after } } }`,
      { input },
      token,
    )
  ).data?.["checkModification"];
const rowsOf = async (api: TestApi) => {
  const [row] = await api.database.sql<{ rows: string }[]>`
    select (select count(*) from services) || ' ' || (select count(*) from revisions) || ' ' || (select count(*) from rollouts) || ' ' || (select count(*) from route_events) as rows`;
  return row?.rows;
};
const full: UnplacedFacts = {
  nodesEvaluated: 1,
  nodesFiltered: 0,
  nodesExhausted: 1,
  constraintFiltered: {},
  dimensionExhausted: { memory: 1 },
  message: null,
};

test("a service that is all right is said to be, with its place, and nothing of it is kept", async () => {
  await using api = await testApi();
  const folderId = await api.createFolder("models");
  const before = await rowsOf(api);
  expect(await checkService(api, { name: "a", folderId })).toEqual({ ok: true, problems: [], warnings: [], placement: { fits: true, reason: null } });
  expect(await rowsOf(api)).toBe(before);
  const [{ version } = { version: "" }] = await api.database.sql<{ version: string }[]>`select last_value::text as version from change_version`;
  await checkService(api, { name: "a", folderId });
  // What is counted and never told of, everybody would look for.
  expect(await api.database.sql`select last_value::text as version from change_version`).toEqual([{ version }]);
  await api.createService("a", folderId);
});

test("what is wrong stands at its field, in the words of createService, and in the definition at its line", async () => {
  await using api = await testApi();
  const folderId = await api.createFolder("models");
  await api.createService("taken", folderId);
  expect((await checkService(api, { name: "Not So", folderId, resources: { cpu: 0 } })).problems.map(({ path }: { path: string }) => path)).toEqual([
    "name",
    "resources.cpu",
  ]);
  expect(await checkService(api, { name: "taken", folderId })).toMatchObject({
    ok: false,
    problems: [{ path: "", message: "There is a service taken already." }],
  });
  expect(await checkService(api, { name: "b", folderId: "fld_aaaaaaaaaaaaaaaaaaaa" })).toMatchObject({
    ok: false,
    problems: [{ path: "", message: "There is no folder fld_aaaaaaaaaaaaaaaaaaaa." }],
  });
  const broken = await api.createFolder("broken", guideDefinition.replace(/port: \d+/, "port: eight"));
  const found = await checkService(api, { name: "b", folderId: broken });
  expect(found).toMatchObject({ ok: false, placement: null, problems: [{ path: "definition.models[0].service.port" }] });
  expect(found.problems[0].line).toBeGreaterThan(1);
});

test("where there is no place now, it says why; where the scheduler does not answer, it says that it does not know", async () => {
  await using api = await testApi({ preview: async () => ({ fits: false, unplaced: full }) });
  const folderId = await api.createFolder("models");
  expect(await checkService(api, { name: "a", folderId })).toMatchObject({
    ok: true,
    placement: { fits: false, reason: "No machine of resource group default takes it: memory is used up on 1 machine." },
  });
});

test("a modification is told by its differences and by the way it would go, and nothing is modified", async () => {
  let nowhere = false;
  await using api = await testApi({ preview: async ({ id }) => (id.includes("-") && !nowhere ? { fits: true } : { fits: false, unplaced: full }) });
  const { id } = await api.createService("a", await api.createFolder("models"));
  const before = await rowsOf(api);
  expect(await checkModification(api, { id, desiredRouteCount: 3 })).toMatchObject({ ok: true, makesRevision: false, way: "NONE", differences: [] });
  // Nothing has served yet: there is nothing to go over from.
  expect(await checkModification(api, { id, resources: { cpu: 2 } })).toMatchObject({
    ok: true,
    makesRevision: true,
    way: "NONE",
    differences: [{ path: "resources.cpu", before: "0.1", after: "2" }],
  });
  await api.database.sql`update services set stable_revision_id = revision_id`;
  await api.database.sql`
    insert into routes (id, service_id, revision_id, session_id, status, node, host, port)
    select 'rt_aaaaaaaaaaaaaaaaaaaa', id, revision_id, 'ses_aaaaaaaaaaaaaaaaaaaa', 'HEALTHY', 'n', '127.0.0.1', 1 from services`;
  expect(await checkModification(api, { id, resources: { cpu: 2 } })).toMatchObject({
    way: "IN_PLACE",
    expectedPauseMs: null,
    placement: { fits: false },
  });
  // Larger than what it would take the place of.
  nowhere = true;
  expect(await checkModification(api, { id, resources: { cpu: 9 } })).toMatchObject({
    ok: false,
    way: "NONE",
    problems: [{ message: expect.stringMatching(/^It finds no place, neither beside what serves nor in its stead\. .*memory is used up/) }],
  });
  expect(await rowsOf(api)).toBe(before);
});

test("another project's service is not found, and its folder cannot be asked about", async () => {
  await using api = await testApi();
  const { id } = await api.createService("a", await api.createFolder("models"));
  const stranger = await api.createOtherUser();
  expect(await checkModification(api, { id, desiredRouteCount: 3 }, stranger)).toMatchObject({
    ok: false,
    problems: [{ message: `There is no service ${id}.` }],
  });
});
