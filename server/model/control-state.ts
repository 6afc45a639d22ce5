/** What control decides on, and what it decides to write: values that store, plan and tests share. */
import type { ProjectId, RevisionId, RolloutId, RouteId, ServiceId, SessionId } from "./ids.ts";
import type { HealthCheck } from "./model-definition.ts";
import type { RolloutKind, RolloutMode, RolloutPolicy } from "./rollout.ts";
import type { RouteStatus } from "./route-status.ts";
import type { SecretVariable } from "./service-spec.ts";
import type { Failure, FailureReport } from "./service-status.ts";
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
  readonly nodeId: string | null;
  /** Its machine is to be drained, and takes nothing new: a successor elsewhere is to take its place. */
  readonly leaving: boolean;
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

/** A rollout that is under way. */
export type RolloutState = {
  readonly id: RolloutId;
  readonly kind: RolloutKind;
  /** REVERTING: `ServiceState.revisionId` is `fromRevisionId` again. */
  readonly status: "ROLLING" | "REVERTING";
  readonly mode: RolloutMode;
  readonly fromRevisionId: RevisionId;
  readonly fromRestartedAt: Date | null;
  readonly toRevisionId: RevisionId;
  /** Of `toRevisionId` within the service: 1, 2, 3 … */
  readonly toNumber: number;
  readonly policy: RolloutPolicy;
  /** Index into the policy's steps; their number when all are done. */
  readonly step: number;
  readonly stepAt: Date | null;
  readonly promoted: boolean;
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
  /** What routes should be on, and since when they must have been created. */
  readonly revisionId: RevisionId;
  readonly restartedAt: Date | null;
  readonly rollout: RolloutState | null;
  /** The revision that routes should be on, the one that a rollout goes back to, and those that live routes are on; none whose definition has problems. */
  readonly revisions: ReadonlyMap<RevisionId, RunnableRevision>;
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
  /** Where kind is FAILURE. */
  readonly failure?: FailureReport;
};

export type RoutePatch = Partial<
  Pick<
    RouteState,
    | "statusReason"
    | "node"
    | "nodeId"
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
export const nothingKnown = {
  attempt: null,
  node: null,
  nodeId: null,
  host: null,
  port: null,
  restarting: false,
  retryNow: false,
  retryAt: null,
} as const;

/** On the revision that it should be on, and not older than a restart that somebody asked for. */
export const isCurrent = (
  route: { readonly revisionId: RevisionId; readonly createdAt: Date },
  service: { readonly revisionId: RevisionId | null; readonly restartedAt: Date | null },
): boolean => route.revisionId === service.revisionId && (service.restartedAt === null || route.createdAt >= service.restartedAt);

/** Of those that the desired count is made of, while nothing is rolled out. */
export const isToStay = (route: RouteState, service: ServiceState): boolean => isCurrent(route, service) && !route.leaving;

/** Written only where the rollout still is what it was believed to be. */
export type RolloutChange = {
  readonly rolloutId: RolloutId;
  readonly believed: RolloutState["status"];
  readonly patch: { readonly mode?: RolloutMode; readonly step?: number; readonly stepAt?: Date | null };
  /** REVERTING takes the service back to what it was on before. */
  readonly becomes?: "REVERTING" | "COMPLETED" | "REVERTED";
  /** One plain sentence for the history; for the service's page as well where it ends the rollout or reverts it. */
  readonly message: string | null;
  readonly failure?: Failure;
};

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

export type RouteSwap = {
  /** DRAINING. */
  readonly leaves: RouteChange;
  readonly route: RouteState;
  readonly revisionId: RevisionId;
  readonly holdUntil: Date | null;
};
