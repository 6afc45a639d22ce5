/**
 * A session's directory, and what is in it:
 *
 *   session.json    what was submitted, and its place in the order of submissions; written once
 *   progress.json   the state of its life, rewritten at every change
 *   start.sh  home/  logs/<attempt>.stdout  logs/<attempt>.stderr
 *   start/          what the start actions of the newest attempt report
 *   ended.json      whose it was that has ended, and which logs are kept of it; of the rest only logs/ is left then
 *
 * Serai may be killed between any two lines of this file. So files are written beside and renamed into place, a session
 * exists from the moment its directory has its name, and ends when it loses session.json: whatever else lies around is
 * the rest of something half made or half removed, and is removed at the next open.
 *
 * These small writes are synchronous: a change and its note happen in one turn, so no order of writes needs proving.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../../failure.ts";
import type { Log } from "../../log.ts";
import { asId, type SessionId } from "../../model/ids.ts";
import type { Session } from "../../model/session.ts";
import { type Attempt, keptAttempts, type Progress, untouched } from "./progress.ts";

const sessionName = "session.json";
const endedName = "ended.json";

export type SessionFiles = {
  readonly directory: string;
  readonly home: string;
  readonly start: string;
  readonly script: string;
  readonly logs: string;
};

export type Stored = { readonly session: Session; readonly order: number; readonly progress: Progress };

export const sessionFiles = (sessions: string, id: SessionId): SessionFiles => {
  const directory = join(sessions, id);
  return {
    directory,
    home: join(directory, "home"),
    start: join(directory, "start"),
    script: join(directory, "start.sh"),
    logs: join(directory, "logs"),
  };
};

/** 0600: a session's variables may be secrets. */
function writeWhole(path: string, content: string): void {
  writeFileSync(`${path}.new`, content, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

export function createSessionDirectory(sessions: string, session: Session, order: number): void {
  const unnamed = join(sessions, `.new-${session.id}`);
  rmSync(unnamed, { recursive: true, force: true });
  mkdirSync(join(unnamed, "home"), { recursive: true, mode: 0o700 });
  mkdirSync(join(unnamed, "logs"), { mode: 0o700 });
  writeFileSync(join(unnamed, "start.sh"), session.script, { mode: 0o600 });
  writeWhole(join(unnamed, sessionName), JSON.stringify({ session, order }));
  writeWhole(join(unnamed, "progress.json"), JSON.stringify(untouched));
  rmSync(join(sessions, session.id), { recursive: true, force: true });
  renameSync(unnamed, join(sessions, session.id));
}

export function writeProgress({ directory }: SessionFiles, progress: Progress): void {
  writeWhole(join(directory, "progress.json"), JSON.stringify(progress));
}

/** Of how many that have ended the logs are kept: the newest of each service, so that one that fails again and again takes no other's place, and of all. */
export const endedKept = { perService: 10, total: 50 } as const;

type Ended = { readonly serviceId: Session["serviceId"]; readonly attempts: readonly Attempt[] };

/** Only its logs are left, and those of others that ended long before go. On a full disk nothing is left: it must end all the same. */
export async function endSessionDirectory(sessions: string, { id, serviceId }: Session, progress: Progress, log: Log): Promise<void> {
  const { directory } = sessionFiles(sessions, id);
  try {
    writeWhole(join(directory, endedName), JSON.stringify({ serviceId, attempts: keptAttempts(progress) } satisfies Ended));
  } catch {
    rmSync(join(directory, sessionName), { force: true });
    return removeRest(directory, log);
  }
  rmSync(join(directory, sessionName), { force: true });
  await removeAllButLogs(directory, log);
  for (const name of endedTooMany(sessions)) await removeRest(join(sessions, name), log);
}

function endedTooMany(sessions: string): readonly string[] {
  const ended = readdirSync(sessions).flatMap((name) => {
    const there = existsSync(join(sessions, name, sessionName)) ? null : readEndedIn(join(sessions, name));
    return there === null
      ? []
      : [{ name, at: statSync(join(sessions, name, endedName), { throwIfNoEntry: false })?.mtimeMs ?? 0, serviceId: there.serviceId }];
  });
  const byService = Map.groupBy(
    ended.toSorted((one, other) => other.at - one.at),
    ({ serviceId }) => serviceId,
  );
  const kept = [...byService.values()].flatMap((own) => own.slice(0, endedKept.perService)).toSorted((one, other) => other.at - one.at);
  return ended.filter((one) => !kept.slice(0, endedKept.total).includes(one)).map(({ name }) => name);
}

async function removeAllButLogs(directory: string, log: Log): Promise<void> {
  for (const name of readdirSync(directory)) {
    if (name !== endedName && name !== "logs") await removeRest(join(directory, name), log);
  }
}

/** What cannot be removed keeps nothing else from going on. */
export async function removeRest(path: string, log: Log): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch((thrown: unknown) =>
    log.error({ reason: messageOf(thrown), path }, "what is left of a session could not be removed"),
  );
}

/** Null where nothing is kept of it. */
export const readEnded = (sessions: string, id: SessionId): readonly Attempt[] | null => readEndedIn(join(sessions, id))?.attempts ?? null;

function readEndedIn(directory: string): Ended | null {
  try {
    return JSON.parse(readFileSync(join(directory, endedName), "utf8"), revive) as Ended;
  } catch {
    return null;
  }
}

const dates = new Set(["at", "startedAt", "retryAt", "stopBy"]);
const revive = (key: string, value: unknown): unknown => (dates.has(key) && typeof value === "string" ? new Date(value) : value);

function readSession(sessions: string, id: SessionId): Stored | null {
  try {
    const { session, order } = JSON.parse(readFileSync(join(sessions, id, sessionName), "utf8")) as Pick<Stored, "session" | "order">;
    const progress = JSON.parse(readFileSync(join(sessions, id, "progress.json"), "utf8"), revive) as Progress;
    if (session.id !== id) return null;
    // Those of before there were accelerators have none.
    return { session: { ...session, resources: { ...session.resources, accelerators: session.resources.accelerators ?? [] } }, order, progress };
  } catch {
    return null;
  }
}

/** What an earlier Serai left: its sessions, and the names of what is only the rest of one. Of those that have ended the logs stay. */
export async function readSessions(sessions: string, log: Log): Promise<{ readonly stored: readonly Stored[]; readonly rests: readonly string[] }> {
  mkdirSync(sessions, { recursive: true, mode: 0o700 });
  const stored: Stored[] = [];
  const rests: string[] = [];
  for (const name of readdirSync(sessions)) {
    const id = asId("session", name);
    const found = id === null ? null : readSession(sessions, id);
    if (found !== null) stored.push(found);
    else if (id !== null && readEnded(sessions, id) !== null) await removeAllButLogs(join(sessions, name), log);
    else rests.push(name);
  }
  return { stored, rests };
}
