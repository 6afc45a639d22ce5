/** Rollouts as control carries them out: a real database, real processes of the local scheduler. */
import { expect, test } from "vitest";
import type { ServiceId } from "../../server/model/ids.ts";
import { defaultRolloutPolicy, type RolloutPolicy } from "../../server/model/rollout.ts";
import { clearErrorsAndRetry } from "../../server/store/clear-errors.ts";
import { promoteRollout, restartService } from "../../server/store/rollout-wish.ts";
import { modifyService } from "../support/modify-service.ts";
import { exitsWithOne, guideExample } from "./definitions.ts";
import { openControlWorld, type ControlWorld } from "./world.ts";

const patience = { timeout: 45_000, interval: 50 };
const another = guideExample.replace("name: test", "name: another");

type Started = { readonly id: ServiceId; readonly folderId: Awaited<ReturnType<ControlWorld["create"]>>["folderId"] };

async function healthyWorld(count: number, policy: Partial<RolloutPolicy> = {}): Promise<{ world: ControlWorld; service: Started }> {
  const world = await openControlWorld();
  const service = await world.create(guideExample, count, { rolloutPolicy: { ...defaultRolloutPolicy, ...policy } });
  await expect.poll(() => world.status(service.id), patience).toBe("HEALTHY");
  return { world, service };
}

/** Another revision, by the way of "fix the file, then clear and retry". */
async function roll(world: ControlWorld, { id, folderId }: Started, definition: string): Promise<void> {
  await world.folders.writeFile(folderId, { path: "model-definition.yml", content: definition, ifMatch: null });
  await clearErrorsAndRetry(world.database, world.who, id, world.folders.readDefinition);
}

const rolloutOf = async (world: ControlWorld, id: ServiceId) => {
  const [row] = await world.database.sql<{ status: string; mode: string; step: number; step_at: string | null; reason: string }[]>`
    select status, mode, step, step_at, reason from rollouts where service_id = ${id} order by created_at desc limit 1`;
  return row;
};
const healthyByRevision = async (world: ControlWorld, id: ServiceId): Promise<Record<number, number>> => {
  const rows = await world.database.sql<{ number: number; count: number }[]>`
    select number, count(*)::int as count from routes join revisions on revisions.id = revision_id
    where routes.service_id = ${id} and status = 'HEALTHY' group by number order by number`;
  return Object.fromEntries(rows.map(({ number, count }) => [number, count]));
};

/** How many routes were healthy after each transition since the wish was met first. */
async function leastHealthy(world: ControlWorld, id: ServiceId, desired: number): Promise<number> {
  const rows = await world.database.sql<{ route_id: string; status: string }[]>`
    select route_id, status from route_events where service_id = ${id} and kind = 'STATUS' order by id`;
  const healthy = new Set<string>();
  const counts = rows.map(({ route_id: route, status }) => {
    if (status === "HEALTHY") healthy.add(route);
    else healthy.delete(route);
    return healthy.size;
  });
  return Math.min(...counts.slice(counts.findIndex((count) => count >= desired)));
}

test("a new revision takes over route by route, and at no moment fewer than the desired ones are healthy", async () => {
  const { world, service } = await healthyWorld(3);
  await using _ = world;
  await roll(world, service, another);
  await expect.poll(async () => (await rolloutOf(world, service.id))?.status, patience).toBe("COMPLETED");
  expect(await healthyByRevision(world, service.id)).toEqual({ 2: 3 });
  expect(await leastHealthy(world, service.id, 3)).toBe(3);
  expect(await world.reason(service.id)).toBe("Serving: 3 of 3 routes healthy.");
});

test("a revision that does not come up is taken back by itself, the good one never stops serving, and the service says why", async () => {
  const { world, service } = await healthyWorld(2);
  await using _ = world;
  await roll(world, service, exitsWithOne);
  await expect.poll(async () => (await rolloutOf(world, service.id))?.status, patience).toBe("REVERTED");
  expect(await healthyByRevision(world, service.id)).toEqual({ 1: 2 });
  expect(await leastHealthy(world, service.id, 2)).toBe(2);
  expect(await world.status(service.id)).toBe("HEALTHY");
  expect(await world.reason(service.id)).toContain(
    "Revision 2 failed and was taken back: The start command exited with code 1: the model is missing",
  );
  // Until somebody has seen it, and tries again.
  await roll(world, service, another);
  await expect.poll(async () => (await rolloutOf(world, service.id))?.status, patience).toBe("COMPLETED");
  expect(await world.reason(service.id)).toBe("Serving: 2 of 2 routes healthy.");
});

test("a canary stands at its step with its share, goes on when the time is over, and then has everything", async () => {
  const { world, service } = await healthyWorld(2, { steps: [{ weight: 10, holdSeconds: 2 }] });
  await using _ = world;
  await roll(world, service, another);
  await expect.poll(async () => (await rolloutOf(world, service.id))?.step_at, patience).toBeTruthy();
  expect(await healthyByRevision(world, service.id)).toEqual({ 1: 2, 2: 1 });
  expect(await world.reason(service.id)).toContain("Revision 2 is being rolled out: 1 of 2 routes, with 10% of the requests.");
  await expect.poll(async () => (await rolloutOf(world, service.id))?.status, patience).toBe("COMPLETED");
  expect(await healthyByRevision(world, service.id)).toEqual({ 2: 2 });
});

test("blue-green: the new revision stands beside the old one, complete, until it is promoted", async () => {
  const { world, service } = await healthyWorld(2, { maxSurge: "100%", promote: "MANUAL" });
  await using _ = world;
  await roll(world, service, another);
  await expect.poll(() => world.reason(service.id), patience).toContain("Revision 2 is ready and waits to be promoted, with 0% of the requests.");
  expect(await healthyByRevision(world, service.id)).toEqual({ 1: 2, 2: 2 });
  await promoteRollout(world.database, world.who, service.id);
  await expect.poll(async () => (await rolloutOf(world, service.id))?.status, patience).toBe("COMPLETED");
  expect(await healthyByRevision(world, service.id)).toEqual({ 2: 2 });
  expect(await leastHealthy(world, service.id, 2)).toBe(2);
});

test("a restart replaces every route on the same revision", async () => {
  const { world, service } = await healthyWorld(2);
  await using _ = world;
  const ids = async () =>
    (await world.database.sql<{ id: string }[]>`select id from routes where service_id = ${service.id} and status = 'HEALTHY'`).map(({ id }) => id);
  const before = await ids();
  await restartService(world.database, world.who, service.id);
  await expect.poll(async () => (await rolloutOf(world, service.id))?.status, patience).toBe("COMPLETED");
  expect(await healthyByRevision(world, service.id)).toEqual({ 1: 2 });
  expect((await ids()).filter((id) => before.includes(id))).toEqual([]);
  expect(await leastHealthy(world, service.id, 2)).toBe(2);
});

test("what is asked last is what it ends in: another revision and another count in the middle of a rollout", async () => {
  const { world, service } = await healthyWorld(2);
  await using _ = world;
  await roll(world, service, exitsWithOne);
  await roll(world, service, another);
  await modifyService(world.database, world.who.projectId, service.id, { desiredRouteCount: 3 });
  await expect.poll(() => healthyByRevision(world, service.id), patience).toEqual({ 3: 3 });
  await roll(world, service, guideExample);
  await modifyService(world.database, world.who.projectId, service.id, { desiredRouteCount: 0 });
  await expect.poll(() => world.status(service.id), patience).toBe("STOPPED");
  await modifyService(world.database, world.who.projectId, service.id, { desiredRouteCount: 1 });
  await expect.poll(() => healthyByRevision(world, service.id), patience).toEqual({ 4: 1 });
});
