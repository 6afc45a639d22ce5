/** What differs between schedulers under test, and what the suite has to know of it. */
import type { SessionId } from "../../server/model/ids.ts";
import type { Session } from "../../server/model/session.ts";
import type { Scheduler } from "../../server/scheduler/scheduler.ts";

export type SchedulerHarness = AsyncDisposable & {
  readonly scheduler: Scheduler;
  /** `mounts[0].source` is a directory of this machine that the suite may write into. */
  readonly sessionDefaults: Pick<Session, "environment" | "resourceGroup" | "mounts" | "port">;
  /** Shell that ends in `exec`: serves the files of "$SERAI_HOME/www" over HTTP on "$PORT", reachable at the reported address. */
  readonly serve: string;
  /**
   * Shell that a process runs between its last words and its end, where they may be lost otherwise: Nomad ends its reader of a
   * container's output as soon as the container has ended, whether it has begun to read or not (drivers/docker/handle.go of 1.11.3).
   */
  readonly linger: string;
  /** Processes of the session that live now. Where in doubt: `markedProcesses`. */
  readonly processesOf: (id: SessionId) => Promise<readonly number[]>;
};

/** A variable of the scheduler's own process: no session may ever see it. Set before the harness opens. */
export const ownSecret = { name: "SERAI_CONTRACT_SECRET", value: "only-for-serai-itself" } as const;
