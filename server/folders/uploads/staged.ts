/**
 * The bytes of unfinished uploads: `<SERAI_FOLDERS>/.uploads/<upload>`, on the folders' file system so that finishing is a rename, and
 * beside them, so that no session and no list of files ever sees one.
 *
 * How far an upload has come is the size of its file: there is no second place that could say something else after a crash. The one
 * exception are bytes whose checksum is still to come: a link `<upload>.from`, whose target is a number, says from where on they are not
 * to be counted. A link is made in one step, so it is never half written.
 */
import { constants } from "node:fs";
import { lstat, mkdir, open, opendir, readlink, rm, statfs, symlink, truncate, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { asId, type UploadId } from "../../model/ids.ts";
import { codeOf } from "../errors.ts";

export type StagedFiles = {
  pathOf(id: UploadId): string;
  create(id: UploadId): Promise<void>;
  /** Bytes that count; null where there is no file. */
  sizeOf(id: UploadId): Promise<number | null>;
  /** To write where its bytes end. What does not count is cut off. */
  open(id: UploadId): Promise<{ readonly file: FileHandle; readonly size: number }>;
  /** From here on bytes do not count, until `verified`. */
  unverified(id: UploadId, from: number): Promise<void>;
  verified(id: UploadId): Promise<void>;
  remove(id: UploadId): Promise<void>;
  /** Of files that nobody has written to since. */
  untouchedSince(time: Date): AsyncIterable<UploadId>;
  /** Bytes that the disk still takes. */
  room(): Promise<number>;
};

export function stagedFilesIn(directory: string): StagedFiles {
  const pathOf = (id: UploadId): string => join(directory, id);
  const markOf = (id: UploadId): string => `${pathOf(id)}.from`;

  async function sizeOf(id: UploadId): Promise<number | null> {
    const [stats, mark] = await Promise.all([unlessAbsent(lstat(pathOf(id))), unlessAbsent(readlink(markOf(id)))]);
    if (stats === null) return null;
    return mark === null ? stats.size : Math.min(stats.size, Number(mark));
  }

  return {
    pathOf,
    sizeOf,
    async create(id) {
      const make = () => open(pathOf(id), constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW, 0o600);
      const file = await unlessAbsent(make());
      if (file !== null) return file.close();
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await (await make()).close();
    },
    async open(id) {
      await using opened = new AsyncDisposableStack();
      const file = opened.use(await open(pathOf(id), constants.O_WRONLY | constants.O_NOFOLLOW));
      const size = (await sizeOf(id)) ?? 0;
      if ((await file.stat()).size > size) await file.truncate(size);
      await rm(markOf(id), { force: true });
      opened.move();
      return { file, size };
    },
    unverified: (id, from) => symlink(String(from), markOf(id)),
    verified: (id) => rm(markOf(id), { force: true }),
    async remove(id) {
      // Freed at once, also where somebody still holds it open.
      await unlessAbsent(truncate(pathOf(id)));
      await rm(pathOf(id), { force: true });
      await rm(markOf(id), { force: true });
    },
    async *untouchedSince(time) {
      const entries = await unlessAbsent(opendir(directory));
      if (entries === null) return;
      for await (const { name } of entries) {
        const id = asId("upload", name.replace(/\.from$/, ""));
        if (id === null) continue;
        const stats = await unlessAbsent(lstat(join(directory, name)));
        if (stats !== null && stats.mtime < time) yield id;
      }
    },
    async room() {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const { bavail, bsize } = await statfs(directory);
      return bavail * bsize;
    },
  };
}

async function unlessAbsent<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (thrown) {
    if (codeOf(thrown) === "ENOENT") return null;
    throw thrown;
  }
}
