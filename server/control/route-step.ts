/**
 * The next step of one route: pure. What waits is submitted, what is drained is stopped (or hands its seat on), what never became healthy
 * is started anew, what vanished is replaced.
 */
import type { RouteChange, RouteState, ServiceState } from "../model/control-state.ts";
import { backOffMs } from "../model/back-off.ts";
import { initialDelayDefaultSeconds } from "../model/model-definition.ts";
import { isEnding } from "../model/route-status.ts";
import { numberInSeat, previousInSeat, seatOf } from "../model/seat.ts";
import type { Failure } from "../model/service-status.ts";
import type { Observation } from "../model/session.ts";
import { imageCauses } from "../model/why/driver-failure.ts";
import { whyEnded, whyNeverHealthy } from "../model/why/ended.ts";
import { failureEntry } from "./failure-entry.ts";
import { walk } from "./observe-route.ts";
import type { Action, PlanInput } from "./plan.ts";

export type Step = { readonly actions: readonly Action[]; readonly change?: RouteChange; readonly lookAgainAt: Date | null };
const nothing: Step = { actions: [], lookAgainAt: null };

export function stepOf(route: RouteState, input: PlanInput): Step {
  const seen = input.observations.get(route.sessionId);
  if (route.status === "DRAINING") return end(route, seen, input);
  if (route.restarting) return startAnew(route, seen, input);
  switch (route.status) {
    case "PENDING":
      return submit(route, input);
    case "BACKING_OFF":
      return backOff(route, seen, input);
    case "WARMING_UP":
      return seen === undefined ? replaceVanished(route) : awaitFirstPass(route, seen, input);
    case "SCHEDULING":
    case "PREPARING":
      // What comes of the attempt that is under way decides about the wish.
      if (seen !== undefined && needsAnotherJob(seen)) return nothing;
      return others(route, seen);
    default:
      return others(route, seen);
  }
}

const others = (route: RouteState, seen: Observation | undefined): Step =>
  seen === undefined ? replaceVanished(route) : { actions: [], ...withoutWish(route), lookAgainAt: null };

/** A job says how its image is to be pulled, as was known when it was submitted. A registry may have other credentials since. */
const needsAnotherJob = ({ lastExit }: Observation): boolean => imageCauses.includes(whyEnded(lastExit).cause);

/** The wait is the scheduler's, but for what awaits being asked; a new session that nobody has submitted yet is submitted, one that was removed is replaced. */
function backOff(route: RouteState, seen: Observation | undefined, input: PlanInput): Step {
  if (seen === undefined) return submit(route, input);
  if (seen.state === "GONE") return { actions: [], change: { ...patch(route, {}), renewSession: true }, lookAgainAt: null };
  if (route.retryNow && needsAnotherJob(seen)) {
    return { actions: [], change: patch(route, { retryNow: false, restarting: true, retryAt: null }), lookAgainAt: null };
  }
  const now = input.service.readAt;
  const isDue = seen.awaitsRetry === true && seen.retryAt !== null && now >= seen.retryAt;
  const actions: Action[] = route.retryNow || isDue ? [{ kind: "retry", sessionId: route.sessionId }] : [];
  const lookAgainAt = isDue ? new Date(now.getTime() + retryAgainMs) : seen.awaitsRetry === true ? seen.retryAt : null;
  return { actions, ...withoutWish(route), lookAgainAt };
}

/** How soon a retry that shows no effect is asked for again. */
const retryAgainMs = 5_000;

/** "Retry now" is granted, or there is nothing to wait for. */
const withoutWish = (route: RouteState): Pick<Step, "change"> => (route.retryNow ? { change: patch(route, { retryNow: false }) } : {});

/**
 * The scheduler does not know a session that it had accepted: somebody removed it, or a submission arrives late. So it is stopped
 * all the same, and what takes its place gets another id.
 */
const replaceVanished = (route: RouteState): Step => ({
  actions: [{ kind: "stop", sessionId: route.sessionId }],
  change: { ...transition(route, ["GONE"], {}), renewSession: true },
  lookAgainAt: null,
});

/** One that takes a seat over waits until everybody who had it is drained; then their session and its own change places. */
function submit(route: RouteState, { service, observations }: PlanInput): Step {
  if (!service.revisions.has(route.revisionId)) return nothing;
  const old = previousInSeat(route.sessionId);
  if (old === null) {
    const before = service.routes.slice(0, service.routes.indexOf(route)).filter((mate) => mate.revisionId === route.revisionId);
    const undecided = before.filter((mate) => isBeingPlaced(mate, observations.get(mate.sessionId), service));
    if (undecided.length > 0) return { actions: [], lookAgainAt: earliest(undecided.map(placedLatest)) };
    return { actions: [{ kind: "submit", route }], lookAgainAt: null };
  }
  const ahead = seatmatesOf(route, service).filter((mate) => !isFree(mate, observations.get(mate.sessionId), service));
  if (ahead.length > 0) return { actions: [], lookAgainAt: earliest(ahead.map((mate) => freeLatest(mate, service))) };
  return { actions: [{ kind: "replace", route, old }], lookAgainAt: null };
}

/**
 * A scheduler spreads a service's routes by what it is told of the others (`avoid`), so each is handed in when it is known where those before
 * it went, or that they find no place. Nobody is waited for longer than a moment: a hundred routes are to start as well.
 */
const isBeingPlaced = (mate: RouteState, seen: Observation | undefined, { readAt }: ServiceState): boolean =>
  (mate.status === "PENDING" || mate.status === "SCHEDULING") &&
  previousInSeat(mate.sessionId) === null &&
  mate.node === null &&
  (seen?.unplaced ?? null) === null &&
  readAt < placedLatest(mate);

const placedLatest = ({ statusAt }: RouteState): Date => new Date(statusAt.getTime() + placedWithinMs);
const placedWithinMs = 2000;

/** Live routes that had its seat before it. */
const seatmatesOf = ({ sessionId }: RouteState, { routes }: ServiceState): readonly RouteState[] =>
  routes.filter((mate) => seatOf(mate.sessionId) === seatOf(sessionId) && numberInSeat(mate.sessionId) < numberInSeat(sessionId));

/** Somebody is to have its seat next, and does not have it yet: until then it keeps the seat from everybody else. */
const awaitsSuccessor = ({ sessionId }: RouteState, { routes }: ServiceState): boolean =>
  routes.some(
    ({ sessionId: next, status, node }) =>
      !isEnding(status) && node === null && seatOf(next) === seatOf(sessionId) && numberInSeat(next) > numberInSeat(sessionId),
  );

/** Nobody sends to it any more and nothing is in flight, or its grace is over. */
function isFree(route: RouteState, seen: Observation | undefined, { readAt, terminationGraceMs, idleWhileDraining }: ServiceState): boolean {
  if (seen === undefined || seen.state === "GONE") return true;
  if (route.status !== "DRAINING") return false;
  const isIdle = idleWhileDraining === null || idleWhileDraining.has(route.id);
  return isIdle || readAt.getTime() >= route.statusAt.getTime() + terminationGraceMs;
}

/** The time at which to look whether it is free, though nothing has told of it: a gateway that died says nothing any more. */
const freeLatest = (route: RouteState, { readAt, terminationGraceMs }: ServiceState): Date | null =>
  earliest([new Date(route.statusAt.getTime() + terminationGraceMs), new Date(readAt.getTime() + gatewayTrustMs)]);

/**
 * Waits until nobody sends to it and nothing is in flight, then stops the session. One that is not known is stopped all the same. Where
 * another takes over its seat, that one's submission ends it.
 */
function end(route: RouteState, seen: Observation | undefined, { service }: PlanInput): Step {
  const stop: Action = { kind: "stop", sessionId: route.sessionId };
  if (seen === undefined) return { actions: [stop], change: transition(route, ["GONE"], {}), lookAgainAt: null };
  if (!isFree(route, seen, service)) return { actions: [], lookAgainAt: freeLatest(route, service) };
  if (awaitsSuccessor(route, service)) return nothing;
  return { actions: [stop], lookAgainAt: new Date(service.readAt.getTime() + stopAgainMs) };
}

/** How long a gateway counts as living after it was last seen. */
const gatewayTrustMs = 5000;
/** How soon a stop that shows no effect is asked for again. */
const stopAgainMs = 10_000;

/** It ran but did not become healthy: the old session ends first, then the wait ends, then another starts. */
function startAnew(route: RouteState, seen: Observation | undefined, { service }: PlanInput): Step {
  const now = service.readAt;
  if (seen !== undefined && seen.state !== "GONE") {
    return { actions: [{ kind: "stop", sessionId: route.sessionId }], lookAgainAt: new Date(now.getTime() + stopAgainMs) };
  }
  if (!route.retryNow && route.retryAt !== null && now < route.retryAt) return { actions: [], lookAgainAt: route.retryAt };
  return { actions: [], change: { ...patch(route, {}), renewSession: true }, lookAgainAt: null };
}

function awaitFirstPass(route: RouteState, { step }: Observation, { service, lastProbes }: PlanInput): Step {
  const now = service.readAt;
  const waitSeconds = route.healthCheck?.initial_delay ?? initialDelayDefaultSeconds;
  const deadline = new Date(route.statusAt.getTime() + waitSeconds * 1000);
  if (now < deadline) return { actions: [], lookAgainAt: deadline };
  const lastProbe = lastProbes.get(route.id) ?? null;
  const why = whyNeverHealthy({ waitedSeconds: waitSeconds, port: route.declaredPort, path: route.healthCheck?.path ?? null, lastProbe, step });
  const failure: Failure = { ...why, routeId: route.id, at: now.toISOString() };
  const change = transition(route, ["FAILED"], {
    failure,
    statusReason: failure.message,
    restarting: true,
    restarts: route.restarts + 1,
    retryAt: new Date(now.getTime() + backOffMs(route.restarts)),
    host: null,
    port: null,
  });
  return { actions: [], change: { ...change, failure, history: [failureEntry(failure, route, null)] }, lookAgainAt: null };
}

export function transition(route: RouteState, events: Parameters<typeof walk>[1], extra: RouteChange["patch"]): RouteChange {
  const messages = extra.statusReason === undefined ? {} : { BACKING_OFF: extra.statusReason, DRAINING: extra.statusReason };
  const transitions = walk(route.status, events, messages);
  const reason = transitions.at(-1)?.message;
  return {
    routeId: route.id,
    believed: route.status,
    transitions,
    patch: { ...(reason === undefined ? {} : { statusReason: reason }), ...extra },
    history: [],
  };
}

const patch = (route: RouteState, changed: RouteChange["patch"]): RouteChange => ({
  routeId: route.id,
  believed: route.status,
  transitions: [],
  patch: changed,
  history: [],
});

export function earliest(dates: readonly (Date | null)[]): Date | null {
  return dates.reduce((best, date) => (best === null || (date !== null && date < best) ? date : best), null);
}
