/**
 * Takes away what was to be gone: at the start, and then every hour. Folders that were purged and whose files a crash left; what was
 * being deleted, or was being written, when a process ended. Whichever process comes first does it, and twice is no harm.
 *
 * Only what Serai itself named is touched: a directory whose folder's row says that it was purged, and hidden names of Serai's own that
 * nobody has written to for a day. What else lies in SERAI_FOLDERS is somebody else's.
 */
import { lstat, opendir, readdir } from "node:fs/promises";
import { messageOf } from "../failure.ts";
import type { Log } from "../log.ts";
import { asId, type FolderId } from "../model/ids.ts";
import type { Database } from "../store/database.ts";
import { readPurged } from "../store/folder-trash.ts";
import { gonePrefix, removeTree } from "./delete-files.ts";
import { codeOf } from "./errors.ts";
import type { Folders } from "./folders.ts";
import { uploadPrefix } from "./path.ts";
import { below, openRoot, pathOfHandle, type Root } from "./walk.ts";

const everyMs = 60 * 60_000;
const abandonedMs = 24 * 60 * 60_000;
const atOnce = 500;

type Ports = { readonly database: Database; readonly folders: Pick<Folders, "directory" | "pathOf" | "remove"> };

export async function sweepFolders({ database, folders }: Ports, now: Date): Promise<void> {
  const names = await readdir(folders.directory).catch((thrown: unknown) => {
    // Nobody has made a folder yet.
    if (codeOf(thrown) === "ENOENT") return [];
    throw thrown;
  });
  const ids = names.map((name) => asId("folder", name)).filter((id) => id !== null);
  const purged = new Set<FolderId>();
  for (let from = 0; from < ids.length; from += atOnce) {
    for (const id of await readPurged(database, ids.slice(from, from + atOnce))) purged.add(id);
  }
  const failures: unknown[] = [];
  // What a session has made undeletable in one folder must not keep the others from being swept.
  const each = (work: Promise<void>): Promise<void> => work.catch((thrown: unknown) => void failures.push(thrown));
  for (const id of ids) await each(purged.has(id) ? folders.remove(id) : sweepOne(folders.pathOf(id), now));
  if (names.some((name) => name.startsWith(gonePrefix))) await each(sweepOne(folders.directory, now));
  if (failures.length > 0) throw failures[0];
}

async function sweepOne(path: string, now: Date): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const root = await openRoot(path, opened).catch(() => null);
  if (root === null) return;
  const hidden: string[] = [];
  for await (const { name } of await opendir(pathOfHandle(root.handle), { bufferSize: 1024 })) if (name.startsWith(uploadPrefix)) hidden.push(name);
  for (const name of hidden) if (await isAbandoned(root, name, now)) await removeTree(root, name);
}

async function isAbandoned(root: Root, name: string, now: Date): Promise<boolean> {
  const stats = await lstat(below(root.handle, name)).catch(() => null);
  return stats !== null && now.getTime() - Math.max(stats.mtimeMs, stats.ctimeMs) > abandonedMs;
}

export function openFolderSweep({ log, ...ports }: Ports & { readonly log: Log }): AsyncDisposable {
  let sweeping: Promise<void> = Promise.resolve();
  const turn = (): void => {
    sweeping = sweeping
      .then(() => sweepFolders(ports, new Date()))
      .catch((thrown: unknown) => log.warn({ reason: messageOf(thrown) }, "what was left in the folders could not be cleared away"));
  };
  turn();
  const timer = setInterval(turn, everyMs);
  timer.unref();
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await sweeping;
    },
  };
}
