/**
 * What has happened to a session, from the task events of its allocations: pure, and the same under the same key each
 * time it is computed. Nomad keeps about ten events of an allocation, so control stores them as they come.
 */
import { constants } from "node:os";
import type { SessionEvent, SessionExit } from "../../model/session.ts";
import { asSentence } from "../../model/words.ts";
import { memberName } from "../../model/cluster.ts";
import type { Allocation, TaskEvent } from "./api-types.ts";
import type { Gang } from "./gang-job.ts";
import { gangAttemptIn, type Member, membersIn } from "./task.ts";

/** One run of the process in an allocation, which Nomad may start several times in place. */
export type Attempt = {
  /** Of all attempts of all allocations. */
  readonly key: string;
  readonly allocationId: string;
  readonly task: string;
  readonly startedAt: Date;
  /** Null while it runs. */
  readonly endedAt: Date | null;
  /** What was written later is not the attempt's before. */
  readonly earlierEndedAt: Date | null;
};

/** Those whose start Nomad still remembers, oldest first; of the member that is named first in it, or of this one. */
export function attemptsOf(allocation: Allocation, member = membersIn(allocation)[0]): readonly Attempt[] {
  const attempts: Attempt[] = [];
  let earlierEndedAt: Date | null = null;
  if (member === undefined) return attempts;
  const { task } = member;
  for (const event of eventsIn(member)) {
    const last = attempts.at(-1);
    if (event.Type === "Started") {
      const key = `${allocation.ID}:${event.Time}`;
      attempts.push({ key, allocationId: allocation.ID, task, startedAt: at(event.Time), endedAt: null, earlierEndedAt });
    } else if (event.Type === "Terminated") {
      earlierEndedAt = at(event.Time);
      if (last?.endedAt === null) attempts[attempts.length - 1] = { ...last, endedAt: earlierEndedAt };
    }
  }
  return attempts;
}

/** The end of an attempt, without what it wrote: that has to be read from the machine. */
export type Exit = {
  readonly allocationId: string;
  readonly task: string;
  readonly key: string;
  /** Null where no process ran. */
  readonly attempt: Attempt | null;
  /** Whether a process ran that may have written something. */
  readonly hasOutput: boolean;
  /** Of a member of a gang: it was ended because another had, or because it was no longer wanted. */
  readonly byOthers: boolean;
  readonly exit: Omit<SessionExit, "outputTail" | "action">;
};

const kinds: Readonly<Record<string, SessionEvent["kind"]>> = {
  Started: "STARTED",
  Terminated: "EXITED",
  "Driver Failure": "START_FAILED",
  "Setup Failure": "START_FAILED",
  "Failed Validation": "START_FAILED",
  "Failed Artifact Download": "START_FAILED",
  Killing: "NOTE",
  Restarting: "NOTE",
  "Not Restarting": "NOTE",
  "Restart Signaled": "NOTE",
  Reconnected: "NOTE",
  Driver: "NOTE",
};

const at = (nanoseconds: number): Date => new Date(Math.floor(nanoseconds / 1_000_000));
/** What keeps its image from being pulled keeps it from starting. */
const eventsIn = ({ state, pull }: Member): readonly TaskEvent[] => [...(pull?.Events ?? []).filter(isStartFailure), ...(state?.Events ?? [])];
const isStartFailure = ({ Type }: TaskEvent): boolean => kinds[Type] === "START_FAILED";
const keyOf = (allocation: Allocation, { Time, Type }: TaskEvent): string => `${allocation.ID}:${Time}:${Type}`;

type Told = { readonly allocations: readonly Allocation[]; readonly gang: Gang | null };

/** Oldest first. What is told of an end comes after the start actions before it, also where both have the same time. */
export function eventsOf({ allocations, gang }: Told, actions: readonly SessionEvent[]): readonly SessionEvent[] {
  const told = allocations.flatMap((allocation) => membersIn(allocation).flatMap((member) => eventsOfMember(allocation, member, gang)));
  const isEnd = ({ kind }: SessionEvent): boolean => kind === "EXITED" || kind === "LOST" || kind === "NOTE";
  return [...told.filter((event) => !isEnd(event)), ...actions, ...told.filter(isEnd)].toSorted(
    (one, other) => one.at.getTime() - other.at.getTime(),
  );
}

/** The start of a route is main's; of a worker it is told where it is, and how it ended. */
const kindsOfWorker: ReadonlySet<SessionEvent["kind"]> = new Set(["EXITED", "START_FAILED"]);

function eventsOfMember(allocation: Allocation, member: Member, gang: Gang | null): readonly SessionEvent[] {
  const isWorker = member.rank > 0;
  const isBesideMain = isWorker && gang?.mode === "SINGLE_NODE";
  const name = capitalised(memberName(member.rank));
  const placed: SessionEvent = {
    key: `${allocation.ID}:placed`,
    at: at(allocation.CreateTime),
    kind: isWorker ? "NOTE" : "PLACED",
    message: isWorker ? `${name} was placed on ${allocation.NodeName}.` : `Placed on ${allocation.NodeName}.`,
  };
  const told = eventsIn(member).flatMap((event): readonly SessionEvent[] => {
    const kind = kinds[event.Type];
    if (kind === undefined || (isWorker && !kindsOfWorker.has(kind)) || (gang !== null && wasEndedByOthers(member, event))) return [];
    return [{ key: keyOf(allocation, event), at: at(event.Time), kind, message: messageOf(event, gang === null ? "It" : name) }];
  });
  return isBesideMain ? told : [placed, ...told, ...lostEvents(allocation, isWorker ? memberName(member.rank) : "it")];
}

const capitalised = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

/** Nomad ended it: because of another member, or because somebody wanted it. */
const wasEndedByOthers = (member: Member, { Type, Time }: TaskEvent): boolean =>
  Type === "Terminated" && eventsIn(member).some((before) => before.Type === "Killing" && before.Time <= Time);

function lostEvents(allocation: Allocation, who: string): readonly SessionEvent[] {
  if (allocation.ClientStatus !== "lost") return [];
  return [{ key: `${allocation.ID}:lost`, at: at(allocation.ModifyTime), kind: "LOST", message: lostMessage(allocation, who) }];
}

const lostMessage = ({ NodeName }: Allocation, who: string): string =>
  `${NodeName} was lost with ${who}: Nomad does not hear of the machine any more.`;

function messageOf(event: TaskEvent, who: string): string {
  if (event.Type === "Started") return who === "It" ? "Its process runs." : `${who} runs.`;
  if (event.Type !== "Terminated") return event.DisplayMessage || event.Type;
  const { code, signal, outOfMemory } = exitOf(event);
  if (outOfMemory) return `${who} needed more memory than it was given and was ended.`;
  return signal === null ? `${who} exited with code ${code}.` : `${who} was ended by ${signal}.`;
}

/** The newest end of any attempt: of a process, of the try to start one, or of the machine. Of a gang's attempt, the end that ended the others. */
export function newestExit({ allocations, gang }: Told): Exit | null {
  const newest = (exits: readonly Exit[]): Exit | null =>
    exits.reduce<Exit | null>((latest, one) => (latest === null || one.exit.at >= latest.exit.at ? one : latest), null);
  if (gang === null) return newest(allocations.flatMap((allocation) => exitsOfOne(allocation, null)));
  const attempts = Map.groupBy(allocations, (allocation) => (gang.mode === "MULTI_NODE" ? gangAttemptIn(allocation) : allocation.ID));
  return newest([...attempts.values()].flatMap((all) => firstOf(all.flatMap((allocation) => exitsOfOne(allocation, gang)))));
}

function firstOf(exits: readonly Exit[]): readonly Exit[] {
  const sorted = exits.toSorted((one, other) => one.exit.at.getTime() - other.exit.at.getTime());
  const first = sorted.find(({ byOthers }) => !byOthers) ?? sorted[0];
  return first === undefined ? [] : [first];
}

const exitsOfOne = (allocation: Allocation, gang: Gang | null): readonly Exit[] =>
  membersIn(allocation).flatMap((member) => exitsOfMember(allocation, member, gang));

function exitsOfMember(allocation: Allocation, member: Member, gang: Gang | null): readonly Exit[] {
  const { task, rank } = member;
  const whose = gang === null ? {} : { member: rank };
  const seen = eventsIn(member).flatMap((event): readonly Exit[] => {
    const kind = kinds[event.Type];
    if (kind !== "EXITED" && kind !== "START_FAILED") return [];
    const attempt =
      kind === "EXITED" ? (attemptsOf(allocation, member).find(({ endedAt }) => endedAt?.getTime() === at(event.Time).getTime()) ?? null) : null;
    const told = { allocationId: allocation.ID, task, key: keyOf(allocation, event), byOthers: wasEndedByOthers(member, event) };
    const exit = exitOf(event);
    return [{ ...told, attempt, hasOutput: kind === "EXITED", exit: { ...exit, ...(exit.outOfMemory ? limitOf(allocation, task) : {}), ...whose } }];
  });
  const lost = lostEvents(allocation, rank > 0 ? memberName(rank) : "it").map(({ key, at: lostAt, message }): Exit => {
    const exit = { code: null, signal: null, outOfMemory: false, at: lostAt, message, ...whose };
    return { allocationId: allocation.ID, task, key, attempt: null, hasOutput: false, byOthers: false, exit };
  });
  return [...seen, ...lost];
}

/** As the machine was told it: what was asked for is only a part of it where the cluster lets tasks use more. */
function limitOf({ AllocatedResources }: Allocation, task: string): Pick<SessionExit, "memoryLimitMiB"> {
  const memory = AllocatedResources?.Tasks[task]?.Memory;
  return memory === undefined ? {} : { memoryLimitMiB: memory.MemoryMaxMB || memory.MemoryMB };
}

function exitOf(event: TaskEvent): Omit<Exit["exit"], "member"> {
  const told = event.Details ?? {};
  const outOfMemory = told["oom_killed"] === "true";
  if (event.Type !== "Terminated")
    return { code: null, signal: null, outOfMemory, at: at(event.Time), message: asSentence(event.DisplayMessage || event.Type) };
  const code = Number(told["exit_code"] ?? 0);
  // A container's or a shell's 128 + n is what n did.
  const signal = signalName(Number(told["signal"] ?? 0)) ?? signalName(code - 128);
  // What Docker adds to a code that is not 0 is the code again.
  const said = code === 0 ? told["exit_message"] || null : null;
  return { code: signal === null ? code : null, signal, outOfMemory, at: at(event.Time), message: said === null ? null : asSentence(said) };
}

const signalNames = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));
const signalName = (number: number): string | null => signalNames.get(number) ?? null;
