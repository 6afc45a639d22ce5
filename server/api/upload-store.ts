/**
 * What `@tus/server` asks of a store and of a lock, for one request: the library knows the protocol (headers, statuses, their order), and
 * folders/uploads/ knows what is to be done.
 *
 * The bytes do not go through the library: it would turn them into a web stream and back into a Node stream, through two more streams.
 * It is given a request without a body, and `write` reads the real one (docs/decisions/uploads.md).
 */
import type { IncomingMessage } from "node:http";
import type { DataStore, Locker, Upload } from "@tus/server";
import type { Checksum } from "../folders/uploads/checksum.ts";
import type { Locked } from "../folders/uploads/locks.ts";
import type { UploadOutcome, UploadRefusal } from "../folders/uploads/refusal.ts";
import type { Sender, Uploads } from "../folders/uploads/uploads.ts";
import { newId, type UploadId } from "../model/ids.ts";
import { uploadLifetimeMs } from "../store/uploads.ts";

export type Asked = {
  readonly sender: Sender;
  /** Null: one is to be made. */
  readonly id: UploadId | null;
  readonly body: IncomingMessage;
  readonly checksum: Checksum | null;
  /** Fires when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
};

export type Exchange = {
  readonly dataStore: DataStore;
  readonly locker: Locker;
  /** What we refused; the library's own refusals are in its answer. */
  refusal(): UploadRefusal | null;
};

type Tus = typeof import("@tus/server");

export function createExchange(tus: Tus, uploads: Uploads, { sender, id, body, checksum, signal }: Asked): Exchange {
  let locked: Locked | null = null;
  let offset = 0;
  let refusal: UploadRefusal | null = null;

  function valueOf<T>(outcome: UploadOutcome<T>): T {
    if (outcome.ok) return outcome.value;
    refusal = outcome.refusal;
    // Only to get out of the library; what is answered is the refusal.
    throw Object.assign(new Error(refusal.message), { status_code: 400, body: refusal.message });
  }
  const held = (): Locked => {
    if (locked === null) throw new Error("the upload is used without its lock");
    return locked;
  };

  const dataStore = Object.assign(new tus.DataStore(), {
    extensions: ["creation", "creation-with-upload", "expiration", "checksum", "termination"],
    getExpiration: () => uploadLifetimeMs,
    async create(upload: Upload) {
      locked = valueOf(await uploads.create(sender, upload.size ?? 0, upload.metadata ?? {}));
      upload.id = locked.row.id;
      if (upload.size === 0) offset = valueOf(await uploads.settle(locked));
      return upload;
    },
    async getUpload() {
      const { row } = held();
      // A new one is as it was just made, and its lock has been given back when this is asked.
      if (id !== null) offset = valueOf(await uploads.settle(held()));
      const lastUsed = new Date(row.expiresAt.getTime() - uploadLifetimeMs);
      return new tus.Upload({ id: row.id, size: row.size, offset, metadata: { ...row.metadata }, creation_date: lastUsed.toISOString() });
    },
    async write(empty: NodeJS.ReadableStream) {
      empty.resume();
      const { row } = held();
      if (offset < row.size) offset = valueOf(await uploads.append(held(), body, checksum));
      return offset;
    },
    remove: () => uploads.remove(held()),
  });

  const locker: Locker = {
    newLock: () => ({
      async lock() {
        if (id !== null) locked = valueOf(await uploads.take(sender.projectId, id, signal));
      },
      async unlock() {
        await locked?.lease.release();
      },
    }),
  };
  return { dataStore, locker, refusal: () => refusal };
}

/** The library wants one before the upload is made; the store then gives it its own. */
export const placeholderId = (): string => newId("upload");
