/** Carries out what was planned: each action is safe to repeat, and every write is fenced by the lease. */
import type { ServiceState } from "../model/control-state.ts";
import type { SessionId } from "../model/ids.ts";
import { sessionOf } from "../model/session-of.ts";
import type { Scheduler } from "../scheduler/scheduler.ts";
import type { Database } from "../store/database.ts";
import type { Lease } from "../store/leases.ts";
import { createRoutes, finishTermination, recordRoutes } from "../store/routes.ts";
import type { Action } from "./plan.ts";
import { readVariables, type DecryptVariable } from "./read-variables.ts";

export type Hands = {
  readonly database: Database;
  readonly scheduler: Scheduler;
  /** Between SIGTERM and SIGKILL, once a route is drained. */
  readonly stopGraceMs: number;
  readonly decryptVariable: DecryptVariable;
  /** The scheduler has accepted it: known from now on, before the first observation of it arrives. */
  submitted(id: SessionId): void;
};

export async function apply(action: Action, service: ServiceState, lease: Lease, hands: Hands): Promise<void> {
  const { database, scheduler } = hands;
  switch (action.kind) {
    case "record":
      return recordRoutes(database, lease, service.id, action.changes);
    case "create":
      return createRoutes(database, lease, service.id, service.revisionId, action.count);
    case "finish":
      return finishTermination(database, lease, service.id);
    case "stop":
      return scheduler.stop(action.sessionId, hands.stopGraceMs);
    case "retry":
      return scheduler.retry(action.sessionId);
    case "submit": {
      if (service.revision === null) return;
      const others = service.routes.filter((route) => route.id !== action.route.id && route.node !== null);
      const avoid = [...new Set(others.map((route) => route.node ?? ""))].sort();
      const variables = await readVariables(action.route, service.revision.variables, service, lease, hands);
      await scheduler.submit(sessionOf(service, service.revision, action.route, avoid, variables));
      hands.submitted(action.route.sessionId);
    }
  }
}
