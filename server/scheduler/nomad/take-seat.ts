/**
 * Puts a session into its seat: registers the seat's job where there is none, and hands it on where an earlier session of the seat has
 * it, as a new version of the same job. Nomad ends the old allocation and places the new one in one plan, so whoever waits for the room
 * never sees it free; the machine starts the new one when the old one has ended; and where the new one fits nowhere, the old one runs
 * on until it does (all tried on 1.11.3).
 *
 * Safe to repeat and to race: each registration says on which state of the job it builds, and whoever was outrun looks again. What is
 * there is left alone, because registering it again with other affinities would restart it, and a seat never goes back to an earlier
 * session. A job that was stopped is taken up again: somebody may have stopped it by Nomad's own tools. Who comes after one that has ended
 * takes nothing over.
 */
import { AppError } from "../../failure.ts";
import type { Session } from "../../model/session.ts";
import { numberInSeat, seatOf } from "../../model/seat.ts";
import type { Job, JobStub } from "./api-types.ts";
import type { NomadClient } from "./client.ts";
import type { Predecessor } from "./job.ts";
import { findJob } from "./jobs.ts";
import { allocationsOf } from "./logs.ts";
import { actionsMeta, clusterMeta, countIn, holderOf, jobIdOf } from "./names.ts";
import { hasEnded, newestOf } from "./observe.ts";
import { referencesOf } from "./references.ts";
import { writeVariables } from "./variables.ts";
import { isOfMain } from "./task.ts";

const triesMax = 5;

export type Compile = (session: Session, predecessor: Predecessor | null) => Promise<Job>;

export async function takeSeat(client: NomadClient, installationId: string, session: Session, compile: Compile): Promise<void> {
  const jobId = jobIdOf(installationId, session.id);
  // The first of a seat is almost always alone there.
  let there = numberInSeat(session.id) === 1 ? null : await findJob(client, jobId);
  for (let tries = 1; there === null || wouldTake(session, there); tries++) {
    await writeVariables(client, referencesOf(installationId, session));
    const job = await compile(session, there === null ? null : await predecessorIn(client, session, there));
    try {
      await client.send("POST", "/v1/jobs", { Job: job, EnforceIndex: true, JobModifyIndex: there?.JobModifyIndex ?? 0 });
      return;
    } catch (cause) {
      if (!isOutrun(cause) || tries === triesMax) throw cause;
    }
    there = await findJob(client, jobId);
  }
}

export const isOutrun = (cause: unknown): boolean =>
  cause instanceof AppError && cause.code === "SCHEDULER_REFUSED" && cause.message.includes("Enforcing job modify index");

function wouldTake({ id }: Session, there: JobStub): boolean {
  const holder = holderOf(seatOf(id), there);
  return holder === id ? there.Stop : numberInSeat(holder) < numberInSeat(id);
}

async function predecessorIn(client: NomadClient, { id }: Session, there: JobStub): Promise<Predecessor | null> {
  const holder = holderOf(seatOf(id), there);
  if (holder === id) return null;
  const left = (await allocationsOf(client, there.ID)).filter((allocation) => !hasEnded(allocation));
  if (there.Stop && left.length === 0) return null;
  const newest = newestOf(left.filter(isOfMain));
  return { id: holder, actionCount: countIn(there, actionsMeta), cluster: there.Meta?.[clusterMeta] ?? null, nodeName: newest?.NodeName ?? null };
}
