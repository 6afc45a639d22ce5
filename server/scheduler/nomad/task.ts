/**
 * Whose an allocation is. The job belongs to a seat, and its allocations to the sessions that had the seat in turn; events about
 * allocations carry no version of the job, and indexes change whenever somebody stops or scales it. So it is said by the name of the
 * allocation's only task, `model`, `model-2`, `model-3`, which is part of every allocation for as long as Nomad knows it. A task of
 * another name is also what makes Nomad end the allocation before and begin the next only then.
 */
import type { SessionId } from "../../model/ids.ts";
import { numberInSeat } from "../../model/seat.ts";
import type { Allocation, TaskState } from "./api-types.ts";

const firstName = "model";
/** Of the task that pulls the image before, where its registry wants credentials. */
const firstPullName = "pull";

const numbered = (name: string, id: SessionId): string => (numberInSeat(id) === 1 ? name : `${name}-${numberInSeat(id)}`);
export const taskNameOf = (id: SessionId): string => numbered(firstName, id);
export const pullNameOf = (id: SessionId): string => numbered(firstPullName, id);

/** Lists leave the resources out, and what no machine has taken up yet has no states. Null where both are missing. */
const taskNameIn = ({ TaskStates, AllocatedResources }: Allocation): string | null =>
  Object.keys({ ...TaskStates, ...AllocatedResources?.Tasks }).find((name) => name.startsWith(firstName)) ?? null;

/** Null where the allocation does not say. */
export function sessionOf(seat: SessionId, allocation: Allocation): SessionId | null {
  const name = taskNameIn(allocation);
  if (name === null) return null;
  return name === firstName ? seat : (`${seat}${name.slice(firstName.length)}` as SessionId);
}

export const isOf = (id: SessionId, allocation: Allocation): boolean => taskNameIn(allocation) === taskNameOf(id);

export const taskOf = (allocation: Allocation): TaskState | null => allocation.TaskStates?.[taskNameIn(allocation) ?? firstName] ?? null;

/** Of pulling the image; null where its registry wants no credentials. */
export const pullOf = ({ TaskStates }: Allocation): TaskState | null =>
  Object.entries(TaskStates ?? {}).find(([name]) => name.startsWith(firstPullName))?.[1] ?? null;

/** For what is asked about the task by its name. */
export const taskIn = (allocation: Allocation): string => taskNameIn(allocation) ?? firstName;
