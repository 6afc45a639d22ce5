/**
 * Serai on one Nomad server and three clients on this machine: two node pools, and four GPUs on each of the two clients of one of them. Its
 * services say what a session sees of accelerators in its own environment.
 */
import { readFileSync } from "node:fs";
import { expect } from "vitest";
import type { SessionId } from "../../server/model/ids.ts";
import { jobIdOf } from "../../server/scheduler/nomad/names.ts";
import { createStoryService, patience, type StoryService } from "../journeys/service-of.ts";
import { textOf } from "../support/caller.ts";
import { testDatabase } from "../support/database.ts";
import type { Fields, GraphQL } from "../support/graphql.ts";
import { missing } from "../support/needs.ts";
import { findFakeGpu, findNomad } from "../support/nomad.ts";
import type { Serai } from "../support/serai.ts";
import { startGpuCensus, type GpuCensus } from "./gpu-census.ts";
import { openInstallation, type Installation } from "./installation.ts";

export const noGpuCluster = (): boolean =>
  missing(findNomad() === null || findFakeGpu() === null, "nomad", "a Nomad of three clients", "sh test/nomad/build.sh (needs Go)");

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

type NomadNode = { readonly ID: string; readonly Name: string; readonly Status: string; readonly SchedulingEligibility: string };

export type GpuCluster = {
  readonly installation: Installation;
  readonly installationId: string;
  readonly serai: Serai;
  readonly api: GraphQL;
  readonly census: GpuCensus;
  create(wish: Fields, of?: GraphQL): Promise<StoryService>;
  scale(service: StoryService, desiredRouteCount: number, of?: GraphQL): Promise<unknown>;
  terminate(service: StoryService, of?: GraphQL): Promise<unknown>;
  /** What a service wishes that needs so many GPUs for each route, in the node pool that has some. */
  onGpus(count: number, of?: GraphQL): Promise<Fields>;
  groupOf(nodePool: string, of?: GraphQL): Promise<string>;
  /** Live ones, oldest first. */
  routes(): Promise<readonly Route[]>;
  routesOf(service: StoryService): Promise<readonly Route[]>;
  node(name: string): Promise<NomadNode>;
  /** `drainNode`, for example. */
  wishForNode(mutation: string, name: string, of?: GraphQL): Promise<void>;
  becomesEligible(name: string, eligible: boolean): Promise<void>;
  /** Every route serves, or waits for what others hold; nothing is on its way, and nothing but what has no room elsewhere is on `leaving`. */
  settled(leaving?: string): Promise<void>;
  /** Read from inside of each session: it has what Nomad gave to it, as many as it asked for, and nobody else has them. */
  eachSeesItsOwn(): Promise<void>;
} & AsyncDisposable;

export async function openGpuCluster(): Promise<GpuCluster> {
  await using opened = new AsyncDisposableStack();
  const database = opened.use(await testDatabase());
  const cluster = { clients: 3, nodePools: ["gpus", "gpus", "default"], gpus: [4, 4, 0] };
  const installation = opened.use(await openInstallation(database, database.url, cluster));
  const serai = await installation.start("api,control,gateway");
  const api = installation.graphql(serai);
  const census = opened.use(startGpuCensus(installation.nomad));
  const [row] = await database.sql<{ id: string }[]>`select id from installation`;
  const installationId = row?.id ?? "";
  const lifetime = opened.move();
  let made = 0;

  const routes = async (): Promise<readonly Route[]> =>
    database.sql<Route[]>`
      select routes.service_id as "serviceId", session_id as "sessionId", routes.status, routes.status_reason as reason, node, host, port,
        coalesce((revisions.resources -> 'accelerators' -> 0 ->> 'count')::int, 0) as gpus
      from routes join revisions on revisions.id = routes.revision_id where routes.terminated_at is null order by routes.created_at, routes.id`;

  /** Of services on which something is still to be done. */
  async function unsettled(leaving: string | undefined): Promise<readonly unknown[]> {
    const all = await routes();
    const waits = ({ status, reason }: Route): boolean => status === "SCHEDULING" && reason.startsWith("Needs");
    const waiting = new Set(all.filter(waits).map(({ serviceId }) => serviceId));
    const odd = all.filter((route) => !waits(route) && (route.status !== "HEALTHY" || (route.node === leaving && !waiting.has(route.serviceId))));
    const busy = await database.sql<{ id: string; rolls: boolean }[]>`
      select * from (select id, exists (select 1 from rollouts where service_id = services.id and ended_at is null) as rolls, terminating_at is not null
        or desired_route_count > (select count(*) from routes where service_id = services.id and routes.terminated_at is null) as changes
        from services where terminated_at is null) as live where rolls or changes`;
    return [...odd, ...busy.filter(({ id, rolls }) => !(rolls && waiting.has(id)))];
  }

  async function groupOf(nodePool: string, of: GraphQL = api): Promise<string> {
    const groups = (await of.ask("{ resourceGroups { id nodePool } }"))["resourceGroups"] as readonly { id: string; nodePool: string }[];
    return groups.find((group) => group.nodePool === nodePool)?.id ?? "";
  }
  async function node(name: string): Promise<NomadNode> {
    const found = ((await installation.nomad.get("/v1/nodes")) as readonly NomadNode[]).find(({ Name }) => Name === name);
    if (found === undefined) throw new Error(`Nomad has no ${name}`);
    return found;
  }
  return {
    installation,
    installationId,
    serai,
    api,
    census,
    async create(wish, of = api) {
      const service = await createStoryService(() => of, `service-${++made}`, definition, {
        openToPublic: true,
        terminationGraceSeconds: 20,
        ...wish,
      });
      await of.wish("writeFile", { folderId: service.folderId, path: "seen-inside.py", content: program }, "file { path }");
      return service;
    },
    scale: ({ id }, desiredRouteCount, of = api) => of.wish("modifyService", { id, desiredRouteCount }, "service { id }"),
    terminate: ({ id }, of = api) => of.wish("terminateService", { id }, "service { id }"),
    onGpus: async (count, of) => ({
      resourceGroupId: await groupOf("gpus", of),
      resources: { cpu: 0.05, memoryGiB: 0.0625, accelerators: [{ name: "nvidia/gpu", count }] },
    }),
    groupOf,
    routes,
    routesOf: async ({ id }) => (await routes()).filter(({ serviceId }) => serviceId === id),
    node,
    wishForNode: async (mutation, name, of = api) => void (await of.wish(mutation, { id: (await node(name)).ID }, "node { id }")),
    becomesEligible: (name, eligible) =>
      expect.poll(async () => (await node(name)).SchedulingEligibility, patience).toBe(eligible ? "eligible" : "ineligible"),
    settled: (leaving) => expect.poll(() => unsettled(leaving), patience).toEqual([]),
    async eachSeesItsOwn() {
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
      const places = serving.flatMap((route, index) => (seen[index] ?? []).map((gpu) => `${gpu} of ${route.node}`));
      expect(new Set(places).size).toBe(places.length);
    },
    [Symbol.asyncDispose]: () => lifetime.disposeAsync(),
  };
}
