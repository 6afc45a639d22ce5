/** Validations as control carries them out: a real database, real processes of the local scheduler. */
import { expect, test } from "vitest";
import { createVariableSecrets } from "../../server/auth/variable-secrets.ts";
import type { SessionId, ValidationId } from "../../server/model/ids.ts";
import { deleteOldValidations, cancelValidation, createValidation, liveValidationSessions, readValidations } from "../../server/store/validations.ts";
import type { NewValidation, ValidationRow } from "../../server/store/validations.ts";
import { markedProcesses } from "../contract/session-processes.ts";
import { broken, exitsWithOne, guideExample, neverListens } from "./definitions.ts";
import { openControlWorld, type ControlWorld } from "./world.ts";

const patience = { timeout: 45_000, interval: 50 };

type More = Partial<Pick<NewValidation, "timeLimitSeconds" | "revision">>;
async function validate(world: ControlWorld, definition: string, more: More = {}): Promise<ValidationRow> {
  const { projectId, userId } = world.who;
  const revision = { ...(await world.wish(definition)), ...more.revision };
  const made = await createValidation(
    world.database,
    { projectId, createdBy: userId, name: null, service: null, revision, timeLimitSeconds: more.timeLimitSeconds ?? null },
    await world.folders.readDefinition(revision.folderId),
  );
  if (!made.ok) throw new Error(made.refusal.message);
  return made.value;
}
const rowOf = async (world: ControlWorld, id: ValidationId): Promise<ValidationRow> => {
  const [row] = await readValidations(world.database, world.who.projectId, [id]);
  if (row === undefined) throw new Error(`there is no validation ${id}`);
  return row;
};
const reach = async (world: ControlWorld, id: ValidationId, status: ValidationRow["status"]): Promise<ValidationRow> => {
  await expect.poll(async () => (await rowOf(world, id)).status, patience).toBe(status);
  return rowOf(world, id);
};
const nothingLeft = async (sessionId: SessionId): Promise<void> => expect(await markedProcesses(sessionId)).toEqual([]);
const isThere = async (sessionId: SessionId): Promise<boolean> => (await markedProcesses(sessionId)).length > 0;
const kinds = ({ launchEvents }: ValidationRow): string[] => launchEvents.map(({ kind, status }) => status ?? kind);

test("what serves passes, says how long each phase took, and leaves neither a process nor a route", async () => {
  await using world = await openControlWorld();
  const { id, sessionId, timeLimitSeconds } = await validate(world, guideExample);
  expect(timeLimitSeconds).toBe(1800);
  expect(await liveValidationSessions(world.database)).toEqual(new Set([sessionId]));
  const row = await reach(world, id, "PASSED");
  await nothingLeft(sessionId);
  expect(row).toMatchObject({ verdict: "PASSED", failure: null, endedAt: expect.any(Date) });
  expect(row.statusReason).toMatch(/^Its first health check passed after \d+\.\d s\.$/);
  expect(kinds(row)).toEqual(expect.arrayContaining(["PENDING", "SCHEDULING", "PLACED", "PREPARING", "STARTED", "WARMING_UP", "HEALTHY"]));
  expect(await liveValidationSessions(world.database)).toEqual(new Set());
  expect(await world.database.sql`select 1 from routes`).toHaveLength(0);
});

test("the first end of its process is the verdict, with its exit code and its last lines", async () => {
  await using world = await openControlWorld();
  const { id, sessionId } = await validate(world, exitsWithOne);
  const row = await reach(world, id, "FAILED");
  await nothingLeft(sessionId);
  expect(row.statusReason).toBe("The start command exited with code 1: the model is missing");
  expect(row.failure).toMatchObject({ cause: "EXITED", exitCode: 1, outputTail: "the model is missing", node: expect.any(String) });
});

test("a port that is not opened within the time limit is a failure that names it", async () => {
  await using world = await openControlWorld();
  const { id, sessionId } = await validate(world, neverListens, { timeLimitSeconds: 1 });
  const row = await reach(world, id, "FAILED");
  await nothingLeft(sessionId);
  expect(row.failure).toMatchObject({
    cause: "NEVER_HEALTHY",
    message: "Nothing listened on port 8000 within 1 s of the start",
    hint: expect.stringContaining("timeLimitSeconds"),
  });
});

test("a definition with problems fails at once, where they are", async () => {
  await using world = await openControlWorld();
  const row = await validate(world, broken);
  expect(row).toMatchObject({ status: "FAILED", verdict: "FAILED", endedAt: expect.any(Date) });
  expect(row.statusReason).toMatch(/cannot be used: `port` must be a whole number from 1 to 65535 \(line 6/);
  expect(row.definitionProblems).toHaveLength(1);
});

test("a start action that fails names itself", async () => {
  await using world = await openControlWorld();
  const action = "      pre_start_actions:\n        - { action: run_command, args: { command: [sh, -c, 'echo no weights >&2; exit 3'] } }\n";
  const { id, sessionId } = await validate(world, guideExample + action);
  const row = await reach(world, id, "FAILED");
  await nothingLeft(sessionId);
  expect(row.failure).toMatchObject({ cause: "ACTION_FAILED", message: expect.stringMatching(/run_command.* failed with exit code 3: no weights/) });
  expect(kinds(row)).toContain("ACTION");
});

test("what finds no place fails after the time limit, with the reason", async () => {
  await using world = await openControlWorld();
  const wish = await world.wish(guideExample);
  const revision = { ...wish, resources: { ...wish.resources, memoryGiB: 1000 } };
  const { id } = await validate(world, guideExample, { revision, timeLimitSeconds: 1 });
  const row = await reach(world, id, "FAILED");
  expect(row.failure).toMatchObject({ cause: "NOT_PLACED", message: expect.stringMatching(/^No machine was found within 1 s\. .*memory/) });
});

test("cancelling ends it, also a process that ignores SIGTERM", async () => {
  await using world = await openControlWorld();
  const stubborn = neverListens.replace('["sleep","1000"]', `["sh","-c","trap '' TERM; while :; do sleep 1; done"]`);
  const { id, sessionId } = await validate(world, stubborn, { timeLimitSeconds: 600 });
  await expect.poll(() => isThere(sessionId), patience).toBe(true);
  await cancelValidation(world.database, world.who.projectId, id);
  await reach(world, id, "CLEANING_UP");
  const row = await reach(world, id, "CANCELLED");
  await nothingLeft(sessionId);
  expect(row).toMatchObject({ verdict: "CANCELLED", failure: null, statusReason: "Cancelled." });
});

test("another control goes on where the one before ended: with what waits, what runs and what is being ended", async () => {
  await using world = await openControlWorld();
  const late = guideExample.replace('["python"', '["sh","-c","while ! [ -e $MODEL_PATH/go ]; do sleep 0.1; done; exec \\"$@\\"","sh","python"');
  const running = await validate(world, late);
  await expect.poll(() => isThere(running.sessionId), patience).toBe(true);
  const cancelled = await validate(world, late);
  await expect.poll(() => isThere(cancelled.sessionId), patience).toBe(true);
  const waiting: ValidationRow[] = [];
  await world.restartControl(async () => {
    waiting.push(await validate(world, guideExample));
    await cancelValidation(world.database, world.who.projectId, cancelled.id);
    expect(await isThere(running.sessionId)).toBe(true);
  });
  await reach(world, cancelled.id, "CANCELLED");
  for (const { id } of waiting) await reach(world, id, "PASSED");
  await world.folders.writeFile(running.folderId, { path: "go", content: "", ifMatch: null });
  const row = await reach(world, running.id, "PASSED");
  // The same process all along.
  expect(kinds(row).filter((kind) => kind === "STARTED")).toHaveLength(1);
  for (const { sessionId } of [running, cancelled]) await nothingLeft(sessionId);
});

test("a secret that the process dies over is in no column", async () => {
  const secrets = createVariableSecrets(() => "the secret of this installation");
  await using world = await openControlWorld(secrets.decrypt);
  const encrypted = await secrets.encrypt(world.who.projectId, "HF_TOKEN", "hf_TheTokenOfThisTest");
  const dies = exitsWithOne.replace("the model is missing", "401 for $HF_TOKEN");
  const revision = { ...(await world.wish(dies)), variables: [{ name: "HF_TOKEN", encrypted }] };
  const { id } = await validate(world, dies, { revision });
  const row = await reach(world, id, "FAILED");
  expect(row.failure?.message).toContain("401 for [secret HF_TOKEN]");
  expect(JSON.stringify(row)).not.toContain("TheTokenOf");
});

test("one whose secrets cannot be decrypted fails and says so", async () => {
  await using world = await openControlWorld();
  const revision = { ...(await world.wish(guideExample)), variables: [{ name: "HF_TOKEN", encrypted: "v1" }] };
  const { id } = await validate(world, guideExample, { revision });
  expect((await reach(world, id, "FAILED")).statusReason).toContain("The secret variable HF_TOKEN cannot be decrypted");
});

test("what ended thirty days ago is swept away, and nothing else", async () => {
  await using world = await openControlWorld();
  const old = await validate(world, broken);
  const young = await validate(world, broken);
  const live = await validate(world, neverListens);
  await world.database.sql`update validations set ended_at = now() - interval '31 days' where id = ${old.id}`;
  await world.database.sql`update validations set ended_at = now() - interval '29 days' where id = ${young.id}`;
  expect(await deleteOldValidations(world.database)).toBe(1);
  const ids = (await readValidations(world.database, world.who.projectId, [old.id, young.id, live.id])).map(({ id }) => id);
  expect(new Set(ids)).toEqual(new Set([young.id, live.id]));
});
