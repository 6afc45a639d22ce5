/** The files that a task finds when it starts: what sets its variables, the start script, and what they need. Nomad only copies them. */
import type { Session } from "../../model/session.ts";
import type { Task } from "./api-types.ts";
import type { MemberTask } from "./gang-job.ts";
import { exportsOf, hasSecrets, secretsFile, secretsTemplate } from "./references.ts";

export function filesOf(
  session: Session,
  known: Readonly<Record<string, string>>,
  { installationId }: { readonly installationId: string },
  { lines, templates }: Pick<MemberTask, "lines" | "templates">,
): Task["Templates"] {
  const variables = { ...session.variables, ...known, SERAI_SESSION: session.id };
  const run = file("secrets/run.sh", runScript(variables, lines, hasSecrets(session)));
  const start = file("local/start.sh", session.script);
  return [...(hasSecrets(session) ? [secretsTemplate(installationId, session)] : []), run, start, ...templates];
}

/**
 * Sets the variables, goes to the model folder and becomes the start script, which is its first argument. Not by Nomad's
 * `work_dir`: where the folder is missing, the shell says so in a sentence and Nomad in a page about its executor.
 */
function runScript(variables: Readonly<Record<string, string>>, lines: readonly string[], withSecrets: boolean): string {
  const secrets = withSecrets ? [`. "\${0%/*}/${secretsFile}"`] : [];
  const last = ['mkdir -p "$SERAI_HOME"', 'cd "$MODEL_PATH" || exit 1', 'exec /bin/sh "$1"', ""];
  return `#!/bin/sh\n${exportsOf(variables)}${[...lines, ...secrets, ...last].join("\n")}`;
}

function file(path: string, content: string): Task["Templates"][number] {
  // A delimiter that the content holds by chance would be interpreted; a longer one is not there.
  let delimiter = "<serai";
  while (content.includes(delimiter)) delimiter += "-";
  return {
    EmbeddedTmpl: content,
    DestPath: path,
    LeftDelim: `${delimiter}<`,
    RightDelim: `>${delimiter}`,
    ChangeMode: "noop",
    Perms: "0644",
  };
}
