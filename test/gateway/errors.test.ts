import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { call, openWorld, serviceRow, startModel, type World } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

/** What the gateway answers to these bytes, until it closes the connection. */
async function sendRaw(bytes: string): Promise<string> {
  const socket = connect(world.port, "127.0.0.1");
  socket.setEncoding("latin1");
  let text = "";
  socket.on("data", (chunk) => (text += chunk));
  socket.write(bytes);
  await once(socket, "close");
  return text;
}

describe("Without a healthy route", () => {
  test.each([
    ["PROVISIONING", "starting"],
    ["UNHEALTHY", "unhealthy"],
    ["STOPPED", "stopped"],
    ["HEALTHY", "No route"],
  ] as const)("a client of a service that is %s gets 503 in JSON, says why, and is told when to come again", async (status, word) => {
    await world.show(serviceRow({ status }));
    const answer = await call(world.port);
    expect(answer).toMatchObject({ status: 503, headers: { "content-type": "application/problem+json" } });
    expect(Number(answer.headers["retry-after"])).toBeGreaterThanOrEqual(1);
    expect(Number(answer.headers["retry-after"])).toBeLessThanOrEqual(5);
    expect(JSON.parse(answer.text)).toMatchObject({ status: 503, code: "NO_HEALTHY_ROUTE", detail: expect.stringContaining(word) });
  });

  test("a client of a service that is being terminated gets 404: it will not come back", async () => {
    await world.show(serviceRow({ status: "TERMINATING" }));
    expect(await call(world.port)).toMatchObject({ status: 404, text: expect.stringContaining("terminated") });
  });

  test("a private service still says nothing of itself to strangers", async () => {
    await world.show(serviceRow({ status: "STOPPED", openToPublic: false }));
    expect((await call(world.port)).status).toBe(401);
  });
});

test("An address that no service has is 404 in JSON, and HEAD gets no body", async () => {
  await world.show(serviceRow());
  const answer = await call(world.port, { headers: ["Host", "else.test"] });
  expect(answer).toMatchObject({ status: 404, headers: { "content-type": "application/problem+json" } });
  expect(JSON.parse(answer.text)).toEqual({
    type: "urn:serai:problem:service-not-found",
    title: "There is no such service",
    status: 404,
    detail: "No service has this address.",
    code: "SERVICE_NOT_FOUND",
  });
  expect(await call(world.port, { method: "HEAD", headers: ["Host", "else.test"] })).toMatchObject({ status: 404, text: "" });
});

test("Below /v1/ errors have the shape that clients of OpenAI's API read, and everywhere a request id", async () => {
  await world.show(serviceRow({ openToPublic: false }), serviceRow({ endpointHost: "public.test" }));
  const refused = await call(world.port, { path: "/v1/chat/completions" });
  expect(refused.headers["content-type"]).toBe("application/json");
  expect(refused.headers["www-authenticate"]).toContain("Bearer");
  expect(JSON.parse(refused.text)).toEqual({
    error: { message: expect.stringContaining("token"), type: "authentication_error", param: null, code: "unauthorized" },
  });
  const none = await call(world.port, { path: "/v1/models", headers: ["Host", "public.test", "X-Request-Id", "mine"] });
  expect([none.status, none.headers["x-request-id"], JSON.parse(none.text)]).toMatchObject([503, "mine", { error: { code: "no_healthy_route" } }]);
});

describe("A request that cannot be understood is refused, and the model hears nothing:", () => {
  test.each([
    ["no HTTP", "hello\r\n\r\n", "400"],
    ["no Host", "GET / HTTP/1.1\r\n\r\n", "400"],
    ["two hosts", "GET / HTTP/1.1\r\nHost: service.test\r\nHost: x\r\nConnection: close\r\n\r\n", "400"],
    ["two lengths", "POST / HTTP/1.1\r\nHost: service.test\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx", "400"],
    ["length and chunks", "POST / HTTP/1.1\r\nHost: service.test\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"],
    ["a header folded", "GET / HTTP/1.1\r\nHost: service.test\r\nX-A: 1\r\n 2\r\n\r\n", "400"],
    ["headers too large", `GET / HTTP/1.1\r\nHost: service.test\r\nX-A: ${"a".repeat(20_000)}\r\n\r\n`, "431"],
  ])("%s", async (_name, bytes, status) => {
    await using model = await startModel();
    await world.show(serviceRow({ routes: [model.route] }));
    expect(await sendRaw(bytes)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(model.requests).toHaveLength(0);
  });
});

test("A client that was turned away while it still uploads can read why", async () => {
  await world.show(serviceRow({ openToPublic: false }));
  expect((await call(world.port, { method: "POST", body: Buffer.alloc(8 * 1024 * 1024) })).status).toBe(401);
});
