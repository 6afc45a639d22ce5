/** The GPUs of the machine that the local scheduler is on: found by NVIDIA's tool, given to one session each, told with who holds them. */
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import { silentLog } from "../../server/log.ts";
import type { Accelerator } from "../../server/model/service-spec.ts";
import type { Session } from "../../server/model/session.ts";
import { nextInSeat } from "../../server/model/seat.ts";
import { allot, findDevices, parseDevices } from "../../server/scheduler/local/devices.ts";
import { openLocalScheduler } from "../../server/scheduler/local/local-scheduler.ts";
import { type Bench, openBench, publish, serves, urlOf } from "../contract/bench.ts";
import { hostSessionDefaults, serveOnHost } from "../contract/local-harness.ts";
import { markedProcesses } from "../contract/session-processes.ts";

const answer = "GPU-a, NVIDIA H100 80GB HBM3, 81559\nGPU-b, NVIDIA H100 80GB HBM3, 81559\nGPU-c, Tesla T4, 15360\n";
const devices = parseDevices(answer);
const gpu = (count: number, more: Partial<Accelerator> = {}): Accelerator => ({ name: "nvidia/gpu", count, ...more });

describe("the machine's GPUs", () => {
  it("are read from nvidia-smi, by kind, in the words of Nomad's plugin", () => {
    expect(
      devices.map(({ vendor, type, model, attributes, instances }) => [vendor, type, model, attributes["memory"], instances.map(({ id }) => id)]),
    ).toEqual([
      ["nvidia", "gpu", "NVIDIA H100 80GB HBM3", { value: 81_559, unit: "MiB" }, ["GPU-a", "GPU-b"]],
      ["nvidia", "gpu", "Tesla T4", { value: 15_360, unit: "MiB" }, ["GPU-c"]],
    ]);
    expect(parseDevices("No devices were found\n")).toEqual([]);
  });

  it("are none where the tool is missing or fails, and that it fails is no reason not to start", async () => {
    const directory = await mkdtemp(join(tmpdir(), "serai-smi-"));
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    const tool = async (name: string, script: string) => {
      await writeFile(join(directory, name), `#!/bin/sh\n${script}\n`);
      await chmod(join(directory, name), 0o755);
      return join(directory, name);
    };
    expect(await findDevices(silentLog, join(directory, "missing"))).toEqual([]);
    expect(await findDevices(silentLog, await tool("broken", "echo NVIDIA-SMI has failed >&2; exit 9"))).toEqual([]);
    expect(await findDevices(silentLog, await tool("good", `printf '${answer.replaceAll("\n", "\\n")}'`))).toEqual(devices);
  });

  it("are allotted of one kind to each request, never one twice, and with as much memory as asked for", () => {
    expect(allot(devices, new Set(), [gpu(2)])).toEqual(["GPU-a", "GPU-b"]);
    expect(allot(devices, new Set(["GPU-a"]), [gpu(2)])).toBeNull();
    expect(allot(devices, new Set(["GPU-a"]), [gpu(1), gpu(1)])).toEqual(["GPU-b", "GPU-c"]);
    expect(allot(devices, new Set(["GPU-a", "GPU-b"]), [gpu(1, { memoryGiB: 40 })])).toBeNull();
    expect(allot(devices, new Set(), [gpu(1, { name: "nvidia/gpu/Tesla T4" })])).toEqual(["GPU-c"]);
    expect(allot(devices, new Set(), [gpu(1, { name: "amd/gpu" })])).toBeNull();
    expect(allot(devices, new Set(), [])).toEqual([]);
  });
});

describe("a session that asks for GPUs", () => {
  let bench: Bench;
  let directory = "";
  afterEach(async () => {
    await bench[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  });
  const openScheduler = () =>
    openLocalScheduler({ directory: join(directory, "sessions"), log: silentLog, capacity: { cpuMillicores: 4000, memoryMiB: 4096, devices } });
  async function openMachine(): Promise<void> {
    directory = await mkdtemp(join(tmpdir(), "serai-gpus-"));
    const scheduler = await openScheduler();
    bench = openBench({
      scheduler,
      sessionDefaults: await hostSessionDefaults(directory),
      serve: serveOnHost,
      linger: ":",
      processesOf: markedProcesses,
      [Symbol.asyncDispose]: () => scheduler[Symbol.asyncDispose](),
    });
  }
  const wanting = (accelerators: readonly Accelerator[], changes: Partial<Session> = {}): Session => {
    const one = bench.session(`${publish("gpus", 'printf "%s %s" "$CUDA_VISIBLE_DEVICES" "$NVIDIA_VISIBLE_DEVICES"')}\n${serveOnHost}`, changes);
    return { ...one, resources: { ...one.resources, accelerators } };
  };
  const seenBy = async (url: string) => (await fetch(`${url}/gpus`)).text();
  const holders = async () =>
    Object.fromEntries(
      (await bench.scheduler.nodes()).flatMap((node) => node.devices.flatMap(({ instances }) => instances.map(({ id, heldBy }) => [id, heldBy]))),
    );

  it("sees exactly its own, whatever its variables say; one that asks for none sees none; who finds none waits for the next that is free", async () => {
    await openMachine();
    const first = await bench.run(wanting([gpu(2)], { variables: { CUDA_VISIBLE_DEVICES: "GPU-c" } }));
    expect(await seenBy(first.url)).toBe("GPU-a,GPU-b GPU-a,GPU-b");
    expect(await seenBy((await bench.run(wanting([]))).url)).toBe(" ");
    const large = wanting([gpu(1, { memoryGiB: 40 })]);
    expect(await bench.scheduler.preview(large)).toMatchObject({ fits: false, unplaced: { nodesExhausted: 1 } });
    const waiting = await bench.submit(large);
    const { unplaced } = await bench.observed.until(waiting, ({ state }) => state === "UNPLACED", "unplaced");
    expect(unplaced?.nodes?.[0]?.devices[0]?.instances.map(({ heldBy }) => heldBy)).toEqual([first.id, first.id]);
    expect(await holders()).toEqual({ "GPU-a": first.id, "GPU-b": first.id, "GPU-c": null });
    await bench.scheduler.stop(first.id, 0);
    expect(await seenBy(urlOf(await bench.observed.until(waiting, serves, "serving")))).toBe("GPU-a GPU-a");
    const never = wanting([gpu(4)]);
    expect(await bench.scheduler.preview(never)).toMatchObject({
      fits: false,
      unplaced: { nodesFiltered: 1, constraintFiltered: { "missing devices": 1 } },
    });
  });

  it("hands its GPU on to its successor, though another waits for it, and has it still after Serai was started again", async () => {
    await openMachine();
    const t4 = gpu(1, { name: "nvidia/gpu/Tesla T4" });
    const before = wanting([t4]);
    await bench.run(before);
    const stranger = await bench.submit(wanting([t4]));
    await bench.observed.until(stranger, ({ state }) => state === "UNPLACED", "unplaced");
    const after = wanting([t4], { id: nextInSeat(before.id) });
    await bench.replace(before.id, after);
    expect(await seenBy(urlOf(await bench.observed.until(after.id, serves, "serving")))).toBe("GPU-c GPU-c");
    expect((await holders())["GPU-c"]).toBe(before.id);

    await bench.scheduler[Symbol.asyncDispose]();
    await using again = await openScheduler();
    expect((await again.nodes())[0]?.devices[1]?.instances).toEqual([{ id: "GPU-c", healthy: true, heldBy: before.id }]);
    await again.stop(after.id, 0);
    await again.stop(stranger, 0);
    await expect.poll(async () => (await again.nodes())[0]?.users, { timeout: 20_000 }).toEqual([]);
  });
});
