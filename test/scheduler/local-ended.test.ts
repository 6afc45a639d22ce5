/** What the local scheduler keeps of sessions that have ended: the logs of the newest, and nothing else. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { silentLog } from "../../server/log.ts";
import { newId, type ServiceId } from "../../server/model/ids.ts";
import type { Session } from "../../server/model/session.ts";
import { openLocalScheduler } from "../../server/scheduler/local/local-scheduler.ts";
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
import { observe } from "../contract/observe.ts";
import { hostSession } from "../support/nomad-sessions.ts";

const run = promisify(execFile);
const attempt: Attempt = { number: 1, port: 1, host: null, process: null, startedAt: new Date(0), discardedBytes: { stdout: 0, stderr: 0 } };

async function temporarySessions(): Promise<string> {
  const sessions = await mkdtemp(join(tmpdir(), "serai-ended-"));
  // Node's own comes no deeper than a path is long.
  onTestFinished(async () => void (await run("rm", ["-rf", sessions])));
  return sessions;
}

/** So many sessions of a service that ended one second after the other. */
async function endedIn(sessions: string, serviceId: ServiceId, count: number, firstAt: number): Promise<readonly Session[]> {
  const ended = Array.from({ length: count }, () => hostSession({ id: newId("session"), serviceId, variables: { KEY: "secret" } }));
  for (const [index, session] of ended.entries()) {
    createSessionDirectory(sessions, session, index);
    await writeFile(logPath(sessionFiles(sessions, session.id).logs, 1, "stdout"), "said\n");
    await endSessionDirectory(sessions, session, { ...untouched, attempt }, silentLog);
    await utimes(join(sessions, session.id, "ended.json"), firstAt + index, firstAt + index);
  }
  return ended;
}

test("the logs of the last sessions of a service that ended are kept, also over a start of Serai, and no secret is left beside them", async () => {
  const sessions = await temporarySessions();
  const ended = await endedIn(sessions, newId("service"), endedKept.perService + 1, 0);
  const [first, second] = ended;
  if (first === undefined || second === undefined) throw new Error("there are none");
  // It was killed in the moment in which it had ended another.
  createSessionDirectory(sessions, first, 99);
  await endSessionDirectory(sessions, first, { ...untouched, attempt }, silentLog);
  await writeFile(join(sessions, first.id, "start.sh"), "KEY=secret");
  expect(await readSessions(sessions, silentLog)).toEqual({ stored: [], rests: [] });
  expect((await readdir(sessions)).toSorted()).toEqual(ended.flatMap(({ id }) => (id === second.id ? [] : [id])).toSorted());
  for (const name of await readdir(sessions)) expect(await readdir(join(sessions, name))).toEqual(["ended.json", "logs"]);
  expect(readEnded(sessions, first.id)).toEqual([attempt]);
  expect(readEnded(sessions, second.id)).toBeNull();
});

test("a service whose sessions end again and again pushes out its own logs, and no other's; of all there are only so many", async () => {
  const sessions = await temporarySessions();
  const [quiet] = await endedIn(sessions, newId("service"), 1, 0);
  await endedIn(sessions, newId("service"), endedKept.total + 1, 100);
  expect(readEnded(sessions, quiet?.id ?? newId("session"))).toEqual([attempt]);
  for (let at = 200; at < 200 + endedKept.total; at += endedKept.perService) await endedIn(sessions, newId("service"), endedKept.perService, at);
  expect(await readdir(sessions)).toHaveLength(endedKept.total);
  expect(readEnded(sessions, quiet?.id ?? newId("session"))).toBeNull();
});

test("what is left of a session and cannot be removed keeps neither Serai from starting nor a session from ending", async () => {
  const sessions = await temporarySessions();
  const [stuck] = await endedIn(sessions, newId("service"), 1, 0);
  const [rest, kept] = [newId("session"), hostSession()];
  createSessionDirectory(sessions, kept, 2);
  // Deeper than any path can name.
  const dig = `mkdir -p "$0" && cd "$0" && for n in $(seq 25); do mkdir ${"d".repeat(200)} && cd ${"d".repeat(200)}; done`;
  for (const id of [stuck?.id ?? "", rest]) await run("bash", ["-c", dig, join(sessions, id, "home")]);
  await using scheduler = await openLocalScheduler({ directory: sessions, log: silentLog });
  await using seen = observe(scheduler);
  await seen.until(kept.id, ({ state }) => state !== "GONE", "there");
  await run("bash", ["-c", dig, join(sessions, kept.id, "home")]);
  await scheduler.stop(kept.id, 0);
  await seen.until(kept.id, ({ state }) => state === "GONE", "gone");
});

test("a session of which nothing can be kept ends all the same", async () => {
  const sessions = await temporarySessions();
  const [full, removed] = [hostSession(), hostSession()];
  createSessionDirectory(sessions, full, 1);
  // Nothing can be written beside a directory of that name.
  await mkdir(join(sessions, full.id, "ended.json.new"));
  await endSessionDirectory(sessions, full, untouched, silentLog);
  await endSessionDirectory(sessions, removed, untouched, silentLog);
  expect(await readdir(sessions)).toEqual([]);
});
