/**
 * Follows the start actions of an attempt: its report is read four times a second from the start on until the start command runs or
 * the attempt is over, and never where a definition has no actions.
 *
 * What was read is kept in memory only, for the newest attempt and the one before: it is read again from the session's directory when
 * Serai comes back, and who watches has written it long before two more attempts have begun.
 */
import { setTimeout as pause } from "node:timers/promises";
import { messageOf } from "../../failure.ts";
import type { SessionEvent } from "../../model/session.ts";
import { type FailedAction, failedAction, runningAction, type RunningAction, startEvents, type StartFiles } from "../../model/start-report.ts";
import type { LocalSession, Machine } from "./local-session.ts";
import type { Attempt } from "./progress.ts";
import { readStart } from "./start-files.ts";

const pauseMs = 250;

export type StartSeen = {
  readonly attempt: number;
  readonly files: StartFiles | null;
  readonly step: RunningAction | null;
  readonly events: readonly SessionEvent[];
  /** Of the attempt before. */
  readonly earlier: readonly SessionEvent[];
};

export const nothingSeen: StartSeen = { attempt: 0, files: null, step: null, events: [], earlier: [] };

export function watchStart(local: LocalSession, machine: Machine, attempt: Attempt): void {
  if (!hasActions(local)) return;
  void follow(local, machine, attempt, local.attemptOver.signal);
}

async function follow(local: LocalSession, machine: Machine, attempt: Attempt, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const seen = await look(local, attempt, null);
      if (signal.aborted) return;
      // Told again and again, a long history would be compared four times a second.
      if (seen.files !== local.start.files || seen.attempt !== local.start.attempt) tell(local, machine, seen);
      if (seen.files?.report.ready === true) return;
    } catch (thrown) {
      machine.log.warn({ session: local.session.id, reason: messageOf(thrown) }, "could not read what a start reports; trying again");
    }
    await pause(pauseMs, undefined, { signal, ref: false }).catch(() => {});
  }
}

/** For the last time: the attempt has ended. @returns the action at which it did, if it came no further. */
export async function finishStart(local: LocalSession, attempt: Attempt, endedAt: Date): Promise<FailedAction | null> {
  if (!hasActions(local)) return null;
  const { files, ...seen } = await look(local, attempt, endedAt);
  local.start = { ...seen, files, step: null };
  return files === null ? null : failedAction(files.report, files.outputs);
}

const hasActions = ({ session }: LocalSession): boolean => session.actionCount > 0;

async function look(local: LocalSession, attempt: Attempt, endedAt: Date | null): Promise<StartSeen> {
  const { session, start } = local;
  const isSame = start.attempt === attempt.number;
  const files = await readStart(local.files.start, session.actionCount, isSame ? start.files : null, endedAt !== null);
  const period = { startedAt: attempt.startedAt, endedAt };
  return {
    attempt: attempt.number,
    files,
    step: files === null ? null : runningAction(files.report, attempt.startedAt),
    events: files === null ? [] : startEvents(String(attempt.number), files.report, files.outputs, period),
    earlier: isSame ? start.earlier : start.events,
  };
}

function tell(local: LocalSession, machine: Machine, seen: StartSeen): void {
  local.start = seen;
  machine.changed(local);
}
