import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newId, type RevisionId, type RouteId, type ServiceId, type TokenId } from "../../server/model/ids.ts";
import { bucketOf, noCounts, outcomePlace, place } from "../../server/model/traffic.ts";
import { recordTraffic } from "../../server/store/traffic.ts";
import { type Data, testApi, type TestApi } from "../support/api.ts";

let api: TestApi;
let service: ServiceId;
let revision: RevisionId;
let tokenId: TokenId;
const routes: RouteId[] = [newId("route"), newId("route")];
const gateways = [newId("gateway"), newId("gateway")] as const;
const minuteMs = 60_000;
const nowMinuteMs = Math.floor(Date.now() / minuteMs) * minuteMs;
const minutesAgo = (count: number) => new Date(nowMinuteMs - count * minuteMs);

type Counted = { readonly ok?: number; readonly failed?: number; readonly broken?: number; readonly ms?: number; readonly inFlightMs?: number };
function countsOf({ ok = 0, failed = 0, broken = 0, ms = 100, inFlightMs = 0 }: Counted): number[] {
  const counts = noCounts();
  counts[outcomePlace("2xx")] = ok;
  counts[outcomePlace("5xx")] = failed;
  counts[outcomePlace("broken")] = broken;
  counts[place.latency + bucketOf(ms)] = ok + failed + broken;
  counts[place.inFlightMs] = inFlightMs;
  return Array.from(counts);
}
const rowOf = (at: Date, subject: ServiceId | RouteId | TokenId, counted: Counted) => ({
  serviceId: service,
  at,
  subject,
  counts: countsOf(counted),
  inFlight: 1,
});

async function read(args: string, selection: string): Promise<Data> {
  const { data, errors } = await api.ask(`query ($id: ID!) { service(id: $id) { traffic${args} { ${selection} } } }`, { id: service });
  if (errors !== undefined) throw new Error(errors[0]?.["message"]);
  return data?.["service"].traffic;
}

beforeAll(async () => {
  api = await testApi();
  service = (await api.createService("busy", await api.createFolder("models"))).id;
  const { data } = await api.ask("query ($id: ID!) { service(id: $id) { revision { id } } }", { id: service });
  revision = data?.["service"].revision.id;
  for (const id of routes)
    await api.database
      .sql`insert into routes (id, service_id, revision_id, session_id, status) values (${id}, ${service}, ${revision}, ${newId("session")}, 'PENDING')`;
  tokenId = (await api.change("createToken", { serviceId: service, name: "one" }, "token { id }"))["token"].id;
  const [first, second] = routes as [RouteId, RouteId];
  await recordTraffic(
    api.database,
    gateways[0],
    [
      rowOf(minutesAgo(3), first, { ok: 60, inFlightMs: 30_000 }),
      rowOf(minutesAgo(3), second, { ok: 10, ms: 3000 }),
      rowOf(minutesAgo(3), service, { failed: 6 }),
      rowOf(minutesAgo(3), tokenId, { ok: 12 }),
    ],
    1,
  );
  await recordTraffic(api.database, gateways[1], [rowOf(minutesAgo(3), first, { ok: 60, broken: 2 }), rowOf(minutesAgo(3), tokenId, { ok: 3 })], 1);
});
afterAll(() => api?.[Symbol.asyncDispose]());

describe("The traffic of a service", () => {
  test("is a point for each minute of the last hour, of all its gateways and routes together", async () => {
    const { stepSeconds, series } = await read(
      "",
      "stepSeconds series { id requests points { at seconds requests serverErrors inFlight latencyP50 latencyP99 } }",
    );
    expect(stepSeconds).toBe(60);
    expect(series).toHaveLength(1);
    expect(series[0].id).toBeNull();
    expect(series[0].requests).toBe(138);
    expect(series[0].points.length).toBeGreaterThanOrEqual(60);
    const busy = series[0].points.filter((point: Data) => point["requests"] > 0);
    expect(busy).toHaveLength(1);
    expect(busy[0]).toMatchObject({ at: minutesAgo(3).toISOString(), seconds: 60, requests: 138, serverErrors: 8, inFlight: 0.5 });
    expect(busy[0].latencyP50).toBeGreaterThan(80);
    expect(busy[0].latencyP50).toBeLessThan(140);
    expect(busy[0].latencyP99).toBeGreaterThan(2000);
    const quiet = series[0].points.find((point: Data) => point["requests"] === 0);
    expect(quiet).toMatchObject({ inFlight: 0, latencyP50: null, latencyP99: null });
  });

  test("by route has what no route answered apart, the busiest first", async () => {
    const { series, omitted } = await read("(by: ROUTE)", "omitted series { id requests }");
    expect(series).toEqual([
      { id: routes[0], requests: 122 },
      { id: routes[1], requests: 10 },
      { id: null, requests: 6 },
    ]);
    expect(omitted).toBe(0);
  });

  test("by revision adds its routes up", async () => {
    const { series } = await read("(by: REVISION)", "series { id requests }");
    expect(series).toEqual([
      { id: revision, requests: 132 },
      { id: null, requests: 6 },
    ]);
  });

  test("of longer times has longer steps, and as many requests", async () => {
    const from = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
    for (const days of [1, 7, 90]) {
      const { stepSeconds, series } = await read(`(from: "${from(days)}")`, "stepSeconds series { requests points { requests } }");
      expect(series[0].points.length).toBeLessThanOrEqual(121);
      expect(stepSeconds).toBeGreaterThanOrEqual((days * 86_400) / 121);
      expect(series[0].requests).toBe(138);
    }
  });

  test("is nothing, not unknown, where nobody has called", async () => {
    const quiet = (await api.createService("quiet", await api.createFolder("others"))).id;
    const { data } = await api.ask("query ($id: ID!) { service(id: $id) { traffic { inFlight series { requests points { requests } } } } }", {
      id: quiet,
    });
    expect(data?.["service"].traffic.series[0].requests).toBe(0);
    expect(data?.["service"].traffic.series[0].points.length).toBeGreaterThanOrEqual(60);
    expect(data?.["service"].traffic.inFlight).toBe(0);
  });

  test("refuses times that are none", async () => {
    await expect(read('(from: "2026-01-02T00:00:00Z", to: "2026-01-01T00:00:00Z")', "stepSeconds")).rejects.toThrow("from must be before to.");
    await expect(read('(from: "0001-01-01T00:00:00Z")', "stepSeconds")).rejects.toThrow("at most 1000 days");
  });

  test("is not read by another project", async () => {
    const other = await api.createOtherUser();
    const { data } = await api.ask("query ($id: ID!) { service(id: $id) { traffic { inFlight } } }", { id: service }, other);
    expect(data?.["service"]).toBeNull();
  });
});

test("a token says how many requests it has let in, over all gateways", async () => {
  const { data } = await api.ask("query ($id: ID!) { service(id: $id) { tokens { id requestsLastDay } } }", { id: service });
  expect(data?.["service"].tokens).toEqual([{ id: tokenId, requestsLastDay: 15 }]);
});
