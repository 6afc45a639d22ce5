/** What store/routes.ts does to rows, on values. */
import { nothingKnown, type RouteChange, type RouteState, type ServiceState } from "../../server/model/control-state.ts";
import type { SessionId } from "../../server/model/ids.ts";

export function apply(service: ServiceState, changes: readonly RouteChange[], now: Date, newSessionId: () => SessionId): ServiceState {
  const routes = service.routes.flatMap((route): RouteState[] => {
    const change = changes.find((candidate) => candidate.routeId === route.id && candidate.believed === route.status);
    if (change === undefined) return [route];
    const status = change.transitions.at(-1)?.status ?? route.status;
    if (status === "TERMINATED") return [];
    const renewed = change.renewSession === true ? { ...nothingKnown, sessionId: newSessionId() } : {};
    const next = { ...route, ...change.patch, ...renewed, status, statusAt: status === route.status ? route.statusAt : now };
    if (next.status === "HEALTHY" && next.host === null) throw new Error("routes_healthy_address");
    return [{ ...next, failure: next.failure === null ? null : asFromJsonb(next.failure) }];
  });
  return { ...service, routes };
}

/** jsonb gives the keys of an object back in an order of its own. */
function asFromJsonb<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))) as T;
}
