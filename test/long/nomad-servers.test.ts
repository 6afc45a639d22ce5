/** Nomad's own servers die under Serai: the leader of three, all of them, and what they manage meanwhile. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { guideExample } from "../control/definitions.ts";
import { createStoryService, patience, type StoryService } from "../journeys/service-of.ts";
import { startCaller, textOf, type Caller } from "../support/caller.ts";
import { startCensus, type Census } from "../support/census.ts";
import { testDatabase } from "../support/database.ts";
import type { GraphQL } from "../support/graphql.ts";
import { missing } from "../support/needs.ts";
import { findNomad } from "../support/nomad.ts";
import { json } from "../support/nomad-agent.ts";
import type { Serai } from "../support/serai.ts";
import { openInstallation, type Installation } from "./installation.ts";

const noNomad = missing(findNomad() === null, "nomad", "losing servers of a real Nomad", "sh test/nomad/build.sh (needs Go)");

describe.skipIf(noNomad)("three servers of Nomad, and a client", { timeout: 180_000 }, () => {
  const opened = new AsyncDisposableStack();
  let installation: Installation;
  let serai: Serai;
  let api: GraphQL;
  let service: StoryService;
  let caller: Caller;
  let census: Census;

  beforeAll(async () => {
    const database = opened.use(await testDatabase());
    installation = opened.use(await openInstallation(database, database.url, { servers: 3 }));
    serai = await installation.start("api,control,gateway");
    api = installation.graphql(serai);
    service = await createStoryService(() => api, "kept", guideExample, { openToPublic: true });
    census = opened.use(startCensus(installation.nomad));
  });
  afterAll(() => opened.disposeAsync());

  const healthyRoutes = async () =>
    ((await service.read("routes { status }"))["routes"] as readonly { status: string }[]).map(({ status }) => status);
  const scaleTo = async (count: number): Promise<void> => {
    await api.wish("modifyService", { id: service.id, desiredRouteCount: count }, "service { id }");
    await expect.poll(healthyRoutes, patience).toEqual(Array.from({ length: count }, () => "HEALTHY"));
  };
  const ready = async () => (await fetch(new URL("/readyz", serai.url))).json();
  const expectNothingFailed = (): void => {
    expect(caller.failures).toEqual([]);
    expect(census.doubled).toEqual([]);
  };

  test("the leader is killed: not a request fails, and what is asked for then is done by the next leader", async () => {
    await service.becomes("HEALTHY");
    caller = opened.use(startCaller(async () => void (await textOf(service.endpoint))));
    const { nomad } = installation;
    const leader = String(await nomad.get("/v1/status/leader"));
    const rpcs = await Promise.all(
      nomad.addresses.map(async (address) => ((await json(address, "/v1/agent/self")) as Self).config.AdvertiseAddrs.RPC),
    );
    const killed = nomad.servers[rpcs.indexOf(leader)];
    expect(killed).toBeDefined();
    await killed?.kill();
    await scaleTo(3);
    expectNothingFailed();
    await killed?.start();
  });

  test("all servers are killed and come back: Serai says so, waits, loses nothing and goes on", async () => {
    const { nomad } = installation;
    await Promise.all(nomad.servers.map((server) => server.kill()));
    await expect.poll(ready, patience).toEqual({ ready: false, reasons: ["The Nomad cluster cannot be reached at the moment."] });
    await api.wish("modifyService", { id: service.id, desiredRouteCount: 2 }, "service { id }");
    const answered = caller.answered;
    await expect.poll(() => caller.answered, patience).toBeGreaterThan(answered + 500);
    await Promise.all(nomad.servers.map((server) => server.start()));
    await expect.poll(ready, patience).toEqual({ ready: true, reasons: [] });
    await scaleTo(2);
    expectNothingFailed();
    expect(census.counts).toBeGreaterThan(10);
    expect([...census.sessionsOfRoute.values()].map((sessions) => sessions.size)).toEqual([...census.sessionsOfRoute.keys()].map(() => 1));
  });
});

type Self = { readonly config: { readonly AdvertiseAddrs: { readonly RPC: string } } };
