/**
 * How far a rollout is, and whether it works: pure. It goes on by itself from step to step, goes over to handing seats on where there is
 * no room, and takes itself back to the revision that served last where the new one does not come up.
 *
 * What counts against a revision is what its own routes do: three failed starts, no first pass within `initial_delay`, or a health check
 * that fails `max_retries` times in a row. A machine that was lost, and a place that was not found, do not.
 */
import type { RolloutChange, RolloutState, RouteState, ServiceState } from "../model/control-state.ts";
import type { Failure } from "../model/service-status.ts";
import type { Room } from "../model/room.ts";
import { rolloutGoal } from "./rollout-goal.ts";
import { healthyOf, isUnplaced, sidesOf, stuckAt } from "./rollout-moves.ts";

const failuresMax = 3;

export function judgeRollout(service: ServiceState, rollout: RolloutState, room: Room | null): RolloutChange | null {
  if (rollout.status === "REVERTING") return goInPlace(service, rollout, room) ?? reverted(service, rollout);
  return (
    fails(service, rollout) ??
    fitsNowhere(service, rollout, room) ??
    goInPlace(service, rollout, room) ??
    nextStep(service, rollout) ??
    completed(service, rollout)
  );
}

/** When time alone changes the verdict. */
export function verdictChangesAt(service: ServiceState, rollout: RolloutState): readonly Date[] {
  const step = rollout.policy.steps[rollout.step];
  const stepEnds = step === undefined || rollout.stepAt === null ? [] : [new Date(rollout.stepAt.getTime() + step.holdSeconds * 1000)];
  const waiting = [...placeless(service), ...sidesOf(service).fresh.filter(isStuckInSeat)].map(stuckAt);
  return [...stepEnds, ...waiting].filter((at) => at > service.readAt);
}

const change = (rollout: RolloutState, rest: Partial<Omit<RolloutChange, "rolloutId" | "believed">>): RolloutChange => ({
  rolloutId: rollout.id,
  believed: rollout.status,
  patch: {},
  message: null,
  ...rest,
});

function fails(service: ServiceState, rollout: RolloutState): RolloutChange | null {
  if (!service.revisions.has(rollout.fromRevisionId)) return null;
  const [failure] = sidesOf(service).fresh.flatMap((route) => failureOf(route, service.readAt) ?? []);
  return failure === undefined ? null : takeBack(rollout, failure);
}

function takeBack(rollout: RolloutState, failure: Failure): RolloutChange {
  const what = rollout.kind === "RESTART" ? "The restart" : `Revision ${rollout.toNumber}`;
  return change(rollout, { becomes: "REVERTING", message: `${what} failed and was taken back: ${failure.message}`, failure });
}

function failureOf(route: RouteState, now: Date): Failure | null {
  const { failure, failures, restarts, status } = route;
  if (failures >= failuresMax || restarts > 0 || status === "UNHEALTHY") return failure;
  return isStuckInSeat(route) && now >= stuckAt(route) ? noPlace(route, route.statusReason, now) : null;
}

/** The seat that it takes over is too small for it, and nothing larger is free. */
const isStuckInSeat = (route: RouteState): boolean => route.predecessorId !== null && route.status === "SCHEDULING" && route.node === null;

const noPlace = (route: RouteState, why: string, now: Date): Failure => ({
  cause: "NOT_PLACED",
  routeId: route.id,
  at: now.toISOString(),
  message: `It finds no place, neither beside what serves nor in its stead. ${why}`,
  hint: "Ask for less, or make room.",
});

/** Found out before anything was ended for it. */
function fitsNowhere(service: ServiceState, rollout: RolloutState, room: Room | null): RolloutChange | null {
  const { fresh, old } = sidesOf(service);
  const [first] = old;
  if (room === null || room.fits || room.fitsInPlace || fresh.length > 0 || first === undefined) return null;
  return service.revisions.has(rollout.fromRevisionId) ? takeBack(rollout, noPlace(first, room.why, service.readAt)) : null;
}

function goInPlace(service: ServiceState, rollout: RolloutState, room: Room | null): RolloutChange | null {
  if (rollout.mode === "IN_PLACE") return null;
  const hasFresh = sidesOf(service).fresh.length > 0;
  const stuck = placeless(service).find((route) => service.readAt >= stuckAt(route));
  const why = stuck?.statusReason ?? (room?.fits === false && !hasFresh ? room.why : null);
  if (why === null) return null;
  return change(rollout, { patch: { mode: "IN_PLACE" }, message: `There is no room beside what serves, so it takes over in place. ${why}` });
}

/** Successors beside what serves that have no place. */
function placeless(service: ServiceState): readonly RouteState[] {
  const { fresh, old } = sidesOf(service);
  if (old.length === 0) return [];
  return fresh.filter((route) => route.status === "SCHEDULING" && isUnplaced(route));
}

function nextStep(service: ServiceState, rollout: RolloutState): RolloutChange | null {
  const { steps, promote } = rollout.policy;
  const step = steps[rollout.step];
  if (step === undefined) return null;
  if (rollout.promoted) return change(rollout, { patch: { step: steps.length, stepAt: null }, message: "Promoted: all routes go over." });
  const share = `${step.weight}% of the requests`;
  if (rollout.stepAt === null) {
    const { fresh, leaving } = sidesOf(service);
    const isThere = healthyOf([...fresh, ...leaving.fresh]) >= rolloutGoal(service, rollout).newRoutes;
    return isThere ? change(rollout, { patch: { stepAt: service.readAt }, message: `Step ${rollout.step + 1} of ${steps.length}: ${share}.` }) : null;
  }
  const isLast = rollout.step === steps.length - 1;
  if (isLast && promote === "MANUAL") return null;
  const isOver = service.readAt.getTime() >= rollout.stepAt.getTime() + step.holdSeconds * 1000;
  return isOver ? change(rollout, { patch: { step: rollout.step + 1, stepAt: null } }) : null;
}

function completed(service: ServiceState, rollout: RolloutState): RolloutChange | null {
  const { fresh, old, leaving } = sidesOf(service);
  const isOld = old.length + leaving.old.length > 0;
  const isDone = rollout.step >= rollout.policy.steps.length && !isOld && healthyOf([...fresh, ...leaving.fresh]) >= service.desiredRouteCount;
  if (!isDone) return null;
  const what = rollout.kind === "RESTART" ? "Every route was restarted." : `Every route is on revision ${rollout.toNumber}.`;
  return change(rollout, { becomes: "COMPLETED", message: what });
}

function reverted(service: ServiceState, rollout: RolloutState): RolloutChange | null {
  const { fresh, old, leaving } = sidesOf(service);
  const isBack = old.length + leaving.old.length === 0 && (fresh.length >= service.desiredRouteCount || !service.revisions.has(service.revisionId));
  return isBack ? change(rollout, { becomes: "REVERTED" }) : null;
}
