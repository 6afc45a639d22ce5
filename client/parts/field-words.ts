/** The fields of a service and its revisions, as the form calls them; those of a definition by their own names. Pure. */
export type Difference = {
  readonly path: string;
  /** Null: it was not there. */
  readonly before: string | null;
  readonly after: string | null;
  readonly secret: boolean;
};

const words: Readonly<Record<string, string>> = {
  name: "Service name",
  openToPublic: "Open to public",
  aliases: "Aliases",
  allowedOrigins: "Allowed origins",
  desiredRouteCount: "Desired routing count",
  terminationGraceSeconds: "Termination grace (s)",
  rollout: "Rollout",
  traffic: "Traffic",
  folder: "Model folder",
  environment: "Environment",
  image: "Image",
  resourceGroup: "Resource group",
  "resources.cpu": "CPU",
  "resources.memoryGiB": "RAM (GiB)",
  "resources.sharedMemoryGiB": "Shared memory (GiB)",
  clusterMode: "Cluster mode",
  clusterSize: "Cluster size",
  modelReadOnly: "Model folder is read-only",
  definition: "Definition",
  definitionHash: "Definition",
};

export function fieldInWords(path: string): string {
  const [, mount] = /^mounts\[(.*)\]$/.exec(path) ?? [];
  if (mount !== undefined) return `Mount at ${mount}`;
  const [, accelerator] = /^resources\.accelerators\[(.*)\]$/.exec(path) ?? [];
  if (accelerator !== undefined) return `Accelerator ${accelerator}`;
  if (path.startsWith("variables.")) return `Variable ${path.slice("variables.".length)}`;
  // There is one model that is served, mostly the first.
  if (path.startsWith("definition.")) return `Definition: ${path.slice("definition.".length).replace(/^models\[0\]\.(service\.)?/, "")}`;
  return words[path] ?? path;
}

const shownMax = 3;
const textMax = 40;

/** "CPU 0.1 → 1, Variable LEVEL added and 2 more". What changed in a definition is many fields, and one thing. */
export function inShort(differences: readonly Difference[]): string {
  const isOfDefinition = ({ path }: Difference): boolean => path.startsWith("definition.");
  const ofDefinition = differences.filter(isOfDefinition);
  const gathered = ofDefinition.length < 2 ? [] : [`Definition changed in ${ofDefinition.length} fields`];
  const said = [...differences.filter((one) => gathered.length === 0 || !isOfDefinition(one)).map(oneInShort), ...gathered];
  const shown = said.length > shownMax ? said.slice(0, shownMax - 1) : said;
  const rest = said.length - shown.length;
  return `${shown.join(", ")}${rest === 0 ? "" : ` and ${rest} more`}`;
}

function oneInShort({ path, before, after, secret }: Difference): string {
  const field = fieldInWords(path);
  if (path === "definitionHash") return "Another text of the definition, which means the same";
  if (before === null) return `${field} added`;
  if (after === null) return `${field} removed`;
  if (secret || before.length > textMax || after.length > textMax) return `${field} changed`;
  return `${field} ${before} → ${after}`;
}
