/**
 * Writes what sessions read by reference (references.ts) to Nomad, and takes it away again.
 *
 * Written before the session's job is registered: a task whose variable is missing waits for it without a word. Taken away when the
 * session has been seen off. What is left over where a process died in between, the sweep takes: variables of jobs that are not there or over,
 * and were written long enough ago that nobody is about to register the job.
 */
import { AppError, messageOf } from "../../failure.ts";
import type { Log } from "../../log.ts";
import type { SessionId } from "../../model/ids.ts";
import type { VariableStub } from "./api-types.ts";
import type { NomadClient } from "./client.ts";
import { listJobs } from "./jobs.ts";
import { jobPrefix } from "./names.ts";
import { isOfGang, pathsOf, type Reference, variablesPrefix } from "./references.ts";

export async function writeVariables(client: NomadClient, references: readonly Reference[]): Promise<void> {
  for (const { path, items } of references) await client.send("POST", `/v1/var/${path}`, { Path: path, Items: items }).catch(inWords);
}

/** Nomad's own limit, of what they are as words of the shell. */
function inWords(cause: unknown): never {
  if (!/variables are limited to/.test(messageOf(cause))) throw cause;
  const publicMessage = "The secret variables are too long for Nomad, which keeps at most 64 KiB of them together: put the largest into a file.";
  throw new AppError("SCHEDULER_REFUSED", messageOf(cause), { publicMessage, cause });
}

/** Of sessions of one seat that nothing runs of any more. @param isEnd nobody has the seat after them. */
export async function removeVariables(client: NomadClient, jobId: string, ids: readonly SessionId[], isEnd: boolean): Promise<void> {
  const theirs = new Set(ids.flatMap((id) => pathsOf(jobId, id)));
  for (const one of await listVariables(client, variablesPrefix(jobId).slice(0, -1)))
    if (theirs.has(one.Path) || (isEnd && isOfGang(jobId, one.Path))) await remove(client, one);
}

const listVariables = async (client: NomadClient, prefix: string): Promise<readonly VariableStub[]> =>
  (await client.get<readonly VariableStub[]>("/v1/vars", { prefix })).value;

/** As it was seen: one that was written again since stays. */
const remove = async (client: NomadClient, { Path, ModifyIndex }: VariableStub): Promise<void> =>
  void (await client.send("DELETE", `/v1/var/${Path}`, undefined, { cas: ModifyIndex }));

export type SweepContext = { readonly client: NomadClient; readonly installationId: string; readonly log: Log };

/** @param writtenBeforeMs by the clock of Nomad's servers. */
export async function sweepVariables({ client, installationId }: SweepContext, writtenBeforeMs: number): Promise<void> {
  const prefix = jobPrefix(installationId);
  const variables = await listVariables(client, variablesPrefix(prefix).slice(0, -1));
  // After the variables: a job that was registered meanwhile is there.
  const { value: jobs } = await listJobs(client, installationId);
  const living = new Set(jobs.map(({ ID }) => ID));
  for (const one of variables) {
    const [, , jobId = ""] = one.Path.split("/");
    if (!living.has(jobId) && one.ModifyTime / 1_000_000 < writtenBeforeMs) await remove(client, one);
  }
}

const sweepEveryMs = 3_600_000;
const leftAfterMs = 3_600_000;

export function openSweep(context: SweepContext): Disposable {
  const sweep = (): void => {
    sweepVariables(context, Date.now() - leftAfterMs).catch((cause: unknown) =>
      context.log.warn({ reason: messageOf(cause) }, "variables of sessions that are gone could not be looked for"),
    );
  };
  const timer = setInterval(sweep, sweepEveryMs);
  sweep();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
