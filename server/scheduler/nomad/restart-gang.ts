/**
 * Starts a gang on several machines anew as a whole: its job is registered as the next attempt, for which Nomad ends what is left of the
 * one before and places all members again, on the machines that they had where it can (tried on 1.11.3).
 */
import { AppError } from "../../failure.ts";
import type { SessionId } from "../../model/ids.ts";
import type { Allocation, Job, JobStub } from "./api-types.ts";
import type { NomadClient } from "./client.ts";
import { gangIn, nextAttempt } from "./gang-job.ts";
import { jobIdOf } from "./names.ts";
import { brokenIn } from "./observe.ts";
import { isOutrun } from "./take-seat.ts";

/** An attempt that held so long says nothing of the ones before: waiting begins anew. */
const healthyRunMs = 10 * 60_000;

/** Nothing happens where no member has ended, or where somebody else was faster. */
export async function restartGang(client: NomadClient, installationId: string, id: SessionId, own: readonly Allocation[]): Promise<void> {
  const { value: job } = await client.get<Job & JobStub>(`/v1/job/${jobIdOf(installationId, id)}`);
  const gang = gangIn(job);
  const broken = gang === null ? null : brokenIn(own, gang);
  if (gang === null || broken === null || job.Stop) return;
  const ranMs = (broken.ModifyTime - broken.CreateTime) / 1_000_000;
  const failures = ranMs >= healthyRunMs ? 1 : gang.failures + 1;
  const next = nextAttempt(job, id, installationId, { ...gang, failures });
  try {
    await client.send("POST", "/v1/jobs", { Job: next, EnforceIndex: true, JobModifyIndex: job.JobModifyIndex });
  } catch (cause) {
    if (!(cause instanceof AppError) || !isOutrun(cause)) throw cause;
  }
}
