/** What the store does to rows, on values: routes, rollouts, and what users wish. */
import {
  nothingKnown,
  type RolloutChange,
  type RolloutState,
  type RouteChange,
  type RouteState,
  type ServiceState,
} from "../../server/model/control-state.ts";
import type { RevisionId, SessionId } from "../../server/model/ids.ts";
import type { RolloutKind, RolloutPolicy } from "../../server/model/rollout.ts";

/** With what control does not read, but the store keeps. */
export type StoredService = ServiceState & { readonly stableRevisionId: RevisionId | null };

export function apply<S extends ServiceState>(service: S, changes: readonly RouteChange[], now: Date, newSessionId: () => SessionId): S {
  const routes = service.routes.flatMap((route): RouteState[] => {
    const change = changes.find((candidate) => candidate.routeId === route.id && candidate.believed === route.status);
    if (change === undefined) return [route];
    const status = change.transitions.at(-1)?.status ?? route.status;
    if (status === "TERMINATED") return [];
    const renewed = change.renewSession === true ? { ...nothingKnown, leaving: false, sessionId: newSessionId() } : {};
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

/** store/rollouts.ts */
export function applyRollout(service: StoredService, { rolloutId, believed, patch, becomes }: RolloutChange): StoredService {
  const { rollout } = service;
  if (rollout === null || rollout.id !== rolloutId || rollout.status !== believed) throw new Error("SUPERSEDED");
  const changed: RolloutState = { ...rollout, ...patch };
  if (becomes === undefined) return { ...service, rollout: changed };
  switch (becomes) {
    case "REVERTING":
      return { ...service, rollout: { ...changed, status: "REVERTING" }, revisionId: rollout.fromRevisionId, restartedAt: rollout.fromRestartedAt };
    case "COMPLETED":
      return settle({ ...service, rollout: null });
    case "REVERTED":
      return { ...service, rollout: null };
  }
}

/** store/begin-rollout.ts */
export function beginRollout(
  service: StoredService,
  wish: {
    readonly kind: RolloutKind;
    readonly revisionId: RevisionId;
    readonly restartedAt: Date | null;
    readonly policy: RolloutPolicy;
    readonly id: string;
  },
): StoredService {
  const { rollout: live, stableRevisionId } = service;
  const changed = { ...service, revisionId: wish.revisionId, restartedAt: wish.restartedAt };
  if (stableRevisionId === null) return { ...changed, rollout: null };
  const fromRestartedAt = live === null ? service.restartedAt : live.fromRestartedAt;
  return {
    ...changed,
    rollout: {
      id: wish.id as RolloutState["id"],
      kind: wish.kind,
      status: "ROLLING",
      mode: live?.mode ?? "SURGE",
      fromRevisionId: stableRevisionId,
      fromRestartedAt,
      toRevisionId: wish.revisionId,
      toNumber: 2,
      policy: wish.policy,
      step: 0,
      stepAt: null,
      promoted: false,
    },
  };
}

/** store/service-status.ts: once every desired route is healthy on it, a revision is what rollouts go back to. */
export function settle(service: StoredService): StoredService {
  const { routes, revisionId, rollout, desiredRouteCount: desired } = service;
  const healthy = routes.filter((route) => route.revisionId === revisionId && route.status === "HEALTHY").length;
  return rollout === null && desired > 0 && healthy >= desired ? { ...service, stableRevisionId: revisionId } : service;
}
