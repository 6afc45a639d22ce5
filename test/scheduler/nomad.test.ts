/** What only a cluster shows: two machines, an outage of Nomad, other people's jobs. On a real Nomad of one server and two clients. */
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { AppError } from "../../server/failure.ts";
import { silentLog } from "../../server/log.ts";
import { nextInSeat } from "../../server/model/seat.ts";
import type { Session } from "../../server/model/session.ts";
import { compileJob } from "../../server/scheduler/nomad/job.ts";
import { openNomadScheduler } from "../../server/scheduler/nomad/nomad-scheduler.ts";
import type { Scheduler } from "../../server/scheduler/scheduler.ts";
import { observe, type Observed } from "../contract/observe.ts";
import { missing } from "../support/needs.ts";
import { findNomad, type Nomad, startNomad } from "../support/nomad.ts";
import { newInstallationId } from "../support/nomad-harness.ts";
import { containerSession, hostSession } from "../support/nomad-sessions.ts";
import { freePorts } from "../support/ports.ts";

const noNomad = missing(findNomad() === null, "nomad", "the scheduler on two Nomad nodes", "sh test/nomad/build.sh (needs Go)");

describe.skipIf(noNomad)("sessions on a Nomad cluster", () => {
  const installationId = newInstallationId();
  let nomad: Nomad;
  let scheduler: Scheduler;
  let observed: Observed;
  const cleanUp = new AsyncDisposableStack();

  beforeAll(async () => {
    nomad = cleanUp.use(await startNomad({ clients: 2 }));
    scheduler = cleanUp.use(await openNomadScheduler({ address: nomad.address, installationId, log: silentLog }));
    observed = cleanUp.use(observe(scheduler));
  });
  afterAll(() => cleanUp.disposeAsync());

  const running = (session: Session) => observed.until(session.id, ({ state }) => state === "RUNNING", "running");
  const gone = async (session: Session): Promise<void> => {
    await scheduler.stop(session.id, 1000);
    await observed.until(session.id, ({ state }) => state === "GONE", "gone");
  };
  const wantedJobIds = async (): Promise<readonly string[]> =>
    ((await nomad.get(`/v1/jobs?filter=${encodeURIComponent("Stop == false")}`)) as readonly { readonly ID: string }[]).map(({ ID }) => ID);

  it("every job that Serai makes is one that Nomad accepts", async () => {
    const odd = { script: "{{ key }} ${x} '\"\\\n", variables: { ODD: "${NOMAD_IP} {{ env }} '" }, avoid: ["node-1", "node-2"] };
    for (const session of [hostSession(), hostSession(odd), containerSession("busybox:1", odd)]) {
      const Job = compileJob(session, { installationId, megahertzPerCore: 2600 });
      const response = await fetch(`${nomad.address}/v1/validate/job`, { method: "POST", body: JSON.stringify({ Job }) });
      expect(await response.json()).toMatchObject({ ValidationErrors: null, Error: "", Warnings: "" });
    }
  });

  it("two routes of one service land on two nodes when there are two", async () => {
    const first = hostSession();
    await scheduler.submit(first);
    const { node } = await running(first);
    const second = hostSession({ serviceId: first.serviceId, avoid: [node?.name ?? ""] });
    await scheduler.submit(second);
    const other = (await running(second)).node;
    expect(new Set([node?.name, other?.name])).toEqual(new Set(["node-1", "node-2"]));
    await Promise.all([gone(first), gone(second)]);
  });

  it("a route is placed all the same where every node holds another of its service", async () => {
    const session = hostSession({ avoid: nomad.nodes });
    await scheduler.submit(session);
    expect(nomad.nodes).toContain((await running(session)).node?.name);
    await gone(session);
  });

  it("a session goes on elsewhere when its machine is lost", async () => {
    const session = hostSession();
    await scheduler.submit(session);
    const { node } = await running(session);
    const lost = nomad.clients.find(({ name }) => name === node?.name);
    await lost?.kill();
    const elsewhere = await observed.until(session.id, (one) => one.state === "RUNNING" && one.node?.name !== node?.name, "running elsewhere");
    expect(elsewhere.events.map(({ kind }) => kind)).toContain("LOST");
    await lost?.start();
    await gone(session);
  });

  it("sessions run on while Nomad's server is away, and a watcher finds them again", async () => {
    const session = hostSession();
    await scheduler.submit(session);
    const before = await running(session);
    await nomad.server.kill();
    await expect(scheduler.nodes()).rejects.toMatchObject({ code: "SCHEDULER_UNAVAILABLE", retry: true });
    const toldBefore = observed.history(session.id).length;
    await nomad.server.start();
    await expect.poll(() => observed.history(session.id).length, { timeout: 30_000 }).toBeGreaterThan(toldBefore);
    expect(observed.newest(session.id)).toMatchObject({ state: "RUNNING", attempt: before.attempt, address: before.address });
    await gone(session);
  });

  const stubborn = "trap '' TERM\nwhile :; do sleep 0.2; done\n";

  it("a seat stays on its machine when it is handed on, and another Serai finds each of its sessions as it is", async () => {
    const first = hostSession();
    const second = hostSession({ id: nextInSeat(first.id), script: stubborn });
    const third = hostSession({ id: nextInSeat(second.id) });
    await scheduler.submit(first);
    const { node } = await running(first);
    await scheduler.replace(first.id, second);
    await running(second);
    await scheduler.replace(second.id, third);
    await observed.until(second.id, ({ state }) => state === "STOPPING", "stopping");

    await using other = await openNomadScheduler({ address: nomad.address, installationId, log: silentLog });
    await using seen = observe(other);
    const waiting = await seen.until(third.id, ({ state }) => state === "PLACED", "placed");
    expect(waiting.events.map(({ kind }) => kind)).toEqual(["PLACED"]);
    expect(seen.newest(second.id)).toMatchObject({ state: "STOPPING", address: null, node });
    await other.replace(first.id, second);
    await other.stop(second.id, 200);
    const { events, lastExit, node: stayedOn } = await seen.until(third.id, ({ state }) => state === "RUNNING", "running");
    expect({ stayedOn, lastExit, kinds: events.map(({ kind }) => kind) }).toEqual({ stayedOn: node, lastExit: null, kinds: ["PLACED", "STARTED"] });
    expect(await seen.until(second.id, ({ state }) => state === "GONE", "gone")).toMatchObject({ lastExit: { signal: "SIGKILL" } });
    expect(await wantedJobIds()).toContain(`serai-${installationId}-${first.id}`);
    await gone(third);
    await expect.poll(wantedJobIds, { timeout: 20_000 }).not.toContain(`serai-${installationId}-${first.id}`);
  });

  it("a seat whose machine takes nobody new moves to another, where its session starts when the one before has ended", async () => {
    const takes = (id: string, Eligibility: string): Promise<Response> =>
      fetch(`${nomad.address}/v1/node/${id}/eligibility`, { method: "POST", body: JSON.stringify({ Eligibility }) });
    const ended = join(tmpdir(), `serai-${newInstallationId()}`);
    onTestFinished(() => rm(ended, { force: true }));
    const old = hostSession({ script: `trap 'sleep 2; echo x > ${ended}; exit 0' TERM\nwhile :; do sleep 0.2; done\n` });
    const successor = hostSession({ id: nextInSeat(old.id), script: `test -e ${ended} || exit 9\nexec sleep 3600\n` });
    await scheduler.submit(old);
    const { node } = await running(old);
    await takes(node?.id ?? "", "ineligible");
    await scheduler.replace(old.id, successor);
    const moved = await running(successor);
    expect(moved).toMatchObject({ lastExit: null });
    expect(moved.node?.name).not.toBe(node?.name);
    await takes(node?.id ?? "", "eligible");
    await gone(successor);
  });

  it("the sessions of another installation are neither seen nor touched", async () => {
    await using other = await openNomadScheduler({ address: nomad.address, installationId: `${installationId}2`, log: silentLog });
    const theirs = hostSession();
    const ours = hostSession();
    await other.submit(theirs);
    await scheduler.submit(ours);
    await running(ours);
    await scheduler.stop(theirs.id, 0);
    expect(observed.history(theirs.id)).toEqual([]);
    await using theirView = observe(other);
    await theirView.until(theirs.id, ({ state }) => state === "RUNNING", "running");
    expect(theirView.history(ours.id)).toEqual([]);
    await other.stop(theirs.id, 0);
    await theirView.until(theirs.id, ({ state }) => state === "GONE", "gone");
    await gone(ours);
  });

  it("a stopped session leaves no job that is to run", async () => {
    const session = hostSession();
    await scheduler.submit(session);
    await running(session);
    await gone(session);
    await expect.poll(wantedJobIds, { timeout: 20_000 }).not.toContain(`serai-${installationId}-${session.id}`);
  });

  it("what Nomad refuses is told in Nomad's own words", async () => {
    const session = hostSession({ resourceGroup: { name: "gpus", nodePool: "no-such-pool" } });
    const refusal = await scheduler.submit(session).catch((thrown: unknown) => thrown);
    expect(refusal).toBeInstanceOf(AppError);
    expect(refusal).toMatchObject({ code: "SCHEDULER_REFUSED", retry: false, publicMessage: expect.stringContaining("no-such-pool") });
  });

  it("a missing model folder is named as the reason", async () => {
    const session = hostSession({ mounts: [{ source: "/no/such/folder", target: "/models", readOnly: false }] });
    await scheduler.submit(session);
    const { lastExit } = await observed.until(session.id, (one) => one.lastExit !== null, "ended");
    expect(lastExit?.outputTail).toContain("/no/such/folder");
    await gone(session);
  });
});

it("a Nomad that does not answer is waited for, and each question says that it is an outage", async () => {
  const [port] = await freePorts(1);
  await using scheduler = await openNomadScheduler({ address: `http://127.0.0.1:${port}`, installationId: "x", log: silentLog });
  await expect(scheduler.nodes()).rejects.toMatchObject({ code: "SCHEDULER_UNAVAILABLE", retry: true });
});
