/**
 * What a session's tasks read by reference, so that it stands in no job, allocation or event: Nomad variables, one for each task, at the
 * path that Nomad lets this task alone read without a policy, `nomad/jobs/<job>/<group>/<task>`. The sessions that have a seat in turn
 * have tasks of different names: what the next one reads changes nothing for the one that still runs. Pure.
 *
 * Secret variables become a file in secrets/, which Nomad keeps in memory and does not hand out. Their values are words of the shell
 * before they come to Nomad, and Nomad's template only copies: nothing has to be escaped there, whatever they hold. Those of a gang are in the
 * one that all tasks of its job may read, because its tasks have other names with each attempt.
 *
 * The credentials of a registry go to a task of their own that pulls the image and ends before the session's begins. Nomad puts them into
 * the driver's configuration, not into the container. Tried on 1.11.3 and rejected: to give them to the session's own task, because Nomad
 * forgets them with the restart of a client, and then ends each task whose configuration names them, in the middle of its work.
 */
import type { SessionId } from "../../model/ids.ts";
import { homePlaceholder, type ImageCredentials, type Session } from "../../model/session.ts";
import { quote } from "../../model/shell-words.ts";
import type { Task } from "./api-types.ts";
import { numberInSeat } from "../../model/seat.ts";
import { ranksOf, second } from "./gang-job.ts";
import { hardened } from "./hardened.ts";
import { groupName, jobIdOf } from "./names.ts";
import { groupNameOf, pullNameOf, taskNameOf } from "./task.ts";

export type Reference = { readonly path: string; readonly items: Readonly<Record<string, string>> };

export const variablesPrefix = (jobId: string): string => `nomad/jobs/${jobId}/`;
const pathOf = (jobId: string, task: string): string => `${variablesPrefix(jobId)}${groupName}/${task}`;

const secretsPath = (jobId: string, id: SessionId): string => pathOf(jobId, taskNameOf(id));
const credentialsPath = (jobId: string, id: SessionId, group = groupName): string => `${variablesPrefix(jobId)}${group}/${pullNameOf(id)}`;

const sharedPath = (jobId: string): string => `nomad/jobs/${jobId}`;
/** Of any gang that has had its seat: beside those that others may have as well. */
export const isOfGang = (jobId: string, path: string): boolean => path === sharedPath(jobId) || /\/worker-\d+\/[^/]+$/.test(path);

/** Where the variables of one session are, whether it has any or not. */
export const pathsOf = (jobId: string, id: SessionId): readonly string[] => [secretsPath(jobId, id), credentialsPath(jobId, id)];

export function referencesOf(installationId: string, session: Session): readonly Reference[] {
  const { id, secrets = {} } = session;
  const jobId = jobIdOf(installationId, id);
  const credentials = credentialsOf(session);
  const { path, item } = secretsAt(installationId, session);
  return [
    ...(hasSecrets(session) ? [{ path, items: { [item]: exportsOf(secrets) } }] : []),
    ...(credentials === null ? [] : pullPathsOf(session, jobId).map((at) => ({ path: at, items: credentialItems(credentials) }))),
  ];
}

/** Those who have the seat in turn read another item each. */
function secretsAt(installationId: string, { id, cluster }: Session): { readonly path: string; readonly item: string } {
  const jobId = jobIdOf(installationId, id);
  return cluster === undefined ? { path: secretsPath(jobId, id), item: "exports" } : { path: sharedPath(jobId), item: `exports_${numberInSeat(id)}` };
}

const pullPathsOf = ({ id, cluster }: Session, jobId: string): readonly string[] =>
  cluster?.mode === "MULTI_NODE" ? ranksOf(cluster).map((rank) => credentialsPath(jobId, id, groupNameOf(rank))) : [credentialsPath(jobId, id)];

export const hasSecrets = ({ secrets = {} }: Session): boolean => Object.keys(secrets).length > 0;

/** Null where the image is pulled as by anybody. */
export const credentialsOf = ({ environment }: Session): ImageCredentials | null =>
  environment.kind === "CONTAINER" ? (environment.credentials ?? null) : null;

/** Lines of the shell that set the variables. Where a session's directory is, it knows by then. */
export const exportsOf = (variables: Readonly<Record<string, string>>): string =>
  Object.entries(variables)
    .map(([name, value]) => `export ${name}=${value.split(homePlaceholder).map(quote).join('"$SERAI_HOME"')}\n`)
    .join("");

/** Nomad reads them as lines of an env file, where a JSON string means what it says. */
const credentialItems = ({ username, password }: ImageCredentials): Reference["items"] => ({
  username: JSON.stringify(username),
  password: JSON.stringify(password),
});

/** Beside run.sh, which reads it. */
export const secretsFile = "secrets.sh";

export function secretsTemplate(installationId: string, session: Session): Task["Templates"][number] {
  const { path, item } = secretsAt(installationId, session);
  return {
    EmbeddedTmpl: `{{ with nomadVar "${path}" }}{{ .${item} }}{{ end }}`,
    DestPath: `secrets/${secretsFile}`,
    ChangeMode: "noop",
    // A variable of a session never changes: nothing is gained by watching it.
    Once: true,
    Perms: "0644",
  };
}

/** None where the session's own task pulls its image. */
export function pullTasksOf(installationId: string, session: Session, group: string): readonly Task[] {
  const { environment, id } = session;
  if (environment.kind !== "CONTAINER" || credentialsOf(session) === null) return [];
  const pull: Task = {
    Name: pullNameOf(id),
    Driver: "docker",
    Lifecycle: { Hook: "prestart", Sidecar: false },
    Secrets: [{ Name: "registry", Provider: "nomad", Path: credentialsPath(jobIdOf(installationId, id), id, group) }],
    Config: {
      image: environment.image,
      ...hardened,
      readonly_rootfs: true,
      auth: [{ username: "${secret.registry.username}", password: "${secret.registry.password}" }],
      entrypoint: ["/bin/sh"],
      args: ["-c", "exit 0"],
    },
    Templates: [],
    KillSignal: "SIGTERM",
    KillTimeout: second,
    // It ends before the session's task begins, so it takes nothing besides what that has.
    Resources: { CPU: 10, MemoryMB: session.resources.memoryMiB },
    LogConfig: { MaxFiles: 1, MaxFileSizeMB: 1 },
  };
  return [pull];
}
