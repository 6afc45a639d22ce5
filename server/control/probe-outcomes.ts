/**
 * What probes said, until the turn of their service has written it: several at once, in one transaction. Whoever told of one waits for
 * that, so no route is probed again before.
 */
import type { ProbeOutcome } from "../ask-health.ts";
import type { RouteChange, ServiceState } from "../model/control-state.ts";
import type { RouteId, ServiceId } from "../model/ids.ts";
import { judgeProbe } from "./judge-probe.ts";

export type ToldOutcome = { readonly attempt: string; readonly outcome: ProbeOutcome; readonly newDetail: boolean };
export type Outcomes = {
  /** Resolves when nothing is to be written of it any more. */
  add(serviceId: ServiceId, routeId: RouteId, told: ToldOutcome): Promise<void>;
  /** What is to be written of those of a service, on its routes as they are now, and what ends their wait. */
  take(service: ServiceState): { readonly changes: readonly RouteChange[]; readonly release: () => void };
  /** Of a service: it is somebody else's, or has ended. */
  drop(serviceId: ServiceId): void;
  /** Nobody takes any more. */
  end(): void;
};

type Waiting = ToldOutcome & { readonly release: () => void };

export function createOutcomes(): Outcomes {
  const waiting = new Map<ServiceId, Map<RouteId, Waiting>>();
  let ended = false;
  const drop = (serviceId: ServiceId): void => {
    for (const { release } of waiting.get(serviceId)?.values() ?? []) release();
    waiting.delete(serviceId);
  };
  return {
    add(serviceId, routeId, told) {
      if (ended) return Promise.resolve();
      const ofService = waiting.get(serviceId) ?? new Map<RouteId, Waiting>();
      waiting.set(serviceId, ofService);
      ofService.get(routeId)?.release();
      return new Promise((resolve) => ofService.set(routeId, { ...told, release: resolve }));
    },
    take(service) {
      const taken = waiting.get(service.id);
      waiting.delete(service.id);
      const changes = service.routes.flatMap((route) => {
        const told = taken?.get(route.id);
        // An attempt that is over says nothing of the one after it.
        return told === undefined || told.attempt !== route.attempt ? [] : (judgeProbe(route, told.outcome, told.newDetail) ?? []);
      });
      return { changes, release: () => taken?.forEach(({ release }) => release()) };
    },
    drop,
    end() {
      ended = true;
      for (const serviceId of waiting.keys()) drop(serviceId);
    },
  };
}
