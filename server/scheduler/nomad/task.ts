/**
 * Whose an allocation is. The job belongs to a seat, and its allocations to the sessions that had the seat in turn; events about
 * allocations carry no version of the job, and indexes change whenever somebody stops or scales it. So it is said by the name of the
 * allocation's task, `model`, `model-2`, `model-3`, which is part of every allocation for as long as Nomad knows it. A task of
 * another name is also what makes Nomad end the allocation before and begin the next only then.
 *
 * Of a gang it says the attempt as well, `model-2.5`, and which member it is is said by the group or, where all are on one machine, by
 * the name of the task (gang-job.ts).
 */
import type { SessionId } from "../../model/ids.ts";
import { numberInSeat, seatOf } from "../../model/seat.ts";
import type { Allocation, TaskState } from "./api-types.ts";
import { groupName } from "./names.ts";

const firstName = "model";
/** Of the task that pulls the image before, where its registry wants credentials. */
const firstPullName = "pull";
const named = /^model(-\d+)?(?:\.(\d+))?$/;
const worker = /^worker-(\d+)$/;

const numbered = (name: string, id: SessionId): string => (numberInSeat(id) === 1 ? name : `${name}-${numberInSeat(id)}`);
export const pullNameOf = (id: SessionId): string => numbered(firstPullName, id);

/** @param attempt of a gang, from 1 on. */
export function taskNameOf(id: SessionId, attempt = 1): string {
  const name = numbered(firstName, id);
  return attempt === 1 ? name : `${name}.${attempt}`;
}

/** Of a group, or of a task beside main's. */
export const workerName = (rank: number): string => `worker-${rank}`;

/** Of the group that a member of several on machines of their own is in. */
export const groupNameOf = (rank: number): string => (rank === 0 ? groupName : workerName(rank));

/** Lists leave the resources out, and what no machine has taken up yet has no states. Empty where both are missing. */
const taskNamesIn = ({ TaskStates, AllocatedResources }: Allocation): readonly string[] =>
  Object.keys({ ...TaskStates, ...AllocatedResources?.Tasks });

/** Not that of a worker beside it. */
const taskNameIn = (allocation: Allocation): string | null => taskNamesIn(allocation).find((name) => named.test(name)) ?? null;

/** Null where the allocation does not say. */
export function sessionOf(seat: SessionId, allocation: Allocation): SessionId | null {
  const name = taskNameIn(allocation);
  return name === null ? null : (`${seat}${named.exec(name)?.[1] ?? ""}` as SessionId);
}

export const isOf = (id: SessionId, allocation: Allocation): boolean => sessionOf(seatOf(id), allocation) === id;

export const taskOf = (allocation: Allocation): TaskState | null => stateOf(allocation, taskIn(allocation));
const stateOf = ({ TaskStates }: Allocation, name: string): TaskState | null => TaskStates?.[name] ?? null;

/** Of pulling the image; null where its registry wants no credentials. */
export const pullOf = ({ TaskStates }: Allocation): TaskState | null =>
  Object.entries(TaskStates ?? {}).find(([name]) => name.startsWith(firstPullName))?.[1] ?? null;

/** For what is asked about the task by its name. */
const taskIn = (allocation: Allocation): string => taskNameIn(allocation) ?? firstName;

/** Of a gang: how often it has been started, this one included. */
export const gangAttemptIn = (allocation: Allocation): number => Number(named.exec(taskIn(allocation))?.[2] ?? 1);

export type Member = {
  readonly rank: number;
  readonly task: string;
  readonly state: TaskState | null;
  /** Of the task before its own, which pulls the image; null where there is none. */
  readonly pull: TaskState | null;
};

/** Main first. */
export function membersIn(allocation: Allocation): readonly Member[] {
  const rankIn = (name: string): readonly number[] => worker.exec(name)?.slice(1).map(Number) ?? [];
  const beside = taskNamesIn(allocation).flatMap((task) =>
    rankIn(task).map((rank) => ({ rank, task, state: stateOf(allocation, task), pull: null })),
  );
  const [rank = 0] = rankIn(allocation.TaskGroup ?? "");
  return [
    { rank, task: taskIn(allocation), state: taskOf(allocation), pull: pullOf(allocation) },
    ...beside.toSorted((one, other) => one.rank - other.rank),
  ];
}

/** Null where another member is in it. */
export const memberIn = (allocation: Allocation, rank: number): Member | null => membersIn(allocation).find((one) => one.rank === rank) ?? null;

/** Whether main runs in it, which alone serves. */
export const isOfMain = ({ TaskGroup = "" }: Allocation): boolean => !worker.test(TaskGroup);
