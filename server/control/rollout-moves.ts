/**
 * What a rollout does next to a service's routes: pure. It creates successors beside what serves, ends predecessors as successors become
 * healthy, and where there is no room for both it hands seats on, one after the other.
 *
 * Held by test/control/rollout*.test.ts, on any state and over random histories:
 * 1. No healthy route is ended where fewer than `desired - maxUnavailable` healthy ones would be left. In place, `maxUnavailable` is 1
 *    at least: there is no other way, and gateways hold requests meanwhile.
 * 2. There are never more than `desired + maxSurge` routes that are not ending, besides those on machines that are drained.
 * 3. What does not serve is ended before what does; what is on neither of the two revisions first.
 *
 * A route on a machine that is drained counts as one that serves, and as nothing else: whichever revision it is on gets a successor
 * elsewhere as if it were not there, also while a step holds for days, and it ends when that serves.
 */
import { isCurrent, type RolloutState, type RouteState, type ServiceState } from "../model/control-state.ts";
import type { RevisionId } from "../model/ids.ts";
import { initialDelayDefaultSeconds, servedModel } from "../model/model-definition.ts";
import type { Room } from "../model/room.ts";
import { isEnding } from "../model/route-status.ts";
import { numberInSeat, previousInSeat, seatOf } from "../model/seat.ts";
import { rolloutGoal, type RolloutGoal } from "./rollout-goal.ts";
import { isComing, worstFirst } from "./surplus.ts";

export type Move =
  | { readonly kind: "drain"; readonly routes: readonly RouteState[] }
  | { readonly kind: "create"; readonly revisionId: RevisionId; readonly count: number }
  | { readonly kind: "swap"; readonly route: RouteState; readonly holdUntil: Date | null }
  | { readonly kind: "preview" };

/** A successor that found no place for so long will not find one while its predecessors have theirs. */
const unplacedMaxMs = 15_000;
export const stuckAt = ({ statusAt }: RouteState): Date => new Date(statusAt.getTime() + unplacedMaxMs);

type Side = { readonly fresh: readonly RouteState[]; readonly old: readonly RouteState[] };
/** `leaving`: those on machines that are drained; the others stay. */
type Sides = Side & { readonly leaving: Side };

/** Live routes that are not ending: those on what the service should be on, and the others. */
export function sidesOf(service: ServiceState): Sides {
  const live = service.routes.filter(({ status }) => !isEnding(status));
  const sideOf = (routes: readonly RouteState[]): Side => ({
    fresh: routes.filter((route) => isCurrent(route, service)),
    old: routes.filter((route) => !isCurrent(route, service)),
  });
  return { ...sideOf(live.filter(({ leaving }) => !leaving)), leaving: sideOf(live.filter(({ leaving }) => leaving)) };
}

const allOf = ({ fresh, old, leaving }: Sides): readonly RouteState[] => [...fresh, ...old, ...leaving.fresh, ...leaving.old];

const isHealthy = ({ status }: RouteState): boolean => status === "HEALTHY";
export const healthyOf = (routes: readonly RouteState[]): number => routes.filter(isHealthy).length;

/** It waits for a machine, and has none; nor is it about to take over the place of another. */
export const isUnplaced = ({ status, node, sessionId }: RouteState): boolean =>
  node === null && (status === "SCHEDULING" || (status === "PENDING" && previousInSeat(sessionId) === null));

/** It has found no place of its own, but somebody before it in its seat still keeps that for it: whoever takes over from it gets the seat. */
const isOwedSeat = ({ sessionId }: RouteState, { routes }: ServiceState): boolean =>
  routes.some((mate) => mate.node !== null && seatOf(mate.sessionId) === seatOf(sessionId) && numberInSeat(mate.sessionId) < numberInSeat(sessionId));

/** @returns null where there is nothing to do but wait. */
export function nextMove(service: ServiceState, rollout: RolloutState, room: Room | null): Move | null {
  const goal = rolloutGoal(service, rollout);
  const sides = sidesOf(service);
  const useless = [...uselessOf(service, rollout, goal, sides), ...idleOf(sides.leaving)];
  if (useless.length > 0) return { kind: "drain", routes: useless };
  const grown = grow(service, goal, sides, room);
  if (grown !== null) return grown;
  const replaced = replacedOf(rollout, goal, sides);
  if (replaced.length > 0) return { kind: "drain", routes: replaced };
  return keepOld(service, rollout, goal, sides);
}

/** Ending these takes nothing from anybody. */
function uselessOf(service: ServiceState, rollout: RolloutState, goal: RolloutGoal, { fresh, old }: Sides): readonly RouteState[] {
  const beyond = worstFirst(fresh).slice(0, Math.max(0, fresh.length - service.desiredRouteCount));
  if (!goal.inPlace) {
    const idle = old.filter((route) => !isHealthy(route));
    const strangers = idle.filter((route) => rank(route, rollout) === 0);
    const rest = worstFirst(idle.filter((route) => !strangers.includes(route)));
    return [...beyond, ...strangers, ...rest.slice(0, Math.max(0, old.length - strangers.length - goal.oldRoutes))];
  }
  // In place, what fails has the seat that its successor needs: it is handed on, not given away, unless nobody needs it.
  const over = Math.max(0, fresh.length + old.length - goal.totalMax);
  const homeless = fresh.filter((route) => isUnplaced(route) && route.predecessorId === null && !beyond.includes(route)).slice(0, over);
  const isTaken = fresh.length >= goal.newRoutes;
  const hasNoPlace = (route: RouteState): boolean => isUnplaced(route) && !isOwedSeat(route, service);
  const placeless = worstFirst(old.filter((route) => !isHealthy(route) && (isTaken || hasNoPlace(route)))).slice(
    0,
    Math.max(0, old.length - goal.oldRoutes),
  );
  return [...beyond, ...placeless, ...homeless];
}

/** What comes up on a machine that is drained may be all that there is room for. */
const idleOf = ({ fresh, old }: Side): readonly RouteState[] => [
  ...fresh.filter((route) => !isHealthy(route) && !isComing(route)),
  ...old.filter((route) => !isHealthy(route)),
];

function grow(service: ServiceState, goal: RolloutGoal, sides: Sides, room: Room | null): Move | null {
  const { fresh, old } = sides;
  const wanted = goal.newRoutes - fresh.length;
  if (wanted <= 0 || !service.revisions.has(service.revisionId)) return null;
  // Asked before anything is ended for it: what fits nowhere must cost nobody a seat.
  if (old.length > 0 && fresh.length === 0 && room === null) return { kind: "preview" };
  const places = goal.totalMax - fresh.length - old.length;
  if (places > 0) return { kind: "create", revisionId: service.revisionId, count: Math.min(wanted, places) };
  return goal.inPlace ? nextSwap(service, goal, sides) : null;
}

function nextSwap(service: ServiceState, goal: RolloutGoal, sides: Sides): Move | null {
  const { fresh, old } = sides;
  const underWay = fresh.filter((route) => !isHealthy(route) && (route.predecessorId !== null || !isUnplaced(route))).length;
  // Only of those that stay: on a machine that is drained no seat can be handed on.
  const [route] = worstFirst(old);
  if (route === undefined || underWay >= goal.swapsMax) return null;
  const others = healthyOf(allOf(sides)) - healthyOf([route]);
  // Those that find no place are waited for no longer: there may never be one.
  const placeless = fresh.filter((one) => isUnplaced(one) && one.predecessorId === null && service.readAt >= stuckAt(one)).length;
  if (isHealthy(route) && others < service.desiredRouteCount - placeless - goal.swapsMax) return null;
  return { kind: "swap", route, holdUntil: others > 0 ? null : holdUntil(service) };
}

/** Between SIGTERM and SIGKILL, once a route is drained. */
export const stopGraceMs = 10_000;

/** For as long as the successor may take: its predecessor's last requests, its end, and its own start. */
function holdUntil(service: ServiceState): Date {
  const revision = service.revisions.get(service.revisionId);
  const check = revision === undefined ? null : servedModel(revision.definition).service.health_check;
  const startMs = (check?.initial_delay ?? initialDelayDefaultSeconds) * 1000;
  return new Date(service.readAt.getTime() + service.terminationGraceMs + stopGraceMs + startMs);
}

/** Of those that serve, those whose place others have taken: of the new ones only where they are to leave their machines. */
function replacedOf(rollout: RolloutState, goal: RolloutGoal, sides: Sides): readonly RouteState[] {
  const { fresh, old, leaving } = sides;
  const spare = Math.max(0, healthyOf(allOf(sides)) - goal.healthyMin);
  const moved = worstFirst(leaving.fresh).slice(0, Math.max(0, healthyOf(fresh) + leaving.fresh.length - goal.newRoutes));
  const serving = worstFirst([...leaving.old, ...old].filter(isHealthy)).toSorted((one, other) => rank(one, rollout) - rank(other, rollout));
  return [...moved, ...serving.slice(0, Math.max(0, serving.length - goal.oldRoutes))].slice(0, spare);
}

const rank = ({ revisionId }: RouteState, { fromRevisionId }: RolloutState): number => (revisionId === fromRevisionId ? 1 : 0);

/** A step can last for days: what it keeps of the old revision is kept up. */
function keepOld(service: ServiceState, rollout: RolloutState, goal: RolloutGoal, { fresh, old }: Sides): Move | null {
  const count = Math.min(goal.oldRoutes - old.length, goal.totalMax - fresh.length - old.length);
  // A restart's old routes are of the same revision: a new one would be one of the new.
  if (count <= 0 || rollout.fromRevisionId === service.revisionId || !service.revisions.has(rollout.fromRevisionId)) return null;
  return { kind: "create", revisionId: rollout.fromRevisionId, count };
}
