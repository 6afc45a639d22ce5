/** A service as the form has it, and what of it was changed: as it is sent, and as it is told. Pure. */
import type { ModifyServiceInput, ServiceChoicesQuery } from "../../gql/graphql.ts";
import type { Difference } from "../../parts/field-words.ts";
import { acceleratorInput, mountInput, rolloutInput, trafficInput, variableInput } from "../service-form/input.ts";
import { clusterModeInWords } from "../service-form/cluster-modes.ts";
import { rolloutInWords, valuesOfPolicy } from "../service-form/rollout-preset.ts";
import { trafficInWords, valuesOfTraffic } from "../service-form/traffic-words.ts";
import { isSet, type ServiceValues } from "../service-form/values.ts";
import type { ServiceDetail } from "../service/service-detail.ts";

export function valuesOf(service: ServiceDetail): ServiceValues {
  const { revision, rolloutPolicy, trafficPolicy } = service;
  return {
    name: service.name,
    isNameTyped: true,
    folderId: revision.folder.id,
    openToPublic: service.openToPublic,
    aliases: service.aliases,
    allowedOrigins: service.allowedOrigins,
    desiredRouteCount: service.desiredRouteCount,
    resourceGroupId: revision.resourceGroup.id,
    environmentId: revision.environment.id,
    image: revision.image ?? "",
    cpu: revision.resources.cpu,
    memoryGiB: revision.resources.memoryGiB,
    sharedMemoryGiB: revision.resources.sharedMemoryGiB,
    accelerators: revision.resources.accelerators.map(({ name, count, memoryGiB, constraints, affinities }) => {
      const conditions = constraints.map(({ attribute, operator, value }) => ({ attribute, operator, value }));
      const preferred = affinities.map(({ attribute, operator, value, weight }) => ({ attribute, operator, value, weight }));
      const isPlain = memoryGiB === null && conditions.length === 0 && preferred.length === 0;
      return { name, count, ...(isPlain ? {} : { asked: { memoryGiB, constraints: conditions, affinities: preferred } }) };
    }),
    clusterMode: revision.clusterMode,
    clusterSize: revision.clusterSize,
    terminationGraceSeconds: service.terminationGraceSeconds,
    modelReadOnly: revision.modelReadOnly,
    mounts: revision.mounts.map(({ folder, path, readOnly }) => ({ folderId: folder.id, path, writable: !readOnly })),
    variables: revision.variables.map(({ name, value, secret }) => ({ name, value: value ?? "", secret, isKept: secret })),
    rollout: valuesOfPolicy(rolloutPolicy),
    traffic: valuesOfTraffic(trafficPolicy),
  };
}

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
export const changedKeys = (before: ServiceValues, after: ServiceValues): readonly (keyof ServiceValues)[] =>
  (Object.keys(after) as (keyof ServiceValues)[]).filter((key) => key !== "isNameTyped" && !isSame(before[key], after[key]));

/** Only what was changed; what was emptied is the default. */
export function inputOf(before: ServiceValues, after: ServiceValues): Omit<ModifyServiceInput, "id"> {
  const changed = new Set<keyof ServiceValues>(changedKeys(before, after));
  const number = (value: number | string): number | null => (isSet(value) ? value : null);
  const amounts = (["cpu", "memoryGiB", "sharedMemoryGiB"] as const).filter((part) => changed.has(part));
  const resources = {
    ...Object.fromEntries(amounts.map((part) => [part, number(after[part])])),
    ...(changed.has("accelerators") && { accelerators: after.accelerators.length === 0 ? null : after.accelerators.map(acceleratorInput) }),
  };
  return {
    ...(changed.has("name") && { name: after.name }),
    ...(changed.has("folderId") && { folderId: after.folderId }),
    ...(changed.has("openToPublic") && { openToPublic: after.openToPublic }),
    ...(changed.has("aliases") && { aliases: after.aliases }),
    ...(changed.has("allowedOrigins") && { allowedOrigins: after.allowedOrigins }),
    ...(changed.has("desiredRouteCount") && { desiredRouteCount: number(after.desiredRouteCount) }),
    ...(changed.has("resourceGroupId") && { resourceGroupId: after.resourceGroupId }),
    ...(changed.has("environmentId") && { environmentId: after.environmentId }),
    ...(changed.has("image") && { image: after.image === "" ? null : after.image }),
    ...(Object.keys(resources).length > 0 && { resources }),
    ...(changed.has("clusterMode") && { clusterMode: after.clusterMode }),
    ...(changed.has("clusterSize") && { clusterSize: number(after.clusterSize) }),
    ...(changed.has("terminationGraceSeconds") && { terminationGraceSeconds: number(after.terminationGraceSeconds) }),
    ...(changed.has("modelReadOnly") && { modelReadOnly: after.modelReadOnly }),
    ...(changed.has("mounts") && { mounts: after.mounts.map(mountInput) }),
    ...(changed.has("variables") && { variables: after.variables.map(variableInput) }),
    ...(changed.has("rollout") && { rollout: rolloutInput(after.rollout) }),
    ...(changed.has("traffic") && { trafficPolicy: trafficInput(after.traffic) }),
  };
}

type Shown = ReadonlyMap<string, { readonly text: string; readonly secret: boolean }>;

/** In the order of the form. */
export function changesOf(before: ServiceValues, after: ServiceValues, choices: ServiceChoicesQuery | undefined): readonly Difference[] {
  const [was, is] = [shown(before, choices), shown(after, choices)];
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((path) => {
    const [old, next] = [was.get(path), is.get(path)];
    if (old?.text === next?.text && old?.secret === next?.secret) return [];
    // Of a secret nothing is shown, not even where it is one no more.
    const secret = old?.secret === true || next?.secret === true;
    const text = (one: typeof old): string | null => (one === undefined ? null : one.secret ? "a secret" : one.text);
    return [{ path, before: text(old), after: text(next), secret: secret && old?.secret === next?.secret }];
  });
}

function shown(values: ServiceValues, choices: ServiceChoicesQuery | undefined): Shown {
  const folders = [...(choices?.folders.edges ?? []), ...(choices?.general.edges ?? [])].map(({ node }) => node);
  const nameIn = (list: readonly { readonly id: string; readonly name: string }[] | undefined, id: string | null): string =>
    list?.find((one) => one.id === id)?.name ?? id ?? "none";
  const number = (value: number | string): string => (isSet(value) ? String(value) : "the default");
  const inList = (all: readonly string[]): string => (all.length === 0 ? "none" : all.join(", "));
  const yesOrNo = (value: boolean): string => (value ? "yes" : "no");
  const plain: readonly (readonly [string, string])[] = [
    ["name", values.name],
    ["folder", nameIn(folders, values.folderId)],
    ["openToPublic", yesOrNo(values.openToPublic)],
    ["aliases", inList(values.aliases)],
    ["allowedOrigins", inList(values.allowedOrigins)],
    ["desiredRouteCount", number(values.desiredRouteCount)],
    ["resourceGroup", nameIn(choices?.resourceGroups, values.resourceGroupId)],
    ["environment", nameIn(choices?.environments, values.environmentId)],
    ...(values.image === "" ? [] : [["image", values.image] as const]),
    ["resources.cpu", number(values.cpu)],
    ["resources.memoryGiB", number(values.memoryGiB)],
    ["resources.sharedMemoryGiB", number(values.sharedMemoryGiB)],
    ...values.accelerators.map(({ name, count, asked }) => {
      const least = asked?.memoryGiB ?? null;
      return [`resources.accelerators[${name}]`, least === null ? String(count) : `${count} with at least ${least} GiB`] as const;
    }),
    ["clusterMode", clusterModeInWords(values.clusterMode)],
    ["clusterSize", number(values.clusterSize)],
    ["terminationGraceSeconds", number(values.terminationGraceSeconds)],
    ["modelReadOnly", yesOrNo(values.modelReadOnly)],
    ...values.mounts.map(({ folderId, path, writable }) => {
      const name = nameIn(folders, folderId);
      return [`mounts[${path === "" ? `/home/work/${name}` : path}]`, `${name}, ${writable ? "writable" : "read-only"}`] as const;
    }),
    ["rollout", rolloutInWords(values.rollout)],
    ["traffic", trafficInWords(values.traffic) ?? "the default"],
  ];
  return new Map([
    ...plain.map(([path, text]) => [path, { text, secret: false }] as const),
    ...values.variables.map(({ name, value, secret }) => [`variables.${name}`, { text: value, secret }] as const),
  ]);
}

const ofRevision: readonly (keyof ServiceValues)[] = [
  "folderId",
  "resourceGroupId",
  "environmentId",
  "image",
  "cpu",
  "memoryGiB",
  "sharedMemoryGiB",
  "accelerators",
  "clusterMode",
  "clusterSize",
  "modelReadOnly",
  "mounts",
  "variables",
];

/** What sessions are made of; the server says it too, but later. */
export const makesRevision = (before: ServiceValues, after: ServiceValues): boolean =>
  changedKeys(before, after).some((key) => ofRevision.includes(key));

/** With the folders and the environment that the service has, also where they can no longer be chosen: in the trash, or deleted. */
export function withPresent(choices: ServiceChoicesQuery | undefined, { revision }: ServiceDetail): ServiceChoicesQuery | undefined {
  if (choices === undefined) return undefined;
  const add = <List extends ServiceChoicesQuery["folders"]>(list: List, wanted: readonly { readonly id: string; readonly name: string }[]): List => {
    const missing = wanted.filter(({ id }) => !list.edges.some(({ node }) => node.id === id));
    return { ...list, edges: [...list.edges, ...missing.map((node) => ({ __typename: "FolderEdge", cursor: node.id, node }))] };
  };
  return {
    ...choices,
    environments: choices.environments.some(({ id }) => id === revision.environment.id)
      ? choices.environments
      : [...choices.environments, revision.environment],
    folders: add(choices.folders, [revision.folder]),
    general: add(
      choices.general,
      revision.mounts.map(({ folder }) => folder),
    ),
  };
}
