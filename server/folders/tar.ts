/**
 * Entries as a tar: ustar headers, and before them pax records (POSIX.1-2001) for a name, a target or a length that does not fit.
 * Written here, because what is there (tar-stream) holds the headers of directories and links until somebody reads them: 100,000
 * empty directories and a reader who does not read took 300 MB.
 */
import type { ArchiveEntry } from "./archive.ts";

const blockBytes = 512;
const nameBytesMax = 100;
/** Eleven octal digits. */
const numberMax = 0o77777777777;

export async function* tarOf(entries: AsyncIterable<ArchiveEntry>): AsyncGenerator<Buffer> {
  for await (const entry of entries) {
    yield headersOf(entry);
    if (entry.kind !== "file") continue;
    yield* entry.content;
    yield paddingAfter(entry.size);
  }
  yield Buffer.alloc(2 * blockBytes);
}

function headersOf(entry: ArchiveEntry): Buffer {
  const name = entry.kind === "directory" ? `${entry.path}/` : entry.path;
  const target = entry.kind === "link" ? entry.target : "";
  const size = entry.kind === "file" ? entry.size : 0;
  const own = header({ ...entry, name, target, size, type: types[entry.kind] });
  const records = [
    ...(isPlain(name) ? [] : [record("path", name)]),
    ...(isPlain(target) ? [] : [record("linkpath", target)]),
    ...(size <= numberMax ? [] : [record("size", String(size))]),
  ].join("");
  if (records === "") return own;
  const bytes = Buffer.from(records);
  const extended = header({ ...entry, name: "PaxHeader", target: "", size: bytes.length, type: "x" });
  return Buffer.concat([extended, bytes, paddingAfter(bytes.length), own]);
}

const types = { file: "0", link: "2", directory: "5" } as const;

const isPlain = (text: string): boolean => text.length <= nameBytesMax && /^[\x20-\x7e]*$/.test(text);

/** Its length is told in front, and counts its own digits. */
function record(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  let length = bytes;
  while (length !== bytes + String(length).length) length = bytes + String(length).length;
  return `${length}${rest}`;
}

type Header = Pick<ArchiveEntry, "mode" | "mtime"> & { readonly name: string; readonly target: string; readonly size: number; readonly type: string };

/** Source: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html (ustar Interchange Format) */
function header({ name, mode, mtime, size, type, target }: Header): Buffer {
  const block = Buffer.alloc(blockBytes);
  block.write(name, 0, nameBytesMax);
  block.write(octal(mode, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(size, 11), 124);
  block.write(octal(Math.floor(mtime.getTime() / 1000), 11), 136);
  block.write(" ".repeat(8), 148);
  block.write(type, 156);
  block.write(target, 157, nameBytesMax);
  block.write("ustar\u000000", 257);
  block.write(
    `${octal(
      block.reduce((sum, byte) => sum + byte, 0),
      6,
    )}\0`,
    148,
  );
  return block;
}

/** What does not fit is as near as there is. */
const octal = (value: number, digits: number): string =>
  Math.min(Math.max(value, 0), 8 ** digits - 1)
    .toString(8)
    .padStart(digits, "0");

const paddingAfter = (bytes: number): Buffer => Buffer.alloc((blockBytes - (bytes % blockBytes)) % blockBytes);
