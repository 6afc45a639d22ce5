/** Definitions that tests serve. */
const definition = (command: readonly string[], rest: string): string =>
  `models:\n  - name: test\n    model_path: /models\n    service:\n      start_command: ${JSON.stringify(command)}\n      port: 8000\n${rest}`;

export const guideExample = definition(
  ["python", "-m", "http.server", "--directory", "/home/work", "8000"],
  "      health_check:\n        path: /\n        max_retries: 5\n        interval: 0.5\n",
);
export const exitsWithOne = definition(["sh", "-c", "echo the model is missing >&2; exit 1"], "");
export const neverListens = definition(["sleep", "1000"], "      health_check:\n        path: /\n        initial_delay: 3\n");
export const broken = guideExample.replace("port: 8000", "port: eight");
