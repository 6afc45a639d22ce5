/**
 * This installation's jobs, but those that are over. Nomad keeps a job that was stopped, with its logs, for hours (job_gc_threshold); it is
 * left out by Nomad itself, so a list costs what runs and not what has run.
 *
 * Nomad calls a job dead as soon as nothing of it is to run, while its processes may still take their time to end.
 */
import { AppError } from "../../failure.ts";
import type { JobStub } from "./api-types.ts";
import type { NomadClient } from "./client.ts";
import { jobPrefix } from "./names.ts";

export const listJobs = (client: NomadClient, installationId: string, signal?: AbortSignal) =>
  client.get<readonly JobStub[]>("/v1/jobs", { prefix: jobPrefix(installationId), meta: true, filter: 'Stop == false or Status != "dead"' }, signal);

/** Also one that is over; null where Nomad has no such job. */
export async function findJob(client: NomadClient, jobId: string): Promise<JobStub | null> {
  try {
    return (await client.get<JobStub>(`/v1/job/${jobId}`)).value;
  } catch (cause) {
    if (cause instanceof AppError && cause.code === "SCHEDULER_REFUSED" && cause.message.includes(": 404 ")) return null;
    throw cause;
  }
}
