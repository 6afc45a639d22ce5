/** Accelerators on a real Nomad: one machine with two GPUs, which a plugin makes up, and three sessions that want one each. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../../server/log.ts";
import type { SessionId } from "../../server/model/ids.ts";
import { nextInSeat } from "../../server/model/seat.ts";
import type { Observation, Session, UnplacedFacts } from "../../server/model/session.ts";
import type { Accelerator } from "../../server/model/service-spec.ts";
import { explain } from "../../server/model/why.ts";
import { anyTakes, needsOf } from "../../server/model/why/fit.ts";
import { questionOf } from "../../server/model/why/question.ts";
import { acceleratorsOf } from "../../schema/compute-node.ts";
import { openNomadScheduler } from "../../server/scheduler/nomad/nomad-scheduler.ts";
import type { Scheduler } from "../../server/scheduler/scheduler.ts";
import { observe, type Observed } from "../contract/observe.ts";
import { missing } from "../support/needs.ts";
import { findFakeGpu, findNomad, startNomad } from "../support/nomad.ts";
import { newInstallationId } from "../support/nomad-harness.ts";
import { hostSession } from "../support/nomad-sessions.ts";

const noNomad = missing(findNomad() === null || findFakeGpu() === null, "nomad", "sessions with GPUs", "sh test/nomad/build.sh (needs Go)");
const oneGpu: Accelerator = { name: "nvidia/gpu", count: 1 };

describe.skipIf(noNomad)("sessions that need GPUs", () => {
  const cleanUp = new AsyncDisposableStack();
  let scheduler: Scheduler;
  let observed: Observed;
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "serai-gpus-"));
    cleanUp.defer(() => rm(directory, { recursive: true, force: true }));
    const { address } = cleanUp.use(await startNomad({ gpus: 2 }));
    scheduler = cleanUp.use(await openNomadScheduler({ address, installationId: newInstallationId(), log: silentLog }));
    observed = cleanUp.use(observe(scheduler));
  });
  afterAll(() => cleanUp.disposeAsync());

  /** Writes down which GPUs it was given, and runs on. */
  const wanting = (accelerators: readonly Accelerator[], changes: Partial<Session> = {}): Session => {
    const { resources, id } = hostSession(changes);
    const script = `echo "$NVIDIA_VISIBLE_DEVICES $CUDA_VISIBLE_DEVICES" > ${directory}/${id}\nexec sleep 3600\n`;
    return hostSession({ ...changes, id, script, resources: { ...resources, accelerators } });
  };
  const running = ({ id }: Session): Promise<Observation> => observed.until(id, ({ state }) => state === "RUNNING", "running");
  const gone = async ({ id }: Session): Promise<void> => {
    await scheduler.stop(id, 1000);
    await observed.until(id, ({ state }) => state === "GONE", "gone");
  };
  const gpusOf = async ({ id }: Session): Promise<string> => {
    await expect.poll(() => readFile(join(directory, id), "utf8").catch(() => ""), { timeout: 20_000 }).not.toBe("");
    const [forContainers = "", forPrograms] = (await readFile(join(directory, id), "utf8")).trim().split(" ");
    expect(forPrograms).toBe(forContainers);
    return forContainers;
  };
  const waiting = async (id: SessionId): Promise<UnplacedFacts> => {
    const { unplaced } = await observed.until(id, (one) => one.state === "UNPLACED" && one.unplaced !== null, "waiting with a reason");
    if (unplaced === null) throw new Error("no reason");
    return unplaced;
  };
  const why = (session: Session, facts: UnplacedFacts): string => explain(questionOf(session, facts)).sentence;
  const used = async (): Promise<unknown> => acceleratorsOf(await scheduler.nodes());

  it("have one each; a third waits and is told why, also while a seat and its GPU are handed on, and gets the first that is given back", async () => {
    const [first, second, third] = [wanting([oneGpu]), wanting([{ name: "nvidia/gpu/H100", count: 1 }]), wanting([{ name: "gpu", count: 1 }])];
    await scheduler.submit(first);
    await running(first);
    await scheduler.submit(second);
    await running(second);
    const [firsts, seconds] = [await gpusOf(first), await gpusOf(second)];
    expect([firsts, seconds].toSorted()).toEqual(["GPU-0", "GPU-1"]);
    expect(await used()).toEqual([{ name: "nvidia/gpu/H100", count: 2, used: 2, free: 0 }]);

    await scheduler.submit(third);
    const facts = await waiting(third.id);
    const held = "1 node has one; all are held: example (1), example (1).";
    expect(why(third, facts)).toBe(`Needs 1 GPU in group default. ${held}`);

    const successor = wanting([oneGpu], { id: nextInSeat(first.id) });
    expect(await scheduler.preview(successor)).toEqual({ fits: true });
    const beside = await scheduler.preview(wanting([oneGpu]));
    expect(beside.fits ? "" : why(wanting([oneGpu]), beside.unplaced)).toBe(`Needs 1 nvidia GPU in group default. ${held}`);

    await scheduler.replace(first.id, successor);
    await running(successor);
    await observed.until(first.id, ({ state }) => state === "GONE", "gone");
    expect(await gpusOf(successor)).toBe(firsts);
    expect(await used()).toEqual([{ name: "nvidia/gpu/H100", count: 2, used: 2, free: 0 }]);
    expect(new Set(observed.history(third.id).map(({ state }) => state))).toEqual(new Set(["UNPLACED"]));

    await scheduler.stop(second.id, 1000);
    await running(third);
    expect(await gpusOf(third)).toBe(seconds);
    await Promise.all([gone(third), gone(successor)]);
  });

  it("a successor that fails to start three times has its GPU still, to be handed back, and nobody who waits got it", async () => {
    const [first, second, third] = [wanting([oneGpu]), wanting([oneGpu]), wanting([oneGpu])];
    for (const session of [first, second]) {
      await scheduler.submit(session);
      await running(session);
    }
    const gpu = await gpusOf(first);
    await scheduler.submit(third);
    await waiting(third.id);

    const broken = { ...wanting([oneGpu], { id: nextInSeat(first.id) }), script: "exit 1\n" };
    await scheduler.replace(first.id, broken);
    await observed.until(broken.id, ({ events }) => events.filter(({ kind }) => kind === "EXITED").length === 3, "ended three times");
    const again = wanting([oneGpu], { id: nextInSeat(broken.id) });
    await scheduler.replace(broken.id, again);
    await running(again);
    expect(await gpusOf(again)).toBe(gpu);
    expect(new Set(observed.history(third.id).map(({ state }) => state))).toEqual(new Set(["UNPLACED"]));
    await Promise.all([gone(third), gone(again), gone(second)]);
  });

  it("by type, vendor and model are said to fit where Nomad places them, and nowhere else", async () => {
    const nodes = await scheduler.nodes();
    const names = ["gpu", "nvidia/gpu", "nvidia/gpu/H100", "amd/gpu", "nvidia", "H100", "nvidia/H100", "GPU", "nvidia/gpu/h100", "nvidia/gpu/H"];
    const each = names.map((name): readonly Accelerator[] => [{ name, count: 1 }]);
    for (const wanted of each) {
      const session = wanting(wanted);
      const placed = (await scheduler.preview(session)).fits;
      expect({ wanted, fits: anyTakes(nodes, needsOf(session), session.resourceGroup, () => false) }).toEqual({ wanted, fits: placed });
    }
  });

  it("which no machine has wait as well, and are told so", async () => {
    const wanted = [
      { name: "amd/gpu", count: 1 },
      { name: "nvidia/gpu", count: 4 },
    ];
    const preview = await scheduler.preview(wanting(wanted));
    expect(preview.fits ? "" : why(wanting(wanted), preview.unplaced)).toBe(
      "Needs 1 amd GPU and 4 nvidia GPUs in group default. Its only usable node has none, only nvidia/gpu/H100.",
    );
  });
});

describe.skipIf(noNomad)("on a machine with GPUs of two models", () => {
  const cleanUp = new AsyncDisposableStack();
  let scheduler: Scheduler;
  beforeAll(async () => {
    const { address } = cleanUp.use(await startNomad({ gpus: 1, l4s: 1 }));
    scheduler = cleanUp.use(await openNomadScheduler({ address, installationId: newInstallationId(), log: silentLog }));
  });
  afterAll(() => cleanUp.disposeAsync());

  it("who asks for one of any model and for one of a model gets both whenever it asks, and is told the same beforehand", async () => {
    const nodes = await scheduler.nodes();
    const model = (name: string, more: Partial<Accelerator> = {}): Accelerator => ({ name, count: 1, ...more });
    const fits = async (...accelerators: Accelerator[]): Promise<readonly [nomad: boolean, engine: boolean]> => {
      const { resources } = hostSession();
      const session = hostSession({ resources: { ...resources, accelerators } });
      return [(await scheduler.preview(session)).fits, anyTakes(nodes, needsOf(session), session.resourceGroup, () => false)];
    };
    // Each time Nomad looks at the models in another order.
    for (let times = 0; times < 10; times++) {
      expect(await fits(model("gpu"), model("nvidia/gpu/H100"))).toEqual([true, true]);
      expect(await fits(model("gpu"), model("nvidia/gpu/L4"))).toEqual([true, true]);
    }
    expect(await fits(model("gpu", { count: 2 }))).toEqual([false, false]);
    expect(await fits(model("nvidia/gpu/L4", { memoryGiB: 40 }))).toEqual([false, false]);
    expect(await fits(model("nvidia/gpu", { memoryGiB: 40 }), model("nvidia/gpu/H100"))).toEqual([false, false]);
  });
});
