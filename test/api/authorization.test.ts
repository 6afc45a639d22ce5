import { once } from "node:events";
import { request } from "node:http";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { adminToken, testApi, type Data, type TestApi } from "../support/api.ts";

const viewer = JSON.stringify({ query: "{ viewer { name } }" });
const json = { "content-type": "application/json" };

/** By node:http, because fetch forbids to set an Origin. */
async function post(api: TestApi, path: string, headers: Record<string, string>, body: string, method = "POST") {
  const sent = request(`${api.url}${path}`, { method, headers: { ...json, ...headers } });
  sent.end(body);
  const [response] = await once(sent, "response");
  let text = "";
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode as number, headers: response.headers as Data, body: JSON.parse(text) as Data };
}

async function signIn(api: TestApi): Promise<string> {
  const { headers } = await post(api, "/sign-in", {}, JSON.stringify({ token: adminToken }));
  return (headers["set-cookie"] as string[])[0]?.split(";")[0] ?? "";
}

async function closeCodeOf(api: TestApi, headers: Record<string, string>, init: object | null): Promise<number> {
  const socket = new WebSocket(`${api.url.replace("http", "ws")}/graphql`, "graphql-transport-ws", { headers });
  const ended = new Promise<number>((resolve) => {
    socket.on("unexpected-response", (_request, response) => {
      resolve(response.statusCode ?? 0);
      socket.terminate();
    });
    socket.on("close", resolve).on("error", () => {});
    socket.on("message", (message) => {
      if (JSON.parse((message as Buffer).toString()).type === "connection_ack") socket.close(4999);
    });
  });
  socket.on("open", () => socket.send(JSON.stringify({ type: "connection_init", payload: init })));
  return ended;
}

test("without a valid token nothing is answered but 401 in JSON", async () => {
  await using api = await testApi();
  for (const path of ["/graphql", "/metrics"]) {
    for (const authorization of [undefined, "Bearer wrong", `Basic ${adminToken}`, `BackendAI ${adminToken}`, "Bearer", "nonsense"]) {
      const answer = await post(api, path, authorization === undefined ? {} : { authorization }, viewer);
      expect(answer.status, `${path} ${authorization}`).toBe(401);
      expect(answer.body.errors[0].extensions.code).toBe("UNAUTHENTICATED");
    }
  }
  expect((await post(api, "/graphql", { authorization: `Bearer ${adminToken}` }, viewer)).body.data.viewer.name).toBe("admin");
});

test("open to everybody are only health, readiness, the console and signing in", async () => {
  await using api = await testApi();
  expect(await (await fetch(`${api.url}/healthz`)).json()).toEqual({ status: "ok" });
  expect(await (await fetch(`${api.url}/readyz`)).json()).toEqual({ ready: true, reasons: [] });
  const page = await fetch(`${api.url}/services`, { headers: { accept: "text/html" } });
  expect(await page.text()).toContain("The console has not been built");
  expect((await fetch(`${api.url}/nothing`)).status).toBe(404);
});

test("only an administrator reads the metrics", async () => {
  await using api = await testApi();
  const other = await api.createOtherUser();
  const metrics = (token: string) => fetch(`${api.url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
  expect(await (await metrics(adminToken)).text()).toContain("serai_up");
  expect((await metrics(other)).status).toBe(403);
});

test("the console's cookie works from the console's own address and from no other", async () => {
  await using api = await testApi();
  const cookie = await signIn(api);
  expect(cookie).not.toContain(adminToken);
  const ask = (headers: Record<string, string>) => post(api, "/graphql", { cookie, ...headers }, viewer);
  expect(await ask({ origin: api.url })).toMatchObject({ status: 200, body: { data: { viewer: { name: "admin" } } } });
  const other = ["http://evil.example", api.url.replace("http", "https"), api.url.replace("127.0.0.1", "localhost"), "null", `${api.url}/`];
  for (const origin of other) expect(await ask({ origin }), origin).toMatchObject({ status: 403 });
  expect(await ask({})).toMatchObject({ status: 403 });
  expect(await post(api, "/graphql", { cookie: `${cookie}x`, origin: api.url }, viewer)).toMatchObject({ status: 401 });
});

test("signing in gives a cookie that scripts cannot read, and signing out takes it away", async () => {
  await using api = await testApi();
  const { headers, body } = await post(api, "/sign-in", {}, JSON.stringify({ token: adminToken }));
  expect(headers["set-cookie"][0]).toMatch(/^serai_session=\S+; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/);
  expect(body.user.name).toBe("admin");
  const proxied = await post(api, "/sign-in", { "x-forwarded-proto": "https" }, JSON.stringify({ token: adminToken }));
  expect(proxied.headers["set-cookie"][0]).toMatch(/; Secure$/);
  expect((await post(api, "/sign-out", {}, "")).headers["set-cookie"][0]).toMatch(/^serai_session=; Path=\/; Max-Age=0;/);
  expect(await post(api, "/sign-in", {}, "", "GET")).toMatchObject({ status: 405 });
});

test("wrong tokens at the sign-in are answered 401, and after ten of them slowed down, but never the right one", async () => {
  await using api = await testApi();
  const guess = (body: string) => post(api, "/sign-in", {}, body);
  for (const body of ["", "{", "[]", "null", '{"token": 1}', `{"token": "${"x".repeat(10_000)}"}`]) expect((await guess(body)).status).toBe(400);
  for (let count = 0; count < 10; count += 1) {
    expect(await guess('{"token": "wrong"}')).toMatchObject({ status: 401, body: { message: "No user has this token." } });
  }
  expect((await guess('{"token": "wrong"}')).status).toBe(429);
  expect((await guess(JSON.stringify({ token: adminToken }))).status).toBe(200);
});

test("a cookie ends when the user's token is changed", async () => {
  await using api = await testApi();
  const cookie = await signIn(api);
  await api.database.sql`update users set token_hash = 'another' where name = 'admin'`;
  expect((await post(api, "/graphql", { cookie, origin: api.url }, viewer)).status).toBe(401);
});

test("a WebSocket needs the same authorization", async () => {
  await using api = await testApi();
  const cookie = await signIn(api);
  const authorization = `Bearer ${adminToken}`;
  const accepted = 4999;
  expect(await closeCodeOf(api, {}, { authorization })).toBe(accepted);
  expect(await closeCodeOf(api, { authorization }, null)).toBe(accepted);
  expect(await closeCodeOf(api, { cookie, origin: api.url }, null)).toBe(accepted);
  expect(await closeCodeOf(api, {}, null)).toBe(4401);
  expect(await closeCodeOf(api, {}, { authorization: "Bearer wrong" })).toBe(4401);
  expect(await closeCodeOf(api, { authorization: "Bearer wrong" }, null)).toBe(401);
  expect(await closeCodeOf(api, { cookie, origin: "http://evil.example" }, null)).toBe(403);
  expect(await closeCodeOf(api, { cookie }, null)).toBe(403);
});

test("another project's objects are not found, whatever is asked of them", async () => {
  await using api = await testApi();
  const folderId = await api.createFolder("mine");
  const { id } = await api.createService("mine", folderId);
  const { token } = await api.change("createToken", { serviceId: id }, "token { id }");
  const other = await api.createOtherUser();

  const { data } = await api.ask("query ($id: ID!) { service(id: $id) { revision { id } } }", { id });
  const revisionId = data?.["service"].revision.id;

  for (const node of [folderId, id, token.id, revisionId])
    expect((await api.ask("query ($id: ID!) { node(id: $id) { id } }", { id: node }, other)).data).toEqual({ node: null });
  const lists = "query ($id: ID!) { service(id: $id) { id } folder(id: $id) { id } services { edges { cursor } } folders { edges { cursor } } }";
  expect((await api.ask(lists, { id }, other)).data).toEqual({ service: null, folder: null, services: { edges: [] }, folders: { edges: [] } });
  const changes: [string, object, string][] = [
    ["deleteFolder", { id: folderId }, "id"],
    ["writeFile", { folderId, path: "a", content: "b" }, "file { path }"],
    ["createService", { name: "theirs", folderId }, "service { id }"],
    ["modifyService", { id, name: "theirs" }, "service { id }"],
    ["modifyService", { id, resources: { cpu: 9 } }, "service { id }"],
    ["rollBackService", { id, revisionId }, "service { id }"],
    ["restartService", { id }, "service { id }"],
    ["promoteRollout", { id }, "service { id }"],
    ["revertRollout", { id }, "service { id }"],
    ["terminateService", { id }, "service { id }"],
    ["clearErrorsAndRetry", { id }, "service { id }"],
    ["createToken", { serviceId: id }, "secret"],
    ["copyToken", { id: token.id }, "secret"],
    ["revokeToken", { id: token.id }, "token { id }"],
  ];
  for (const [name, input, selection] of changes) {
    expect((await api.change(name, input, selection, other))["__typename"], name).toBe("NotFoundError");
  }
  await using live = api.subscribe("subscription ($id: ID!) { service(id: $id) { id } }", { id }, other);
  expect(await live.next()).toEqual({ service: null });
  await using history = api.subscribe("subscription ($id: ID!) { routeEvents(serviceId: $id) { cursor } }", { id }, other);
  await expect(history.next()).rejects.toThrow(/There is no service/);
});
