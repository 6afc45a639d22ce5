/**
 * The status of a service, derived from its wish and its routes, and the one sentence that says why.
 *
 * With k healthy routes of n desired: terminating and terminated by wish · n = 0 STOPPED · k ≥ n HEALTHY ·
 * 0 < k < n DEGRADED · k = 0 and a failure that nobody cleared UNHEALTHY · else PROVISIONING.
 * UNHEALTHY does not flap back while Serai retries: the failure stays until the service is HEALTHY on its revision or somebody clears
 * it. What serves on an older revision counts as healthy; the sentence then says what is with the new one.
 */
import type { RouteId } from "./ids.ts";
import { countOf } from "./words.ts";
import type { Problem } from "./problem.ts";
import type { RolloutKind, RolloutMode } from "./rollout.ts";
import { routeStatusMessages, type RouteStatus } from "./route-status.ts";
import { isStaying, stayingSentence } from "./staying.ts";

export const serviceStatuses = ["PROVISIONING", "HEALTHY", "DEGRADED", "UNHEALTHY", "STOPPED", "TERMINATING", "TERMINATED"] as const;
export type ServiceStatus = (typeof serviceStatuses)[number];

export const failureCauses = [
  "EXITED",
  "START_FAILED",
  "ACTION_FAILED",
  "NOT_PLACED",
  "NEVER_HEALTHY",
  "PROBES_FAILED",
  "LOST",
  "OUT_OF_MEMORY",
  "IMAGE_MISSING",
  "IMAGE_UNAUTHORIZED",
  "REGISTRY_UNREACHABLE",
  "MOUNT_MISSING",
  "DRIVER",
] as const;
export type FailureCause = (typeof failureCauses)[number];

export type Failure = {
  readonly cause: FailureCause;
  readonly routeId: RouteId;
  /** ISO 8601. */
  readonly at: string;
  /** One plain sentence that names what happened. */
  readonly message: string;
  /** What would help, where known. */
  readonly hint: string | null;
};

/** The rollout under way, in short. */
export type RolloutSummary = {
  readonly status: "ROLLING" | "REVERTING";
  readonly mode: RolloutMode;
  readonly kind: RolloutKind;
  /** Per cent of the requests that the new revision gets; null where load alone decides. */
  readonly weight: number | null;
  /** Its step lasts until somebody promotes it. */
  readonly awaitsPromotion: boolean;
};

/** A failure as the history keeps it: with all that is known of the attempt's end. */
export type FailureReport = Failure & {
  readonly exitCode: number | null;
  /** For example SIGKILL. */
  readonly signal: string | null;
  /** The last lines of what the attempt wrote; empty where there is nothing, or nobody could read it. */
  readonly outputTail: string;
  readonly node: string | null;
};

export type StatusInput = {
  readonly terminating: boolean;
  readonly terminated: boolean;
  readonly desiredRouteCount: number;
  readonly definitionProblems: readonly Problem[];
  readonly failure: Failure | null;
  /** Of the revision that routes should be on. */
  readonly revisionNumber: number;
  readonly rollout: RolloutSummary | null;
  /** How the last rollout ended, where somebody should know. */
  readonly notice: string | null;
  readonly routes: readonly {
    readonly status: RouteStatus;
    readonly statusReason: string;
    readonly retryAt: Date | null;
    /** On the revision that it should be on. */
    readonly isCurrent: boolean;
  }[];
};

export function deriveServiceStatus(input: StatusInput): { readonly status: ServiceStatus; readonly reason: string } {
  const desired = input.desiredRouteCount;
  const live = input.routes.filter((route) => route.status !== "TERMINATED");
  const healthy = live.filter((route) => route.status === "HEALTHY").length;

  if (input.terminated) return { status: "TERMINATED", reason: "Terminated: nothing of it runs any more." };
  if (input.terminating) {
    const left = live.length === 0 ? "" : ` ${countOf(live.length, "route")} left to end.`;
    return { status: "TERMINATING", reason: `Terminating.${left}` };
  }
  if (desired === 0) return { status: "STOPPED", reason: "Stopped: 0 routes are desired." };
  if (healthy >= desired) return { status: "HEALTHY", reason: `Serving: ${numbers(healthy, desired)}.${rollout(input, live)}${staying(live)}` };
  if (healthy > 0) {
    return { status: "DEGRADED", reason: `Serving with ${healthy} of ${countOf(desired, "route")}. ${cause(input, live)}` };
  }
  const problem = input.definitionProblems[0];
  if (problem !== undefined) return { status: "UNHEALTHY", reason: definitionSentence(input.definitionProblems) };
  if (input.failure !== null) return { status: "UNHEALTHY", reason: `0 of ${countOf(desired, "route")} healthy. ${cause(input, live)}` };
  const begins = input.rollout?.mode === "IN_PLACE" ? "A seat is being handed on, requests wait" : "Starting";
  return { status: "PROVISIONING", reason: `${begins}: 0 of ${countOf(desired, "route")} healthy. ${cause(input, live)}` };
}

function staying(live: StatusInput["routes"]): string {
  const told = live.filter(({ status, statusReason }) => status === "HEALTHY" && isStaying(statusReason)).map(({ statusReason }) => statusReason);
  return told.length === 0 ? "" : ` ${stayingSentence(told)}`;
}

/** While a rollout is under way there may be more than are desired. */
const numbers = (healthy: number, desired: number): string =>
  healthy > desired ? `${countOf(healthy, "route")} healthy, ${desired} desired` : `${healthy} of ${countOf(desired, "route")} healthy`;

/** Do its routes serve on the revision that they should be on? */
export const servesRevision = ({ desiredRouteCount, definitionProblems, routes }: StatusInput): boolean =>
  definitionProblems.length === 0 && routes.filter((route) => route.isCurrent && route.status === "HEALTHY").length >= desiredRouteCount;

function rollout(input: StatusInput, live: StatusInput["routes"]): string {
  const notice = input.notice === null ? "" : ` ${sentence(input.notice)}`;
  if (input.rollout?.status === "REVERTING") return notice;
  if (servesRevision(input) && input.rollout === null) return notice;
  const revision = input.rollout?.kind === "RESTART" ? "A restart" : `Revision ${input.revisionNumber}`;
  if (input.definitionProblems.length > 0) return ` ${revision} is not used. ${definitionSentence(input.definitionProblems)}`;
  const current = live.filter((route) => route.isCurrent);
  if (input.failure !== null) return ` ${revision} does not start, an earlier one serves. ${cause(input, current)}`;
  const done = current.filter((route) => route.status === "HEALTHY").length;
  if (input.rollout?.awaitsPromotion === true) return ` ${revision} is ready and waits to be promoted${shareOf(input.rollout)}.`;
  if (input.rollout === null || done === 0) return ` ${revision} is being rolled out. ${cause(input, current)}`;
  return ` ${revision} is being rolled out: ${done} of ${countOf(input.desiredRouteCount, "route")}${shareOf(input.rollout)}.`;
}

const shareOf = ({ weight }: RolloutSummary): string => (weight === null ? "" : `, with ${weight}% of the requests`);

export function definitionSentence(problems: readonly Problem[]): string {
  const first = problems[0];
  if (first === undefined) return "";
  const place = first.line === null ? "" : ` (line ${first.line}, column ${first.column ?? 1})`;
  const more = problems.length > 1 ? `, and ${countOf(problems.length - 1, "more problem")}` : "";
  return `The model definition cannot be used: ${first.message}${place}${more}.`;
}

/** The single most important cause: the failure, else what the route that is least far says of itself. */
function cause(input: StatusInput, live: StatusInput["routes"]): string {
  if (input.failure !== null) return sentence(input.failure.message);
  const order: readonly RouteStatus[] = ["BACKING_OFF", "UNHEALTHY", "SCHEDULING", "PENDING", "PREPARING", "WARMING_UP"];
  for (const status of order) {
    const route = live.find((candidate) => candidate.status === status);
    if (route !== undefined) return sentence(route.statusReason === "" ? routeStatusMessages[status] : route.statusReason);
  }
  return "A route is about to be created.";
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
