/**
 * The files that a session's output goes to. The process writes to them by descriptor, with no pipe between: output is
 * neither lost nor blocked when Serai dies. The price is that a file cannot be exchanged under the process, so a large one
 * is copied aside and cut to nothing; descriptors are in append mode, so writing goes on at its new end. What is written
 * between copy and cut (microseconds) is lost, and only then.
 */
import { closeSync, openSync } from "node:fs";
import { copyFile, open, readdir, rename, rm, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import type { LogStream } from "../../model/logs.ts";
import { attemptsKept } from "./progress.ts";

export const streams = ["stdout", "stderr"] as const satisfies readonly LogStream[];
export type Stream = LogStream;

const fileBytesMax = 16 * 1024 * 1024;
const tailBytesMax = 16 * 1024;

export const logPath = (logs: string, attempt: number, stream: Stream): string => join(logs, `${attempt}.${stream}`);
/** What was copied aside, the part just before the file itself. */
export const olderLogPath = (logs: string, attempt: number, stream: Stream): string => `${logPath(logs, attempt, stream)}.old`;

export type OpenedLogs = Disposable & { readonly stdout: number; readonly stderr: number };

export function openLogs(logs: string, attempt: number): OpenedLogs {
  const stdout = openSync(logPath(logs, attempt, "stdout"), "a", 0o600);
  const stderr = openSync(logPath(logs, attempt, "stderr"), "a", 0o600);
  return {
    stdout,
    stderr,
    [Symbol.dispose]() {
      closeSync(stdout);
      closeSync(stderr);
    },
  };
}

/** Bytes that left the file, to be counted as discarded; 0 while it is small enough. */
export async function rotateLog(logs: string, attempt: number, stream: Stream, bytesMax = fileBytesMax): Promise<number> {
  const path = logPath(logs, attempt, stream);
  const older = olderLogPath(logs, attempt, stream);
  const { size } = await stat(path);
  if (size <= bytesMax) return 0;
  await copyFile(path, `${older}.new`);
  await truncate(path);
  await rename(`${older}.new`, older);
  return (await stat(older)).size;
}

/** Only the newest attempts' logs are kept. */
export async function removeOldLogs(logs: string, newest: number): Promise<void> {
  for (const name of await readdir(logs)) {
    if (Number.parseInt(name, 10) <= newest - attemptsKept) await rm(join(logs, name), { force: true });
  }
}

async function readTail(path: string): Promise<string> {
  await using file = await open(path);
  const { size } = await file.stat();
  const start = Math.max(0, size - tailBytesMax);
  const bytes = Buffer.alloc(size - start);
  const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
  const text = bytes.subarray(0, bytesRead).toString("utf8");
  return start === 0 ? text : text.slice(text.indexOf("\n") + 1);
}

/** The last lines of stderr, of stdout where stderr is empty, at most 16 KiB. */
export async function readOutputTail(logs: string, attempt: number): Promise<string> {
  for (const stream of ["stderr", "stdout"] as const) {
    const tail = await readTail(logPath(logs, attempt, stream)).catch(() => "");
    if (tail.trim() !== "") return tail;
  }
  return "";
}
