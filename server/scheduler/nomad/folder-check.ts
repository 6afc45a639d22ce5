/**
 * Looks once whether a machine sees the folders, and says so on the machine. Several processes of Serai may do so at once: the job's id
 * is the same, so whoever comes first runs it, and the others read what it found.
 */
import { setTimeout as pause } from "node:timers/promises";
import { AppError } from "../../failure.ts";
import type { JobStub } from "./api-types.ts";
import type { NomadClient } from "./client.ts";
import { type CheckedNode, checkJobId, compileCheck, isBlind, isMarkedIn, metadataOf, verdictOf, type Verdict } from "./folder-check-job.ts";
import { allocationsOf } from "./logs.ts";
import { newestOf } from "./observe.ts";

/** A file system that hangs gives no answer: that is none either. */
const deadlineMs = 10_000;
const lookEveryMs = 100;
/** A machine tells the servers of its metadata 5 to 9 s later (1.11.3). */
const metadataWithinMs = 20_000;

export type CheckContext = { readonly client: NomadClient; readonly installationId: string; readonly folders: string };

export async function checkFolders({ client, installationId, folders }: CheckContext, node: CheckedNode, signal: AbortSignal): Promise<Verdict> {
  const jobId = checkJobId(installationId, node.id);
  try {
    const since = await register(client, jobId, compileCheck(installationId, node, folders));
    const deadline = Date.now() + deadlineMs;
    while (Date.now() < deadline) {
      await pause(lookEveryMs, undefined, { signal });
      // Nomad also lists those of the checks before, which have been purged.
      const own = (await allocationsOf(client, jobId)).filter(({ CreateIndex }) => CreateIndex > since);
      const verdict = verdictOf(newestOf(own));
      if (verdict !== null) return verdict;
    }
    return "UNKNOWN";
  } finally {
    await client.send("DELETE", `/v1/job/${jobId}`, undefined, { purge: true }).catch(() => {});
  }
}

/** The index at which it was registered. */
async function register(client: NomadClient, jobId: string, job: object): Promise<number> {
  try {
    const { JobModifyIndex } = await client.send<JobStub>("POST", "/v1/jobs", { Job: job, EnforceIndex: true, JobModifyIndex: 0 });
    return JobModifyIndex;
  } catch (cause) {
    const isThere = cause instanceof AppError && cause.code === "SCHEDULER_REFUSED" && cause.message.includes("job already exists");
    if (!isThere) throw cause;
    return (await client.get<JobStub>(`/v1/job/${jobId}`)).value.JobModifyIndex;
  }
}

/** Resolves when the servers know it: what is submitted from then on keeps away, or need not any more. */
export async function markNode({ client, installationId }: CheckContext, nodeId: string, verdict: Verdict, signal: AbortSignal): Promise<void> {
  if (verdict === "UNKNOWN") return;
  const wanted = isBlind(verdict);
  const isMarked = async (): Promise<boolean> =>
    isMarkedIn(installationId, (await client.get<{ readonly Meta: Readonly<Record<string, string>> | null }>(`/v1/node/${nodeId}`)).value.Meta ?? {});
  if ((await isMarked()) === wanted) return;
  await client.send("POST", "/v1/client/metadata", metadataOf(installationId, wanted), { node_id: nodeId });
  const deadline = Date.now() + metadataWithinMs;
  while (Date.now() < deadline && (await isMarked()) !== wanted) await pause(lookEveryMs, undefined, { signal });
}
