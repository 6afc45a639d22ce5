import { expect, test } from "vitest";
import { newId, type RouteId, type ServiceId } from "../../server/model/ids.ts";
import { testApi, type Data, type TestApi } from "../support/api.ts";

const query = `query ($id: ID!) { service(id: $id) { routes { launch {
  startedAt endedAt failedAt durationMs expectedMs phases { phase startedAt endedAt durationMs expectedMs } } } } }`;

type Row = [second: number, kind: string, status?: string];
/** As control writes it of a route that came as far as this. */
async function addRoute(api: TestApi, serviceId: ServiceId, rows: readonly Row[]): Promise<RouteId> {
  const id = newId("route");
  const { sql } = api.database;
  await sql`insert into routes (id, service_id, revision_id, session_id, status)
    select ${id}, id, revision_id, ${newId("session")}, 'SCHEDULING' from services where id = ${serviceId}`;
  for (const [second, kind, status] of rows) {
    await sql`insert into route_events (service_id, route_id, at, kind, status, message)
      values (${serviceId}, ${id}, timestamptz '2026-01-01 00:00:00Z' + ${second} * interval '1 second', ${kind}, ${status ?? null}, '')`;
  }
  return id;
}
const upTo = (healthyAt: number): Row[] => [
  [0, "STATUS", "PENDING"],
  [1, "STATUS", "SCHEDULING"],
  [2, "PLACED"],
  [2, "STATUS", "PREPARING"],
  [4, "STARTED"],
  [4, "STATUS", "WARMING_UP"],
  [healthyAt, "STATUS", "HEALTHY"],
];
const launchesOf = async (api: TestApi, id: ServiceId): Promise<Data[]> => {
  const { data, errors } = await api.ask(query, { id });
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  return data?.["service"].routes.map((route: Data) => route["launch"]);
};
const phaseOf = (launch: Data | undefined, name: string): Data => launch?.["phases"].find((one: Data) => one["phase"] === name);

test("a route tells how far its start is, and how long each phase took the last five times", async () => {
  await using api = await testApi();
  const { id } = await api.createService("a", await api.createFolder("models"));
  // Not among the five any more.
  await addRoute(api, id, upTo(1000));
  for (const end of [10, 20, 30, 40]) await addRoute(api, id, upTo(end));
  const restarted: Row[] = [
    [60, "EXITED"],
    [60, "STATUS", "BACKING_OFF"],
    [70, "STATUS", "SCHEDULING"],
    [70, "STATUS", "PREPARING"],
  ];
  await addRoute(api, id, [...upTo(50), ...restarted, [70, "STATUS", "WARMING_UP"], [71, "STATUS", "UNHEALTHY"], [72, "STATUS", "HEALTHY"]]);
  await addRoute(api, id, upTo(0).slice(0, 4));

  const launches = await launchesOf(api, id);
  const newest = launches.at(-1);
  expect(newest).toMatchObject({ startedAt: "2026-01-01T00:00:00.000Z", endedAt: null, failedAt: null, durationMs: null, expectedMs: 30_000 });
  expect(phaseOf(newest, "PLACED")).toMatchObject({ durationMs: 2000, expectedMs: 2000 });
  expect(phaseOf(newest, "PROCESS")).toMatchObject({ startedAt: "2026-01-01T00:00:02.000Z", endedAt: null, durationMs: null, expectedMs: 2000 });
  expect(phaseOf(newest, "FIRST_PASS")).toMatchObject({ startedAt: null, expectedMs: 26_000 });
  expect(phaseOf(newest, "IMAGE")).toMatchObject({ startedAt: null, durationMs: null, expectedMs: null });
  expect(launches[1]).toMatchObject({ endedAt: "2026-01-01T00:00:10.000Z", durationMs: 10_000 });
});

test("of routes of all services at once it costs the same few queries", async () => {
  await using api = await testApi();
  const folderId = await api.createFolder("models");
  for (const name of ["a", "b", "c"]) {
    const { id } = await api.createService(name, folderId);
    for (const end of [10, 20]) await addRoute(api, id, upTo(end));
  }
  const { sql } = api.database;
  const original = sql.unsafe.bind(sql);
  const texts: string[] = [];
  sql.unsafe = ((...args: Parameters<typeof original>) => {
    texts.push(args[0]);
    return original(...args);
  }) as typeof sql.unsafe;
  const { data } = await api.ask("{ services { edges { node { routes { launch { expectedMs } } } } } }");
  expect(data?.["services"].edges.map((edge: Data) => edge["node"].routes)).toEqual(
    Array.from({ length: 3 }, () => Array.from({ length: 2 }, () => ({ launch: { expectedMs: 15_000 } }))),
  );
  expect(texts.length).toBeLessThan(6);
});
