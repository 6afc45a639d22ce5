/**
 * One Nomad server and three clients on one machine, two node pools, four GPUs each on two of the clients: services are placed, moved and
 * drained at random, machines and the server die, and another installation of Serai is at work on the same cluster.
 */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SessionId } from "../../server/model/ids.ts";
import { jobIdOf } from "../../server/scheduler/nomad/names.ts";
import { createStoryService, patience, type StoryService } from "../journeys/service-of.ts";
import { startCaller, textOf } from "../support/caller.ts";
import { testDatabase } from "../support/database.ts";
import type { Fields, GraphQL } from "../support/graphql.ts";
import { missing } from "../support/needs.ts";
import { findFakeGpu, findNomad } from "../support/nomad.ts";
import type { Serai } from "../support/serai.ts";
import { startGpuCensus, type GpuCensus } from "./gpu-census.ts";
import { openInstallation, type Installation } from "./installation.ts";

const noNomad = missing(findNomad() === null || findFakeGpu() === null, "nomad", "a Nomad of three clients", "sh test/nomad/build.sh (needs Go)");

const program = readFileSync(new URL("seen-inside.py", import.meta.url), "utf8");
const definition = `
models:
  - name: seen
    model_path: /models
    service:
      start_command: [python3, seen-inside.py, "8000"]
      port: 8000
      health_check: { path: /, interval: 0.5, max_retries: 5 }
`;

type Route = {
  readonly serviceId: string;
  readonly sessionId: SessionId;
  readonly status: string;
  readonly reason: string;
  readonly node: string | null;
  readonly host: string | null;
  readonly port: number | null;
  readonly gpus: number;
};

describe.skipIf(noNomad)("one server, three clients, two node pools", { timeout: 480_000 }, () => {
  const opened = new AsyncDisposableStack();
  let installation: Installation;
  let serai: Serai;
  let api: GraphQL;
  let census: GpuCensus;
  let installationId: string;
  let groups: ReadonlyMap<string, string>;
  let made = 0;

  beforeAll(async () => {
    const cluster = { clients: 3, nodePools: ["gpus", "gpus", "default"], gpus: [4, 4, 0] };
    const database = opened.use(await testDatabase());
    installation = opened.use(await openInstallation(database, database.url, cluster));
    serai = await installation.start("api,control,gateway");
    api = installation.graphql(serai);
    census = opened.use(startGpuCensus(installation.nomad));
    groups = await groupsOf(api);
    installationId = (await database.sql<{ id: string }[]>`select id from installation`)[0]?.id ?? "";
  });
  afterAll(() => opened.disposeAsync());

  async function groupsOf(of: GraphQL): Promise<ReadonlyMap<string, string>> {
    const found = (await of.ask("{ resourceGroups { id nodePool } }"))["resourceGroups"] as readonly { id: string; nodePool: string }[];
    return new Map(found.map(({ id, nodePool }) => [nodePool, id]));
  }

  async function create(wish: Fields, of: GraphQL = api): Promise<StoryService> {
    const service = await createStoryService(() => of, `service-${++made}`, definition, { openToPublic: true, terminationGraceSeconds: 20, ...wish });
    await of.wish("writeFile", { folderId: service.folderId, path: "seen-inside.py", content: program }, "file { path }");
    return service;
  }
  const onGpus = (count: number) => ({
    resourceGroupId: groups.get("gpus"),
    resources: { cpu: 0.05, memoryGiB: 0.0625, accelerators: count === 0 ? [] : [{ name: "nvidia/gpu", count }] },
  });
  const routes = async (): Promise<readonly Route[]> =>
    installation.database.sql<Route[]>`
      select routes.service_id as "serviceId", session_id as "sessionId", routes.status, routes.status_reason as reason, node, host, port,
        coalesce((revisions.resources -> 'accelerators' -> 0 ->> 'count')::int, 0) as gpus
      from routes join revisions on revisions.id = routes.revision_id where routes.terminated_at is null order by routes.created_at`;
  const routesOf = async ({ id }: StoryService): Promise<readonly Route[]> => (await routes()).filter(({ serviceId }) => serviceId === id);

  /** Every route serves, or waits for what others hold; nothing is on its way. */
  async function settled(leaving: string | null = null): Promise<void> {
    const unsettled = async () => {
      const all = await routes();
      const waits = ({ status, reason }: Route): boolean => status === "SCHEDULING" && reason.startsWith("Needs");
      const waiting = new Set(all.filter(waits).map(({ serviceId }) => serviceId));
      const odd = all.filter((route) => !waits(route) && (route.status !== "HEALTHY" || (route.node === leaving && !waiting.has(route.serviceId))));
      const busy = await installation.database.sql<{ id: string; rolls: boolean }[]>`
        select id, exists (select 1 from rollouts where service_id = services.id and ended_at is null) as rolls from services
        where terminated_at is null and (terminating_at is not null
          or exists (select 1 from rollouts where service_id = services.id and ended_at is null)
          or desired_route_count > (select count(*) from routes where service_id = services.id and routes.terminated_at is null))`;
      return [...odd, ...busy.filter(({ id, rolls }) => !(rolls && waiting.has(id)))];
    };
    await expect.poll(unsettled, patience).toEqual([]);
  }

  /** Read from inside of each session: it has what Nomad gave to it, as many as it asked for, and nobody else has them. */
  async function eachSeesItsOwn(): Promise<void> {
    const held = await census.heldByJob();
    const serving = (await routes()).filter(({ status }) => status === "HEALTHY");
    const inside = await Promise.all(
      serving.map(async ({ host, port }) => JSON.parse(await textOf(`http://${host}:${port}/`)) as Readonly<Record<string, string>>),
    );
    const told = serving.map(({ sessionId }) => {
      const devices = held.get(jobIdOf(installationId, sessionId)) ?? "";
      return { SERAI_SESSION: sessionId, NVIDIA_VISIBLE_DEVICES: devices, CUDA_VISIBLE_DEVICES: devices };
    });
    expect(inside).toEqual(told);
    const seen = inside.map(({ NVIDIA_VISIBLE_DEVICES: list = "" }) => (list === "" ? [] : list.split(",")));
    expect(seen.map(({ length }) => length)).toEqual(serving.map(({ gpus }) => gpus));
    const places = serving.flatMap(({ node }, index) => (seen[index] ?? []).map((gpu) => `${gpu} of ${node}`));
    expect(new Set(places).size).toBe(places.length);
  }

  const nodeId = async (name: string): Promise<string> => {
    const nodes = (await installation.nomad.get("/v1/nodes")) as readonly { readonly ID: string; readonly Name: string }[];
    return nodes.find(({ Name }) => Name === name)?.ID ?? "";
  };
  const wishFor = async (mutation: string, name: string, of: GraphQL = api): Promise<void> =>
    void (await of.wish(mutation, { id: await nodeId(name) }, "node { id }"));
  const isEligible = async (name: string): Promise<boolean> => {
    const nodes = (await installation.nomad.get("/v1/nodes")) as readonly { readonly Name: string; readonly SchedulingEligibility: string }[];
    return nodes.find(({ Name }) => Name === name)?.SchedulingEligibility === "eligible";
  };
  const terminate = (service: StoryService, of: GraphQL = api) => of.wish("terminateService", { id: service.id }, "service { id }");

  const anyService = fc.record({
    pool: fc.constantFrom("gpus", "gpus", "default"),
    gpus: fc.nat(2),
    routes: fc.integer({ min: 1, max: 2 }),
    cpu: fc.constantFrom(0.05, 0.1),
    memoryGiB: fc.constantFrom(0.0625, 0.09375),
  });
  const perWave = 8;
  const waves = 13;
  const anyWave = fc.record({
    services: fc.array(anyService, { minLength: perWave, maxLength: perWave }),
    drained: fc.constantFrom("node-1", "node-2"),
    changed: fc.array(fc.nat(perWave - 1), { maxLength: 3 }),
  });

  test("random services are placed, moved and drained: no GPU is ever promised twice, and each session sees exactly its own", async () => {
    const seed = Date.now() | 0;
    console.log(`seed ${seed}`);
    const startedAt = performance.now();
    await fc.assert(
      fc.asyncProperty(anyWave, async ({ services: wanted, drained, changed }) => {
        const services = await Promise.all(
          wanted.map(({ pool, gpus, routes: desiredRouteCount, cpu, memoryGiB }) => {
            const accelerators = pool === "gpus" && gpus > 0 ? [{ name: "nvidia/gpu", count: gpus }] : [];
            return create({ resourceGroupId: groups.get(pool), desiredRouteCount, resources: { cpu, memoryGiB, accelerators } });
          }),
        );
        await settled();
        await eachSeesItsOwn();
        await wishFor("drainNode", drained);
        await expect.poll(() => isEligible(drained), patience).toBe(false);
        await settled(drained);
        await eachSeesItsOwn();
        await wishFor("makeNodeEligible", drained);
        await expect.poll(() => isEligible(drained), patience).toBe(true);
        for (const index of new Set(changed)) {
          const id = services[index]?.id;
          await api.wish("modifyService", { id, variables: [{ name: "TURN", value: "2" }], desiredRouteCount: 2 }, "service { id }");
        }
        await settled();
        await eachSeesItsOwn();
        await Promise.all(services.map((service) => terminate(service)));
      }),
      { seed, numRuns: waves, endOnFailure: true },
    );
    await expect.poll(routes, patience).toEqual([]);
    console.log(
      `${perWave * waves} services in ${Math.round((performance.now() - startedAt) / 1000)} s; looked at every GPU ${census.counts} times.`,
    );
    expect(census.counts).toBeGreaterThan(100);
    expect(census.promisedTwice).toEqual([]);
  });

  const nodesOf = async (service: StoryService): Promise<readonly string[]> => (await routesOf(service)).map(({ node }) => node ?? "").toSorted();

  test("drained through Serai: routes move without a lost request; where no room is left they stay, serve and say so, until there is", async () => {
    const [served, filler] = [await create({ ...onGpus(2), desiredRouteCount: 2 }), await create({ ...onGpus(2), desiredRouteCount: 2 })];
    await settled();
    await using caller = startCaller(async () => void (await textOf(served.endpoint)));
    // Each node has room for two of the four routes.
    await wishFor("drainNode", "node-1");
    const leaving = async () => (await routes()).filter(({ node }) => node === "node-1").map(({ status, reason }) => `${status} ${reason}`);
    const stays = /^HEALTHY Stays on node-1, which is being drained: Needs 2 nvidia GPUs in group gpus\. 1 node has as many; all are held: /;
    await expect.poll(leaving, patience).toEqual([expect.stringMatching(stays), expect.stringMatching(stays)]);
    expect((await served.read("status statusReason"))["status"]).toBe("HEALTHY");
    await terminate(filler);
    await expect.poll(() => nodesOf(served), patience).toEqual(["node-2", "node-2"]);
    await expect.poll(async () => (await served.read("statusReason"))["statusReason"], patience).toBe("Serving: 2 of 2 routes healthy.");
    const answered = caller.answered;
    await expect.poll(() => caller.answered, patience).toBeGreaterThan(answered + 50);
    await caller.stop();
    expect(caller.failures).toEqual([]);

    // Whoever makes it eligible behind Serai's back is overruled.
    const body = JSON.stringify({ NodeID: await nodeId("node-1"), Eligibility: "eligible" });
    await fetch(`${installation.nomad.address}/v1/node/${await nodeId("node-1")}/eligibility`, { method: "POST", body });
    await expect.poll(() => isEligible("node-1"), patience).toBe(false);
    await wishFor("makeNodeEligible", "node-1");
    await expect.poll(() => isEligible("node-1"), patience).toBe(true);
    await terminate(served);
    await expect.poll(routes, patience).toEqual([]);
  });

  test("a client that is killed: its routes are back elsewhere within its heartbeat and five seconds, and nobody else is touched", async () => {
    const [service, bystander] = [await create(onGpus(1)), await create({ resourceGroupId: groups.get("default") })];
    await settled();
    // One after the other they are spread: the second avoids where the first one is.
    await api.wish("modifyService", { id: service.id, desiredRouteCount: 2 }, "service { id }");
    await settled();
    const before = await routesOf(bystander);
    expect(await nodesOf(service)).toEqual(["node-1", "node-2"]);
    const lost = installation.nomad.clients.find(({ name }) => name === "node-1");
    const killedAt = performance.now();
    await lost?.kill();
    await expect
      .poll(async () => (await routesOf(service)).map(({ node, status }) => `${node} ${status}`), { ...patience, interval: 50 })
      .toEqual(["node-2 HEALTHY", "node-2 HEALTHY"]);
    const seconds = (performance.now() - killedAt) / 1000;
    console.log(`Back elsewhere ${seconds.toFixed(1)} s after the kill; the heartbeat is ${heartbeatSeconds} s.`);
    expect(seconds).toBeLessThan(3 * (heartbeatSeconds + 5));
    await eachSeesItsOwn();
    expect(await routesOf(bystander)).toEqual(before);
    await lost?.start();
    await expect.poll(() => isReady("node-1"), patience).toBe(true);
    for (const one of [service, bystander]) await terminate(one);
    await expect.poll(routes, patience).toEqual([]);
  });

  /** What the servers of these tests grant (test/support/nomad-config.ts): the least time to live, and the grace after it. */
  const heartbeatSeconds = 4;
  const isReady = async (name: string): Promise<boolean> => {
    const nodes = (await installation.nomad.get("/v1/nodes")) as readonly { readonly Name: string; readonly Status: string }[];
    return nodes.find(({ Name }) => Name === name)?.Status === "ready";
  };

  test("the server is killed and comes back: Serai says so and waits, users notice nothing, and what was wished meanwhile comes true", async () => {
    const service = await create({ ...onGpus(1), desiredRouteCount: 2 });
    await settled();
    const before = await routesOf(service);
    await using caller = startCaller(async () => void (await textOf(service.endpoint)));
    const { nomad } = installation;
    await nomad.server.kill();
    const away = "The Nomad cluster cannot be reached at the moment.";
    const ready = async () => (await fetch(new URL("/readyz", serai.url))).json();
    await expect.poll(ready, patience).toEqual({ ready: false, reasons: [away] });
    await api.wish("modifyService", { id: service.id, desiredRouteCount: 3 }, "service { id }");
    await expect.poll(async () => (await service.read("routes { statusReason }"))["routes"], patience).toContainEqual({ statusReason: away });
    await expect.poll(() => caller.answered, patience).toBeGreaterThan(100);
    await nomad.server.start();
    await settled();
    expect((await routesOf(service)).slice(0, 2).map(({ sessionId, node, port }) => ({ sessionId, node, port }))).toEqual(
      before.map(({ sessionId, node, port }) => ({ sessionId, node, port })),
    );
    expect(await routesOf(service)).toHaveLength(3);
    await caller.stop();
    expect(caller.failures).toEqual([]);
    await terminate(service);
    await expect.poll(routes, patience).toEqual([]);
  });

  test("another installation on the same cluster and namespace scales, drains and ends its own, and never touches ours", async () => {
    const ours = await create({ ...onGpus(1), desiredRouteCount: 2 });
    await ours.becomes("HEALTHY");
    const jobs = async (prefix: string) => {
      const all = (await installation.nomad.get(`/v1/jobs?prefix=${prefix}`)) as readonly { readonly ID: string; readonly JobModifyIndex: number }[];
      return all.map(({ ID, JobModifyIndex }) => `${ID} ${JobModifyIndex}`).toSorted();
    };
    const allocations = async (prefix: string) => {
      const all = (await installation.nomad.get(`/v1/allocations?filter=${encodeURIComponent(`JobID contains "${prefix}"`)}`)) as readonly {
        readonly ID: string;
      }[];
      return all.map(({ ID }) => ID).toSorted();
    };
    const prefix = `serai-${installationId}-ses_`;
    const before = { routes: await routesOf(ours), jobs: await jobs(prefix), allocations: await allocations(prefix) };
    expect(before.jobs).toHaveLength(2);
    await using caller = startCaller(async () => void (await textOf(ours.endpoint)));

    await using database = await testDatabase();
    await using other = await openInstallation(database, database.url, installation.nomad);
    const theirApi = other.graphql(await other.start("api,control,gateway"));
    const theirGroup = (await groupsOf(theirApi)).get("gpus");
    const theirs = await create({ ...onGpus(1), resourceGroupId: theirGroup, desiredRouteCount: 2 }, theirApi);
    await theirs.becomes("HEALTHY");
    const theirNodes = async () =>
      ((await theirs.read("routes { node status }"))["routes"] as readonly Fields[]).map(({ node, status }) => `${String(node)} ${String(status)}`);
    await wishFor("drainNode", "node-1", theirApi);
    await expect.poll(theirNodes, patience).toEqual(["node-2 HEALTHY", "node-2 HEALTHY"]);
    await theirApi.wish("modifyService", { id: theirs.id, desiredRouteCount: 1 }, "service { id }");
    await expect.poll(theirNodes, patience).toEqual(["node-2 HEALTHY"]);
    await terminate(theirs, theirApi);
    await expect.poll(async () => (await theirs.read("status"))["status"], patience).toBe("TERMINATED");
    await wishFor("makeNodeEligible", "node-1", theirApi);
    await expect.poll(() => isEligible("node-1"), patience).toBe(true);

    expect({ routes: await routesOf(ours), jobs: await jobs(prefix), allocations: await allocations(prefix) }).toEqual(before);
    await caller.stop();
    expect(caller.failures).toEqual([]);
    expect(census.promisedTwice).toEqual([]);
  });
});
