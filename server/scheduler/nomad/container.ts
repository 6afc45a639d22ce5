/** How a session's task runs in a container: pure. What it may do there: hardened.ts, and what the catalogue of environments says of the image. */
import type { Session, SessionEnvironment } from "../../model/session.ts";
import type { MemberTask } from "./gang-job.ts";
import { hardened } from "./hardened.ts";
import type { Running } from "./host.ts";
import { portLabel, startName } from "./names.ts";
import { filesOf } from "./task-files.ts";

/** Where a container sees the session's own directory. */
const containerHome = "/home/work";

/** Everybody's, as /tmp is. It is memory of the session's. */
const writableTmp = { type: "tmpfs", target: "/tmp", tmpfs_options: { mode: 0o1777 } } as const;

type Container = Extract<SessionEnvironment, { kind: "CONTAINER" }>;

export function inContainer(session: Session, environment: Container, context: { readonly installationId: string }, member: MemberTask): Running {
  const { image, runAs } = environment;
  const isReadOnly = environment.readOnlyRoot === true;
  const [model] = session.mounts;
  const { sharedMemoryMiB } = session.resources;
  const reports: Readonly<Record<string, string>> = session.actionCount > 0 ? { SERAI_START: `/local/${startName}` } : {};
  // What the image says is the home of its own user, and in its root.
  const home = runAs === undefined && !isReadOnly ? {} : { HOME: containerHome };
  return {
    Driver: "docker",
    ...(runAs === undefined ? {} : { User: runAs }),
    Config: {
      image,
      force_pull: false,
      ...hardened,
      ...(isReadOnly ? { readonly_rootfs: true } : {}),
      // Not `command`: an image's own entrypoint would be run with the script as its argument.
      entrypoint: ["/bin/sh"],
      args: ["/secrets/run.sh", "/local/start.sh"],
      ...(session.cluster === undefined ? { ports: [portLabel] } : { network_mode: "host" }),
      // The task's own `tmp`, which everybody may write: a directory that Docker makes is root's.
      volumes: [`tmp:${containerHome}`],
      // Not `volumes`: there Docker makes a directory that is missing, as root, and the model starts in an empty one.
      mount: [
        ...session.mounts.map(({ source, target, readOnly }) => ({ type: "bind", source, target, readonly: readOnly })),
        ...(isReadOnly ? [writableTmp] : []),
      ],
      ...(sharedMemoryMiB > 0 ? { shm_size: sharedMemoryMiB * 1024 * 1024 } : {}),
    },
    Templates: filesOf(
      { ...session, variables: { ...home, ...session.variables } },
      { PORT: String(session.port), MODEL_PATH: model.target, SERAI_HOME: containerHome, ...reports },
      context,
      member,
    ),
  };
}
