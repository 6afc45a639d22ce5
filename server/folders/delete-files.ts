/**
 * Deletes files and whole directories of a folder; links themselves, never what they lead to.
 *
 * All paths are looked at first: where one is missing, nothing is deleted. A directory is first moved to a hidden name at the top of the
 * folder, so that it is gone at once and as a whole, and then emptied there from within, by opened directories. What lies deeper than
 * `depthMax` is moved to the top likewise, so that no tree is too deep. What a crash leaves has a hidden name and is swept (sweep.ts).
 */
import { randomBytes } from "node:crypto";
import { opendir, rename, rm, rmdir, unlink, type FileHandle } from "node:fs/promises";
import { done, invalid, notFound, type Outcome } from "../model/problem.ts";
import { codeOf } from "./errors.ts";
import { inParallel } from "./in-parallel.ts";
import { shownName, textOfName } from "./name.ts";
import { splitPresentPath, uploadPrefix } from "./path.ts";
import { below, enter, look, openDirectory, pathOfHandle, type Root } from "./walk.ts";
import { keyOf, refusalOf, type Target } from "./write-file.ts";

const pathsMax = 1000;
const depthMax = 32;
const atOnce = 16;
const namesAtOnce = 1024;
/** A session may go on writing into what is being deleted. */
const roundsMax = 10;

export const gonePrefix = `${uploadPrefix}gone-`;

/** @returns the paths, as they were given. */
export async function deleteFilesIn(root: Root, paths: readonly string[]): Promise<Outcome<readonly string[]>> {
  if (paths.length === 0 || paths.length > pathsMax) return invalid([{ path: "paths", message: `must be 1 to ${pathsMax} paths` }]);
  for (const path of paths) {
    const present = await withEntry(root, path, async () => {});
    if (!present.ok) return present;
  }
  const gone: string[] = [];
  for (const path of paths) {
    // Whatever has gone meanwhile, or with a directory above it, is deleted as well.
    await withEntry(root, path, async (handle, name, isDirectory) => {
      if (isDirectory) gone.push(await moveAside(root, handle, name));
      else await unlink(below(handle, name)).catch(unless("ENOENT"));
    });
  }
  for (const name of gone) await removeTree(root, name);
  return done(paths);
}

/** One plain file, if it is still one of those that its deleter has seen. */
export async function deleteKnownFileIn({ root, folder, exclusively }: Target, path: string, etags: readonly string[]): Promise<Outcome<null>> {
  const parts = splitPresentPath(path);
  if (!parts.ok) return parts;
  await using opened = new AsyncDisposableStack();
  const parent = await enter(root, parts.value.slice(0, -1), opened);
  if (!parent.ok) return parent;
  const name = parts.value.at(-1) ?? "";
  return await exclusively([await keyOf(folder, parent.value, name)], async () => {
    const refused = await refusalOf(parent.value, name, shownName(path), { kind: "etags", etags });
    if (refused !== null) return refused;
    await unlink(below(parent.value.handle, name));
    return done(null);
  });
}

type Act = (handle: FileHandle, name: string, isDirectory: boolean) => Promise<void>;

async function withEntry(root: Root, path: string, act: Act): Promise<Outcome<null>> {
  const parts = splitPresentPath(path, "paths");
  if (!parts.ok) return parts;
  await using opened = new AsyncDisposableStack();
  const place = await enter(root, parts.value.slice(0, -1), opened, { field: "paths" });
  if (!place.ok) return place;
  const name = parts.value.at(-1) ?? "";
  const stats = await look(place.value.handle, name);
  if (stats === null) return notFound(shownName(path));
  await act(place.value.handle, name, stats.isDirectory());
  return done(null);
}

async function moveAside(root: Root, handle: FileHandle, name: string): Promise<string> {
  const hidden = `${gonePrefix}${randomBytes(8).toString("hex")}`;
  await rename(below(handle, name), below(root.handle, hidden));
  return hidden;
}

/** Removes what is at the top of the folder: a directory with everything in it, or anything else. Nothing happens where there is none. */
export async function removeTree(root: Root, name: string): Promise<void> {
  const waiting = [name];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    await removeDirectory(root.handle, next, 0, async (handle, deep) => void waiting.push(await moveAside(root, handle, deep)));
  }
}

type TooDeep = (handle: FileHandle, name: string) => Promise<void>;

async function removeDirectory(parent: FileHandle, name: string, depth: number, tooDeep: TooDeep): Promise<void> {
  for (let round = 1; ; round += 1) {
    const opened = await openDirectory(parent, name);
    // Gone, or a session has put something else in its place.
    if (opened === null) return rm(below(parent, name), { force: true }).catch(unless("EISDIR", "ERR_FS_EISDIR"));
    await using directory = opened;
    for await (const names of namesIn(directory)) await removeEntries(directory, names, depth, tooDeep);
    const removed = await rmdir(below(parent, name)).then(
      () => true,
      (thrown: unknown) => {
        const code = codeOf(thrown);
        if (code === "ENOENT" || code === "ENOTDIR") return true;
        if (code === "ENOTEMPTY" && round < roundsMax) return false;
        throw thrown;
      },
    );
    if (removed) return;
  }
}

async function removeEntries(directory: FileHandle, names: readonly string[], depth: number, tooDeep: TooDeep): Promise<void> {
  const directories: string[] = [];
  await inParallel(atOnce, names, (entry) =>
    unlink(below(directory, entry)).catch((thrown: unknown) => {
      // Linux says the one, POSIX allows the other.
      if (codeOf(thrown) === "EISDIR" || codeOf(thrown) === "EPERM") directories.push(entry);
      else if (codeOf(thrown) !== "ENOENT") throw thrown;
    }),
  );
  for (const entry of directories) {
    if (depth + 1 < depthMax) await removeDirectory(directory, entry, depth + 1, tooDeep);
    else await tooDeep(directory, entry);
  }
}

async function* namesIn(directory: FileHandle): AsyncGenerator<readonly string[]> {
  let names: string[] = [];
  const options = { encoding: "buffer", bufferSize: namesAtOnce } as unknown as { bufferSize: number };
  for await (const entry of await opendir(pathOfHandle(directory), options)) {
    names.push(textOfName(entry.name as unknown as Buffer));
    if (names.length < namesAtOnce) continue;
    yield names;
    names = [];
  }
  yield names;
}

const unless =
  (...expected: readonly string[]) =>
  (thrown: unknown): void => {
    if (!expected.includes(codeOf(thrown) ?? "")) throw thrown;
  };
