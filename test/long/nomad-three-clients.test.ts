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

describe.skipIf(noNomad)("one server, three clients, two node pools", { timeout: 240_000 }, () => {
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
    const made = (await of.ask("{ resourceGroups { id nodePool } }"))["resourceGroups"] as readonly { id: string; nodePool: string }[];
    return new Map(made.map(({ id, nodePool }) => [nodePool, id]));
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
    console.log(`${perWave * waves} services in ${Math.round((performance.now() - startedAt) / 1000)} s; looked at every GPU ${census.counts} times.`);
    expect(census.counts).toBeGreaterThan(100);
    expect(census.promisedTwice).toEqual([]);
  });
});
