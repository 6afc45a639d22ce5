/**
 * What Nomad says of one session: of its seat's job, the allocations that ran for it, as an observation. Pure: every event and every list goes through here, so it
 * does not matter which of them told what.
 *
 * The newest allocation is the session; older ones only add to its history. A task that Nomad restarts in place is
 * BACKING_OFF until the delay is over; a failed allocation until its follow-up evaluation is due. A job that was
 * stopped is GONE only when no machine runs anything of it and no evaluation could still place something.
 */
import type { SessionId } from "../../model/ids.ts";
import { missingFolders } from "../../model/why/facts.ts";
import type { Observation, SessionState, UnplacedFacts } from "../../model/session.ts";
import { type FailedAction, failedAction, type RunningAction, runningAction, startEvents, type StartFiles } from "../../model/start-report.ts";
import type { Allocation, AllocationMetric, Evaluation } from "./api-types.ts";
import { isAboutFolders } from "./folder-check-job.ts";
import { type Attempt, attemptsOf, eventsOf, type Exit, newestExit } from "./history.ts";
import { groupName, portLabel } from "./names.ts";
import { pullOf, taskOf } from "./task.ts";

export type JobFacts = {
  readonly sessionId: SessionId;
  readonly serviceName?: string;
  /** Whether Nomad should run it: false once it was stopped, purged or replaced. */
  readonly wanted: boolean;
  /** How many start actions its script reports of. */
  readonly actionCount: number;
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
  const newest = newestOf(facts.allocations);
  const exit = newestExit(facts.allocations);
  const { state, retryAt } = progress(facts, newest, exit);
  const placed = state === "UNPLACED" ? null : newest;
  const attempts = facts.allocations.flatMap(attemptsOf).map((attempt) => ({ attempt, start: startOf(attempt) }));
  const actions = attempts.flatMap(({ attempt, start }) => (start === null ? [] : startEvents(attempt.key, start.report, start.outputs, attempt)));
  return {
    sessionId: facts.sessionId,
    ...(facts.serviceName !== undefined && { serviceName: facts.serviceName }),
    state,
    attempt: placed === null ? null : `${placed.ID}:${taskOf(placed)?.Restarts ?? 0}`,
    node: placed === null ? null : { id: placed.NodeID, name: placed.NodeName },
    address: state === "RUNNING" && placed?.ClientStatus === "running" ? addressOf(placed) : null,
    retryAt,
    lastExit: exit === null ? null : { ...exit.exit, outputTail: outputOf(exit), action: failedActionOf(exit, startOf) },
    unplaced: state === "UNPLACED" ? unplacedFacts(facts.evaluations) : null,
    step: state === "RUNNING" && newest !== null ? stepOf(newest, startOf) : null,
    events: eventsOf(facts.allocations, actions),
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

type Progress = { readonly state: SessionState; readonly retryAt: Date | null };

function progress(facts: JobFacts, newest: Allocation | null, exit: Exit | null): Progress {
  const { allocations, evaluations } = facts;
  if (!facts.wanted) {
    const over = allocations.every(hasEnded) && !evaluations.some(mayPlaceNow);
    return { state: over ? "GONE" : "STOPPING", retryAt: null };
  }
  if (newest === null) return { state: "UNPLACED", retryAt: null };
  if (!hasEnded(newest)) return attemptProgress(newest);

  const followUp = evaluations.find(({ ID }) => ID === newest.FollowupEvalID);
  const due = followUp === undefined ? null : waitUntil(followUp);
  if (due !== null) return { state: "BACKING_OFF", retryAt: due };
  const isDecided = newest.ClientStatus === "lost" || evaluations.some(({ Status }) => Status === "blocked") || newest.DesiredStatus !== "run";
  if (isDecided || exit === null) return { state: "UNPLACED", retryAt: null };
  return { state: "BACKING_OFF", retryAt: new Date(exit.exit.at.getTime() + rescheduleDelayMs) };
}

function attemptProgress(allocation: Allocation): Progress {
  const pull = pullOf(allocation);
  const isPulling = pull !== null && (pull.State !== "dead" || pull.Failed);
  const task = isPulling ? pull : taskOf(allocation);
  if (task?.State === "running") return { state: isPulling ? "PLACED" : "RUNNING", retryAt: null };
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

function unplacedFacts(evaluations: readonly Evaluation[]): UnplacedFacts | null {
  const blocked = evaluations.filter(({ Status }) => Status === "blocked").toSorted((one, other) => other.CreateIndex - one.CreateIndex);
  if (blocked.length === 0) return null;
  const metric = blocked.map(({ FailedTGAllocs }) => FailedTGAllocs?.[groupName]).find((one) => one !== undefined);
  // Nomad sometimes leaves them out (hashicorp/nomad #19446, #19827): then the reason is found from the machines (model/why.ts).
  return factsOf(metric ?? noMetric, null);
}

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
