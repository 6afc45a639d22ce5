/**
 * What one revision has that another has not, field by field and in words for people: pure.
 *
 * Compared is what it means: an id, not the name that is shown for it, and a definition as it was understood, not its text. A secret
 * is never shown: it is encrypted anew only when another value is given, so its bytes tell that it changed, and nothing else does.
 */
import type { ModelDefinition } from "./model-definition.ts";
import type { Problem } from "./problem.ts";
import type { ClusterMode } from "./cluster.ts";
import { wordsOf } from "./constraint.ts";
import type { Accelerator, Resources, StoredVariable } from "./service-spec.ts";
import { countOf } from "./words.ts";

type Named = { readonly id: string; readonly name: string };

export type ComparedRevision = {
  readonly folder: Named;
  readonly environment: Named;
  readonly image: string | null;
  readonly resourceGroup: Named;
  readonly resources: Resources;
  readonly clusterMode: ClusterMode;
  readonly clusterSize: number;
  readonly mounts: readonly { readonly folder: Named; readonly path: string; readonly readOnly: boolean }[];
  readonly modelReadOnly: boolean;
  readonly variables: readonly StoredVariable[];
  readonly definition: ModelDefinition | null;
  readonly definitionProblems: readonly Problem[];
  readonly definitionHash: string | null;
};

export type Difference = {
  /** `resources.cpu`, `variables.HF_TOKEN`, `mounts[/data]`, `definition.models[0].service.port`. */
  readonly path: string;
  /** Null: it was not there. */
  readonly before: string | null;
  readonly after: string | null;
  /** Only that it changed may be told. */
  readonly secret: boolean;
};

/** `id`: what tells two of the same name apart. */
type Field = { readonly path: string; readonly identity: string; readonly shown: string; readonly id?: string; readonly secret?: boolean };

/** The definition's last, each part in the order of its paths; exchanging the two exchanges before and after. */
export function differencesOf(before: ComparedRevision, after: ComparedRevision): readonly Difference[] {
  return [...between(fieldsOf(before), fieldsOf(after)), ...definitionDifferences(before, after)];
}

function between(before: readonly Field[], after: readonly Field[]): Difference[] {
  const byPath = (fields: readonly Field[]) => new Map(fields.map((field) => [field.path, field]));
  const [old, now] = [byPath(before), byPath(after)];
  const paths = [...new Set([...old.keys(), ...now.keys()])].toSorted();
  return paths.flatMap((path) => {
    const [was, is] = [old.get(path), now.get(path)];
    if (was?.identity === is?.identity) return [];
    const show = (field: Field | undefined): string | null => {
      if (field === undefined) return null;
      return field.id !== undefined && was?.shown === is?.shown ? `${field.shown} (${field.id})` : field.shown;
    };
    return [{ path, before: show(was), after: show(is), secret: was?.secret === true || is?.secret === true }];
  });
}

const named = (path: string, { id, name }: Named): Field => ({ path, identity: id, id, shown: name });
const plain = (path: string, value: string | number | boolean): Field => ({ path, identity: `plain ${value}`, shown: String(value) });

function fieldsOf(revision: ComparedRevision): Field[] {
  const { cpu, memoryGiB, sharedMemoryGiB, memoryMaxGiB, accelerators } = revision.resources;
  return [
    named("folder", revision.folder),
    named("environment", revision.environment),
    ...(revision.image === null ? [] : [plain("image", revision.image)]),
    named("resourceGroup", revision.resourceGroup),
    plain("resources.cpu", cpu),
    plain("resources.memoryGiB", memoryGiB),
    plain("resources.sharedMemoryGiB", sharedMemoryGiB),
    ...(memoryMaxGiB === undefined ? [] : [plain("resources.memoryMaxGiB", memoryMaxGiB)]),
    ...accelerators.flatMap(acceleratorFields),
    { path: "clusterMode", identity: revision.clusterMode, shown: revision.clusterMode === "SINGLE_NODE" ? "Single node" : "Multi node" },
    plain("clusterSize", revision.clusterSize),
    plain("modelReadOnly", revision.modelReadOnly),
    ...revision.mounts.map(({ folder, path, readOnly }) => ({
      path: `mounts[${path}]`,
      identity: `${folder.id}, ${readOnly}`,
      id: folder.id,
      shown: `${folder.name}, ${readOnly ? "read-only" : "writable"}`,
    })),
    ...revision.variables.map((one): Field =>
      "encrypted" in one
        ? { path: `variables.${one.name}`, identity: `secret ${one.encrypted}`, shown: "a secret", secret: true }
        : plain(`variables.${one.name}`, one.value),
    ),
  ];
}

function acceleratorFields({ name, count, memoryGiB, constraints = [], affinities = [] }: Accelerator): Field[] {
  const path = `resources.accelerators[${name}]`;
  return [
    plain(path, count),
    ...(memoryGiB === undefined ? [] : [plain(`${path}.memoryGiB`, memoryGiB)]),
    ...(constraints.length === 0 ? [] : [plain(`${path}.constraints`, constraints.map(wordsOf).join(", "))]),
    ...(affinities.length === 0 ? [] : [plain(`${path}.affinities`, affinities.map((one) => `${wordsOf(one)} (${one.weight})`).join(", "))]),
  ];
}

function definitionDifferences(before: ComparedRevision, after: ComparedRevision): Difference[] {
  if (before.definition === null || after.definition === null) {
    return between([plain("definition", usability(before))], [plain("definition", usability(after))]);
  }
  const fields = between(leaves("definition", before.definition), leaves("definition", after.definition));
  if (fields.length > 0) return fields;
  // Its text differs, in a comment for example: that is why there is a new revision at all.
  const hash = ({ definitionHash }: ComparedRevision): Field[] => (definitionHash === null ? [] : [plain("definitionHash", definitionHash)]);
  return between(hash(before), hash(after));
}

function usability({ definition, definitionProblems }: ComparedRevision): string {
  const [first, ...others] = definitionProblems;
  if (definition !== null || first === undefined) return "can be used";
  const place = first.line === null ? "" : ` (line ${first.line}, column ${first.column ?? 1})`;
  const more = others.length === 0 ? "" : `, and ${countOf(others.length, "more problem")}`;
  return `cannot be used: ${first.message}${place}${more}`;
}

/** A list of plain values is one value: item by item, nobody would recognize a command. What is empty is as if it were not there. */
function leaves(path: string, value: unknown): Field[] {
  if (value === null || value === undefined) return [];
  if (typeof value !== "object") return [plain(path, value as string | number | boolean)];
  if (!Array.isArray(value)) return Object.entries(value).flatMap(([key, item]) => leaves(`${path}${step(key)}`, item));
  if (value.some((item) => typeof item === "object" && item !== null)) return value.flatMap((item, index) => leaves(`${path}[${index}]`, item));
  return value.length === 0 ? [] : [plain(path, JSON.stringify(value))];
}

const step = (key: string): string => (/^[A-Za-z_][\w-]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`);
