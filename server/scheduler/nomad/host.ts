/**
 * How a session's task runs with the machine's own programs: pure. By `raw_exec` as the agent's user, who sees all of the machine; isolated
 * by `exec`, as nobody in a copy of the machine's programs, with processes and limits of its own.
 *
 * `exec` can mount nothing but volumes that the machine's agent knows, and none of their directories alone: so what is mounted is
 * SERAI_FOLDERS as a whole, under its own path, as a volume with the name that `foldersVolume` says.
 */
import { dirname } from "node:path";
import type { Session, SessionEnvironment } from "../../model/session.ts";
import type { Task, TaskGroup } from "./api-types.ts";
import type { MemberTask } from "./gang-job.ts";
import { foldersVolume, startName } from "./names.ts";
import { filesOf } from "./task-files.ts";

export type Running = Pick<Task, "Driver" | "User" | "Config" | "Templates" | "VolumeMounts">;

const hostPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Nomad's device plugin says by this variable which accelerators a task has: the only thing that gets past `env -i`. It is meant for
 * containers; programs on the host look at CUDA_VISIBLE_DEVICES, and without it all sessions of a machine would share its first GPU.
 * No `${` but Nomad's own: the driver's configuration is read as a template, and refused for it.
 */
const withDevices =
  '[ -z "$NVIDIA_VISIBLE_DEVICES" ] || set -- "NVIDIA_VISIBLE_DEVICES=$NVIDIA_VISIBLE_DEVICES" "CUDA_VISIBLE_DEVICES=$NVIDIA_VISIBLE_DEVICES" "$@"; exec /usr/bin/env -i "$@"';

type Host = Extract<SessionEnvironment, { kind: "HOST" }>;

/** `${NOMAD_…}` here is Nomad's: this and the port are what only the machine knows. */
export function onHost(session: Session, environment: Host, context: { readonly installationId: string }, member: MemberTask): Running {
  const [model] = session.mounts;
  const home = "${NOMAD_TASK_DIR}/home";
  const known = [`PORT=\${NOMAD_PORT_${member.port}}`, `SERAI_HOME=${home}`, `HOME=${home}`, `PATH=${hostPath}`, "LANG=C.UTF-8"];
  const reports = session.actionCount > 0 ? [`SERAI_START=\${NOMAD_TASK_DIR}/${startName}`] : [];
  const run = [...known, ...member.passed, ...reports, "/bin/sh", "${NOMAD_SECRETS_DIR}/run.sh", "${NOMAD_TASK_DIR}/start.sh"];
  return {
    ...(environment.isolated === true ? isolated(session, environment) : { Driver: "raw_exec" }),
    Config:
      session.resources.accelerators.length > 0
        ? { command: "/bin/sh", args: ["-c", withDevices, "sh", ...run] }
        : { command: "/usr/bin/env", args: ["-i", ...run] },
    Templates: filesOf(session, { MODEL_PATH: model.source }, context, member),
  };
}

/** A name within the job. */
const volume = "folders";

const writesNothing = ({ mounts }: Session): boolean => mounts.every(({ readOnly }) => readOnly);

const isolated = (session: Session, { runAs }: Host): Pick<Running, "Driver" | "User" | "VolumeMounts"> => ({
  Driver: "exec",
  // Nomad's own choice where nothing is said is nobody.
  ...(runAs === undefined ? {} : { User: runAs }),
  // Folders are beside each other.
  VolumeMounts: [{ Volume: volume, Destination: dirname(session.mounts[0].source), ReadOnly: writesNothing(session) }],
});

/** What a group's tasks mount; nothing where they see the machine itself, or have their folders from Docker. */
export const volumesOf = (session: Session, installationId: string): Pick<TaskGroup, "Volumes"> =>
  session.environment.kind === "HOST" && session.environment.isolated === true
    ? { Volumes: { [volume]: { Type: "host", Source: foldersVolume(installationId), ReadOnly: writesNothing(session) } } }
    : {};
