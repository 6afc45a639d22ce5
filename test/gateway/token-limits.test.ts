import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { createTokenLimiter } from "../../server/gateway/token-limits.ts";
import { newId } from "../../server/model/ids.ts";
import { createToken, insertRoute, openInstallation } from "./installation.ts";
import { call, open, openWorld, serviceRow, startModel, tokenFor } from "./world.ts";

/** A limiter whose clock is set by hand. */
function openLimiter() {
  const clock = { ms: 1_000_000 };
  const limiter = createTokenLimiter(() => clock.ms);
  return { limiter, later: (seconds: number) => void (clock.ms += seconds * 1000) };
}
const perMinute = (requestsPerMinute: number) => ({ requestsPerMinute, concurrentRequests: null });
const atOnce = (concurrentRequests: number) => ({ requestsPerMinute: null, concurrentRequests });
const anyToken = newId("token");

describe("Requests a minute", () => {
  test("are never more than the limit in any minute, and who waits as long as told gets the next one", () => {
    const { limiter, later } = openLimiter();
    const begunAt: number[] = [];
    let refused = 0;
    for (let second = 0; second < 300;) {
      const begun = limiter.begin(anyToken, perMinute(5));
      if (begun.ok) {
        begun.end();
        begunAt.push(second);
        // In bursts of two, with odd pauses.
        if (begunAt.length % 2 === 0) {
          second += 7;
          later(7);
        }
      } else {
        refused += 1;
        second += begun.retryAfterSeconds;
        later(begun.retryAfterSeconds);
        expect(limiter.begin(newId("token"), perMinute(5)).ok).toBe(true);
        const again = limiter.begin(anyToken, perMinute(5));
        expect(again.ok).toBe(true);
        begunAt.push(second);
      }
    }
    expect(refused).toBeGreaterThan(3);
    for (const from of begunAt) expect(begunAt.filter((at) => at >= from && at < from + 60).length).toBeLessThanOrEqual(5);
    expect(begunAt.length).toBeGreaterThan(20);
  });

  test("that are refused do not count, and a limit of one is one a minute", () => {
    const { limiter, later } = openLimiter();
    expect(limiter.begin(anyToken, perMinute(1)).ok).toBe(true);
    for (let second = 0; second < 60; second += 1) {
      expect(limiter.begin(anyToken, perMinute(1))).toMatchObject({ ok: false, limit: "requestsPerMinute", retryAfterSeconds: 61 - second });
      later(1);
    }
    later(1);
    expect(limiter.begin(anyToken, perMinute(1)).ok).toBe(true);
  });

  test("count what other gateways have let in since they were last heard of, whenever they began to count", () => {
    const { limiter, later } = openLimiter();
    const [first, second] = [newId("gateway"), newId("gateway")];
    const told = (count: number, other = 0) =>
      limiter.heed(
        new Map([
          [first, { [anyToken]: { count, underWay: 0 } }],
          ...(other ? [[second, { [anyToken]: { count: other, underWay: 0 } }] as const] : []),
        ]),
      );
    limiter.heed(new Map([[first, {}]]));
    told(3);
    told(3);
    told(4, 900);
    const left = () => {
      let count = 0;
      while (limiter.begin(anyToken, perMinute(10)).ok) count += 1;
      return count;
    };
    expect(left()).toBe(6);
    later(61);
    told(2);
    expect(left()).toBe(8);
  });
});

describe("Requests at once", () => {
  test("are at most as many as allowed, over all gateways that live", () => {
    const { limiter } = openLimiter();
    const gateway = newId("gateway");
    const begun = limiter.begin(anyToken, atOnce(3));
    limiter.heed(new Map([[gateway, { [anyToken]: { count: 5, underWay: 1 } }]]));
    expect(limiter.begin(anyToken, atOnce(3)).ok).toBe(true);
    expect(limiter.begin(anyToken, atOnce(3))).toEqual({ ok: false, limit: "concurrentRequests", retryAfterSeconds: 1 });
    limiter.heed(new Map());
    expect(limiter.begin(anyToken, atOnce(3)).ok).toBe(true);
    if (begun.ok) begun.end();
    expect(limiter.use()).toEqual({ [anyToken]: { count: 3, underWay: 2 } });
  });

  test("leave nothing behind when all have ended for more than a minute", () => {
    const { limiter, later } = openLimiter();
    const begun = limiter.begin(anyToken, atOnce(1));
    later(120);
    expect(limiter.use()).toEqual({ [anyToken]: { count: 1, underWay: 1 } });
    if (begun.ok) begun.end();
    expect(limiter.use()).toEqual({});
  });
});

describe("A token with limits", () => {
  test("is answered 429 with Retry-After beyond them, in the words of OpenAI below /v1/, and the model hears nothing of it", async () => {
    await using model = await startModel();
    await using world = await openWorld();
    const [limited, free] = [newId("token"), newId("token")];
    const row = serviceRow({
      openToPublic: false,
      routes: [model.route],
      tokenLimits: [{ id: limited, requestsPerMinute: 2, concurrentRequests: null }],
    });
    await world.show(row);
    const ask = (tokenId = limited, path = "/") => call(world.port, { path, headers: ["Authorization", `Bearer ${tokenFor(row.id, { tokenId })}`] });
    expect([(await ask()).status, (await ask()).status]).toEqual([200, 200]);
    const refused = await ask();
    expect(refused).toMatchObject({ status: 429, headers: { "content-type": "application/problem+json" } });
    expect(JSON.parse(refused.text)).toMatchObject({ code: "TOKEN_LIMIT", detail: "This token may make 2 requests a minute." });
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(50);
    expect(JSON.parse((await ask(limited, "/v1/models")).text)).toMatchObject({ error: { type: "rate_limit_error", code: "token_limit" } });
    expect((await ask(free)).status).toBe(200);
    expect(model.requests).toHaveLength(3);
  });

  test("may begin another request as soon as one has ended, whether it was answered, left by its client or a WebSocket", async () => {
    await using model = await startModel((request, response) => void (request.url === "/slow" ? response.write("…") : response.end()));
    const sockets = new WebSocketServer({ server: model.server });
    await using world = await openWorld();
    const tokenId = newId("token");
    const row = serviceRow({
      openToPublic: false,
      routes: [model.route],
      tokenLimits: [{ id: tokenId, requestsPerMinute: null, concurrentRequests: 1 }],
    });
    await world.show(row);
    const authorization = `Bearer ${tokenFor(row.id, { tokenId })}`;
    const headers = ["Authorization", authorization];
    const status = async () => (await call(world.port, { headers })).status;
    expect([await status(), await status()]).toEqual([200, 200]);

    const leaving = new AbortController();
    const slow = await open(world.port, { path: "/slow", headers, signal: leaving.signal });
    slow.on("error", () => {});
    expect(await status()).toBe(429);
    leaving.abort();
    await expect.poll(status).toBe(200);

    const socket = new WebSocket(`ws://127.0.0.1:${world.port}/`, { headers: { host: "service.test", authorization } });
    await once(socket, "open");
    expect(await status()).toBe(429);
    socket.terminate();
    await expect.poll(status).toBe(200);
    sockets.close();
  });

  test("has them over several gateways, and a limit that is changed holds at once", async () => {
    const { database, serviceId, signer, model, openOne } = await openInstallation();
    await insertRoute(database, serviceId, model, "HEALTHY");
    const tokenId = await createToken(database, serviceId);
    await database.sql`update tokens set requests_per_minute = 4 where id = ${tokenId}`;
    const [first, second] = [await openOne(), await openOne()];
    const token = await signer.sign({ tokenId, serviceId, issuedAt: new Date(), expiresAt: null });
    const ask = async ({ port }: { port: number }) => (await call(port, { headers: ["Authorization", `Bearer ${token}`] })).status;
    for (let count = 0; count < 4; count += 1) expect(await ask(first)).toBe(200);
    expect(await ask(first)).toBe(429);
    // Each look at the second one may be let in until it has heard.
    await expect.poll(() => ask(second), { interval: 500, timeout: 20_000 }).toBe(429);
    await database.sql`update tokens set requests_per_minute = null where id = ${tokenId}`;
    await expect.poll(() => ask(first), { timeout: 5000 }).toBe(200);
  });
});
