/**
 * What has happened to a session, from the task events of its allocations: pure, and the same under the same key each
 * time it is computed. Nomad keeps about ten events of an allocation, so control stores them as they come.
 */
import { constants } from "node:os";
import type { SessionEvent, SessionExit } from "../../model/session.ts";
import { asSentence } from "../../model/words.ts";
import type { Allocation, TaskEvent } from "./api-types.ts";
import { pullOf, taskIn, taskOf } from "./task.ts";

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

/** Those whose start Nomad still remembers, oldest first. */
export function attemptsOf(allocation: Allocation): readonly Attempt[] {
  const attempts: Attempt[] = [];
  let earlierEndedAt: Date | null = null;
  for (const event of taskEvents(allocation)) {
    const last = attempts.at(-1);
    if (event.Type === "Started") {
      const key = `${allocation.ID}:${event.Time}`;
      attempts.push({ key, allocationId: allocation.ID, task: taskIn(allocation), startedAt: at(event.Time), endedAt: null, earlierEndedAt });
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
const taskEvents = (allocation: Allocation): readonly TaskEvent[] => [...pullFailures(allocation), ...(taskOf(allocation)?.Events ?? [])];

/** What keeps its image from being pulled keeps it from starting. */
const pullFailures = (allocation: Allocation): readonly TaskEvent[] =>
  (pullOf(allocation)?.Events ?? []).filter(({ Type }) => kinds[Type] === "START_FAILED");
const keyOf = (allocation: Allocation, event: TaskEvent): string => `${allocation.ID}:${event.Time}:${event.Type}`;

/** Oldest first. What is told of an end comes after the start actions before it, also where both have the same time. */
export function eventsOf(allocations: readonly Allocation[], actions: readonly SessionEvent[]): readonly SessionEvent[] {
  const told = allocations.flatMap(eventsOfOne);
  const isEnd = ({ kind }: SessionEvent): boolean => kind === "EXITED" || kind === "LOST" || kind === "NOTE";
  return [...told.filter((event) => !isEnd(event)), ...actions, ...told.filter(isEnd)].toSorted(
    (one, other) => one.at.getTime() - other.at.getTime(),
  );
}

function eventsOfOne(allocation: Allocation): readonly SessionEvent[] {
  const placed: SessionEvent = {
    key: `${allocation.ID}:placed`,
    at: at(allocation.CreateTime),
    kind: "PLACED",
    message: `Placed on ${allocation.NodeName}.`,
  };
  const told = taskEvents(allocation).flatMap((event): readonly SessionEvent[] => {
    const kind = kinds[event.Type];
    return kind === undefined ? [] : [{ key: keyOf(allocation, event), at: at(event.Time), kind, message: messageOf(event) }];
  });
  return [placed, ...told, ...lostEvents(allocation)];
}

function lostEvents(allocation: Allocation): readonly SessionEvent[] {
  if (allocation.ClientStatus !== "lost") return [];
  return [{ key: `${allocation.ID}:lost`, at: at(allocation.ModifyTime), kind: "LOST", message: lostMessage(allocation) }];
}

const lostMessage = ({ NodeName }: Allocation): string => `${NodeName} was lost with it: Nomad does not hear of the machine any more.`;

function messageOf(event: TaskEvent): string {
  if (event.Type === "Started") return "Its process runs.";
  if (event.Type !== "Terminated") return event.DisplayMessage || event.Type;
  const { code, signal, outOfMemory } = exitOf(event);
  if (outOfMemory) return "It needed more memory than it was given and was ended.";
  return signal === null ? `It exited with code ${code}.` : `It was ended by ${signal}.`;
}

/** The newest end of any attempt: of a process, of the try to start one, or of the machine. */
export function newestExit(allocations: readonly Allocation[]): Exit | null {
  return allocations
    .flatMap(exitsOfOne)
    .reduce<Exit | null>((newest, one) => (newest === null || one.exit.at >= newest.exit.at ? one : newest), null);
}

function exitsOfOne(allocation: Allocation): readonly Exit[] {
  const seen = taskEvents(allocation).flatMap((event): readonly Exit[] => {
    const kind = kinds[event.Type];
    if (kind !== "EXITED" && kind !== "START_FAILED") return [];
    const attempt =
      kind === "EXITED" ? (attemptsOf(allocation).find(({ endedAt }) => endedAt?.getTime() === at(event.Time).getTime()) ?? null) : null;
    const told = { allocationId: allocation.ID, task: taskIn(allocation), key: keyOf(allocation, event) };
    return [{ ...told, attempt, hasOutput: kind === "EXITED", exit: exitOf(event) }];
  });
  const lost = lostEvents(allocation).map(({ key, at: lostAt, message }): Exit => {
    const exit = { code: null, signal: null, outOfMemory: false, at: lostAt, message };
    return { allocationId: allocation.ID, task: taskIn(allocation), key, attempt: null, hasOutput: false, exit };
  });
  return [...seen, ...lost];
}

function exitOf(event: TaskEvent): Exit["exit"] {
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
