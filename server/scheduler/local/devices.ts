/**
 * The GPUs of this machine, as NVIDIA's own tool tells them, and who gets which. In the words that Nomad's plugin for them has, so that
 * what is asked of a machine of its own is asked of a cluster in the same way.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { messageOf } from "../../failure.ts";
import type { Log } from "../../log.ts";
import type { DeviceGroup } from "../../model/observe.ts";
import type { Accelerator } from "../../model/service-spec.ts";
import { narrowestFirst, suits } from "../../model/why/fit.ts";

/** Of one kind each; healthy, as far as is known, and held by nobody. */
export type Devices = readonly DeviceGroup[];

const askedWithinMs = 10_000;
const query = ["--query-gpu=uuid,name,memory.total", "--format=csv,noheader,nounits"];

/** None where the tool is not there. */
export async function findDevices(log: Log, tool = "nvidia-smi"): Promise<Devices> {
  try {
    const { stdout } = await promisify(execFile)(tool, query, { timeout: askedWithinMs });
    return parseDevices(stdout);
  } catch (thrown) {
    const isThere = (thrown as NodeJS.ErrnoException).code !== "ENOENT";
    if (isThere) log.warn({ reason: messageOf(thrown) }, "nvidia-smi does not say which GPUs there are; sessions that need one will wait");
    return [];
  }
}

/** @param text a line for each: `GPU-…, NVIDIA H100 80GB HBM3, 81559`, the last in MiB. */
export function parseDevices(text: string): Devices {
  const found = text.split("\n").flatMap((line) => {
    const [, id, model, memory] = /^(GPU-[\w-]+), *(.+?), *(\d+)\s*$/.exec(line) ?? [];
    return id === undefined || model === undefined || memory === undefined ? [] : [{ id, model, memory: Number(memory) }];
  });
  const byKind = Map.groupBy(found, ({ model, memory }) => `${model} ${memory}`);
  return [...byKind.values()].map((kind): DeviceGroup => {
    const { model, memory } = kind[0] as (typeof kind)[number];
    const instances = kind.map(({ id }) => ({ id, healthy: true, heldBy: null }));
    return { vendor: "nvidia", type: "gpu", model, attributes: { memory: { value: memory, unit: "MiB" } }, instances };
  });
}

/** Each request gets its devices of one kind, one request after the other, as Nomad does it; null where one gets none. */
export function allot(devices: Devices, taken: ReadonlySet<string>, requests: readonly Accelerator[]): readonly string[] | null {
  const given: string[] = [];
  for (const request of narrowestFirst(requests)) {
    const free = devices
      .filter((group) => suits(group, request))
      .map(({ instances }) => instances.map(({ id }) => id).filter((id) => !taken.has(id) && !given.includes(id)))
      .find((ids) => ids.length >= request.count);
    if (free === undefined) return null;
    given.push(...free.slice(0, request.count));
  }
  return given;
}

/**
 * What says to CUDA which devices it may use: on a machine that has some also that it may use none, for otherwise a session that asked for
 * none would take what others were promised.
 */
export function deviceVariables(devices: Devices, held: readonly string[]): Readonly<Record<string, string>> {
  if (devices.length === 0) return {};
  const ids = held.join(",");
  return { CUDA_VISIBLE_DEVICES: ids, ...(held.length === 0 ? {} : { NVIDIA_VISIBLE_DEVICES: ids }) };
}
