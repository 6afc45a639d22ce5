/**
 * What Nomad says of one session: of its seat's job, the allocations that ran for it, as an observation. Pure: every event and every list goes through here, so it
 * does not matter which of them told what.
 *
 * The newest allocation is the session; older ones only add to its history. A task that Nomad restarts in place is
 * BACKING_OFF until the delay is over; a failed allocation until its follow-up evaluation is due. A job that was
 * stopped is GONE only when no machine runs anything of it and no evaluation could still place something.
 */
import { backOffMs } from "../../model/back-off.ts";
import type { SessionId } from "../../model/ids.ts";
import { missingFolders } from "../../model/why/facts.ts";
import type { Observation, SessionState, UnplacedFacts } from "../../model/session.ts";
import { type FailedAction, failedAction, type RunningAction, runningAction, startEvents, type StartFiles } from "../../model/start-report.ts";
import type { Allocation, AllocationMetric, Evaluation } from "./api-types.ts";
import { isAboutFolders } from "./folder-check-job.ts";
import { type Attempt, attemptsOf, eventsOf, type Exit, newestExit } from "./history.ts";
import type { Gang } from "./gang-job.ts";
import { portLabel } from "./names.ts";
import { gangAttemptIn, isOfMain, membersIn, pullOf, taskOf } from "./task.ts";

export type JobFacts = {
  readonly sessionId: SessionId;
  readonly serviceName?: string;
  /** Whether Nomad should run it: false once it was stopped, purged or replaced. */
  readonly wanted: boolean;
  /** How many start actions its script reports of. */
  readonly actionCount: number;
  /** Null where it has one member. */
  readonly gang: Gang | null;
  readonly allocations: readonly Allocation[];
  /** Those that are pending or blocked. */
  readonly evaluations: readonly Evaluation[];
};

/** The least that Nomad waits before it places a failed allocation again (job.ts); it says the exact time a moment later. */
const rescheduleDelayMs = 5_000;

const ended: ReadonlySet<Allocation["ClientStatus"]> = new Set(["complete", "failed", "lost"]);
export const hasEnded = (allocation: Allocation): boolean => ended.has(allocation.ClientStatus);

export const newestOf = (allocations: readonly Allocation[]): Allocation | null =>
  allocations.reduce<Allocation | null>((newest, one) => (newest === null || one.CreateIndex > newest.CreateIndex ? one : newest), null);

/** What was read from the machines: the end of what an attempt wrote, and what its start actions reported. */
export type Read = { readonly outputOf: (exit: Exit) => string; readonly startOf: (attempt: Attempt) => StartFiles | null };

export function observe(facts: JobFacts, { outputOf, startOf }: Read): Observation {
  const newest = newestOf(ofMainNow(facts));
  const exit = newestExit(facts);
  const { state, retryAt, awaitsRetry = false } = progress(facts, newest, exit);
  const placed = state === "UNPLACED" ? null : newest;
  const attempts = facts.allocations
    .filter(isOfMain)
    .flatMap((allocation) => attemptsOf(allocation))
    .map((attempt) => ({ attempt, start: startOf(attempt) }));
  const actions = attempts.flatMap(({ attempt, start }) => (start === null ? [] : startEvents(attempt.key, start.report, start.outputs, attempt)));
  return {
    sessionId: facts.sessionId,
    ...(facts.serviceName !== undefined && { serviceName: facts.serviceName }),
    state,
    attempt: placed === null ? null : `${placed.ID}:${taskOf(placed)?.Restarts ?? 0}`,
    node: placed === null ? null : { id: placed.NodeID, name: placed.NodeName },
    address: state === "RUNNING" && placed?.ClientStatus === "running" ? addressOf(placed) : null,
    retryAt,
    ...(awaitsRetry && { awaitsRetry }),
    lastExit: exit === null ? null : { ...exit.exit, outputTail: outputOf(exit), action: failedActionOf(exit, startOf) },
    unplaced: state === "UNPLACED" ? unplacedFacts(facts) : null,
    step: state === "RUNNING" && newest !== null ? stepOf(newest, startOf) : null,
    events: eventsOf(facts, actions),
  };
}

function failedActionOf({ attempt }: Exit, startOf: Read["startOf"]): FailedAction | null {
  const start = attempt === null ? null : startOf(attempt);
  return start === null ? null : failedAction(start.report, start.outputs);
}

function stepOf(allocation: Allocation, startOf: Read["startOf"]): RunningAction | null {
  const attempt = attemptsOf(allocation).at(-1);
  const start = attempt === undefined ? null : startOf(attempt);
  return attempt === undefined || attempt.endedAt !== null || start === null ? null : runningAction(start.report, attempt.startedAt);
}

type Progress = { readonly state: SessionState; readonly retryAt: Date | null; readonly awaitsRetry?: boolean };

function progress(facts: JobFacts, newest: Allocation | null, exit: Exit | null): Progress {
  const { allocations, evaluations } = facts;
  if (!facts.wanted) {
    const over = allocations.every(hasEnded) && !evaluations.some(mayPlaceNow);
    return { state: over ? "GONE" : "STOPPING", retryAt: null };
  }
  if (facts.gang?.mode === "MULTI_NODE") return gangProgress(facts, facts.gang, exit);
  if (newest === null) return { state: "UNPLACED", retryAt: null };
  if (!hasEnded(newest)) return attemptProgress(newest);

  const followUp = evaluations.find(({ ID }) => ID === newest.FollowupEvalID);
  const due = followUp === undefined ? null : waitUntil(followUp);
  if (due !== null) return { state: "BACKING_OFF", retryAt: due };
  const isDecided = newest.ClientStatus === "lost" || evaluations.some(({ Status }) => Status === "blocked") || newest.DesiredStatus !== "run";
  if (isDecided || exit === null) return { state: "UNPLACED", retryAt: null };
  return { state: "BACKING_OFF", retryAt: new Date(exit.exit.at.getTime() + rescheduleDelayMs) };
}

/** Of a gang, those of its newest attempt. */
const ofMainNow = ({ allocations, gang }: JobFacts): readonly Allocation[] =>
  allocations.filter((one) => isOfMain(one) && (gang === null || gangAttemptIn(one) === gang.attempt));

/** On machines of their own: all of them run, or the gang does not. Who is missing waits for a place; who has ended has ended the others. */
function gangProgress({ allocations }: JobFacts, gang: Gang, exit: Exit | null): Progress {
  const placed = placedOf(allocations, gang);
  const broken = brokenIn(allocations, gang);
  if (broken !== null) {
    const endedAt = exit !== null && exit.exit.at.getTime() >= broken.CreateTime / 1_000_000 ? exit.exit.at.getTime() : broken.ModifyTime / 1_000_000;
    return { state: "BACKING_OFF", retryAt: new Date(endedAt + backOffMs(gang.failures)), awaitsRetry: true };
  }
  if (placed.length < gang.size) return { state: "UNPLACED", retryAt: null };
  return { state: placed.every((one) => attemptProgress(one).state === "RUNNING") ? "RUNNING" : "PLACED", retryAt: null };
}

const ofAttempt = (allocations: readonly Allocation[], { attempt }: Gang): readonly Allocation[] =>
  allocations.filter((one) => gangAttemptIn(one) === attempt);

const placedOf = (allocations: readonly Allocation[], gang: Gang): readonly Allocation[] =>
  ofAttempt(allocations, gang).filter((one) => !hasEnded(one) && one.DesiredStatus === "run");

/** A member of its newest attempt that has ended, or is made to. Where Nomad has placed it again by itself, the others do not know of it. */
export const brokenIn = (allocations: readonly Allocation[], gang: Gang): Allocation | null =>
  ofAttempt(allocations, gang).find((one) => hasEnded(one) || one.DesiredStatus !== "run" || taskOf(one)?.State === "dead") ?? null;

function attemptProgress(allocation: Allocation): Progress {
  const pull = pullOf(allocation);
  const isPulling = pull !== null && (pull.State !== "dead" || pull.Failed);
  const states = isPulling ? [pull] : membersIn(allocation).map(({ state }) => state);
  if (states.every((state) => state?.State === "running")) return { state: isPulling ? "PLACED" : "RUNNING", retryAt: null };
  const task = states.find((state) => state?.State === "dead" && state.Failed) ?? (isPulling ? pull : taskOf(allocation));
  const last = task?.Events?.at(-1);
  if (last?.Type === "Restarting") {
    const delayMs = Number(last.Details?.["start_delay"] ?? 0) / 1_000_000;
    return { state: "BACKING_OFF", retryAt: new Date(last.Time / 1_000_000 + delayMs) };
  }
  if (task?.State === "dead" && task.Failed) return { state: "BACKING_OFF", retryAt: new Date((last?.Time ?? 0) / 1_000_000 + rescheduleDelayMs) };
  return { state: "PLACED", retryAt: null };
}

/** Whether a session whose newest allocation this is waits for its next start on the same machine. */
export const waitsInPlace = (newest: Allocation): boolean => !hasEnded(newest) && attemptProgress(newest).state === "BACKING_OFF";

function addressOf(allocation: Allocation): Observation["address"] {
  const port = allocation.AllocatedResources?.Shared.Ports?.find(({ Label }) => Label === portLabel);
  return port === undefined ? null : { host: port.HostIP, port: port.Value };
}

/** When Nomad looks at it again, where it waits for a time. A year of 1 is Go's "not set". */
function waitUntil({ Status, WaitUntil }: Evaluation): Date | null {
  if (Status !== "pending" || WaitUntil === undefined || WaitUntil.startsWith("0001-")) return null;
  return new Date(WaitUntil);
}

/** Not yet decided, and not waiting for a time either. */
export const mayPlaceNow = (evaluation: Evaluation): boolean => evaluation.Status === "pending" && waitUntil(evaluation) === null;

function unplacedFacts({ evaluations, gang, allocations }: JobFacts): UnplacedFacts | null {
  const blocked = evaluations.filter(({ Status }) => Status === "blocked").toSorted((one, other) => other.CreateIndex - one.CreateIndex);
  if (blocked.length === 0) return null;
  const metric = blocked.map(missingIn).find((one) => one !== undefined);
  // Nomad sometimes leaves them out (hashicorp/nomad #19446, #19827): then the reason is found from the machines (model/why.ts).
  return {
    ...factsOf(metric ?? noMetric, null),
    ...(gang?.mode === "MULTI_NODE" && { members: { placed: placedOf(allocations, gang).length, size: gang.size } }),
  };
}

/** Of one group that found no place: those of a gang need the same. */
export const missingIn = ({ FailedTGAllocs }: Pick<Evaluation, "FailedTGAllocs">): AllocationMetric | undefined =>
  Object.values(FailedTGAllocs ?? {})[0];

const noMetric: AllocationMetric = { NodesEvaluated: 0, NodesFiltered: 0, NodesExhausted: 0 };

export function factsOf(metric: AllocationMetric, message: string | null): UnplacedFacts {
  return {
    nodesEvaluated: metric.NodesEvaluated,
    nodesFiltered: metric.NodesFiltered,
    nodesExhausted: metric.NodesExhausted,
    constraintFiltered: Object.fromEntries(
      Object.entries(metric.ConstraintFiltered ?? {}).map(([constraint, nodes]) => [isAboutFolders(constraint) ? missingFolders : constraint, nodes]),
    ),
    dimensionExhausted: metric.DimensionExhausted ?? {},
    message,
  };
}
