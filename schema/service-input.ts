/** What can be asked of a service, as input types. */
import { terminationGraceDefaultSeconds } from "../server/model/service-spec.ts";
import { builder } from "./builder.ts";
import { ClusterMode, clusterSizeWords } from "./cluster-mode.ts";
import { AffinityInput, ConstraintInput } from "./constraint.ts";
import { MountInput, VariableInput } from "./mount.ts";
import { RolloutPolicyInput } from "./rollout-policy.ts";
import { TrafficPolicyInput } from "./traffic-policy.ts";

const AcceleratorInput = builder.inputType("AcceleratorInput", {
  fields: (t) => ({
    name: t.string({ required: true, description: "As Nomad names devices: `gpu`, `nvidia/gpu` or `nvidia/gpu/H100`." }),
    count: t.int({ required: true }),
    memoryGiB: t.float({ description: "The least that each must have; absent: any." }),
    constraints: t.field({ type: [ConstraintInput], description: "On attributes of the device: `${device.attr.cuda_cores}`, for example." }),
    affinities: t.field({ type: [AffinityInput] }),
  }),
});

export const ResourcesInput = builder.inputType("ResourcesInput", {
  description:
    "For each route, or each member of it where it has several. The default of each part is what is usual in the environment: `Environment.usualResources`.",
  fields: (t) => ({
    cpu: t.float({ description: "Cores." }),
    memoryGiB: t.float(),
    sharedMemoryGiB: t.float({ description: "Part of the memory." }),
    memoryMaxGiB: t.float({
      description: "What it may use beyond its memory while the machine has it, on clusters that allow that; default: nothing more.",
    }),
    accelerators: t.field({ type: [AcceleratorInput], description: "All of them, each kind once." }),
  }),
});

const ownImage =
  "An image of one's own in place of the environment's, on resource groups that allow it; then any accelerator of the group may be asked for.";

export const CreateServiceInput = builder.inputType("CreateServiceInput", {
  fields: (t) => ({
    name: t.string({ required: true }),
    folderId: t.id({
      required: true,
      description: "A folder of usage MODEL, with a `model-definition.yml` unless the environment has a `defaultService`.",
    }),
    openToPublic: t.boolean({ description: "Callable without a token; absent: false." }),
    aliases: t.stringList({ description: "Other names that requests may choose it by at the gateway's main address; absent: none." }),
    allowedOrigins: t.stringList({
      description: "Of web pages that may call it, besides the console's: `https://app.example.com`, or `*`; absent: none.",
    }),
    desiredRouteCount: t.int({ description: "Absent: 1." }),
    resourceGroupId: t.id({ description: "Absent: the first." }),
    environmentId: t.id({ description: "Absent: the first; with `image` the first that is a container." }),
    image: t.string({ description: ownImage }),
    resources: t.field({ type: ResourcesInput }),
    clusterMode: t.field({ type: ClusterMode, description: "Absent: SINGLE_NODE." }),
    clusterSize: t.int({ description: `${clusterSizeWords}; absent: 1.` }),
    terminationGraceSeconds: t.int({ description: `Absent: ${terminationGraceDefaultSeconds}.` }),
    mounts: t.field({ type: [MountInput], description: "Folders that sessions see besides the model's; absent: none." }),
    modelReadOnly: t.boolean({ description: "The model's folder is mounted read-only; absent: false, because definitions may download into it." }),
    variables: t.field({ type: [VariableInput], description: "For the sessions' environment; absent: none." }),
    rollout: t.field({ type: RolloutPolicyInput, description: "How it will go from one revision to the next." }),
    trafficPolicy: t.field({ type: TrafficPolicyInput, description: "How the gateway treats its requests." }),
  }),
});

const another = "Another one makes a new revision";
export const ModifyServiceInput = builder.inputType("ModifyServiceInput", {
  description:
    "What is absent stays as it is; null resets to the default. What sessions are made of is rolled out as a new revision, if something of it really differs.",
  fields: (t) => ({
    id: t.id({ required: true }),
    name: t.string({ description: "The endpoint stays as it is." }),
    openToPublic: t.boolean(),
    aliases: t.stringList({ description: "All of them." }),
    allowedOrigins: t.stringList({ description: "All of them." }),
    desiredRouteCount: t.int(),
    terminationGraceSeconds: t.int(),
    rollout: t.field({ type: RolloutPolicyInput, description: "For the next rollouts: those under way go on as they began." }),
    trafficPolicy: t.field({ type: TrafficPolicyInput, description: "How the gateway treats its requests, from the next one on." }),
    folderId: t.id({ description: `A folder of usage MODEL. ${another}; it has no default.` }),
    resourceGroupId: t.id({ description: `${another}.` }),
    environmentId: t.id({ description: `${another}.` }),
    image: t.string({ description: `${ownImage} ${another}; null: the environment's.` }),
    resources: t.field({ type: ResourcesInput, description: "Parts that are absent stay as they are." }),
    clusterMode: t.field({ type: ClusterMode }),
    clusterSize: t.int({ description: `${clusterSizeWords}.` }),
    mounts: t.field({ type: [MountInput], description: "All of them." }),
    modelReadOnly: t.boolean(),
    variables: t.field({ type: [VariableInput], description: "All of them; a secret one without a value keeps the one it has." }),
  }),
});
