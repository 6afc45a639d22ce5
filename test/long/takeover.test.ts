/** Several Serai processes on one cluster, and whoever controls a service dies, or stops for a while, in the middle of a change. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { guideExample } from "../control/definitions.ts";
import { createStoryService, patience, type StoryService } from "../journeys/service-of.ts";
import { startCaller, textOf, type Caller } from "../support/caller.ts";
import { startCensus, type Census } from "../support/census.ts";
import { testDatabase } from "../support/database.ts";
import type { GraphQL } from "../support/graphql.ts";
import { missing } from "../support/needs.ts";
import { findNomad } from "../support/nomad.ts";
import type { Serai } from "../support/serai.ts";
import { leaseOf, openInstallation, rowsOf, sharesOf, type Installation } from "./installation.ts";

const noNomad = missing(findNomad() === null, "nomad", "taking over on a real Nomad", "sh test/nomad/build.sh (needs Go)");
/** Five seconds are promised. */
const takeOverMsMax = 15_000;
const slowestMsMax = 5000;
const often = { timeout: 60_000, interval: 5 };

describe.skipIf(noNomad)("several processes, one of which controls a service", { timeout: 180_000 }, () => {
  const opened = new AsyncDisposableStack();
  let installation: Installation;
  let controls: Serai[];
  let api: GraphQL;
  let service: StoryService;
  let caller: Caller;
  let census: Census;

  beforeAll(async () => {
    const database = opened.use(await testDatabase());
    installation = opened.use(await openInstallation(database));
    const front = await installation.start("api,gateway");
    api = installation.graphql(front);
    controls = [await installation.start("control"), await installation.start("control")];
    service = await createStoryService(() => api, "kept", guideExample, { openToPublic: true });
    census = opened.use(startCensus(installation.nomad));
  });
  afterAll(() => opened.disposeAsync());

  const routes = async () => (await service.read("routes { status }"))["routes"] as readonly { readonly status: string }[];
  const healthy = (count: number) => Array.from({ length: count }, () => ({ status: "HEALTHY" }));
  const lease = () => leaseOf(installation.database, service.id);
  const holder = async (): Promise<Serai> => {
    const { pid } = await lease();
    const found = controls.find((serai) => serai.process.pid === pid);
    if (found === undefined) throw new Error(`nobody of us has the process id ${pid}`);
    return found;
  };
  /** @returns the holder, when two new routes exist and do not serve yet. */
  async function scaleToThreeAndCatchTheHolder(): Promise<Serai> {
    const found = await holder();
    await api.wish("modifyService", { id: service.id, desiredRouteCount: 3 }, "service { id }");
    const statuses = async () => (await routes()).map(({ status }) => status).join(" ");
    await expect.poll(statuses, often).toMatch(/^HEALTHY (PENDING|SCHEDULING|PREPARING|WARMING_UP) (PENDING|SCHEDULING|PREPARING|WARMING_UP)$/);
    return found;
  }
  /** @returns how long it took, from now. */
  async function takenOverFrom(lost: Serai): Promise<number> {
    const startedAt = performance.now();
    await expect
      .poll(async () => {
        const { pid, isHeld } = await lease();
        return isHeld && pid !== lost.process.pid;
      }, often)
      .toBe(true);
    return performance.now() - startedAt;
  }
  function expectNothingFailed(): void {
    expect(caller.failures).toEqual([]);
    expect(caller.slowestMs).toBeLessThan(slowestMsMax);
    expect(census.doubled).toEqual([]);
    expect([...census.sessionsOfRoute.values()].map((sessions) => sessions.size)).toEqual([...census.sessionsOfRoute.keys()].map(() => 1));
  }

  test("killed in the middle of a scaling: another takes over, the scaling completes, no request fails, no route has two sessions", async () => {
    await service.becomes("HEALTHY");
    caller = opened.use(startCaller(async () => void (await textOf(service.endpoint))));
    const killed = await scaleToThreeAndCatchTheHolder();
    const ended = killed.end("SIGKILL");
    expect(await takenOverFrom(killed)).toBeLessThan(takeOverMsMax);
    await ended;
    await expect.poll(routes, patience).toEqual(healthy(3));
    await service.becomes("HEALTHY");
    expectNothingFailed();
    controls = [...controls.filter((serai) => serai !== killed), await installation.start("control")];
    await api.wish("modifyService", { id: service.id, desiredRouteCount: 1 }, "service { id }");
    await expect.poll(routes, patience).toEqual(healthy(1));
    expectNothingFailed();
  });

  test("frozen in the middle of a scaling: the same; continued, it writes nothing of what it believed, and lives on", async () => {
    const frozen = await scaleToThreeAndCatchTheHolder();
    frozen.process.kill("SIGSTOP");
    expect(await takenOverFrom(frozen)).toBeLessThan(takeOverMsMax);
    await expect.poll(routes, patience).toEqual(healthy(3));
    await service.becomes("HEALTHY");

    const [before, { epoch }] = [await rowsOf(installation.database, service.id), await lease()];
    frozen.process.kill("SIGCONT");
    // It has nothing of what it had; it joins again, as a new one would, and then nothing moves any more.
    await expect.poll(async () => (await sharesOf(installation.database)).map(({ number }) => number), patience).toEqual([32, 32]);
    const [shares, answeredBefore] = [await sharesOf(installation.database), caller.answered];
    await expect.poll(() => caller.answered, patience).toBeGreaterThan(answeredBefore + 250);
    expect(await rowsOf(installation.database, service.id)).toEqual(before);
    expect(await sharesOf(installation.database)).toEqual(shares);
    expect((await lease()).epoch - epoch).toBeLessThanOrEqual(1);
    expect(frozen.process.exitCode).toBeNull();

    await api.wish("modifyService", { id: service.id, desiredRouteCount: 1 }, "service { id }");
    await expect.poll(routes, patience).toEqual(healthy(1));
    expectNothingFailed();
    expect(census.counts).toBeGreaterThan(100);
  });
});
