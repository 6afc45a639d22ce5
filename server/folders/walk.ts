/**
 * The way through a folder: by directories that are held open, never by names that somebody can swap meanwhile.
 *
 * Sessions leave symbolic links in their folder and may put one in a directory's place at any moment. So each directory is opened
 * first and then asked where it is: what is held open cannot be swapped any more, and everything below it is named through it
 * (/proc/self/fd). One that is outside is refused. Nothing is opened to read before it is known to be a plain file: O_PATH opens a
 * named pipe or a device without touching it.
 */
import { constants, type BigIntStats, type PathLike } from "node:fs";
import { lstat, mkdir, open, readlink, type FileHandle } from "node:fs/promises";
import { AppError } from "../failure.ts";
import { done, invalid, notFound, type Outcome } from "../model/problem.ts";
import { codeOf, folderUnavailable } from "./errors.ts";
import { bytesOfName, shownName } from "./name.ts";

/** Linux: a handle that says where something is, without opening it (open(2)). Node has no name for it. */
const O_PATH = 0o10000000;
const asDirectory = O_PATH | constants.O_DIRECTORY;

/** A folder's directory, held open, and where it is. */
export type Root = { readonly handle: FileHandle; readonly path: string };
/** An opened directory of a folder. */
export type Place = { readonly root: Root; readonly handle: FileHandle };

/** @throws AppError FOLDER_UNAVAILABLE where there is none. */
export async function openRoot(path: string, opened: AsyncDisposableStack): Promise<Root> {
  try {
    const handle = opened.use(await open(path, asDirectory));
    return { handle, path: await pathNow(handle) };
  } catch (thrown) {
    throw folderUnavailable(thrown);
  }
}

/** A name for what is open that stays true whatever becomes of its path. */
export const pathOfHandle = (handle: FileHandle): string => `/proc/self/fd/${handle.fd}`;

/** Where it is now. */
const pathNow = (handle: FileHandle): Promise<string> => readlink(pathOfHandle(handle));

/** What has this name in the opened directory; as bytes where the name is no text. */
export function below(handle: FileHandle, name: string): PathLike {
  const path = `${pathOfHandle(handle)}/${name}`;
  if (path.isWellFormed()) return path;
  const bytes = bytesOfName(path);
  if (bytes === null) throw new AppError("INTERNAL", "a name that is no text came past the check of paths");
  return bytes;
}

const isInside = (root: string, resolved: string): boolean => resolved === root || resolved.startsWith(`${root}/`);

/** By where it is, not by what it was opened as. @param root resolved. */
const isHandleInside = async (root: string, handle: FileHandle): Promise<boolean> => isInside(root, await pathNow(handle));

/** Of a place, relative to its folder: the same by whatever links it was reached. */
export async function realPathIn({ root, handle }: Place): Promise<string> {
  return (await pathNow(handle)).slice(root.path.length);
}

export const refusedPath = (message: string, field = "path"): Outcome<never> => invalid([{ path: field, message }]);

type Entering = { readonly field?: string; /** Directories that are missing are made. */ readonly make?: boolean };

/** The directory at these parts. Links that stay inside of the folder are followed. */
export async function enter(
  root: Root,
  parts: readonly string[],
  opened: AsyncDisposableStack,
  { field = "path", make = false }: Entering = {},
): Promise<Outcome<Place>> {
  let current = root.handle;
  for (const [index, name] of parts.entries()) {
    const next = below(current, name);
    if (make) {
      await mkdir(next).catch((thrown: unknown) => {
        if (codeOf(thrown) !== "EEXIST") throw thrown;
      });
    }
    const entered = await open(next, asDirectory).catch((thrown: unknown) => {
      const code = codeOf(thrown);
      if (code === "ENOTDIR" || code === "ENOENT" || code === "ELOOP") return code;
      throw thrown;
    });
    if (typeof entered !== "string") opened.use(entered);
    if (entered === "ENOTDIR") return refusedPath(`leads through ${shownName(name)}, which is a file`, field);
    if (entered === "ENOENT" && !make && (await isAbsent(next))) return notFound(shownName(parts.slice(0, index + 1).join("/")));
    if (typeof entered === "string" || !(await isHandleInside(root.path, entered))) {
      return refusedPath(`must stay inside the folder: ${shownName(name)} is a link that leads out of it`, field);
    }
    // No more than two are open at a time, however deep it goes: a path may have 2000 parts, and a document a thousand paths.
    if (current !== root.handle) await current.close();
    current = entered;
  }
  return done({ root, handle: current });
}

/** What has the name, itself and not what it links to; null where there is nothing. */
export function look(handle: FileHandle, name: string): Promise<BigIntStats | null> {
  return lstat(below(handle, name), { bigint: true }).catch((thrown: unknown) => {
    if (codeOf(thrown) === "ENOENT") return null;
    throw thrown;
  });
}

export const isAbsent = (path: PathLike): Promise<boolean> =>
  lstat(path).then(
    () => false,
    (thrown: unknown) => codeOf(thrown) === "ENOENT",
  );

/** Its directory itself, without following a link; null where it is none, or none any more. */
export async function openDirectory(handle: FileHandle, name: string): Promise<FileHandle | null> {
  return open(below(handle, name), asDirectory | constants.O_NOFOLLOW).catch((thrown: unknown) => {
    const code = codeOf(thrown);
    if (code === "ENOTDIR" || code === "ENOENT" || code === "ELOOP") return null;
    throw thrown;
  });
}

export type Found = "leadsOut" | "missing" | "directory" | "other" | { readonly handle: FileHandle; readonly stats: BigIntStats };

/** A plain file, opened for reading; a link is followed where it stays inside. What else has the name is never opened. */
export async function openFile({ root, handle }: Place, name: string, opened: AsyncDisposableStack, follow = true): Promise<Found> {
  const flags = O_PATH | (follow ? 0 : constants.O_NOFOLLOW);
  const found = await open(below(handle, name), flags).catch((thrown: unknown) => {
    const code = codeOf(thrown);
    if (code === "ENOENT" || code === "ELOOP" || code === "ENOTDIR") return null;
    throw thrown;
  });
  if (found === null) return (await isAbsent(below(handle, name))) ? "missing" : "leadsOut";
  await using place = found;
  if (!(await isHandleInside(root.path, place))) return "leadsOut";
  const stats = await place.stat({ bigint: true });
  if (stats.isDirectory()) return "directory";
  if (!stats.isFile()) return "other";
  const readable = opened.use(await open(pathOfHandle(place), constants.O_RDONLY | constants.O_NONBLOCK));
  return { handle: readable, stats: await readable.stat({ bigint: true }) };
}

/** What the link leads to; null where that is nothing, or outside of the folder. */
export async function lookThrough(root: Root, handle: FileHandle, name: string): Promise<BigIntStats | null> {
  try {
    await using target = await open(below(handle, name), O_PATH);
    return (await isHandleInside(root.path, target)) ? await target.stat({ bigint: true }) : null;
  } catch (thrown) {
    const code = codeOf(thrown);
    if (code === "ENOENT" || code === "ELOOP" || code === "ENOTDIR" || code === "EACCES") return null;
    throw thrown;
  }
}

/** An opened directory as if it were a folder by itself: what is above it is outside. */
export async function rootAt({ handle }: Place): Promise<Root> {
  return { handle, path: await pathNow(handle) };
}
