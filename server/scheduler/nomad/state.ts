/**
 * What is known of this installation's jobs, kept between events: begun with a list, then changed by each event that is newer
 * than the list of its kind. An event at or before the list's index is part of it already.
 */
import type { SessionId } from "../../model/ids.ts";
import type { Allocation, Evaluation, JobStub, StreamedEvent } from "./api-types.ts";
import { actionsMeta, sessionIdOf } from "./names.ts";
import { hasEnded, type JobFacts } from "./observe.ts";

type Known = { wanted: boolean; actionCount: number; readonly allocations: Map<string, Allocation>; readonly evaluations: Map<string, Evaluation> };

export type Listed = {
  readonly jobs: { readonly value: readonly JobStub[]; readonly index: number };
  readonly allocations: { readonly value: readonly Allocation[]; readonly index: number };
  readonly evaluations: { readonly value: readonly Evaluation[]; readonly index: number };
};

export type JobState = {
  readonly sessions: () => readonly SessionId[];
  readonly factsOf: (id: SessionId) => JobFacts;
  /** The session that the event is about, if it is one of ours and news. */
  readonly apply: (event: StreamedEvent) => SessionId | null;
  readonly forget: (id: SessionId) => void;
};

/** History beyond this is control's: a session that has failed a thousand times must not fill the memory. */
const endedAllocationsMax = 8;

export function openJobState(installationId: string, listed: Listed): JobState {
  const known = new Map<SessionId, Known>();
  const of = (id: SessionId): Known => {
    const there = known.get(id) ?? { wanted: false, actionCount: 0, allocations: new Map(), evaluations: new Map() };
    known.set(id, there);
    return there;
  };
  const put = {
    job(id: SessionId, job: JobStub, isDeregistered: boolean) {
      of(id).wanted = !job.Stop && !isDeregistered;
      of(id).actionCount = actionCountOf(job);
    },
    allocation(id: SessionId, allocation: Allocation) {
      of(id).allocations.set(allocation.ID, allocation);
      prune(of(id).allocations);
    },
    evaluation(id: SessionId, evaluation: Evaluation) {
      const open = evaluation.Status === "pending" || evaluation.Status === "blocked";
      if (open) of(id).evaluations.set(evaluation.ID, evaluation);
      else known.get(id)?.evaluations.delete(evaluation.ID);
    },
  };
  const ours = <T>(jobId: string, action: (id: SessionId) => T): SessionId | null => {
    const id = sessionIdOf(installationId, jobId);
    if (id !== null) action(id);
    return id;
  };
  for (const job of listed.jobs.value) ours(job.ID, (id) => put.job(id, job, false));
  for (const allocation of listed.allocations.value) ours(allocation.JobID, (id) => put.allocation(id, allocation));
  for (const evaluation of listed.evaluations.value) ours(evaluation.JobID, (id) => put.evaluation(id, evaluation));

  return {
    sessions: () => [...known.keys()],
    factsOf(id) {
      const { wanted, actionCount, allocations, evaluations } = of(id);
      return { sessionId: id, wanted, actionCount, allocations: [...allocations.values()], evaluations: [...evaluations.values()] };
    },
    apply(event) {
      switch (event.Topic) {
        case "Job": {
          const job = event.Payload.Job;
          if (event.Index <= listed.jobs.index) return null;
          return ours(job.ID, (id) => put.job(id, job, event.Type === "JobDeregistered"));
        }
        case "Allocation": {
          const allocation = event.Payload.Allocation;
          if (event.Index <= listed.allocations.index) return null;
          return ours(allocation.JobID, (id) => put.allocation(id, allocation));
        }
        case "Evaluation": {
          const evaluation = event.Payload.Evaluation;
          if (event.Index <= listed.evaluations.index) return null;
          return ours(evaluation.JobID, (id) => put.evaluation(id, evaluation));
        }
      }
    },
    forget: (id) => void known.delete(id),
  };
}

function actionCountOf({ Meta }: JobStub): number {
  const count = Number(Meta?.[actionsMeta] ?? 0);
  return Number.isSafeInteger(count) && count > 0 ? count : 0;
}

function prune(allocations: Map<string, Allocation>): void {
  const over = [...allocations.values()].filter(hasEnded).toSorted((one, other) => other.CreateIndex - one.CreateIndex);
  for (const { ID } of over.slice(endedAllocationsMax)) allocations.delete(ID);
}
