import { describe, expect, test } from "vitest";
import type { RouteId } from "../../server/model/ids.ts";
import { modelDefinition } from "../../server/model/model-definition.ts";
import type { Database } from "../../server/store/database.ts";
import { readRouteTable } from "../../server/store/route-table.ts";
import { createToken, insertRevision, insertRollout, insertRoute, openInstallation, setStatus } from "./installation.ts";
import { call, open, startModel } from "./world.ts";

describe("What a gateway is told", () => {
  const rowOf = async (database: Database) => {
    const [row] = await readRouteTable(database);
    return row;
  };

  test("of a rollout: which routes are new, and the weight of the step while it rolls, but none after the last", async () => {
    const { database, serviceId, model } = await openInstallation();
    const { sql } = database;
    await using fresh = await startModel();
    await insertRoute(database, serviceId, model, "HEALTHY");
    await insertRoute(database, serviceId, fresh, "HEALTHY");
    const revisionId = await insertRevision(database, serviceId);
    await sql`update routes set revision_id = ${revisionId} where id = ${fresh.route.id}`;
    const told = async () => {
      const row = await rowOf(database);
      return [row?.newWeight, row?.routes.find(({ id }) => id === fresh.route.id)?.isNew, row?.routes.find(({ id }) => id === model.route.id)?.isNew];
    };
    expect(await told()).toEqual([null, false, false]);

    const rolloutId = await insertRollout(database, serviceId, revisionId);
    expect(await told()).toEqual([10, true, false]);
    await sql`update rollouts set step = 1 where id = ${rolloutId}`;
    expect(await told()).toEqual([50, true, false]);
    await sql`update rollouts set step = 2 where id = ${rolloutId}`;
    expect(await told()).toEqual([null, true, false]);
    await sql`update rollouts set step = 0, status = 'REVERTING' where id = ${rolloutId}`;
    // What is taken back gets no more requests than it must.
    expect(await told()).toEqual([0, true, false]);
    await sql`update rollouts set status = 'REVERTED', ended_at = now() where id = ${rolloutId}`;
    expect(await told()).toEqual([null, false, false]);
  });

  test("of health checks: those of the revisions that its healthy routes are on, each by the model that is served", async () => {
    const { database, serviceId, model } = await openInstallation();
    const { sql } = database;
    const model_path = "/models";
    const served = (health_check: unknown) => ({ name: "served", model_path, service: { start_command: "serve", port: 80, health_check } });
    const [checked, unchecked] = [served({ path: "/ready" }), served(null)];
    await insertRoute(database, serviceId, model, "HEALTHY");
    const told = async (models: readonly unknown[]) => {
      const revisionId = await insertRevision(database, serviceId, modelDefinition.parse({ models }));
      await sql`update routes set revision_id = ${revisionId} where id = ${model.route.id}`;
      const checks = Object.entries((await rowOf(database))?.healthChecks ?? {});
      expect(checks.map(([id]) => id)).toEqual([revisionId]);
      return checks[0]?.[1];
    };
    expect(await told([{ name: "weights", model_path }, checked, unchecked])).toMatchObject({ path: "/ready", expected_status_code: 200 });
    expect(await told([unchecked, checked])).toBeNull();
    await setStatus(database, model.route.id, "UNHEALTHY");
    expect((await rowOf(database))?.healthChecks).toEqual({});
  });

  test("of a hold: until when, and what the time is there", async () => {
    const { database, serviceId } = await openInstallation();
    expect(await rowOf(database)).toMatchObject({ holdUntil: null, routes: [] });
    await database.sql`update services set hold_until = now() + interval '30 seconds' where id = ${serviceId}`;
    const row = await rowOf(database);
    const leftMs = Number(row?.holdUntil) - Number(row?.readAt);
    expect(leftMs).toBeGreaterThan(20_000);
    expect(leftMs).toBeLessThanOrEqual(30_000);
  });
});

describe("What is likely", () => {
  test("is told while a route starts and none is healthy: when it is healthy if it takes as long as the last ones", async () => {
    const { database, serviceId, model } = await openInstallation();
    const { sql } = database;
    await insertRoute(database, serviceId, model, "WARMING_UP");
    await sql`insert into route_events (service_id, route_id, kind, status, at, message)
      values (${serviceId}, ${model.route.id}, 'STATUS', 'SCHEDULING', now() - interval '100 seconds', ''),
        (${serviceId}, ${model.route.id}, 'STATUS', 'SCHEDULING', now() - interval '10 seconds', '')`;
    const secondsLeft = async () => {
      const [row] = await readRouteTable(database);
      return row?.expectedAt == null ? null : Math.round((row.expectedAt.getTime() - row.readAt.getTime()) / 1000);
    };
    expect(await secondsLeft()).toBeNull();
    await sql`update services set start_seconds = 30 where id = ${serviceId}`;
    expect(await secondsLeft()).toBe(20);
    await setStatus(database, model.route.id, "HEALTHY");
    expect(await secondsLeft()).toBeNull();
    await setStatus(database, model.route.id, "BACKING_OFF");
    expect(await secondsLeft()).toBeNull();
  });
});

describe("A gateway", () => {
  test("has a changed traffic policy within 50 ms, and what it allows at once", async () => {
    const { database, serviceId, model, openOne } = await openInstallation();
    await database.sql`update services set open_to_public = true where id = ${serviceId}`;
    await insertRoute(database, serviceId, model, "HEALTHY");
    const gateway = await openOne();
    const allow = (addresses: readonly string[]) =>
      database.sql`update services set traffic_policy = traffic_policy || ${JSON.stringify({ allowedAddresses: addresses })}::text::jsonb where id = ${serviceId}`;
    const tookMs: number[] = [];
    for (let round = 0; round < 9; round += 1) {
      await allow(["192.0.2.1"]);
      const changedAtMs = performance.now();
      let askedAtMs = changedAtMs;
      while ((await call(gateway.port)).status !== 403) askedAtMs = performance.now();
      tookMs.push(askedAtMs - changedAtMs);
      await allow(["127.0.0.0/8"]);
      expect((await call(gateway.port)).status).toBe(200);
    }
    // The median: others use the machine as well.
    expect(tookMs.toSorted((one, other) => one - other)[4]).toBeLessThan(50);
  });

  test("gives a canary its share from when the rollout begins, and as it changes", async () => {
    const { database, serviceId, model, openOne } = await openInstallation();
    await database.sql`update services set open_to_public = true where id = ${serviceId}`;
    await using fresh = await startModel();
    await insertRoute(database, serviceId, model, "HEALTHY");
    await insertRoute(database, serviceId, fresh, "HEALTHY");
    const revisionId = await insertRevision(database, serviceId);
    await database.sql`update routes set revision_id = ${revisionId} where id = ${fresh.route.id}`;
    const rolloutId = await insertRollout(database, serviceId, revisionId);
    const gateway = await openOne();
    const freshOf = async (count: number) => {
      const before = fresh.requests.length;
      for (let asked = 0; asked < count; asked += 1) await call(gateway.port);
      return fresh.requests.length - before;
    };
    expect(await freshOf(20)).toBe(2);
    await database.sql`update rollouts set step = 1 where id = ${rolloutId}`;
    await expect.poll(() => freshOf(20)).toBe(10);
  });

  test("holds requests from when the database says so until the successor is healthy", async () => {
    const { database, serviceId, model, openOne } = await openInstallation();
    const { sql } = database;
    await sql`update services set open_to_public = true where id = ${serviceId}`;
    await using old = await startModel();
    await insertRoute(database, serviceId, old, "HEALTHY");
    const gateway = await openOne();
    expect((await call(gateway.port)).status).toBe(200);
    await sql.begin(async (tx) => {
      await tx`update services set hold_until = now() + interval '60 seconds' where id = ${serviceId}`;
      await tx`update routes set status = 'DRAINING' where id = ${old.route.id}`;
    });
    await expect.poll(async () => (await sql`select 1 from gateways where jsonb_array_length(idle_draining_routes) = 1`).length).toBe(1);
    const answers = Array.from({ length: 10 }, () => call(gateway.port));
    await expect.poll(() => gateway.waiting()).toBe(10);
    await insertRoute(database, serviceId, model, "HEALTHY");
    expect(new Set((await Promise.all(answers)).map(({ status }) => status))).toEqual(new Set([200]));
    expect([old.requests.length, model.requests.length]).toEqual([1, 10]);
  });

  test("serves what the database says at its start, and follows every change of it", async () => {
    const { database, serviceId, model, openOne } = await openInstallation();
    await database.sql`update services set open_to_public = true where id = ${serviceId}`;
    await insertRoute(database, serviceId, model, "HEALTHY");
    const gateway = await openOne();
    const status = async () => (await call(gateway.port)).status;
    expect(await status()).toBe(200);

    await setStatus(database, model.route.id, "UNHEALTHY");
    await expect.poll(status).toBe(503);
    await setStatus(database, model.route.id, "HEALTHY");
    await expect.poll(status).toBe(200);
    await database.sql`update services set open_to_public = false where id = ${serviceId}`;
    await expect.poll(status).toBe(401);
    await database.sql`update services set terminated_at = now() where id = ${serviceId}`;
    await expect.poll(status).toBe(404);
  });

  test("refuses a revoked token within a second, and other tokens of the service stay good", async () => {
    const { database, serviceId, signer, model, openOne } = await openInstallation();
    await insertRoute(database, serviceId, model, "HEALTHY");
    const [revoked, kept] = [await createToken(database, serviceId), await createToken(database, serviceId)];
    const gateway = await openOne();
    const statusFor = async (tokenId: typeof kept) => {
      const token = await signer.sign({ tokenId, serviceId, issuedAt: new Date(), expiresAt: null });
      return (await call(gateway.port, { headers: ["Authorization", `BackendAI ${token}`] })).status;
    };
    expect([await statusFor(revoked), await statusFor(kept)]).toEqual([200, 200]);
    await database.sql`update tokens set revoked_at = now() where id = ${revoked}`;
    await expect.poll(() => statusFor(revoked), { timeout: 1000 }).toBe(401);
    expect(await statusFor(kept)).toBe(200);
  });

  test("takes tokens of a replaced signing key until it retires, and those of the new one at once", async () => {
    const { database, serviceId, signer, model, openOne } = await openInstallation();
    await insertRoute(database, serviceId, model, "HEALTHY");
    const tokenId = await createToken(database, serviceId);
    const [gateway, other] = [await openOne(), await openOne()];
    const signed = () => signer.sign({ tokenId, serviceId, issuedAt: new Date(), expiresAt: null });
    const statusOf = async (token: string, { port } = gateway) => (await call(port, { headers: ["Authorization", `Bearer ${token}`] })).status;
    const first = await signed();
    expect(await statusOf(first)).toBe(200);
    await signer.replaceKey(null);
    const second = await signed();
    expect([await statusOf(first), await statusOf(second)]).toEqual([200, 200]);
    await signer.replaceKey(3600);
    const third = await signed();
    // Of one that has not had to look for a key yet: more than once a second none does, and the news of a key may be late.
    expect([await statusOf(third, other), await statusOf(second, other), await statusOf(first, other)]).toEqual([200, 200, 200]);
    await signer.replaceKey(0);
    await expect.poll(async () => [await statusOf(first), await statusOf(second), await statusOf(third)], { timeout: 3000 }).toEqual([401, 401, 401]);
    expect(await statusOf(await signed())).toBe(200);
    // Of the retired ones nobody else hears: they are still known to be ours.
    await database.sql`update services set open_to_public = true where id = ${serviceId}`;
    await expect.poll(() => statusOf(first)).toBe(200);
    expect(model.requests.at(-1)?.headers.authorization).toBeUndefined();
  });

  test("says when a token was last used", async () => {
    const { database, serviceId, signer, openOne } = await openInstallation();
    const tokenId = await createToken(database, serviceId);
    const gateway = await openOne();
    const token = await signer.sign({ tokenId, serviceId, issuedAt: new Date(), expiresAt: null });
    await call(gateway.port, { headers: ["Authorization", `Bearer ${token}`] });
    await gateway[Symbol.asyncDispose]();
    const [row] = await database.sql`select last_used_at > now() - interval '1 minute' as is_recent from tokens where id = ${tokenId}`;
    expect(row).toEqual({ is_recent: true });
  });

  test("acknowledges a draining route only when nothing is in flight on it, and each gateway for itself", async () => {
    const { database, serviceId, openOne } = await openInstallation();
    await database.sql`update services set open_to_public = true where id = ${serviceId}`;
    await using model = await startModel((_request, response) => void response.write("begun"));
    await insertRoute(database, serviceId, model, "HEALTHY");
    const busy = await openOne();
    await openOne();
    const answer = await open(busy.port);
    const acknowledged = async () => {
      const rows = await database.sql<{ idle: RouteId[] }[]>`select idle_draining_routes as idle from gateways`;
      return rows.filter(({ idle }) => idle.includes(model.route.id)).length;
    };

    await setStatus(database, model.route.id, "DRAINING");
    await expect.poll(acknowledged).toBe(1);
    answer.destroy();
    await expect.poll(acknowledged).toBe(2);
    await database.sql`update routes set status = 'TERMINATED', terminated_at = now() where id = ${model.route.id}`;
    await expect.poll(acknowledged).toBe(0);
  });

  test("is listed while it lives, by the database's clock, and clears away those that died", async () => {
    const { database, openOne } = await openInstallation();
    await database.sql`insert into gateways (id, seen_at) values ('gw_dead', now() - interval '61 seconds'), ('gw_slow', now() - interval '30 seconds')`;
    const ids = async () => (await database.sql<{ id: string }[]>`select id from gateways where id <> 'gw_slow'`).map(({ id }) => id);
    const gateway = await openOne();
    const [id] = await ids();
    expect(await ids()).toEqual([expect.stringMatching(/^gw_/)]);
    expect(id).not.toBe("gw_dead");
    const [first] = await database.sql`select seen_at::text as at from gateways where id = ${id ?? ""}`;
    await expect
      .poll(() => database.sql`select 1 from gateways where id = ${id ?? ""} and seen_at > ${first?.["at"]}`, { timeout: 20_000 })
      .toHaveLength(1);
    await gateway[Symbol.asyncDispose]();
    expect(await ids()).toEqual([]);
  });
});
