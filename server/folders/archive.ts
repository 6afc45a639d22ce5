/**
 * A directory as one stream: a tar or a zip, entry by entry as it is read and as fast as it is taken, never held as a whole.
 *
 * A link is stored as a link, if it is relative and leads to something inside of what is packed. One that leads to a file elsewhere in the
 * folder, as in a cache of the Hugging Face hub, is packed as that file; other links are left out, and so are devices, sockets and pipes:
 * LEFT-OUT.txt at the end names them (left-out.ts). Each file has the length in the archive that it had when its turn came: what is written
 * meanwhile is not in it, and one that has become shorter ends the stream, because an archive that is cut off is seen to be, and a file
 * filled with zeros is not.
 */
import type { BigIntStats } from "node:fs";
import { opendir, readlink, type FileHandle } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { dateOf } from "./entry.ts";
import { createLeftOut, type LeftOut } from "./left-out.ts";
import { shownName, textOfName } from "./name.ts";
import { uploadPrefix } from "./path.ts";
import { bytesOf } from "./read-file.ts";
import { tarOf } from "./tar.ts";
import { below, look, lookThrough, openDirectory, openFile, pathOfHandle, rootAt, type Place, type Root } from "./walk.ts";
import { zipOf } from "./zip.ts";

export const archiveFormats = ["tar", "zip"] as const;
type ArchiveFormat = (typeof archiveFormats)[number];

export type ArchiveEntry = { readonly path: string; readonly mode: number; readonly mtime: Date } & (
  | { readonly kind: "directory" }
  | { readonly kind: "link"; readonly target: string }
  /** To be read before the next entry is asked for. */
  | { readonly kind: "file"; readonly size: number; readonly content: AsyncIterable<Buffer> }
);

type Packed = { readonly root: Root; readonly folder: Root; readonly leftOut: LeftOut };

/** Names are found this deep. */
const depthMax = 256;
/** As many as a list shows. */
const namesMax = 1_000_000;
const pieceBytes = 64 * 1024;

/** @param place what is packed. @param name what its entries begin with. Resolves when everything is packed; rejects where the output is gone. */
export async function sendArchive(place: Place, name: string, format: ArchiveFormat, output: NodeJS.WritableStream): Promise<void> {
  const entries = allEntries({ root: await rootAt(place), folder: place.root, leftOut: createLeftOut() }, name);
  await pipeline(inPieces(format === "tar" ? tarOf(entries) : zipOf(entries)), output);
}

/** Not each header by itself: there may be a hundred thousand. */
async function* inPieces(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let gathered: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of source) {
    gathered.push(chunk);
    bytes += chunk.length;
    if (bytes < pieceBytes) continue;
    yield gathered.length === 1 ? chunk : Buffer.concat(gathered, bytes);
    [gathered, bytes] = [[], 0];
  }
  yield Buffer.concat(gathered, bytes);
}

async function* allEntries(packed: Packed, name: string): AsyncGenerator<ArchiveEntry> {
  yield* entriesOf(packed, packed.root.handle, name, 0);
  const entry = await packed.leftOut.entry(packed.root, name);
  if (entry !== null) yield entry;
}

/** @param packed what is packed, and the folder that it is in. @param depth 0: what is packed itself. */
async function* entriesOf(packed: Packed, directory: FileHandle, path: string, depth: number): AsyncGenerator<ArchiveEntry> {
  if (depth > depthMax) throw new Error(`${path} lies deeper than ${depthMax} directories`);
  yield { kind: "directory", path, ...metadataOf(await directory.stat({ bigint: true })) };
  for (const name of await namesIn(directory)) {
    const stats = await look(directory, name);
    const inner = `${path}/${shownName(name)}`;
    if (stats === null) continue;
    if (stats.isSymbolicLink()) {
      const target = await linkTarget(packed.root, directory, name, depth);
      if (target === null) yield* fileAt(packed, directory, name, inner, true);
      else yield { kind: "link", path: inner, target, ...metadataOf(stats) };
    } else if (stats.isDirectory()) {
      const opened = await openDirectory(directory, name);
      if (opened === null) continue;
      await using entered = opened;
      yield* entriesOf(packed, entered, inner, depth + 1);
    } else yield* fileAt(packed, directory, name, inner, false);
  }
}

async function* fileAt(
  { folder, leftOut }: Packed,
  directory: FileHandle,
  name: string,
  path: string,
  isLink: boolean,
): AsyncGenerator<ArchiveEntry> {
  await using opened = new AsyncDisposableStack();
  const file = await openFile({ root: folder, handle: directory }, name, opened, isLink);
  if (typeof file !== "string") {
    const size = Number(file.stats.size);
    yield { kind: "file", path, size, content: bytesOf(file.handle, 0, size), ...metadataOf(file.stats) };
  } else if (file === "other") leftOut.add(path, "a device, a socket or a named pipe");
  // What was no link has gone, or was swapped, while it was looked at.
  else if (isLink && file === "directory") leftOut.add(path, "a link to a directory elsewhere in the folder");
  else if (isLink) leftOut.add(path, "a link that leads to nothing, or out of the folder");
}

const metadataOf = ({ mode, mtimeMs }: BigIntStats) => ({ mode: Number(mode) & 0o777, mtime: dateOf(mtimeMs) });

async function namesIn(directory: FileHandle): Promise<string[]> {
  const names: string[] = [];
  const options = { encoding: "buffer", bufferSize: 1024 } as unknown as { bufferSize: number };
  for await (const entry of await opendir(pathOfHandle(directory), options)) {
    const name = textOfName(entry.name as unknown as Buffer);
    if (!name.startsWith(uploadPrefix)) names.push(name);
    if (names.length > namesMax) throw new Error(`a directory has more than ${namesMax} entries`);
  }
  return names.sort();
}

/** Null: to be followed, for what it leads to is not in the archive, or is not named so there. */
async function linkTarget(root: Root, directory: FileHandle, name: string, depth: number): Promise<string | null> {
  const target = textOfName(await readlink(below(directory, name), { encoding: "buffer" }));
  if (target.startsWith("/") || !target.isWellFormed() || climbsOut(target, depth)) return null;
  return (await lookThrough(root, directory, name)) === null ? null : target;
}

/** Above what is packed, and be it only to come back. */
function climbsOut(target: string, depth: number): boolean {
  let level = depth;
  for (const part of target.split("/")) {
    if (part === "..") level -= 1;
    else if (part !== "" && part !== ".") level += 1;
    if (level < 0) return true;
  }
  return false;
}
