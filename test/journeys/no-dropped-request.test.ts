/**
 * No update drops a request. A whole Serai, real processes, and users who never retry: every failure counts, and there may be none.
 */
import { availableParallelism } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { graphqlOf, type Fields, type GraphQL } from "../support/graphql.ts";
import { startSerai, type Serai } from "../support/serai.ts";
import { patience, type StoryService } from "./service-of.ts";
import { rolloutEnds, rollTo, underTraffic } from "./under-traffic.ts";

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

const healthy = async (service: StoryService): Promise<unknown> =>
  ((await service.read("routeCounts { healthy total }"))["routeCounts"] as Fields)["healthy"];

test("a rolling update of three routes", { timeout: 120_000 }, async () => {
  const traffic = await underTraffic(api, "rolling", { desiredRouteCount: 3 }, async (service) => {
    await rollTo(api, service, "two");
    await rolloutEnds(service, "COMPLETED");
  });
  expect([...traffic.versions].sort()).toEqual(["one", "two"]);
});

test("a hot swap of the only route, where there is no room for a second", { timeout: 120_000 }, async () => {
  const most = { cpu: Math.round(availableParallelism() * 60) / 100 };
  const traffic = await underTraffic(api, "swap", { resources: most }, async (service) => {
    await rollTo(api, service, "two");
    expect(await rolloutEnds(service, "COMPLETED")).toMatchObject({ mode: "IN_PLACE" });
  });
  expect([...traffic.versions].sort()).toEqual(["one", "two"]);
});

test("scaling from one to five, and down to two", { timeout: 120_000 }, async () => {
  await underTraffic(api, "scaled", {}, async (service) => {
    await api.wish("modifyService", { id: service.id, desiredRouteCount: 5 }, "service { id }");
    await expect.poll(() => healthy(service), patience).toBe(5);
    await api.wish("modifyService", { id: service.id, desiredRouteCount: 2 }, "service { id }");
    await expect.poll(async () => (await service.read("routeCounts { total }"))["routeCounts"], patience).toEqual({ total: 2 });
  });
});

test("a restart of every route", { timeout: 120_000 }, async () => {
  await underTraffic(api, "restarted", { desiredRouteCount: 2 }, async (service) => {
    await api.wish("restartService", { id: service.id }, "service { id }");
    await rolloutEnds(service, "COMPLETED");
  });
});

test("a canary that fails and is taken back", { timeout: 120_000 }, async () => {
  const traffic = await underTraffic(
    api,
    "canary",
    { desiredRouteCount: 2, rollout: { steps: [{ weight: 20, holdSeconds: 60 }] } },
    async (service) => {
      await rollTo(api, service, "broken");
      expect(await rolloutEnds(service, "REVERTED")).toMatchObject({ reason: expect.stringContaining("the weights are broken") });
    },
  );
  expect([...traffic.versions]).toEqual(["one"]);
});
