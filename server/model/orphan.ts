/** A session that belongs to no route, as it is told to whoever has to decide about it. */
import type { SessionId } from "./ids.ts";

export type Orphan = {
  readonly sessionId: SessionId;
  /** Since when it is known to be one. ISO 8601. */
  readonly since: string;
  /** Name of the machine that it runs on; null where it runs on none. */
  readonly node: string | null;
  /** What its service was called, where the scheduler knows. */
  readonly serviceName: string | null;
};
