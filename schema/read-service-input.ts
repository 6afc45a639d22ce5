/**
 * What a user asks of a service, new or not, read by the same rules: absent is what is so without a word (the default of a new
 * service, else what it is now), null is the default. What is refused is thrown, as everywhere within mutations.
 */
import { z } from "zod";
import { asId, type EnvironmentId, type FolderId, type ResourceGroupId } from "../server/model/ids.ts";
import { conflict, notFound } from "../server/model/problem.ts";
import { defaultRolloutPolicy, rolloutPolicy, type RolloutPolicy } from "../server/model/rollout.ts";
import {
  defaultResources,
  desiredRouteCount,
  resources,
  serviceName,
  terminationGraceDefaultSeconds,
  terminationGraceSeconds,
  type Accelerator,
  type Resources,
} from "../server/model/service-spec.ts";
import { trafficPolicy, type TrafficPolicy } from "../server/model/traffic-policy.ts";
import { variables } from "../server/model/variables.ts";
import { listEnvironments } from "../server/store/environments.ts";
import { findFolder, readFolders } from "../server/store/folders.ts";
import { listResourceGroups } from "../server/store/resource-groups.ts";
import type { RevisionWish } from "../server/store/revision-wish.ts";
import { orDefault, present, type Present } from "./absent.ts";
import type { Context } from "./context.ts";
import { checkInput, valueOf } from "./errors.ts";
import { refuseWhatIsNotThere } from "./refuse-resources.ts";
import { constraintOf } from "./constraint.ts";
import type { ModifyServiceInput } from "./service-input.ts";
import { trafficOf } from "./traffic-policy.ts";
import { toStored, withKeptValues } from "./variable-wish.ts";

type Given = Omit<typeof ModifyServiceInput.$inferInput, "id">;

export const defaults = { openToPublic: false, desiredRouteCount: 1, terminationGraceSeconds: terminationGraceDefaultSeconds };

const columns = z
  .object({
    // A name has no default to be reset to, nor has a folder.
    name: z.string("must not be null").pipe(serviceName),
    openToPublic: z.boolean(),
    desiredRouteCount,
    terminationGraceSeconds,
  })
  .partial();
const others = z
  .object({ folderId: z.string("must not be null"), rollout: rolloutPolicy.partial(), trafficPolicy: trafficPolicy.partial(), resources, variables })
  .partial();
const wish = z.object({ ...columns.shape, ...others.shape });

/** What it is without a word. Null: the first that there is. */
type Before = Omit<RevisionWish, "folderId" | "environmentId" | "resourceGroupId"> & {
  readonly folderId: FolderId | null;
  readonly environmentId: EnvironmentId | null;
  readonly resourceGroupId: ResourceGroupId | null;
};

export const nothingBefore: Before = {
  folderId: null,
  environmentId: null,
  resourceGroupId: null,
  resources: defaultResources,
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
  const asked = {
    name: input.name,
    openToPublic: orDefault(input.openToPublic, defaults.openToPublic),
    desiredRouteCount: orDefault(input.desiredRouteCount, defaults.desiredRouteCount),
    terminationGraceSeconds: orDefault(input.terminationGraceSeconds, defaults.terminationGraceSeconds),
    folderId: input.folderId,
    rollout: rolloutOf(input.rollout),
    trafficPolicy: trafficOf(input.trafficPolicy),
    resources: resourcesOf(input.resources, before.resources),
    variables: given === undefined ? undefined : await withKeptValues(context, given ?? [], before.variables),
  };
  const checked = valueOf(checkInput(wish, present(asked) as z.input<typeof wish>));
  const { folderId, rollout, trafficPolicy: traffic, resources: checkedResources, variables: _opened, ...ofService } = checked;
  const revision: RevisionWish = {
    folderId: folderId === undefined ? required(before.folderId) : await chooseFolder(context, folderId),
    environmentId: await chosen(input.environmentId, before.environmentId, (id) => chooseEnvironment(context, id)),
    resourceGroupId: await chosen(input.resourceGroupId, before.resourceGroupId, (id) => chooseResourceGroup(context, id)),
    resources: checkedResources ?? before.resources,
    mounts: mountsOf(input.mounts) ?? before.mounts,
    modelReadOnly: orDefault(input.modelReadOnly, nothingBefore.modelReadOnly) ?? before.modelReadOnly,
    variables: given === undefined ? before.variables : await toStored(context, given ?? [], before.variables),
  };
  await refuseWhatIsNotThere(context, revision, before, input.resources?.accelerators?.map(({ name }) => name) ?? []);
  await makeDirectories(context, mountsOf(input.mounts) ?? []);
  return { ...present(ofService), rollout: present(rollout ?? {}), trafficPolicy: present(traffic ?? {}), revision };
}

function resourcesOf(given: Given["resources"], before: Resources): Resources | undefined {
  if (given === undefined) return undefined;
  if (given === null) return defaultResources;
  const part = <Name extends keyof Resources>(name: Name, value: Resources[Name] | null | undefined): Resources[Name] =>
    orDefault(value, defaultResources[name]) ?? before[name];
  const memoryMaxGiB = given.memoryMaxGiB === undefined ? before.memoryMaxGiB : (given.memoryMaxGiB ?? undefined);
  return {
    cpu: part("cpu", given.cpu),
    memoryGiB: part("memoryGiB", given.memoryGiB),
    sharedMemoryGiB: part("sharedMemoryGiB", given.sharedMemoryGiB),
    ...(memoryMaxGiB === undefined ? {} : { memoryMaxGiB }),
    accelerators: part("accelerators", given.accelerators?.map(acceleratorOf) ?? (given.accelerators as null | undefined)),
  };
}

type GivenAccelerator = NonNullable<NonNullable<NonNullable<Given["resources"]>["accelerators"]>[number]>;

const acceleratorOf = ({ name, count, memoryGiB, constraints, affinities }: GivenAccelerator): Accelerator => ({
  name,
  count,
  ...(memoryGiB == null ? {} : { memoryGiB }),
  ...(constraints == null ? {} : { constraints: constraints.map(constraintOf) }),
  ...(affinities == null ? {} : { affinities: affinities.map((one) => ({ ...constraintOf(one), weight: one.weight })) }),
});

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

async function chosen<Id>(given: string | null | undefined, before: Id | null, choose: (id: string | null) => Promise<Id>): Promise<Id> {
  return given === undefined && before !== null ? before : choose(given ?? null);
}

async function chooseFolder({ database, viewer }: Context, wanted: string): Promise<FolderId> {
  const id = asId("folder", wanted);
  const folder = id === null ? null : await findFolder(database, viewer.project.id, id);
  return folder === null ? valueOf(notFound(`folder ${wanted}`)) : folder.id;
}

async function chooseEnvironment({ database }: Context, wanted: string | null): Promise<EnvironmentId> {
  const all = await listEnvironments(database);
  const found = wanted === null ? all[0] : all.find((environment) => environment.id === wanted);
  if (found !== undefined) return found.id;
  return valueOf(wanted === null ? conflict("There is no environment yet that a service could run in.") : notFound(`environment ${wanted}`));
}

async function chooseResourceGroup({ database }: Context, wanted: string | null): Promise<ResourceGroupId> {
  const all = await listResourceGroups(database);
  const found = wanted === null ? all[0] : all.find((group) => group.id === wanted);
  if (found !== undefined) return found.id;
  return valueOf(wanted === null ? conflict("There is no resource group yet that a service could run on.") : notFound(`resource group ${wanted}`));
}

/** Of folders between whose row and directory a crash came: a session can mount only what is there. */
async function makeDirectories({ database, folders, viewer }: Context, mounts: readonly { readonly folderId: string }[]): Promise<void> {
  const ids = mounts.flatMap(({ folderId }) => asId("folder", folderId) ?? []);
  if (ids.length === 0) return;
  const found = await readFolders(database, viewer.project.id, ids);
  for (const folder of found) if (folder.deletedAt === null) await folders.create(folder.id);
}
