/** Where each key of a definition belongs: what to say of a key that is not known where it stands. */
import { healthCheckKeys, metadataKeys, modelKeys, serviceKeys } from "./model-definition.ts";
import { nearest } from "./nearest.ts";
import { argumentKeys, startActionNames } from "./start-action.ts";

export type Place = "top" | "model" | "service" | "healthCheck" | "action" | "args";

const placesInOrder: readonly { readonly place: Place | "metadata"; readonly keys: readonly string[]; readonly where: string }[] = [
  { place: "service", keys: Object.keys(serviceKeys), where: "under `service`" },
  { place: "healthCheck", keys: [...Object.keys(healthCheckKeys), "enable"], where: "under `health_check`" },
  { place: "model", keys: Object.keys(modelKeys), where: "in an item of `models`" },
  { place: "top", keys: ["models"], where: "at the beginning of the file, not indented" },
  { place: "metadata", keys: Object.keys(metadataKeys), where: "under `metadata`" },
  { place: "action", keys: ["action", "ref", "args"], where: "in an item of `pre_start_actions`" },
];

/** What the original, or habit, calls otherwise. */
const otherNames: Record<string, string> = {
  cmd: "start_command",
  commands: "start_command",
  entrypoint: "start_command",
  healthcheck: "health_check",
  retries: "max_retries",
  timeout: "max_wait_time",
  status_code: "expected_status_code",
  mount_path: "model_path",
};
const otherArguments: Record<string, string> = {
  file: "filename",
  content: "body",
  contents: "body",
  text: "message",
  cmd: "command",
  timeout: "time_limit",
};

/** @param action what the key's action is called, inside of one. */
export function hintForKey(key: string, place: Place, action: string | null): string {
  const taken = action === null ? [] : (argumentKeys.get(action) ?? []);
  if (place === "args") return hintForArgument(key, action, taken);
  if (place === "action" && taken.includes(key)) return `It belongs under \`args\`.`;
  if (place === "action" && key === "name") return "Did you mean `ref`?";
  // The guide writes of `args/filename`, and means this.
  const [, inArgs] = place === "action" ? (/^args[/.](\w+)$/.exec(key) ?? []) : [];
  if (inArgs !== undefined && (taken.length === 0 || taken.includes(inArgs))) return `Did you mean \`${inArgs}\`? It belongs under \`args\`.`;
  if (place === "service" && key === "command") return "It means the same as `start_command`: keep one of them.";
  const here = keysOf(place);
  const belongs = placesInOrder.find((other) => other.place !== place && other.keys.includes(key));
  if (belongs !== undefined) return `It belongs ${belongs.where}.`;
  const meant = (Object.hasOwn(otherNames, key) ? otherNames[key] : undefined) ?? nearest(key, here);
  if (meant !== null && meant !== undefined && here.includes(meant)) return `Did you mean \`${meant}\`?`;
  const argument = place === "action" ? nearest(key, taken) : null;
  if (argument !== null) return `Did you mean \`${argument}\`? It belongs under \`args\`.`;
  for (const other of placesInOrder) {
    const close = meant !== undefined && meant !== null && other.keys.includes(meant) ? meant : nearest(key, other.keys);
    if (other.place !== place && close !== null) return `Did you mean \`${close}\`? It belongs ${other.where}.`;
  }
  return `Known here: ${listed(here)}.`;
}

function hintForArgument(key: string, action: string | null, taken: readonly string[]): string {
  if (keysOf("action").includes(key)) return "It belongs beside `args`, not in it.";
  const meant = (Object.hasOwn(otherArguments, key) ? otherArguments[key] : undefined) ?? nearest(key, taken);
  if (meant !== null && meant !== undefined && taken.includes(meant)) return `Did you mean \`${meant}\`?`;
  const owner = startActionNames.find((name) => argumentKeys.get(name)?.includes(key));
  const takes = `\`${action ?? ""}\` takes ${listed(taken)}.`;
  return owner === undefined ? takes : `It is an argument of \`${owner}\`; ${takes}`;
}

const keysOf = (place: Place): readonly string[] => placesInOrder.find((one) => one.place === place)?.keys ?? [];

export const listed = (words: readonly string[]): string => words.map((word) => `\`${word}\``).join(", ");
