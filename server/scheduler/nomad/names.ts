/** The names under which Nomad knows what is Serai's. A job of another installation, or of anybody else, has no session here. */
import { asId, type SessionId } from "../../model/ids.ts";

export const groupName = "route";
export const taskName = "model";
export const portLabel = "http";
/** In a job's meta: how many start actions its script reports of. Absent where there are none. */
export const actionsMeta = "serai_actions";
/** In the task's `local` directory, which every user of an image may write: where start actions report. */
export const startName = "start";

export const jobPrefix = (installationId: string): string => `serai-${installationId}-`;
export const jobIdOf = (installationId: string, sessionId: SessionId): string => `${jobPrefix(installationId)}${sessionId}`;

/** Null for every job that is not this installation's. */
export function sessionIdOf(installationId: string, jobId: string): SessionId | null {
  const prefix = jobPrefix(installationId);
  return jobId.startsWith(prefix) ? asId("session", jobId.slice(prefix.length)) : null;
}
