/**
 * What a start script has reported, read from the machine that runs it through Nomad. Each file's size is asked for first: what a
 * session puts there may be of any size, and no more than is kept is ever fetched.
 */
import { type ActionOutput, actionOutputBytesMax, type Output, parseStartReport, reportBytesMax, type StartFiles } from "../../model/start-report.ts";
import type { NomadClient } from "./client.ts";
import type { Attempt } from "./history.ts";
import { startName } from "./names.ts";

type FileStat = { readonly Size: number; readonly IsDir: boolean; readonly ModTime: string };

/** What was read, and of which state of the report. */
export type ReadStart = StartFiles & { readonly version: string };

/**
 * `known` where nothing is new since; null where this attempt has reported nothing. An attempt that Nomad restarted in place finds the
 * report of the one before in its place, and leaves its own to the next: what was written outside of its time is not the attempt's.
 *
 * Throws AppError where Nomad does not answer or the file is not there.
 */
export async function readStart(
  client: NomadClient,
  attempt: Attempt,
  actionCount: number,
  known: ReadStart | null,
  signal: AbortSignal,
): Promise<ReadStart | null> {
  const report = await statOf(client, attempt, "report", signal);
  if (report.IsDir || !isOf(attempt, new Date(report.ModTime))) return known;
  const version = `${report.ModTime} ${report.Size}${attempt.endedAt === null ? "" : " ended"}`;
  if (version === known?.version) return known;
  const text = (await read(client, attempt, "report", 0, Math.min(report.Size, reportBytesMax), signal)).toString();
  const parsed = parseStartReport(text, actionCount);
  if (parsed === null) return known;
  const outputs = new Map<number, ActionOutput>();
  for (const { index, end } of parsed.steps) {
    if (end === null && attempt.endedAt === null) continue;
    const output = known?.outputs.get(index) ?? {
      out: await readEnd(client, attempt, `${index}.out`, signal),
      err: await readEnd(client, attempt, `${index}.err`, signal),
    };
    outputs.set(index, output);
  }
  return { report: parsed, outputs, version };
}

/** The machine's own clock wrote both times. */
const isOf = ({ earlierEndedAt, endedAt }: Attempt, modifiedAt: Date): boolean =>
  (earlierEndedAt === null || modifiedAt > earlierEndedAt) && (endedAt === null || modifiedAt <= endedAt);

const pathOf = ({ task }: Attempt, name: string): string => `${task}/local/${startName}/${name}`;

const statOf = async (client: NomadClient, attempt: Attempt, name: string, signal: AbortSignal): Promise<FileStat> =>
  (await client.get<FileStat>(`/v1/client/fs/stat/${attempt.allocationId}`, { path: pathOf(attempt, name) }, signal)).value;

async function readEnd(client: NomadClient, attempt: Attempt, name: string, signal: AbortSignal): Promise<Output> {
  const stat = await statOf(client, attempt, name, signal).catch(() => null);
  if (stat === null || stat.IsDir || stat.Size === 0) return { bytes: new Uint8Array(), cut: false };
  const from = Math.max(0, stat.Size - actionOutputBytesMax);
  return { bytes: await read(client, attempt, name, from, stat.Size - from, signal), cut: from > 0 };
}

async function read(client: NomadClient, attempt: Attempt, name: string, offset: number, limit: number, signal: AbortSignal): Promise<Buffer> {
  // To Nomad no limit is what 0 is, and the file may have grown since its size was asked for.
  if (limit === 0) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of client.stream(`/v1/client/fs/readat/${attempt.allocationId}`, { path: pathOf(attempt, name), offset, limit }, signal)) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= limit) break;
  }
  return Buffer.concat(chunks).subarray(0, limit);
}
