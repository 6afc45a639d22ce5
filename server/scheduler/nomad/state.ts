/**
 * What is known of this installation's jobs, kept between events: begun with a list, then changed by each event that is newer
 * than the list of its kind. An event at or before the list's index is part of it already.
 *
 * A job is a seat's. Its evaluations are about the session that has the seat now; each allocation is of the session that it ran for
 * (task.ts). Those that had the seat before are wanted only while Nomad has not found room for their successor.
 */
import type { SessionId } from "../../model/ids.ts";
import { seatOf } from "../../model/seat.ts";
import type { Allocation, Evaluation, JobStub, StreamedEvent } from "./api-types.ts";
import { type Gang, gangIn } from "./gang-job.ts";
import { actionsMeta, countIn, holderOf, replacedActionsMeta, replacedClusterMeta, replacedMeta, seatIdOf, serviceNameIn } from "./names.ts";
import { hasEnded, type JobFacts } from "./observe.ts";
import { sessionOf } from "./task.ts";

type Known = { actionCount: number; gang: Gang | null; readonly allocations: Map<string, Allocation> };
type Seat = {
  holder: SessionId;
  wanted: boolean;
  serviceName?: string;
  readonly evaluations: Map<string, Evaluation>;
  readonly sessions: Map<SessionId, Known>;
};

export type Listed = {
  readonly jobs: { readonly value: readonly JobStub[]; readonly index: number };
  readonly allocations: { readonly value: readonly Allocation[]; readonly index: number };
  readonly evaluations: { readonly value: readonly Evaluation[]; readonly index: number };
};

export type JobState = {
  readonly sessions: () => readonly SessionId[];
  readonly factsOf: (id: SessionId) => JobFacts;
  /** The sessions that the event is about, if it is one of ours and news. */
  readonly apply: (event: StreamedEvent) => readonly SessionId[];
  readonly forget: (id: SessionId) => void;
};

/** History beyond this is control's: a session that has failed a thousand times must not fill the memory. */
const endedAllocationsMax = 8;

export function openJobState(installationId: string, listed: Listed): JobState {
  const seats = new Map<SessionId, Seat>();
  const put = {
    job(seat: SessionId, job: JobStub, isDeregistered: boolean) {
      const known = seatIn(seats, seat);
      known.holder = holderOf(seat, job);
      known.serviceName = serviceNameIn(job);
      known.wanted = !job.Stop && !isDeregistered;
      Object.assign(sessionIn(known, known.holder), { actionCount: countIn(job, actionsMeta), gang: gangIn(job) });
      const replaced = known.sessions.get((job.Meta?.[replacedMeta] ?? "") as SessionId);
      if (replaced !== undefined) Object.assign(replaced, { actionCount: countIn(job, replacedActionsMeta), gang: gangIn(job, replacedClusterMeta) });
      return [...known.sessions.keys()];
    },
    allocation(seat: SessionId, allocation: Allocation) {
      const known = seatIn(seats, seat);
      const id = sessionOf(seat, allocation) ?? known.holder;
      const { allocations } = sessionIn(known, id);
      allocations.set(allocation.ID, allocation);
      prune(allocations);
      return [id];
    },
    evaluation(seat: SessionId, evaluation: Evaluation) {
      const known = seatIn(seats, seat);
      const open = evaluation.Status === "pending" || evaluation.Status === "blocked";
      if (open) known.evaluations.set(evaluation.ID, evaluation);
      else known.evaluations.delete(evaluation.ID);
      sessionIn(known, known.holder);
      return [known.holder];
    },
  };
  const ours = (jobId: string, action: (seat: SessionId) => readonly SessionId[]): readonly SessionId[] => {
    const seat = seatIdOf(installationId, jobId);
    return seat === null ? [] : action(seat);
  };
  // Of jobs that are over (jobs.ts) only what still ends. The jobs last: they know the sessions that there are allocations of.
  const present = new Set(listed.jobs.value.map(({ ID }) => ID));
  for (const allocation of listed.allocations.value)
    if (present.has(allocation.JobID) || !hasEnded(allocation)) ours(allocation.JobID, (seat) => put.allocation(seat, allocation));
  for (const job of listed.jobs.value) ours(job.ID, (seat) => put.job(seat, job, false));
  for (const evaluation of listed.evaluations.value) ours(evaluation.JobID, (seat) => put.evaluation(seat, evaluation));

  return {
    sessions: () => [...seats.values()].flatMap(({ sessions }) => [...sessions.keys()]),
    factsOf(id) {
      const seat = seatIn(seats, seatOf(id));
      const { actionCount, gang, allocations } = sessionIn(seat, id);
      const own = [...allocations.values()];
      const isHolder = id === seat.holder;
      const wanted = seat.wanted && (isHolder || own.some(stillRuns));
      return {
        sessionId: id,
        ...(seat.serviceName !== undefined && { serviceName: seat.serviceName }),
        wanted,
        actionCount,
        gang,
        allocations: own,
        evaluations: isHolder ? [...seat.evaluations.values()] : [],
      };
    },
    apply(event) {
      switch (event.Topic) {
        case "Job": {
          const job = event.Payload.Job;
          if (event.Index <= listed.jobs.index) return [];
          return ours(job.ID, (seat) => put.job(seat, job, event.Type === "JobDeregistered"));
        }
        case "Allocation": {
          const allocation = event.Payload.Allocation;
          if (event.Index <= listed.allocations.index) return [];
          return ours(allocation.JobID, (seat) => put.allocation(seat, allocation));
        }
        case "Evaluation": {
          const evaluation = event.Payload.Evaluation;
          if (event.Index <= listed.evaluations.index) return [];
          return ours(evaluation.JobID, (seat) => put.evaluation(seat, evaluation));
        }
      }
    },
    forget(id) {
      const seat = seats.get(seatOf(id));
      seat?.sessions.delete(id);
      if (seat?.sessions.size === 0) seats.delete(seatOf(id));
    },
  };
}

const stillRuns = (allocation: Allocation): boolean => !hasEnded(allocation) && allocation.DesiredStatus === "run";

/** Of one that was not listed, the last to have had it is not known; until its job is heard of, it is the first. */
function seatIn(seats: Map<SessionId, Seat>, id: SessionId): Seat {
  const there = seats.get(id) ?? { holder: id, wanted: false, evaluations: new Map(), sessions: new Map() };
  seats.set(id, there);
  return there;
}

function sessionIn({ sessions }: Seat, id: SessionId): Known {
  const there = sessions.get(id) ?? { actionCount: 0, gang: null, allocations: new Map() };
  sessions.set(id, there);
  return there;
}

function prune(allocations: Map<string, Allocation>): void {
  const over = [...allocations.values()].filter(hasEnded).toSorted((one, other) => other.CreateIndex - one.CreateIndex);
  for (const { ID } of over.slice(endedAllocationsMax)) allocations.delete(ID);
}
