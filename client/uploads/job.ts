/** One file on its way, and all of them together, as they are shown. */
import type { Ending } from "./send.ts";

export type UploadTarget = {
  readonly folderId: string;
  readonly folderName: string;
  /** Below the folder; "" is its top. */
  readonly directory: string;
};

export type JobState =
  | "waiting"
  | "sending"
  /** It was cut off and is tried again at `retryAtMs`. */
  | "retrying"
  | "paused"
  /** A file is there already, and nobody has said yet what becomes of it. */
  | "exists"
  | "failed"
  | "done"
  | "skipped";

export type Job = {
  readonly id: number;
  /** What was chosen together is decided together. */
  readonly batch: number;
  readonly folderId: string;
  readonly folderName: string;
  /** In the folder. */
  readonly path: string;
  readonly size: number;
  readonly sent: number;
  readonly state: JobState;
  /** In words. */
  readonly problem: string | null;
  readonly retryAtMs: number;
  /** Attempts in a row that brought nothing. */
  readonly attempts: number;
  /** What had gone when the attempt before failed. */
  readonly sentBefore: number;
  readonly overwrite: boolean;
  readonly uploadId: string | null;
};

export type Counts = Readonly<Record<JobState, number>>;
export const noCounts: Counts = { waiting: 0, sending: 0, retrying: 0, paused: 0, exists: 0, failed: 0, done: 0, skipped: 0 };

/** Those that are not over. */
export const open = (counts: Counts): number => counts.waiting + counts.sending + counts.retrying + counts.paused + counts.exists;

export type Policy = "ask" | "skip" | "replace";

const retryMsMin = 1_000;
const retryMsMax = 30_000;

/** What becomes of a job whose sending ended; pure. */
export function afterEnding(job: Job, ending: Ending, policy: Policy, nowMs: number): Job {
  switch (ending.kind) {
    case "done":
      return { ...job, state: "done", sent: job.size, problem: null };
    case "exists":
      if (job.overwrite) return { ...job, state: "failed", problem: "What is there under this name cannot be replaced: it is no plain file." };
      if (policy === "skip") return { ...job, state: "skipped", sent: 0 };
      return policy === "replace" ? replacing(job) : { ...job, state: "exists", sent: 0, uploadId: null };
    case "lost": {
      const attempts = job.sent > job.sentBefore ? 1 : job.attempts + 1;
      const waitMs = Math.min(retryMsMax, retryMsMin * 2 ** (attempts - 1));
      return { ...job, state: "retrying", problem: ending.message, attempts, sentBefore: job.sent, retryAtMs: nowMs + waitMs };
    }
    case "forgotten":
      return { ...job, state: "waiting", sent: 0, sentBefore: 0, uploadId: null };
    case "signed out":
      return { ...job, state: "waiting" };
    case "refused":
      return { ...job, state: "failed", problem: ending.message };
  }
}

/** The same file again, allowed to take the place of the one that is there. */
export const replacing = (job: Job): Job => ({ ...job, state: "waiting", overwrite: true, sent: 0, sentBefore: 0, uploadId: null });
