/** Gangs on a real Nomad: one server and three clients on one machine, each of which is a node to it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { silentLog } from "../../server/log.ts";
import type { SessionId } from "../../server/model/ids.ts";
import { nextInSeat } from "../../server/model/seat.ts";
import type { Observation, Session } from "../../server/model/session.ts";
import { explain } from "../../server/model/why.ts";
import { questionOf } from "../../server/model/why/question.ts";
import { openNomadScheduler } from "../../server/scheduler/nomad/nomad-scheduler.ts";
import type { Scheduler } from "../../server/scheduler/scheduler.ts";
import { serves, urlOf } from "../contract/bench.ts";
import { observe, type Observed } from "../contract/observe.ts";
import { findDocker, importPython, startDockerd } from "../support/docker.ts";
import { gangSession, toldBy, type Told } from "../support/gang.ts";
import { missing } from "../support/needs.ts";
import { findNomad, type Nomad, startNomad } from "../support/nomad.ts";
import { newInstallationId } from "../support/nomad-harness.ts";
import { freePorts } from "../support/ports.ts";

const noNomad = missing(findNomad() === null, "nomad", "gangs", "sh test/nomad/build.sh (needs Go)");

type Running = { readonly ID: string; readonly TaskGroup: string; readonly NodeName: string; readonly ClientStatus: string };

describe.skipIf(noNomad)("a route of three members", () => {
  const cleanUp = new AsyncDisposableStack();
  const installationId = newInstallationId();
  let nomad: Nomad;
  let scheduler: Scheduler;
  let observed: Observed;

  beforeAll(async () => {
    nomad = cleanUp.use(await startNomad({ clients: 3 }));
    scheduler = cleanUp.use(await openNomadScheduler({ address: nomad.address, installationId, log: silentLog }));
    observed = cleanUp.use(observe(scheduler));
  });
  afterAll(() => cleanUp.disposeAsync());

  const allocationsOf = async (id: SessionId): Promise<readonly Running[]> =>
    ((await nomad.get(`/v1/job/serai-${installationId}-${id}/allocations`)) as readonly Running[]).filter(
      ({ ClientStatus }) => ClientStatus === "running",
    );
  const started = async (session: Session): Promise<Observation> => {
    await scheduler.submit(session);
    return observed.until(session.id, serves, "serving");
  };
  const answered = async (seen: Observation): Promise<readonly Told[]> => {
    await expect.poll(() => toldBy(urlOf(seen)).catch(() => [])).toHaveLength(3);
    return toldBy(urlOf(seen));
  };
  const ended = async (id: SessionId): Promise<void> => {
    await scheduler.stop(id, 0);
    await observed.until(id, ({ state }) => state === "GONE", "gone");
  };
  const end = async (allocation: string, task: string): Promise<void> => {
    const body = JSON.stringify({ Task: task, Signal: "SIGKILL" });
    await fetch(`${nomad.address}/v1/client/allocation/${allocation}/signal`, { method: "POST", body });
  };
  const member = (rank: number, more: Told): Told => ({
    WORLD_SIZE: "3",
    RANK: String(rank),
    LOCAL_WORLD_SIZE: "1",
    LOCAL_RANK: "0",
    NNODES: "3",
    NODE_RANK: String(rank),
    MASTER_ADDR: "127.0.0.1",
    BACKENDAI_CLUSTER_SIZE: "3",
    BACKENDAI_CLUSTER_ROLE: rank === 0 ? "main" : "sub",
    BACKENDAI_CLUSTER_IDX: String(rank === 0 ? 1 : rank),
    BACKENDAI_CLUSTER_LOCAL_RANK: String(rank),
    BACKENDAI_CLUSTER_REPLICAS: "main:1,sub:2",
    BACKENDAI_CLUSTER_HOST: "127.0.0.1",
    BACKENDAI_CLUSTER_HOSTS: "127.0.0.1,127.0.0.1,127.0.0.1",
    ...more,
  });

  it.each(["MULTI_NODE", "SINGLE_NODE"] as const)("exchanges a message through main, each member knowing who it is, with %s", async (mode) => {
    const session = gangSession({ mode, size: 3 }, { secrets: { SECRET: `it's "${mode}" {{ }}` } });
    const seen = await started(session);
    const told = await answered(seen);
    expect(new Set(told.map((one) => one["SECRET"]))).toEqual(new Set([`it's "${mode}" {{ }}`]));
    const mainPort = told[0]?.["MASTER_PORT"] ?? "";
    expect(told).toMatchObject(
      [0, 1, 2].map((rank) => member(rank, { MASTER_PORT: mainPort, BACKENDAI_CLUSTER_MODE: mode === "MULTI_NODE" ? "multi-node" : "single-node" })),
    );
    expect(new Set(told.map((one) => one["PORT"])).size).toBe(3);
    expect(told[0]?.["PORT"]).toBe(String(seen.address?.port));
    const query = {
      stream: "stdout",
      member: 2,
      follow: true,
      attempt: null,
      offset: 0,
      tailBytes: null,
      signal: AbortSignal.timeout(20_000),
    } as const;
    for await (const { bytes } of scheduler.logs(session.id, query)) {
      expect(Buffer.from(bytes).toString()).toBe("welcome\n\n");
      break;
    }
    const users = (await scheduler.nodes()).flatMap(({ users: all }) => all.filter((user) => user.session?.id === session.id));
    expect(users.map(({ memoryMiB }) => memoryMiB)).toEqual(mode === "MULTI_NODE" ? [64, 64, 64] : [192]);
    const nodes = (await allocationsOf(session.id)).map(({ NodeName }) => NodeName);
    expect(nodes.toSorted()).toEqual(mode === "MULTI_NODE" ? ["node-1", "node-2", "node-3"] : [seen.node?.name]);
    await ended(session.id);
    await expect.poll(() => nomad.get("/v1/vars"), { timeout: 20_000 }).toEqual([]);
  });

  it("on machines of its own is told broken when a member ends, and is whole again when that is asked for", async () => {
    const session = gangSession({ mode: "MULTI_NODE", size: 3 }, { secrets: { SECRET: "kept" } });
    const first = await started(session);
    await answered(first);
    const worker = (await allocationsOf(session.id)).find(({ TaskGroup }) => TaskGroup === "worker-2");
    await end(worker?.ID ?? "", "model");
    const broken = await observed.until(session.id, ({ state }) => state === "BACKING_OFF", "broken");
    expect(broken).toMatchObject({ awaitsRetry: true, address: null, lastExit: { member: 2, signal: "SIGKILL" } });
    expect(broken.events.map(({ message }) => message)).toContain("Worker 2 was ended by SIGKILL.");
    expect(await allocationsOf(session.id)).toHaveLength(2);

    await scheduler.retry(session.id);
    const again = await observed.until(session.id, (one) => serves(one) && one.attempt !== first.attempt, "serving again");
    expect(await answered(again)).toMatchObject([0, 1, 2].map((rank) => ({ RANK: String(rank), SECRET: "kept" })));
    expect(await allocationsOf(session.id)).toHaveLength(3);
    // Nobody asks twice of what is whole.
    await scheduler.retry(session.id);
    expect(observed.newest(session.id)).toMatchObject({ state: "RUNNING", attempt: again.attempt });
    await ended(session.id);
  });

  it("on one machine is started anew as a whole when a member ends, by Nomad alone", async () => {
    const session = gangSession({ mode: "SINGLE_NODE", size: 3 });
    const first = await started(session);
    await answered(first);
    const [allocation] = await allocationsOf(session.id);
    await end(allocation?.ID ?? "", "worker-1");
    const broken = await observed.until(session.id, ({ state }) => state === "BACKING_OFF", "broken");
    expect(broken).toMatchObject({ lastExit: { member: 1, signal: "SIGKILL" } });
    expect(broken.awaitsRetry).toBeUndefined();
    const again = await observed.until(session.id, (one) => serves(one) && one.attempt !== first.attempt, "serving again");
    expect(await answered(again)).toHaveLength(3);
    await ended(session.id);
  });

  it("does not begin while Nomad can place only a part of it, and says how many are missing", async () => {
    const session = gangSession({ mode: "MULTI_NODE", size: 4 });
    const before = await scheduler.preview(session);
    if (before.fits) throw new Error("it fits");
    expect(explain(questionOf(session, before.unplaced)).sentence).toBe(
      "3 of 4 members would find a place; 1 is missing. Each member needs a node of its own, and group default has 3 nodes.",
    );
    await scheduler.submit(session);
    const waiting = await observed.until(session.id, ({ unplaced }) => unplaced?.members?.placed === 3, "placed in part");
    expect(waiting).toMatchObject({ state: "UNPLACED", address: null, unplaced: { members: { size: 4 } } });
    await ended(session.id);
    expect(await allocationsOf(session.id)).toEqual([]);
  });

  it("hands its seat on as a whole", async () => {
    const old = gangSession({ mode: "MULTI_NODE", size: 3 });
    await answered(await started(old));
    const next = gangSession({ mode: "MULTI_NODE", size: 3 }, { id: nextInSeat(old.id), routeId: old.routeId, serviceId: old.serviceId });
    await scheduler.replace(old.id, next);
    expect(await answered(await observed.until(next.id, serves, "serving"))).toHaveLength(3);
    await observed.until(old.id, ({ state }) => state === "GONE", "gone");
    await ended(next.id);
  });
});

const noDocker = noNomad || missing(!findDocker(), "docker", "gangs of containers", "apt-get install docker.io debootstrap, as root");

describe.skipIf(noDocker)("a route of two containers", () => {
  const cleanUp = new AsyncDisposableStack();
  let scheduler: Scheduler;
  let observed: Observed;
  let image: string;

  beforeAll(async () => {
    const docker = cleanUp.use(await startDockerd());
    image = await importPython(docker);
    const { address } = cleanUp.use(await startNomad({ clients: 2, dockerHost: docker.host }));
    scheduler = cleanUp.use(await openNomadScheduler({ address, installationId: newInstallationId(), log: silentLog }));
    observed = cleanUp.use(observe(scheduler));
  }, 600_000);
  afterAll(() => cleanUp.disposeAsync());

  it.each(["MULTI_NODE", "SINGLE_NODE"] as const)(
    "exchanges a message through main, which serves at the port that it declares, with %s",
    async (mode) => {
      const [port = 0] = await freePorts(1);
      const session = gangSession({ mode, size: 2 }, { environment: { kind: "CONTAINER", image }, port });
      await scheduler.submit(session);
      const seen = await observed.until(session.id, serves, "serving");
      expect(seen.address?.port).toBe(port);
      await expect
        .poll(() => toldBy(urlOf(seen)).catch(() => []))
        .toMatchObject([
          { RANK: "0", PORT: String(port) },
          { RANK: "1", MASTER_ADDR: "127.0.0.1" },
        ]);
      await scheduler.stop(session.id, 0);
      await observed.until(session.id, ({ state }) => state === "GONE", "gone");
    },
  );

  it("is told why it cannot start", async () => {
    const session = gangSession({ mode: "MULTI_NODE", size: 2 }, { environment: { kind: "CONTAINER", image: "127.0.0.1:1/none:1" } });
    await scheduler.submit(session);
    const { lastExit } = await observed.until(session.id, ({ state }) => state === "BACKING_OFF", "failed");
    expect(lastExit?.message).toContain("127.0.0.1:1/none:1");
    await scheduler.stop(session.id, 0);
    await observed.until(session.id, ({ state }) => state === "GONE", "gone");
  });
});
