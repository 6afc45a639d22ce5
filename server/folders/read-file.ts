/** What there is to be read at a path: a plain file, opened, or a directory. A link is followed where it stays inside of the folder. */
import type { BigIntStats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { done, notFound, type Outcome } from "../model/problem.ts";
import { shownName } from "./name.ts";
import { splitDirectoryPath } from "./path.ts";
import { enter, openFile, type Place, refusedPath, type Root } from "./walk.ts";

export type ToRead =
  | { readonly kind: "directory"; readonly place: Place }
  | { readonly kind: "file"; readonly handle: FileHandle; readonly stats: BigIntStats };

/** @param path empty: the folder itself. What is opened belongs to `opened`. */
export async function openToRead(root: Root, path: string, opened: AsyncDisposableStack): Promise<Outcome<ToRead>> {
  const parts = splitDirectoryPath(path);
  if (!parts.ok) return parts;
  const above = await enter(root, parts.value.slice(0, -1), opened);
  if (!above.ok) return above;
  const name = parts.value.at(-1);
  if (name === undefined) return done({ kind: "directory", place: above.value });
  const found = await openFile(above.value, name, opened);
  switch (found) {
    case "missing":
      return notFound(shownName(path));
    case "leadsOut":
      return refusedPath(`must stay inside the folder: ${shownName(name)} is a link that leads to nothing, or out of it`);
    case "other":
      return refusedPath("names a device, a socket or a named pipe, which is not read");
    case "directory": {
      const place = await enter(root, parts.value, opened);
      return place.ok ? done({ kind: "directory", place: place.value }) : place;
    }
    default:
      return done({ kind: "file", ...found });
  }
}

/** The bytes from `start` to before `end`, whatever else is written to the file meanwhile. @throws where it has become shorter. */
export async function* bytesOf(handle: FileHandle, start: number, end: number): AsyncGenerator<Buffer> {
  let position = start;
  while (position < end) {
    const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, end - position));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
    if (bytesRead === 0) throw new Error("the file became shorter while it was read");
    position += bytesRead;
    yield bytesRead === buffer.length ? buffer : buffer.subarray(0, bytesRead);
  }
}

const chunkBytes = 256 * 1024;

/** All of it; null where it is longer than that, of which nothing beyond is read. */
export async function readAtMost(handle: FileHandle, bytesMax: number): Promise<Buffer | null> {
  const bytes = Buffer.alloc(bytesMax + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await handle.read(bytes, length, bytes.length - length, length);
    length += bytesRead;
    if (length === bytes.length) return null;
    if (bytesRead === 0) return bytes.subarray(0, length);
  }
}
