/** PostgreSQL goes away for a while, in each of the ways in which it can: nobody who uses a service notices. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SessionId } from "../../server/model/ids.ts";
import { createDatabase, openDatabase } from "../../server/store/database.ts";
import { openEmbeddedPostgres, type EmbeddedPostgres } from "../../server/store/embedded-postgres.ts";
import { markedProcesses } from "../contract/session-processes.ts";
import { guideExample } from "../control/definitions.ts";
import { createStoryService, patience, type StoryService } from "../journeys/service-of.ts";
import { startCaller, textOf } from "../support/caller.ts";
import { startCensus } from "../support/census.ts";
import { missing } from "../support/needs.ts";
import { findNomad } from "../support/nomad.ts";
import { startSerai, type Serai } from "../support/serai.ts";
import { graphqlOf, type GraphQL } from "../support/graphql.ts";
import { openTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { openInstallation } from "./installation.ts";

const noNomad = missing(findNomad() === null, "nomad", "outages of the database on a real Nomad", "sh test/nomad/build.sh (needs Go)");
const timesPerSecond = 50;
const slowestMsMax = 5000;
/** Until a wish has come true after the database is there again: 10 s are promised. */
const backMsMax = 30_000;

type World = { readonly serais: readonly Serai[]; readonly doubled: () => readonly string[] };

async function onNomad(opened: AsyncDisposableStack, databaseUrl: string): Promise<World> {
  const installation = opened.use(await openInstallation(opened.use(openDatabase(databaseUrl)), databaseUrl));
  const serais = [await installation.start("api,gateway"), await installation.start("control"), await installation.start("control")];
  const census = opened.use(startCensus(installation.nomad));
  return { serais, doubled: () => census.doubled };
}

async function onThisMachine(opened: AsyncDisposableStack, databaseUrl: string): Promise<World> {
  const serai = opened.use(await startSerai({ env: { DATABASE_URL: databaseUrl, SERAI_EXAMPLES: "0" } }));
  return { serais: [serai], doubled: () => [] };
}

describe.each([
  { where: "on a real Nomad", open: onNomad, isSkipped: noNomad },
  { where: "on the local scheduler", open: onThisMachine, isSkipped: false },
])("while the database is away, $where", { timeout: 240_000 }, ({ open, isSkipped }) => {
  const opened = new AsyncDisposableStack();
  let directory: string;
  let postgres: EmbeddedPostgres;
  let proxy: TcpProxy;
  let world: World;
  let api: GraphQL;
  let service: StoryService;

  beforeAll(async () => {
    if (isSkipped) return;
    directory = await mkdtemp(join(tmpdir(), "serai-outage-"));
    opened.defer(() => rm(directory, { recursive: true, force: true }));
    postgres = await openEmbeddedPostgres(directory);
    opened.defer(() => postgres[Symbol.asyncDispose]());
    await createDatabase(postgres.url, "serai");
    proxy = opened.use(await openTcpProxy(postgres.urlOf("serai")));
    world = await open(opened, proxy.url);
    const [front] = world.serais;
    if (front === undefined) throw new Error("no Serai");
    api = opened.use(graphqlOf(front));
    service = await createStoryService(() => api, "kept", guideExample, { openToPublic: true, desiredRouteCount: 2 });
  });
  afterAll(() => opened.disposeAsync());

  type Route = { readonly id: string; readonly status: string; readonly sessionId: string };
  const routes = async () => (await service.read("routes { id status sessionId }"))["routes"] as readonly Route[];
  const processesOf = async () => Promise.all((await routes()).map(async ({ sessionId }) => markedProcesses(sessionId as SessionId)));
  const scaleTo = (count: number) => api.wish("modifyService", { id: service.id, desiredRouteCount: count }, "service { id }");

  async function restartPostgres(): Promise<void> {
    await postgres[Symbol.asyncDispose]();
    postgres = await openEmbeddedPostgres(directory);
  }

  test.skipIf(isSkipped).each([
    { how: "restarted", leave: restartPostgres, seconds: 5 },
    { how: "cut off, every connection refused for a minute", leave: async () => proxy.refuse(), seconds: 60 },
    { how: "cut off, every byte swallowed for a minute, and those connections for ever", leave: async () => proxy.swallow(), seconds: 60 },
  ])("$how: every request is answered, no route is lost or doubled, and then a change works within seconds", async ({ leave, seconds }) => {
    await service.becomes("HEALTHY");
    const before = { routes: await routes(), processes: await processesOf() };
    await using caller = startCaller(async () => void (await textOf(service.endpoint)), timesPerSecond);
    await expect.poll(() => caller.answered, patience).toBeGreaterThan(timesPerSecond);

    await scaleTo(3);
    await leave();
    const answeredBefore = caller.answered;
    await expect.poll(() => caller.answered, { timeout: 180_000 }).toBeGreaterThan(answeredBefore + seconds * timesPerSecond);
    expect(caller.failures).toEqual([]);
    proxy.forwardNewConnections();

    const backAt = performance.now();
    await expect.poll(() => scaleTo(3).then(() => "accepted", String), patience).toBe("accepted");
    await expect.poll(async () => (await routes()).map(({ status }) => status), patience).toEqual(["HEALTHY", "HEALTHY", "HEALTHY"]);
    expect(performance.now() - backAt).toBeLessThan(backMsMax);
    const after = { routes: await routes(), processes: await processesOf() };
    expect(after.routes.slice(0, 2)).toEqual(before.routes);
    expect(after.processes.slice(0, 2)).toEqual(before.processes);
    expect(after.processes.map((pids) => pids.length > 0)).toEqual([true, true, true]);

    await scaleTo(2);
    await expect.poll(async () => (await routes()).map(({ status }) => status), patience).toEqual(["HEALTHY", "HEALTHY"]);
    await caller.stop();
    expect(caller.failures).toEqual([]);
    expect(caller.slowestMs).toBeLessThan(slowestMsMax);
    expect(world.doubled()).toEqual([]);
    expect(world.serais.map((serai) => serai.process.exitCode)).toEqual(world.serais.map(() => null));
  });
});
