/**
 * Compiles a model definition into the one script that a session runs: POSIX `sh`, needing nothing but /bin/sh in the image
 * where the definition has no actions, and a few of POSIX's own programs where it has (start-action-script.ts).
 *
 * The scheduler sets PORT, MODEL_PATH and SERAI_HOME (see session.ts), so the same bytes run everywhere. In a container the
 * definition's own paths and port are real, and its words are passed on untouched but for variables; a host environment
 * replaces what means something else there (shell-words.ts).
 */
import type { ServedModel } from "./model-definition.ts";
import { homePath } from "./mounts.ts";
import { runActions } from "./start-action-script.ts";
import { commandWord, commandWords, type Host, type Names, quote } from "./shell-words.ts";

export type HostMount = { readonly target: string; readonly source: string };

/**
 * @param hostMounts null in a container; in a host environment the mounts besides model_path and /home/work.
 */
export function startScript(model: ServedModel, hostMounts: readonly HostMount[] | null): string {
  const host = hostMounts === null ? null : hostOf(model, hostMounts);
  const own: Names = new Map([
    ["model_path", '"$MODEL_PATH"'],
    ["port", '"$PORT"'],
    ["model_name", quote(model.name)],
  ]);
  const actions = runActions(model.service.pre_start_actions, own, host);
  return [
    "#!/bin/sh",
    "set -eu",
    ...(host === null ? [] : pythonOnPath),
    'cd "$MODEL_PATH"',
    ...actions.lines,
    ...becomeServer(model, actions.names, host),
    "",
  ].join("\n");
}

/**
 * A list is the program and its arguments. A text is a program of the shell's: only variables are replaced in it, as text, because
 * nobody but that shell knows which of its words are paths or ports; `$MODEL_PATH` and `$PORT` are there as well.
 */
function becomeServer(model: ServedModel, names: Names, host: Host | null): readonly string[] {
  const { start_command: command, shell } = model.service;
  if (typeof command !== "string") return [`exec ${commandWords(command, names, host)}`];
  const script = commandWord(command, names);
  if (shell !== null) return [`exec ${quote(shell)} -c ${script}`];
  return ["serai_shell=/bin/sh", "if [ -x /bin/bash ]; then serai_shell=/bin/bash; fi", `exec "$serai_shell" -c ${script}`];
}

const hostOf = (model: ServedModel, mounts: readonly HostMount[]): Host => ({
  port: model.service.port,
  places: [
    { target: model.model_path, put: '"$MODEL_PATH"' },
    { target: homePath, put: '"$SERAI_HOME"' },
    ...mounts.map((mount) => ({ target: mount.target, put: quote(mount.source) })),
  ],
});

/** Debian has only `python3`; definitions written for container images say `python`. */
const pythonOnPath = [
  "if ! command -v python >/dev/null 2>&1 && command -v python3 >/dev/null 2>&1; then",
  '  mkdir -p "$SERAI_HOME/.serai/bin"',
  '  ln -sf "$(command -v python3)" "$SERAI_HOME/.serai/bin/python"',
  '  export PATH="$SERAI_HOME/.serai/bin:$PATH"',
  "fi",
];
