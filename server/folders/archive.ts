/**
 * A directory as one stream: a tar or a zip, entry by entry as it is read, never held as a whole.
 *
 * Nothing is followed. A link is stored as a link, if it is relative and leads to something inside of what is packed; others are left
 * out, and so are devices, sockets and pipes. Each file has the length in the archive that it had when its turn came: what is written
 * meanwhile is not in it, and one that has become shorter ends the stream, because an archive that is cut off is seen to be, and a file
 * filled with zeros is not.
 */
import type { BigIntStats } from "node:fs";
import { opendir, readlink, type FileHandle } from "node:fs/promises";
import { Readable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import { pack as createPack, type Pack } from "tar-stream";
import { ZipFile } from "yazl";
import { shownName, textOfName } from "./name.ts";
import { uploadPrefix } from "./path.ts";
import { bytesOf } from "./read-file.ts";
import { below, look, openDirectory, openFile, pathOfHandle, staysInside, type Root } from "./walk.ts";

export const archiveFormats = ["tar", "zip"] as const;
export type ArchiveFormat = (typeof archiveFormats)[number];

type Entry = { readonly path: string; readonly mode: number; readonly mtime: Date } & (
  | { readonly kind: "directory" }
  | { readonly kind: "link"; readonly target: string }
  /** Open until the next entry is asked for. */
  | { readonly kind: "file"; readonly handle: FileHandle; readonly size: number }
);

/** Names are found this deep. */
const depthMax = 256;

/** @param root what is packed. @param name what its entries begin with. Resolves when everything is packed; rejects where the output is gone. */
export async function sendArchive(root: Root, name: string, format: ArchiveFormat, output: NodeJS.WritableStream): Promise<void> {
  const entries = entriesOf(root, root.handle, name, 0);
  const packing = format === "tar" ? packTar(entries) : packZip(entries);
  try {
    await Promise.all([pipeline(packing.stream, output), packing.done]);
  } finally {
    packing.stream.destroy();
    await packing.done.catch(() => {});
  }
}

async function* entriesOf(root: Root, directory: FileHandle, path: string, depth: number): AsyncGenerator<Entry> {
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

const metadataOf = ({ mode, mtimeMs }: BigIntStats) => ({ mode: Number(mode) & 0o777, mtime: new Date(Number(mtimeMs)) });

async function namesIn(directory: FileHandle): Promise<string[]> {
  const names: string[] = [];
  const options = { encoding: "buffer", bufferSize: 1024 } as unknown as { bufferSize: number };
  for await (const entry of await opendir(pathOfHandle(directory), options)) {
    const name = textOfName(entry.name as unknown as Buffer);
    if (!name.startsWith(uploadPrefix)) names.push(name);
  }
  return names.sort();
}

async function linkTarget(root: Root, directory: FileHandle, name: string): Promise<string | null> {
  const target = textOfName(await readlink(below(directory, name), { encoding: "buffer" }));
  return !target.startsWith("/") && target.isWellFormed() && (await staysInside(root, directory, name)) ? target : null;
}

type Packing = { readonly stream: Readable; readonly done: Promise<void> };

function packTar(entries: AsyncGenerator<Entry>): Packing {
  const pack = createPack();
  const done = (async () => {
    try {
      for await (const entry of entries) {
        if (pack.destroyed) return;
        await addToTar(pack, entry);
      }
      pack.finalize();
    } catch (thrown) {
      pack.destroy(thrown as Error);
      throw thrown;
    }
  })();
  done.catch(() => {});
  return { stream: pack as unknown as Readable, done };
}

async function addToTar(pack: Pack, entry: Entry): Promise<void> {
  const { path, mode, mtime } = entry;
  switch (entry.kind) {
    case "directory":
      pack.entry({ name: `${path}/`, type: "directory", mode, mtime });
      return;
    case "link":
      pack.entry({ name: path, type: "symlink", linkname: entry.target, mode, mtime });
      return;
    case "file": {
      const sink = pack.entry({ name: path, type: "file", size: entry.size, mode, mtime });
      await pipeline(bytesOf(entry.handle, 0, entry.size), sink);
    }
  }
}

const directoryBits = 0o040000;
const linkBits = 0o120000;
const fileBits = 0o100000;

function packZip(entries: AsyncGenerator<Entry>): Packing {
  const zip = new ZipFile();
  const stream = zip.outputStream as Readable;
  // What it says is heard where its output ends.
  zip.on("error", (thrown: Error) => stream.destroy(thrown));
  const done = (async () => {
    try {
      for await (const entry of entries) {
        if (stream.destroyed) return;
        await addToZip(zip, entry, stream);
      }
      zip.end();
    } catch (thrown) {
      stream.destroy(thrown as Error);
      throw thrown;
    }
  })();
  done.catch(() => {});
  return { stream, done };
}

/** Stored as they are: models do not get smaller, and whoever wants it smaller takes a tar and packs it. */
async function addToZip(zip: ZipFile, entry: Entry, output: Readable): Promise<void> {
  const { path, mode, mtime } = entry;
  switch (entry.kind) {
    case "directory":
      return zip.addEmptyDirectory(path, { mtime, mode: directoryBits | mode });
    case "link":
      return zip.addBuffer(Buffer.from(entry.target), path, { mtime, mode: linkBits | mode, compress: false });
    case "file": {
      const source = Readable.from(bytesOf(entry.handle, 0, entry.size), { objectMode: false });
      const abandon = (): void => void source.destroy();
      output.once("close", abandon);
      zip.addReadStream(source, path, { mtime, mode: fileBits | mode, compress: false, size: entry.size });
      try {
        await finished(source);
      } finally {
        output.off("close", abandon);
      }
    }
  }
}
