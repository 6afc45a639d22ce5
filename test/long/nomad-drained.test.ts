/** Machines that are drained through Serai on a real Nomad, at random and with users who call all the while. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { patience } from "../journeys/service-of.ts";
import { startCaller, textOf } from "../support/caller.ts";
import { noGpuCluster, openGpuCluster, type GpuCluster } from "./gpu-cluster.ts";

const perWave = 8;
const waves = 13;
const anyService = fc.record({
  pool: fc.constantFrom("gpus", "gpus", "default"),
  gpus: fc.nat(2),
  routes: fc.integer({ min: 1, max: 2 }),
  cpu: fc.constantFrom(0.05, 0.1),
  memoryGiB: fc.constantFrom(0.0625, 0.09375),
});
const anyWave = fc.record({
  services: fc.array(anyService, { minLength: perWave, maxLength: perWave }),
  drained: fc.constantFrom("node-1", "node-2"),
  changed: fc.array(fc.nat(perWave - 1), { maxLength: 3 }),
});

type Standing = { readonly status: string; readonly node: string | null; readonly revision: { readonly number: number } };

describe.skipIf(noGpuCluster())("on a Nomad of three clients", { timeout: 480_000 }, () => {
  let cluster: GpuCluster;
  beforeAll(async () => {
    cluster = await openGpuCluster();
  });
  afterAll(() => cluster[Symbol.asyncDispose]());

  test("random services are placed, moved and drained: no GPU is ever promised twice, and each session sees exactly its own", async () => {
    const { api, census, settled, eachSeesItsOwn } = cluster;
    const groups = new Map([
      ["gpus", await cluster.groupOf("gpus")],
      ["default", await cluster.groupOf("default")],
    ]);
    const seed = Date.now() | 0;
    console.log(`seed ${seed}`);
    const startedAt = performance.now();
    await fc.assert(
      fc.asyncProperty(anyWave, async ({ services: wanted, drained, changed }) => {
        const services = await Promise.all(
          wanted.map(({ pool, gpus, routes: desiredRouteCount, cpu, memoryGiB }) => {
            const accelerators = pool === "gpus" && gpus > 0 ? [{ name: "nvidia/gpu", count: gpus }] : [];
            return cluster.create({ resourceGroupId: groups.get(pool), desiredRouteCount, resources: { cpu, memoryGiB, accelerators } });
          }),
        );
        await settled();
        await eachSeesItsOwn();
        await cluster.wishForNode("drainNode", drained);
        await cluster.becomesEligible(drained, false);
        await settled(drained);
        await eachSeesItsOwn();
        await cluster.wishForNode("makeNodeEligible", drained);
        await cluster.becomesEligible(drained, true);
        for (const index of new Set(changed)) {
          const changes = { variables: [{ name: "TURN", value: "2" }], desiredRouteCount: 2 };
          await api.wish("modifyService", { id: services[index]?.id, ...changes }, "service { id }");
        }
        await settled();
        await eachSeesItsOwn();
        await Promise.all(services.map((service) => cluster.terminate(service)));
      }),
      { seed, numRuns: waves, endOnFailure: true },
    );
    await expect.poll(cluster.routes, patience).toEqual([]);
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    console.log(`${perWave * waves} services in ${seconds} s; looked ${census.counts} times who has each GPU.`);
    expect(census.counts).toBeGreaterThan(100);
    expect(census.promisedTwice).toEqual([]);
  });

  test("routes move without a lost request; where no room is left they stay, serve and say so, until there is", async () => {
    const [served, filler] = await Promise.all([1, 2].map(async () => cluster.create({ ...(await cluster.onGpus(2)), desiredRouteCount: 2 })));
    if (served === undefined || filler === undefined) throw new Error("they were not made");
    await cluster.settled();
    await using caller = startCaller(async () => void (await textOf(served.endpoint)));
    // Each node has room for two of the four routes.
    await cluster.wishForNode("drainNode", "node-1");
    const leaving = async () => (await cluster.routes()).filter(({ node }) => node === "node-1").map(({ status, reason }) => `${status} ${reason}`);
    const stays = expect.stringMatching(
      /^HEALTHY Stays on node-1, which is being drained: Needs 2 nvidia GPUs in group gpus\. 1 node has as many; all are held: /,
    );
    await expect.poll(leaving, patience).toEqual([stays, stays]);
    const sentence = expect.stringMatching(
      /^1 route stays on node-1, which is being drained: Needs 2 nvidia GPUs in group gpus\. 1 node has as many; all are held: /,
    );
    expect(await served.read("status why { culprit sentence }")).toEqual({ status: "HEALTHY", why: { culprit: "DEVICES", sentence } });
    await cluster.terminate(filler);
    await expect.poll(async () => (await cluster.routesOf(served)).map(({ node }) => node), patience).toEqual(["node-2", "node-2"]);
    await expect.poll(() => served.read("statusReason"), patience).toEqual({ statusReason: "Serving: 2 of 2 routes healthy." });
    const { answered } = caller;
    await expect.poll(() => caller.answered, patience).toBeGreaterThan(answered + 50);
    await caller.stop();
    expect(caller.failures).toEqual([]);

    const { ID } = await cluster.node("node-1");
    const body = JSON.stringify({ NodeID: ID, Eligibility: "eligible" });
    await fetch(`${cluster.installation.nomad.address}/v1/node/${ID}/eligibility`, { method: "POST", body });
    // Whoever makes it eligible behind Serai's back is overruled.
    await cluster.becomesEligible("node-1", false);
    await cluster.wishForNode("makeNodeEligible", "node-1");
    await cluster.becomesEligible("node-1", true);
    expect(await cluster.installation.database.sql`select * from node_wishes`).toEqual([]);
    await cluster.terminate(served);
  });

  test("while a step of a rollout holds, what is on a drained machine moves, of both revisions, without a lost request", async () => {
    const { api } = cluster;
    const rollout = { steps: [{ weight: 50, holdSeconds: 3600 }], promote: "MANUAL" };
    const served = await cluster.create({ ...(await cluster.onGpus(1)), desiredRouteCount: 2, rollout });
    await cluster.settled();
    await using caller = startCaller(async () => void (await textOf(served.endpoint)));
    await api.wish("modifyService", { id: served.id, variables: [{ name: "TURN", value: "2" }] }, "service { id }");
    const standing = async () =>
      ((await served.read("routes { status node revision { number } }"))["routes"] as readonly Standing[])
        .map(({ status, node, revision: { number } }) => `${number} ${status} ${node}`)
        .toSorted();
    await expect
      .poll(() => served.read("rollout { status awaitsPromotion }"), patience)
      .toEqual({ rollout: { status: "ROLLING", awaitsPromotion: true } });
    for (const [from, to] of [
      ["node-1", "node-2"],
      ["node-2", "node-1"],
    ] as const) {
      await cluster.wishForNode("drainNode", from);
      await expect.poll(standing, patience).toEqual([`1 HEALTHY ${to}`, `2 HEALTHY ${to}`]);
      await cluster.wishForNode("makeNodeEligible", from);
      await cluster.becomesEligible(from, true);
    }
    expect(await served.read("rollout { status awaitsPromotion }")).toEqual({ rollout: { status: "ROLLING", awaitsPromotion: true } });
    await api.wish("promoteRollout", { id: served.id }, "service { id }");
    await cluster.settled();
    const { answered } = caller;
    await expect.poll(() => caller.answered, patience).toBeGreaterThan(answered + 50);
    await caller.stop();
    expect(caller.failures).toEqual([]);
    await cluster.terminate(served);
  });
});
