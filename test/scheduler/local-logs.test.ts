import { appendFile, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { logPath, readOutputTail, removeOldLogs, rotateLog } from "../../server/scheduler/local/log-files.ts";
import { readLogs } from "../../server/scheduler/local/logs.ts";
import type { Attempt } from "../../server/scheduler/local/progress.ts";

let logs = "";
beforeEach(async () => {
  logs = await mkdtemp(join(tmpdir(), "serai-logs-"));
});
afterEach(() => rm(logs, { recursive: true, force: true }));

const attempt = (number: number, discarded = 0): Attempt => ({
  number,
  port: 1,
  host: null,
  process: null,
  startedAt: new Date(),
  discardedBytes: { stdout: discarded, stderr: 0 },
});

const query = { stream: "stdout", follow: false, attempt: null, offset: 0, tailBytes: null, signal: new AbortController().signal } as const;

async function read(newest: Attempt, offset: number, tailBytes: number | null = null): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of readLogs(logs, { ...query, offset, tailBytes }, () => ({ attempts: [newest], isOver: false }))) chunks.push(chunk.bytes);
  return Buffer.concat(chunks).toString();
}

it("a log that grew too large is cut, and offsets still count from its beginning", async () => {
  const path = logPath(logs, 1, "stdout");
  await writeFile(path, "one\ntwo\n");
  expect(await rotateLog(logs, 1, "stdout", 100)).toBe(0);
  expect(await rotateLog(logs, 1, "stdout", 4)).toBe(8);
  expect((await stat(path)).size).toBe(0);
  await appendFile(path, "three\n");
  expect(await read(attempt(1, 8), 0)).toBe("one\ntwo\nthree\n");
  expect(await read(attempt(1, 8), 4)).toBe("two\nthree\n");
  expect(await read(attempt(1, 8), 10)).toBe("ree\n");
  expect(await read(attempt(1, 8), 0, 8)).toBe("o\nthree\n");

  expect(await rotateLog(logs, 1, "stdout", 4)).toBe(6);
  await appendFile(path, "four\n");
  expect(await read(attempt(1, 14), 0)).toBe("three\nfour\n");
  // What is kept no more is a gap that can be seen.
  const offsets: number[] = [];
  for await (const { offset } of readLogs(logs, query, () => ({ attempts: [attempt(1, 14)], isOver: false }))) offsets.push(offset);
  expect(offsets).toEqual([8, 14]);
});

it("whoever follows is led on into the next attempt, after the rest of the one before", async () => {
  await writeFile(logPath(logs, 1, "stdout"), "first attempt\n");
  await writeFile(logPath(logs, 2, "stdout"), "second attempt\n");
  const ended = new AbortController();
  const kept = [attempt(1)];
  const seen: unknown[] = [];
  for await (const { bytes, ...place } of readLogs(logs, { ...query, follow: true, offset: 6, signal: ended.signal }, () => ({
    attempts: kept,
    isOver: false,
  }))) {
    seen.push({ ...place, text: Buffer.from(bytes).toString() });
    if (kept.length === 1) kept.push(attempt(2));
    else ended.abort();
  }
  expect(seen).toEqual([
    { attempt: "1", offset: 6, text: "attempt\n" },
    { attempt: "2", offset: 0, text: "second attempt\n" },
  ]);
});

it("an attempt before the newest can be read from where its log was cut, and one that is not kept any more is read from what is", async () => {
  await writeFile(logPath(logs, 4, "stdout"), "fourth\n");
  await writeFile(logPath(logs, 5, "stdout"), "fifth\n");
  const from = async (name: string | null, offset: number): Promise<string> => {
    const chunks: Uint8Array[] = [];
    const kept = [attempt(4, 100), attempt(5)];
    for await (const chunk of readLogs(logs, { ...query, attempt: name, offset }, () => ({ attempts: kept, isOver: false })))
      chunks.push(chunk.bytes);
    return Buffer.concat(chunks).toString();
  };
  expect(await from("4", 103)).toBe("rth\nfifth\n");
  expect(await from("5", 2)).toBe("fth\n");
  expect(await from("1", 2)).toBe("fourth\nfifth\n");
  expect(await from(null, 0)).toBe("fifth\n");
});

it("of what a session said last, at most 16 KiB are told, in whole lines, and stderr comes first", async () => {
  await writeFile(logPath(logs, 1, "stdout"), "fine\n");
  await writeFile(logPath(logs, 1, "stderr"), "");
  expect(await readOutputTail(logs, 1)).toBe("fine\n");
  await writeFile(logPath(logs, 1, "stderr"), `${"a long line of trouble\n".repeat(1000)}the cause\n`);
  const tail = await readOutputTail(logs, 1);
  expect(Buffer.byteLength(tail)).toBeLessThanOrEqual(16 * 1024);
  expect(tail).toMatch(/^a long line of trouble\n[^]*the cause\n$/);
});

it("logs of the last three attempts are kept", async () => {
  for (const number of [1, 2, 7, 8, 9, 10]) await writeFile(logPath(logs, number, "stderr"), "");
  await removeOldLogs(logs, 10);
  expect((await readdir(logs)).toSorted()).toEqual(["10.stderr", "8.stderr", "9.stderr"]);
});
