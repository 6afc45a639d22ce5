/**
 * Writes one file of a folder: complete or not at all, and never outside of it.
 *
 * The content goes to a new file beside the target, which then takes the target's name: a reader sees the old content or the
 * new one. Each parent is resolved before it is entered, because a session may have left symbolic links in its folder;
 * one that leads out is refused, and the target itself is replaced, never followed.
 */
import { createHash, randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { lstat, mkdir, open, realpath, rename, rm } from "node:fs/promises";
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
  const parent = await enterParents(root, parts.value.slice(0, -1));
  if (!parent.ok) return parent;

  const target = join(parent.value, parts.value.at(-1) ?? "");
  const present = await lstat(target).catch(() => null);
  if (present !== null && !present.isFile()) {
    return refusedPath(present.isDirectory() ? "names a directory" : "names something that is not a plain file");
  }
  if (ifMatch !== null && (present === null || ifMatch !== (await etagOf(target)))) {
    return conflict(present === null ? `There is no ${path} yet.` : `${path} has changed since it was read.`);
  }
  await replaceFile(parent.value, target, bytes, present === null ? 0o644 : present.mode & 0o777);
  return done({ path, size: bytes.length, etag: etag(bytes) });
}

const refusedPath = (message: string): Outcome<never> => invalid([{ path: "path", message }]);

async function enterParents(root: string, parents: readonly string[]): Promise<Outcome<string>> {
  let current = root;
  for (const name of parents) {
    const next = join(current, name);
    await mkdir(next).catch((thrown: unknown) => {
      if (codeOf(thrown) !== "EEXIST") throw thrown;
    });
    const resolved = await realpath(next).catch(() => null);
    if (resolved === null || !isInside(root, resolved)) return refusedPath(`must stay inside the folder: ${name} is a link that leads out of it`);
    if (!(await lstat(resolved)).isDirectory()) return refusedPath(`leads through ${name}, which is a file`);
    current = resolved;
  }
  return done(current);
}

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
