/**
 * Reading a session's log, from an offset on and, where asked, as it grows: over the seam between the file and the part
 * copied aside, and on into the next attempt. Who follows looks 4 times a second; nobody looks where nobody follows.
 */
import { open } from "node:fs/promises";
import { openBell } from "./bell.ts";
import { logPath, olderLogPath, type Stream } from "./log-files.ts";
import type { LogQuery } from "../scheduler.ts";
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
async function* readAttempt(logs: string, { number, discardedBytes }: Attempt, stream: Stream, offset: number): AsyncGenerator<Uint8Array, number> {
  const discarded = discardedBytes[stream];
  let next = offset;
  if (next < discarded) {
    const older = olderLogPath(logs, number, stream);
    const size = await sizeOf(older);
    next = Math.max(next, discarded - size);
    for await (const chunk of readFrom(older, next - (discarded - size))) {
      next += chunk.length;
      yield chunk;
    }
    next = discarded;
  }
  for await (const chunk of readFrom(logPath(logs, number, stream), next - discarded)) {
    next += chunk.length;
    yield chunk;
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

/** `newest` is asked again and again; null once the session is gone, which ends the log. */
export async function* readLogs(
  logs: string,
  newest: () => Attempt | null | undefined,
  { stream, follow, offset, signal }: LogQuery,
): AsyncGenerator<Uint8Array, void> {
  const bell = openBell();
  let attempt = newest();
  let next = offset;
  while (!signal.aborted && attempt !== undefined) {
    const current = newest();
    if (attempt === null) {
      attempt = current;
    } else {
      // The log of an attempt that has been replaced is read to its end first.
      const read: Attempt = current?.number === attempt.number ? current : attempt;
      next = yield* readAttempt(logs, read, stream, next);
      if (current?.number !== attempt.number) {
        attempt = current;
        next = 0;
      }
    }
    if (!follow) return;
    await bell.rung(new Date(Date.now() + pauseMs), signal);
  }
}
