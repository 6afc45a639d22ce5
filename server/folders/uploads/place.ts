/**
 * A finished upload takes its name in the folder: in one step, and only there.
 *
 * The way is walk.ts's, by directories that are held open, so no link leads out. Where nothing may be replaced, the file is linked to
 * its name, which fails where there is one already, whoever made it a moment ago; elsewhere it is renamed to it. Either can be
 * done again after a crash: what was linked already is known by its inode.
 */
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { link, open, rename, rm, type FileHandle } from "node:fs/promises";
import { conflict, done, type Outcome } from "../../model/problem.ts";
import { codeOf } from "../errors.ts";
import { splitPath } from "../path.ts";
import { below, enter, look, type Place, type Root } from "../walk.ts";
import { keyOf, type Target } from "../write-file.ts";

const readBytes = 1024 * 1024;

export type Wanted = { readonly path: string; /** A plain file that is there may be replaced. */ readonly overwrite: boolean };

/** Would it be accepted as things are now? Nothing is made. @returns the bytes that it would replace. */
export async function checkPlace(root: Root, wanted: Wanted): Promise<Outcome<number>> {
  const present = await presentAt(root, wanted.path);
  if (!present.ok) return present;
  if (present.value === null) return done(0);
  return present.value.isFile() && wanted.overwrite ? done(Number(present.value.size)) : taken(wanted, present.value.isFile());
}

/** Is it there, as long as it should be? Asked where a crash may have come between its placing and the word about it. */
export async function isPlaced(root: Root, path: string, size: number): Promise<boolean> {
  const present = await presentAt(root, path);
  return present.ok && present.value?.isFile() === true && Number(present.value.size) === size;
}

/** @param staged the path of the whole file, on the folder's file system; gone afterwards. @returns the bytes that it replaced. */
export async function place({ root, folder, exclusively }: Target, wanted: Wanted, staged: string): Promise<Outcome<number>> {
  await using opened = new AsyncDisposableStack();
  const entered = await enterParent(root, wanted.path, opened, true);
  if (!entered.ok) return entered;
  const { parent, name } = entered.value;
  const file = opened.use(await open(staged, constants.O_RDWR | constants.O_NOFOLLOW));
  await file.sync();
  // Awaited here: what is held open is closed when this function is left.
  return await exclusively([await keyOf(folder, parent, name)], async () => {
    const present = await look(parent.handle, name);
    if (present !== null && !present.isFile()) return taken(wanted, false);
    const { ino, dev } = await file.stat({ bigint: true });
    if (present !== null && present.ino === ino && present.dev === dev) {
      await rm(staged);
      return done(0);
    }
    if (present !== null && !wanted.overwrite) return taken(wanted, true);
    await file.chmod(present === null ? 0o644 : Number(present.mode) & 0o777);
    if (wanted.overwrite) await rename(staged, below(parent.handle, name));
    else if (!(await linkTo(staged, parent.handle, name))) return taken(wanted, true);
    return done(present === null ? 0 : Number(present.size));
  });
}

/** False where the name is taken. */
async function linkTo(staged: string, directory: FileHandle, name: string): Promise<boolean> {
  try {
    await link(staged, below(directory, name));
  } catch (thrown) {
    const code = codeOf(thrown);
    if (code === "EEXIST") return false;
    // Some shared file systems have no links. There, it was looked at a moment ago.
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"].includes(code ?? "")) throw thrown;
    await rename(staged, below(directory, name));
    return true;
  }
  await rm(staged);
  return true;
}

/** Through one buffer: 50 GB are looked at in the same memory as 50 KB. */
export async function sha256Of(path: string): Promise<string> {
  await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafeSlow(readBytes);
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
    if (bytesRead === 0) return hash.digest("hex");
    hash.update(buffer.subarray(0, bytesRead));
  }
}

async function presentAt(root: Root, path: string) {
  await using opened = new AsyncDisposableStack();
  const entered = await enterParent(root, path, opened, false);
  if (entered.ok) return done(await look(entered.value.parent.handle, entered.value.name));
  return entered.refusal.kind === "notFound" ? done(null) : entered;
}

type Entered = { readonly parent: Place; readonly name: string };

async function enterParent(root: Root, path: string, opened: AsyncDisposableStack, make: boolean): Promise<Outcome<Entered>> {
  const parts = splitPath(path);
  if (!parts.ok) return parts;
  const parent = await enter(root, parts.value.slice(0, -1), opened, { make });
  return parent.ok ? done({ parent: parent.value, name: parts.value.at(-1) ?? "" }) : parent;
}

const taken = ({ path }: Wanted, isFile: boolean): Outcome<never> =>
  conflict(isFile ? `There is a file ${path} already: to replace it, say overwrite.` : `${path} is there already, and is no plain file.`);
