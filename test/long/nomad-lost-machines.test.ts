/** On a real Nomad of one server and three clients a client dies, then the server; and another installation of Serai is at work on it. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { patience } from "../journeys/service-of.ts";
import { startCaller, textOf } from "../support/caller.ts";
import { testDatabase } from "../support/database.ts";
import type { Fields } from "../support/graphql.ts";
import { noGpuCluster, openGpuCluster, type GpuCluster } from "./gpu-cluster.ts";
import { openInstallation } from "./installation.ts";

/** What the servers of these tests grant (test/support/nomad-config.ts): the least time to live, and the grace after it. */
const heartbeatSeconds = 4;

describe.skipIf(noGpuCluster())("on a Nomad of three clients", { timeout: 240_000 }, () => {
  let cluster: GpuCluster;
  beforeAll(async () => {
    cluster = await openGpuCluster();
  });
  afterAll(() => cluster[Symbol.asyncDispose]());

  const noneIsLeft = () => expect.poll(cluster.routes, patience).toEqual([]);

  test("a client that is killed: its routes are back elsewhere within its heartbeat and five seconds, and nobody else is touched", async () => {
    const { installation, settled, routesOf } = cluster;
    const service = await cluster.create({ ...(await cluster.onGpus(1)), desiredRouteCount: 2 });
    const bystander = await cluster.create({ resourceGroupId: await cluster.groupOf("default") });
    await settled();
    const places = async () => (await routesOf(service)).map(({ node, status }) => `${node} ${status}`).toSorted();
    expect(await places()).toEqual(["node-1 HEALTHY", "node-2 HEALTHY"]);
    const before = await routesOf(bystander);
    const lost = installation.nomad.clients.find(({ name }) => name === "node-1");
    const killedAt = performance.now();
    await lost?.kill();
    await expect.poll(places, { ...patience, interval: 50 }).toEqual(["node-2 HEALTHY", "node-2 HEALTHY"]);
    const seconds = (performance.now() - killedAt) / 1000;
    console.log(`Back elsewhere ${seconds.toFixed(1)} s after the kill; the heartbeat is ${heartbeatSeconds} s.`);
    expect(seconds).toBeLessThan(3 * (heartbeatSeconds + 5));
    await cluster.eachSeesItsOwn();
    expect(await routesOf(bystander)).toEqual(before);
    await lost?.start();
    await expect.poll(async () => (await cluster.node("node-1")).Status, patience).toBe("ready");
    for (const one of [service, bystander]) await cluster.terminate(one);
    await noneIsLeft();
  });

  test("the server is killed and comes back: Serai says so and waits, users notice nothing, and what was wished meanwhile comes true", async () => {
    const { installation, routesOf } = cluster;
    const service = await cluster.create({ ...(await cluster.onGpus(1)), desiredRouteCount: 2 });
    await cluster.settled();
    const identities = async () => (await routesOf(service)).map(({ sessionId, node, port }) => `${sessionId} ${node} ${port}`);
    const before = await identities();
    await using caller = startCaller(async () => void (await textOf(service.endpoint)));
    await installation.nomad.server.kill();
    const away = "The Nomad cluster cannot be reached at the moment.";
    const ready = async () => (await fetch(new URL("/readyz", cluster.serai.url))).json();
    await expect.poll(ready, patience).toEqual({ ready: false, reasons: [away] });
    await cluster.scale(service, 3);
    await expect.poll(async () => (await service.read("routes { statusReason }"))["routes"], patience).toContainEqual({ statusReason: away });
    await expect.poll(() => caller.answered, patience).toBeGreaterThan(100);
    await installation.nomad.server.start();
    await cluster.settled();
    expect((await identities()).slice(0, 2)).toEqual(before);
    expect(await identities()).toHaveLength(3);
    await caller.stop();
    expect(caller.failures).toEqual([]);
    await cluster.terminate(service);
    await noneIsLeft();
  });

  test("another installation on the same cluster and namespace scales, drains and ends its own, and never touches ours", async () => {
    const { installation, create, becomesEligible } = cluster;
    const ours = await create({ ...(await cluster.onGpus(1)), desiredRouteCount: 2 });
    await cluster.settled();
    const prefix = `serai-${cluster.installationId}-ses_`;
    const named = async (path: string) =>
      ((await installation.nomad.get(path)) as readonly { readonly ID: string; readonly JobModifyIndex?: number }[])
        .map(({ ID, JobModifyIndex = "" }) => `${ID} ${JobModifyIndex}`)
        .toSorted();
    const state = async () => ({
      routes: await cluster.routesOf(ours),
      jobs: await named(`/v1/jobs?prefix=${prefix}&filter=${encodeURIComponent("Stop == false")}`),
      allocations: await named(`/v1/allocations?filter=${encodeURIComponent(`JobID contains "${prefix}" and ClientStatus == "running"`)}`),
    });
    const before = await state();
    expect([before.jobs.length, before.allocations.length]).toEqual([2, 2]);
    await using caller = startCaller(async () => void (await textOf(ours.endpoint)));

    await using database = await testDatabase();
    await using other = await openInstallation(database, database.url, installation.nomad);
    const theirApi = other.graphql(await other.start("api,control,gateway"));
    const theirs = await create({ ...(await cluster.onGpus(1, theirApi)), desiredRouteCount: 2 }, theirApi);
    await theirs.becomes("HEALTHY");
    const theirPlaces = async () =>
      ((await theirs.read("routes { node status }"))["routes"] as readonly Fields[]).map(({ node, status }) => `${String(node)} ${String(status)}`);
    await cluster.wishForNode("drainNode", "node-1", theirApi);
    await expect.poll(theirPlaces, patience).toEqual(["node-2 HEALTHY", "node-2 HEALTHY"]);
    await cluster.scale(theirs, 1, theirApi);
    await expect.poll(theirPlaces, patience).toEqual(["node-2 HEALTHY"]);
    await cluster.terminate(theirs, theirApi);
    await expect.poll(() => theirs.read("status"), patience).toEqual({ status: "TERMINATED" });
    await cluster.wishForNode("makeNodeEligible", "node-1", theirApi);
    await becomesEligible("node-1", true);

    expect(await state()).toEqual(before);
    await caller.stop();
    expect(caller.failures).toEqual([]);
    expect(cluster.census.promisedTwice).toEqual([]);
  });
});
