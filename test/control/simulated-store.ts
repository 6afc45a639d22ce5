/** What store/routes.ts does to rows, on values. */
import type { RouteChange, RouteState, ServiceState } from "../../server/model/control-state.ts";
import type { SessionId } from "../../server/model/ids.ts";

const nothingKnown = { attempt: null, node: null, host: null, port: null, restarting: false, retryNow: false, retryAt: null };

export function apply(service: ServiceState, changes: readonly RouteChange[], now: Date, newSessionId: () => SessionId): ServiceState {
  const routes = service.routes.flatMap((route): RouteState[] => {
    const change = changes.find((candidate) => candidate.routeId === route.id && candidate.believed === route.status);
    if (change === undefined) return [route];
    const status = change.transitions.at(-1)?.status ?? route.status;
    if (status === "TERMINATED") return [];
    const renewed = change.renewSession === true ? { ...nothingKnown, sessionId: newSessionId() } : {};
    return [{ ...route, ...change.patch, ...renewed, status, statusAt: status === route.status ? route.statusAt : now }];
  });
  return { ...service, routes };
}
