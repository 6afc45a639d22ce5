import { expect, test } from "vitest";
import { endable } from "../../schema/live.ts";
import { newId, type RouteId, type ServiceId } from "../../server/model/ids.ts";
import { inTransaction } from "../../server/store/database.ts";
import { recordTokenUse } from "../../server/store/gateways.ts";
import { refreshServiceStatus } from "../../server/store/service-status.ts";
import { adminToken, testApi, type Data, type TestApi } from "../support/api.ts";

const serviceQuery =
  "subscription ($id: ID!) { service(id: $id) { id name status desiredRouteCount routeCounts { desired healthy } routes { id status } tokens { name } } }";
const listQuery = "subscription { services { kind id service { name status routeCounts { healthy } } } }";
const eventsQuery =
  "subscription ($id: ID!, $after: String) { routeEvents(serviceId: $id, after: $after) { cursor event { id kind message user { name } } } }";

async function serviceOf(api: TestApi, name = "a"): Promise<ServiceId> {
  const folders = await api.ask("{ folders { edges { node { id } } } }");
  const folderId = folders.data?.["folders"].edges[0]?.node.id ?? (await api.createFolder("models"));
  return (await api.createService(name, folderId)).id;
}

/** What control does when a route becomes healthy. */
async function addHealthyRoute(api: TestApi, serviceId: ServiceId): Promise<RouteId> {
  const id = newId("route");
  await inTransaction(api.database, async (tx) => {
    await refreshServiceStatus(tx, serviceId);
    const { sql } = await import("drizzle-orm");
    await tx.execute(sql`
      insert into routes (id, service_id, revision_id, session_id, status, host, port)
      select ${id}, id, revision_id, ${newId("session")}, 'HEALTHY', '127.0.0.1', 1 from services where id = ${serviceId}`);
    await refreshServiceStatus(tx, serviceId);
  });
  return id;
}

const terminate = (api: TestApi, id: ServiceId) =>
  api.database.sql.begin(async (sql) => {
    await sql`update routes set status = 'TERMINATED', terminated_at = now(), host = null, port = null where service_id = ${id}`;
    await sql`update services set status = 'TERMINATED', terminating_at = now(), terminated_at = now() where id = ${id}`;
  });

test("a subscriber to a service gets the present state, each change with the routes of the same instant, and the end", async () => {
  await using api = await testApi();
  const id = await serviceOf(api);
  await using live = api.subscribe(serviceQuery, { id });
  expect(await live.next()).toMatchObject({ service: { id, status: "PROVISIONING", routes: [], routeCounts: { desired: 1, healthy: 0 } } });

  await addHealthyRoute(api, id);
  expect(await live.next()).toMatchObject({ service: { status: "HEALTHY", routes: [{ status: "HEALTHY" }], routeCounts: { healthy: 1 } } });
  await api.change("createToken", { serviceId: id, name: "ci" }, "secret");
  expect(await live.next()).toMatchObject({ service: { tokens: [{ name: "ci" }] } });
  await api.change("modifyService", { id, name: "b" }, "service { id }");
  expect(await live.next()).toMatchObject({ service: { name: "b" } });
  await terminate(api, id);
  expect(await live.next()).toMatchObject({ service: { status: "TERMINATED", routes: [] } });
  expect(await live.next()).toBeNull();
});

test("a subscriber never sees an older state after a newer one, and always the last, however fast it changes", async () => {
  await using api = await testApi();
  const id = await serviceOf(api);
  await using live = api.subscribe(serviceQuery, { id });
  const seen: number[] = [(await live.next())?.["service"].desiredRouteCount];
  const writing = (async () => {
    for (let count = 2; count <= 60; count += 1) await api.change("modifyService", { id, desiredRouteCount: count }, "service { id }");
  })();
  while (seen.at(-1) !== 60) seen.push((await live.next())?.["service"].desiredRouteCount);
  await writing;
  expect(seen).toEqual(seen.toSorted((one, other) => one - other));
  expect(new Set(seen).size).toBe(seen.length);
});

test("what cannot be seen sends nothing", async () => {
  await using api = await testApi();
  const id = await serviceOf(api);
  await using live = api.subscribe(serviceQuery, { id });
  await live.next();
  for (let count = 0; count < 20; count += 1) await api.database.sql`update services set name = name where id = ${id}`;
  await api.change("modifyService", { id, name: "changed" }, "service { id }");
  expect(await live.next()).toMatchObject({ service: { name: "changed" } });
});

test("a service that does not exist is null once", async () => {
  await using api = await testApi();
  for (const id of ["nonsense", newId("service")]) {
    await using live = api.subscribe(serviceQuery, { id });
    expect(await live.next()).toEqual({ service: null });
    expect(await live.next()).toBeNull();
  }
});

test("a subscriber to the list gets all that are there, then READY, then every change", async () => {
  await using api = await testApi();
  const [one, two] = [await serviceOf(api, "one"), await serviceOf(api, "two")];
  await terminate(api, await serviceOf(api, "gone"));
  await using live = api.subscribe(listQuery);
  const next = async () => (await live.next())?.["services"];
  expect([await next(), await next(), await next()]).toMatchObject([
    { kind: "PRESENT", id: one, service: { name: "one" } },
    { kind: "PRESENT", id: two, service: { name: "two" } },
    { kind: "READY", id: null, service: null },
  ]);
  const three = await serviceOf(api, "three");
  expect(await next()).toMatchObject({ kind: "CHANGED", id: three, service: { name: "three" } });
  await addHealthyRoute(api, one);
  expect(await next()).toMatchObject({ kind: "CHANGED", id: one, service: { status: "HEALTHY", routeCounts: { healthy: 1 } } });
  await terminate(api, two);
  expect(await next()).toEqual({ kind: "REMOVED", id: two, service: null });
});

test("another project's services are not in the list, not even when they change", async () => {
  await using api = await testApi();
  const other = await api.createOtherUser();
  await using live = api.subscribe(listQuery, {}, other);
  expect((await live.next())?.["services"].kind).toBe("READY");
  await serviceOf(api, "mine");
  const theirs = await api.change("createFolder", { name: "theirs", usage: "MODEL" }, "folder { id }", other);
  const made = await api.change("createService", { name: "theirs", folderId: theirs["folder"].id }, "service { id }", other);
  expect((await live.next())?.["services"]).toMatchObject({ kind: "CHANGED", id: made["service"].id });
});

test("the history starts at the first event or after the cursor, and loses and repeats none under many writers", async () => {
  await using api = await testApi();
  const id = await serviceOf(api);
  const [other] = [await serviceOf(api, "other")];
  await api.change("clearErrorsAndRetry", { id }, "service { id }");
  await using live = api.subscribe(eventsQuery, { id });
  const first = (await live.next())?.["routeEvents"];
  expect(first.event).toMatchObject({ kind: "CLEARED", user: { name: "admin" } });

  const count = 60;
  const writing = Promise.all(
    Array.from({ length: count }, (_, index) =>
      Promise.all([
        api.change("createToken", { serviceId: id, name: `t${index}` }, "secret"),
        api.change("createToken", { serviceId: other, name: `t${index}` }, "secret"),
      ]),
    ),
  );
  const received: Data[] = [];
  while (received.length < count) received.push((await live.next())?.["routeEvents"]);
  await writing;
  const ids = received.map(({ event }) => Number(event.id));
  expect(ids).toEqual(ids.toSorted((one, two) => one - two));
  const written = await api.database.sql<{ id: string }[]>`select id from route_events where service_id = ${id} order by id offset 1`;
  expect(ids).toEqual(written.map((row) => Number(row.id)));

  const middle = received[29]?.["cursor"];
  await using rest = api.subscribe(eventsQuery, { id, after: middle });
  expect((await rest.next())?.["routeEvents"]).toEqual(received[30]);
});

test("subscriptions also come over SSE, and end when the client leaves", async () => {
  await using api = await testApi();
  const id = await serviceOf(api);
  const leaving = new AbortController();
  const response = await fetch(`${api.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream", authorization: `Bearer ${adminToken}` },
    body: JSON.stringify({ query: "subscription ($id: ID!) { service(id: $id) { name } }", variables: { id } }),
    signal: leaving.signal,
  });
  expect(response.headers.get("content-type")).toContain("text/event-stream");
  let text = "";
  const reading = (async () => {
    for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString("utf8");
  })().catch(() => {});
  await expect.poll(() => text).toContain('{"data":{"service":{"name":"a"}}}');
  await api.change("modifyService", { id, name: "b" }, "service { id }");
  await expect.poll(() => text).toContain('{"data":{"service":{"name":"b"}}}');
  leaving.abort();
  await reading;
});

test("a subscriber outlives a loss of every connection to the database", async () => {
  await using api = await testApi();
  const id = await serviceOf(api);
  await using live = api.subscribe(serviceQuery, { id });
  await live.next();
  await api.database.sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;
  const rename = () =>
    api.change("modifyService", { id, name: "after" }, "service { id }").then(
      () => true,
      () => false,
    );
  await expect.poll(rename, { timeout: 20_000 }).toBe(true);
  expect(await live.next()).toMatchObject({ service: { name: "after" } });
});

test("a subscription that ends by itself leaves nothing behind that changes pile up in", async () => {
  await using api = await testApi();
  const ended = await serviceOf(api);
  await terminate(api, ended);
  for (const id of [newId("service"), ended]) {
    await using live = api.subscribe(serviceQuery, { id });
    await live.next();
    expect(await live.next()).toBeNull();
  }
  const failing = endable(async function* (signal) {
    api.changes.subscribe(signal);
    yield 1;
    throw new Error("the read failed");
  });
  await failing.next();
  await expect(failing.next()).rejects.toThrow("the read failed");
  await expect.poll(() => api.changes.subscribers).toBe(0);
});

test("that a token is used wakes nobody; that it is revoked does", async () => {
  await using api = await testApi();
  const serviceId = await serviceOf(api);
  const { token } = await api.change("createToken", { serviceId }, "token { id }");
  const version = () => api.database.sql`select last_value from change_version`;
  const before = await version();
  await recordTokenUse(api.database, [token.id]);
  expect(await version()).toEqual(before);
  expect(await api.database.sql`select 1 from tokens where last_used_at is not null`).toHaveLength(1);
  await api.change("revokeToken", { id: token.id }, "token { id }");
  expect(await version()).not.toEqual(before);
});
