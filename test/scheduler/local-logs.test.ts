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

async function read(newest: Attempt, offset: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  const query = { stream: "stdout", follow: false, offset, signal: new AbortController().signal } as const;
  for await (const chunk of readLogs(logs, () => newest, query)) chunks.push(chunk);
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

  expect(await rotateLog(logs, 1, "stdout", 4)).toBe(6);
  await appendFile(path, "four\n");
  expect(await read(attempt(1, 14), 0)).toBe("three\nfour\n");
});

it("whoever follows is led on into the next attempt, after the rest of the one before", async () => {
  await writeFile(logPath(logs, 1, "stdout"), "first attempt\n");
  await writeFile(logPath(logs, 2, "stdout"), "second attempt\n");
  const ended = new AbortController();
  let newest = attempt(1);
  let seen = "";
  for await (const chunk of readLogs(logs, () => newest, { stream: "stdout", follow: true, offset: 6, signal: ended.signal })) {
    seen += Buffer.from(chunk).toString();
    newest = attempt(2);
    if (seen.includes("second attempt\n")) ended.abort();
  }
  expect(seen).toBe("attempt\nsecond attempt\n");
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
