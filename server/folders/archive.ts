/**
 * A directory as one stream: a tar or a zip, entry by entry as it is read and as fast as it is taken, never held as a whole.
 *
 * Nothing is followed. A link is stored as a link, if it is relative and leads to something inside of what is packed; others are left
 * out, and so are devices, sockets and pipes. Each file has the length in the archive that it had when its turn came: what is written
 * meanwhile is not in it, and one that has become shorter ends the stream, because an archive that is cut off is seen to be, and a file
 * filled with zeros is not.
 */
import type { BigIntStats } from "node:fs";
import { opendir, readlink, type FileHandle } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { dateOf } from "./entry.ts";
import { shownName, textOfName } from "./name.ts";
import { uploadPrefix } from "./path.ts";
import { tarOf } from "./tar.ts";
import { below, look, openDirectory, openFile, pathOfHandle, lookThrough, type Root } from "./walk.ts";
import { zipOf } from "./zip.ts";

export const archiveFormats = ["tar", "zip"] as const;
type ArchiveFormat = (typeof archiveFormats)[number];

export type ArchiveEntry = { readonly path: string; readonly mode: number; readonly mtime: Date } & (
  | { readonly kind: "directory" }
  | { readonly kind: "link"; readonly target: string }
  /** Open until the next entry is asked for. */
  | { readonly kind: "file"; readonly handle: FileHandle; readonly size: number }
);

/** Names are found this deep. */
const depthMax = 256;
/** As many as a list shows. */
const namesMax = 1_000_000;
const pieceBytes = 64 * 1024;

/** @param root what is packed. @param name what its entries begin with. Resolves when everything is packed; rejects where the output is gone. */
export async function sendArchive(root: Root, name: string, format: ArchiveFormat, output: NodeJS.WritableStream): Promise<void> {
  const entries = entriesOf(root, root.handle, name, 0);
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

async function* entriesOf(root: Root, directory: FileHandle, path: string, depth: number): AsyncGenerator<ArchiveEntry> {
  if (depth > depthMax) throw new Error(`${path} lies deeper than ${depthMax} directories`);
  yield { kind: "directory", path, ...metadataOf(await directory.stat({ bigint: true })) };
  for (const name of await namesIn(directory)) {
    const stats = await look(directory, name);
    const inner = `${path}/${shownName(name)}`;
    if (stats === null) continue;
    if (stats.isSymbolicLink()) {
      const target = await linkTarget(root, directory, name);
      if (target !== null) yield { kind: "link", path: inner, target, ...metadataOf(stats) };
    } else if (stats.isDirectory()) {
      const opened = await openDirectory(directory, name);
      if (opened === null) continue;
      await using entered = opened;
      yield* entriesOf(root, entered, inner, depth + 1);
    } else if (stats.isFile()) {
      await using opened = new AsyncDisposableStack();
      const file = await openFile({ root, handle: directory }, name, opened, false);
      if (typeof file === "string") continue;
      yield { kind: "file", path: inner, handle: file.handle, size: Number(file.stats.size), ...metadataOf(file.stats) };
    }
  }
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

async function linkTarget(root: Root, directory: FileHandle, name: string): Promise<string | null> {
  const target = textOfName(await readlink(below(directory, name), { encoding: "buffer" }));
  return !target.startsWith("/") && target.isWellFormed() && (await lookThrough(root, directory, name)) !== null ? target : null;
}
