/**
 * What was observed of a service's sessions, without the values of its secret variables: the only form in which control reads it, so
 * whatever it writes (failures, reasons, history, outputs of actions) holds none. A value that cannot be decrypted is not masked: its
 * service says so when a session is to be started (read-secrets.ts).
 */
import type { RouteState, ServiceState } from "../model/control-state.ts";
import type { SessionId } from "../model/ids.ts";
import { maskObservation, maskOf } from "../model/mask.ts";
import type { Observation } from "../model/session.ts";
import type { DecryptVariable } from "./read-secrets.ts";

type Sessions = Pick<ServiceState, "projectId" | "secrets"> & { readonly routes: readonly Pick<RouteState, "sessionId">[] };

export async function maskSecrets(
  service: Sessions,
  known: ReadonlyMap<SessionId, Observation>,
  decryptVariable: DecryptVariable,
): Promise<ReadonlyMap<SessionId, Observation>> {
  if (service.secrets.length === 0) return known;
  const read = await Promise.all(
    service.secrets.map(async ({ name, encrypted }) => {
      const value = await decryptVariable(service.projectId, name, encrypted).catch(() => null);
      return value === null ? [] : [{ name, value }];
    }),
  );
  const mask = maskOf(read.flat());
  return new Map(
    service.routes.flatMap(({ sessionId }) => {
      const seen = known.get(sessionId);
      return seen === undefined ? [] : [[sessionId, maskObservation(seen, mask)] as const];
    }),
  );
}
