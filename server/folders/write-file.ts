/**
 * Writes one file of a folder: complete or not at all, and never outside of it.
 *
 * The content goes to a file of its own at the top of the folder, which then takes the target's name: a reader sees the old content or
 * the new one, and whatever is left of a crash lies in one place. Whether the target is still what the writer has seen is asked and
 * acted upon alone (exclusively.ts). The target itself is replaced, never followed.
 */
import { randomBytes } from "node:crypto";
import { constants, type PathLike } from "node:fs";
import { open, rename, rm, type FileHandle } from "node:fs/promises";
import { conflict, done, invalid, type Outcome } from "../model/problem.ts";
import { entryOf, type FileEntry } from "./entry.ts";
import { etagOf } from "./etag.ts";
import type { Exclusively } from "./exclusively.ts";
import { splitPath, uploadPrefix } from "./path.ts";
import { below, enter, look, realPathIn, refusedPath, type Place, type Root } from "./walk.ts";

const contentBytesMax = 1024 * 1024;

export type FileWish = { readonly path: string; readonly content: string; readonly ifMatch: string | null };

/** What the writer believes to be at the path. */
export type Expected =
  | { readonly kind: "anything" }
  | { readonly kind: "nothing" }
  | { readonly kind: "something" }
  | { readonly kind: "etags"; readonly etags: readonly string[] };

/** Complete, and nowhere to be seen yet. `path`: on the folders' disk, so that taking a name is one step. */
export type Staged = { readonly handle: FileHandle; readonly path: PathLike };

/** Where to write. `folder`: what the locks of its paths are called by, in the whole installation. */
export type Target = { readonly root: Root; readonly folder: string; readonly exclusively: Exclusively };

/** By what exclusively.ts knows a name: where it is, by whatever links its writers came. */
export const keyOf = async (folder: string, place: Place, name: string): Promise<string> => `${folder}${await realPathIn(place)}/${name}`;

export function checkContent({ content }: FileWish): Outcome<Buffer> {
  const bytes = Buffer.from(content);
  if (bytes.length <= contentBytesMax) return done(bytes);
  return invalid([{ path: "content", message: `must be ${contentBytesMax / 1024} KiB or less; larger files are put into the folder directly` }]);
}

export async function writeFileIn(target: Target, path: string, bytes: Buffer, expected: Expected): Promise<Outcome<FileEntry>> {
  const refused = await refusalAt(target.root, path, expected);
  if (refused !== null) return refused;
  await using opened = new AsyncDisposableStack();
  const staged = await stage(target.root, opened);
  await staged.handle.writeFile(bytes);
  return await putInPlace(target, staged, path, expected);
}

/** What can be said before the bytes have come, so that nobody sends 50 GB for nothing; it is asked again when they are there. */
export async function refusalAt(root: Root, path: string, expected: Expected): Promise<Outcome<never> | null> {
  const parts = splitPath(path);
  if (!parts.ok) return parts;
  await using opened = new AsyncDisposableStack();
  const parent = await enter(root, parts.value.slice(0, -1), opened);
  if (parent.ok) return await refusalOf(parent.value, parts.value.at(-1) ?? "", path, expected);
  return parent.refusal.kind === "notFound" ? refusalWhereAbsent(path, expected) : parent;
}

/** A new file that nobody sees; removed at the end, unless it has taken a name by then. */
export async function stage({ handle }: Root, opened: AsyncDisposableStack): Promise<Staged> {
  const path = below(handle, `${uploadPrefix}${randomBytes(8).toString("hex")}`);
  const file = await open(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW, 0o600);
  opened.defer(() => rm(path, { force: true }));
  return { handle: opened.use(file), path };
}

/** The staged file takes the target's name, if there is what was expected. */
export async function putInPlace(target: Target, staged: Staged, path: string, expected: Expected): Promise<Outcome<FileEntry>> {
  const parts = splitPath(path);
  if (!parts.ok) return parts;
  const name = parts.value.at(-1) ?? "";
  await using opened = new AsyncDisposableStack();
  const parent = await enter(target.root, parts.value.slice(0, -1), opened, { make: true });
  if (!parent.ok) return parent;
  const { handle } = parent.value;
  await staged.handle.sync();
  return await target.exclusively([await keyOf(target.folder, parent.value, name)], async () => {
    const refused = await refusalOf(parent.value, name, path, expected);
    if (refused !== null) return refused;
    const present = await look(handle, name);
    await staged.handle.chmod(present === null ? 0o644 : Number(present.mode) & 0o777);
    await rename(staged.path, below(handle, name));
    return done(await entryOf(parent.value, parts.value.slice(0, -1).join("/"), name, await staged.handle.stat({ bigint: true })));
  });
}

/** Where there is something else than was expected. */
export async function refusalOf({ handle }: Place, name: string, path: string, expected: Expected): Promise<Outcome<never> | null> {
  const present = await look(handle, name);
  if (present !== null && !present.isFile()) {
    return refusedPath(present.isDirectory() ? "names a directory" : "names something that is not a plain file");
  }
  switch (expected.kind) {
    case "anything":
      return null;
    case "nothing":
      return present === null ? null : conflict(`There is a file ${path} already.`);
    case "something":
      return present === null ? refusalWhereAbsent(path, expected) : null;
    case "etags":
      if (present === null) return refusalWhereAbsent(path, expected);
      return expected.etags.includes(etagOf(present)) ? null : conflict(`${path} has changed since it was read.`);
  }
}

const refusalWhereAbsent = (path: string, { kind }: Expected): Outcome<never> | null =>
  kind === "etags" || kind === "something" ? conflict(`There is no ${path} yet.`) : null;
