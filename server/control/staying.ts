/**
 * What is said of routes on a machine that is drained, while they serve on it: pure. That they are to go is decided by surplus.ts and,
 * while a rollout is under way, rollout-moves.ts; here it is only told, and told no more when the drain is cancelled.
 */
import type { RouteChange, RouteState, ServiceState } from "../model/control-state.ts";
import { isEnding, routeStatusMessages } from "../model/route-status.ts";
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
  return stayingReason(route.node, whyItStays(route, service));
}

/** Its successor is of its own revision, or of the one that is rolled out. */
function whyItStays(route: RouteState, service: ServiceState): string {
  if (!service.revisions.has(service.revisionId)) return ": no other can be started before the model definition is corrected.";
  const coming = service.routes.filter(({ status, leaving }) => status !== "HEALTHY" && !isEnding(status) && !leaving);
  if (coming.length === 0 && service.rollout !== null) return ", until the rollout goes on.";
  const waiting = coming.filter(({ status }) => status === "SCHEDULING");
  const own = waiting.find(({ revisionId }) => revisionId === route.revisionId) ?? waiting[0];
  return own === undefined ? ", until its successor serves." : `: ${own.statusReason}`;
}
