/**
 * The scheduler on Nomad: each seat is one job, `serai-<installation>-<first session>`, and each session that has the seat in turn a
 * version of it. Nomad places it, restarts it and moves it to another machine, also while Serai is down; this folder only translates. Nothing is remembered here
 * between calls but what can be found out again, so any number of Serai processes can use one cluster.
 *
 *   job.ts      session -> job, pure (task.ts: whose an allocation is)      take-seat.ts  submit, replace
 *   watch.ts  subscribe (events.ts), list, apply (state.ts)
 *   observe.ts  allocations, evaluations -> observation, pure   (history.ts: its events and exits; outputs.ts: last words)
 *   start-reports.ts  what start actions report while they run   (start-files.ts: read from the machine)
 *   references.ts  what tasks read by reference, pure (variables.ts: written, removed)
 *   folder-checks.ts  which machines see the folders (folder-check.ts: one; folder-check-job.ts: as a job, pure)
 *   jobs.ts     those that are not over           stop.ts   stop, SIGKILL in time
 *   logs.ts   what a session wrote (last-words.ts: its end)     nodes.ts  machines  (set-eligible.ts: whether they take new work)
 *
 * Other installations' jobs and everybody else's are neither seen nor touched: names.ts decides by the job's id.
 */
import { AppError, messageOf } from "../../failure.ts";
import type { Log } from "../../log.ts";
import type { SessionId } from "../../model/ids.ts";
import type { ComputeNode, Preview } from "../../model/observe.ts";
import { seatOf } from "../../model/seat.ts";
import { missingFolders } from "../../model/why/facts.ts";
import type { Session, UnplacedFacts } from "../../model/session.ts";
import type { Scheduler } from "../scheduler.ts";
import { refuseOtherSeat } from "../seat.ts";
import type { JobStub, PlanAnswer, SchedulerConfiguration } from "./api-types.ts";
import { type NomadClient, type NomadConnection, openNomadClient } from "./client.ts";
import { type FolderChecks, openFolderChecks } from "./folder-checks.ts";
import { gangIn } from "./gang-job.ts";
import { compileJob, type JobContext, type Predecessor } from "./job.ts";
import { findJob } from "./jobs.ts";
import { allocationsOf, readLog } from "./logs.ts";
import { foldersVolume, holderOf, jobIdOf } from "./names.ts";
import { readMegahertzPerCore, readNodes } from "./nodes.ts";
import { factsOf, missingIn, newestOf, waitsInPlace } from "./observe.ts";
import { restartGang } from "./restart-gang.ts";
import { askToStop, seeOff } from "./stop.ts";
import { setEligible } from "./set-eligible.ts";
import { takeSeat } from "./take-seat.ts";
import { isOf } from "./task.ts";
import { openTurns } from "./turns.ts";
import { openSweep } from "./variables.ts";
import { watchJobs } from "./watch.ts";

export type NomadOptions = NomadConnection & {
  readonly installationId: string;
  /** Where the folders are on every machine; absent: this process does not look whether the machines see them. */
  readonly foldersDirectory?: string | undefined;
  readonly log: Log;
};

/** A cluster that does not answer, or not with this token, is told of and waited for: the gateway beside it serves what goes on running. */
export async function openNomadScheduler(options: NomadOptions): Promise<Scheduler> {
  const { installationId, log } = options;
  const client = openNomadClient(options);
  const closed = new AbortController();
  /** Those that are being seen off, so that a repeated stop does no work twice; a shorter grace still counts. */
  const leaving = new Map<SessionId, { readonly killAt: number; readonly over: Promise<void> }>();
  const check = async (): Promise<void> => void (await client.get<readonly JobStub[]>("/v1/jobs", { per_page: 1 }));
  await check().catch((cause: unknown) => log.error({ reason: messageOf(cause) }, "Nomad cannot be used; waiting until it can"));
  const { foldersDirectory } = options;
  const checks = foldersDirectory === undefined ? null : openFolderChecks({ client, installationId, folders: foldersDirectory, log });
  const look = (): Promise<readonly ComputeNode[]> => readNodes({ client, installationId, seesFolders: (id) => checks?.sees(id) ?? null });
  const inWords = (facts: UnplacedFacts): UnplacedFacts => ({
    ...facts,
    message: facts.message ?? whyAllAreBlind(facts, checks) ?? whyNoVolume(facts, installationId),
  });
  /** With the machines as they are now: without them where they cannot be read, because what is known must be told all the same. */
  const withNodes = async (facts: readonly UnplacedFacts[]): Promise<readonly UnplacedFacts[]> => {
    if (facts.length === 0) return [];
    const nodes = await look().catch((thrown: unknown) => log.debug({ reason: messageOf(thrown) }, "Nomad's nodes cannot be read"));
    return facts.map((one) => ({ ...inWords(one), ...(nodes === undefined ? {} : { nodes }) }));
  };
  const sweep = foldersDirectory === undefined ? null : openSweep({ client, installationId, log });
  const turns = openTurns();
  const jobId = (id: SessionId): string => jobIdOf(installationId, id);
  const compile = async (session: Session, predecessor: Predecessor | null) =>
    compileJob(session, await contextOf(client, session, installationId), predecessor);
  const submit = async (session: Session): Promise<void> => {
    await checks?.looked(session.resourceGroup.nodePool);
    await turns(jobId(session.id), () => takeSeat(client, installationId, session, compile));
  };

  return {
    kind: "nomad",
    check,
    submit,
    async replace(old, session) {
      refuseOtherSeat(old, session.id);
      await submit(session);
    },
    async stop(id, graceMs) {
      const leaver = await turns(jobId(id), () => askToStop(client, id, jobId(id)));
      if (leaver === null) return;
      const killAt = Date.now() + graceMs;
      if ((leaving.get(id)?.killAt ?? Infinity) <= killAt) return;
      const over = seeOff({ client, turns, log }, leaver, killAt, closed.signal).finally(() => {
        if (leaving.get(id)?.over === over) leaving.delete(id);
      });
      leaving.set(id, { killAt, over });
    },
    retry: (id) => retryNow(client, installationId, id),
    async *watch(signal) {
      for await (const batch of watchJobs({ client, installationId, log }, AbortSignal.any([signal, closed.signal]))) {
        // Once for all of them: a burst of sessions that find no place asks for the machines once.
        const told = [...(await withNodes(batch.observations.flatMap(({ unplaced }) => unplaced ?? [])))];
        const observations = batch.observations.map((one) => (one.unplaced === null ? one : { ...one, unplaced: told.shift() ?? one.unplaced }));
        yield { ...batch, observations };
      }
    },
    logs: (id, query) => readLog({ client, installationId }, id, { ...query, signal: AbortSignal.any([query.signal, closed.signal]) }),
    async preview(session) {
      const seen = await preview(client, await compile(session, null));
      if (seen.fits) return seen;
      const [unplaced = seen.unplaced] = await withNodes([seen.unplaced]);
      return { fits: false, unplaced };
    },
    nodes: look,
    setEligible: (nodeId, eligible) => setEligible(client, nodeId, eligible),
    async [Symbol.asyncDispose]() {
      closed.abort();
      sweep?.[Symbol.dispose]();
      await Promise.all([checks?.[Symbol.asyncDispose](), ...[...leaving.values()].map(({ over }) => over)]);
      await client[Symbol.asyncDispose]();
    },
  };
}

/** Does nothing but this keep it from being placed? */
function isOnly({ constraintFiltered, nodesExhausted }: UnplacedFacts, cause: string): boolean {
  const causes = Object.keys(constraintFiltered);
  return nodesExhausted === 0 && causes.length === 1 && causes[0] === cause;
}

const whyAllAreBlind = (facts: UnplacedFacts, checks: FolderChecks | null): string | null =>
  isOnly(facts, missingFolders) ? (checks?.why() ?? null) : null;

/** As Nomad calls it where a machine's agent does not know a volume, which one it does not say. */
const noVolume = "missing compatible host volumes";

function whyNoVolume(facts: UnplacedFacts, installationId: string): string | null {
  if (!isOnly(facts, noVolume)) return null;
  return `No node lets an isolated environment have the folders: their agents must have the host volume ${foldersVolume(installationId)}, which is SERAI_FOLDERS (docs/nomad.md).`;
}

const contextOf = async (client: NomadClient, { resourceGroup, resources }: Session, installationId: string): Promise<JobContext> => ({
  installationId,
  megahertzPerCore: await readMegahertzPerCore(client, resourceGroup.nodePool),
  allowsMemoryMax: resources.memoryMaxMiB !== undefined && (await allowsMemoryMax(client)),
});

/** Who may not ask (the policy operator:read) is not allowed it either. */
async function allowsMemoryMax(client: NomadClient): Promise<boolean> {
  try {
    const { value } = await client.get<SchedulerConfiguration>("/v1/operator/scheduler/configuration");
    return value.SchedulerConfig?.MemoryOversubscriptionEnabled === true;
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === "SCHEDULER_REFUSED") return false;
    throw thrown;
  }
}

type CompiledJob = ReturnType<typeof compileJob>;

/**
 * Two waits, two ways out, each of which does nothing for the other (tried on 1.11.3): a failed allocation is placed
 * at once by a forced evaluation; one that waits to be restarted in place is replaced by stopping it.
 */
async function retryNow(client: NomadClient, installationId: string, id: SessionId): Promise<void> {
  const jobId = jobIdOf(installationId, id);
  const own = (await allocationsOf(client, jobId)).filter((allocation) => isOf(id, allocation));
  const job = await findJob(client, jobId);
  if (job === null || holderOf(seatOf(id), job) !== id) return;
  const gang = gangIn(job);
  if (gang?.mode === "MULTI_NODE") return restartGang(client, installationId, id, own);
  const newest = newestOf(own);
  if (newest === null || newest.DesiredStatus !== "run") return;
  if (waitsInPlace(newest)) await client.send("POST", `/v1/allocation/${newest.ID}/stop`);
  if (newest.ClientStatus !== "failed") return;
  await client.send("POST", `/v1/job/${jobId}/evaluate`, { JobID: jobId, EvalOptions: { ForceReschedule: true } });
}

async function preview(client: NomadClient, job: CompiledJob): Promise<Preview> {
  const answer = await plan(client, job);
  if (answer === null) return { fits: false, unplaced: factsOf({ NodesEvaluated: 0, NodesFiltered: 0, NodesExhausted: 0 }, null) };
  const metric = missingIn(answer);
  return metric === undefined ? { fits: true } : { fits: false, unplaced: factsOf(metric, null) };
}

/** Null where Nomad has no such node pool: nothing is in it. */
async function plan(client: NomadClient, job: CompiledJob): Promise<PlanAnswer | null> {
  try {
    return await client.send<PlanAnswer>("POST", `/v1/job/${job.ID}/plan`, { Job: job, Diff: false });
  } catch (thrown) {
    if (
      thrown instanceof AppError &&
      thrown.code === "SCHEDULER_REFUSED" &&
      /nonexistent node pool|node pool .*(not found|does not exist)/i.test(thrown.message)
    )
      return null;
    throw thrown;
  }
}
