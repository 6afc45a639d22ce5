/**
 * The part of a start script that runs the definition's actions: one line of sh each, on the functions of start-functions.ts.
 *
 * Whatever an action says travels as a quoted argument and is never read as shell, so bodies of any content and size arrive byte
 * by byte. Relative paths are relative to model_path. In a host environment the action's commands and paths are replaced as those
 * of start_command; what a file shall hold is replaced nowhere but for known variables.
 */
import type { StartAction } from "./start-action.ts";
import { startFunctions } from "./start-functions.ts";
import { argumentWord, commandWords, type Host, type Names, quote, textWord } from "./shell-words.ts";
import { variablesOf } from "./template.ts";

const summaryCharactersMax = 120;

export type ActionsScript = {
  readonly lines: readonly string[];
  /** The variables that are known after the last action. */
  readonly names: Names;
};

export function runActions(actions: readonly StartAction[], own: Names, host: Host | null): ActionsScript {
  if (actions.length === 0) return { lines: [], names: own };
  const names = new Map(own);
  const lines = actions.flatMap((action, index) => {
    const call = callOf(action, index, names, host);
    const before = new Map(names);
    const results = variablesOf(action);
    for (const name of results) names.set(name, resultWord(action, index, name, before, host));
    return action.action === "run_command" && results.length > 0
      ? [call, ...["out", "err"].map((stream) => `serai_${stream}_${index}=$(serai_output ${index}.${stream})`)]
      : [call];
  });
  return { lines: [startFunctions(actions.length), ...lines, "serai_ready"], names };
}

function callOf(action: StartAction, index: number, names: Names, host: Host | null): string {
  const call = `serai_${action.action} ${index} ${quote(summaryOf(action))}`;
  switch (action.action) {
    case "write_file": {
      const { mode, append, filename, body } = action.args;
      return `${call} ${mode} ${append ? 1 : 0} ${argumentWord(filename, names, host)} ${textWord(body, names)}`;
    }
    case "write_tempfile":
      return `${call} ${action.args.mode} ${textWord(action.args.body, names)}`;
    case "run_command": {
      const { command, ignore_errors: ignored, time_limit: limit } = action.args;
      const seconds = limit === null ? "'' ''" : `${limit} ${Math.ceil(limit)}`;
      return `${call} ${ignored ? 1 : 0} ${seconds} ${commandWords(command, names, host)}`;
    }
    case "mkdir":
      return `${call} ${argumentWord(action.args.path, names, host)}`;
    case "log": {
      const { message, debug } = action.args;
      return `${call} ${textWord(`${debug ? "debug: " : ""}${message}`, names)}`;
    }
  }
}

/** The word that holds a result: the path of what was made, or what a command wrote. */
function resultWord(action: StartAction, index: number, name: string, names: Names, host: Host | null): string {
  switch (action.action) {
    case "write_tempfile":
      return `"$serai_start"/${index}.py`;
    case "write_file":
      return argumentWord(action.args.filename, names, host);
    case "mkdir":
      return argumentWord(action.args.path, names, host);
    case "run_command":
      return name.endsWith(".err") ? `"$serai_err_${index}"` : `"$serai_out_${index}"`;
    case "log":
      return "''";
  }
}

/** As one would type it; variables stay bare. */
const shownWord = (argument: string): string => (/^[\w./:=@%+,{}-]+$/.test(argument) ? argument : quote(argument));

/** What it does, on one line and without control characters, as a row of events says it. */
export function summaryOf(action: StartAction): string {
  const { args } = action;
  const whole = "command" in args ? args.command.map(shownWord).join(" ") : "filename" in args ? args.filename : "path" in args ? args.path : "";
  const line = whole
    .toWellFormed()
    // oxlint-disable-next-line no-control-regex -- control characters are what is removed
    .replaceAll(/[\0-\x1f\x7f]+/g, " ")
    .trim();
  return line.length > summaryCharactersMax ? `${line.slice(0, summaryCharactersMax - 1).toWellFormed()}…` : line;
}
