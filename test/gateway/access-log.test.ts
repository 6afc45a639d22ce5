import { pino } from "pino";
import { afterEach, expect, test } from "vitest";
import { logAccess } from "../../server/gateway/access-log.ts";
import { silentLog } from "../../server/log.ts";
import { newId } from "../../server/model/ids.ts";
import { freePorts } from "../support/ports.ts";
import { startSerai } from "../support/serai.ts";
import { call, openWorld, serviceRow, startModel, tokenFor, type World } from "./world.ts";

let opened: World | null = null;
afterEach(async () => {
  await opened?.[Symbol.asyncDispose]();
  opened = null;
});

async function openLogged(share: number) {
  const text: string[] = [];
  const onEnd = logAccess(pino({ base: null }, { write: (line) => void text.push(line) }), share);
  const world = await openWorld(silentLog, undefined, undefined, { onEnd });
  opened = world;
  return { world, text, lines: () => text.map((line) => JSON.parse(line)) };
}

test("every request is a line that says who was asked, how it ended, and how long it took; no token and nothing behind the ? is in it", async () => {
  const { world, text, lines } = await openLogged(1);
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
  const { world, lines } = await openLogged(0.2);
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

test("a whole Serai writes it to stdout when it is told to, until its last request, and tells Prometheus what it has counted", async () => {
  const [port = 0] = await freePorts(1);
  await using serai = await startSerai({ env: { SERAI_GATEWAY_ACCESS_LOG: "all", SERAI_GATEWAY_PORT: String(port), SERAI_EXAMPLES: "0" } });
  for (let each = 0; each < 3; each += 1) expect((await call(port, { path: `/${each}` })).status).toBe(404);
  const metrics = await fetch(`${serai.url}metrics`, { headers: { authorization: `Bearer ${serai.adminToken}` } });
  expect(await metrics.text()).toContain('serai_gateway_requests_total{service="none",revision="",route="",status="4xx"} 3\n');
  await serai.end("SIGTERM");
  const lines = serai.output().matchAll(/^\{.*"requestId".*\}$/gm);
  expect([...lines].map(([line]) => JSON.parse(line))).toMatchObject(["/0", "/1", "/2"].map((path) => ({ path, status: 404, service: null })));
});
