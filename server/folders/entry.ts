/** What a folder shows of a file, a directory, a link or of anything else that has a name in it. */
import type { BigIntStats, Stats } from "node:fs";
import { lookAlikeOf } from "../model/definition-names.ts";
import { etagOf } from "./etag.ts";
import { look, lookThrough, type Place } from "./walk.ts";

export const fileKinds = ["FILE", "DIRECTORY", "LINK", "OTHER"] as const;
export type FileKind = (typeof fileKinds)[number];

export type FileEntry = {
  /** From the folder, with `/`. */
  readonly path: string;
  readonly name: string;
  readonly kind: FileKind;
  /** FILE or DIRECTORY where a link leads to one inside of the folder. Size, time and etag are then those of what it leads to. */
  readonly linksTo: FileKind | null;
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
  const target = kind === "LINK" ? await lookThrough(place.root, place.handle, name) : null;
  const linksTo = linksToOf(target);
  const shown = target === null || linksTo === null ? stats : target;
  const isFile = kind === "FILE" || linksTo === "FILE";
  return {
    path: joined(directory, name),
    name,
    kind,
    linksTo,
    size: isFile ? Number(shown.size) : null,
    modifiedAt: dateOf(shown.mtimeMs),
    etag: isFile ? etagOf(shown) : null,
    warning:
      kind === "LINK" && target === null ? "This link leads to nothing, or out of the folder: it is not followed." : warningOf(directory, name),
  };
}

/** @param target null: nothing inside of the folder. */
export function linksToOf(target: BigIntStats | null): FileKind | null {
  if (target === null) return null;
  const kind = kindOf(target);
  return kind === "FILE" || kind === "DIRECTORY" ? kind : null;
}

function warningOf(directory: string, name: string): string | null {
  if (!name.isWellFormed()) return "The name is not UTF-8: rename it, so that every program can open it.";
  const right = directory === "" ? lookAlikeOf(name) : null;
  return right === null ? null : `This is not read as the model definition: its name must be ${right}.`;
}
