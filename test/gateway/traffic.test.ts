/** From requests at several gateways to what the database says of them. */
import { expect, onTestFinished, test } from "vitest";
import { openVerifier } from "../../server/auth/keys.ts";
import { gatewayStoreOf } from "../../server/gateway/gateway-store.ts";
import { openGateway } from "../../server/gateway/gateway.ts";
import { silentLog } from "../../server/log.ts";
import type { ServiceId } from "../../server/model/ids.ts";
import { outcomes, place, requestsIn } from "../../server/model/traffic.ts";
import { openChanges } from "../../server/store/changes.ts";
import { type Database, openDatabase } from "../../server/store/database.ts";
import { readInFlight, readTraffic } from "../../server/store/traffic.ts";
import { openTcpProxy } from "../support/tcp-proxy.ts";
import { insertRoute, openInstallation } from "./installation.ts";
import { call, startModel } from "./world.ts";

const patience = { timeout: 30_000 };
const minuteMs = 60_000;

async function sumsOf(database: Database, serviceId: ServiceId, by: "SERVICE" | "ROUTE" = "SERVICE") {
  const from = new Date(Math.floor(Date.now() / minuteMs) * minuteMs - 10 * minuteMs);
  const sums = await readTraffic(database, serviceId, { from, to: new Date(Date.now() + minuteMs), stepSeconds: 60, by });
  return {
    requests: sums.reduce((sum, { counts }) => sum + requestsIn(counts), 0),
    of: (outcome: (typeof outcomes)[number]) => sums.reduce((sum, { counts }) => sum + (counts[place.outcomes + outcomes.indexOf(outcome)] ?? 0), 0),
    routes: new Set(sums.map(({ id }) => id)),
  };
}

/** A gateway whose database can be taken away. */
async function openDistant(databaseUrl: string) {
  const closing = new AsyncDisposableStack();
  onTestFinished(() => closing.disposeAsync());
  const proxy = closing.use(await openTcpProxy(databaseUrl));
  const database = closing.use(openDatabase(proxy.url));
  const changes = closing.use(await openChanges(database, silentLog));
  const options = { store: gatewayStoreOf(database), changes, verifier: await openVerifier(database), host: "127.0.0.1", port: 0, log: silentLog };
  return { gateway: await openGateway(options), proxy };
}

test("what several gateways have counted is in the database within seconds, also what was counted in a gateway's last moment", async () => {
  const { database, serviceId, openOne, model } = await openInstallation();
  await insertRoute(database, serviceId, model, "HEALTHY");
  await database.sql`update services set open_to_public = true where id = ${serviceId}`;
  const [one, other] = [await openOne(), await openOne()];
  for (let each = 0; each < 10; each += 1) await call(each % 2 === 0 ? one.port : other.port);
  await expect.poll(async () => (await sumsOf(database, serviceId)).of("2xx"), patience).toBe(10);
  expect((await sumsOf(database, serviceId, "ROUTE")).routes).toEqual(new Set([model.route.id]));
  for (let each = 0; each < 5; each += 1) await call(other.port);
  await other[Symbol.asyncDispose]();
  expect((await sumsOf(database, serviceId)).requests).toBe(15);
});

test("requests in flight are told while they are, and gone when they have ended", async () => {
  const { database, serviceId, openOne } = await openInstallation();
  const waiting: (() => void)[] = [];
  await using slow = await startModel((_request, response) => void waiting.push(() => void response.end("hello")));
  await insertRoute(database, serviceId, slow, "HEALTHY");
  await database.sql`update services set open_to_public = true where id = ${serviceId}`;
  const gateway = await openOne();
  const calls = [call(gateway.port), call(gateway.port)];
  await expect.poll(() => readInFlight(database, serviceId), patience).toBe(2);
  for (const end of waiting) end();
  await Promise.all(calls);
  await expect.poll(() => readInFlight(database, serviceId), patience).toBe(0);
});

test.each(["refuse", "swallow"] as const)("what is counted while the database is away (%s) is there when it is back, once", async (how) => {
  const { database, serviceId, model } = await openInstallation();
  await insertRoute(database, serviceId, model, "HEALTHY");
  await database.sql`update services set open_to_public = true where id = ${serviceId}`;
  const { gateway, proxy } = await openDistant(database.url);
  await using closing = new AsyncDisposableStack();
  closing.use(gateway);
  for (let each = 0; each < 3; each += 1) await call(gateway.port);
  await expect.poll(async () => (await sumsOf(database, serviceId)).requests, patience).toBe(3);
  proxy[how]();
  for (let each = 0; each < 4; each += 1) expect((await call(gateway.port)).status).toBe(200);
  // Long enough for it to have been told, had it arrived.
  await expect.poll(() => gateway.tableAgeMs(), patience).toBeGreaterThan(7000);
  expect((await sumsOf(database, serviceId)).requests).toBe(3);
  proxy.forwardNewConnections();
  await expect.poll(async () => (await sumsOf(database, serviceId)).requests, patience).toBe(7);
});
