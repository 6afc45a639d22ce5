/**
 * What is remembered of a session besides what was submitted: the whole state of its life, as one value that is written
 * to disk at every change. What it should do next follows from this value and the clock alone, so a crash between any
 * two writes loses nothing but time.
 */
import type { SessionEvent, SessionExit } from "../../model/session.ts";

/** A pid alone is reused, also after a reboot; together with when it started, and in which boot, it is not. */
export type ProcessIdentity = { readonly pid: number; readonly startTicks: number; readonly bootId: string };

export type Attempt = {
  /** 1, 2, 3 … within the session. */
  readonly number: number;
  readonly port: number;
  /** Where a listener of its own was found on the port; null until then. */
  readonly host: string | null;
  /** Null before it was started and after it ended. */
  readonly process: ProcessIdentity | null;
  readonly startedAt: Date;
  /** Bytes that were written before those that its log files still hold. */
  readonly discardedBytes: { readonly stdout: number; readonly stderr: number };
};

export type Progress = {
  readonly placed: boolean;
  /** Ids of those that it holds since it was placed. Absent in what Serai wrote before it knew them. */
  readonly devices?: readonly string[];
  /** The newest one, also when it has ended. */
  readonly attempt: Attempt | null;
  /** Those before it whose logs are kept, oldest first. Absent in what Serai wrote before it knew them. */
  readonly earlier?: readonly Attempt[];
  /** Ends in a row without a healthy run between them. */
  readonly failures: number;
  readonly retryAt: Date | null;
  /** Set when it is to end: from then on nothing starts, and what lives at that instant is killed. */
  readonly stopBy: Date | null;
  readonly lastExit: SessionExit | null;
  readonly events: readonly SessionEvent[];
};

export const untouched: Progress = {
  placed: false,
  attempt: null,
  failures: 0,
  retryAt: null,
  stopBy: null,
  lastExit: null,
  events: [],
};

/** How many attempts' logs are kept: a session that fails for months fills no disk. */
export const attemptsKept = 3;

/** What the next attempt is added to. */
export const earlierOf = (progress: Progress): readonly Attempt[] => keptAttempts(progress).slice(1 - attemptsKept);

export const keptAttempts = ({ earlier = [], attempt }: Progress): readonly Attempt[] => [...earlier, ...(attempt === null ? [] : [attempt])];

const eventsKept = 50;

/** With one more event, unless that one is known already; the oldest are forgotten. */
export function withEvent(events: readonly SessionEvent[], event: SessionEvent): readonly SessionEvent[] {
  return events.some(({ key }) => key === event.key) ? events : [...events, event].slice(-eventsKept);
}

export type Step = { readonly kind: "END" } | { readonly kind: "START" } | { readonly kind: "WAIT"; readonly until: Date | null };

/** What to do next. `until` null: only something that happens can change it. */
export function nextStep({ stopBy, placed, attempt, retryAt }: Progress, now: Date): Step {
  if (stopBy !== null) return { kind: "END" };
  if (!placed) return { kind: "WAIT", until: null };
  if (attempt !== null && attempt.process !== null) return { kind: "WAIT", until: null };
  if (retryAt !== null && retryAt > now) return { kind: "WAIT", until: retryAt };
  return { kind: "START" };
}
