/**
 * What is kept encrypted of a session, readable: decrypted only here, when the session is handed to the scheduler. Secret variables are
 * the revision's, as they were written. The credentials of its image's registry are the newest, so a new password counts from the next
 * start of each session on.
 *
 * What cannot be decrypted is the failure of its service, in words, and the turn is repeated with growing waits: the session starts
 * once SERAI_SECRET is right again.
 */
import { AppError } from "../failure.ts";
import type { RouteState, ServiceState } from "../model/control-state.ts";
import type { ProjectId } from "../model/ids.ts";
import type { StoredVariable } from "../model/service-spec.ts";
import type { Failure } from "../model/service-status.ts";
import type { Opened, RunnableRevision } from "../model/session-of.ts";
import type { Database } from "../store/database.ts";
import type { Lease } from "../store/leases.ts";
import { readRegistryFor } from "../store/image-registries.ts";
import { recordRoutes } from "../store/routes.ts";
import { failureEntry } from "./failure-entry.ts";

/** Null where it was encrypted with another SERAI_SECRET. */
export type DecryptVariable = (projectId: ProjectId, name: string, encrypted: string) => Promise<string | null>;

export type Keys = {
  readonly database: Database;
  readonly decryptVariable: DecryptVariable;
  /** The same, of a registry. */
  readonly decryptPassword: (host: string, encrypted: string) => Promise<string | null>;
};

type Why = Pick<Failure, "cause" | "message" | "hint">;
type Read = { readonly ok: true; readonly value: Opened } | { readonly ok: false; readonly why: Why };

export async function readSecrets(revision: RunnableRevision, projectId: ProjectId, keys: Keys): Promise<Read> {
  const { values, unreadable } = await decryptAll(revision.variables, projectId, keys.decryptVariable);
  if (unreadable.length > 0) return { ok: false, why: whyUnreadable(unreadable) };
  const registry = await readRegistryFor(keys.database, revision.environment);
  if (registry === null) return { ok: true, value: { variables: values, credentials: null } };
  const { host, username } = registry;
  const password = await keys.decryptPassword(host, registry.password);
  if (password === null) return { ok: false, why: whyNoPassword(host) };
  return { ok: true, value: { variables: values, credentials: { username, password } } };
}

/** Throws AppError CONFIG_INVALID, after it has written the failure, where something cannot be decrypted. */
export async function readSecretsFor(
  route: RouteState,
  revision: RunnableRevision,
  service: ServiceState,
  lease: Lease,
  keys: Keys,
): Promise<Opened> {
  const read = await readSecrets(revision, service.projectId, keys);
  if (read.ok) return read.value;
  const failure: Failure = { ...read.why, routeId: route.id, at: service.readAt.toISOString() };
  const { message } = failure;
  if (route.failure?.message !== message) await recordRoutes(keys.database, lease, service.id, [changeOf(route, failure)]);
  throw new AppError("CONFIG_INVALID", message, { publicMessage: message, retry: true });
}

/** `unreadable`: names of those that cannot be decrypted. */
async function decryptAll(
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

function whyUnreadable(names: readonly string[]): Why {
  const which = names.length === 1 ? `The secret variable ${names[0]}` : `The secret variables ${names.join(", ")}`;
  return {
    cause: "START_FAILED",
    message: `${which} cannot be decrypted: SERAI_SECRET is not the one that the service was created with`,
    hint: "Set SERAI_SECRET to what it was, or create the service anew.",
  };
}

const whyNoPassword = (host: string): Why => ({
  cause: "START_FAILED",
  message: `The password of the image registry ${host} cannot be decrypted: SERAI_SECRET is not the one that it was stored with`,
  hint: "Set SERAI_SECRET to what it was, or give the registry its password anew.",
});

const changeOf = (route: RouteState, failure: Failure) => ({
  routeId: route.id,
  believed: route.status,
  transitions: [],
  patch: { failure, statusReason: failure.message },
  history: [failureEntry(failure, route, null)],
  failure,
});
