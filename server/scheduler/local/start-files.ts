/**
 * What a start script has reported, read from the session's directory. A session may put anything there: only plain files are read,
 * no link is followed, and never more than is kept.
 */
import { constants } from "node:fs";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type ActionOutput, actionOutputBytesMax, type Output, parseStartReport, reportBytesMax, type StartFiles } from "../../model/start-report.ts";

/**
 * Null where nothing was reported; `known` itself where nothing is new since.
 *
 * @param known read before: output of what had ended by then changes no more.
 * @param isOver the attempt has ended, so what an action wrote until then is all that it wrote.
 */
export async function readStart(directory: string, actionCount: number, known: StartFiles | null, isOver: boolean): Promise<StartFiles | null> {
  const file = await readPart(join(directory, "report"), (size) => ({ from: 0, to: Math.min(size, reportBytesMax) }));
  const report = parseStartReport(Buffer.from(file.bytes).toString(), actionCount);
  if (report === null) return null;
  if (!isOver && isDeepStrictEqual(report, known?.report)) return known;
  const outputs = new Map<number, ActionOutput>();
  for (const { index, end } of report.steps) {
    if (end === null && !isOver) continue;
    const before = known?.outputs.get(index);
    outputs.set(index, before ?? { out: await readEnd(join(directory, `${index}.out`)), err: await readEnd(join(directory, `${index}.err`)) });
  }
  return { report, outputs };
}

/** Before an attempt begins, so that what is found later is its own. */
export const removeStart = (directory: string): Promise<void> => rm(directory, { recursive: true, force: true });

const readEnd = (path: string): Promise<Output> => readPart(path, (size) => ({ from: Math.max(0, size - actionOutputBytesMax), to: size }));

const nothing: Output = { bytes: new Uint8Array(), cut: false };

async function readPart(path: string, partOf: (size: number) => { from: number; to: number }): Promise<Output> {
  // A pipe of this name would otherwise be waited for.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => null);
  if (file === null) return nothing;
  try {
    const stat = await file.stat();
    if (!stat.isFile()) return nothing;
    const { from, to } = partOf(stat.size);
    const bytes = Buffer.alloc(to - from);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, from);
    return { bytes: bytes.subarray(0, bytesRead), cut: from > 0 };
  } catch {
    return nothing;
  } finally {
    await file.close();
  }
}
