/** The names under which Nomad knows what is Serai's. A job of another installation, or of anybody else, has no session here. */
import { asId, type SessionId } from "../../model/ids.ts";
import { seatOf } from "../../model/seat.ts";
import type { JobStub } from "./api-types.ts";

export const groupName = "route";
export const portLabel = "http";
/** In a job's meta: the session that has the seat. */
export const sessionMeta = "serai_session";
/** In a job's meta: whose service it is. Absent of what was submitted before there was it. */
export const projectMeta = "serai_project";
/** In a job's meta: how many start actions its script reports of. Absent where there are none. */
export const actionsMeta = "serai_actions";
/** In a job's meta: whose seat its session took over, and how many start actions that one reported of. Absent where it took none. */
export const replacedMeta = "serai_replaced";
/** In a job's meta: how many members its session has, and how; absent where there is one (gang-job.ts). The other is of the session before. */
export const clusterMeta = "serai_cluster";
export const replacedClusterMeta = "serai_replaced_cluster";
export const replacedActionsMeta = "serai_replaced_actions";
/** In the task's `local` directory, which every user of an image may write: where start actions report. */
export const startName = "start";

export const jobPrefix = (installationId: string): string => `serai-${installationId}-`;

/** The job belongs to the seat: the sessions that have it in turn are versions of the one job. */
export const jobIdOf = (installationId: string, sessionId: SessionId): string => `${jobPrefix(installationId)}${seatOf(sessionId)}`;

/** Of the volume by which the machine's agent lets isolated sessions have SERAI_FOLDERS (host.ts). */
export const foldersVolume = (installationId: string): string => `serai-folders-${installationId}`;

/** Null for every job that is not this installation's. */
export function seatIdOf(installationId: string, jobId: string): SessionId | null {
  const prefix = jobPrefix(installationId);
  return jobId.startsWith(prefix) ? asId("session", jobId.slice(prefix.length)) : null;
}

/** The session that has the seat now. */
export function holderOf(seat: SessionId, { Meta }: JobStub): SessionId {
  const id = asId("session", Meta?.[sessionMeta] ?? "");
  return id !== null && seatOf(id) === seat ? id : seat;
}

/** A job is called after the service and the route that it was made for. */
export const serviceNameIn = ({ Name }: JobStub): string => Name.replace(/-(rt|val)_\w+$/, "");

export function countIn({ Meta }: JobStub, name: string): number {
  const count = Number(Meta?.[name] ?? 0);
  return Number.isSafeInteger(count) && count > 0 ? count : 0;
}
