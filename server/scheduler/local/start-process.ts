/**
 * Starts an attempt of a session: `/bin/sh start.sh` in the model folder, as leader of a process group of its own, with
 * an environment built from nothing. Nothing of Serai's own environment is handed on, so none of its secrets can be.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { statSync } from "node:fs";
import { messageOf } from "../../failure.ts";
import { homePlaceholder, type Session } from "../../model/session.ts";
import { openLogs } from "./log-files.ts";
import { identify, markVariable } from "./processes.ts";
import type { ProcessIdentity } from "./progress.ts";
import type { SessionFiles } from "./session-directory.ts";

const standardPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export type Ended = { readonly code: number | null; readonly signal: string | null };
export type Started =
  | { readonly ok: true; readonly identity: ProcessIdentity; readonly ended: Promise<Ended> }
  | { readonly ok: false; readonly message: string };

/** What a start is given besides what the session says. `variables`: those of its devices. */
type Given = { readonly attempt: number; readonly port: number; readonly variables: Readonly<Record<string, string>> };

function environmentOf(session: Session, { home, start }: SessionFiles, { port, variables }: Given): Record<string, string> {
  return {
    PATH: standardPath,
    HOME: home,
    LANG: "C.UTF-8",
    ...variables,
    ...Object.fromEntries(Object.entries(session.variables).map(([name, value]) => [name, value.replaceAll(homePlaceholder, home)])),
    PORT: String(port),
    MODEL_PATH: session.mounts[0].source,
    SERAI_HOME: home,
    ...(session.actionCount > 0 ? { SERAI_START: start } : {}),
    // Who asked for devices has those that it was given, whatever it says itself.
    ...(session.resources.accelerators.length > 0 ? variables : {}),
    [markVariable]: session.id,
  };
}

export async function startProcess(session: Session, files: SessionFiles, given: Given): Promise<Started> {
  const folder = session.mounts[0].source;
  const missing = session.mounts.find(({ source }) => statSync(source, { throwIfNoEntry: false })?.isDirectory() !== true)?.source;
  if (missing !== undefined) return { ok: false, message: `the ${missing === folder ? "model " : ""}folder ${missing} is not there` };
  try {
    using logs = openLogs(files.logs, given.attempt);
    const child = spawn("/bin/sh", [files.script], {
      cwd: folder,
      env: environmentOf(session, files, given),
      detached: true,
      stdio: ["ignore", logs.stdout, logs.stderr],
    });
    return await identifyStarted(child);
  } catch (thrown) {
    return { ok: false, message: messageOf(thrown) };
  }
}

async function identifyStarted(child: ChildProcess): Promise<Started> {
  const { promise: ended, resolve } = Promise.withResolvers<Ended>();
  child.once("exit", (code, signal) => resolve({ code, signal }));
  // Before this turn ends the child cannot have been reaped, so the number is still its own.
  const identity = child.pid === undefined ? null : identify(child.pid);
  // Serai ends its sessions before it ends, so a child need not keep it from ending.
  child.unref();
  if (child.pid === undefined) {
    const [error] = (await once(child, "error")) as [Error];
    return { ok: false, message: error.message };
  }
  return { ok: true, identity: identity ?? { pid: child.pid, startTicks: 0, bootId: "" }, ended };
}
