/**
 * Reasons why a session does not run, each produced on a real Nomad and told in the sentence that a user reads. Those of placement are
 * asked twice, beforehand and while it waits, and once more as if Nomad's own evaluation were empty, as it is sometimes.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AppError } from "../../server/failure.ts";
import { silentLog } from "../../server/log.ts";
import type { ComputeNode } from "../../server/model/observe.ts";
import type { Accelerator } from "../../server/model/service-spec.ts";
import type { Session, UnplacedFacts } from "../../server/model/session.ts";
import { explain } from "../../server/model/why.ts";
import { explainUnavailable } from "../../server/model/why/failed.ts";
import { type Culprit, type Explanation, questionOf } from "../../server/model/why/question.ts";
import { openNomadScheduler } from "../../server/scheduler/nomad/nomad-scheduler.ts";
import type { Scheduler } from "../../server/scheduler/scheduler.ts";
import { observe, type Observed } from "../contract/observe.ts";
import { startLeaderlessNomad } from "../support/leaderless-nomad.ts";
import { missing } from "../support/needs.ts";
import { findFakeGpu, findNomad, type Nomad, startNomad } from "../support/nomad.ts";
import { newInstallationId } from "../support/nomad-harness.ts";
import { containerSession, hostSession } from "../support/nomad-sessions.ts";

const noNomad = missing(findNomad() === null || findFakeGpu() === null, "nomad", "reasons on Nomad", "sh test/nomad/build.sh (needs Go)");

describe.skipIf(noNomad)("a session that no machine takes is told why", () => {
  const cleanUp = new AsyncDisposableStack();
  let nomad: Nomad;
  let scheduler: Scheduler;
  let observed: Observed;
  let node: ComputeNode;

  beforeAll(async () => {
    nomad = cleanUp.use(await startNomad({ clients: 2, nodePools: ["default", "out"], gpus: 2 }));
    scheduler = cleanUp.use(await openNomadScheduler({ address: nomad.address, installationId: newInstallationId(), log: silentLog }));
    observed = cleanUp.use(observe(scheduler));
    node = await machine("node-1");
  }, 120_000);
  afterAll(() => cleanUp.disposeAsync());

  const machine = async (name: string): Promise<ComputeNode> => {
    const found = (await scheduler.nodes()).find((one) => one.name === name);
    if (found === undefined) throw new Error(`there is no ${name}`);
    return found;
  };
  const wanting = (resources: Partial<Session["resources"]>, changes: Partial<Session> = {}): Session => {
    const session = hostSession(changes);
    return { ...session, resources: { ...session.resources, ...resources } };
  };
  const withGpus = (...accelerators: Accelerator[]): Session => wanting({ accelerators });
  const inGroup = (group: Partial<Session["resourceGroup"]>): Session =>
    hostSession({ resourceGroup: { name: "prod", nodePool: "default", ...group } });
  const started = async (session: Session): Promise<AsyncDisposable> => {
    await scheduler.submit(session);
    await observed.until(session.id, ({ state }) => state === "RUNNING", "running");
    return {
      async [Symbol.asyncDispose]() {
        await scheduler.stop(session.id, 0);
        await observed.until(session.id, ({ state }) => state === "GONE", "gone");
      },
    };
  };
  const nothingSaid = ({ nodes }: UnplacedFacts): UnplacedFacts => ({
    nodesEvaluated: 0,
    nodesFiltered: 0,
    nodesExhausted: 0,
    constraintFiltered: {},
    dimensionExhausted: {},
    message: null,
    ...(nodes === undefined ? {} : { nodes }),
  });
  /** @param onlyNomadKnows the machines alone do not tell. */
  async function reason(session: Session, culprit: Culprit, onlyNomadKnows = false): Promise<Explanation> {
    const preview = await scheduler.preview(session);
    if (preview.fits) throw new Error("it fits");
    const before = explain(questionOf(session, preview.unplaced));
    expect(before.culprit).toBe(culprit);
    await scheduler.submit(session);
    const { unplaced } = await observed.until(session.id, (one) => one.state === "UNPLACED" && one.unplaced !== null, "waiting with a reason");
    if (unplaced === null) throw new Error("no reason");
    expect(explain(questionOf(session, unplaced))).toEqual(before);
    if (!onlyNomadKnows) expect(explain(questionOf(session, nothingSaid(unplaced)))).toEqual(before);
    await scheduler.stop(session.id, 0);
    await observed.until(session.id, ({ state }) => state === "GONE", "gone");
    return before;
  }

  it("all accelerators are held, by whom", async () => {
    await using _first = await started({ ...withGpus({ name: "gpu", count: 1 }), serviceName: "whisper" });
    const partly = await reason(withGpus({ name: "nvidia/gpu", count: 2, memoryGiB: 40 }), "DEVICES");
    expect(partly.sentence).toBe(
      "Needs 2 nvidia GPUs with at least 40 GiB in group default. 1 node has as many; 1 of 2 is free, not enough on one node; held: whisper (1). Would fit now with 1 nvidia GPU.",
    );
    await using _second = await started({ ...withGpus({ name: "gpu", count: 1 }), serviceName: "llama" });
    const { sentence, remedies } = await reason(withGpus({ name: "gpu", count: 1, memoryGiB: 40 }), "DEVICES");
    expect(sentence).toBe("Needs 1 GPU with at least 40 GiB in group default. 1 node has one; all are held: llama (1), whisper (1).");
    expect(remedies.map(({ kind }) => kind)).toEqual(["STOP_SERVICE", "STOP_SERVICE"]);
  });

  it("there is no such accelerator, not as many, not as large, none of that kind", async () => {
    const none = await reason(withGpus({ name: "amd/gpu", count: 1 }), "NO_SUCH_DEVICE");
    expect(none.sentence).toBe(
      "Needs 1 amd GPU in group default. Its only usable node has none, only nvidia/gpu/H100. Would fit now with 1 nvidia H100 GPU.",
    );
    const many = await reason(withGpus({ name: "nvidia/gpu", count: 4 }), "NO_SUCH_DEVICE");
    expect(many.sentence).toBe("Needs 4 nvidia GPUs in group default. The most on one node is 2, on node-1. Would fit now with 2 nvidia GPUs.");
    const large = await reason(withGpus({ name: "gpu", count: 1, memoryGiB: 100 }), "NO_SUCH_DEVICE");
    expect(large.sentence).toBe("Needs 1 GPU with at least 100 GiB in group default. The largest there has 80 GiB. Would fit now with 80 GiB.");
    const constraints = [{ attribute: "${device.attr.memory}", operator: "<", value: "1 GiB" } as const];
    const odd = await reason(withGpus({ name: "gpu", count: 1, constraints }), "NO_SUCH_DEVICE");
    expect(odd.sentence).toBe("Needs 1 GPU with a condition in group default. None of the 2 GPUs there meets `${device.attr.memory} < 1 GiB`.");
  });

  it("memory: more than any machine has, or than others leave", async () => {
    const { total } = node.memoryMiB;
    const never = await reason(wanting({ memoryMiB: total + 1024 }), "MEMORY");
    expect(never.sentence).toMatch(
      /^Needs [\d.]+ GiB of memory in group default\. The largest node, node-1, has [\d.]+ GiB\. Would fit now with [\d.]+ GiB of memory\.$/,
    );
    await using _holder = await started(wanting({ memoryMiB: total - 1024 }, { serviceName: "llama" }));
    const { sentence, remedies } = await reason(wanting({ memoryMiB: 2048 }), "MEMORY");
    expect(sentence).toMatch(
      /^Needs 2 GiB of memory in group default\. The most that is free on one node is 1 GiB of [\d.]+ GiB, on node-1\. Held by: llama \([\d.]+ GiB\)\. Would fit now with 1 GiB of memory\.$/,
    );
    const lower = remedies.find(({ kind }) => kind === "LOWER_MEMORY");
    expect(lower).toMatchObject({ memoryGiB: 1 });
    expect(await scheduler.preview(wanting({ memoryMiB: 1024 }))).toEqual({ fits: true });
  });

  it("CPU: more than any machine has, or than others leave", async () => {
    const { total } = node.cpuMillicores;
    const never = await reason(wanting({ cpuMillicores: total + 1000 }), "CPU");
    expect(never.sentence).toMatch(/^Needs [\d.]+ cores of CPU in group default\. The largest node, node-1, has [\d.]+ cores\./);
    await using _holder = await started(wanting({ cpuMillicores: total - 200 }, { serviceName: "llama" }));
    const { sentence } = await reason(wanting({ cpuMillicores: 500 }), "CPU");
    expect(sentence).toMatch(
      /^Needs 0\.5 cores of CPU in group default\. The most that is free on one node is 0\.\d+ cores of [\d.]+ cores, on node-1\. Held by: llama \([\d.]+ cores?\)\. Would fit now with 0\.\d+ cores\.$/,
    );
  });

  it("the group's rule takes no machine in: datacenter, class", async () => {
    const far = await reason(inGroup({ datacenters: ["dc9"] }), "NO_NODES");
    expect(far.sentence).toBe("Group prod has no nodes: none of the 1 node of node pool default is in datacenter dc9.");
    const large = await reason(inGroup({ nodeClass: "large" }), "NO_NODES");
    expect(large.sentence).toBe("Group prod has no nodes: none of the 1 node of node pool default is of class large.");
  });

  it("there is no such node pool, which is told beforehand, and is Nomad's refusal when it is tried all the same", async () => {
    const session = inGroup({ nodePool: "nowhere" });
    const preview = await scheduler.preview(session);
    expect(preview.fits ? "" : explain(questionOf(session, preview.unplaced)).sentence).toBe(
      "Group prod has no nodes: no node is in node pool nowhere.",
    );
    await expect(scheduler.submit(session)).rejects.toMatchObject({ code: "SCHEDULER_REFUSED", publicMessage: expect.stringContaining("nowhere") });
  });

  it("a condition of the group rules all out, which only Nomad knows", async () => {
    const constraints = [{ attribute: "${attr.kernel.name}", operator: "=", value: "windows" } as const];
    const { sentence } = await reason(inGroup({ constraints }), "CONSTRAINT", true);
    expect(sentence).toBe("`${attr.kernel.name} = windows` rules out the only usable node of group prod.");
    const named = [{ attribute: "${node.unique.name}", operator: "=", value: "other" } as const];
    expect((await reason(inGroup({ constraints: named }), "CONSTRAINT")).sentence).toBe(
      "`${node.unique.name} = other` rules out the only usable node of group prod.",
    );
  });

  it("no machine has the driver, and what the driver says of it", async () => {
    const { sentence } = await reason(containerSession("any:1"), "DRIVER");
    expect(sentence).toMatch(/^Needs the driver docker, which no usable node of group default has healthy: node-1 does not have it\.$/);
  });

  it("no port is free", async () => {
    const labels = Array.from({ length: 59 }, (_, index) => ({ Label: `p${index}` }));
    const task = { Name: "all", Driver: "raw_exec", Config: { command: "/bin/sleep", args: ["3600"] }, Resources: { CPU: 1, MemoryMB: 10 } };
    // Nomad hands out each port once for 127.0.0.1 and once for ::1.
    const group = { Name: "all", Count: 2, Networks: [{ DynamicPorts: labels }], Tasks: [task] };
    const job = { ID: "all-ports", Name: "all-ports", Type: "service", Datacenters: ["*"], TaskGroups: [group] };
    const tell = (method: string, path: string, body?: object) =>
      fetch(`${nomad.address}${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    await tell("POST", "/v1/jobs", { Job: job });
    await expect.poll(async () => (await machine("node-1")).users.length, { timeout: 20_000 }).toBe(2);
    expect((await machine("node-1")).users).toMatchObject([{ job: "all-ports", session: null }, { job: "all-ports" }]);
    const { sentence } = await reason(hostSession(), "PORTS", true);
    expect(sentence).toMatch(/^No machine of resource group default takes it: no port is free on 1 machine \(.+\)\.$/);
    await tell("DELETE", "/v1/job/all-ports?purge=true");
    await expect.poll(async () => (await machine("node-1")).users.length, { timeout: 20_000 }).toBe(0);
  });

  it("every machine was taken out of service, or is down", async () => {
    const { id } = await machine("node-2");
    await fetch(`${nomad.address}/v1/node/${id}/eligibility`, { method: "POST", body: JSON.stringify({ NodeID: id, Eligibility: "ineligible" }) });
    await expect.poll(async () => (await machine("node-2")).eligible, { timeout: 20_000 }).toBe(false);
    const session = (): Session => inGroup({ nodePool: "out" });
    const { sentence, remedies } = await reason(session(), "ALL_UNAVAILABLE");
    expect(sentence).toBe("The only node of group prod takes no new work: node-2 is not eligible. Would fit on node-2, if it took new work.");
    expect(remedies).toMatchObject([{ kind: "MAKE_ELIGIBLE", nodeId: id }]);
    await nomad.clients[1]?.kill();
    await expect.poll(async () => (await machine("node-2")).status, { timeout: 40_000 }).toBe("DOWN");
    expect((await reason(session(), "ALL_UNAVAILABLE")).sentence).toBe("The only node of group prod takes no new work: node-2 is down.");
  });
});

describe.skipIf(noNomad)("while Nomad itself is not there, that is the reason", () => {
  it("no leader, or no answer", async () => {
    await using nomad = await startLeaderlessNomad();
    await using scheduler = await openNomadScheduler({ address: nomad.address, installationId: newInstallationId(), log: silentLog });
    const why = async (): Promise<Explanation> => {
      const thrown: unknown = await scheduler.preview(hostSession()).catch((cause: unknown) => cause);
      if (!(thrown instanceof AppError)) throw new Error("it answered");
      return explainUnavailable(thrown);
    };
    expect(await why()).toMatchObject({
      culprit: "NO_LEADER",
      sentence: "Nomad has no leader at the moment: nothing is placed until its servers have elected one.",
    });
    await nomad.kill();
    expect(await why()).toMatchObject({ culprit: "UNREACHABLE", sentence: "The Nomad cluster cannot be reached at the moment." });
  });
});
