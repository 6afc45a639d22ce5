/** What is typed into the form of a service, new or not. Empty number fields mean "the default", which the server decides. */
import type { AcceleratorInput, ClusterMode, EnvironmentChoiceFragment, ServiceChoicesQuery, TrafficAffinityKind } from "../../gql/graphql.ts";
import { allowedIn } from "./offered.ts";

export type ServiceValues = {
  name: string;
  /** Until then the name follows the folder. */
  isNameTyped: boolean;
  folderId: string | null;
  openToPublic: boolean;
  aliases: string[];
  allowedOrigins: string[];
  desiredRouteCount: number | string;
  resourceGroupId: string | null;
  environmentId: string | null;
  /** Empty: the environment's. */
  image: string;
  cpu: number | string;
  memoryGiB: number | string;
  sharedMemoryGiB: number | string;
  accelerators: AcceleratorValues[];
  clusterMode: ClusterMode;
  clusterSize: number | string;
  terminationGraceSeconds: number | string;
  modelReadOnly: boolean;
  mounts: ServiceMount[];
  variables: ServiceVariable[];
  rollout: RolloutValues;
  traffic: TrafficValues;
};

export type AcceleratorValues = { name: string; count: number | string; asked?: AskedOfAccelerator };
/** What scripts can ask of a device besides: this form has no fields for it, and keeps it. */
export type AskedOfAccelerator = Pick<AcceleratorInput, "memoryGiB" | "constraints" | "affinities">;
export type ServiceMount = { folderId: string | null; path: string; writable: boolean };
export type ServiceVariable = {
  name: string;
  value: string;
  secret: boolean;
  /** The service has the secret already: without a value it stays as it is. */
  isKept: boolean;
};
/** Shares as they are typed: `1`, `25%`. */
export type RolloutValues = { maxSurge: string; maxUnavailable: string; steps: RolloutStepValues[]; isByHand: boolean };
type RolloutStepValues = { weight: number | string; holdSeconds: number | string };

/** Addresses as they are typed: one a line. */
export type TrafficValues = {
  affinity: "NONE" | TrafficAffinityKind;
  header: string;
  firstByteTimeoutSeconds: number | string;
  idleTimeoutSeconds: number | string;
  addresses: string;
  passAuthorization: boolean;
};

/** As the server has it for a new service. */
export const usualTraffic: TrafficValues = {
  affinity: "NONE",
  header: "",
  firstByteTimeoutSeconds: 600,
  idleTimeoutSeconds: "",
  addresses: "",
  passAuthorization: false,
};

/** As the server has it for a new service. */
export const rolling: RolloutValues = { maxSurge: "1", maxUnavailable: "0", steps: [], isByHand: false };

export const untouched: ServiceValues = {
  name: "",
  isNameTyped: false,
  folderId: null,
  openToPublic: false,
  aliases: [],
  allowedOrigins: [],
  desiredRouteCount: 1,
  resourceGroupId: null,
  environmentId: null,
  image: "",
  cpu: "",
  memoryGiB: "",
  sharedMemoryGiB: "",
  accelerators: [],
  clusterMode: "SINGLE_NODE",
  clusterSize: 1,
  terminationGraceSeconds: "",
  modelReadOnly: false,
  mounts: [],
  variables: [],
  rollout: rolling,
  traffic: usualTraffic,
};

/** One a line, or with commas between them. */
export const addressesOf = (text: string): string[] => text.split(/[\s,]+/).filter((address) => address !== "");

/** The field that stands for a path in a ValidationError. */
const fieldOfPath: Readonly<Record<string, string>> = {
  name: "name",
  folderId: "folderId",
  openToPublic: "openToPublic",
  aliases: "aliases",
  allowedOrigins: "allowedOrigins",
  desiredRouteCount: "desiredRouteCount",
  resourceGroupId: "resourceGroupId",
  environmentId: "environmentId",
  image: "image",
  "resources.cpu": "cpu",
  "resources.memoryGiB": "memoryGiB",
  "resources.sharedMemoryGiB": "sharedMemoryGiB",
  "resources.accelerators": "accelerators",
  clusterMode: "clusterMode",
  clusterSize: "clusterSize",
  terminationGraceSeconds: "terminationGraceSeconds",
  modelReadOnly: "modelReadOnly",
  mounts: "mounts",
  variables: "variables",
  "rollout.maxSurge": "rollout.maxSurge",
  "rollout.maxUnavailable": "rollout.maxUnavailable",
  "rollout.steps": "rollout.steps",
  "rollout.promote": "rollout.isByHand",
  "trafficPolicy.affinity": "traffic.affinity",
  "trafficPolicy.affinity.header": "traffic.header",
  "trafficPolicy.firstByteTimeoutSeconds": "traffic.firstByteTimeoutSeconds",
  "trafficPolicy.idleTimeoutSeconds": "traffic.idleTimeoutSeconds",
  "trafficPolicy.allowedAddresses": "traffic.addresses",
};

/** The fields of the list items that there are, as the server names them and as the form does: `mounts[0].path`, `mounts.0.path`. */
export function fieldsOf({
  aliases,
  allowedOrigins,
  accelerators,
  mounts,
  variables,
  rollout,
  traffic,
}: ServiceValues): Readonly<Record<string, string>> {
  const items = [
    ...accelerators.flatMap((_one, index) => ["name", "count"].map((field) => ["resources.accelerators", index, field] as const)),
    ...mounts.flatMap((_mount, index) => ["folderId", "path", "readOnly"].map((field) => ["mounts", index, field] as const)),
    ...variables.flatMap((_variable, index) => ["name", "value", "secret"].map((field) => ["variables", index, field] as const)),
    ...rollout.steps.flatMap((_step, index) => ["weight", "holdSeconds"].map((field) => ["rollout.steps", index, field] as const)),
  ];
  const named = items.map(([list, index, field]) => [
    `${list}[${index}].${field}`,
    `${list.replace(/^resources\./, "")}.${index}.${field === "readOnly" ? "writable" : field}`,
  ]);
  // Of one in a list that is one field, the field says it.
  const inOneField = [
    ...Object.entries({ aliases, allowedOrigins }).flatMap(([list, all]) => all.map((_one, index) => [`${list}[${index}]`, list] as const)),
    ...addressesOf(traffic.addresses).map((_address, index) => [`trafficPolicy.allowedAddresses[${index}]`, "traffic.addresses"] as const),
  ];
  return { ...fieldOfPath, ...Object.fromEntries(inOneField), ...(Object.fromEntries(named) as Record<string, string>) };
}

export const isSet = (value: number | string): value is number => typeof value === "number";

/** Chosen for whoever chooses nothing: shown in the dialog, so that it is no surprise. */
export function withDefaults(values: ServiceValues, choices: ServiceChoicesQuery | undefined): ServiceValues {
  const groups = choices?.resourceGroups ?? [];
  const environments = choices?.environments ?? [];
  const still = <T extends { readonly id: string }>(id: string | null, list: readonly T[], first: T | undefined) =>
    list.some((each) => each.id === id) ? id : (first?.id ?? null);
  const resourceGroupId = still(values.resourceGroupId, groups, firstGroup(groups));
  const allowed = allowedIn(
    groups.find(({ id }) => id === resourceGroupId),
    environments,
  );
  return { ...values, resourceGroupId, environmentId: still(values.environmentId, environments, firstEnvironment(allowed)) };
}

/** What an administrator chose; else what runs without a registry. */
const firstEnvironment = (environments: readonly EnvironmentChoiceFragment[]): EnvironmentChoiceFragment | undefined =>
  environments.find(({ isDefault }) => isDefault) ?? environments.find(({ kind }) => kind === "HOST") ?? environments[0];

/** `default` where it has machines, else one that has; where the scheduler cannot be asked, `default` all the same. */
function firstGroup(groups: ServiceChoicesQuery["resourceGroups"]): ServiceChoicesQuery["resourceGroups"][number] | undefined {
  const usable = groups.filter(({ nodes }) => nodes === null || nodes.some(({ eligible }) => eligible));
  const candidates = usable.length === 0 ? groups : usable;
  return candidates.find(({ name }) => name === "default") ?? candidates[0];
}
