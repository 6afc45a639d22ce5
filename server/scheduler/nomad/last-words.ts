/** The last words of an attempt, from the machine that ran it, through Nomad. */
import { setTimeout as wait } from "node:timers/promises";
import type { LogStream } from "../../model/logs.ts";
import type { NomadClient } from "./client.ts";
import type { Exit } from "./history.ts";

const tailBytesMax = 16 * 1024;
const tailTimeoutMs = 5_000;
const lateOutputMs = 3_000;

const logPath = (allocationId: string): string => `/v1/client/fs/logs/${allocationId}`;

/**
 * The end of stderr, of stdout where stderr is empty; empty where the machine does not answer in time. Docker hands
 * its logs over a moment after the exit, so a process that ended by itself and has said nothing yet is given three seconds (one was too few on a busy machine);
 * one that a signal ended is not waited for.
 */
export async function readTail(client: NomadClient, exit: Exit, signal: AbortSignal): Promise<string> {
  const until = AbortSignal.any([signal, AbortSignal.timeout(tailTimeoutMs)]);
  const patientUntil = Date.now() + (exit.exit.signal === null ? lateOutputMs : 0);
  for (;;) {
    const errors = await readEnd(client, exit, "stderr", until);
    if (errors.trim() !== "") return errors;
    const output = await readEnd(client, exit, "stdout", until);
    if (output.trim() !== "" || Date.now() >= patientUntil || until.aborted) return output;
    await wait(100, undefined, { signal: until }).catch(() => {});
  }
}

async function readEnd(client: NomadClient, { allocationId, task }: Exit, type: LogStream, signal: AbortSignal): Promise<string> {
  const query = { task, type, plain: true, origin: "end", offset: tailBytesMax };
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of client.stream(logPath(allocationId), query, signal)) chunks.push(chunk);
  } catch {
    return "";
  }
  return Buffer.concat(chunks).subarray(-tailBytesMax).toString();
}
