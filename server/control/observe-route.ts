/**
 * What an observation of the scheduler means for a route: pure.
 *
 * Observations are level-triggered and may skip steps; the status table may not. So the change from the believed status to
 * the observed state is spelled out as the events that must have happened between, and every status on the way becomes a
 * transition: the history shows PENDING to WARMING_UP also where only RUNNING was seen.
 */
import { isDeepStrictEqual } from "node:util";
import type { HistoryEntry, RouteChange, RoutePatch, RouteState } from "../model/control-state.ts";
import { nextRouteStatus, routeStatusMessages, type RouteEvent, type RouteStatus } from "../model/route-status.ts";
import type { Failure } from "../model/service-status.ts";
import type { Observation, SessionEvent, UnplacedFacts } from "../model/session.ts";
import { runningSentence } from "../model/start-report.ts";
import { whyEnded } from "../model/why/ended.ts";
import { failureEntry } from "./failure-entry.ts";

type Context = { /** In one sentence. */ readonly whyUnplaced: (facts: UnplacedFacts) => string };

/** The change to write, or null where everything is known already. */
export function observeRoute(route: RouteState, seen: Observation, recorded: ReadonlySet<string>, context: Context): RouteChange | null {
  if (route.status === "TERMINATED") return null;
  const events = eventsTo(route, seen);
  const sameAttempt = seen.attempt === null || seen.attempt === route.attempt;
  const failure = events.includes("FAILED") || (route.status === "BACKING_OFF" && hasFailed(route, seen)) ? failureOf(route, seen) : null;
  const transitions = walk(route.status, events, { ...describe(seen, context), ...(failure === null ? {} : { BACKING_OFF: failure.message }) });
  const happened = seen.events.filter((event) => !recorded.has(event.key)).map((event) => toHistory(seen, event));
  const history =
    failure === null ? happened : [...happened, failureEntry(failure, { ...route, node: seen.node?.name ?? route.node }, seen.lastExit)];

  const patch: RoutePatch = difference(route, {
    ...placeOf(route, seen, sameAttempt),
    ...(failure === null ? {} : { failure, failures: route.failures + (failure.cause === "LOST" ? 0 : 1) }),
    ...(seen.lastExit === null ? {} : { judgedExitAt: seen.lastExit.at }),
    ...(route.restarting || route.status === "DRAINING" ? {} : { retryAt: seen.state === "BACKING_OFF" ? seen.retryAt : null }),
    ...reasonOf(route, seen, context, transitions, failure),
  });
  if (transitions.length === 0 && history.length === 0 && Object.keys(patch).length === 0) return null;
  return {
    routeId: route.id,
    believed: route.status,
    transitions,
    patch,
    history,
    ...(failure === null || route.status === "DRAINING" ? {} : { failure }),
  };
}

const started: readonly RouteStatus[] = ["PREPARING", "WARMING_UP", "HEALTHY", "UNHEALTHY"];
const running: readonly RouteStatus[] = ["WARMING_UP", "HEALTHY", "UNHEALTHY"];

/** What must have happened since the status was written. */
function eventsTo(route: RouteState, seen: Observation): RouteEvent[] {
  if (route.status === "DRAINING") return seen.state === "GONE" ? ["GONE"] : [];
  // Control itself is ending this session to start another: what the old one does is no news.
  if (route.restarting) return [];
  switch (seen.state) {
    case "UNPLACED":
      return started.includes(route.status) || route.status === "BACKING_OFF" ? ["RETRIED"] : ["SUBMITTED"];
    case "PLACED":
      return [...endOf(route, seen, running.includes(route.status)), "SUBMITTED", "PLACED"];
    case "RUNNING":
      return [...endOf(route, seen, running.includes(route.status) && isReplaced(route, seen)), "SUBMITTED", "PLACED", "STARTED"];
    case "BACKING_OFF":
      return route.status === "BACKING_OFF" ? [] : ["SUBMITTED", "FAILED"];
    case "STOPPING":
      // Not by us: somebody stopped the job. It serves no more; when it is gone, another takes its place.
      return started.includes(route.status) ? ["RETRIED"] : [];
    case "GONE":
      return ["GONE"];
  }
}

const isReplaced = (route: RouteState, seen: Observation): boolean => route.attempt !== null && seen.attempt !== route.attempt;

/** How the attempt before came to its end: with a failure where an exit is news, else it was only moved or started anew. */
const endOf = (route: RouteState, seen: Observation, hasEnded: boolean): RouteEvent[] =>
  hasEnded ? (hasFailed(route, seen) ? ["FAILED", "RETRIED"] : ["RETRIED"]) : [];

/** An end that has not been judged yet. What was judged stays so, also when a user has cleared it. */
const hasFailed = (route: RouteState, seen: Observation): boolean =>
  !route.restarting && seen.lastExit !== null && (route.judgedExitAt === null || seen.lastExit.at > route.judgedExitAt);

/** Follows the events through the table; each change of status is a transition. */
export function walk(
  from: RouteStatus,
  events: readonly RouteEvent[],
  messages: Partial<Record<RouteStatus, string>>,
): { status: RouteStatus; message: string }[] {
  const transitions: { status: RouteStatus; message: string }[] = [];
  let status = from;
  for (const event of events) {
    const next = nextRouteStatus[status][event];
    if (next !== status) transitions.push({ status: next, message: messages[next] ?? routeStatusMessages[next] });
    status = next;
  }
  return transitions;
}

function describe(seen: Observation, context: Context): Partial<Record<RouteStatus, string>> {
  const on = seen.node === null ? "" : ` on ${seen.node.name}`;
  return {
    ...(seen.unplaced === null ? {} : { SCHEDULING: context.whyUnplaced(seen.unplaced) }),
    PREPARING: `Placed${on}.`,
    WARMING_UP: `The process runs${on}; its first health check is awaited.`,
  };
}

function failureOf(route: RouteState, seen: Observation): Failure {
  const ending = whyEnded(seen.lastExit);
  return { ...ending, routeId: route.id, at: (seen.lastExit?.at ?? new Date(0)).toISOString() };
}

/**
 * Requests may only be sent to the newest attempt, and only while it runs. An attempt keeps its address for life: a scheduler that
 * has to find it out again (after a restart of Serai) does not take the route out of service meanwhile.
 */
function placeOf(route: RouteState, seen: Observation, sameAttempt: boolean): RoutePatch {
  if (route.restarting) return {};
  const place = { node: seen.node?.name ?? null, nodeId: seen.node?.id ?? null, attempt: seen.attempt };
  if (seen.state !== "RUNNING") return { ...place, host: null, port: null };
  if (seen.address !== null) return { ...place, ...seen.address, ...(sameAttempt ? {} : { probeFailures: 0 }) };
  return sameAttempt && route.attempt !== null ? place : { ...place, host: null, port: null, probeFailures: 0 };
}

function reasonOf(
  route: RouteState,
  seen: Observation,
  context: Context,
  transitions: readonly { status: RouteStatus; message: string }[],
  failure: Failure | null,
): RoutePatch {
  if (route.restarting) return {};
  const last = transitions.at(-1);
  const status = last?.status ?? route.status;
  if (status === "WARMING_UP" && seen.step !== null) return { statusReason: runningSentence(seen.step) };
  if (last !== undefined) return { statusReason: last.message };
  if (failure !== null) return { statusReason: failure.message };
  if (route.status === "SCHEDULING" && seen.unplaced !== null) return { statusReason: context.whyUnplaced(seen.unplaced) };
  // The last action is done.
  if (route.status === "WARMING_UP" && seen.state === "RUNNING") return { statusReason: describe(seen, context).WARMING_UP ?? "" };
  return {};
}

/** A scheduler's keys are unique within a session; a route has several sessions in its life. */
const toHistory = ({ sessionId }: Observation, event: SessionEvent): HistoryEntry => ({ ...event, key: `${sessionId}:${event.key}` });

/** Only what differs from what is written already. By value: the database gives the keys of an object back in another order. */
function difference(route: RouteState, wanted: RoutePatch): RoutePatch {
  const entries = Object.entries(wanted).filter(([name, value]) => !isDeepStrictEqual(value, route[name as keyof RoutePatch]));
  return Object.fromEntries(entries) as RoutePatch;
}
