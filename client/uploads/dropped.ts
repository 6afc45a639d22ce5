/**
 * What was dropped, directories with everything in them.
 *
 * The browser lets go of a drop as soon as its event is over: the entries have to be taken before anything is awaited, and
 * what is in them is read when its turn comes, so that a directory of a hundred thousand files is never held as a whole.
 */
import type { Picked } from "./picked.ts";

export function dropped(transfer: DataTransfer): AsyncGenerator<Picked> {
  const items = [...transfer.items].filter(({ kind }) => kind === "file");
  const taken = items.map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  return walk(taken);
}

async function* walk(taken: readonly { readonly entry: FileSystemEntry | null; readonly file: File | null }[]): AsyncGenerator<Picked> {
  for (const { entry, file } of taken) {
    if (entry !== null) yield* below(entry, "");
    else if (file !== null) yield { path: file.name, file };
  }
}

async function* below(entry: FileSystemEntry, directory: string): AsyncGenerator<Picked> {
  const path = directory === "" ? entry.name : `${directory}/${entry.name}`;
  if (entry.isFile) {
    yield { path, file: await fileOf(entry as FileSystemFileEntry) };
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  let isEmpty = true;
  // It gives a hundred at a time, and none when there are no more.
  for (let entries = await nextOf(reader); entries.length > 0; entries = await nextOf(reader)) {
    isEmpty = false;
    for (const each of entries) yield* below(each, path);
  }
  if (isEmpty) yield { path, file: null };
}

const fileOf = (entry: FileSystemFileEntry): Promise<File> => new Promise((resolve, reject) => entry.file(resolve, reject));
const nextOf = (reader: FileSystemDirectoryReader): Promise<readonly FileSystemEntry[]> =>
  new Promise((resolve, reject) => reader.readEntries(resolve, reject));
