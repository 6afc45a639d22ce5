/**
 * Entries as a zip, stored as they are: models do not get smaller, and whoever wants it smaller takes a tar and packs it. Checksums follow
 * the files, and 64 bit wide fields stand where 32 are not enough, so that nothing is read twice and no file is too large.
 *
 * Written here, because what is there (yazl) looks through all its entries for each new one, ends at a name with `\` or a date before
 * 1970, and holds the headers of directories until somebody reads them.
 *
 * Source: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
import { crc32 } from "node:zlib";
import type { ArchiveEntry } from "./archive.ts";

/** Each is remembered in about 100 bytes until the end, where a zip lists them all. */
const entriesMax = 1_000_000;
const wide = 0xffff_ffff;
const version = 45;
const utf8 = 0x0800;
const followed = 0x0008;
const bits = { directory: 0o040000, link: 0o120000, file: 0o100000 };

type Known = { readonly crc: number; readonly size: number };

export async function* zipOf(entries: AsyncIterable<ArchiveEntry>): AsyncGenerator<Buffer> {
  const directory: Buffer[] = [];
  let offset = 0;
  for await (const entry of entries) {
    if (directory.length === entriesMax) throw new Error(`a zip holds ${entriesMax} entries here: the rest is only in the tar`);
    const start = offset;
    const before = entry.kind === "file" ? null : { crc: crc32(contentOf(entry)), size: contentOf(entry).length };
    const local = localHeader(entry, before);
    yield local;
    offset += local.length;
    let known = before ?? { crc: 0, size: 0 };
    if (entry.kind === "file") {
      for await (const chunk of entry.content) {
        // Before it is given away: whoever sends it may free its memory.
        known = { crc: crc32(chunk, known.crc), size: known.size + chunk.length };
        yield chunk;
      }
      const descriptor = descriptorOf(known);
      yield descriptor;
      offset += descriptor.length;
    } else yield contentOf(entry);
    offset += known.size;
    directory.push(centralHeader(entry, known, start));
  }
  yield* directory;
  yield endOf(
    directory.length,
    offset,
    directory.reduce((bytes, { length }) => bytes + length, 0),
  );
}

const contentOf = (entry: ArchiveEntry): Buffer => Buffer.from(entry.kind === "link" ? entry.target : "");
/** `\` would be another `/` to some. */
const nameOf = ({ kind, path }: ArchiveEntry): Buffer => Buffer.from(`${path.replaceAll("\\", "_")}${kind === "directory" ? "/" : ""}`);
const flagsOf = ({ kind }: ArchiveEntry): number => (kind === "file" ? utf8 | followed : utf8);
const isWide = (value: number): boolean => value >= wide;

/** @param known null: what it is follows its bytes. */
function localHeader(entry: ArchiveEntry, known: Known | null): Buffer {
  const name = nameOf(entry);
  const isLarge = entry.kind === "file" && isWide(entry.size);
  const size = isLarge ? wide : (known?.size ?? 0);
  const extra = packed(...timeExtra(entry), ...(isLarge ? wideExtra([0, 0]) : []));
  const fixed = [u32(0x04034b50), u16(version), u16(flagsOf(entry)), u16(0), ...dosTime(entry), u32(known?.crc ?? 0), u32(size), u32(size)];
  return packed(...fixed, u16(name.length), u16(extra.length), name, extra);
}

function descriptorOf({ crc, size }: Known): Buffer {
  const width = isWide(size) ? u64 : u32;
  return packed(u32(0x08074b50), u32(crc), width(size), width(size));
}

function centralHeader(entry: ArchiveEntry, { crc, size }: Known, offset: number): Buffer {
  const name = nameOf(entry);
  const large = [...(isWide(size) ? [size, size] : []), ...(isWide(offset) ? [offset] : [])];
  const extra = packed(...timeExtra(entry), ...(large.length > 0 ? wideExtra(large) : []));
  const narrow = Math.min(size, wide);
  const unix = 3 << 8;
  const fixed = [
    u32(0x02014b50),
    u16(unix | version),
    u16(version),
    u16(flagsOf(entry)),
    u16(0),
    ...dosTime(entry),
    u32(crc),
    u32(narrow),
    u32(narrow),
  ];
  const attributes = ((bits[entry.kind] | entry.mode) << 16) | (entry.kind === "directory" ? 0x10 : 0);
  const rest = [u16(name.length), u16(extra.length), u16(0), u16(0), u16(0), u32(attributes >>> 0), u32(Math.min(offset, wide))];
  return packed(...fixed, ...rest, name, extra);
}

function endOf(entries: number, offset: number, bytes: number): Buffer {
  const last = [u32(0x06054b50), u16(0), u16(0), u16(Math.min(entries, 0xffff)), u16(Math.min(entries, 0xffff))];
  const end = packed(...last, u32(Math.min(bytes, wide)), u32(Math.min(offset, wide)), u16(0));
  if (entries < 0xffff && !isWide(offset) && !isWide(bytes)) return end;
  const record = [u32(0x06064b50), u64(44), u16(version), u16(version), u32(0), u32(0), u64(entries), u64(entries), u64(bytes), u64(offset)];
  const locator = [u32(0x07064b50), u32(0), u64(offset + bytes), u32(1)];
  return packed(...record, ...locator, end);
}

const wideExtra = (values: readonly number[]): readonly Field[] => [u16(0x0001), u16(values.length * 8), ...values.map(u64)];

/** To the second, where 32 bits reach; the old field has years from 1980 to 2107 only. */
function timeExtra({ mtime }: ArchiveEntry): readonly Field[] {
  const seconds = Math.floor(mtime.getTime() / 1000);
  return seconds >= 0 && seconds < 2 ** 31 ? [u16(0x5455), u16(5), Buffer.from([1]), u32(seconds)] : [];
}

const earliest = Date.UTC(1980, 0, 1);
const latest = Date.UTC(2107, 11, 31, 23, 59, 58);

function dosTime({ mtime }: ArchiveEntry): readonly Field[] {
  const date = new Date(Math.min(Math.max(mtime.getTime(), earliest), latest));
  const time = (date.getUTCHours() << 11) | (date.getUTCMinutes() << 5) | (date.getUTCSeconds() >> 1);
  return [u16(time), u16(((date.getUTCFullYear() - 1980) << 9) | ((date.getUTCMonth() + 1) << 5) | date.getUTCDate())];
}

type Field = readonly [bytes: 2 | 4 | 8, value: number] | Buffer;
const u16 = (value: number): Field => [2, value];
const u32 = (value: number): Field => [4, value];
const u64 = (value: number): Field => [8, value];

/** One after the other, the lowest byte first. */
function packed(...fields: readonly Field[]): Buffer {
  const result = Buffer.allocUnsafe(fields.reduce((bytes, field) => bytes + (Buffer.isBuffer(field) ? field.length : field[0]), 0));
  let at = 0;
  for (const field of fields) {
    if (Buffer.isBuffer(field)) at += field.copy(result, at);
    else if (field[0] === 8) at = result.writeBigUInt64LE(BigInt(field[1]), at);
    else at = result.writeUIntLE(field[1], at, field[0]);
  }
  return result;
}
