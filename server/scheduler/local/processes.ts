/**
 * Which processes there are, and which of them are a session's, from /proc (proc_pid_stat(5)).
 *
 * A session's are: the one that was started, by pid and start time; those of its process group and of its (POSIX)
 * session; and any other that carries `SERAI_SESSION=<id>` in its environment, however far it forked away. Only a
 * process that leaves the group and clears its environment as well escapes.
 */
import { readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import type { SessionId } from "../../model/ids.ts";
import type { ProcessIdentity } from "./progress.ts";

export type ProcessEntry = {
  readonly pid: number;
  readonly group: number;
  readonly posixSession: number;
  readonly startTicks: number;
  /** The session that its environment names. */
  readonly mark: string | null;
};

/** Null for a zombie: it holds nothing any more but its number. */
export function parseStat(stat: string): Omit<ProcessEntry, "pid" | "mark"> | null {
  const [state = "", , group, posixSession, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (state === "Z" || state === "X" || group === undefined) return null;
  return { group: Number(group), posixSession: Number(posixSession), startTicks: Number(rest[15]) };
}

const currentBootId = (): string => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();

/** Null where there is no such process any more. */
export function identify(pid: number): ProcessIdentity | null {
  try {
    const stat = parseStat(readFileSync(`/proc/${pid}/stat`, "latin1"));
    return stat === null ? null : { pid, startTicks: stat.startTicks, bootId: currentBootId() };
  } catch {
    return null;
  }
}

export function isAlive(identity: ProcessIdentity): boolean {
  const now = identify(identity.pid);
  return now !== null && now.startTicks === identity.startTicks && now.bootId === identity.bootId;
}

export const markVariable = "SERAI_SESSION";

async function readEntry(pid: number): Promise<ProcessEntry | null> {
  try {
    const stat = parseStat(await readFile(`/proc/${pid}/stat`, "latin1"));
    if (stat === null) return null;
    const environment = await readFile(`/proc/${pid}/environ`, "latin1").catch(() => "");
    const mark = new RegExp(`(?:^|\0)${markVariable}=([^\0]*)`).exec(environment)?.[1] ?? null;
    return { pid, ...stat, mark };
  } catch {
    return null;
  }
}

async function scan(): Promise<readonly ProcessEntry[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const entries: ProcessEntry[] = [];
  for (const pid of pids) {
    const entry = await readEntry(pid);
    if (entry !== null) entries.push(entry);
  }
  return entries;
}

export type ProcessTable = () => Promise<readonly ProcessEntry[]>;

/** Whoever asks while one reading is under way shares the next: stopping a hundred sessions reads /proc a few times, not hundreds. */
export function openProcessTable(): ProcessTable {
  let reading: Promise<unknown> = Promise.resolve();
  let next: Promise<readonly ProcessEntry[]> | null = null;
  return () => {
    next ??= reading.then(() => {
      next = null;
      const entries = scan();
      reading = entries.catch(() => undefined);
      return entries;
    });
    return next;
  };
}

/** The session's processes among them. `leader` is the one that was started, also when it has ended. */
export function processesOf(entries: readonly ProcessEntry[], id: SessionId, leader: ProcessIdentity | null): readonly ProcessEntry[] {
  const inGroup = leader === null || leader.bootId !== currentBootId() ? () => false : groupOf(entries, leader);
  return entries.filter((entry) => entry.mark === id || inGroup(entry));
}

/** A number is not given out again while a group of that number lives, but it is afterwards: then the group is not ours. */
function groupOf(entries: readonly ProcessEntry[], { pid, startTicks }: ProcessIdentity): (entry: ProcessEntry) => boolean {
  const isReused = entries.some((entry) => entry.pid === pid && entry.startTicks !== startTicks);
  return (entry) => !isReused && entry.startTicks >= startTicks && (entry.group === pid || entry.posixSession === pid);
}
