/**
 * The files of folders: one directory each, named by the folder's id, under SERAI_FOLDERS.
 *
 * On a cluster this is the file system that every machine shares, so nothing here assumes to be alone: sessions write into
 * their folders while we do, files are replaced in one step, and links that a session left are not followed out of the folder.
 * A user's mistake is a refusal; a disk that is full or gone is FOLDER_UNAVAILABLE.
 *
 * path.ts, name.ts    which paths are taken, decided from the text · names that are no text
 * walk.ts             the way to a file, by opened directories
 * entry.ts, list.ts   what is shown of a file, and pages of a directory · snapshot.ts its names, read once
 * read-file.ts, read-text.ts, archive.ts (tar.ts, zip.ts)          reading
 * write-file.ts, make-directory.ts, move-file.ts, delete-files.ts  changing · exclusively.ts one writer of a path at a time
 * quota.ts, measure.ts                                             how much a folder holds, and may
 * sweep.ts            what a crash or the trash left
 * read-definition.ts  the model definition, bounded
 */
import { lstat, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { FolderId } from "../model/ids.ts";
import type { DefinitionFile } from "../model/model-definition.ts";
import type { Outcome } from "../model/problem.ts";
import type { Database } from "../store/database.ts";
import { readFolderLimit } from "../store/folder-limit.ts";
import type { Window } from "../store/keyset.ts";
import { deleteFilesIn, deleteKnownFileIn, removeTree } from "./delete-files.ts";
import { entryAt, type FileEntry } from "./entry.ts";
import { folderUnavailable, refusalByDisk } from "./errors.ts";
import { createExclusively } from "./exclusively.ts";
import { listFilesIn, type FilePage, type ListKey, type Listing } from "./list.ts";
import { makeDirectoryIn } from "./make-directory.ts";
import { measure } from "./measure.ts";
import { moveFileIn, type Move } from "./move-file.ts";
import { splitPresentPath } from "./path.ts";
import { createQuota, type Quota } from "./quota.ts";
import { readDefinitionIn } from "./read-definition.ts";
import { readTextIn, type TextFile } from "./read-text.ts";
import { createSnapshots, type Snapshots } from "./snapshot.ts";
import { enter, isAbsent, openRoot, type Root } from "./walk.ts";
import { checkContent, writeFileIn, type Expected, type FileWish, type Target } from "./write-file.ts";

export type Folders = Quota & {
  /** Where they all are. */
  readonly directory: string;
  /** Absolute path of the folder's directory on this machine, and on a cluster on every other. */
  pathOf(folderId: FolderId): string;
  create(folderId: FolderId): Promise<void>;
  /** With everything in it. Nothing happens where there is none. */
  remove(folderId: FolderId): Promise<void>;
  /** Null: there is nothing. A link is shown itself. */
  entry(folderId: FolderId, path: string): Promise<FileEntry | null>;
  list(folderId: FolderId, listing: Listing, window: Window<ListKey>): Promise<Outcome<FilePage>>;
  /** Null: it is no text that can be edited. */
  readText(folderId: FolderId, path: string): Promise<TextFile | null>;
  /** Makes the folder's directory where a crash between its row and `create` left none; so does `createDirectory`. */
  writeFile(folderId: FolderId, wish: FileWish): Promise<Outcome<FileEntry>>;
  createDirectory(folderId: FolderId, path: string): Promise<Outcome<FileEntry>>;
  move(folderId: FolderId, move: Move): Promise<Outcome<FileEntry>>;
  /** Directories with everything in them. Where one path is missing, nothing is deleted. */
  deleteFiles(folderId: FolderId, paths: readonly string[]): Promise<Outcome<readonly string[]>>;
  /** One plain file, if it is still one of those. */
  deleteKnownFile(folderId: FolderId, path: string, etags: readonly string[]): Promise<Outcome<null>>;
  readDefinition(folderId: FolderId): Promise<DefinitionFile>;
  /** For whoever reads or writes streams: the folder's directory, held open meanwhile. What the disk refuses becomes a refusal. */
  within<T>(folderId: FolderId, action: (target: Target) => Promise<Outcome<T>>): Promise<Outcome<T>>;
  readonly snapshots: Snapshots;
};

type FoldersOptions = { readonly directory: string; readonly database?: Database | null; readonly mark?: string | null };

/**
 * @param directory absolute; made where it does not exist.
 * @param database where quotas are known, and by which API processes write in turn; null: there are neither.
 * @param mark a file that is in the directory (mark.ts); null: there is none.
 */
export function openFolders({ directory, database = null, mark = null }: FoldersOptions): Folders {
  const exclusively = createExclusively(database);
  const snapshots = createSnapshots();
  const pathOf = (folderId: FolderId): string => join(directory, folderId);
  async function make(folderId: FolderId): Promise<void> {
    if (!(await isAbsent(pathOf(folderId)))) return;
    // Where the shared file system is not mounted there is an empty directory: what is written into it is lost once it is mounted again.
    if (mark !== null) await lstat(join(directory, mark));
    await mkdir(pathOf(folderId), { recursive: true });
  }

  async function inRoot<T>(folderId: FolderId, action: (root: Root) => Promise<T>): Promise<T> {
    await using opened = new AsyncDisposableStack();
    return await action(await openRoot(pathOf(folderId), opened));
  }
  const reading = <T>(folderId: FolderId, action: (root: Root) => Promise<T>): Promise<T> => reaching(() => inRoot(folderId, action));
  const within: Folders["within"] = (folderId, action) =>
    reaching(() => inRoot(folderId, (root) => refusalByDisk(() => action({ root, folder: folderId, exclusively }))));

  const quota = createQuota(
    (folderId) => reading(folderId, measure),
    async (folderId) => (database === null ? null : readFolderLimit(database, folderId)),
  );

  return {
    ...quota,
    directory,
    pathOf,
    snapshots,
    within,
    create: (folderId) => reaching(() => make(folderId)),
    remove: (folderId) =>
      reaching(async () => {
        await mkdir(directory, { recursive: true });
        await using opened = new AsyncDisposableStack();
        await removeTree(await openRoot(directory, opened), folderId);
        quota.forget(folderId);
      }),
    entry: (folderId, path) => reading(folderId, (root) => findEntry(root, path)),
    list: (folderId, listing, window) => within(folderId, ({ root }) => listFilesIn(root, snapshots, listing, window)),
    readText: (folderId, path) => reading(folderId, (root) => readTextIn(root, path)),
    async writeFile(folderId, wish) {
      const content = checkContent(wish);
      if (!content.ok) return content;
      const bytes = content.value;
      await reaching(() => make(folderId));
      return within(folderId, async (target) => {
        const growth = bytes.length - ((await findEntry(target.root, wish.path))?.size ?? 0);
        const room = await quota.reserve(folderId, growth);
        if (!room.ok) return room;
        using _taken = room.value;
        const written = await writeFileIn(target, wish.path, bytes, expectedBy(wish));
        if (written.ok) quota.changedBy(folderId, growth);
        return written;
      });
    },
    async createDirectory(folderId, path) {
      await reaching(() => make(folderId));
      return within(folderId, ({ root }) => makeDirectoryIn(root, path));
    },
    move: (folderId, move) => within(folderId, (target) => moveFileIn(target, move)),
    async deleteFiles(folderId, paths) {
      const deleted = await within(folderId, ({ root }) => deleteFilesIn(root, paths));
      quota.forget(folderId);
      return deleted;
    },
    async deleteKnownFile(folderId, path, etags) {
      const deleted = await within(folderId, (target) => deleteKnownFileIn(target, path, etags));
      quota.forget(folderId);
      return deleted;
    },
    readDefinition: (folderId) => reading(folderId, readDefinitionIn),
  };
}

const expectedBy = ({ ifMatch }: FileWish): Expected => (ifMatch === null ? { kind: "anything" } : { kind: "etags", etags: [ifMatch] });

async function findEntry(root: Root, path: string): Promise<FileEntry | null> {
  const parts = splitPresentPath(path);
  if (!parts.ok) return null;
  await using opened = new AsyncDisposableStack();
  const above = parts.value.slice(0, -1);
  const place = await enter(root, above, opened);
  return place.ok ? await entryAt(place.value, above.join("/"), parts.value.at(-1) ?? "") : null;
}

async function reaching<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (thrown) {
    throw folderUnavailable(thrown);
  }
}
