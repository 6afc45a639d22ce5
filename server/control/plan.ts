/**
 * What to do about a service: pure. `(wish and routes, observations, what probes last said) → actions, and when to look again`.
 *
 * It runs after every event, on every timer and at start, always on the whole state, so there is one path for all of them.
 * Actions are safe to repeat. Rules, each held by test/control/plan*.test.ts:
 * 1. A route has at most one session: another is submitted only when the one before is gone.
 * 2. Never more routes are ended than are surplus; those that do not serve go first, then the youngest.
 * 3. Routes of an old revision that serve are ended only as routes of the new one become healthy.
 * 4. A session is stopped only after its route has left every gateway, or after the grace.
 * 5. Whatever fails is tried again, with growing waits, until it works or is no longer wanted.
 */
import type { RouteChange, RouteState, ServiceState } from "../model/control-state.ts";
import { backOffMs } from "../model/back-off.ts";
import type { RouteId, SessionId } from "../model/ids.ts";
import { initialDelayDefaultSeconds } from "../model/model-definition.ts";
import { isEnding } from "../model/route-status.ts";
import type { Failure } from "../model/service-status.ts";
import type { Observation } from "../model/session.ts";
import { MiBPerGiB } from "../model/units.ts";
import { whyNeverHealthy } from "../model/why.ts";
import { observeRoute, walk } from "./observe-route.ts";
import { surplusOf } from "./surplus.ts";

export type Action =
  | { readonly kind: "record"; readonly changes: readonly RouteChange[] }
  | { readonly kind: "create"; readonly count: number }
  | { readonly kind: "submit"; readonly route: RouteState }
  | { readonly kind: "stop"; readonly sessionId: SessionId }
  | { readonly kind: "retry"; readonly sessionId: SessionId }
  | { readonly kind: "finish" };

export type PlanInput = {
  readonly service: ServiceState;
  readonly observations: ReadonlyMap<SessionId, Observation>;
  /** Keys of the events of a session that are in the history already. */
  readonly recorded: ReadonlyMap<SessionId, ReadonlySet<string>>;
  /** What the last failed probe of a route said. */
  readonly lastProbes: ReadonlyMap<RouteId, string>;
};

export type Plan = { readonly actions: readonly Action[]; readonly lookAgainAt: Date | null };

export function plan(input: PlanInput): Plan {
  const { service } = input;
  // What has happened is written first; what follows from it is decided on the new rows, at the next look.
  const observed = service.routes.flatMap((route) => changeOf(route, input) ?? []);
  if (observed.length > 0) return { actions: [{ kind: "record", changes: observed }], lookAgainAt: service.readAt };

  if (service.terminating && service.routes.length === 0) return { actions: [{ kind: "finish" }], lookAgainAt: null };
  const unwanted = surplusOf(service);
  if (unwanted.length > 0) return { actions: [{ kind: "record", changes: unwanted.map(drain) }], lookAgainAt: service.readAt };
  const missing = missingRoutes(service);
  if (missing > 0) return { actions: [{ kind: "create", count: missing }], lookAgainAt: service.readAt };

  const steps = service.routes.map((route) => stepOf(route, input));
  const changes = steps.flatMap((step) => step.change ?? []);
  return {
    actions: [...steps.flatMap((step) => step.actions), ...(changes.length > 0 ? [{ kind: "record", changes } as const] : [])],
    lookAgainAt: changes.length > 0 ? service.readAt : earliest(steps.map((step) => step.lookAgainAt)),
  };
}

function changeOf(route: RouteState, { service, observations, recorded }: PlanInput): RouteChange | null {
  const seen = observations.get(route.sessionId);
  if (seen === undefined) return null;
  const resourceGroup = service.revision?.resourceGroup.name ?? "";
  const memoryMiB = service.revision === null ? null : service.revision.resources.memoryGiB * MiBPerGiB;
  const change = observeRoute(route, seen, recorded.get(route.sessionId) ?? new Set(), { resourceGroup, memoryMiB });
  // A session id is used once: what takes the place of one that is gone gets another.
  return change?.transitions.at(-1)?.status === "PENDING" ? { ...change, renewSession: true } : change;
}

function missingRoutes(service: ServiceState): number {
  if (service.terminating || service.revision === null) return 0;
  const current = service.routes.filter((route) => !isEnding(route.status) && route.revisionId === service.revisionId);
  return Math.max(0, service.desiredRouteCount - current.length);
}

type Step = { readonly actions: readonly Action[]; readonly change?: RouteChange; readonly lookAgainAt: Date | null };
const nothing: Step = { actions: [], lookAgainAt: null };

function stepOf(route: RouteState, input: PlanInput): Step {
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
    default:
      return seen === undefined ? replaceVanished(route) : { actions: [], ...withoutWish(route), lookAgainAt: null };
  }
}

/** The wait is the scheduler's; a new session that nobody has submitted yet is submitted, one that was removed is replaced. */
function backOff(route: RouteState, seen: Observation | undefined, input: PlanInput): Step {
  if (seen === undefined) return submit(route, input);
  if (seen.state === "GONE") return { actions: [], change: { ...patch(route, {}), renewSession: true }, lookAgainAt: null };
  const actions: Action[] = route.retryNow ? [{ kind: "retry", sessionId: route.sessionId }] : [];
  return { actions, ...withoutWish(route), lookAgainAt: null };
}

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

const submit = (route: RouteState, { service }: PlanInput): Step =>
  service.revision === null || route.revisionId !== service.revisionId ? nothing : { actions: [{ kind: "submit", route }], lookAgainAt: null };

/** Waits until nobody sends to it and nothing is in flight, then stops the session. One that is not known is stopped all the same. */
function end(route: RouteState, seen: Observation | undefined, { service }: PlanInput): Step {
  const now = service.readAt;
  const stop: Action = { kind: "stop", sessionId: route.sessionId };
  if (seen === undefined) return { actions: [stop], change: transition(route, ["GONE"], {}), lookAgainAt: null };
  const graceEnds = new Date(route.statusAt.getTime() + service.terminationGraceMs);
  const idle = service.idleWhileDraining === null || service.idleWhileDraining.has(route.id);
  // A gateway that died says nothing any more: it does not count after a few seconds, so look again then.
  if (!idle && now < graceEnds) return { actions: [], lookAgainAt: earliest([graceEnds, new Date(now.getTime() + gatewayTrustMs)]) };
  return { actions: [stop], lookAgainAt: new Date(now.getTime() + stopAgainMs) };
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
  return { actions: [], change: { ...change, failure }, lookAgainAt: null };
}

function drain(route: RouteState): RouteChange {
  return transition(route, ["DRAINED"], {});
}

function transition(route: RouteState, events: Parameters<typeof walk>[1], extra: RouteChange["patch"]): RouteChange {
  const messages = extra.statusReason === undefined ? {} : { BACKING_OFF: extra.statusReason };
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

function earliest(dates: readonly (Date | null)[]): Date | null {
  return dates.reduce((best, date) => (best === null || (date !== null && date < best) ? date : best), null);
}
