import { expect, test } from "vitest";
import { readRouteErrors } from "../../server/store/route-errors.ts";
import { clearErrorsAndRetry } from "../../server/store/clear-errors.ts";
import { terminateService } from "../../server/store/modify-service.ts";

import { modifyService } from "../support/modify-service.ts";
import { broken, exitsUnreadably, exitsWithOne, guideExample, neverListens } from "./definitions.ts";
import { openControlWorld, type ControlWorld } from "./world.ts";
import { newId, type ServiceId, type SessionId } from "../../server/model/ids.ts";

const patience = { timeout: 45_000, interval: 50 };

const statusesOf = async (world: ControlWorld, id: ServiceId): Promise<string[]> => {
  const rows = await world.database.sql<{ status: string }[]>`
    select status from route_events where service_id = ${id} and kind = 'STATUS' order by id`;
  return rows.map((row) => row.status);
};

test("a service becomes HEALTHY through every status, and terminating it leaves nothing", async () => {
  await using world = await openControlWorld();
  const { id } = await world.create(guideExample);
  await expect.poll(() => world.status(id), patience).toBe("HEALTHY");
  expect(await statusesOf(world, id)).toEqual(["PENDING", "SCHEDULING", "PREPARING", "WARMING_UP", "HEALTHY"]);
  // How long that took is known from now on.
  const [learned] = await world.database.sql<{ seconds: number; really: number }[]>`
    select start_seconds::float8 as seconds, (
      select extract(epoch from max(at) filter (where status = 'HEALTHY') - max(at) filter (where status = 'SCHEDULING'))::float8
      from route_events where service_id = ${id}
    ) as really from services where id = ${id}`;
  expect(learned?.seconds).toBeGreaterThan(0);
  expect(learned?.seconds).toBeCloseTo(learned?.really ?? 0, 1);
  const ended = await terminateService(world.database, world.who.projectId, id);
  expect(ended.ok).toBe(true);
  await expect.poll(() => world.status(id), patience).toBe("TERMINATED");
  expect((await statusesOf(world, id)).slice(-2)).toEqual(["DRAINING", "TERMINATED"]);
});

test("the count of routes follows the wish, up and down", async () => {
  await using world = await openControlWorld();
  const { id } = await world.create(guideExample, 2);
  const healthy = async () => {
    const rows = await world.database.sql`select 1 from routes where service_id = ${id} and status = 'HEALTHY'`;
    return rows.length;
  };
  await expect.poll(healthy, patience).toBe(2);
  await modifyService(world.database, world.who.projectId, id, { desiredRouteCount: 3 });
  await expect.poll(healthy, patience).toBe(3);
  await modifyService(world.database, world.who.projectId, id, { desiredRouteCount: 1 });
  await expect.poll(healthy, patience).toBe(1);
  await modifyService(world.database, world.who.projectId, id, { desiredRouteCount: 0 });
  await expect.poll(() => world.status(id), patience).toBe("STOPPED");
});

test.each([
  { wrong: "a start command that exits with 1", definition: exitsWithOne, says: /exited with code 1: the model is missing/ },
  { wrong: "a port that is never opened", definition: neverListens, says: /Nothing listened on port 8000 within 3 s/ },
  { wrong: "a broken definition", definition: broken, says: /`port` must be a whole number from 1 to 65535 \(line 6/ },
])("$wrong is one plain sentence, and the fixed file is served after clear and retry", async ({ definition, says }) => {
  await using world = await openControlWorld();
  const { id, folderId } = await world.create(definition);
  await expect.poll(() => world.reason(id), patience).toMatch(says);
  expect(await world.status(id)).toBe("UNHEALTHY");
  if (definition !== broken) {
    const [route] = await world.database.sql<
      { status: string; retry_at: Date | null }[]
    >`select status, retry_at from routes where service_id = ${id}`;
    expect(route?.status).toBe("BACKING_OFF");
    expect(route?.retry_at).not.toBeNull();
  }
  await world.folders.writeFile(folderId, { path: "model-definition.yml", content: guideExample, ifMatch: null });
  await clearErrorsAndRetry(world.database, world.who, id, world.folders.readDefinition);
  await expect.poll(() => world.status(id), patience).toBe("HEALTHY");
});

test("of a route that is started anew the last ten sessions are known, and what they wrote can be read", async () => {
  await using world = await openControlWorld();
  const { id } = await world.create(
    neverListens.replace('["sleep","1000"]', '["sh","-c","echo said; exec sleep 1000"]').replace("delay: 3", "delay: 1"),
  );
  const sessionsOf = async () => {
    const [row] = await world.database.sql<{ now: SessionId; before: SessionId[] }[]>`
      select session_id as now, earlier_sessions as before from routes where service_id = ${id}`;
    return row;
  };
  await expect.poll(async () => (await sessionsOf())?.before.length, patience).toBeGreaterThan(0);
  const [first] = (await sessionsOf())?.before ?? [];
  if (first === undefined) throw new Error("it had none");
  const whole = { stream: "stdout", follow: false, attempt: null, offset: 0, tailBytes: null, signal: AbortSignal.timeout(10_000) } as const;
  const chunks: Uint8Array[] = [];
  for await (const { bytes } of world.scheduler.logs(first, whole)) chunks.push(bytes);
  expect(Buffer.concat(chunks).toString()).toBe("said\n");
  const ten = Array.from({ length: 10 }, () => newId("session"));
  const [row] = await world.database.sql<{ now: SessionId }[]>`
    update routes set earlier_sessions = ${ten} where service_id = ${id} returning session_id as now`;
  await expect.poll(async () => (await sessionsOf())?.before, patience).toEqual([...ten.slice(1), row?.now]);
});

/** A route that has failed until its wait is long. */
async function backingOff(world: ControlWorld): Promise<{ id: ServiceId; folderId: Awaited<ReturnType<ControlWorld["create"]>>["folderId"] }> {
  const service = await world.create(exitsWithOne);
  const waits = async () => {
    const [route] = await world.database.sql<{ wait: number }[]>`
      select extract(epoch from retry_at - now())::float8 as wait from routes where service_id = ${service.id} and status = 'BACKING_OFF'`;
    return route?.wait ?? 0;
  };
  await expect.poll(waits, patience).toBeGreaterThan(5);
  return service;
}

test("clearing errors ends a long wait at once, and says nothing of what was cleared", async () => {
  await using world = await openControlWorld();
  const { id, folderId } = await backingOff(world);
  await world.folders.writeFile(folderId, { path: "model-definition.yml", content: guideExample, ifMatch: null });
  await clearErrorsAndRetry(world.database, world.who, id, world.folders.readDefinition);
  const seen: string[] = [];
  // The wait would have lasted five seconds more at least.
  await expect
    .poll(
      async () => {
        seen.push(await world.reason(id));
        return world.status(id);
      },
      { timeout: 4500, interval: 20 },
    )
    .toBe("HEALTHY");
  expect(seen.filter((reason) => reason.includes("exited with code 1"))).toEqual([]);
});

test("a route that backs off costs nothing while it waits, and does not hold up its termination", async () => {
  await using world = await openControlWorld();
  const { id } = await backingOff(world);
  const writes = async () => {
    const [row] = await world.database.sql<{ version: string }[]>`select last_value::text as version from change_version`;
    return row?.version;
  };
  const before = await writes();
  // A turn more changes nothing.
  await modifyService(world.database, world.who.projectId, id, {});
  expect(Number(await writes()) - Number(before)).toBeLessThan(10);
  await terminateService(world.database, world.who.projectId, id);
  await expect.poll(() => world.status(id), { timeout: 4500, interval: 20 }).toBe("TERMINATED");
});

test("each route has a history of its own", async () => {
  await using world = await openControlWorld();
  const { id } = await world.create(guideExample, 3);
  await expect.poll(() => world.status(id), patience).toBe("HEALTHY");
  const rows = await world.database.sql<{ kinds: string[] }[]>`
    select array_agg(kind order by id) as kinds from route_events where service_id = ${id} and kind <> 'STATUS' group by route_id`;
  expect(rows.map(({ kinds }) => kinds)).toEqual(Array.from({ length: 3 }, () => ["PLACED", "STARTED"]));
});

test("whatever a model says at its end, its service says what it can of it and can be terminated", async () => {
  await using world = await openControlWorld();
  const { id } = await world.create(exitsUnreadably);
  await expect.poll(() => world.reason(id), patience).toMatch(/exited with code 3: bad/);
  await terminateService(world.database, world.who.projectId, id);
  await expect.poll(() => world.status(id), patience).toBe("TERMINATED");
});

test("every failure is kept with its exit code and what was written, is shown until somebody clears it, and is not lost then", async () => {
  await using world = await openControlWorld();
  const { id } = await world.create(exitsWithOne);
  const errors = () => readRouteErrors(world.database, [id]);
  await expect.poll(async () => (await errors()).length, patience).toBeGreaterThan(1);
  expect((await errors())[0]).toMatchObject({
    kind: "FAILURE",
    message: "The start command exited with code 1: the model is missing",
    failure: { cause: "EXITED", exitCode: 1, signal: null, outputTail: "the model is missing" },
  });
  const before = await errors();
  await clearErrorsAndRetry(world.database, world.who, id, world.folders.readDefinition);
  expect((await errors()).filter((one) => before.some((other) => other.id === one.id))).toEqual([]);
  const [kept] = await world.database.sql<{ count: number }[]>`
    select count(*)::int as count from route_events where service_id = ${id} and kind = 'FAILURE'`;
  expect(kept?.count).toBeGreaterThanOrEqual(before.length);
});
