import { pino } from "pino";
import { afterEach, expect, test } from "vitest";
import { logAccess } from "../../server/gateway/access-log.ts";
import { silentLog } from "../../server/log.ts";
import { newId } from "../../server/model/ids.ts";
import { call, openWorld, serviceRow, startModel, tokenFor, type World } from "./world.ts";

let world: World;
afterEach(() => world[Symbol.asyncDispose]());

async function openLogged(share: number) {
  const text: string[] = [];
  world = await openWorld(silentLog, undefined, undefined, logAccess(pino({ base: null }, { write: (line) => void text.push(line) }), share));
  return { text, lines: () => text.map((line) => JSON.parse(line)) };
}

test("every request is a line that says who was asked, how it ended, and how long it took; no token and nothing behind the ? is in it", async () => {
  const { text, lines } = await openLogged(1);
  await using model = await startModel();
  const row = serviceRow({ openToPublic: false, routes: [model.route] });
  await world.show(row);
  const tokenId = newId("token");
  const token = tokenFor(row.id, { tokenId });
  const headers = ["Authorization", `Bearer ${token}`, "X-Request-Id", "mine"];
  await call(world.port, { method: "POST", path: `/v1/things?key=${token}`, headers, body: "12345678" });
  await call(world.port, { path: "/wrong", headers: ["Authorization", "Bearer nonsense"] });
  await expect.poll(() => text.length).toBe(2);
  const [first, second] = lines();
  expect(first).toMatchObject({ requestId: "mine", service: row.id, route: model.route.id, token: tokenId, method: "POST", path: "/v1/things" });
  expect(first).toMatchObject({ status: 200, outcome: "2xx", bytesIn: 8, bytesOut: 5, retries: 0, hasWaited: false });
  expect(first.durationMs).toBeGreaterThanOrEqual(first.firstByteMs);
  expect(second).toMatchObject({ service: row.id, route: null, token: null, status: 401, outcome: "4xx", firstByteMs: null });
  expect(text.join("")).not.toMatch(/eyJ|nonsense|key=/);
});

test("of a share of the requests a share is written, and of those that failed every one", async () => {
  const { lines } = await openLogged(0.2);
  await using model = await startModel((request, response) => void response.writeHead(request.url === "/fail" ? 500 : 200).end());
  await world.show(serviceRow({ routes: [model.route] }));
  for (let each = 0; each < 200; each += 1) await call(world.port);
  for (let each = 0; each < 20; each += 1) await call(world.port, { path: "/fail" });
  await expect.poll(() => lines().filter(({ outcome }) => outcome === "5xx").length).toBe(20);
  const written = lines().filter(({ outcome }) => outcome === "2xx").length;
  // 40 are expected; beyond 10 and 80 is less than one of a million runs.
  expect(written).toBeGreaterThan(10);
  expect(written).toBeLessThan(80);
});
