import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { ProjectId, ServiceId, UserId } from "../../server/model/ids.ts";
import type { DefinitionFile } from "../../server/model/model-definition.ts";
import { clearErrorsAndRetry } from "../../server/store/clear-errors.ts";
import { guideDefinition, testApi, type TestApi } from "../support/api.ts";

const fileOf = (text: string): DefinitionFile => ({
  text,
  hash: createHash("sha256").update(text).digest("hex"),
  name: "model-definition.yml",
  warnings: [],
});
const version = (number: number) => fileOf(guideDefinition.replace("8000\n", `${8000 + number}\n`));

async function brokenService(api: TestApi) {
  const { id } = await api.createService("a", await api.createFolder("models", "models: []"));
  const [who] = await api.database.sql<
    { projectId: ProjectId; userId: UserId }[]
  >`select project_id as "projectId", created_by as "userId" from services`;
  if (who === undefined) throw new Error("no service was made");
  return { id, who };
}

const hashes = async (api: TestApi, id: ServiceId) => {
  const rows = await api.database.sql<{ hash: string }[]>`select definition_hash as hash from revisions where service_id = ${id} order by number`;
  return rows.slice(1).map((row) => row.hash);
};

test("folders that hang keep those waiting who read them, and nobody else", async () => {
  await using api = await testApi();
  const { id, who } = await brokenService(api);
  const hanging = Promise.withResolvers<DefinitionFile>();
  const retries = Array.from({ length: 15 }, () => clearErrorsAndRetry(api.database, who, id, () => hanging.promise));
  expect((await api.ask("{ services { edges { node { name } } } }")).data?.["services"].edges).toHaveLength(1);
  expect(await api.change("modifyService", { id, openToPublic: true }, "service { id }")).toHaveProperty("service");

  hanging.resolve(version(1));
  for (const outcome of await Promise.all(retries)) expect(outcome).toMatchObject({ ok: true });
  expect(await hashes(api, id)).toEqual([(version(1) as { hash: string }).hash]);
});

test("of two who retry at once, the one that read an older file never undoes the newer one", async () => {
  await using api = await testApi();
  const { id, who } = await brokenService(api);
  let reads = 0;
  const slow = await clearErrorsAndRetry(api.database, who, id, async () => {
    reads += 1;
    if (reads > 1) return version(2);
    await clearErrorsAndRetry(api.database, who, id, async () => version(2));
    return version(1);
  });
  expect(slow).toMatchObject({ ok: true });
  expect(reads).toBe(2);
  expect(await hashes(api, id)).toEqual([(version(2) as { hash: string }).hash]);
});

test.each([
  { status: "BACKING_OFF", cause: "EXITED", retried: true },
  { status: "PREPARING", cause: "EXITED", retried: false },
  { status: "PREPARING", cause: "IMAGE_UNAUTHORIZED", retried: true },
  { status: "WARMING_UP", cause: "IMAGE_UNAUTHORIZED", retried: false },
])("a route that is $status after $cause: it is retried ($retried)", async ({ status, cause, retried }) => {
  await using api = await testApi();
  const { id, who } = await brokenService(api);
  const failure = JSON.stringify({ cause, message: "it failed", hint: null, routeId: "rt_1", at: new Date().toISOString() });
  await api.database.sql`
    insert into routes (id, service_id, revision_id, session_id, status, status_reason, failure)
    select 'rt_1', id, revision_id, 'ses_1', ${status}, 'it failed', ${failure}::text::jsonb from services`;
  expect(await clearErrorsAndRetry(api.database, who, id, async () => version(1))).toMatchObject({ ok: true });
  expect(await api.database.sql`select retry_now, failure from routes`).toMatchObject([{ retry_now: retried, failure: null }]);
});
