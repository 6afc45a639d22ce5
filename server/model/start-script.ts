/**
 * Compiles a model definition into the one script that a session runs: POSIX `sh`, needing nothing but /bin/sh in the image.
 *
 * The scheduler sets PORT, MODEL_PATH and SERAI_HOME (see session.ts), so the same bytes run everywhere. In a container the
 * definition's own paths and port are real, and its words are passed on untouched. A host environment shares the machine's
 * ports and files: there, where an argument means the declared port, `model_path`, `/home/work` or another mount, the
 * script puts in what these really are. Everything else is quoted and reaches the program byte by byte.
 */
import { replacePlaces } from "./host-paths.ts";
import type { ServedModel } from "./model-definition.ts";
import { homePath } from "./mounts.ts";

export type HostMount = { readonly target: string; readonly source: string };

/**
 * @param hostMounts null in a container; in a host environment the mounts besides model_path and /home/work.
 */
export function startScript(model: ServedModel, hostMounts: readonly HostMount[] | null): string {
  const { start_command: command } = model.service;
  const words = (typeof command === "string" ? ["/bin/sh", "-c", command] : command).map((argument, index, all) =>
    hostMounts === null ? quote(argument) : substitute(argument, index === 0 ? null : (all[index - 1] ?? null), model, hostMounts),
  );
  return ["#!/bin/sh", "set -eu", ...(hostMounts === null ? [] : pythonOnPath), 'cd "$MODEL_PATH"', `exec ${words.join(" ")}`, ""].join("\n");
}

/** Debian has only `python3`; definitions written for container images say `python`. */
const pythonOnPath = [
  "if ! command -v python >/dev/null 2>&1 && command -v python3 >/dev/null 2>&1; then",
  '  mkdir -p "$SERAI_HOME/.serai/bin"',
  '  ln -sf "$(command -v python3)" "$SERAI_HOME/.serai/bin/python"',
  '  export PATH="$SERAI_HOME/.serai/bin:$PATH"',
  "fi",
];

/** One word of sh that means exactly this text. */
export function quote(text: string): string {
  if (/^[A-Za-z0-9_./:=@%+,-]+$/.test(text)) return text;
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function substitute(argument: string, before: string | null, model: ServedModel, mounts: readonly HostMount[]): string {
  const port = portPrefix(argument, before, model.service.port);
  if (port !== null) return `${port === "" ? "" : quote(port)}"$PORT"`;
  const places = [
    { target: model.model_path, put: '"$MODEL_PATH"' },
    { target: homePath, put: '"$SERAI_HOME"' },
    ...mounts.map((mount) => ({ target: mount.target, put: quote(mount.source) })),
  ];
  return replacePlaces(argument, places, quote) || "''";
}

/**
 * What stands before the declared port in an argument that means it, or null where it means something else.
 * It means it as a whole argument that no option precedes but one ending in `port`, or after `host:` or `port=`.
 */
function portPrefix(argument: string, before: string | null, port: number): string | null {
  const text = String(port);
  if (argument === text) {
    const afterOption = before !== null && before.startsWith("-");
    return !afterOption || /port$/i.test(before) ? "" : null;
  }
  if (!argument.endsWith(text)) return null;
  const prefix = argument.slice(0, -text.length);
  if (/port=$/i.test(prefix)) return prefix;
  return /^(--?[\w-]+=)?(\w+:\/\/)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9*._-]*):$/.test(prefix) ? prefix : null;
}
