/**
 * A page of a directory. Its place is told by the last entry's key, not by a number: pages stay right while files come and go, and a
 * file that has gone meanwhile is only missing. Only the entries of the page are looked at, unless the order needs all of them.
 */
import { done, type Outcome } from "../model/problem.ts";
import type { Window } from "../store/keyset.ts";
import { entryAt, type FileEntry, type FileKind } from "./entry.ts";
import { inParallel } from "./in-parallel.ts";
import { splitDirectoryPath } from "./path.ts";
import type { Figures, Name, Snapshots } from "./snapshot.ts";
import { enter, type Place, type Root } from "./walk.ts";

export const fileOrders = ["NAME_ASC", "NAME_DESC", "SIZE_ASC", "SIZE_DESC", "MODIFIED_ASC", "MODIFIED_DESC"] as const;
export type FileOrder = (typeof fileOrders)[number];

/** Where an entry is in the order: `value` is its size or time, and 0 where the order is by name. */
export type ListKey = { readonly isDirectory: boolean; readonly value: number; readonly name: string };

export type Listing = { readonly path: string; readonly order: FileOrder; readonly nameContains: string | null };
export type ListedFile = FileEntry & { readonly key: ListKey };
export type FilePage = {
  readonly files: readonly ListedFile[];
  /** In the whole directory, as far as the names match. */ readonly totalCount: number;
};

const statsAtOnce = 16;

export async function listFilesIn(root: Root, snapshots: Snapshots, listing: Listing, window: Window<ListKey>): Promise<Outcome<FilePage>> {
  const parts = splitDirectoryPath(listing.path);
  if (!parts.ok) return parts;
  await using opened = new AsyncDisposableStack();
  const place = await enter(root, parts.value, opened);
  if (!place.ok) return place;
  const entries = await sortedEntries(snapshots, place.value, listing.order);
  if (!entries.ok) return entries;
  const matching = matchingNames(entries.value.list, listing.nameContains);

  const { keyOf, compare } = entries.value;
  const from = window.after === null ? 0 : firstPast(matching, (entry) => compare(keyOf(entry), window.after as ListKey) > 0);
  const to = window.before === null ? matching.length : firstPast(matching, (entry) => compare(keyOf(entry), window.before as ListKey) >= 0);
  const files: ListedFile[] = [];
  // What has gone since the directory was read is made up for from what follows.
  let [low, high] = [from, to];
  while (files.length < window.limit && low < high) {
    const wanted = window.limit - files.length;
    const chosen = window.fromEnd ? matching.slice(Math.max(low, high - wanted), high) : matching.slice(low, Math.min(high, low + wanted));
    if (window.fromEnd) high -= chosen.length;
    else low += chosen.length;
    const seen = await inParallel(statsAtOnce, chosen, async (entry) => {
      const file = await entryAt(place.value, listing.path, entry.name);
      return file === null ? null : { ...file, key: keyOf(entry) };
    });
    const present = seen.filter((file) => file !== null);
    if (window.fromEnd) files.unshift(...present);
    else files.push(...present);
  }
  return done({ files, totalCount: matching.length });
}

type Sorted = {
  readonly list: readonly Name[];
  readonly keyOf: (entry: Name) => ListKey;
  readonly compare: (one: ListKey, other: ListKey) => number;
};

async function sortedEntries(snapshots: Snapshots, place: Place, order: FileOrder): Promise<Outcome<Sorted>> {
  const compare = order.endsWith("_DESC") ? descending : ascending;
  if (order === "NAME_ASC" || order === "NAME_DESC") {
    const names = await snapshots.names(place.handle);
    if (!names.ok) return names;
    const list = order === "NAME_ASC" ? names.value : sortedOnce(names.value, order, () => reversedGroups(names.value));
    return done({ list, keyOf: (entry) => keyWith(entry, 0), compare });
  }
  const figures = await snapshots.figures(place);
  if (!figures.ok) return figures;
  const valueOf = order.startsWith("SIZE") ? ({ size }: Figures) => size : ({ modifiedMs }: Figures) => modifiedMs;
  const keyOf = (entry: Name): ListKey => keyWith(entry, valueOf(entry as Figures));
  const list = sortedOnce(figures.value, order, () => {
    const keyed = figures.value.map((entry) => ({ entry, key: keyOf(entry) }));
    return keyed.sort((one, other) => compare(one.key, other.key)).map(({ entry }) => entry);
  });
  return done({ list, keyOf, compare });
}

/** As long as somebody keeps what it was sorted from. */
const sorted = new WeakMap<readonly Name[], Map<FileOrder, readonly Name[]>>();

function sortedOnce(list: readonly Name[], order: FileOrder, sort: () => readonly Name[]): readonly Name[] {
  const known = sorted.get(list) ?? new Map<FileOrder, readonly Name[]>();
  const present = known.get(order) ?? sort();
  sorted.set(list, known.set(order, present));
  return present;
}

const keyWith = ({ name, kind }: { name: string; kind: FileKind }, value: number): ListKey => ({ isDirectory: kind === "DIRECTORY", value, name });

/** Directories come first, in whatever order. */
const byGroup = (one: ListKey, other: ListKey): number => Number(other.isDirectory) - Number(one.isDirectory);
const byName = (one: ListKey, other: ListKey): number => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0);
const ascending = (one: ListKey, other: ListKey): number => byGroup(one, other) || one.value - other.value || byName(one, other);
const descending = (one: ListKey, other: ListKey): number => byGroup(one, other) || other.value - one.value || byName(other, one);

function reversedGroups(names: readonly Name[]): readonly Name[] {
  const split = firstPast(names, ({ kind }) => kind !== "DIRECTORY");
  return [...names.slice(0, split).toReversed(), ...names.slice(split).toReversed()];
}

function matchingNames(list: readonly Name[], text: string | null): readonly Name[] {
  if (text === null || text === "") return list;
  const wanted = text.toLowerCase();
  return list.filter(({ name }) => name.toLowerCase().includes(wanted));
}

/** The first index from which on it is past; the list is sorted accordingly. */
function firstPast<T>(list: readonly T[], isPast: (item: T) => boolean): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isPast(list[middle] as T)) high = middle;
    else low = middle + 1;
  }
  return low;
}
