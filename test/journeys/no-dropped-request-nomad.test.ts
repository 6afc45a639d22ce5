/**
 * No update drops a request, on a real Nomad that has exactly as many GPUs as routes, while another service waits for one all the while.
 * A whole Serai, real processes, and users who never retry: every failure counts, and there may be none.
 */
import { describe, expect, test } from "vitest";
import { testDatabase } from "../support/database.ts";
import { graphqlOf, type Fields, type GraphQL } from "../support/graphql.ts";
import { missing } from "../support/needs.ts";
import { findFakeGpu, findNomad, startNomad } from "../support/nomad.ts";
import { startSerai } from "../support/serai.ts";
import { patience, type StoryService } from "./service-of.ts";
import type { Traffic } from "./traffic.ts";
import { createTrafficService, rolloutEnds, rollTo, underTraffic } from "./under-traffic.ts";

const noNomad = missing(findNomad() === null || findFakeGpu() === null, "nomad", "updates on a Nomad with GPUs", "sh test/nomad/build.sh (needs Go)");
const oneGpu = { accelerators: [{ name: "nvidia/gpu", count: 1 }] };

async function openCluster(gpus: number): Promise<{ readonly api: GraphQL } & AsyncDisposable> {
  await using opened = new AsyncDisposableStack();
  const database = opened.use(await testDatabase());
  const nomad = opened.use(await startNomad({ gpus }));
  const serai = opened.use(await startSerai({ env: { SERAI_EXAMPLES: "0", DATABASE_URL: database.url, NOMAD_ADDR: nomad.address } }));
  const api = opened.use(graphqlOf(serai));
  const lifetime = opened.move();
  return { api, [Symbol.asyncDispose]: () => lifetime.disposeAsync() };
}

const statusesOf = async (service: StoryService): Promise<readonly unknown[]> => {
  const { events } = (await service.read("events(first: 100) { edges { node { kind status } } }")) as { events: { edges: { node: Fields }[] } };
  return events.edges.flatMap(({ node }) => (node["kind"] === "STATUS" ? [node["status"]] : []));
};

/** All GPUs are taken, and stay so while the service is changed; whoever waits gets one only when the service is terminated. */
async function withAllTaken(gpus: number, change: (api: GraphQL, service: StoryService) => Promise<void>): Promise<Traffic> {
  await using cluster = await openCluster(gpus);
  const { api } = cluster;
  let stranger: StoryService | undefined;
  const traffic = await underTraffic(api, "changed", { desiredRouteCount: gpus, resources: oneGpu }, async (service) => {
    stranger = await createTrafficService(api, "stranger", { resources: oneGpu });
    const { read } = stranger;
    await expect
      .poll(async () => (await read("statusReason"))["statusReason"], patience)
      .toMatch(/Needs 1 nvidia GPU in group default\. 1 node has one; all are held/);
    await change(api, service);
    expect(await statusesOf(stranger)).toEqual(["PENDING", "SCHEDULING"]);
  });
  await stranger?.becomes("HEALTHY");
  return traffic;
}

describe.skipIf(noNomad)("with a GPU for each route and none to spare", () => {
  test("a hot swap of the only route", { timeout: 120_000 }, async () => {
    const traffic = await withAllTaken(1, async (api, service) => {
      await rollTo(api, service, "two");
      expect(await rolloutEnds(service, "COMPLETED")).toMatchObject({ mode: "IN_PLACE" });
    });
    expect([...traffic.versions].sort()).toEqual(["one", "two"]);
  });

  test("a rolling update of three routes, one after another", { timeout: 120_000 }, async () => {
    const traffic = await withAllTaken(3, async (api, service) => {
      await rollTo(api, service, "two");
      expect(await rolloutEnds(service, "COMPLETED")).toMatchObject({ mode: "IN_PLACE" });
    });
    expect([...traffic.versions].sort()).toEqual(["one", "two"]);
  });

  test("a swap that fails and swaps back", { timeout: 120_000 }, async () => {
    const traffic = await withAllTaken(1, async (api, service) => {
      await rollTo(api, service, "broken");
      expect(await rolloutEnds(service, "REVERTED")).toMatchObject({ mode: "IN_PLACE", reason: expect.stringContaining("the weights are broken") });
    });
    expect([...traffic.versions]).toEqual(["one"]);
  });
});
