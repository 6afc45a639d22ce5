/**
 * What control remembers between turns, and only that: whose a session or route is, and which events of a session are in the
 * history already. All of it could be thrown away at any time; it is found out again at the next turn.
 */
import type { RouteState, ServiceState } from "../model/control-state.ts";
import type { RouteId, ServiceId, SessionId } from "../model/ids.ts";
import type { Observation } from "../model/session.ts";

export type Forgotten = { readonly routes: readonly RouteId[]; readonly sessions: readonly SessionId[] };

export type Known = {
  /** Keys of the events of a session that have been written. */
  readonly recorded: ReadonlyMap<SessionId, ReadonlySet<string>>;
  services(): Iterable<ServiceId>;
  serviceOfSession(id: SessionId): ServiceId | null;
  serviceOfRoute(id: RouteId): ServiceId | null;
  /** As it was read last. */
  route(id: RouteId): RouteState | null;
  /** @returns what the service had and has no more. */
  remember(service: ServiceState): Forgotten;
  /** Everything that was seen of these sessions is in the history now. */
  wrote(seen: readonly Observation[]): void;
  /** The service has ended, or somebody else controls it now. */
  forget(id: ServiceId): Forgotten;
};

export function createKnown(): Known {
  const services = new Map<ServiceId, readonly RouteState[]>();
  const ofSession = new Map<SessionId, ServiceId>();
  const ofRoute = new Map<RouteId, { readonly service: ServiceId; readonly route: RouteState }>();
  const recorded = new Map<SessionId, ReadonlySet<string>>();

  function drop(before: readonly RouteState[], now: readonly RouteState[]): Forgotten {
    const routes = before.filter((route) => !now.some(({ id }) => id === route.id)).map(({ id }) => id);
    const sessions = before.filter((route) => !now.some(({ sessionId }) => sessionId === route.sessionId)).map(({ sessionId }) => sessionId);
    for (const id of routes) ofRoute.delete(id);
    for (const id of sessions) {
      ofSession.delete(id);
      recorded.delete(id);
    }
    return { routes, sessions };
  }

  return {
    recorded,
    services: () => services.keys(),
    serviceOfSession: (id) => ofSession.get(id) ?? null,
    serviceOfRoute: (id) => ofRoute.get(id)?.service ?? null,
    route: (id) => ofRoute.get(id)?.route ?? null,
    remember(service) {
      const forgotten = drop(services.get(service.id) ?? [], service.routes);
      services.set(service.id, service.routes);
      for (const route of service.routes) {
        ofSession.set(route.sessionId, service.id);
        ofRoute.set(route.id, { service: service.id, route });
      }
      return forgotten;
    },
    wrote(seen) {
      for (const { sessionId, events } of seen) recorded.set(sessionId, new Set(events.map(({ key }) => key)));
    },
    forget(id) {
      const forgotten = drop(services.get(id) ?? [], []);
      services.delete(id);
      return forgotten;
    },
  };
}
