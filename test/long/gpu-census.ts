/** Looks, again and again, to whom Nomad has promised each GPU: twice at once, only for a moment, is seen as well. */
import { setTimeout as pause } from "node:timers/promises";
import type { Nomad } from "../support/nomad.ts";

type Devices = readonly { readonly DeviceIDs: readonly string[] }[] | null;
type Allocation = {
  readonly JobID: string;
  readonly NodeName: string;
  readonly ClientStatus: string;
  readonly AllocatedResources: { readonly Tasks: Readonly<Record<string, { readonly Devices?: Devices }>> } | null;
};

export type GpuCensus = {
  readonly counts: number;
  /** GPUs that two jobs had at once. Within a job a seat is handed on: its next session waits for the end of the one before. */
  readonly promisedTwice: readonly string[];
  /** What each job has now, in the order in which Nomad says it: `GPU-0,GPU-3`. */
  heldByJob(): Promise<ReadonlyMap<string, string>>;
} & AsyncDisposable;

const everyMs = 100;

const gpusOf = ({ AllocatedResources }: Allocation): readonly string[] =>
  Object.values(AllocatedResources?.Tasks ?? {}).flatMap(({ Devices }) => (Devices ?? []).flatMap(({ DeviceIDs }) => DeviceIDs));

export function startGpuCensus(nomad: Nomad): GpuCensus {
  const ending = new AbortController();
  const promisedTwice = new Set<string>();
  let counts = 0;

  const live = async (): Promise<readonly Allocation[]> => {
    const filter = encodeURIComponent('ClientStatus == "running" or ClientStatus == "pending"');
    return (await nomad.get(`/v1/allocations?resources=true&task_states=false&filter=${filter}`)) as readonly Allocation[];
  };
  async function count(): Promise<void> {
    const holders = new Map<string, string>();
    for (const allocation of await live()) {
      for (const gpu of gpusOf(allocation)) {
        const place = `${gpu} of ${allocation.NodeName}`;
        const other = holders.get(place) ?? allocation.JobID;
        if (other !== allocation.JobID) promisedTwice.add(`${place}: ${other} and ${allocation.JobID}`);
        holders.set(place, allocation.JobID);
      }
    }
    counts += 1;
  }
  const counting = (async () => {
    while (!ending.signal.aborted) {
      await count().catch(() => {});
      await pause(everyMs, undefined, { signal: ending.signal }).catch(() => {});
    }
  })();
  return {
    get counts() {
      return counts;
    },
    get promisedTwice() {
      return [...promisedTwice];
    },
    heldByJob: async () => new Map((await live()).map((allocation) => [allocation.JobID, gpusOf(allocation).join()])),
    async [Symbol.asyncDispose]() {
      ending.abort();
      await counting;
    },
  };
}
