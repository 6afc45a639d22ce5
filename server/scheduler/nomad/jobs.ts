/**
 * This installation's jobs, but those that are over. Nomad keeps a job that was stopped, with its logs, for hours (job_gc_threshold); it is
 * left out by Nomad itself, so a list of jobs costs what runs and not what has run. (One of allocations does cost what has run, watch.ts: no
 * filter of Nomad's knows an allocation's job as it is now.)
 *
 * Nomad calls a job dead as soon as nothing of it is to run, while its processes may still take their time to end.
 */
import { AppError } from "../../failure.ts";
import type { JobStub } from "./api-types.ts";
import type { NomadClient } from "./client.ts";
import { jobPrefix } from "./names.ts";

export const listJobs = (client: NomadClient, installationId: string, signal?: AbortSignal) =>
  client.get<readonly JobStub[]>("/v1/jobs", { prefix: jobPrefix(installationId), meta: true, filter: 'Stop == false or Status != "dead"' }, signal);

/** Those that are over, for as long as Nomad keeps them. */
export const listJobsThatAreOver = (client: NomadClient, installationId: string) =>
  client.get<readonly JobStub[]>("/v1/jobs", { prefix: jobPrefix(installationId), meta: true, filter: 'Stop == true and Status == "dead"' });

/** Also one that is over; null where Nomad has no such job. */
export async function findJob(client: NomadClient, jobId: string): Promise<JobStub | null> {
  try {
    return (await client.get<JobStub>(`/v1/job/${jobId}`)).value;
  } catch (cause) {
    if (cause instanceof AppError && cause.code === "SCHEDULER_REFUSED" && cause.message.includes(": 404 ")) return null;
    throw cause;
  }
}
