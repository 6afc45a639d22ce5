/** Hot swaps: updates where every seat is taken, and others wait for any that becomes free. Real processes of the local scheduler. */
import { expect, test } from "vitest";
import type { ServiceId, SessionId } from "../../server/model/ids.ts";
import { seatOf } from "../../server/model/seat.ts";
import { clearErrorsAndRetry } from "../../server/store/clear-errors.ts";
import { modifyService, terminateService } from "../../server/store/modify-service.ts";
import type { RevisionRow } from "../../server/store/revisions.ts";
import { exitsWithOne, guideExample, passesWhileReady } from "./definitions.ts";
import { openControlWorld, type ControlWorld } from "./world.ts";

const patience = { timeout: 45_000, interval: 50 };
const another = guideExample.replace("name: test", "name: another");
const aWholeCore = { cpu: 1, memoryGiB: 0.125, sharedMemoryGiB: 0, accelerators: [] };

type Started = Awaited<ReturnType<ControlWorld["create"]>>;
type Full = AsyncDisposable & { readonly world: ControlWorld; readonly service: Started; readonly stranger: Started };

/** A machine with a core for each route, and a stranger who waits for one. */
async function fullMachine(count: number): Promise<Full> {
  const world = await openControlWorld(undefined, { capacity: { cpuMillicores: 1000 * count, memoryMiB: 2048, devices: [] } });
  const service = await world.create(guideExample, count, { resources: aWholeCore });
  await expect.poll(() => world.status(service.id), patience).toBe("HEALTHY");
  const stranger = await world.create(guideExample, 1, { resources: aWholeCore });
  await expect.poll(() => world.reason(stranger.id), patience).toContain("Needs 1 core of CPU");
  return { world, service, stranger, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
}

async function roll(world: ControlWorld, { id, folderId }: Started, definition: string): Promise<void> {
  await world.folders.writeFile(folderId, { path: "model-definition.yml", content: definition, ifMatch: null });
  await clearErrorsAndRetry(world.database, world.who, id, world.folders.readDefinition);
}

const rolloutOf = async ({ database }: ControlWorld, id: ServiceId) => {
  const [row] = await database.sql<{ status: string; mode: string; reason: string }[]>`
    select status, mode, reason from rollouts where service_id = ${id} order by created_at desc limit 1`;
  return row;
};
const healthyByRevision = async ({ database }: ControlWorld, id: ServiceId): Promise<Record<number, number>> => {
  const rows = await database.sql<{ number: number; count: number }[]>`
    select number, count(*)::int as count from routes join revisions on revisions.id = revision_id
    where routes.service_id = ${id} and status = 'HEALTHY' group by number order by number`;
  return Object.fromEntries(rows.map(({ number, count }) => [number, count]));
};
const sessionsOf = async ({ database }: ControlWorld, id: ServiceId): Promise<readonly SessionId[]> => {
  const rows = await database.sql<{ id: SessionId }[]>`
    select session_id as id from routes where service_id = ${id} and status not in ('DRAINING', 'TERMINATED')`;
  return rows.map((row) => row.id);
};
const statusesOf = async ({ database }: ControlWorld, id: ServiceId): Promise<readonly string[]> => {
  const rows = await database.sql<{ status: string }[]>`select status from route_events where service_id = ${id} and kind = 'STATUS' order by id`;
  return rows.map(({ status }) => status);
};

test.each([1, 3])("with every seat taken, %i of them, an update hands seats on, and who waits gets none", async (count) => {
  await using full = await fullMachine(count);
  const { world, service, stranger } = full;
  await roll(world, service, another);
  await expect.poll(async () => (await rolloutOf(world, service.id))?.status, patience).toBe("COMPLETED");
  expect((await rolloutOf(world, service.id))?.mode).toBe("IN_PLACE");
  expect(await healthyByRevision(world, service.id)).toEqual({ 2: count });
  expect(await statusesOf(world, stranger.id)).toEqual(["PENDING", "SCHEDULING"]);
  const [event] = await world.database.sql<
    { message: string }[]
  >`select message from route_events where service_id = ${service.id} and kind = 'ROLLOUT' order by id`;
  expect(event?.message).toMatch(/^There is no room beside what serves, so it takes over in place\. .*Needs 1 core of CPU/);
  await terminateService(world.database, world.who.projectId, service.id);
  await expect.poll(() => world.status(stranger.id), patience).toBe("HEALTHY");
});

test("a swap that does not come up swaps back, and the seat was never given away", async () => {
  await using full = await fullMachine(1);
  const { world, service, stranger } = full;
  await roll(world, service, exitsWithOne);
  await expect.poll(() => world.reason(service.id), patience).toContain("requests wait");
  await expect.poll(async () => (await rolloutOf(world, service.id))?.status, patience).toBe("REVERTED");
  await expect.poll(() => world.status(service.id), patience).toBe("HEALTHY");
  expect(await healthyByRevision(world, service.id)).toEqual({ 1: 1 });
  expect(await world.reason(service.id)).toContain("Revision 2 failed and was taken back");
  expect(await statusesOf(world, stranger.id)).toEqual(["PENDING", "SCHEDULING"]);
});

test("what hangs is replaced in its own seat, and who waits does not get it", async () => {
  await using full = await fullMachine(1);
  const { world, service, stranger } = full;
  const ready = (isReady: boolean) =>
    isReady
      ? world.folders.writeFile(service.folderId, { path: "ready", content: "", ifMatch: null })
      : world.folders.deleteFiles(service.folderId, ["ready"]);
  await ready(true);
  await roll(world, service, passesWhileReady);
  await expect.poll(() => healthyByRevision(world, service.id), patience).toEqual({ 2: 1 });
  const earlier = await sessionsOf(world, service.id);
  await ready(false);
  await expect.poll(() => sessionsOf(world, service.id), patience).not.toEqual(earlier);
  await ready(true);
  await expect.poll(() => world.status(service.id), patience).toBe("HEALTHY");
  expect((await sessionsOf(world, service.id)).map(seatOf)).toEqual(earlier.map(seatOf));
  expect(await statusesOf(world, stranger.id)).toEqual(["PENDING", "SCHEDULING"]);
});

test("while its only seat is handed on, gateways are told to hold requests, and no longer than that", async () => {
  await using full = await fullMachine(1);
  const { world, service } = full;
  const held = async () => (await world.database.sql`select 1 from services where id = ${service.id} and hold_until > now()`).length === 1;
  expect(await held()).toBe(false);
  const seen: boolean[] = [];
  await roll(world, service, another);
  await expect
    .poll(
      async () => {
        seen.push(await held());
        return (await rolloutOf(world, service.id))?.status;
      },
      { ...patience, interval: 5 },
    )
    .toBe("COMPLETED");
  expect(seen).toContain(true);
  expect(await held()).toBe(false);
});

test("changed again in the middle of a swap, it ends on what was asked last, and the seat was never given away", async () => {
  await using full = await fullMachine(1);
  const { world, service, stranger } = full;
  await roll(world, service, exitsWithOne);
  await expect.poll(() => statusesOf(world, service.id), { ...patience, interval: 5 }).toContain("DRAINING");
  await roll(world, service, another);
  await expect.poll(() => healthyByRevision(world, service.id), patience).toEqual({ 3: 1 });
  expect(await statusesOf(world, stranger.id)).toEqual(["PENDING", "SCHEDULING"]);
});

test("terminated in the middle of a swap, nothing of it is left, and who waits gets the seat", async () => {
  await using full = await fullMachine(1);
  const { world, service, stranger } = full;
  await roll(world, service, another);
  await expect.poll(() => statusesOf(world, service.id), { ...patience, interval: 5 }).toContain("DRAINING");
  await terminateService(world.database, world.who.projectId, service.id);
  await expect.poll(() => world.status(service.id), patience).toBe("TERMINATED");
  await expect.poll(() => world.status(stranger.id), patience).toBe("HEALTHY");
});

test("what would fit nowhere costs nobody a seat: it is taken back before anything is ended for it", async () => {
  await using full = await fullMachine(1);
  const { world, service, stranger } = full;
  await world.database
    .sql`update services set rollout_policy = '{"maxSurge": 0, "maxUnavailable": 0, "steps": [], "promote": "AUTO"}' where id = ${service.id}`;
  const propose = async (current: RevisionRow) => ({ rollout: {}, revision: { ...current, resources: { ...aWholeCore, cpu: 2 } } });
  const modified = await modifyService(world.database, world.who, service.id, propose, world.folders.readDefinition);
  expect(modified).toMatchObject({ ok: true });
  await expect.poll(async () => (await rolloutOf(world, service.id))?.status, patience).toBe("REVERTED");
  expect(await world.reason(service.id)).toContain(
    "Revision 2 failed and was taken back: It finds no place, neither beside what serves nor in its stead.",
  );
  expect(await statusesOf(world, service.id)).not.toContain("DRAINING");
  expect(await healthyByRevision(world, service.id)).toEqual({ 1: 1 });
  expect(await statusesOf(world, stranger.id)).toEqual(["PENDING", "SCHEDULING"]);
});

test("a service that never had room for all of its routes is updated in the seats that it has", async () => {
  await using world = await openControlWorld(undefined, { capacity: { cpuMillicores: 1000, memoryMiB: 2048, devices: [] } });
  const service = await world.create(guideExample, 2, { resources: aWholeCore });
  await expect.poll(() => world.status(service.id), patience).toBe("DEGRADED");
  await roll(world, service, another);
  await expect.poll(() => healthyByRevision(world, service.id), patience).toEqual({ 2: 1 });
});
