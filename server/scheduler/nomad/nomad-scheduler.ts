/**
 * The scheduler on Nomad: each session is one job, `serai-<installation>-<session>`. Nomad places it, restarts it and
 * moves it to another machine, also while Serai is down; this folder only translates. Nothing is remembered here
 * between calls but what can be found out again, so any number of Serai processes can use one cluster.
 *
 *   job.ts      session -> job, pure            watch.ts  subscribe (events.ts), list, apply (state.ts)
 *   observe.ts  allocations, evaluations -> observation, pure   (history.ts: its events and exits; outputs.ts: last words)
 *   start-reports.ts  what start actions report while they run   (start-files.ts: read from the machine)
 *   folder-checks.ts  which machines see the folders (folder-check.ts: one; folder-check-job.ts: as a job, pure)
 *   stop.ts     stop, SIGKILL in time, purge      logs.ts   what a session wrote     nodes.ts  machines
 *
 * Other installations' jobs and everybody else's are neither seen nor touched: names.ts decides by the job's id.
 */
import { AppError } from "../../failure.ts";
import type { Log } from "../../log.ts";
import type { Session, UnplacedFacts } from "../../model/session.ts";
import type { Preview, Scheduler } from "../scheduler.ts";
import type { JobStub, PlanAnswer } from "./api-types.ts";
import { type NomadClient, type NomadConnection, openNomadClient } from "./client.ts";
import { type FolderChecks, openFolderChecks } from "./folder-checks.ts";
import { compileJob, type JobContext } from "./job.ts";
import { allocationsOf, readLog } from "./logs.ts";
import { groupName, jobIdOf } from "./names.ts";
import { readMegahertzPerCore, readNodes } from "./nodes.ts";
import { factsOf, missingFolders, newestOf, waitsInPlace } from "./observe.ts";
import { askToStop, seeOff } from "./stop.ts";
import { watchJobs } from "./watch.ts";

export type NomadOptions = NomadConnection & {
  readonly installationId: string;
  /** Where the folders are on every machine; absent: this process does not look whether the machines see them. */
  readonly foldersDirectory?: string | undefined;
  readonly log: Log;
};

/**
 * Throws AppError SCHEDULER_REFUSED where Nomad does not accept the token. One that does not answer is waited for by whoever asks:
 * the gateway beside it serves what goes on running.
 */
export async function openNomadScheduler(options: NomadOptions): Promise<Scheduler> {
  const { installationId, log } = options;
  const client = openNomadClient(options);
  const closed = new AbortController();
  /** Those that are being seen off, so that a repeated stop does no work twice; a shorter grace still counts. */
  const leaving = new Map<string, { readonly killAt: number; readonly over: Promise<void> }>();
  const jobId = (id: Session["id"]): string => jobIdOf(installationId, id);
  try {
    await client.get<readonly JobStub[]>("/v1/jobs", { per_page: 1 });
  } catch (cause) {
    if (!(cause instanceof AppError && cause.code === "SCHEDULER_UNAVAILABLE")) {
      await client[Symbol.asyncDispose]();
      throw cause;
    }
    log.warn({ reason: cause.message }, "Nomad does not answer; waiting for it");
  }
  const { foldersDirectory } = options;
  const checks = foldersDirectory === undefined ? null : openFolderChecks({ client, installationId, folders: foldersDirectory, log });
  const inWords = (facts: UnplacedFacts): UnplacedFacts => ({ ...facts, message: facts.message ?? whyAllAreBlind(facts, checks) });
  const compile = async (session: Session) => compileJob(session, await contextOf(client, session, installationId));

  return {
    kind: "nomad",
    async submit(session) {
      await checks?.looked(session.resourceGroup.nodePool);
      await submitOnce(client, await compile(session));
    },
    async stop(id, graceMs) {
      const job = jobId(id);
      await askToStop(client, job);
      const killAt = Date.now() + graceMs;
      if ((leaving.get(job)?.killAt ?? Infinity) <= killAt) return;
      const over = seeOff(client, job, killAt, closed.signal, log).finally(() => {
        if (leaving.get(job)?.over === over) leaving.delete(job);
      });
      leaving.set(job, { killAt, over });
    },
    retry: (id) => retryNow(client, jobId(id)),
    async *watch(signal) {
      for await (const batch of watchJobs({ client, installationId, log }, AbortSignal.any([signal, closed.signal]))) {
        const observations = batch.observations.map((one) => (one.unplaced === null ? one : { ...one, unplaced: inWords(one.unplaced) }));
        yield { ...batch, observations };
      }
    },
    logs: (id, query) => readLog(client, jobId(id), { ...query, signal: AbortSignal.any([query.signal, closed.signal]) }),
    async preview(session) {
      const seen = await preview(client, await compile(session));
      return seen.fits ? seen : { fits: false, unplaced: inWords(seen.unplaced) };
    },
    nodes: () => readNodes(client, (id) => checks?.sees(id) ?? null),
    async [Symbol.asyncDispose]() {
      closed.abort();
      await Promise.all([checks?.[Symbol.asyncDispose](), ...[...leaving.values()].map(({ over }) => over)]);
      await client[Symbol.asyncDispose]();
    },
  };
}

/** Where nothing else keeps it from being placed. */
function whyAllAreBlind({ constraintFiltered, nodesExhausted }: UnplacedFacts, checks: FolderChecks | null): string | null {
  const isOnly = nodesExhausted === 0 && Object.keys(constraintFiltered).every((one) => one === missingFolders);
  return isOnly && missingFolders in constraintFiltered ? (checks?.why() ?? null) : null;
}

const contextOf = async (client: NomadClient, { resourceGroup }: Session, installationId: string): Promise<JobContext> => ({
  installationId,
  megahertzPerCore: await readMegahertzPerCore(client, resourceGroup.nodePool),
});

type CompiledJob = ReturnType<typeof compileJob>;

/**
 * Registers it only where there is none: registering it again with other affinities would restart what runs. One that
 * somebody stopped by Nomad's own tools is taken up again; Serai's own stops leave none.
 */
async function submitOnce(client: NomadClient, job: CompiledJob): Promise<void> {
  const register = (index: number): Promise<unknown> => client.send("POST", "/v1/jobs", { Job: job, EnforceIndex: true, JobModifyIndex: index });
  try {
    await register(0);
  } catch (cause) {
    const isThere = cause instanceof AppError && cause.code === "SCHEDULER_REFUSED" && cause.message.includes("job already exists");
    if (!isThere) throw cause;
    const { value } = await client.get<JobStub>(`/v1/job/${job.ID}`);
    if (value.Stop) await register(value.JobModifyIndex);
  }
}

/**
 * Two waits, two ways out, each of which does nothing for the other (tried on 1.11.3): a failed allocation is placed
 * at once by a forced evaluation; one that waits to be restarted in place is replaced by stopping it.
 */
async function retryNow(client: NomadClient, jobId: string): Promise<void> {
  const newest = newestOf(await allocationsOf(client, jobId));
  if (newest === null || newest.DesiredStatus !== "run") return;
  if (waitsInPlace(newest)) await client.send("POST", `/v1/allocation/${newest.ID}/stop`);
  if (newest.ClientStatus !== "failed") return;
  await client.send("POST", `/v1/job/${jobId}/evaluate`, { JobID: jobId, EvalOptions: { ForceReschedule: true } });
}

async function preview(client: NomadClient, job: CompiledJob): Promise<Preview> {
  const answer = await client.send<PlanAnswer>("POST", `/v1/job/${job.ID}/plan`, { Job: job, Diff: false });
  const metric = answer.FailedTGAllocs?.[groupName];
  return metric === undefined ? { fits: true } : { fits: false, unplaced: factsOf(metric, null) };
}
