/**
 * Which routes are to be ended while nothing is rolled out: those beyond the desired count, and those of an old revision whose work a
 * new one has taken over. Pure; never more than the surplus, never one that serves before one that does not.
 */
import { isCurrent as isOnWish, type RouteState, type ServiceState } from "../model/control-state.ts";
import { isEnding } from "../model/route-status.ts";
import { defaultMaxRetries } from "../model/model-definition.ts";

export function surplusOf(service: ServiceState): readonly RouteState[] {
  const live = service.routes.filter((route) => !isEnding(route.status));
  const desired = service.terminating ? 0 : service.desiredRouteCount;
  // Without a usable revision nothing new can be started: what serves goes on serving.
  const isCurrent = (route: RouteState) => !service.revisions.has(service.revisionId) || isOnWish(route, service);
  const current = live.filter(isCurrent);
  const old = live.filter((route) => !isCurrent(route));

  const beyond = worstFirst(current).slice(0, Math.max(0, current.length - desired));

  const healthy = current.filter((route) => route.status === "HEALTHY").length;
  const serving = old.filter((route) => route.status === "HEALTHY");
  const replaced = worstFirst(serving).slice(0, Math.max(0, serving.length - Math.max(0, desired - healthy)));
  const useless = old.filter((route) => route.status !== "HEALTHY");
  return [...beyond, ...useless, ...replaced];
}

/** It has failed its health check for as long again as it took to be called unhealthy. */
export const isHopeless = ({ status, probeFailures, healthCheck }: RouteState): boolean =>
  status === "UNHEALTHY" && probeFailures >= 2 * (healthCheck?.max_retries ?? defaultMaxRetries);

const order = ["PENDING", "SCHEDULING", "BACKING_OFF", "UNHEALTHY", "PREPARING", "WARMING_UP", "HEALTHY"];

export function worstFirst(routes: readonly RouteState[]): RouteState[] {
  return [...routes].sort(
    (one, other) =>
      order.indexOf(one.status) - order.indexOf(other.status) || other.createdAt.getTime() - one.createdAt.getTime() || (one.id < other.id ? 1 : -1),
  );
}
