/**
 * Ends a session. Nomad has no grace for each stop: the job's `kill_timeout` (30 s) is fixed when it is submitted, and
 * changing it afterwards would be a new version of the job. So the job is stopped, which sends SIGTERM, and for a shorter
 * grace SIGKILL follows through the allocation's signal call. Should Serai end in between, Nomad's own SIGKILL comes
 * after the 30 s; a longer grace than that is Nomad's `max_kill_timeout` to allow.
 *
 * A session that was replaced has no job any more, only allocations: they are ended, and the job is its successor's.
 *
 * The job is never purged: Nomad forgets the allocations of a purged job within a moment (seen on 1.11.3), and with them what they wrote.
 * Its own collection of dead jobs takes it, and until then nobody here counts it (jobs.ts).
 */
import { setTimeout as wait } from "node:timers/promises";
import { messageOf } from "../../failure.ts";
import type { Log } from "../../log.ts";
import type { SessionId } from "../../model/ids.ts";
import { numberInSeat, previousInSeat, seatOf } from "../../model/seat.ts";
import type { Allocation, Evaluation } from "./api-types.ts";
import type { NomadClient } from "./client.ts";
import { killTimeoutMs } from "./job.ts";
import { findJob } from "./jobs.ts";
import { allocationsOf } from "./logs.ts";
import { holderOf } from "./names.ts";
import { hasEnded, mayPlaceNow } from "./observe.ts";
import { isOf } from "./task.ts";
import type { Turns } from "./turns.ts";
import { removeVariables } from "./variables.ts";

/** Repeated also because a machine that has not heard of the stop yet starts a killed process again. */
const lookEveryMs = 250;

/** `endsSeat`: it has the seat, so whoever still waits there to be replaced by it ends with it. */
type Leaver = { readonly id: SessionId; readonly jobId: string; readonly endsSeat: boolean };

/**
 * Null where there is nothing to see off. Gone means gone: a job that was purged a moment before is refused by Nomad in one of its
 * layers, and accepted in the others.
 */
export async function askToStop(client: NomadClient, id: SessionId, jobId: string): Promise<Leaver | null> {
  const job = await findJob(client, jobId);
  const holder = job === null ? id : holderOf(seatOf(id), job);
  if (numberInSeat(holder) > numberInSeat(id)) return endReplaced(client, id, jobId);
  // It never came to have the seat.
  if (holder !== id) return null;
  try {
    await client.send("DELETE", `/v1/job/${jobId}`, undefined, { purge: false });
  } catch (cause) {
    if (!/doesn't exist to be deregistered/.test(messageOf(cause))) throw cause;
  }
  return { id, jobId, endsSeat: true };
}

/** Where its successor has found no room it still runs: Nomad places the successor in its stead, or nothing. */
async function endReplaced(client: NomadClient, id: SessionId, jobId: string): Promise<Leaver> {
  const runs = ({ DesiredStatus }: Allocation): boolean => DesiredStatus === "run";
  const own = (await allocationsOf(client, jobId)).filter((allocation) => isOf(id, allocation) && !hasEnded(allocation) && runs(allocation));
  for (const { ID } of own) await client.send("POST", `/v1/allocation/${ID}/stop`);
  return { id, jobId, endsSeat: false };
}

type StopContext = { readonly client: NomadClient; readonly turns: Turns; readonly log: Log };

/**
 * SIGKILL at `killAt`, until nothing runs. Ends by itself, some time after Nomad would have killed it;
 * what fails is only logged, because Nomad ends it as well.
 */
export async function seeOff({ client, turns, log }: StopContext, leaver: Leaver, killAt: number, signal: AbortSignal): Promise<void> {
  const { id, jobId } = leaver;
  const giveUpAt = killAt + 2 * killTimeoutMs;
  try {
    while (Date.now() < giveUpAt) {
      const all = await allocationsOf(client, jobId);
      const left = all.filter((allocation) => !hasEnded(allocation));
      const own = left.filter((allocation) => isOf(id, allocation));
      if (own.length === 0 && (await turns(jobId, () => isSeenOff({ client, log }, leaver, left)))) return;
      const wasHandedOn = !leaver.endsSeat || all.some((allocation) => isOf(id, allocation));
      const running = (wasHandedOn ? own : left).flatMap(runningIn);
      if (Date.now() >= killAt) for (const one of running) await kill(client, one, log);
      await wait(lookEveryMs, undefined, { signal });
    }
  } catch (cause) {
    if (!signal.aborted) log.warn({ jobId, session: id, reason: messageOf(cause) }, "could not see a stopped session off; Nomad ends it");
  }
}

/**
 * Nothing of the session runs, nor of the seat where it ends with it; what it read by reference is taken away.
 */
async function isSeenOff({ client, log }: Pick<StopContext, "client" | "log">, { id, jobId }: Leaver, left: readonly Allocation[]): Promise<boolean> {
  const job = await findJob(client, jobId);
  const isEnd = job === null || holderOf(seatOf(id), job) === id;
  if (job !== null && isEnd) {
    if (!job.Stop) return true;
    if (left.length > 0 || (await mayStillPlace(client, jobId))) return false;
  }
  await removeVariables(client, jobId, isEnd ? upTo(id) : [id], isEnd).catch((cause: unknown) =>
    log.warn({ jobId, reason: messageOf(cause) }, "variables of a session that is gone could not be removed; it is tried again"),
  );
  return true;
}

/** All that have had its seat, and itself. */
function upTo(id: SessionId): readonly SessionId[] {
  const before = previousInSeat(id);
  return before === null ? [id] : [...upTo(before), id];
}

type Running = { readonly allocationId: string; readonly task: string };

const runningIn = (allocation: Allocation): readonly Running[] =>
  Object.entries(allocation.TaskStates ?? {}).flatMap(([task, { State }]) => (State === "running" ? [{ allocationId: allocation.ID, task }] : []));

async function kill(client: NomadClient, { allocationId, task }: Running, log: Log): Promise<void> {
  try {
    await client.send("POST", `/v1/client/allocation/${allocationId}/signal`, { Task: task, Signal: "SIGKILL" });
  } catch (cause) {
    log.debug({ allocationId, reason: messageOf(cause) }, "could not send SIGKILL, probably because it has ended");
  }
}

async function mayStillPlace(client: NomadClient, jobId: string): Promise<boolean> {
  const { value } = await client.get<readonly Evaluation[]>(`/v1/job/${jobId}/evaluations`);
  return value.some(mayPlaceNow);
}
