/** Reads a file that can be edited as text, with the ETag that a later write refers to. However large it is, no more than the limit is read. */
import { etagOf } from "./etag.ts";
import { splitPresentPath } from "./path.ts";
import { readAtMost } from "./read-file.ts";
import { enter, openFile, type Root } from "./walk.ts";

const textBytesMax = 1024 * 1024;

export type TextFile = { readonly path: string; readonly content: string; readonly etag: string; readonly size: number };

/** Null: there is no such file, or it is no UTF-8 text of at most 1 MiB. */
export async function readTextIn(root: Root, path: string): Promise<TextFile | null> {
  const parts = splitPresentPath(path);
  if (!parts.ok) return null;
  await using opened = new AsyncDisposableStack();
  const place = await enter(root, parts.value.slice(0, -1), opened);
  if (!place.ok) return null;
  const file = await openFile(place.value, parts.value.at(-1) ?? "", opened);
  if (typeof file === "string" || file.stats.size > textBytesMax) return null;
  // The ETag is from before the reading: a file that is written meanwhile is then found to have changed.
  const bytes = await readAtMost(file.handle, textBytesMax);
  if (bytes === null) return null;
  try {
    // A byte order mark stays, so that writing what was read changes nothing.
    const content = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return content.includes("\0") ? null : { path, content, etag: etagOf(file.stats), size: bytes.length };
  } catch {
    return null;
  }
}
