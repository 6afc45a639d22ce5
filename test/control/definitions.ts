/** Definitions that tests serve. */
const definition = (command: readonly string[], rest: string): string =>
  `models:\n  - name: test\n    model_path: /models\n    service:\n      start_command: ${JSON.stringify(command)}\n      port: 8000\n${rest}`;

export const guideExample = definition(
  ["python", "-m", "http.server", "--directory", "/home/work", "8000"],
  "      health_check:\n        path: /\n        max_retries: 5\n        interval: 0.5\n",
);
/** For as long as there is a file `ready` in its folder. */
export const passesWhileReady = definition(
  ["python", "-m", "http.server", "--directory", "/models", "8000"],
  "      health_check:\n        path: /ready\n        max_retries: 2\n        interval: 0.5\n",
);
export const exitsWithOne = definition(["sh", "-c", "echo the model is missing >&2; exit 1"], "");
/** A last line that no database keeps as it is: NUL, control codes, and a long one of characters that are two halves each. */
export const exitsUnreadably = definition(
  ["sh", "-c", "printf 'bad\\000\\033[31m ' >&2; i=0; while [ $i -lt 400 ]; do printf '\\360\\237\\220\\252' >&2; i=$((i+1)); done; exit 3"],
  "",
);
export const neverListens = definition(["sleep", "1000"], "      health_check:\n        path: /\n        initial_delay: 3\n");
export const broken = guideExample.replace("port: 8000", "port: eight");
