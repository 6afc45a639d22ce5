/**
 * Reading a session's log, from an offset on and, where asked, as it grows: over the seam between the file and the part
 * copied aside, and on into the next attempt. Who follows looks 4 times a second; nobody looks where nobody follows.
 */
import { open } from "node:fs/promises";
import type { LogChunk, LogQuery } from "../../model/logs.ts";
import { logNotKept } from "../log-not-kept.ts";
import { openBell } from "./bell.ts";
import { logPath, olderLogPath, type Stream } from "./log-files.ts";
import type { Attempt } from "./progress.ts";

const chunkBytes = 64 * 1024;
const pauseMs = 250;

/** The file's bytes from `start` on; none where it is not there. */
async function* readFrom(path: string, start: number): AsyncGenerator<Uint8Array, void> {
  const file = await open(path).catch(() => null);
  if (file === null) return;
  try {
    for (let position = start; ;) {
      const chunk = Buffer.alloc(chunkBytes);
      const { bytesRead } = await file.read(chunk, 0, chunkBytes, position);
      if (bytesRead === 0) return;
      position += bytesRead;
      yield chunk.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** All that there is now from `offset` on; returns the offset after it. */
async function* readAttempt(logs: string, { number, discardedBytes }: Attempt, stream: Stream, offset: number): AsyncGenerator<LogChunk, number> {
  const attempt = String(number);
  const discarded = discardedBytes[stream];
  let next = offset;
  if (next < discarded) {
    const older = olderLogPath(logs, number, stream);
    const size = await sizeOf(older);
    next = Math.max(next, discarded - size);
    for await (const bytes of readFrom(older, next - (discarded - size))) {
      yield { attempt, offset: next, bytes };
      next += bytes.length;
    }
    next = discarded;
  }
  for await (const bytes of readFrom(logPath(logs, number, stream), next - discarded)) {
    yield { attempt, offset: next, bytes };
    next += bytes.length;
  }
  return next;
}

async function sizeOf(path: string): Promise<number> {
  const file = await open(path).catch(() => null);
  if (file === null) return 0;
  try {
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}

type Place = { readonly attempt: Attempt; readonly offset: number };

async function beginningOf(logs: string, kept: readonly Attempt[], { stream, attempt, offset, tailBytes }: LogQuery): Promise<Place | null> {
  const named = kept.find(({ number }) => String(number) === attempt);
  const first = attempt === null ? kept.at(-1) : (named ?? kept[0]);
  if (first === undefined) return null;
  const from = attempt === null || named !== undefined ? offset : 0;
  if (tailBytes === null) return { attempt: first, offset: from };
  const end = first.discardedBytes[stream] + (await sizeOf(logPath(logs, first.number, stream)));
  return { attempt: first, offset: Math.max(from, end - tailBytes) };
}

/** The attempts whose logs are there, in their order; nothing more comes once it is over. */
export type Kept = { readonly attempts: readonly Attempt[]; readonly isOver: boolean };

/** `look`, again and again, gives null where the session is not there and nothing is kept of it. */
export async function* readLogs(logs: string, query: LogQuery, look: () => Kept | null): AsyncGenerator<LogChunk, void> {
  const { stream, follow, signal } = query;
  const bell = openBell();
  let from = query;
  let place: Place | null = null;
  while (!signal.aborted) {
    const seen = look();
    if (seen === null && !follow) throw logNotKept();
    const present = seen?.attempts;
    place ??= await beginningOf(logs, present ?? [], from);
    // Who came before the first attempt did misses none.
    if (place === null) from = { ...query, attempt: "the first that comes" };
    else {
      const number: number = place.attempt.number;
      const attempt: Attempt = present?.find((one) => one.number === number) ?? place.attempt;
      place = { attempt, offset: yield* readAttempt(logs, attempt, stream, place.offset) };
      // The log of an attempt that has been replaced has been read to its end by now.
      const later: Attempt | undefined = present?.find((one) => one.number > number);
      if (later !== undefined) {
        place = { attempt: later, offset: 0 };
        continue;
      }
    }
    if (!follow || seen?.isOver === true || (seen === null && place !== null)) return;
    await bell.rung(new Date(Date.now() + pauseMs), signal);
  }
}
