/**
 * The books of the queue: every file on its way, how many are in which state, how many bytes have gone, and who watches.
 * Of what is done only the last few stay, and whoever watches is told four times a second at most: a directory of a hundred
 * thousand files costs no more than one of some thousand.
 */
import { noCounts, type Counts, type Job, type JobState } from "./job.ts";
import { rateOf, sampled, type Samples } from "./rate.ts";

export type Uploads = {
  /** Those that are not over, and the last ones that are. */
  readonly jobs: readonly Job[];
  readonly counts: Counts;
  /** Of all, those that are over included; more come while it is counting. */
  readonly files: number;
  readonly isCounting: boolean;
  readonly bytes: number;
  readonly sent: number;
  /** Bytes a second; null while that is not known. */
  readonly rate: number | null;
  readonly isPaused: boolean;
  readonly isSignedOut: boolean;
};

const doneShown = 50;
const ownMax = 1_000;
const tellEveryMs = 250;
const sampleEveryMs = 1_000;

export const jobs = new Map<number, Job>();
/** What is sent; null for a directory. No longer there once it is over. */
export const files = new Map<number, File | null>();
/** Written by the queue, shown with the rest. */
export const flags = { isPaused: false, isSignedOut: false, counting: 0, active: 0 };

const finished = new Map<string, number>();
const listeners = new Set<() => void>();
const counts: Record<JobState, number> = { ...noCounts };
let total = { files: 0, bytes: 0, sent: 0 };
let samples: Samples = [];
let telling: ReturnType<typeof setTimeout> | undefined;
let ownIds: ReadonlySet<string> = new Set();
let uploads: Uploads = {
  jobs: [],
  counts: noCounts,
  files: 0,
  isCounting: false,
  bytes: 0,
  sent: 0,
  rate: null,
  isPaused: false,
  isSignedOut: false,
};

export const getUploads = (): Uploads => uploads;
export const getCounts = (): Counts => counts;
/** Uploads that this tab takes care of, by their id at the server, also when they are done; the same set while they are the same. */
export const getOwnIds = (): ReadonlySet<string> => ownIds;
/** How many files have arrived in a folder from here; only changes matter. */
export const finishedIn = (folderId: string): number => finished.get(folderId) ?? 0;

export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function put(job: Job): void {
  const before = jobs.get(job.id);
  if (before === undefined) total = { ...total, files: total.files + 1, bytes: total.bytes + job.size };
  else counts[before.state] -= 1;
  counts[job.state] += 1;
  total.sent += job.sent - (before?.sent ?? 0);
  jobs.set(job.id, job);
  if (job.uploadId !== null && !ownIds.has(job.uploadId)) ownIds = new Set([...ownIds, job.uploadId].slice(-ownMax));
  telling ??= setTimeout(tell, tellEveryMs);
}

/** It is over: counted, and shown for a while. */
export function close(job: Job): void {
  put(job);
  files.delete(job.id);
  if (job.state === "done") finished.set(job.folderId, finishedIn(job.folderId) + 1);
  else total = { ...total, bytes: total.bytes - job.size };
  if (counts[job.state] <= doneShown) return;
  for (const oldest of jobs.values()) {
    if (oldest.state !== job.state) continue;
    jobs.delete(oldest.id);
    return;
  }
}

/** As if it had never been. */
export function drop(id: number): void {
  const job = jobs.get(id);
  if (job === undefined) return;
  jobs.delete(id);
  files.delete(id);
  // What has arrived of it is there for whoever goes on with it.
  if (job.state === "failed") ownIds = new Set([...ownIds].filter((own) => own !== job.uploadId));
  counts[job.state] -= 1;
  total = { files: total.files - 1, bytes: total.bytes - job.size, sent: total.sent - job.sent };
}

/** Forgets those that are over. Told by whoever asks for it, because more may begin at once. */
export function forgetEnded(): void {
  for (const { id, state } of jobs.values()) if (state === "done" || state === "skipped" || state === "failed") drop(id);
  counts.done = 0;
  counts.skipped = 0;
  const left = [...jobs.values()];
  total = {
    files: left.length,
    bytes: left.reduce((sum, { size }) => sum + size, 0),
    sent: left.reduce((sum, { sent }) => sum + sent, 0),
  };
  forgetRate();
}

/** A pause says nothing about the network. */
export function forgetRate(): void {
  samples = [];
}

export function tell(): void {
  clearTimeout(telling);
  telling = undefined;
  const now = Date.now();
  if (flags.active > 0 && now - (samples.at(-1)?.atMs ?? 0) >= sampleEveryMs) samples = sampled(samples, now, total.sent);
  uploads = {
    jobs: [...jobs.values()],
    counts: { ...counts },
    files: total.files,
    isCounting: flags.counting > 0,
    bytes: total.bytes,
    sent: Math.max(0, total.sent),
    rate: rateOf(samples),
    isPaused: flags.isPaused,
    isSignedOut: flags.isSignedOut,
  };
  for (const listener of listeners) listener();
  if (flags.active > 0) telling = setTimeout(tell, tellEveryMs);
}

/** The next time that anything is told. */
export const told = (): Promise<void> =>
  new Promise((resolve) => {
    const end = subscribe(() => {
      end();
      resolve();
    });
  });
