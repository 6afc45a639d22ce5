/**
 * The variables of a session, readable: secret ones are decrypted only here, when the session is handed to the scheduler.
 *
 * One that cannot be decrypted is the failure of its service, in words, and the turn is repeated with growing waits: the session starts
 * once SERAI_SECRET is right again.
 */
import { AppError } from "../failure.ts";
import type { RouteState, ServiceState } from "../model/control-state.ts";
import type { ProjectId } from "../model/ids.ts";
import type { StoredVariable } from "../model/service-spec.ts";
import type { Failure } from "../model/service-status.ts";
import type { Database } from "../store/database.ts";
import type { Lease } from "../store/leases.ts";
import { recordRoutes } from "../store/routes.ts";
import { failureEntry } from "./failure-entry.ts";

/** Null where it was encrypted with another SERAI_SECRET. */
export type DecryptVariable = (projectId: ProjectId, name: string, encrypted: string) => Promise<string | null>;

/** Throws AppError CONFIG_INVALID, after it has written the failure, where one cannot be decrypted. */
export async function readVariables(
  route: RouteState,
  stored: readonly StoredVariable[],
  service: ServiceState,
  lease: Lease,
  { database, decryptVariable }: { readonly database: Database; readonly decryptVariable: DecryptVariable },
): Promise<Readonly<Record<string, string>>> {
  const { values, unreadable } = await decryptAll(stored, service.projectId, decryptVariable);
  if (unreadable.length > 0) {
    const failure = failureOf(unreadable, route, service);
    if (route.failure?.message !== failure.message) await recordRoutes(database, lease, service.id, [changeOf(route, failure)]);
    throw new AppError("CONFIG_INVALID", failure.message, { publicMessage: failure.message, retry: true });
  }
  return values;
}

/** `unreadable`: names of those that cannot be decrypted. */
export async function decryptAll(
  stored: readonly StoredVariable[],
  projectId: ProjectId,
  decryptVariable: DecryptVariable,
): Promise<{ readonly values: Readonly<Record<string, string>>; readonly unreadable: readonly string[] }> {
  const read = await Promise.all(
    stored.map(async (one) => ({
      name: one.name,
      value: "value" in one ? one.value : await decryptVariable(projectId, one.name, one.encrypted),
    })),
  );
  return {
    values: Object.fromEntries(read.map(({ name, value }) => [name, value ?? ""])),
    unreadable: read.filter(({ value }) => value === null).map(({ name }) => name),
  };
}

const failureOf = (names: readonly string[], route: RouteState, service: ServiceState): Failure => ({
  ...whyUnreadable(names),
  routeId: route.id,
  at: service.readAt.toISOString(),
});

export function whyUnreadable(names: readonly string[]): Pick<Failure, "cause" | "message" | "hint"> {
  const which = names.length === 1 ? `The secret variable ${names[0]}` : `The secret variables ${names.join(", ")}`;
  return {
    cause: "START_FAILED",
    message: `${which} cannot be decrypted: SERAI_SECRET is not the one that the service was created with`,
    hint: "Set SERAI_SECRET to what it was, or create the service anew.",
  };
}

const changeOf = (route: RouteState, failure: Failure) => ({
  routeId: route.id,
  believed: route.status,
  transitions: [],
  patch: { failure, statusReason: failure.message },
  history: [failureEntry(failure, route, null)],
  failure,
});
