/**
 * No update drops a request. A whole Serai, real processes, and users who never retry: every failure counts, and there may be none.
 */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { graphqlOf, type Fields, type GraphQL } from "../support/graphql.ts";
import { startSerai, type Serai } from "../support/serai.ts";
import { createStoryService, patience, type StoryService } from "./service-of.ts";
import { openTraffic, type Traffic } from "./traffic.ts";

const server = readFileSync(new URL("traffic-server.py", import.meta.url), "utf8");
const definition = (version: string): string => `
models:
  - name: traffic
    model_path: /models
    service:
      start_command: [python3, server.py, "${version}"]
      port: 8000
      health_check: { path: /, interval: 1, max_retries: 3 }
`;

let serai: Serai;
let api: GraphQL;
beforeAll(async () => {
  serai = await startSerai({ env: { SERAI_EXAMPLES: "0" } });
  api = graphqlOf(serai);
});
afterAll(async () => {
  await api?.[Symbol.asyncDispose]();
  await serai?.[Symbol.asyncDispose]();
});

/** A service under traffic. What the traffic met is looked at when it has ended, with every call answered. */
async function underTraffic(name: string, wish: Fields, change: (service: StoryService, traffic: Traffic) => Promise<void>): Promise<Traffic> {
  const service = await createStoryService(() => api, name, definition("one"), { openToPublic: true, terminationGraceSeconds: 20, ...wish });
  await api.wish("writeFile", { folderId: service.folderId, path: "server.py", content: server }, "file { path }");
  await service.becomes("HEALTHY");
  const traffic = openTraffic(service.endpoint);
  try {
    await expect.poll(() => traffic.streams, patience).toBeGreaterThan(0);
    await change(service, traffic);
    const callsThen = traffic.calls;
    await expect.poll(() => traffic.calls, patience).toBeGreaterThan(callsThen + 50);
  } finally {
    await traffic[Symbol.asyncDispose]();
  }
  await api.wish("terminateService", { id: service.id }, "service { id }");
  expect(traffic.failures).toEqual([]);
  return traffic;
}

const rollTo = async (service: StoryService, version: string): Promise<void> => {
  await api.wish("writeFile", { folderId: service.folderId, path: "model-definition.yml", content: definition(version) }, "file { path }");
  await api.wish("clearErrorsAndRetry", { id: service.id }, "service { id }");
};
const rolloutEnds = async (service: StoryService, status: string): Promise<Fields> => {
  await expect.poll(async () => ((await service.read("rollout { status }"))["rollout"] as Fields | null)?.["status"], patience).toBe(status);
  return (await service.read("rollout { mode reason }"))["rollout"] as Fields;
};
const healthy = async (service: StoryService): Promise<unknown> =>
  ((await service.read("routeCounts { healthy total }"))["routeCounts"] as Fields)["healthy"];

test("a rolling update of three routes", { timeout: 120_000 }, async () => {
  const traffic = await underTraffic("rolling", { desiredRouteCount: 3 }, async (service) => {
    await rollTo(service, "two");
    await rolloutEnds(service, "COMPLETED");
  });
  expect([...traffic.versions].sort()).toEqual(["one", "two"]);
});

test("a hot swap of the only route, where there is no room for a second", { timeout: 120_000 }, async () => {
  const most = { cpu: Math.round(availableParallelism() * 60) / 100 };
  const traffic = await underTraffic("swap", { resources: most }, async (service) => {
    await rollTo(service, "two");
    expect(await rolloutEnds(service, "COMPLETED")).toMatchObject({ mode: "IN_PLACE" });
  });
  expect([...traffic.versions].sort()).toEqual(["one", "two"]);
});

test("scaling from one to five, and down to two", { timeout: 120_000 }, async () => {
  await underTraffic("scaled", {}, async (service) => {
    await api.wish("modifyService", { id: service.id, desiredRouteCount: 5 }, "service { id }");
    await expect.poll(() => healthy(service), patience).toBe(5);
    await api.wish("modifyService", { id: service.id, desiredRouteCount: 2 }, "service { id }");
    await expect.poll(async () => (await service.read("routeCounts { total }"))["routeCounts"], patience).toEqual({ total: 2 });
  });
});

test("a restart of every route", { timeout: 120_000 }, async () => {
  await underTraffic("restarted", { desiredRouteCount: 2 }, async (service) => {
    await api.wish("restartService", { id: service.id }, "service { id }");
    await rolloutEnds(service, "COMPLETED");
  });
});

test("a canary that fails and is taken back", { timeout: 120_000 }, async () => {
  const traffic = await underTraffic("canary", { desiredRouteCount: 2, rollout: { steps: [{ weight: 20, holdSeconds: 60 }] } }, async (service) => {
    await rollTo(service, "broken");
    expect(await rolloutEnds(service, "REVERTED")).toMatchObject({ reason: expect.stringContaining("the weights are broken") });
  });
  expect([...traffic.versions]).toEqual(["one"]);
});
