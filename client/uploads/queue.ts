/**
 * All uploads of this tab, above the pages: they go on wherever one goes in the console, and end with the tab. A few are sent
 * at a time, and what is to come is read from its source as there is room.
 */
import { afterEnding, open, replacing, type Job, type JobState, type Policy, type UploadTarget } from "./job.ts";
import { close, drop, files, flags, forgetEnded, forgetRate, getCounts, jobs, put, tell, told } from "./ledger.ts";
import type { Picked } from "./picked.ts";
import { findRemembered, forget, remember } from "./remembered.ts";
import { discard, makeDirectory, send, type Ending } from "./send.ts";

const atOnce = 3;
const waitingMax = 5_000;

const running = new Map<number, () => void>();
const policies = new Map<number, Policy>();
let waiting = new Set<number>();
let lastId = 0;

/** What was chosen together is one batch. Its source is read as there is room. */
export function addUploads(target: UploadTarget, source: AsyncIterable<Picked>): void {
  if (open(getCounts()) === 0 && flags.counting === 0) forgetEnded();
  const batch = ++lastId;
  policies.set(batch, "ask");
  void fill(batch, target, source);
}

/** Keeps what has arrived; sends nothing until `goOn`. */
export function pauseAll(): void {
  flags.isPaused = true;
  const stopped = [...running.keys()];
  for (const id of stopped) stop(id, "waiting");
  waiting = new Set([...stopped, ...waiting]);
  forgetRate();
  tell();
}

export function goOn(): void {
  flags.isPaused = false;
  flags.isSignedOut = false;
  pump();
  tell();
}

export function pause(id: number): void {
  waiting.delete(id);
  stop(id, "paused");
  pump();
  tell();
}

/** After a pause, or once more after it failed. */
export function again(id: number): void {
  const job = jobs.get(id);
  if (job === undefined || !files.has(id)) return;
  put({ ...job, state: "waiting", problem: null, attempts: 0 });
  waiting = new Set([id, ...waiting]);
  pump();
  tell();
}

export function retryFailed(): void {
  for (const job of jobs.values()) if (job.state === "failed" && files.has(job.id)) enqueue({ ...job, state: "waiting", problem: null, attempts: 0 });
  pump();
  tell();
}

/** What has arrived of it is given up. */
export function cancel(id: number): void {
  const job = jobs.get(id);
  if (job === undefined) return;
  stop(id, "paused");
  waiting.delete(id);
  drop(id);
  if (job.uploadId !== null) {
    forget(job.uploadId);
    void discard(job.uploadId);
  }
  pump();
  tell();
}

export function cancelAll(): void {
  for (const batch of policies.keys()) policies.delete(batch);
  waiting.clear();
  for (const { id, state } of jobs.values()) if (state !== "done" && state !== "skipped") cancel(id);
  goOn();
}

/** Takes those that are over out of sight. */
export function clearEnded(): void {
  forgetEnded();
  tell();
}

/** For all files of the same choice that are there already, those to come included. */
export function decide(policy: "skip" | "replace"): void {
  for (const batch of new Set([...jobs.values()].filter(({ state }) => state === "exists").map((job) => job.batch))) policies.set(batch, policy);
  for (const job of jobs.values()) {
    if (job.state !== "exists") continue;
    if (policy === "replace") enqueue(replacing(job));
    else settle(job, { kind: "exists" });
  }
  pump();
  tell();
}

/** Gives up an upload that this tab does not send. @returns in words why that failed; null when it did not. */
export async function discardUpload(uploadId: string): Promise<string | null> {
  const problem = await discard(uploadId);
  if (problem === null) forget(uploadId);
  return problem;
}

async function fill(batch: number, target: UploadTarget, source: AsyncIterable<Picked>): Promise<void> {
  flags.counting += 1;
  const { folderId, folderName, directory } = target;
  const base = { batch, folderId, folderName, sent: 0, problem: null, retryAtMs: 0, attempts: 0, sentBefore: 0, overwrite: false } as const;
  const inFolder = (path: string): string => (directory === "" ? path : `${directory}/${path}`);
  try {
    for await (const { path: from, file, uploadId } of source) {
      while (waiting.size >= waitingMax) await told();
      // Cancelled meanwhile.
      if (!policies.has(batch)) return;
      const path = inFolder(from);
      const id = ++lastId;
      files.set(id, file);
      const known = uploadId ?? (file === null ? null : findRemembered(folderId, path, file));
      if (known !== null && file !== null) remember(known, { folderId, path, size: file.size, lastModified: file.lastModified });
      enqueue({ ...base, id, path, size: file?.size ?? 0, state: "waiting", uploadId: known });
      pump();
    }
  } catch (thrown) {
    const problem = `Not everything that was chosen could be read: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
    put({ ...base, id: ++lastId, path: directory, size: 0, state: "failed", uploadId: null, problem });
  } finally {
    flags.counting -= 1;
    tell();
  }
}

function pump(): void {
  for (const id of waiting) {
    if (flags.isPaused || running.size >= atOnce) return;
    waiting.delete(id);
    start(id);
  }
}

function start(id: number): void {
  const job = jobs.get(id);
  const file = files.get(id);
  if (job === undefined || file === undefined) return;
  let stopped = false;
  let stopSending = (): void => {};
  const isCurrent = (): boolean => !stopped && running.has(id);
  runs(id, () => {
    stopped = true;
    stopSending();
  });
  put({ ...job, state: "sending", problem: null });
  const ended = (ending: Ending): void => {
    const now = jobs.get(id);
    if (!isCurrent() || now === undefined) return;
    runs(id, null);
    settle(now, ending);
    pump();
  };
  if (file === null) return void makeDirectory(job.folderId, job.path).then(ended);
  const { folderId, path, overwrite, uploadId } = job;
  const begun = send({
    folderId,
    path,
    file,
    overwrite,
    uploadId,
    onUploadId: (given) => {
      const now = jobs.get(id);
      if (!isCurrent() || now === undefined) return;
      remember(given, { folderId, path, size: file.size, lastModified: file.lastModified });
      put({ ...now, uploadId: given });
    },
    onProgress: (bytes) => {
      const now = jobs.get(id);
      if (isCurrent() && now !== undefined) put({ ...now, sent: bytes });
    },
    onEnd: ended,
  });
  begun.then(
    (sending) => {
      stopSending = sending.stop;
      if (stopped) sending.stop();
    },
    () => ended({ kind: "lost", message: "Serai cannot be reached." }),
  );
}

function settle(job: Job, ending: Ending): void {
  const next = afterEnding(job, ending, policies.get(job.batch) ?? "ask", Date.now());
  if ((next.state === "done" || next.uploadId === null) && job.uploadId !== null) forget(job.uploadId);
  if (ending.kind === "signed out") {
    flags.isSignedOut = true;
    enqueue(next);
    return pauseAll();
  }
  if (next.state === "waiting") return enqueue(next);
  if (next.state === "done" || next.state === "skipped") return close(next);
  put(next);
  if (next.state === "retrying") setTimeout(() => comeBack(job.id), next.retryAtMs - Date.now());
}

function comeBack(id: number): void {
  const job = jobs.get(id);
  if (job?.state !== "retrying") return;
  enqueue({ ...job, state: "waiting" });
  pump();
}

function enqueue(job: Job): void {
  put(job);
  waiting.add(job.id);
}

function runs(id: number, end: (() => void) | null): void {
  if (end === null) running.delete(id);
  else running.set(id, end);
  flags.active = running.size;
}

/** The sending ends; what has arrived stays. */
function stop(id: number, state: JobState): void {
  running.get(id)?.();
  runs(id, null);
  const job = jobs.get(id);
  if (job !== undefined && job.state !== "done") put({ ...job, state });
}

// The network is back: nobody has to wait for the next attempt.
addEventListener("online", () => {
  for (const job of jobs.values()) if (job.state === "retrying") comeBack(job.id);
});
// Whatever is not over would be cut off, and has to be chosen again to go on.
addEventListener("beforeunload", (event) => {
  if (open(getCounts()) > 0) event.preventDefault();
});
