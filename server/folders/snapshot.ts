/**
 * The names in one directory, read once and kept for the pages that follow: reading 100,000 of them takes 200 ms, a page out of them
 * next to nothing.
 *
 * A directory's own time changes whenever a name in it appears, goes or changes, so inode and time tell whether what was read still
 * holds. The clock of files ticks only every few milliseconds: what was read so soon after a change could miss another one of the same
 * tick, and is not used again. How large files are and when they were written does not show in the directory's time: orders by these
 * stat everything, and do so again when the figures are older than some seconds.
 *
 * All together no more names are kept than `keptEntriesMax`; those not used for longest go first.
 */
import type { BigIntStats } from "node:fs";
import { opendir, type FileHandle } from "node:fs/promises";
import { done, invalid, type Outcome } from "../model/problem.ts";
import { kindOf, linksToOf, type FileKind } from "./entry.ts";
import { inParallel } from "./in-parallel.ts";
import { textOfName } from "./name.ts";
import { uploadPrefix } from "./path.ts";
import { look, lookThrough, pathOfHandle, type Place } from "./walk.ts";

const directoryEntriesMax = 1_000_000;
const keptEntriesMax = 1_000_000;
const settledMs = 100;
const figuresMs = 10_000;
const readAtOnce = 2048;
const statsAtOnce = 32;

export type Name = { readonly name: string; readonly kind: FileKind };
/** Size in bytes, time in milliseconds since 1970, of a link those of what it leads to; of directories the size is 0. */
export type Figures = Name & { readonly size: number; readonly modifiedMs: number };

/** Directories first, then by name. */
type Snapshot = {
  readonly identity: string;
  readonly isSettled: boolean;
  readonly names: readonly Name[];
  figures: { readonly readAt: number; readonly of: Promise<readonly Figures[]> } | null;
};

export type Snapshots = {
  names(handle: FileHandle): Promise<Outcome<readonly Name[]>>;
  /** In the order of the names. Whatever has gone meanwhile is left out. */
  figures(place: Place): Promise<Outcome<readonly Figures[]>>;
  /** How often a directory was read in full. */
  readonly reads: number;
};

/** @param now milliseconds, of the clock by which files are dated. */
export function createSnapshots(now: () => number = Date.now): Snapshots {
  // In the order of use, the oldest first; several at once who want the same one wait for one reading.
  const kept = new Map<string, Promise<Outcome<Snapshot>>>();
  const sizes = new Map<string, number>();
  let reads = 0;

  async function snapshotOf(handle: FileHandle): Promise<Outcome<Snapshot>> {
    const stats = await handle.stat({ bigint: true });
    const key = `${stats.dev}:${stats.ino}`;
    const identity = `${stats.mtimeNs}:${stats.ctimeNs}`;
    const present = await kept.get(key);
    if (present?.ok === true && present.value.identity === identity && present.value.isSettled) {
      touch(key);
      return present;
    }
    reads += 1;
    const reading = read(handle, identity, stats, now());
    kept.delete(key);
    kept.set(key, reading);
    const result = await reading.catch((thrown: unknown) => {
      forget(key, reading);
      throw thrown;
    });
    if (!result.ok) forget(key, reading);
    else if (kept.get(key) === reading) sizes.set(key, result.value.names.length);
    makeRoom(key);
    return result;
  }

  function forget(key: string, reading: Promise<unknown>): void {
    if (kept.get(key) !== reading) return;
    kept.delete(key);
    sizes.delete(key);
  }

  function touch(key: string): void {
    const one = kept.get(key);
    if (one === undefined) return;
    kept.delete(key);
    kept.set(key, one);
  }

  function makeRoom(current: string): void {
    let total = 0;
    for (const size of sizes.values()) total += size;
    for (const key of kept.keys()) {
      if (total <= keptEntriesMax) return;
      if (key === current) continue;
      total -= sizes.get(key) ?? 0;
      kept.delete(key);
      sizes.delete(key);
    }
  }

  async function figuresOf(place: Place, snapshot: Snapshot): Promise<readonly Figures[]> {
    if (snapshot.figures === null || now() - snapshot.figures.readAt > figuresMs) {
      snapshot.figures = { readAt: now(), of: readFigures(place, snapshot.names) };
      snapshot.figures.of.catch(() => (snapshot.figures = null));
    }
    return snapshot.figures.of;
  }

  return {
    async names(handle) {
      const snapshot = await snapshotOf(handle);
      return snapshot.ok ? done(snapshot.value.names) : snapshot;
    },
    async figures(place) {
      const snapshot = await snapshotOf(place.handle);
      return snapshot.ok ? done(await figuresOf(place, snapshot.value)) : snapshot;
    },
    get reads() {
      return reads;
    },
  };
}

async function read(handle: FileHandle, identity: string, { mtimeMs }: BigIntStats, startedAt: number): Promise<Outcome<Snapshot>> {
  const directories: Name[] = [];
  const others: Name[] = [];
  // Names as bytes, which the types of opendir do not know.
  const options = { encoding: "buffer", bufferSize: readAtOnce } as unknown as { bufferSize: number };
  for await (const entry of await opendir(pathOfHandle(handle), options)) {
    const name = textOfName(entry.name as unknown as Buffer);
    if (name.startsWith(uploadPrefix)) continue;
    const kind = kindOf(entry);
    (kind === "DIRECTORY" ? directories : others).push({ name, kind });
    if (directories.length + others.length > directoryEntriesMax) {
      return invalid([{ path: "path", message: `has more than ${directoryEntriesMax} entries: too many to be listed` }]);
    }
  }
  const byName = (one: Name, other: Name): number => (one.name < other.name ? -1 : 1);
  const names = [...directories.sort(byName), ...others.sort(byName)];
  return done({ identity, isSettled: startedAt - Number(mtimeMs) > settledMs, names, figures: null });
}

async function readFigures({ root, handle }: Place, names: readonly Name[]): Promise<readonly Figures[]> {
  const all = await inParallel(statsAtOnce, names, async ({ name, kind }): Promise<Figures | null> => {
    const own = await look(handle, name);
    const target = kind === "LINK" ? await lookThrough(root, handle, name) : null;
    const linksTo = linksToOf(target);
    const stats = linksTo === null ? own : target;
    if (own === null || stats === null) return null;
    return { name, kind, size: kind === "FILE" || linksTo === "FILE" ? Number(stats.size) : 0, modifiedMs: Number(stats.mtimeMs) };
  });
  return all.filter((figures) => figures !== null);
}
