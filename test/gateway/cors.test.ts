import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { silentLog } from "../../server/log.ts";
import { newId } from "../../server/model/ids.ts";
import { call, openWorld, serviceRow, startModel, tokenFor, type World } from "./world.ts";

const console = "http://localhost:4400";
const app = "https://app.example.com";

let closing: AsyncDisposableStack;
let world: World;
beforeEach(async () => {
  closing = new AsyncDisposableStack();
  world = closing.use(await openWorld(silentLog, undefined, undefined, { consoleOrigins: [console] }));
});
afterEach(() => closing.disposeAsync());

const from = (origin: string) => ["Host", "service.test", "Origin", origin];
const preflight = (origin: string, headers = from(origin), path = "/") =>
  call(world.port, {
    method: "OPTIONS",
    path,
    headers: [...headers, "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization,content-type"],
  });
const allowedIn = ({ headers }: Awaited<ReturnType<typeof call>>) => headers["access-control-allow-origin"];

async function showPrivate(overrides: Partial<ReturnType<typeof serviceRow>> = {}) {
  const model = closing.use(
    await startModel((_request, response) => {
      response.writeHead(200, ["Access-Control-Allow-Origin", "*", "Access-Control-Allow-Credentials", "true", "Vary", "Accept"]);
      response.end("hello");
    }),
  );
  const row = serviceRow({ openToPublic: false, routes: [model.route], allowedOrigins: [app], ...overrides });
  await world.show(row);
  return { model, row, authorization: ["Authorization", `Bearer ${tokenFor(row.id)}`] };
}

describe.each([
  ["the console", console],
  ["an origin that the service allows", app],
])("A page of %s", (_who, origin) => {
  test("may ask a private service for anything, and its preflight does not reach the model", async () => {
    const { model } = await showPrivate();
    const answer = await preflight(origin);
    expect([answer.status, answer.text]).toEqual([204, ""]);
    expect(answer.headers).toMatchObject({
      "access-control-allow-origin": origin,
      "access-control-allow-methods": "POST",
      "access-control-allow-headers": "authorization,content-type",
      "access-control-max-age": "600",
    });
    expect(answer.headers).not.toHaveProperty("access-control-allow-credentials");
    expect(model.requests).toEqual([]);
  });

  test("may read the answer, in which the model's own word on it is replaced", async () => {
    const { authorization } = await showPrivate();
    const answer = await call(world.port, { headers: [...from(origin), ...authorization] });
    expect([answer.status, answer.text]).toEqual([200, "hello"]);
    expect(answer.headers).toMatchObject({ "access-control-allow-origin": origin, "access-control-expose-headers": "*", vary: "Accept, Origin" });
    expect(answer.headers).not.toHaveProperty("access-control-allow-credentials");
  });

  test("may read what is said in place of another protocol, by the model or by the gateway", async () => {
    const { row, authorization } = await showPrivate();
    const headers = [...from(origin), "Connection", "Upgrade", "Upgrade", "x-other"];
    const answer = await call(world.port, { headers: [...headers, ...authorization] });
    expect([answer.status, answer.text]).toEqual([200, "hello"]);
    expect(answer.headers).toMatchObject({ "access-control-allow-origin": origin, "access-control-expose-headers": "*", vary: "Accept, Origin" });
    expect(answer.headers).not.toHaveProperty("access-control-allow-credentials");
    expect(allowedIn(await call(world.port, { headers }))).toBe(origin);
    await world.show({ ...row, routes: [] });
    const refused = await call(world.port, { headers: [...headers, ...authorization] });
    expect([refused.status, allowedIn(refused)]).toEqual([503, origin]);
  });

  test("may read why it was refused", async () => {
    await showPrivate({ routes: [] });
    const refused = await call(world.port, { headers: from(origin) });
    expect([refused.status, allowedIn(refused)]).toEqual([401, origin]);
  });
});

test("A page of any other origin is not let in: its preflight needs a token like everything, and the model's word passes as it is", async () => {
  const { authorization, model } = await showPrivate();
  for (const origin of ["https://evil.example.com", "null", "http://localhost:4401", `${app}.evil.example.com`, app.toUpperCase()]) {
    const refused = await preflight(origin);
    expect([refused.status, allowedIn(refused)]).toEqual([401, undefined]);
  }
  expect(model.requests).toEqual([]);
  const answer = await call(world.port, { headers: [...from("https://evil.example.com"), ...authorization] });
  expect(answer.headers).toMatchObject({ "access-control-allow-origin": "*", "access-control-allow-credentials": "true", vary: "Accept" });
});

test("Two origins in one request are none", async () => {
  await showPrivate();
  const refused = await preflight(console, [...from(console), "Origin", app]);
  expect([refused.status, allowedIn(refused)]).toEqual([401, undefined]);
});

test("Who is not a page is answered without a word of it", async () => {
  const { authorization } = await showPrivate();
  const answer = await call(world.port, { headers: authorization });
  expect(answer.headers).toMatchObject({ "access-control-allow-origin": "*" });
  expect(answer.headers).not.toHaveProperty("access-control-expose-headers");
});

test("A service can allow every origin, which is then named and not `*`", async () => {
  const { authorization } = await showPrivate({ allowedOrigins: ["*"] });
  expect(allowedIn(await preflight("https://anywhere.example.com"))).toBe("https://anywhere.example.com");
  expect(allowedIn(await call(world.port, { headers: [...from("null"), ...authorization] }))).toBe("null");
});

test("The console can read that there is no service", async () => {
  await world.show();
  const answer = await call(world.port, { headers: from(console) });
  expect([answer.status, allowedIn(answer)]).toEqual([404, console]);
});

describe("At the main address", () => {
  const front = (origin: string) => ["Host", "gateway.test", "Origin", origin];
  const path = "/v1/chat/completions";

  test("a preflight is answered for whom any service allows, and the answer for whom the called one does", async () => {
    const { row, authorization } = await showPrivate({ name: "one" });
    await world.show(row, serviceRow({ id: newId("service"), name: "two", endpointHost: "two.test", allowedOrigins: ["https://two.example.com"] }));
    for (const origin of [console, app, "https://two.example.com"]) expect((await preflight(origin, front(origin), path)).status).toBe(204);
    expect((await preflight("https://evil.example.com", front("https://evil.example.com"), path)).status).toBe(404);
    const post = (origin: string) =>
      call(world.port, { method: "POST", path, headers: [...front(origin), ...authorization], body: '{"model":"one"}' });
    expect(allowedIn(await post(app))).toBe(app);
    expect(allowedIn(await post("https://two.example.com"))).toBe("*");
    expect(allowedIn(await call(world.port, { path: "/v1/models", headers: front(console) }))).toBe(console);
  });
});
