/**
 * What is said of routes on a machine that is drained, while they serve on it: pure. That they are to go is decided by surplus.ts and
 * plan.ts, for which they are not among those that are to stay; here it is only told, and told no more when the drain is cancelled.
 */
import { isToStay, type RouteChange, type RouteState, type ServiceState } from "../model/control-state.ts";
import { routeStatusMessages } from "../model/route-status.ts";
import { isStaying, stayingReason } from "../model/staying.ts";

export function tellStaying(service: ServiceState): readonly RouteChange[] {
  return service.routes.flatMap((route) => {
    const told = reasonOf(route, service);
    if (told === null || told === route.statusReason) return [];
    return [{ routeId: route.id, believed: route.status, transitions: [], patch: { statusReason: told }, history: [] }];
  });
}

/** Null where there is nothing to say. */
function reasonOf(route: RouteState, service: ServiceState): string | null {
  if (route.status !== "HEALTHY") return null;
  if (!route.leaving) return isStaying(route.statusReason) ? routeStatusMessages.HEALTHY : null;
  return stayingReason(route.node, whyItStays(service));
}

function whyItStays(service: ServiceState): string {
  if (service.rollout !== null) return ", until the rollout is over.";
  if (!service.revisions.has(service.revisionId)) return ": no other can be started before the model definition is corrected.";
  const waiting = service.routes.find((route) => route.status === "SCHEDULING" && isToStay(route, service));
  return waiting === undefined ? ", until its successor serves." : `: ${waiting.statusReason}`;
}
