/**
 * What a session wrote, from the machines that ran it, through Nomad. A log is the files `<task>.<stream>.<n>` of an allocation, of which
 * Nomad keeps the last few; their sizes are in the list of the folder, and each is read by itself, so that it is known of every byte where
 * it stands; of a gang it is one member's. (Nomad's own `logs` counts from the oldest file that happens to be left, and does not say where one ends.)
 *
 * The offset of a byte is its place in its file, and for each file before it the most that a file may hold. A file ends with a line, so
 * there may be holes between two of them; but what was said of a byte once remains true when older files go.
 *
 * An attempt that Nomad restarts in place writes to the end of the log before: here an allocation is an attempt.
 */
import { setTimeout as wait } from "node:timers/promises";
import { AppError } from "../../failure.ts";
import type { SessionId } from "../../model/ids.ts";
import type { LogChunk, LogQuery } from "../../model/logs.ts";
import { numberInSeat, seatOf } from "../../model/seat.ts";
import { logNotKept } from "../log-not-kept.ts";
import type { Allocation, JobSummary } from "./api-types.ts";
import type { NomadClient } from "./client.ts";
import { logFileMegabytesMax } from "./job.ts";
import { findJob } from "./jobs.ts";
import { holderOf, jobIdOf } from "./names.ts";
import { hasEnded } from "./observe.ts";
import { isOf, memberIn } from "./task.ts";

/** How soon a reader that follows sees what is new; it asks the machine so often. */
const pauseMs = 500;
/** How soon it goes over to a newer attempt. */
const lookEveryMs = 2_000;
const fileBytesMax = logFileMegabytesMax * 1024 * 1024;
const directory = "alloc/logs";

export type LogContext = { readonly client: NomadClient; readonly installationId: string };
type Place = { readonly allocation: Allocation; readonly offset: number };
type LogFile = { readonly name: string; readonly index: number; readonly size: number };

/** Followed, it ends with the session, read to its end; one that Nomad does not have is waited for. */
export async function* readLog({ client, installationId }: LogContext, id: SessionId, query: LogQuery): AsyncGenerator<LogChunk> {
  const { follow, signal } = query;
  const look = () => lookFor(client, jobIdOf(installationId, id), id, query);
  let lookedAt = Date.now();
  let seen = await look();
  let place = await beginningOf(client, seen.started, query);
  let isKept = false;
  while (!signal.aborted) {
    const number = seen.started.findIndex(({ ID }) => ID === place?.allocation.ID);
    const next = seen.started[number + 1];
    if (place !== null) {
      const files = await filesOf(client, place.allocation, query);
      isKept ||= files !== null;
      place = { ...place, offset: yield* readFiles(client, place, files ?? [], query.signal) };
    }
    // An attempt that has a later one has ended, and has been read to its end by now.
    if (next !== undefined) {
      place = { allocation: next, offset: 0 };
      continue;
    }
    if (!follow || seen.isOver) break;
    await wait(pauseMs, undefined, { signal }).catch(() => {});
    if (signal.aborted || Date.now() < lookedAt + lookEveryMs) continue;
    seen = await look();
    lookedAt = Date.now();
  }
  if (!follow && !isKept && seen.wasCollected && !signal.aborted) throw logNotKept();
}

type Seen = {
  /** In their order. */
  readonly started: readonly Allocation[];
  /** It has ended, and Nomad will not place it again. */
  readonly isOver: boolean;
  /** Unless one of those that started has its files still: then Nomad only has not come to it. Not found out for who follows. */
  readonly wasCollected: boolean;
};

async function lookFor(client: NomadClient, jobId: string, id: SessionId, { member = 0, follow }: LogQuery): Promise<Seen> {
  const listed = await allocationsOf(client, jobId);
  const own = listed.filter((allocation) => isOf(id, allocation));
  const started = own
    .filter((allocation) => memberIn(allocation, member)?.state?.Events?.some(({ Type }) => Type === "Started"))
    .toSorted((one, other) => one.CreateIndex - other.CreateIndex);
  if (!own.every(hasEnded)) return { started, isOver: false, wasCollected: false };
  const job = await findJob(client, jobId);
  const isOver = job === null ? own.length > 0 : job.Stop || numberInSeat(holderOf(seatOf(id), job)) > numberInSeat(id);
  if (follow || own.length > 0) return { started, isOver, wasCollected: started.length > 0 };
  return { started, isOver, wasCollected: job === null || (isOver && (await countAllocations(client, jobId)) > listed.length) };
}

/** All that the seat ever had: of each that Nomad has collected its count stays (until somebody has it count anew, `system reconcile summaries`). */
async function countAllocations(client: NomadClient, jobId: string): Promise<number> {
  const { value } = await client.get<JobSummary>(`/v1/job/${jobId}/summary`);
  return Object.values(value.Summary).reduce(
    (sum, { Queued: _notPlaced, ...counts }) => sum + Object.values(counts).reduce((all, one) => all + one, 0),
    0,
  );
}

async function beginningOf(client: NomadClient, started: readonly Allocation[], query: LogQuery): Promise<Place | null> {
  const { attempt, offset, tailBytes } = query;
  const named = started.find(({ ID }) => ID === attempt);
  const allocation = attempt === null ? started.at(-1) : (named ?? started[0]);
  if (allocation === undefined) return null;
  const from = attempt === null || named !== undefined ? offset : 0;
  if (tailBytes === null) return { allocation, offset: from };
  return { allocation, offset: Math.max(from, offsetBeforeEnd((await filesOf(client, allocation, query)) ?? [], tailBytes)) };
}

/** @param files in their order. */
function offsetBeforeEnd(files: readonly LogFile[], tailBytes: number): number {
  let left = tailBytes;
  for (const { index, size } of files.toReversed()) {
    if (size >= left) return index * fileBytesMax + size - left;
    left -= size;
  }
  return 0;
}

/** All that there is now from the place on; returns the offset after it. */
async function* readFiles(
  client: NomadClient,
  { allocation, offset }: Place,
  files: readonly LogFile[],
  signal: AbortSignal,
): AsyncGenerator<LogChunk, number> {
  let next = offset;
  for (const { name, index, size } of files) {
    const begin = index * fileBytesMax;
    const from = Math.max(next, begin);
    if (from >= begin + size) continue;
    next = from;
    for await (const bytes of readFile(client, allocation, name, from - begin, size - (from - begin), signal)) {
      yield { attempt: allocation.ID, offset: next, bytes };
      next += bytes.length;
    }
  }
  return next;
}

/** Null where the machine has them no more. */
async function filesOf(client: NomadClient, allocation: Allocation, { stream, signal, member = 0 }: LogQuery): Promise<readonly LogFile[] | null> {
  const prefix = `${memberIn(allocation, member)?.task ?? ""}.${stream}.`;
  const listed = await client
    .get<readonly { readonly Name: string; readonly Size: number }[] | null>(`/v1/client/fs/ls/${allocation.ID}`, { path: directory }, signal)
    .then(
      ({ value }) => value ?? [],
      (thrown: unknown) => {
        if (signal.aborted || isNotThere(thrown)) return null;
        throw thrown;
      },
    );
  if (listed === null) return null;
  return listed
    .filter(({ Name }) => Name.startsWith(prefix) && /^\d+$/.test(Name.slice(prefix.length)))
    .map(({ Name, Size }) => ({ name: Name, index: Number(Name.slice(prefix.length)), size: Size }))
    .toSorted((one, other) => one.index - other.index);
}

async function* readFile(
  client: NomadClient,
  { ID }: Allocation,
  name: string,
  offset: number,
  limit: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let left = limit;
  try {
    for await (const chunk of client.stream(`/v1/client/fs/readat/${ID}`, { path: `${directory}/${name}`, offset, limit }, signal)) {
      yield chunk.subarray(0, left);
      left -= chunk.length;
      if (left <= 0) return;
    }
  } catch (thrown) {
    // Nomad has removed it since it was listed.
    if (!isNotThere(thrown)) throw thrown;
  }
}

/** The machine has collected the allocation, or the task has never begun to write. */
const isNotThere = (thrown: unknown): boolean =>
  thrown instanceof AppError &&
  thrown.code === "SCHEDULER_REFUSED" &&
  /unknown allocation|not found|no such file|does not exist/i.test(thrown.message);

/** Those of all sessions that had the seat; also of a job that is over, for as long as Nomad keeps them. */
export async function allocationsOf(client: NomadClient, jobId: string): Promise<readonly Allocation[]> {
  const { value } = await client.get<readonly Allocation[]>(`/v1/job/${jobId}/allocations`, { all: true });
  return value;
}
