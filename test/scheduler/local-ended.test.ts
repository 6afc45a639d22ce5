/** What the local scheduler keeps of sessions that have ended: the logs of the newest, and nothing else. */
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { newId } from "../../server/model/ids.ts";
import { logPath } from "../../server/scheduler/local/log-files.ts";
import { type Attempt, untouched } from "../../server/scheduler/local/progress.ts";
import {
  createSessionDirectory,
  endedKept,
  endSessionDirectory,
  readEnded,
  readSessions,
  sessionFiles,
} from "../../server/scheduler/local/session-directory.ts";
import { hostSession } from "../support/nomad-sessions.ts";

const attempt: Attempt = { number: 1, port: 1, host: null, process: null, startedAt: new Date(0), discardedBytes: { stdout: 0, stderr: 0 } };

test("the logs of the last sessions that ended are kept, also over a start of Serai, and no secret is left beside them", async () => {
  const sessions = await mkdtemp(join(tmpdir(), "serai-ended-"));
  onTestFinished(() => rm(sessions, { recursive: true, force: true }));
  const ids = Array.from({ length: endedKept + 1 }, () => newId("session"));
  const [first, second] = ids;
  if (first === undefined || second === undefined) throw new Error("there are none");
  for (const [index, id] of ids.entries()) {
    createSessionDirectory(sessions, hostSession({ id, variables: { KEY: "secret" } }), index);
    await writeFile(logPath(sessionFiles(sessions, id).logs, 1, "stdout"), "said\n");
    await endSessionDirectory(sessions, id, { ...untouched, attempt });
    await utimes(join(sessions, id, "ended.json"), index, index);
  }
  // It was killed in the moment in which it had ended another.
  createSessionDirectory(sessions, hostSession({ id: first }), 99);
  await endSessionDirectory(sessions, first, { ...untouched, attempt });
  await writeFile(join(sessions, first, "start.sh"), "KEY=secret");
  expect(await readSessions(sessions)).toEqual({ stored: [], rests: [] });
  expect((await readdir(sessions)).toSorted()).toEqual(ids.filter((id) => id !== second).toSorted());
  for (const name of await readdir(sessions)) expect(await readdir(join(sessions, name))).toEqual(["ended.json", "logs"]);
  expect(readEnded(sessions, first)).toEqual([attempt]);
  expect(readEnded(sessions, second)).toBeNull();
});

test("a session of which nothing can be kept ends all the same", async () => {
  const sessions = await mkdtemp(join(tmpdir(), "serai-ended-"));
  onTestFinished(() => rm(sessions, { recursive: true, force: true }));
  const [full, removed] = [newId("session"), newId("session")];
  createSessionDirectory(sessions, hostSession({ id: full }), 1);
  // Nothing can be written beside a directory of that name.
  await mkdir(join(sessions, full, "ended.json.new"));
  await endSessionDirectory(sessions, full, untouched);
  await endSessionDirectory(sessions, removed, untouched);
  expect(await readdir(sessions)).toEqual([]);
});
