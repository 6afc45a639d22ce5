/** A session as the local scheduler holds it in memory: its progress, which is also on disk, and what only this run of Serai knows. */
import type { Log } from "../../log.ts";
import type { Session, SessionEvent } from "../../model/session.ts";
import { type Bell, openBell } from "./bell.ts";
import type { Devices } from "./devices.ts";
import type { ExitWatch } from "./exit-watch.ts";
import type { ListenerWatch } from "./listener-watch.ts";
import type { Ports } from "./ports.ts";
import type { ProcessTable } from "./processes.ts";
import { type Attempt, type Progress, withEvent } from "./progress.ts";
import { sessionFiles, type SessionFiles, type Stored, writeProgress } from "./session-directory.ts";
import type { Ended } from "./start-process.ts";
import { nothingSeen, type StartSeen } from "./start-watch.ts";

export type LocalSession = {
  readonly session: Session;
  readonly order: number;
  readonly files: SessionFiles;
  /** Rung whenever something happened that its life has to look at. */
  readonly bell: Bell;
  progress: Progress;
  /** Nothing of it is left, and nothing of it is to be kept any more. */
  isGone: boolean;
  /** How the running process ended, from then until its life has dealt with it. */
  ended: Ended | null;
  /** What its start actions have reported. */
  start: StartSeen;
  /** Aborted when the newest attempt is over. */
  attemptOver: AbortController;
};

/** What sessions share. */
export type Machine = {
  readonly sessions: string;
  readonly log: Log;
  readonly ports: Ports;
  readonly devices: Devices;
  readonly processes: ProcessTable;
  readonly listeners: ListenerWatch;
  readonly exits: ExitWatch;
  readonly closing: AbortSignal;
  /** When everything is killed because Serai ends, in milliseconds since 1970; Infinity while it does not. */
  readonly closeBy: () => number;
  readonly changed: (local: LocalSession) => void;
  /** Whether an earlier session of its seat is not gone yet. */
  readonly isSeatTaken: (local: LocalSession) => boolean;
};

export const holdSession = (sessions: string, { session, order, progress }: Stored): LocalSession => ({
  session,
  order,
  files: sessionFiles(sessions, session.id),
  bell: openBell(),
  progress,
  isGone: false,
  ended: null,
  start: nothingSeen,
  attemptOver: new AbortController(),
});

/** Keeps the change, tells it, and has the session's life look at it. */
export function change(local: LocalSession, machine: Machine, changes: Partial<Progress>, event?: SessionEvent): void {
  const events = event === undefined ? local.progress.events : withEvent(local.progress.events, event);
  local.progress = { ...local.progress, ...changes, events };
  if (local.isGone) return;
  try {
    writeProgress(local.files, local.progress);
  } catch (error) {
    // A full disk must not stop what runs. The next change writes the whole again.
    machine.log.error({ error, session: local.session.id }, "could not keep a session's progress");
  }
  machine.changed(local);
  local.bell.ring();
}

/** The same for the newest attempt only; nothing where `number` is not the newest any more. */
export function changeAttempt(local: LocalSession, machine: Machine, number: number, changes: Partial<Attempt>, event?: SessionEvent): void {
  const { attempt } = local.progress;
  if (attempt?.number === number) change(local, machine, { attempt: { ...attempt, ...changes } }, event);
}
