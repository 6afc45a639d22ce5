/**
 * What is typed into the start dialog, what is wrong with it in plain words, and what is asked of the server.
 * Empty number fields mean "the default"; the server decides that, so nothing is sent for them.
 */
import type { CreateServiceInput, StartChoicesQuery } from "../../gql/graphql.ts";

export type StartValues = {
  name: string;
  /** Until then the name follows the folder. */
  isNameTyped: boolean;
  folderId: string | null;
  openToPublic: boolean;
  desiredRouteCount: number | string;
  resourceGroupId: string | null;
  environmentId: string | null;
  cpu: number | string;
  memoryGiB: number | string;
  sharedMemoryGiB: number | string;
  terminationGraceSeconds: number | string;
  modelReadOnly: boolean;
  mounts: StartMount[];
  variables: StartVariable[];
};

export type StartMount = { folderId: string | null; path: string; writable: boolean };
export type StartVariable = { name: string; value: string; secret: boolean };

export const untouched: StartValues = {
  name: "",
  isNameTyped: false,
  folderId: null,
  openToPublic: false,
  desiredRouteCount: 1,
  resourceGroupId: null,
  environmentId: null,
  cpu: "",
  memoryGiB: "",
  sharedMemoryGiB: "",
  terminationGraceSeconds: "",
  modelReadOnly: false,
  mounts: [],
  variables: [],
};

/** The field that stands for a path in a ValidationError. */
const fieldOfPath: Readonly<Record<string, keyof StartValues>> = {
  name: "name",
  folderId: "folderId",
  openToPublic: "openToPublic",
  desiredRouteCount: "desiredRouteCount",
  resourceGroupId: "resourceGroupId",
  environmentId: "environmentId",
  "resources.cpu": "cpu",
  "resources.memoryGiB": "memoryGiB",
  "resources.sharedMemoryGiB": "sharedMemoryGiB",
  terminationGraceSeconds: "terminationGraceSeconds",
  modelReadOnly: "modelReadOnly",
  mounts: "mounts",
  variables: "variables",
};

/** The fields of the list items that there are, as the server names them and as the form does: `mounts[0].path`, `mounts.0.path`. */
export function fieldsOf({ mounts, variables }: StartValues): Readonly<Record<string, string>> {
  const items = [
    ...mounts.flatMap((_mount, index) => ["folderId", "path", "readOnly"].map((field) => ["mounts", index, field] as const)),
    ...variables.flatMap((_variable, index) => ["name", "value", "secret"].map((field) => ["variables", index, field] as const)),
  ];
  const named = items.map(([list, index, field]) => [`${list}[${index}].${field}`, `${list}.${index}.${field === "readOnly" ? "writable" : field}`]);
  return { ...fieldOfPath, ...(Object.fromEntries(named) as Record<string, string>) };
}

/** Memory of a route in a host environment where nothing is asked for, as the server has it. */
export const hostDefaults = { cpu: 0.1, memoryGiB: 0.125 };

const isSet = (value: number | string): value is number => typeof value === "number";
const positive = (value: number | string) => (isSet(value) && value <= 0 ? "Must be more than 0." : null);

export const validate = {
  name: (name: string) => {
    if (name === "") return "Give the service a name.";
    if (name.length > 63) return "At most 63 characters.";
    if (/[^a-z0-9-]/.test(name)) return "Only lower-case letters, digits and hyphens.";
    return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name) ? null : "Starts and ends with a letter or a digit.";
  },
  folderId: (folderId: string | null) => (folderId === null ? "Choose the folder that holds the model and its model-definition.yml." : null),
  desiredRouteCount: (count: number | string) =>
    isSet(count) && Number.isInteger(count) && count >= 0 ? null : "A whole number, 0 or more. With 0 the service stays stopped.",
  cpu: positive,
  memoryGiB: positive,
  sharedMemoryGiB: (shared: number | string, values: StartValues) => {
    if (!isSet(shared)) return null;
    if (shared < 0) return "Must be 0 or more.";
    const memory = isSet(values.memoryGiB) ? values.memoryGiB : null;
    return memory !== null && shared >= memory ? "Must be less than RAM, which it is a part of." : null;
  },
  terminationGraceSeconds: (seconds: number | string) =>
    !isSet(seconds) || (Number.isInteger(seconds) && seconds >= 0) ? null : "A whole number of seconds, 0 or more.",
  mounts: {
    folderId: (folderId: string | null) => (folderId === null ? "Choose a folder." : null),
    path: (path: string) => (path === "" || path.startsWith("/") ? null : "An absolute path, such as /data."),
  },
  variables: {
    name: (name: string, values: StartValues) => {
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return "Letters, digits and _, not beginning with a digit.";
      return values.variables.filter((each) => each.name === name).length > 1 ? "It is given twice." : null;
    },
  },
};

/** Chosen for whoever chooses nothing: shown in the dialog, so that it is no surprise. */
export function withDefaults(values: StartValues, choices: StartChoicesQuery | undefined): StartValues {
  const groups = choices?.resourceGroups ?? [];
  const environments = choices?.environments ?? [];
  const still = <T extends { readonly id: string }>(id: string | null, list: readonly T[], first: T | undefined) =>
    list.some((each) => each.id === id) ? id : (first?.id ?? null);
  return {
    ...values,
    resourceGroupId: still(values.resourceGroupId, groups, firstGroup(groups)),
    environmentId: still(values.environmentId, environments, environments.find(({ kind }) => kind === "HOST") ?? environments[0]),
  };
}

/** `default` where it has machines, else one that has; where the scheduler cannot be asked, `default` all the same. */
function firstGroup(groups: StartChoicesQuery["resourceGroups"]): StartChoicesQuery["resourceGroups"][number] | undefined {
  const usable = groups.filter(({ nodes }) => nodes === null || nodes.some(({ eligible }) => eligible));
  const candidates = usable.length === 0 ? groups : usable;
  return candidates.find(({ name }) => name === "default") ?? candidates[0];
}

export function toInput(values: StartValues): CreateServiceInput {
  const resources = {
    ...(isSet(values.cpu) && { cpu: values.cpu }),
    ...(isSet(values.memoryGiB) && { memoryGiB: values.memoryGiB }),
    ...(isSet(values.sharedMemoryGiB) && { sharedMemoryGiB: values.sharedMemoryGiB }),
  };
  return {
    name: values.name,
    folderId: values.folderId ?? "",
    openToPublic: values.openToPublic,
    desiredRouteCount: Number(values.desiredRouteCount),
    ...(values.resourceGroupId !== null && { resourceGroupId: values.resourceGroupId }),
    ...(values.environmentId !== null && { environmentId: values.environmentId }),
    ...(Object.keys(resources).length > 0 && { resources }),
    ...(isSet(values.terminationGraceSeconds) && { terminationGraceSeconds: values.terminationGraceSeconds }),
    ...(values.modelReadOnly && { modelReadOnly: true }),
    ...(values.mounts.length > 0 && { mounts: values.mounts.map(mountInput) }),
    ...(values.variables.length > 0 && { variables: values.variables }),
  };
}

const mountInput = ({ folderId, path, writable }: StartMount) => ({ folderId: folderId ?? "", path: path === "" ? null : path, readOnly: !writable });
