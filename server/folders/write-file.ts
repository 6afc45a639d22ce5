/**
 * Writes one file of a folder: complete or not at all, and never outside of it.
 *
 * The content goes to a new file beside the target, which then takes the target's name: a reader sees the old content or the
 * new one. Sessions leave symbolic links in their folder and may swap a directory for one at any moment. So each parent is opened
 * first and then asked where it is: what is held open cannot be swapped any more, and everything below it is named through it
 * (/proc/self/fd). One that is outside is refused; the target itself is replaced, never followed.
 */
import { createHash, randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { lstat, mkdir, open, readlink, rename, rm, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { conflict, done, invalid, type Outcome } from "../model/problem.ts";
import { codeOf } from "./errors.ts";
import { splitPath, uploadPrefix } from "./path.ts";

const contentBytesMax = 1024 * 1024;

export type WrittenFile = { readonly path: string; readonly size: number; readonly etag: string };
export type FileWish = { readonly path: string; readonly content: string; readonly ifMatch: string | null };

/** @param root the folder's directory, resolved. */
export async function writeFileIn(root: string, { path, content, ifMatch }: FileWish): Promise<Outcome<WrittenFile>> {
  const parts = splitPath(path);
  if (!parts.ok) return parts;
  const bytes = Buffer.from(content);
  if (bytes.length > contentBytesMax) {
    return invalid([{ path: "content", message: `must be ${contentBytesMax / 1024} KiB or less; larger files are put into the folder directly` }]);
  }
  await using opened = new AsyncDisposableStack();
  const parent = await enterParents(root, parts.value.slice(0, -1), opened);
  if (!parent.ok) return parent;

  const directory = pathOfHandle(parent.value);
  const target = join(directory, parts.value.at(-1) ?? "");
  const present = await lstat(target).catch(() => null);
  if (present !== null && !present.isFile()) {
    return refusedPath(present.isDirectory() ? "names a directory" : "names something that is not a plain file");
  }
  if (ifMatch !== null && (present === null || ifMatch !== (await etagOf(target)))) {
    return conflict(present === null ? `There is no ${path} yet.` : `${path} has changed since it was read.`);
  }
  await replaceFile(directory, target, bytes, present === null ? 0o644 : present.mode & 0o777);
  return done({ path, size: bytes.length, etag: etag(bytes) });
}

const refusedPath = (message: string): Outcome<never> => invalid([{ path: "path", message }]);

async function enterParents(root: string, parents: readonly string[], opened: AsyncDisposableStack): Promise<Outcome<FileHandle>> {
  const enter = async (path: string) => opened.use(await open(path, constants.O_RDONLY | constants.O_DIRECTORY));
  let current = await enter(root);
  for (const name of parents) {
    const next = join(pathOfHandle(current), name);
    await mkdir(next).catch((thrown: unknown) => {
      if (codeOf(thrown) !== "EEXIST") throw thrown;
    });
    const entered = await enter(next).catch((thrown: unknown) => {
      const code = codeOf(thrown);
      if (code === "ENOTDIR" || code === "ENOENT" || code === "ELOOP") return code;
      throw thrown;
    });
    if (entered === "ENOTDIR") return refusedPath(`leads through ${name}, which is a file`);
    if (typeof entered === "string" || !(await isHandleInside(root, entered))) {
      return refusedPath(`must stay inside the folder: ${name} is a link that leads out of it`);
    }
    current = entered;
  }
  return done(current);
}

/** A name for what is open that stays true whatever becomes of its path. */
const pathOfHandle = (handle: FileHandle): string => `/proc/self/fd/${handle.fd}`;

/** By where it is, not by what it was opened as. */
export const isHandleInside = async (root: string, handle: FileHandle): Promise<boolean> => isInside(root, await readlink(pathOfHandle(handle)));

export const isInside = (root: string, resolved: string): boolean => resolved === root || resolved.startsWith(`${root}/`);

async function replaceFile(directory: string, target: string, bytes: Buffer, mode: number): Promise<void> {
  const upload = join(directory, `${uploadPrefix}${randomBytes(8).toString("hex")}`);
  try {
    await using file = await open(upload, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW, 0o600);
    await file.writeFile(bytes);
    await file.chmod(mode);
    await file.sync();
    await rename(upload, target);
  } catch (thrown) {
    await rm(upload, { force: true });
    throw thrown;
  }
}

async function etagOf(file: string): Promise<string> {
  await using handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const hash = createHash("sha256");
  for await (const chunk of handle.createReadStream({ autoClose: false })) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

const etag = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
