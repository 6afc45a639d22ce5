/**
 * Ends a session. Nomad has no grace for each stop: the job's `kill_timeout` (30 s) is fixed when it is submitted, and
 * changing it afterwards would be a new version of the job. So the job is stopped, which sends SIGTERM, and for a shorter
 * grace SIGKILL follows through the allocation's signal call. Should Serai end in between, Nomad's own SIGKILL comes
 * after the 30 s; a longer grace than that is Nomad's `max_kill_timeout` to allow.
 *
 * The job is purged when nothing of it runs any more, so that the cluster's list of jobs is the list of what is wanted.
 * Not at once: Nomad forgets the allocations of a purged job, also those that still run (seen on 1.11.3), and nobody could
 * see when the last has ended. Where Serai ends before that, Nomad's own collection of dead jobs takes it.
 */
import { setTimeout as wait } from "node:timers/promises";
import { messageOf } from "../../failure.ts";
import type { Log } from "../../log.ts";
import type { Evaluation } from "./api-types.ts";
import type { NomadClient } from "./client.ts";
import { killTimeoutMs } from "./job.ts";
import { allocationsOf } from "./logs.ts";
import { taskName } from "./names.ts";
import { hasEnded, mayPlaceNow, taskOf } from "./observe.ts";

/** Repeated also because a machine that has not heard of the stop yet starts a killed process again. */
const lookEveryMs = 250;

/** Gone means gone: a job that was purged a moment before is refused by Nomad in one of its layers, and accepted in the others. */
export async function askToStop(client: NomadClient, jobId: string): Promise<void> {
  try {
    await client.send("DELETE", `/v1/job/${jobId}`, undefined, { purge: false });
  } catch (cause) {
    if (!/doesn't exist to be deregistered/.test(messageOf(cause))) throw cause;
  }
}

/**
 * SIGKILL at `killAt`, until nothing runs, then the purge. Ends by itself, some time after Nomad would have killed it;
 * what fails is only logged, because Nomad ends it as well.
 */
export async function seeOff(client: NomadClient, jobId: string, killAt: number, signal: AbortSignal, log: Log): Promise<void> {
  const giveUpAt = killAt + 2 * killTimeoutMs;
  try {
    while (Date.now() < giveUpAt) {
      const left = (await allocationsOf(client, jobId)).filter((allocation) => !hasEnded(allocation));
      if (left.length === 0 && !(await mayStillPlace(client, jobId))) {
        await client.send("DELETE", `/v1/job/${jobId}`, undefined, { purge: true });
        return;
      }
      const running = Date.now() < killAt ? [] : left.filter((one) => taskOf(one)?.State === "running");
      for (const { ID } of running) await kill(client, ID, log);
      await wait(lookEveryMs, undefined, { signal });
    }
  } catch (cause) {
    if (!signal.aborted) log.warn({ jobId, reason: messageOf(cause) }, "could not see a stopped session off; Nomad ends it");
  }
}

async function kill(client: NomadClient, allocationId: string, log: Log): Promise<void> {
  try {
    await client.send("POST", `/v1/client/allocation/${allocationId}/signal`, { Task: taskName, Signal: "SIGKILL" });
  } catch (cause) {
    log.debug({ allocationId, reason: messageOf(cause) }, "could not send SIGKILL, probably because it has ended");
  }
}

async function mayStillPlace(client: NomadClient, jobId: string): Promise<boolean> {
  const { value } = await client.get<readonly Evaluation[]>(`/v1/job/${jobId}/evaluations`);
  return value.some(mayPlaceNow);
}
