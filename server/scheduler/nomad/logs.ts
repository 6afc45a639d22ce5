/** Reads what a session wrote, from the machine that ran it, through Nomad. */
import { setTimeout as wait } from "node:timers/promises";
import type { SessionId } from "../../model/ids.ts";
import type { LogQuery } from "../scheduler.ts";
import type { Allocation } from "./api-types.ts";
import type { NomadClient } from "./client.ts";
import type { Exit } from "./history.ts";
import { jobIdOf } from "./names.ts";
import { newestOf } from "./observe.ts";
import { isOf, taskIn, taskOf } from "./task.ts";

const tailBytesMax = 16 * 1024;
const tailTimeoutMs = 5_000;
const lateOutputMs = 3_000;
/** How soon a reader that follows goes over to a newer attempt. */
const lookEveryMs = 2_000;

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

async function readEnd(client: NomadClient, { allocationId, task }: Exit, type: LogQuery["stream"], signal: AbortSignal): Promise<string> {
  const query = { task, type, plain: true, origin: "end", offset: tailBytesMax };
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of client.stream(logPath(allocationId), query, signal)) chunks.push(chunk);
  } catch {
    return "";
  }
  return Buffer.concat(chunks).subarray(-tailBytesMax).toString();
}

type Look = () => Promise<Allocation | null>;
export type LogContext = { readonly client: NomadClient; readonly installationId: string };

/**
 * The log of the session's newest attempt that started. Nomad writes an attempt that it restarted in place to the end of its
 * predecessor's file, so both are in it. Followed, it goes on with the attempts that come, each from its beginning.
 */
export async function* readLog({ client, installationId }: LogContext, id: SessionId, query: LogQuery): AsyncGenerator<Uint8Array> {
  const newestStarted = () => newestStartedOf(client, jobIdOf(installationId, id), id);
  let offset = query.offset;
  let read: string | null = null;
  while (!query.signal.aborted) {
    const newest = await newestStarted();
    if (newest !== null && newest.ID !== read) {
      if (read !== null) offset = 0;
      read = newest.ID;
      yield* readAllocation(client, newest, { ...query, offset }, newestStarted);
    }
    if (!query.follow) return;
    await wait(lookEveryMs, undefined, { signal: query.signal }).catch(() => {});
  }
}

async function* readAllocation(client: NomadClient, allocation: Allocation, query: LogQuery, newestStarted: Look): AsyncGenerator<Uint8Array> {
  const superseded = new AbortController();
  const signal = AbortSignal.any([query.signal, superseded.signal]);
  const looking = query.follow ? abortWhenSuperseded(allocation, superseded, newestStarted) : null;
  try {
    const words = { task: taskIn(allocation), type: query.stream, plain: true, follow: query.follow, origin: "start", offset: query.offset };
    yield* client.stream(logPath(allocation.ID), words, signal);
  } finally {
    superseded.abort();
    await looking;
  }
}

/** Nomad follows a file for ever, also when what wrote it has ended. */
async function abortWhenSuperseded({ ID }: Allocation, superseded: AbortController, newestStarted: Look): Promise<void> {
  const { signal } = superseded;
  while (!signal.aborted) {
    await wait(lookEveryMs, undefined, { signal }).catch(() => {});
    const newest = await newestStarted().catch(() => null);
    if (newest !== null && newest.ID !== ID) superseded.abort();
  }
}

async function newestStartedOf(client: NomadClient, jobId: string, id: SessionId): Promise<Allocation | null> {
  const own = (await allocationsOf(client, jobId)).filter((allocation) => isOf(id, allocation));
  return newestOf(own.filter((allocation) => taskOf(allocation)?.Events?.some(({ Type }) => Type === "Started")));
}

/** Those of all sessions that had the seat; also of a job that has been purged, for as long as Nomad remembers. */
export async function allocationsOf(client: NomadClient, jobId: string): Promise<readonly Allocation[]> {
  const { value } = await client.get<readonly Allocation[]>(`/v1/job/${jobId}/allocations`, { all: true });
  return value;
}
