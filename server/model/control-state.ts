/** What control decides on, and what it decides to write: values that store, plan and tests share. */
import type { ProjectId, RevisionId, RouteId, ServiceId, SessionId } from "./ids.ts";
import type { HealthCheck } from "./model-definition.ts";
import type { RouteStatus } from "./route-status.ts";
import type { SecretVariable } from "./service-spec.ts";
import type { Failure } from "./service-status.ts";
import type { RunnableRevision } from "./session-of.ts";
import type { StartActionResult } from "./start-report.ts";

export type RouteState = {
  readonly id: RouteId;
  readonly revisionId: RevisionId;
  readonly sessionId: SessionId;
  readonly status: RouteStatus;
  readonly statusReason: string;
  readonly statusAt: Date;
  readonly node: string | null;
  readonly host: string | null;
  readonly port: number | null;
  readonly attempt: string | null;
  readonly probeFailures: number;
  readonly restarts: number;
  readonly restarting: boolean;
  readonly retryAt: Date | null;
  readonly retryNow: boolean;
  readonly failure: Failure | null;
  readonly failures: number;
  /** The route whose seat it takes over. */
  readonly predecessorId: RouteId | null;
  readonly judgedExitAt: Date | null;
  readonly createdAt: Date;
  /** From the definition of the route's own revision. */
  readonly declaredPort: number;
  readonly healthCheck: HealthCheck | null;
};

export type ServiceState = {
  /** When it was read, by the database's clock, as all times in it. */
  readonly readAt: Date;
  readonly id: ServiceId;
  readonly projectId: ProjectId;
  readonly name: string;
  readonly shard: number;
  readonly desiredRouteCount: number;
  readonly terminating: boolean;
  readonly terminationGraceMs: number;
  readonly revisionId: RevisionId;
  /** Null while its definition has problems: then nothing new is started. */
  readonly revision: RunnableRevision | null;
  /** Live ones, oldest first. */
  readonly routes: readonly RouteState[];
  /** Secret variables of the revisions that these run. */
  readonly secrets: readonly SecretVariable[];
  /** Draining routes that every living gateway reports idle; null where no gateway lives. */
  readonly idleWhileDraining: ReadonlySet<RouteId> | null;
};

/** Something to remember of a route. `key` makes repeating it harmless; probes with the same key count up. */
export type HistoryEntry = {
  readonly key: string;
  readonly at: Date;
  readonly kind: string;
  readonly message: string;
  /** What a start action did, where kind is ACTION. */
  readonly action?: StartActionResult;
};

export type RoutePatch = Partial<
  Pick<
    RouteState,
    | "statusReason"
    | "node"
    | "host"
    | "port"
    | "attempt"
    | "probeFailures"
    | "restarts"
    | "restarting"
    | "retryAt"
    | "retryNow"
    | "failure"
    | "failures"
    | "judgedExitAt"
  >
>;

/** What is true of a session that nobody has submitted yet. */
export const nothingKnown = { attempt: null, node: null, host: null, port: null, restarting: false, retryNow: false, retryAt: null } as const;

export type RouteChange = {
  readonly routeId: RouteId;
  /** The status that the change was computed from: it is written only where that still holds. */
  readonly believed: RouteStatus;
  readonly transitions: readonly { readonly status: RouteStatus; readonly message: string }[];
  readonly patch: RoutePatch;
  readonly history: readonly HistoryEntry[];
  /** The old session is gone: the route gets another, with an id of its own. */
  readonly renewSession?: boolean;
  /** Set: the service's newest failure. */
  readonly failure?: Failure;
};
