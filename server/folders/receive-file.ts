/** One file of any size from a stream: it takes its name when all of it has come, and what has not come leaves nothing. */
import type { Readable } from "node:stream";
import { done, type Outcome } from "../model/problem.ts";
import type { FileEntry } from "./entry.ts";
import { receive } from "./uploads/receive.ts";
import { putInPlace, refusalAt, stage, type Expected, type Target } from "./write-file.ts";

/** `cut`: the sender has gone. `tooLong`: more than was allowed came. */
export type ReceivedFile = { readonly end: "complete"; readonly file: FileEntry; readonly bytes: number } | { readonly end: "cut" | "tooLong" };

export async function receiveFileIn(
  target: Target,
  path: string,
  body: Readable,
  expected: Expected,
  bytesMax: number,
  /** Asked when all of it has come. */
  mayStay: (bytes: number) => Promise<Outcome<null>>,
): Promise<Outcome<ReceivedFile>> {
  const refused = await refusalAt(target.root, path, expected);
  if (refused !== null) return refused;
  await using opened = new AsyncDisposableStack();
  const staged = await stage(target.root, opened);
  const { end, bytes } = await receive({ body, file: staged.handle, from: 0, bytesMax, hash: null, mayWrite: () => true });
  if (end !== "complete") return done({ end: end === "tooLong" ? "tooLong" : "cut" });
  const stays = await mayStay(bytes);
  if (!stays.ok) return stays;
  const placed = await putInPlace(target, staged, path, expected);
  return placed.ok ? done({ end, file: placed.value, bytes }) : placed;
}
