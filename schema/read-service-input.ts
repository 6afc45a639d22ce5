/**
 * What a user asks of a service, new or not, read by the same rules: absent is what is so without a word (the default of a new
 * service, else what it is now), null is the default. What is refused is thrown, as everywhere within mutations.
 */
import { z } from "zod";
import { clusterSize } from "../server/model/cluster.ts";
import { image } from "../server/model/environment.ts";
import { asId, type EnvironmentId, type FolderId, type ResourceGroupId } from "../server/model/ids.ts";
import { conflict, notFound } from "../server/model/problem.ts";
import { defaultRolloutPolicy, rolloutPolicy, type RolloutPolicy } from "../server/model/rollout.ts";
import {
  defaultResources,
  aliases,
  allowedOrigins,
  desiredRouteCount,
  resources,
  serviceName,
  terminationGraceDefaultSeconds,
  terminationGraceSeconds,
  type Resources,
} from "../server/model/service-spec.ts";
import { trafficPolicy, type TrafficPolicy } from "../server/model/traffic-policy.ts";
import { variables } from "../server/model/variables.ts";
import { listEnvironments, readEnvironments, type EnvironmentRow } from "../server/store/environments.ts";
import { findFolder, readFolders } from "../server/store/folders.ts";
import { listResourceGroups } from "../server/store/resource-groups.ts";
import type { RevisionWish } from "../server/store/revision-wish.ts";
import { orDefault, present, type Present } from "./absent.ts";
import type { Context } from "./context.ts";
import { checkInput, valueOf } from "./errors.ts";
import { resourcesOf } from "./read-resources.ts";
import { refuseWhatIsNotThere } from "./refuse-resources.ts";
import type { ModifyServiceInput } from "./service-input.ts";
import { trafficOf } from "./traffic-policy.ts";
import { toStored, withKeptValues } from "./variable-wish.ts";

type Given = Omit<typeof ModifyServiceInput.$inferInput, "id">;

export const defaults = {
  openToPublic: false,
  aliases: [],
  allowedOrigins: [],
  desiredRouteCount: 1,
  terminationGraceSeconds: terminationGraceDefaultSeconds,
};

const columns = z
  .object({
    // A name has no default to be reset to, nor has a folder.
    name: z.string("must not be null").pipe(serviceName),
    openToPublic: z.boolean(),
    aliases,
    allowedOrigins,
    desiredRouteCount,
    terminationGraceSeconds,
  })
  .partial();
const others = z
  .object({
    folderId: z.string("must not be null"),
    image: image.nullable(),
    rollout: rolloutPolicy.partial(),
    trafficPolicy: trafficPolicy.partial(),
    resources,
    clusterSize,
    variables,
  })
  .partial();
const wish = z.object({ ...columns.shape, ...others.shape });

/** What it is without a word. Null: the first that there is, and the usual resources of the environment. */
type Before = Omit<RevisionWish, "folderId" | "environmentId" | "resourceGroupId" | "resources"> & {
  readonly folderId: FolderId | null;
  readonly environmentId: EnvironmentId | null;
  readonly resourceGroupId: ResourceGroupId | null;
  readonly resources: Resources | null;
};

export const nothingBefore: Before = {
  folderId: null,
  environmentId: null,
  image: null,
  resourceGroupId: null,
  resources: null,
  clusterMode: "SINGLE_NODE",
  clusterSize: 1,
  mounts: [],
  modelReadOnly: false,
  variables: [],
};

type Asked = Present<z.output<typeof columns>> & {
  readonly rollout: Partial<RolloutPolicy>;
  readonly trafficPolicy: Partial<TrafficPolicy>;
  /** All of it, also where only a part was asked for. */
  readonly revision: RevisionWish;
};

/** Everything that is wrong with the values by themselves is said at once; what does not exist, after it. */
export async function readServiceInput(context: Context, input: Given, before: Before): Promise<Asked> {
  const { variables: given } = input;
  const found = await findEnvironment(context, input, before);
  const usual = found?.usualResources ?? defaultResources;
  const asked = {
    name: input.name,
    openToPublic: orDefault(input.openToPublic, defaults.openToPublic),
    aliases: orDefault(input.aliases, defaults.aliases),
    allowedOrigins: orDefault(input.allowedOrigins, defaults.allowedOrigins),
    desiredRouteCount: orDefault(input.desiredRouteCount, defaults.desiredRouteCount),
    terminationGraceSeconds: orDefault(input.terminationGraceSeconds, defaults.terminationGraceSeconds),
    folderId: input.folderId,
    image: input.image,
    rollout: rolloutOf(input.rollout),
    trafficPolicy: trafficOf(input.trafficPolicy),
    resources: resourcesOf(input.resources, before.resources ?? usual, usual),
    clusterSize: orDefault(input.clusterSize, nothingBefore.clusterSize),
    variables: given === undefined ? undefined : await withKeptValues(context, given ?? [], before.variables),
  };
  const checked = valueOf(checkInput(wish, present(asked) as z.input<typeof wish>));
  const { folderId, image: checkedImage, rollout, trafficPolicy: traffic, resources: checkedResources, ...ofOthers } = checked;
  const { clusterSize: checkedSize, variables: _opened, ...ofService } = ofOthers;
  const environment = found ?? lacksEnvironment(input.environmentId);
  const revision: RevisionWish = {
    folderId: folderId === undefined ? required(before.folderId) : await chooseFolder(context, folderId),
    environmentId: environment.id,
    image: checkedImage === undefined ? before.image : checkedImage,
    resourceGroupId: await chooseResourceGroup(context, input.resourceGroupId, before.resourceGroupId),
    resources: checkedResources ?? before.resources ?? usual,
    clusterMode: orDefault(input.clusterMode, nothingBefore.clusterMode) ?? before.clusterMode,
    clusterSize: checkedSize ?? before.clusterSize,
    mounts: mountsOf(input.mounts) ?? before.mounts,
    modelReadOnly: orDefault(input.modelReadOnly, nothingBefore.modelReadOnly) ?? before.modelReadOnly,
    variables: given === undefined ? before.variables : await toStored(context, given ?? [], before.variables),
  };
  await refuseWhatIsNotThere(context, revision, environment, before, input.resources?.accelerators?.map(({ name }) => name) ?? []);
  await makeDirectories(context, mountsOf(input.mounts) ?? []);
  return { ...present(ofService), rollout: present(rollout ?? {}), trafficPolicy: present(traffic ?? {}), revision };
}

function rolloutOf(given: Given["rollout"]): Partial<RolloutPolicy> | undefined {
  if (given === undefined) return undefined;
  if (given === null) return defaultRolloutPolicy;
  const steps = orDefault(given.steps, [])?.map(({ weight, holdSeconds }) => ({ weight, holdSeconds: holdSeconds ?? 0 }));
  return present({
    maxSurge: orDefault(given.maxSurge, defaultRolloutPolicy.maxSurge),
    maxUnavailable: orDefault(given.maxUnavailable, defaultRolloutPolicy.maxUnavailable),
    steps,
    promote: orDefault(given.promote, defaultRolloutPolicy.promote),
  });
}

const mountsOf = (given: Given["mounts"]) =>
  orDefault(given, [])?.map(({ folderId, path, readOnly }) => ({ folderId, path: path ?? null, readOnly: readOnly ?? true }));

function required(folderId: FolderId | null): FolderId {
  if (folderId === null) throw new Error("a new service needs a folder");
  return folderId;
}

async function chooseFolder({ database, viewer }: Context, wanted: string): Promise<FolderId> {
  const id = asId("folder", wanted);
  const folder = id === null ? null : await findFolder(database, viewer.project.id, id);
  return folder === null ? valueOf(notFound(`folder ${wanted}`)) : folder.id;
}

/** Also one that was deleted, where a service is in it. An image is for a container, if nothing else is said. */
async function findEnvironment({ database }: Context, given: Given, before: Before): Promise<EnvironmentRow | undefined> {
  const { environmentId: wanted, image: own } = given;
  const isSame = wanted === undefined || wanted === before.environmentId;
  if (isSame && before.environmentId !== null) return (await readEnvironments(database, [before.environmentId]))[0];
  const all = await listEnvironments(database);
  if (typeof wanted === "string") return all.find(({ id }) => id === wanted);
  return typeof own === "string" ? all.find(({ kind }) => kind === "CONTAINER") : all[0];
}

const lacksEnvironment = (wanted: string | null | undefined): never =>
  valueOf(typeof wanted === "string" ? notFound(`environment ${wanted}`) : conflict("There is no environment yet that a service could run in."));

async function chooseResourceGroup(
  { database }: Context,
  wanted: string | null | undefined,
  before: ResourceGroupId | null,
): Promise<ResourceGroupId> {
  if (wanted === undefined && before !== null) return before;
  const all = await listResourceGroups(database);
  const found = typeof wanted === "string" ? all.find((group) => group.id === wanted) : all[0];
  if (found !== undefined) return found.id;
  return valueOf(
    typeof wanted === "string" ? notFound(`resource group ${wanted}`) : conflict("There is no resource group yet that a service could run on."),
  );
}

/** Of folders between whose row and directory a crash came: a session can mount only what is there. */
async function makeDirectories({ database, folders, viewer }: Context, mounts: readonly { readonly folderId: string }[]): Promise<void> {
  const ids = mounts.flatMap(({ folderId }) => asId("folder", folderId) ?? []);
  if (ids.length === 0) return;
  const found = await readFolders(database, viewer.project.id, ids);
  for (const folder of found) if (folder.deletedAt === null) await folders.create(folder.id);
}
