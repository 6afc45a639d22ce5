/** What a folder shows of a file, a directory, a link or of anything else that has a name in it. */
import type { BigIntStats, Stats } from "node:fs";
import { lookAlikeOf } from "../model/definition-names.ts";
import { etagOf } from "./etag.ts";
import { look, type Place, staysInside } from "./walk.ts";

export const fileKinds = ["FILE", "DIRECTORY", "LINK", "OTHER"] as const;
export type FileKind = (typeof fileKinds)[number];

export type FileEntry = {
  /** From the folder, with `/`. */
  readonly path: string;
  readonly name: string;
  readonly kind: FileKind;
  /** Bytes; null but for files. */
  readonly size: number | null;
  readonly modifiedAt: Date;
  /** Null but for files. */
  readonly etag: string | null;
  /** What a user should know before relying on it. */
  readonly warning: string | null;
};

type Kinds = Pick<Stats, "isFile" | "isDirectory" | "isSymbolicLink">;

export function kindOf(kinds: Kinds): FileKind {
  if (kinds.isFile()) return "FILE";
  if (kinds.isDirectory()) return "DIRECTORY";
  return kinds.isSymbolicLink() ? "LINK" : "OTHER";
}

/** A session can set any time, also one that no calendar here reaches. */
const timeMsMax = 8.64e15;
export const dateOf = (mtimeMs: bigint): Date => new Date(Math.min(Math.max(Number(mtimeMs), -timeMsMax), timeMsMax));

const joined = (directory: string, name: string): string => (directory === "" ? name : `${directory}/${name}`);

/** @param directory the place's path as the user gave it. Null: there is nothing of that name. */
export async function entryAt(place: Place, directory: string, name: string): Promise<FileEntry | null> {
  const stats = await look(place.handle, name);
  return stats === null ? null : entryOf(place, directory, name, stats);
}

export async function entryOf(place: Place, directory: string, name: string, stats: BigIntStats): Promise<FileEntry> {
  const kind = kindOf(stats);
  const isFile = kind === "FILE";
  const leadsOut = kind === "LINK" && !(await staysInside(place.root, place.handle, name));
  return {
    path: joined(directory, name),
    name,
    kind,
    size: isFile ? Number(stats.size) : null,
    modifiedAt: dateOf(stats.mtimeMs),
    etag: isFile ? etagOf(stats) : null,
    warning: leadsOut ? "This link leads to nothing, or out of the folder: it is not followed." : warningOf(directory, name),
  };
}

function warningOf(directory: string, name: string): string | null {
  if (!name.isWellFormed()) return "The name is not UTF-8: rename it, so that every program can open it.";
  const right = directory === "" ? lookAlikeOf(name) : null;
  return right === null ? null : `This is not read as the model definition: its name must be ${right}.`;
}
