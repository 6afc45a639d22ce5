import { expect, test } from "vitest";
import type { ServiceId } from "../../server/model/ids.ts";
import { guideDefinition, testApi, type Data, type TestApi } from "../support/api.ts";

const rolloutFields = `rollout { id kind mode status step stepCount weight stepEndsAt awaitsPromotion reason endedAt failure { message }
  fromRevision { number } toRevision { number } policy { maxSurge steps { weight holdSeconds } promote } createdBy { name } }`;
const selection = `service { status revision { number } ${rolloutFields} }`;
const canary = {
  steps: [
    { weight: 10, holdSeconds: 300 },
    { weight: 50, holdSeconds: 60 },
  ],
};

/** With three revisions, of which the first is what serves, as control writes it. */
async function servedService(api: TestApi, more: object = {}): Promise<ServiceId> {
  const { id } = await api.createService("a", await api.createFolder("models"), more);
  await serves(api, id);
  return id;
}
const serves = (api: TestApi, id: ServiceId) => api.database.sql`update services set stable_revision_id = revision_id where id = ${id}`;
/** What control does when all is done. */
const complete = async (api: TestApi, id: ServiceId): Promise<void> => {
  await api.database.sql`update rollouts set status = 'COMPLETED', ended_at = now() where service_id = ${id} and ended_at is null`;
  await serves(api, id);
};

const modify = (api: TestApi, id: ServiceId, cpu: number) => change(api, "modifyService", { id, resources: { cpu } });
async function change(api: TestApi, name: string, input: object): Promise<Data> {
  const result = await api.change(name, input, selection);
  if (result["service"] === undefined) throw new Error(JSON.stringify(result));
  return result["service"];
}
const refused = (api: TestApi, name: string, input: object): Promise<Data> => api.change(name, input, selection);

const historyOf = async (api: TestApi, id: ServiceId): Promise<Data[]> => {
  const fields = "kind status reason endedAt fromRevision { number } toRevision { number }";
  const { data } = await api.ask(`query ($id: ID!) { service(id: $id) { rollouts { edges { node { ${fields} } } } } }`, { id });
  return data?.["service"].rollouts.edges.map((edge: Data) => edge["node"]);
};
const revisionId = async (api: TestApi, id: ServiceId, number: number): Promise<string> => {
  const [row] = await api.database.sql<{ id: string }[]>`select id from revisions where service_id = ${id} and number = ${number}`;
  return row?.id ?? "";
};
const restartedAt = async (api: TestApi, id: ServiceId): Promise<string | null> => {
  const [row] = await api.database.sql<{ at: string | null }[]>`select restarted_at as at from services where id = ${id}`;
  return row?.at ?? null;
};
const everything = async ({ database: { sql } }: TestApi): Promise<unknown> => [
  await sql`select * from services order by id`,
  await sql`select * from rollouts order by id`,
  await sql`select * from route_events order by id`,
];

test("where nothing has ever served there is no rollout", async () => {
  await using api = await testApi();
  const { id } = await api.createService("a", await api.createFolder("models"));
  expect(await modify(api, id, 1)).toMatchObject({ revision: { number: 2 }, rollout: null });
  expect(await change(api, "restartService", { id })).toMatchObject({ revision: { number: 2 }, rollout: null });
});

test("a new revision is rolled out from what serves, under the policy of that moment", async () => {
  await using api = await testApi();
  const id = await servedService(api, { rollout: canary });
  expect(await modify(api, id, 1)).toMatchObject({
    revision: { number: 2 },
    rollout: {
      kind: "MODIFY",
      mode: "SURGE",
      status: "ROLLING",
      step: 0,
      stepCount: 2,
      weight: 10,
      stepEndsAt: null,
      awaitsPromotion: false,
      reason: "",
      endedAt: null,
      failure: null,
      fromRevision: { number: 1 },
      toRevision: { number: 2 },
      policy: { maxSurge: 1, promote: "AUTO", ...canary },
      createdBy: { name: "admin" },
    },
  });
  await api.database.sql`update rollouts set step = 1, step_at = '2026-01-01T00:00:00Z'`;
  expect(await change(api, "modifyService", { id, rollout: null })).toMatchObject({
    rollout: { step: 1, weight: 50, stepEndsAt: "2026-01-01T00:01:00.000Z", policy: canary },
  });
  await complete(api, id);
  expect(await change(api, "modifyService", { id, resources: { cpu: 2 }, rollout: { promote: "MANUAL" } })).toMatchObject({
    rollout: { stepCount: 1, weight: 0, awaitsPromotion: false, policy: { promote: "MANUAL", steps: [{ weight: 0, holdSeconds: 0 }] } },
  });
  await api.database.sql`update rollouts set step_at = now() where ended_at is null`;
  expect(await change(api, "modifyService", { id })).toMatchObject({ rollout: { awaitsPromotion: true, stepEndsAt: null } });
});

test("a definition that was read anew is rolled out in the same way; one with problems is not, and ends what was under way", async () => {
  await using api = await testApi();
  const folderId = await api.createFolder("models");
  const { id } = await api.createService("a", folderId);
  await serves(api, id);
  const retry = async (content: string) => {
    await api.folders.writeFile(folderId, { path: "model-definition.yml", content, ifMatch: null });
    return change(api, "clearErrorsAndRetry", { id });
  };
  expect(await retry(`${guideDefinition}\n`)).toMatchObject({ rollout: { kind: "MODIFY", status: "ROLLING", toRevision: { number: 2 } } });
  expect(await retry("models: []")).toMatchObject({ revision: { number: 3 }, rollout: { status: "SUPERSEDED", toRevision: { number: 2 } } });
  expect(await historyOf(api, id)).toHaveLength(1);
  expect(await refused(api, "restartService", { id })).toMatchObject({
    __typename: "ConflictError",
    message: expect.stringContaining("has problems"),
  });
});

test("a newer change takes the place of a rollout, and still goes back to what serves", async () => {
  await using api = await testApi();
  const id = await servedService(api);
  await modify(api, id, 1);
  expect(await modify(api, id, 2)).toMatchObject({ rollout: { status: "ROLLING", fromRevision: { number: 1 }, toRevision: { number: 3 } } });
  expect(await historyOf(api, id)).toMatchObject([
    { status: "SUPERSEDED", endedAt: expect.any(String), toRevision: { number: 2 } },
    { status: "ROLLING", endedAt: null, toRevision: { number: 3 } },
  ]);
});

test("rolling back makes an earlier revision the one that is wanted, without a new one", async () => {
  await using api = await testApi();
  const id = await servedService(api);
  await modify(api, id, 1);
  await complete(api, id);
  expect(await change(api, "rollBackService", { id, revisionId: await revisionId(api, id, 1) })).toMatchObject({
    revision: { number: 1 },
    rollout: { kind: "ROLLBACK", status: "ROLLING", fromRevision: { number: 2 }, toRevision: { number: 1 } },
  });
  const events = await api.database.sql`select message from route_events order by id`;
  expect(events.map((event) => event["message"])).toEqual(["Changed: resources. Revision 2.", "Rolled back to revision 1."]);
  expect((await api.database.sql`select 1 from revisions`).length).toBe(2);
});

test("rolling back to what serves, in the middle of a rollout, reverts it", async () => {
  await using api = await testApi();
  const id = await servedService(api);
  await modify(api, id, 1);
  expect(await change(api, "rollBackService", { id, revisionId: await revisionId(api, id, 1) })).toMatchObject({
    revision: { number: 1 },
    rollout: { kind: "MODIFY", status: "REVERTING", weight: null, reason: "Revision 1 is wanted again." },
  });
  expect(await historyOf(api, id)).toHaveLength(1);
});

test("what cannot be rolled back to is refused, and nothing is written", async () => {
  await using api = await testApi();
  const id = await servedService(api);
  const general = (await api.change("createFolder", { name: "data", usage: "GENERAL" }, "folder { id }"))["folder"].id;
  await change(api, "modifyService", { id, mounts: [{ folderId: general }] });
  await api.createFolder("broken", "models: []").then((folderId) => change(api, "modifyService", { id, folderId, mounts: [] }));
  await change(api, "modifyService", { id, folderId: await api.createFolder("more") });
  const other = await api.createService("other", await api.createFolder("others"));
  await api.database.sql`update folders set deleted_at = now() where name in ('data', 'models')`;
  await api.database.sql`update folders set purged_at = now() where name = 'models'`;

  const before = await everything(api);
  const cases: [revision: string, type: string, message: string | RegExp][] = [
    [await revisionId(api, id, 4), "ConflictError", "Revision 4 is the one that a is on already."],
    [await revisionId(api, id, 3), "ConflictError", "Nothing can be started on revision 3: its model definition has problems."],
    [await revisionId(api, id, 2), "ConflictError", /needs the folder (models, which is gone for good|data, which is in the trash)/],
    [await revisionId(api, id, 1), "ConflictError", "Revision 1 needs the folder models, which is gone for good."],
    [await revisionId(api, other.id, 1), "NotFoundError", /There is no revision/],
    ["nonsense", "NotFoundError", "There is no revision nonsense."],
  ];
  for (const [revision, __typename, message] of cases) {
    const expected = typeof message === "string" ? message : expect.stringMatching(message);
    expect(await refused(api, "rollBackService", { id, revisionId: revision })).toEqual({ __typename, message: expected });
  }
  await api.database.sql`update folders set deleted_at = null, purged_at = null where name = 'models'`;
  expect(await refused(api, "rollBackService", { id, revisionId: await revisionId(api, id, 2) })).toMatchObject({
    message: "Revision 2 needs the folder data, which is in the trash: restore it first.",
  });
  expect(await everything(api)).toEqual(before);
});

test("restarting rolls every route without trying anything out, and can be taken back", async () => {
  await using api = await testApi();
  const id = await servedService(api, { rollout: { ...canary, promote: "MANUAL", maxSurge: 2 } });
  expect(await change(api, "restartService", { id })).toMatchObject({
    revision: { number: 1 },
    rollout: { kind: "RESTART", fromRevision: { number: 1 }, toRevision: { number: 1 }, policy: { maxSurge: 2, steps: [], promote: "AUTO" } },
  });
  const first = await restartedAt(api, id);
  expect(first).not.toBeNull();
  await change(api, "restartService", { id });
  expect(await restartedAt(api, id)).not.toEqual(first);
  // Both started from routes that no restart had asked for.
  expect(await change(api, "revertRollout", { id })).toMatchObject({ rollout: { status: "REVERTING", reason: "Reverted by admin." } });
  expect(await restartedAt(api, id)).toBeNull();
});

test("a restart in the middle of a rollout neither skips its steps nor its promotion", async () => {
  await using api = await testApi();
  const id = await servedService(api, { rollout: { ...canary, promote: "MANUAL" } });
  await modify(api, id, 1);
  expect(await change(api, "restartService", { id })).toMatchObject({
    rollout: { kind: "RESTART", fromRevision: { number: 1 }, toRevision: { number: 2 }, policy: { ...canary, promote: "MANUAL" } },
  });
});

test("a restart that a broken definition cuts short leaves what serves alone", async () => {
  await using api = await testApi();
  const folderId = await api.createFolder("models");
  const { id } = await api.createService("a", folderId);
  await serves(api, id);
  await change(api, "restartService", { id });
  await api.folders.writeFile(folderId, { path: "model-definition.yml", content: "models: []", ifMatch: null });
  expect(await change(api, "clearErrorsAndRetry", { id })).toMatchObject({ revision: { number: 2 }, rollout: { status: "SUPERSEDED" } });
  expect(await restartedAt(api, id)).toBeNull();
});

test("a rollout is promoted once, and reverted once", async () => {
  await using api = await testApi();
  const id = await servedService(api, { rollout: { promote: "MANUAL" } });
  for (const name of ["promoteRollout", "revertRollout"])
    expect(await refused(api, name, { id })).toEqual({ __typename: "ConflictError", message: "No rollout of a is under way." });

  await modify(api, id, 1);
  await api.database.sql`update rollouts set step_at = now()`;
  expect(await change(api, "promoteRollout", { id })).toMatchObject({
    revision: { number: 2 },
    rollout: { status: "ROLLING", awaitsPromotion: false },
  });
  const promoted = await everything(api);
  await change(api, "promoteRollout", { id });
  expect(await everything(api)).toEqual(promoted);

  expect(await change(api, "revertRollout", { id })).toMatchObject({
    revision: { number: 1 },
    rollout: { status: "REVERTING", reason: "Reverted by admin.", endedAt: null, toRevision: { number: 2 } },
  });
  const reverting = await everything(api);
  for (const name of ["promoteRollout", "revertRollout"])
    expect(await refused(api, name, { id })).toEqual({ __typename: "ConflictError", message: "The rollout of a is being reverted already." });
  expect(await everything(api)).toEqual(reverting);

  // On its way back something else is wanted: the way there begins at what serves.
  expect(await modify(api, id, 3)).toMatchObject({ revision: { number: 3 }, rollout: { fromRevision: { number: 1 }, toRevision: { number: 3 } } });
  const [row] = await api.database.sql`select generation, array_agg(kind order by route_events.id) as kinds
    from services join route_events on service_id = services.id group by services.id`;
  expect(row).toEqual({ generation: 5, kinds: ["MODIFIED", "PROMOTED", "REVERTED", "MODIFIED"] });
});

test("terminating ends a rollout, and afterwards nothing can be wished of it", async () => {
  await using api = await testApi();
  const id = await servedService(api);
  await modify(api, id, 1);
  expect(await change(api, "terminateService", { id })).toMatchObject({ rollout: { status: "SUPERSEDED", reason: "The service was terminated." } });
  const before = await everything(api);
  const inputs = {
    rollBackService: { id, revisionId: await revisionId(api, id, 1) },
    restartService: { id },
    promoteRollout: { id },
    revertRollout: { id },
  };
  for (const [name, input] of Object.entries(inputs))
    expect(await refused(api, name, input)).toMatchObject({ __typename: "ConflictError", message: expect.stringContaining("is being terminated") });
  expect(await everything(api)).toEqual(before);
});

test("a subscriber sees the rollout of the same instant, and every change of it", async () => {
  await using api = await testApi();
  const id = await servedService(api, { rollout: canary });
  await using live = api.subscribe(`subscription ($id: ID!) { service(id: $id) { revision { number } ${rolloutFields} } }`, { id });
  expect(await live.next()).toMatchObject({ service: { revision: { number: 1 }, rollout: null } });
  await modify(api, id, 1);
  expect(await live.next()).toMatchObject({ service: { revision: { number: 2 }, rollout: { status: "ROLLING", step: 0 } } });
  await api.database.sql`update rollouts set step = 1`;
  expect(await live.next()).toMatchObject({ service: { rollout: { step: 1, weight: 50 } } });
  await api.database.sql`update rollouts set mode = 'IN_PLACE', reason = 'There is no room for more.'`;
  expect(await live.next()).toMatchObject({ service: { rollout: { mode: "IN_PLACE", reason: "There is no room for more." } } });
  await change(api, "revertRollout", { id });
  expect(await live.next()).toMatchObject({ service: { revision: { number: 1 }, rollout: { status: "REVERTING" } } });
  await api.database.sql`update rollouts set status = 'REVERTED', ended_at = now()`;
  expect(await live.next()).toMatchObject({ service: { rollout: { status: "REVERTED", endedAt: expect.any(String) } } });
});
