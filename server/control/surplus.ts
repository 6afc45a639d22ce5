/**
 * Which routes are to be ended while nothing is rolled out: those beyond the desired count, and those of an old revision, or on a machine
 * that is drained, whose work a new one has taken over. Pure; never more than the surplus, never one that serves before one that does not.
 */
import { isCurrent, isToStay, type RouteState, type ServiceState } from "../model/control-state.ts";
import { isEnding } from "../model/route-status.ts";
import { defaultMaxRetries } from "../model/model-definition.ts";

export function surplusOf(service: ServiceState): readonly RouteState[] {
  const live = service.routes.filter((route) => !isEnding(route.status));
  const desired = service.terminating ? 0 : service.desiredRouteCount;
  // Without a usable revision nothing new can be started: what serves goes on serving.
  const isWanted = (route: RouteState) => !service.revisions.has(service.revisionId) || isToStay(route, service);
  const current = live.filter(isWanted);
  const old = live.filter((route) => !isWanted(route));

  const beyond = worstFirst(current).slice(0, Math.max(0, current.length - desired));

  const healthy = current.filter((route) => route.status === "HEALTHY").length;
  // What comes up on a machine that is drained may be all that there is room for.
  const serving = old.filter((route) => route.status === "HEALTHY" || (isComing(route) && isCurrent(route, service)));
  const replaced = worstFirst(serving).slice(0, Math.max(0, serving.length - Math.max(0, desired - healthy)));
  const useless = old.filter((route) => !serving.includes(route));
  return [...beyond, ...useless, ...replaced];
}

export const isComing = ({ status }: RouteState): boolean => status === "PREPARING" || status === "WARMING_UP";

/** It has failed its health check for as long again as it took to be called unhealthy. */
export const isHopeless = ({ status, probeFailures, healthCheck }: RouteState): boolean =>
  status === "UNHEALTHY" && probeFailures >= 2 * (healthCheck?.max_retries ?? defaultMaxRetries);

const order = ["PENDING", "SCHEDULING", "BACKING_OFF", "UNHEALTHY", "PREPARING", "WARMING_UP", "HEALTHY"];

/** Of what is equally far, those whose machine is drained, and then the youngest. */
export function worstFirst(routes: readonly RouteState[]): RouteState[] {
  return [...routes].sort(
    (one, other) =>
      order.indexOf(one.status) - order.indexOf(other.status) ||
      Number(other.leaving) - Number(one.leaving) ||
      other.createdAt.getTime() - one.createdAt.getTime() ||
      (one.id < other.id ? 1 : -1),
  );
}
