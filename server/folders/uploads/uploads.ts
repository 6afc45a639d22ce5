/**
 * Uploads that go on where they broke off: what a request of the tus protocol means for files and rows. The protocol itself is the API's.
 *
 * An upload is a row (who, where to, how long) and a staged file whose size says how far it has come. Any API process can go on with
 * it; one request at a time does, by a lock in the row. When all bytes are there it is hashed, where a hash was given, and takes its
 * name in the folder. Each step can be repeated after a crash at any point: whoever asks next settles what was left.
 *
 * wish.ts      what a client says at the beginning · refusal.ts  what can be wrong
 * locks.ts     one writer at a time · staged.ts  the bytes so far · receive.ts  a request's bytes into the file · checksum.ts
 * place.ts     the name in the folder · sweep.ts  what nobody finishes
 */
import type { Readable } from "node:stream";
import { join } from "node:path";
import type { Log } from "../../log.ts";
import { newId, type ProjectId, type UploadId, type UserId } from "../../model/ids.ts";
import { done } from "../../model/problem.ts";
import type { Database } from "../../store/database.ts";
import { findFolder } from "../../store/folders.ts";
import { countUnfinishedUploads, deleteUpload, finishUpload, type UploadRow } from "../../store/uploads.ts";
import { codeOf, folderUnavailable } from "../errors.ts";
import { noteDefinition } from "../definition-watch.ts";
import type { Folders } from "../folders.ts";
import type { Checksum } from "./checksum.ts";
import { openUploadLocks, type Lease, type Locked, type UploadLocks } from "./locks.ts";
import { checkPlace, isPlaced, place, sha256Of, type Wanted } from "./place.ts";
import { receive } from "./receive.ts";
import { received, refuse, refuseAs, type UploadOutcome } from "./refusal.ts";
import { stagedFilesIn, type StagedFiles } from "./staged.ts";
import { openSweeper } from "./sweep.ts";
import { readWish, type UploadMetadata } from "./wish.ts";

const unfinishedMax = 1000;

export type UploadPorts = {
  readonly database: Database;
  readonly folders: Pick<Folders, "directory" | "create" | "within" | "roomFor" | "changedBy" | "readDefinition">;
  readonly log: Log;
};
export type Sender = { readonly projectId: ProjectId; readonly userId: UserId };

export type Uploads = AsyncDisposable & {
  readonly take: UploadLocks["take"];
  create(sender: Sender, size: number, metadata: UploadMetadata): Promise<UploadOutcome<Locked>>;
  /** How far it has come; what is complete is finished before this answers. */
  settle(locked: Locked): Promise<UploadOutcome<number>>;
  /** @returns how far it has come. What could not be checked, or is too much, does not count. */
  append(locked: Locked, body: Readable, checksum: Checksum | null): Promise<UploadOutcome<number>>;
  remove(locked: Locked): Promise<void>;
};

/** Bytes so far; null where nobody knows, for a list. */
export const uploadedBytes = (directory: string, { id, size, finishedAt }: UploadRow): Promise<number | null> =>
  finishedAt === null ? stagedIn(directory).sizeOf(id) : Promise.resolve(size);

const stagedIn = (directory: string): StagedFiles => stagedFilesIn(join(directory, ".uploads"));

export function openUploads({ database, folders, log }: UploadPorts): Uploads {
  const staged = stagedIn(folders.directory);
  const locks = openUploadLocks(database, log);
  const sweeper = openSweeper(database, staged, log);

  async function discard(id: UploadId, { holder }: Lease): Promise<void> {
    if (await deleteUpload(database, id, holder)) await staged.remove(id);
  }

  async function settle({ row, lease }: Locked): Promise<UploadOutcome<number>> {
    if (row.finishedAt !== null) return received(row.size);
    const size = await staged.sizeOf(row.id);
    if (size === null) {
      const placed = await folders.within(row.folderId, async ({ root }) => done(await isPlaced(root, row.path, row.size)));
      if (placed.ok && placed.value) return finished(row, lease);
      await discard(row.id, lease);
      return refuse("gone", "The bytes of this upload are gone: start it anew.");
    }
    if (size < row.size) return received(size);
    const sha256 = row.metadata["sha256"]?.toLowerCase();
    const sent = sha256 === undefined ? undefined : await sha256Of(staged.pathOf(row.id));
    if (sent !== sha256) {
      await discard(row.id, lease);
      return refuse("mismatch", `The file's SHA-256 is ${sent}, not ${sha256}: it was not kept. Upload it again.`);
    }
    if ((await findFolder(database, row.projectId, row.folderId)) === null) return refuse("missing", "The folder is in the trash: restore it first.");
    await folders.create(row.folderId);
    if (!lease.isHeld()) return refuse("busy", "Another request works on this upload: try again in a moment.");
    const wanted: Wanted = { path: row.path, overwrite: row.metadata["overwrite"] === "true" };
    const placed = await folders.within(row.folderId, (target) => place(target, wanted, staged.pathOf(row.id)));
    if (!placed.ok) return refuseAs(placed.refusal);
    folders.changedBy(row.folderId, row.size - placed.value);
    return finished(row, lease);
  }

  async function finished(row: UploadRow, { holder }: Lease): Promise<UploadOutcome<number>> {
    await finishUpload(database, row.id, holder);
    await noteDefinition({ database, folders, log }, row.folderId, [row.path]);
    return received(row.size);
  }

  async function append({ row, lease }: Locked, body: Readable, checksum: Checksum | null): Promise<UploadOutcome<number>> {
    const { file, size: from } = await staged.open(row.id);
    const giveWay = () => void body.destroy();
    try {
      if (checksum !== null) await staged.unverified(row.id, from);
      lease.signal.addEventListener("abort", giveWay, { once: true });
      if (lease.signal.aborted) giveWay();
      const bytesMax = row.size - from;
      const got = await receive({ body, file, from, bytesMax, hash: checksum?.hash ?? null, mayWrite: lease.isHeld });
      if (got.end === "superseded" || !lease.isHeld()) return refuse("busy", "Another request works on this upload now.");
      if (got.end === "tooLong") {
        await file.truncate(from);
        return refuse("tooLong", `The upload is ${row.size} bytes long, and more came: nothing of this request was kept.`);
      }
      if (checksum === null) return received(from + got.bytes);
      const isRight = got.end === "complete" && checksum.matches();
      if (!isRight) await file.truncate(from);
      await staged.verified(row.id);
      if (got.end === "complete" && !isRight) return refuse("mismatch", "The bytes do not have the checksum that came with them: send them again.");
      return received(isRight ? from + got.bytes : from);
    } catch (thrown) {
      if (codeOf(thrown) !== "ENOSPC" && codeOf(thrown) !== "EDQUOT") throw thrown;
      // Whatever else needs the disk should find it as it was.
      if (lease.isHeld()) await file.truncate(from);
      return diskFull();
    } finally {
      lease.signal.removeEventListener("abort", giveWay);
      await file.close();
    }
  }

  async function create(sender: Sender, size: number, metadata: UploadMetadata): Promise<UploadOutcome<Locked>> {
    const wish = readWish(metadata);
    if (!wish.ok) return wish;
    const { folderId, path } = wish.value;
    if ((await findFolder(database, sender.projectId, folderId)) === null) return refuse("missing", `There is no folder ${folderId}.`);
    if ((await countUnfinishedUploads(database, sender.userId)) >= unfinishedMax) {
      return refuse("tooMany", `You have ${unfinishedMax} unfinished uploads: finish or cancel some first.`);
    }
    await folders.create(folderId);
    const present = await folders.within(folderId, ({ root }) => checkPlace(root, wish.value));
    if (!present.ok) return refuseAs(present.refusal);
    const fits = await folders.roomFor(folderId, size - present.value);
    if (!fits.ok) return refuse("overQuota", fits.refusal.message);
    if (size > (await staged.room())) return diskFull();
    const id = newId("upload");
    await staged.create(id);
    const owner = { projectId: sender.projectId, createdBy: sender.userId };
    const locked = await locks.create({ id, ...owner, folderId, path, size, metadata });
    try {
      // Two that fit alone were perhaps made at once: each now sees what was promised to the other.
      const stillFits = await folders.roomFor(folderId, -present.value);
      if (stillFits.ok) return received(locked);
      await discard(id, locked.lease);
    } catch (thrown) {
      // Nobody else knows of it: it would be renewed for ever.
      await locked.lease.release();
      throw thrown;
    }
    await locked.lease.release();
    return refuse("overQuota", "What was begun at the same moment takes the room that the folder still had: try again later.");
  }

  return {
    take: locks.take,
    create: (...wish) => reaching(() => create(...wish)),
    settle: (locked) => reaching(() => settle(locked)),
    append: (...given) =>
      reaching(async () => {
        const appended = await append(...given);
        return appended.ok && appended.value === given[0].row.size ? settle(given[0]) : appended;
      }),
    remove: ({ row, lease }) => reaching(() => discard(row.id, lease)),
    async [Symbol.asyncDispose]() {
      await sweeper[Symbol.asyncDispose]();
      locks[Symbol.dispose]();
    },
  };
}

const diskFull = (): UploadOutcome<never> => refuse("diskFull", "The disk of the folders is full: nothing of this request was kept.");

async function reaching<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (thrown) {
    throw folderUnavailable(thrown);
  }
}
