import { afterAll, beforeAll, expect, test } from "vitest";
import { newId, type ServiceId } from "../../server/model/ids.ts";
import { noCounts, place, placeCount } from "../../server/model/traffic.ts";
import type { Database } from "../../server/store/database.ts";
import { deleteOldTraffic, mergeOldMinutes } from "../../server/store/old-traffic.ts";
import { countTokenRequests, readInFlight, readTraffic, recordTraffic } from "../../server/store/traffic.ts";
import { testDatabase } from "../support/database.ts";

let database: Database;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

const [one, other] = [newId("gateway"), newId("gateway")];
const thisMinute = () => new Date(Math.floor(Date.now() / 60_000) * 60_000);
const minutesAgo = (count: number) => new Date(thisMinute().getTime() - count * 60_000);
const counted = (requests: number): number[] => {
  const counts = Array.from(noCounts());
  counts[place.outcomes + 1] = requests;
  return counts;
};
const row = (serviceId: ServiceId, at: Date, requests: number, inFlight = 0) => ({
  serviceId,
  at,
  subject: serviceId,
  counts: counted(requests),
  inFlight,
});
const sumsOf = async (serviceId: ServiceId, stepSeconds = 60) => {
  const from = new Date(Math.floor(minutesAgo(30).getTime() / (stepSeconds * 1000)) * stepSeconds * 1000);
  const sums = await readTraffic(database, serviceId, { from, to: new Date(), stepSeconds, by: "SERVICE" });
  expect(sums.every(({ counts }) => counts.length === placeCount)).toBe(true);
  return sums.map(({ counts }) => counts[place.outcomes + 1]);
};

test("what several gateways have counted in a minute adds up", async () => {
  const service = newId("service");
  await recordTraffic(database, one, [row(service, minutesAgo(2), 3), row(service, minutesAgo(1), 1)], 1);
  await recordTraffic(database, other, [row(service, minutesAgo(2), 4)], 1);
  expect(await sumsOf(service)).toEqual([7, 1]);
  expect((await sumsOf(service, 3600)).reduce((sum = 0, count = 0) => sum + count, 0)).toBe(8);
});

test("telling a minute again takes the place of what was told, and what arrives late undoes nothing", async () => {
  const service = newId("service");
  await recordTraffic(database, one, [row(service, minutesAgo(1), 3)], 1);
  await recordTraffic(database, one, [row(service, minutesAgo(1), 5)], 3);
  await recordTraffic(database, one, [row(service, minutesAgo(1), 4)], 2);
  expect(await sumsOf(service)).toEqual([5]);
});

test("requests in flight are those of the newest minute of each gateway that still tells", async () => {
  const service = newId("service");
  await recordTraffic(database, one, [row(service, minutesAgo(1), 0, 7), row(service, thisMinute(), 0, 2)], 1);
  await recordTraffic(database, other, [row(service, thisMinute(), 0, 3)], 1);
  expect(await readInFlight(database, service)).toBe(5);
  await database.sql`update traffic set written_at = now() - interval '20 seconds' where gateway_id = ${other}`;
  expect(await readInFlight(database, service)).toBe(2);
});

test("what is older than its days is deleted, the rest stays", async () => {
  const service = newId("service");
  await recordTraffic(database, one, [row(service, minutesAgo(3 * 1440), 1), row(service, minutesAgo(1440), 1)], 1);
  expect(await deleteOldTraffic(database, 2)).toBe(1);
  expect(await deleteOldTraffic(database, 2)).toBe(0);
});

test("minutes of more than two days ago become hours of all gateways together, also those that come later; younger ones stay", async () => {
  const service = newId("service");
  const hour = new Date(Math.floor((Date.now() - 3 * 86_400_000) / 3_600_000) * 3_600_000);
  const minute = (count: number) => new Date(hour.getTime() + count * 60_000);
  await recordTraffic(database, one, [row(service, minute(3), 3), row(service, minute(40), 1), row(service, minutesAgo(1), 1)], 1);
  await recordTraffic(database, other, [row(service, minute(3), 4), row(service, minute(60), 2)], 1);
  await mergeOldMinutes(database);
  const rows = () => database.sql`
    select at, gateway_id as gateway, counts[2]::int as requests, cardinality(counts) as places from traffic where service_id = ${service} order by at`;
  const hourly = (at: Date, requests: number) => ({
    at: expect.stringContaining(at.toISOString().slice(11, 16)),
    gateway: "",
    requests,
    places: placeCount,
  });
  expect(await rows()).toEqual([hourly(hour, 8), hourly(minute(60), 2), expect.objectContaining({ gateway: one, requests: 1 })]);
  await recordTraffic(database, other, [row(service, minute(50), 5)], 2);
  await mergeOldMinutes(database);
  await mergeOldMinutes(database);
  expect(await rows()).toEqual([hourly(hour, 13), hourly(minute(60), 2), expect.objectContaining({ gateway: one, requests: 1 })]);
});

test("tokens without requests have none", async () => {
  expect(await countTokenRequests(database, [newId("token")])).toEqual([]);
});
