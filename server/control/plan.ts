/**
 * What to do about a service: pure. `(wish and routes, observations, what probes last said) → actions, and when to look again`.
 *
 * It runs after every event, on every timer and at start, always on the whole state, so there is one path for all of them.
 * Actions are safe to repeat. Rules, each held by test/control/plan*.test.ts:
 * 1. A route has at most one session: another is submitted only when the one before is gone.
 * 2. Never more routes are ended than are surplus; those that do not serve go first, then the youngest.
 * 3. Routes of an old revision that serve are ended only as routes of the new one become healthy.
 * 4. A session is stopped only after its route has left every gateway, or after the grace.
 * 5. A route whose machine is drained is ended only when another serves in its place; without room for one it stays.
 * 6. Whatever fails is tried again, with growing waits, until it works or is no longer wanted.
 */
import {
  isToStay,
  type RolloutChange,
  type RolloutState,
  type RouteChange,
  type RouteState,
  type RouteSwap,
  type ServiceState,
} from "../model/control-state.ts";
import type { RevisionId, RouteId, SessionId } from "../model/ids.ts";
import type { Room } from "../model/room.ts";
import { isEnding } from "../model/route-status.ts";
import { sessionOf } from "../model/session-of.ts";
import type { Observation, UnplacedFacts } from "../model/session.ts";
import { explain } from "../model/why.ts";
import { leavingReason } from "../model/staying.ts";
import { questionOf } from "../model/why/question.ts";
import { observeRoute } from "./observe-route.ts";
import { nextMove } from "./rollout-moves.ts";
import { judgeRollout, verdictChangesAt } from "./rollout-verdict.ts";
import { earliest, stepOf, transition } from "./route-step.ts";
import { tellStaying } from "./staying.ts";
import { isHopeless, surplusOf } from "./surplus.ts";

export type Action =
  | { readonly kind: "record"; readonly changes: readonly RouteChange[] }
  | { readonly kind: "create"; readonly revisionId: RevisionId; readonly count: number }
  | { readonly kind: "swap"; readonly swap: RouteSwap }
  | { readonly kind: "rollout"; readonly change: RolloutChange }
  | { readonly kind: "preview" }
  | { readonly kind: "submit"; readonly route: RouteState }
  | { readonly kind: "replace"; readonly route: RouteState; readonly old: SessionId }
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
  /** For the rollout under way; null: not asked yet. */
  readonly room: Room | null;
};

export type Plan = { readonly actions: readonly Action[]; readonly lookAgainAt: Date | null };

export function plan(input: PlanInput): Plan {
  const { service } = input;
  // What has happened is written first; what follows from it is decided on the new rows, at the next look.
  const observed = service.routes.flatMap((route) => changeOf(route, input) ?? []);
  if (observed.length > 0) return { actions: [{ kind: "record", changes: observed }], lookAgainAt: service.readAt };

  if (service.terminating && service.routes.length === 0) return { actions: [{ kind: "finish" }], lookAgainAt: null };
  const moved = service.rollout === null || service.terminating ? steadyMove(service) : rolloutMove(service, service.rollout, input.room);
  const move = moved ?? replaceHung(service);
  if (move !== null) return { actions: [move], lookAgainAt: service.readAt };

  const staying = tellStaying(service);
  if (staying.length > 0) return { actions: [{ kind: "record", changes: staying }], lookAgainAt: service.readAt };

  const steps = service.routes.map((route) => stepOf(route, input));
  const changes = steps.flatMap((step) => step.change ?? []);
  return {
    actions: [...steps.flatMap((step) => step.actions), ...(changes.length > 0 ? [{ kind: "record", changes } as const] : [])],
    lookAgainAt: changes.length > 0 ? service.readAt : earliest([...steps.map((step) => step.lookAgainAt), ...rolloutTimes(service)]),
  };
}

function steadyMove(service: ServiceState): Action | null {
  const unwanted = surplusOf(service);
  if (unwanted.length > 0) return { kind: "record", changes: unwanted.map(drain) };
  const missing = missingRoutes(service);
  return missing > 0 ? { kind: "create", revisionId: service.revisionId, count: missing } : null;
}

function rolloutMove(service: ServiceState, rollout: RolloutState, room: Room | null): Action | null {
  const change = judgeRollout(service, rollout, room);
  if (change !== null) return { kind: "rollout", change };
  const move = nextMove(service, rollout, room);
  switch (move?.kind) {
    case undefined:
      return null;
    case "drain":
      return { kind: "record", changes: move.routes.map(drain) };
    case "swap": {
      const { route, holdUntil } = move;
      return { kind: "swap", swap: { leaves: drain(route), route, revisionId: service.revisionId, holdUntil } };
    }
    case "create":
    case "preview":
      return move;
  }
}

/**
 * What stays unhealthy is replaced, and its successor, of the same revision, gets its seat: ended first, on a full cluster it would lose
 * its machine to whoever waits for one.
 */
function replaceHung(service: ServiceState): Action | null {
  const hung = service.routes.find((route) => isHopeless(route) && service.revisions.has(route.revisionId));
  if (hung === undefined || service.terminating) return null;
  return { kind: "swap", swap: { leaves: drain(hung), route: hung, revisionId: hung.revisionId, holdUntil: null } };
}

const rolloutTimes = (service: ServiceState): readonly Date[] =>
  service.rollout === null || service.terminating ? [] : verdictChangesAt(service, service.rollout);

function changeOf(route: RouteState, { service, observations, recorded }: PlanInput): RouteChange | null {
  const seen = observations.get(route.sessionId);
  if (seen === undefined) return null;
  const revision = service.revisions.get(route.revisionId);
  // Its definition may have problems by now: what runs was submitted before.
  const whyUnplaced = (facts: UnplacedFacts): string =>
    revision === undefined
      ? "It waits for a machine."
      : explain({ ...questionOf(sessionOf(service, revision, route, []), facts), seat: route.sessionId }).sentence;
  const change = observeRoute(route, seen, recorded.get(route.sessionId) ?? new Set(), { whyUnplaced });
  // A session id is used once: what takes the place of one that is gone gets another.
  return change?.transitions.at(-1)?.status === "PENDING" ? { ...change, renewSession: true } : change;
}

function missingRoutes(service: ServiceState): number {
  if (service.terminating || !service.revisions.has(service.revisionId)) return 0;
  const current = service.routes.filter((route) => !isEnding(route.status) && isToStay(route, service));
  return Math.max(0, service.desiredRouteCount - current.length);
}

function drain(route: RouteState): RouteChange {
  return transition(route, ["DRAINED"], route.leaving ? { statusReason: leavingReason(route.node) } : {});
}
