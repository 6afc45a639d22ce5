/**
 * One request at a time writes to an upload, among all API processes.
 *
 * The lock is a lease in the upload's row, by the database's clock: whoever holds it renews it every second, all of a process in one
 * statement; a dead process's lock is free after five seconds. Whoever comes while it is held asks for it, and the holder gives way
 * within about a second: a client that comes again after its connection went half-open must not wait for TCP to notice.
 *
 * A process that was frozen, or has lost the database, must not write where another writes by now: it counts its lease as over a second
 * before the database does, looks at that before every batch that it writes, and lets go of the upload once it is over. Bytes
 * are written at their position, so what a write that was already on its way to the disk brings late are the bytes that belong there.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { Log } from "../../log.ts";
import { messageOf } from "../../failure.ts";
import type { ProjectId, UploadId } from "../../model/ids.ts";
import type { Database } from "../../store/database.ts";
import { answeredWithin } from "../../store/deadline.ts";
import {
  createUpload,
  findUpload,
  releaseUploadLock,
  renewUploadLocks,
  takeUploadLock,
  wantUploadLock,
  type NewUpload,
  type UploadRow,
} from "../../store/uploads.ts";
import { received, refuse, type UploadOutcome } from "./refusal.ts";

const leaseMs = 5000;
const marginMs = 1000;
const renewEveryMs = 1000;
const answerMs = 2000;
/** Longer than a dead process keeps its lock. */
const patienceMs = 10_000;
const askEveryMs = 100;

export type Lease = {
  readonly uploadId: UploadId;
  readonly holder: string;
  /** Fires when another wants it, or it is lost: stop writing, and release it. */
  readonly signal: AbortSignal;
  isHeld(): boolean;
  release(): Promise<void>;
};
export type Locked = { readonly lease: Lease; readonly row: UploadRow };

export type UploadLocks = Disposable & {
  /** @param signal fires where nobody waits for the answer any more. */
  take(projectId: ProjectId, id: UploadId, signal: AbortSignal): Promise<UploadOutcome<Locked>>;
  create(upload: NewUpload): Promise<Locked>;
};

type Held = { readonly uploadId: UploadId; readonly stop: AbortController; heldUntilMs: number };

export function openUploadLocks(database: Database, log: Log): UploadLocks {
  const held = new Map<string, Held>();
  let renewing = false;

  async function renew(): Promise<void> {
    if (renewing || held.size === 0) return;
    renewing = true;
    const asked = [...held];
    const askedAtMs = performance.now();
    try {
      const still = await answeredWithin(renewUploadLocks(database, [...held.keys()], leaseMs), answerMs);
      const isWanted = new Map(still.map((one) => [one.holder, one.isWanted]));
      for (const [holder, one] of asked) {
        if (isWanted.has(holder)) one.heldUntilMs = askedAtMs + leaseMs - marginMs;
        else one.heldUntilMs = 0;
        if (isWanted.get(holder) === true) one.stop.abort();
      }
    } catch (thrown) {
      log.warn({ reason: messageOf(thrown) }, "the locks of uploads could not be renewed");
    } finally {
      renewing = false;
      for (const one of held.values()) if (one.heldUntilMs < performance.now()) one.stop.abort();
    }
  }
  const timer = setInterval(() => void renew(), renewEveryMs);
  timer.unref();

  function hold(row: UploadRow, holder: string, askedAtMs: number): Locked {
    const one: Held = { uploadId: row.id, stop: new AbortController(), heldUntilMs: askedAtMs + leaseMs - marginMs };
    held.set(holder, one);
    const lease: Lease = {
      uploadId: row.id,
      holder,
      signal: one.stop.signal,
      isHeld: () => performance.now() < one.heldUntilMs,
      async release() {
        if (!held.delete(holder)) return;
        await releaseUploadLock(database, row.id, holder);
      },
    };
    return { lease, row };
  }

  async function ask(id: UploadId): Promise<void> {
    const here = [...held.values()].find((one) => one.uploadId === id);
    if (here === undefined) await wantUploadLock(database, id);
    else here.stop.abort();
  }

  return {
    async create(upload) {
      const [holder, askedAtMs] = [randomUUID(), performance.now()];
      return hold(await createUpload(database, upload, holder, leaseMs), holder, askedAtMs);
    },
    async take(projectId, id, signal) {
      const holder = randomUUID();
      for (const deadline = performance.now() + patienceMs; ;) {
        const askedAtMs = performance.now();
        const row = await takeUploadLock(database, projectId, id, holder, leaseMs);
        if (row !== null) return received(hold(row, holder, askedAtMs));
        const present = await findUpload(database, projectId, id);
        if (present === null) return noUpload();
        if (present.isExpired) return refuse("gone", "The upload was idle for a day and is over: start it anew.");
        if (askedAtMs > deadline || signal.aborted) return refuse("busy", "Another request works on this upload: try again in a moment.");
        await ask(id);
        await wait(askEveryMs, undefined, { signal }).catch(() => {});
      }
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

const noUpload = (): UploadOutcome<never> => refuse("missing", "There is no such upload.");
