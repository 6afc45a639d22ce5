/**
 * Which entries are chosen, and where the keyboard is. By name, so that both stay with their file when the list changes; the
 * index is for when the file has gone.
 */
import type { FileItem } from "./listing.ts";

export type Selection = {
  readonly chosen: ReadonlyMap<string, FileItem>;
  readonly at: { readonly name: string; readonly index: number } | null;
  /** Where a range began: the last entry that was chosen by itself. */
  readonly anchor: string | null;
};

export const nothingChosen: Selection = { chosen: new Map(), at: null, anchor: null };

export function indexAt(selection: Selection, files: readonly FileItem[]): number {
  const { at } = selection;
  if (at === null || files.length === 0) return -1;
  if (files[at.index]?.name === at.name) return at.index;
  const moved = files.findIndex(({ name }) => name === at.name);
  return moved === -1 ? Math.min(at.index, files.length - 1) : moved;
}

export function moveTo(selection: Selection, files: readonly FileItem[], index: number): Selection {
  const file = files[Math.max(0, Math.min(index, files.length - 1))];
  return file === undefined ? selection : { ...selection, at: { name: file.name, index: files.indexOf(file) } };
}

/** In or out, and the place from which a range is drawn. */
export function toggle(selection: Selection, files: readonly FileItem[], index: number): Selection {
  const file = files[index];
  if (file === undefined) return selection;
  const chosen = new Map(selection.chosen);
  if (!chosen.delete(file.name)) chosen.set(file.name, file);
  return { chosen, at: { name: file.name, index }, anchor: file.name };
}

/** Everything between where the range began and here. */
export function extendTo(selection: Selection, files: readonly FileItem[], index: number): Selection {
  const to = Math.max(0, Math.min(index, files.length - 1));
  const file = files[to];
  if (file === undefined) return selection;
  const began = selection.anchor === null ? indexAt(selection, files) : files.findIndex(({ name }) => name === selection.anchor);
  const from = began === -1 ? to : began;
  const range = files.slice(Math.min(from, to), Math.max(from, to) + 1);
  return {
    chosen: new Map(range.map((each) => [each.name, each])),
    at: { name: file.name, index: to },
    anchor: files[from]?.name ?? file.name,
  };
}

export const chooseAll = (selection: Selection, files: readonly FileItem[]): Selection => ({
  ...selection,
  chosen: new Map(files.map((file) => [file.name, file])),
});

export const chooseNone = (selection: Selection): Selection => ({ ...selection, chosen: new Map(), anchor: null });

/** What an action is about: what is chosen, else where the keyboard is. */
export function meant(selection: Selection, files: readonly FileItem[]): readonly FileItem[] {
  if (selection.chosen.size > 0) return [...selection.chosen.values()];
  const file = files[indexAt(selection, files)];
  return file === undefined ? [] : [file];
}

/** Without those that have gone; only a list that was read to its end can tell. */
export function withoutGone(selection: Selection, files: readonly FileItem[]): Selection {
  const names = new Set(files.map(({ name }) => name));
  if ([...selection.chosen.keys()].every((name) => names.has(name))) return selection;
  return { ...selection, chosen: new Map([...selection.chosen].filter(([name]) => names.has(name))) };
}
