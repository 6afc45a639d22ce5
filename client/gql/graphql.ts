/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
export type AcceleratorInput = {
  affinities?: Array<AffinityInput> | null | undefined;
  /** On attributes of the device: `${device.attr.cuda_cores}`, for example. */
  constraints?: Array<ConstraintInput> | null | undefined;
  count: number;
  /** The least that each must have; absent: any. */
  memoryGiB?: number | null | undefined;
  /** As Nomad names devices: `gpu`, `nvidia/gpu` or `nvidia/gpu/H100`. */
  name: string;
};

/** What is preferred, without being a must. */
export type AffinityInput = {
  attribute: string;
  /** One of Nomad's: =, !=, >, >=, <, <=, regexp, version, semver, set_contains, set_contains_any, is_set, is_not_set. */
  operator: string;
  value?: string | null | undefined;
  /** -100 to 100: how much it is preferred, or avoided. */
  weight: number;
};

export type CancelValidationInput = {
  id: string;
};

export type CheckResourceGroupInput = {
  constraints?: Array<ConstraintInput> | null | undefined;
  /** Names in which `*` stands for anything; absent: all. */
  datacenters?: Array<string> | null | undefined;
  /** Absent: any. */
  nodeClass?: string | null | undefined;
  /** Nomad's; `all` is every one. */
  nodePool: string;
};

export type ClearErrorsAndRetryInput = {
  id: string;
};

/** Where the members of a route run, if it has several. */
export type ClusterMode =
  /** Each on a node of its own. */
  | 'MULTI_NODE'
  /** All on one node. */
  | 'SINGLE_NODE';

/** What must be so of a machine or a device. */
export type ConstraintInput = {
  /** As Nomad writes it: `${device.attr.cuda_cores}`, `${attr.cpu.arch}`, `${meta.rack}`. */
  attribute: string;
  /** One of Nomad's: =, !=, >, >=, <, <=, regexp, version, semver, set_contains, set_contains_any, is_set, is_not_set. */
  operator: string;
  /** Absent for is_set and is_not_set. */
  value?: string | null | undefined;
};

export type CopyTokenInput = {
  id: string;
};

export type CreateDirectoryInput = {
  folderId: string;
  path: string;
};

export type CreateEnvironmentInput = {
  /** Absent: none. */
  defaultService?: EnvironmentServiceInput | null | undefined;
  /** Absent: the programs of the machine itself. */
  image?: string | null | undefined;
  /** Of the machine's own programs. Absent: sessions see all of the machine. */
  isolated?: boolean | null | undefined;
  /** Absent: nothing. */
  needs?: EnvironmentNeedsInput | null | undefined;
  /** Of an image that does without writing to itself. Absent: it may. */
  readOnlyRoot?: boolean | null | undefined;
  /** A user, or `user:group`; isolated, a user of the machines by name. Absent: as the image says; isolated, nobody. */
  runAs?: string | null | undefined;
  /** `vLLM`: versions of the same stand together. */
  runtime: string;
  /** What a route is given where nothing is said; absent: 0.1 CPU and 128 MiB. */
  usualResources?: ResourcesInput | null | undefined;
  /** Absent: there is only one. */
  version?: string | null | undefined;
};

export type CreateFolderInput = {
  name: string;
  /** Absent: READ_WRITE. */
  permission?: FolderPermission | null | undefined;
  /** Absent or null: none. */
  quotaBytes?: number | null | undefined;
  usage: FolderUsage;
};

export type CreateImageRegistryInput = {
  /** As image names begin, with the port where there is one: `registry.example.com:5000`. */
  host: string;
  /** Or a token, as the registry takes them. Kept encrypted and never shown again. */
  password: string;
  username: string;
};

export type CreateResourceGroupInput = {
  /** Those offered; absent: all that its machines have. */
  acceleratorNames?: Array<string> | null | undefined;
  constraints?: Array<ConstraintInput> | null | undefined;
  /** Names in which `*` stands for anything; absent: all. */
  datacenters?: Array<string> | null | undefined;
  /** Those allowed; absent: all. */
  environmentIds?: Array<string> | null | undefined;
  /** For each route; absent: none. */
  limits?: RouteLimitsInput | null | undefined;
  name: string;
  /** Absent: any. */
  nodeClass?: string | null | undefined;
  /** Nomad's; `all` is every one. */
  nodePool: string;
  /** Services may name an image of their own; absent: false. */
  ownImages?: boolean | null | undefined;
  /** A session that asks for whole cores gets them for itself; absent: false. */
  wholeCores?: boolean | null | undefined;
};

export type CreateServiceInput = {
  /** Other names that requests may choose it by at the gateway's main address; absent: none. */
  aliases?: Array<string> | null | undefined;
  /** Of web pages that may call it, besides the console's: `https://app.example.com`, or `*`; absent: none. */
  allowedOrigins?: Array<string> | null | undefined;
  /** Absent: SINGLE_NODE. */
  clusterMode?: ClusterMode | null | undefined;
  /** Members of each route: one main, which alone serves, and workers. Each has the resources of the route and runs its start command; absent: 1. */
  clusterSize?: number | null | undefined;
  /** Absent: 1. */
  desiredRouteCount?: number | null | undefined;
  /** Absent: the first; with `image` the first that is a container. */
  environmentId?: string | null | undefined;
  /** A folder of usage MODEL, with a `model-definition.yml` unless the environment has a `defaultService`. */
  folderId: string;
  /** An image of one's own in place of the environment's, on resource groups that allow it; then any accelerator of the group may be asked for. */
  image?: string | null | undefined;
  /** The model's folder is mounted read-only; absent: false, because definitions may download into it. */
  modelReadOnly?: boolean | null | undefined;
  /** Folders that sessions see besides the model's; absent: none. */
  mounts?: Array<MountInput> | null | undefined;
  name: string;
  /** Callable without a token; absent: false. */
  openToPublic?: boolean | null | undefined;
  /** Absent: the first. */
  resourceGroupId?: string | null | undefined;
  resources?: ResourcesInput | null | undefined;
  /** How it will go from one revision to the next. */
  rollout?: RolloutPolicyInput | null | undefined;
  /** Absent: 30. */
  terminationGraceSeconds?: number | null | undefined;
  /** How the gateway treats its requests. */
  trafficPolicy?: TrafficPolicyInput | null | undefined;
  /** For the sessions' environment; absent: none. */
  variables?: Array<VariableInput> | null | undefined;
};

/** `expiresAt` absent or null: never. A limit that is absent or null: as many requests as come. */
export type CreateTokenInput = {
  concurrentRequests?: number | null | undefined;
  expiresAt?: string | null | undefined;
  name?: string | null | undefined;
  requestsPerMinute?: number | null | undefined;
  serviceId: string;
};

export type CreateTrialTokenInput = {
  serviceId: string;
};

export type DeleteEnvironmentInput = {
  id: string;
};

export type DeleteFilesInput = {
  folderId: string;
  /** Files and directories, 1 to 1000. */
  paths: Array<string>;
};

export type DeleteFolderInput = {
  id: string;
};

export type DeleteImageRegistryInput = {
  id: string;
};

export type DeleteResourceGroupInput = {
  id: string;
};

export type DrainNodeInput = {
  id: string;
};

export type EnvironmentKind =
  /** A container image. */
  | 'CONTAINER'
  /** The programs of the machine itself; no isolation, unless `isolated`. */
  | 'HOST';

/** All of it: what is absent is not needed. */
export type EnvironmentNeedsInput = {
  accelerators?: Array<NeededAcceleratorInput> | null | undefined;
  cpu?: number | null | undefined;
  memoryGiB?: number | null | undefined;
  sharedMemoryGiB?: number | null | undefined;
};

/** How a model folder is served that does not say it itself. */
export type EnvironmentServiceInput = {
  /** Absent: an accepted connection is enough. */
  healthPath?: string | null | undefined;
  port: number;
  /** For the image's shell, with `$MODEL_PATH`, `$MODEL_NAME`, `$PORT` and `$SERAI_ACCELERATOR_COUNT`. */
  startCommand: string;
};

export type FailureCause =
  | 'ACTION_FAILED'
  | 'DRIVER'
  | 'EXITED'
  | 'IMAGE_MISSING'
  | 'IMAGE_UNAUTHORIZED'
  | 'LOST'
  | 'MOUNT_MISSING'
  | 'NEVER_HEALTHY'
  | 'NOT_PLACED'
  | 'OUT_OF_MEMORY'
  | 'PROBES_FAILED'
  | 'REGISTRY_UNREACHABLE'
  | 'START_FAILED';

/** OTHER: a device, a socket or a named pipe. It is never opened. */
export type FileKind =
  | 'DIRECTORY'
  | 'FILE'
  | 'LINK'
  | 'OTHER';

/** Directories come first in each. */
export type FileOrder =
  | 'MODIFIED_ASC'
  | 'MODIFIED_DESC'
  | 'NAME_ASC'
  | 'NAME_DESC'
  | 'SIZE_ASC'
  | 'SIZE_DESC';

/** How sessions may mount it at most. */
export type FolderPermission =
  | 'READ_ONLY'
  | 'READ_WRITE';

export type FolderUsage =
  | 'GENERAL'
  | 'MODEL';

/** Each is called after what it ends with, and begins where the one before ended. */
export type LaunchPhaseName =
  /** The definition's `pre_start_actions` were done. */
  | 'ACTIONS'
  /** The start command serves: its first health check passed. */
  | 'FIRST_PASS'
  /** The container's image was downloaded; known only where it had to be. */
  | 'IMAGE'
  /** A machine was found. */
  | 'PLACED'
  /** The process was started. */
  | 'PROCESS';

export type LogStream =
  | 'STDERR'
  | 'STDOUT';

export type MakeNodeEligibleInput = {
  id: string;
};

export type MakeNodeIneligibleInput = {
  id: string;
};

/** What is absent stays as it is; null resets to the default. */
export type ModifyEnvironmentInput = {
  /** For revisions from now on. */
  defaultService?: EnvironmentServiceInput | null | undefined;
  id: string;
  /** Only while no service was made with it: another image is another version. */
  image?: string | null | undefined;
  /** As the image: only while no service was made with it. */
  isolated?: boolean | null | undefined;
  needs?: EnvironmentNeedsInput | null | undefined;
  /** As the image: only while no service was made with it. */
  readOnlyRoot?: boolean | null | undefined;
  /** As the image: only while no service was made with it. */
  runAs?: string | null | undefined;
  runtime?: string | null | undefined;
  /** Parts that are absent stay as they are. */
  usualResources?: ResourcesInput | null | undefined;
  version?: string | null | undefined;
};

/** What is absent stays as it is; null resets to the default. */
export type ModifyFolderInput = {
  id: string;
  name?: string | null | undefined;
  permission?: FolderPermission | null | undefined;
  /** Null: none. */
  quotaBytes?: number | null | undefined;
};

/** What is absent or null stays as it is. */
export type ModifyImageRegistryInput = {
  id: string;
  password?: string | null | undefined;
  username?: string | null | undefined;
};

/** What is absent stays as it is; null resets to the default. */
export type ModifyResourceGroupInput = {
  /** All of them; null: the default. */
  acceleratorNames?: Array<string> | null | undefined;
  /** All of them; null: the default. */
  constraints?: Array<ConstraintInput> | null | undefined;
  /** All of them; null: the default. */
  datacenters?: Array<string> | null | undefined;
  /** All of them; null: the default. */
  environmentIds?: Array<string> | null | undefined;
  id: string;
  /** All of them; null: the default. */
  limits?: RouteLimitsInput | null | undefined;
  name?: string | null | undefined;
  nodeClass?: string | null | undefined;
  nodePool?: string | null | undefined;
  ownImages?: boolean | null | undefined;
  wholeCores?: boolean | null | undefined;
};

/** What is absent stays as it is; null resets to the default. What sessions are made of is rolled out as a new revision, if something of it really differs. */
export type ModifyServiceInput = {
  /** All of them. */
  aliases?: Array<string> | null | undefined;
  /** All of them. */
  allowedOrigins?: Array<string> | null | undefined;
  clusterMode?: ClusterMode | null | undefined;
  /** Members of each route: one main, which alone serves, and workers. Each has the resources of the route and runs its start command. */
  clusterSize?: number | null | undefined;
  desiredRouteCount?: number | null | undefined;
  /** Another one makes a new revision. */
  environmentId?: string | null | undefined;
  /** A folder of usage MODEL. Another one makes a new revision; it has no default. */
  folderId?: string | null | undefined;
  id: string;
  /** An image of one's own in place of the environment's, on resource groups that allow it; then any accelerator of the group may be asked for. Another one makes a new revision; null: the environment's. */
  image?: string | null | undefined;
  modelReadOnly?: boolean | null | undefined;
  /** All of them. */
  mounts?: Array<MountInput> | null | undefined;
  /** The endpoint stays as it is. */
  name?: string | null | undefined;
  openToPublic?: boolean | null | undefined;
  /** Another one makes a new revision. */
  resourceGroupId?: string | null | undefined;
  /** Parts that are absent stay as they are. */
  resources?: ResourcesInput | null | undefined;
  /** For the next rollouts: those under way go on as they began. */
  rollout?: RolloutPolicyInput | null | undefined;
  terminationGraceSeconds?: number | null | undefined;
  /** How the gateway treats its requests, from the next one on. */
  trafficPolicy?: TrafficPolicyInput | null | undefined;
  /** All of them; a secret one without a value keeps the one it has. */
  variables?: Array<VariableInput> | null | undefined;
};

/** What is absent stays as it is; a limit that is null is taken away. When it expires is part of what was signed, and stays. */
export type ModifyTokenInput = {
  concurrentRequests?: number | null | undefined;
  id: string;
  name?: string | null | undefined;
  requestsPerMinute?: number | null | undefined;
};

export type MountInput = {
  /** A folder of usage GENERAL. */
  folderId: string;
  /** Where a container environment has the folder. In a host environment the path is replaced by where the folder really is, in the start command, actions and variables. Absent: `/home/work/<name of the folder>`. */
  path?: string | null | undefined;
  /** Sessions cannot write to it; a folder that is itself read-only is never writable. A host environment shares the machine's files: there it says only what is meant, and nothing keeps a session from writing. Absent: true. */
  readOnly?: boolean | null | undefined;
};

export type MoveFileInput = {
  folderId: string;
  /** A file or a directory. */
  from: string;
  /** A file may replace a file. */
  overwrite?: boolean | null | undefined;
  /** Its new path, name included; its directory must be there. */
  to: string;
};

export type NeededAcceleratorInput = {
  count: number;
  /** `gpu`, `nvidia/gpu` or `nvidia/gpu/H100`. */
  name: string;
};

export type NodeStatus =
  | 'DISCONNECTED'
  | 'DOWN'
  | 'INITIALIZING'
  | 'READY';

export type NodeWishKind =
  /** It takes no new work, and each route there ends when a successor serves elsewhere; one for which there is no room elsewhere stays, and says so. */
  | 'DRAINED'
  /** It takes new work again. The wish ends when the scheduler knows it. */
  | 'ELIGIBLE'
  /** It takes no new work; what runs there goes on. */
  | 'INELIGIBLE';

export type PromoteRolloutInput = {
  /** Of the service. */
  id: string;
};

export type PurgeFolderInput = {
  id: string;
};

export type RemedyKind =
  /** Once what is wrong has been put right: clearErrorsAndRetry. */
  | 'CLEAR_ERRORS_AND_RETRY'
  /** Ask for `count` of `accelerator`. */
  | 'FEWER_ACCELERATORS'
  /** Ask for devices of `accelerator` with at least `memoryGiB`. */
  | 'LOWER_ACCELERATOR_MEMORY'
  /** Ask for `cpu` cores. */
  | 'LOWER_CPU'
  /** Ask for `memoryGiB` of memory. */
  | 'LOWER_MEMORY'
  /** Let the machine `nodeId` take new work: makeNodeEligible, for administrators. */
  | 'MAKE_ELIGIBLE'
  /** Ask for `count` of `instead`, in place of `accelerator`. */
  | 'OTHER_ACCELERATOR'
  /** Run it on `resourceGroupId`. */
  | 'OTHER_GROUP'
  /** Ask for `memoryGiB` of memory. */
  | 'RAISE_MEMORY'
  /** Take one from the desired routes of `serviceId`. */
  | 'SCALE_DOWN'
  /** Set the desired routes of `serviceId` to 0, or terminate it. */
  | 'STOP_SERVICE';

export type ReplaceSigningKeyInput = {
  /** For how long those before it go on verifying: 0 where one of them has leaked, which ends all tokens that were not copied anew. Absent or null: until they are replaced again. */
  retireAfterSeconds?: number | null | undefined;
};

/** For each route, or each member of it where it has several. The default of each part is what is usual in the environment: `Environment.usualResources`. */
export type ResourcesInput = {
  /** All of them, each kind once. */
  accelerators?: Array<AcceleratorInput> | null | undefined;
  /** Cores. */
  cpu?: number | null | undefined;
  memoryGiB?: number | null | undefined;
  /** What it may use beyond its memory while the machine has it, on clusters that allow that; default: nothing more. */
  memoryMaxGiB?: number | null | undefined;
  /** Part of the memory. */
  sharedMemoryGiB?: number | null | undefined;
};

export type RestartServiceInput = {
  /** Of the service. */
  id: string;
};

export type RestoreFolderInput = {
  id: string;
};

export type RevertRolloutInput = {
  /** Of the service. */
  id: string;
};

export type RevokeTokenInput = {
  id: string;
};

export type RollBackServiceInput = {
  /** Of the service. */
  id: string;
  revisionId: string;
};

export type RolloutKind =
  | 'MODIFY'
  | 'RESTART'
  | 'ROLLBACK';

export type RolloutMode =
  /** Each new route takes over the place of one that ends, because there is no room for more. */
  | 'IN_PLACE'
  /** New routes start beside those that serve. */
  | 'SURGE';

/** What is absent stays as it is, which for a new service is the default; null resets to the default. */
export type RolloutPolicyInput = {
  /** Routes that may be there besides the desired ones; per cent are rounded up. Default: 1. */
  maxSurge?: number | string | null | undefined;
  /** Desired routes that may be missing on the way; per cent are rounded down. Default: 0. */
  maxUnavailable?: number | string | null | undefined;
  /** Default: AUTO. */
  promote?: RolloutPromote | null | undefined;
  /** The new revision's shares of the requests, one after another, before it gets all of them. Default: none. */
  steps?: Array<RolloutStepInput> | null | undefined;
};

export type RolloutPromote =
  /** It goes on by itself. */
  | 'AUTO'
  /** Its last step lasts until somebody promotes; without steps that is one without requests. */
  | 'MANUAL';

export type RolloutStatus =
  /** The new revision serves. */
  | 'COMPLETED'
  /** The revision that it came from serves again. */
  | 'REVERTED'
  /** On its way back. */
  | 'REVERTING'
  /** Under way. */
  | 'ROLLING'
  /** Something newer was wanted before its end. */
  | 'SUPERSEDED';

export type RolloutStepInput = {
  /** How long the step lasts once its routes are healthy; absent: 0. */
  holdSeconds?: number | null | undefined;
  /** Per cent of the requests that the new revision gets. */
  weight: number;
};

export type RolloutWay =
  /** Each successor takes over the place of one that ends. Requests wait while no route is healthy. */
  | 'IN_PLACE'
  /** Nothing is rolled out: no new revision is made, or nothing serves yet. */
  | 'NONE'
  /** Successors start beside what serves: no pause. */
  | 'SURGE';

/** All of them: null or absent is no limit. */
export type RouteLimitsInput = {
  accelerators?: number | null | undefined;
  cpu?: number | null | undefined;
  memoryGiB?: number | null | undefined;
};

export type RouteStatus =
  | 'BACKING_OFF'
  | 'DRAINING'
  | 'HEALTHY'
  | 'PENDING'
  | 'PREPARING'
  | 'SCHEDULING'
  | 'TERMINATED'
  | 'UNHEALTHY'
  | 'WARMING_UP';

export type ServiceListChangeKind =
  | 'CHANGED'
  | 'PRESENT'
  | 'READY'
  | 'REMOVED';

export type ServiceStatus =
  | 'DEGRADED'
  | 'HEALTHY'
  | 'PROVISIONING'
  | 'STOPPED'
  | 'TERMINATED'
  | 'TERMINATING'
  | 'UNHEALTHY';

export type SetDefaultEnvironmentInput = {
  id: string;
};

/** `count`: as `installation { orphans }` said. Where it is another number by now, nothing is stopped. */
export type StopOrphansInput = {
  count: number;
};

export type TerminateServiceInput = {
  id: string;
};

export type TrafficAffinityInput = {
  by: TrafficAffinityKind;
  /** Its name, with HEADER. */
  header?: string | null | undefined;
};

export type TrafficAffinityKind =
  /** Requests with the same cookie, which the gateway gives to whoever has none. */
  | 'COOKIE'
  /** Requests with the same value of a header. */
  | 'HEADER';

export type TrafficBy =
  | 'REVISION'
  | 'ROUTE'
  | 'SERVICE';

/** What is absent stays as it is, which for a new service is the default; null resets to the default. */
export type TrafficPolicyInput = {
  /** Which requests go to the same route. Default: load alone decides. */
  affinity?: TrafficAffinityInput | null | undefined;
  /** Addresses and networks that may call, such as `10.0.0.0/8` or `2001:db8::/32`. Default: all may. */
  allowedAddresses?: Array<string> | null | undefined;
  /** How long a route may take to begin its answer, from when the request has been sent. Default: 600. */
  firstByteTimeoutSeconds?: number | null | undefined;
  /** How long an answer may pause before it is cut. Default: for as long as both sides want. */
  idleTimeoutSeconds?: number | null | undefined;
  /** The token that clients send reaches the model. Default: false. */
  passAuthorization?: boolean | null | undefined;
};

export type UserRole =
  | 'ADMIN'
  | 'MEMBER';

/** What createService takes of a session; or, with `serviceId`, what modifyService would change of that service's: then what is absent stays as it is. */
export type ValidateServiceInput = {
  clusterMode?: ClusterMode | null | undefined;
  clusterSize?: number | null | undefined;
  environmentId?: string | null | undefined;
  /** A folder of usage MODEL; required without `serviceId`. */
  folderId?: string | null | undefined;
  image?: string | null | undefined;
  modelReadOnly?: boolean | null | undefined;
  /** All of them. */
  mounts?: Array<MountInput> | null | undefined;
  /** What the service would be called. */
  name?: string | null | undefined;
  resourceGroupId?: string | null | undefined;
  resources?: ResourcesInput | null | undefined;
  /** Absent: a service that there is not yet. */
  serviceId?: string | null | undefined;
  /** How long it may take until its process runs, and then again from there to the first passed health check; at most 86400 (a day). Absent: the definition's `initial_delay`. */
  timeLimitSeconds?: number | null | undefined;
  /** All of them; a secret one without a value keeps the one that the service has. */
  variables?: Array<VariableInput> | null | undefined;
};

export type ValidationStatus =
  /** Somebody ended it before there was another verdict; nothing of the session is left. */
  | 'CANCELLED'
  /** There is a verdict, and the session is being ended. */
  | 'CLEANING_UP'
  /** It did not come to serve; nothing of the session is left. */
  | 'FAILED'
  /** Its first health check passed; nothing of the session is left. */
  | 'PASSED'
  /** Waits to be handed to the scheduler. */
  | 'PENDING'
  /** The scheduler has its session; the first passed health check is awaited. */
  | 'RUNNING';

export type ValidationVerdict =
  | 'CANCELLED'
  | 'FAILED'
  | 'PASSED';

export type VariableInput = {
  /** Not PORT, MODEL_PATH, MODEL_NAME, HOME or SERAI_*: Serai sets them. */
  name: string;
  /** Kept encrypted and never shown again; absent: false. */
  secret?: boolean | null | undefined;
  /** At most 32 KiB; arrives byte by byte. Only a secret that the service has already needs none: it keeps its value. */
  value?: string | null | undefined;
};

export type WriteFileInput = {
  /** At most 1 MiB. */
  content: string;
  folderId: string;
  /** The etag that the file must still have; absent: it is overwritten. */
  ifMatch?: string | null | undefined;
  /** Relative to the folder, with /. */
  path: string;
};

export type NodeUserItemFragment = { name: string, isForeign: boolean, serviceId: string | null };

export type NodeItemFragment = { id: string, name: string, nodePool: string, datacenter: string, nodeClass: string, status: NodeStatus, draining: boolean, eligible: boolean, seesFolders: boolean | null, schedulerUrl: string | null, drivers: Array<{ name: string, detected: boolean, healthy: boolean, description: string | null }>, wish: { kind: NodeWishKind, userName: string, createdAt: string, appliedAt: string | null, problem: string | null } | null, cpu: { total: number, used: number, free: number }, memoryGiB: { total: number, used: number, free: number }, devices: Array<{ name: string, model: string, devices: Array<{ id: string, healthy: boolean, heldBy: { name: string, isForeign: boolean, serviceId: string | null } | null }> }>, users: Array<{ name: string, isForeign: boolean, serviceId: string | null }> };

export type ClusterSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type ClusterSubscription = { cluster: { readAt: string | null, problem: string | null, nodes: Array<{ id: string, name: string, nodePool: string, datacenter: string, nodeClass: string, status: NodeStatus, draining: boolean, eligible: boolean, seesFolders: boolean | null, schedulerUrl: string | null, drivers: Array<{ name: string, detected: boolean, healthy: boolean, description: string | null }>, wish: { kind: NodeWishKind, userName: string, createdAt: string, appliedAt: string | null, problem: string | null } | null, cpu: { total: number, used: number, free: number }, memoryGiB: { total: number, used: number, free: number }, devices: Array<{ name: string, model: string, devices: Array<{ id: string, healthy: boolean, heldBy: { name: string, isForeign: boolean, serviceId: string | null } | null }> }>, users: Array<{ name: string, isForeign: boolean, serviceId: string | null }> }>, groups: Array<{ nodeIds: Array<string>, resourceGroup: { id: string, name: string, nodePool: string, datacenters: Array<string>, nodeClass: string | null, acceleratorNames: Array<string> | null, wholeCores: boolean, ownImages: boolean, constraints: Array<{ attribute: string, operator: string, value: string }>, environments: Array<{ id: string, name: string }> | null, limits: { cpu: number | null, memoryGiB: number | null, accelerators: number | null } }, usage: { nodes: number, eligibleNodes: number, cpu: { total: number, used: number, free: number }, memoryGiB: { total: number, used: number, free: number }, accelerators: Array<{ name: string, count: number, free: number }> } }> } };

export type DrainNodeMutationVariables = Exact<{
  input: DrainNodeInput;
}>;


export type DrainNodeMutation = { drainNode:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'DrainNodeSuccess', node: { id: string } }
    | { __typename: 'ForbiddenError', message: string }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'ValidationError', message: string }
   };

export type MakeNodeIneligibleMutationVariables = Exact<{
  input: MakeNodeIneligibleInput;
}>;


export type MakeNodeIneligibleMutation = { makeNodeIneligible:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'ForbiddenError', message: string }
    | { __typename: 'MakeNodeIneligibleSuccess', node: { id: string } }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'ValidationError', message: string }
   };

export type MakeNodeEligibleMutationVariables = Exact<{
  input: MakeNodeEligibleInput;
}>;


export type MakeNodeEligibleMutation = { makeNodeEligible:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'ForbiddenError', message: string }
    | { __typename: 'MakeNodeEligibleSuccess', node: { id: string } }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'ValidationError', message: string }
   };

export type ResourceGroupItemFragment = { id: string, name: string, nodePool: string, datacenters: Array<string>, nodeClass: string | null, acceleratorNames: Array<string> | null, wholeCores: boolean, ownImages: boolean, constraints: Array<{ attribute: string, operator: string, value: string }>, environments: Array<{ id: string, name: string }> | null, limits: { cpu: number | null, memoryGiB: number | null, accelerators: number | null } };

export type GroupUsageItemFragment = { nodes: number, eligibleNodes: number, cpu: { total: number, used: number, free: number }, memoryGiB: { total: number, used: number, free: number }, accelerators: Array<{ name: string, count: number, free: number }> };

export type EnvironmentNamesQueryVariables = Exact<{ [key: string]: never; }>;


export type EnvironmentNamesQuery = { environments: Array<{ id: string, name: string }> };

export type CheckResourceGroupQueryVariables = Exact<{
  input: CheckResourceGroupInput;
}>;


export type CheckResourceGroupQuery = { checkResourceGroup: { usage: { nodes: number, eligibleNodes: number, cpu: { total: number, used: number, free: number }, memoryGiB: { total: number, used: number, free: number }, accelerators: Array<{ name: string, count: number, free: number }> } | null, unknownConstraints: Array<{ attribute: string, operator: string, value: string }> } };

export type CreateResourceGroupMutationVariables = Exact<{
  input: CreateResourceGroupInput;
}>;


export type CreateResourceGroupMutation = { createResourceGroup:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'CreateResourceGroupSuccess', resourceGroup: { id: string, name: string } }
    | { __typename: 'ForbiddenError', message: string }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'ValidationError', message: string, fields: Array<{ path: string, message: string }> }
   };

export type ModifyResourceGroupMutationVariables = Exact<{
  input: ModifyResourceGroupInput;
}>;


export type ModifyResourceGroupMutation = { modifyResourceGroup:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'ForbiddenError', message: string }
    | { __typename: 'ModifyResourceGroupSuccess', resourceGroup: { id: string, name: string } }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'ValidationError', message: string, fields: Array<{ path: string, message: string }> }
   };

export type DeleteResourceGroupMutationVariables = Exact<{
  input: DeleteResourceGroupInput;
}>;


export type DeleteResourceGroupMutation = { deleteResourceGroup:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'DeleteResourceGroupSuccess', resourceGroup: { id: string } }
    | { __typename: 'ForbiddenError', message: string }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'ValidationError', message: string }
   };

export type EditedFileQueryVariables = Exact<{
  id: string;
  path: string;
}>;


export type EditedFileQuery = { folder: { id: string, name: string, usage: FolderUsage, file: { path: string, kind: FileKind, linksTo: FileKind | null, size: number | null, etag: string | null } | null, textFile: { path: string, content: string, etag: string } | null, definitionFile: { path: string, warnings: Array<{ path: string, line: number | null, column: number | null, message: string, hint: string | null }> } | null } | null };

export type EditedStateQueryVariables = Exact<{
  id: string;
  path: string;
}>;


export type EditedStateQuery = { folder: { id: string, file: { path: string, etag: string | null } | null } | null };

export type EditedUseQueryVariables = Exact<{
  id: string;
}>;


export type EditedUseQuery = { folder: { id: string, usedBy: Array<{ id: string, name: string, status: ServiceStatus, definitionChange: { sinceRevision: number } | null, revision: { id: string, number: number, folder: { id: string } } }> } | null };

export type CheckModelDefinitionQueryVariables = Exact<{
  yaml: string;
  fileName?: string | null | undefined;
}>;


export type CheckModelDefinitionQuery = { checkModelDefinition: { valid: boolean, problems: Array<{ path: string, line: number | null, column: number | null, message: string, hint: string | null }>, warnings: Array<{ path: string, line: number | null, column: number | null, message: string, hint: string | null }>, model: { modelName: string, modelPath: string, title: string | null, startCommand: Array<string>, shell: string | null, port: number, initialDelaySeconds: number, healthCheck: { path: string, maxRetries: number, intervalSeconds: number, maxWaitSeconds: number, expectedStatusCode: number } | null, startActions: Array<{ index: number, action: string, summary: string, ref: string | null }> } | null } };

export type ModelMeaningFragment = { modelName: string, modelPath: string, title: string | null, startCommand: Array<string>, shell: string | null, port: number, initialDelaySeconds: number, healthCheck: { path: string, maxRetries: number, intervalSeconds: number, maxWaitSeconds: number, expectedStatusCode: number } | null, startActions: Array<{ index: number, action: string, summary: string, ref: string | null }> };

export type ProblemItemFragment = { path: string, line: number | null, column: number | null, message: string, hint: string | null };

export type SaveFileMutationVariables = Exact<{
  input: WriteFileInput;
}>;


export type SaveFileMutation = { writeFile:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'ValidationError', message: string, fields: Array<{ path: string, message: string }> }
    | { __typename: 'WriteFileSuccess', file: { path: string, size: number | null, etag: string | null } }
   };

export type EnvironmentItemFragment = { serviceCount: number | null, id: string, name: string, runtime: string, version: string, kind: EnvironmentKind, image: string | null, isolated: boolean, runAs: string | null, readOnlyRoot: boolean, isDefault: boolean, needs: { cpu: number, memoryGiB: number, sharedMemoryGiB: number, accelerators: Array<{ name: string, count: number }> }, usualResources: { cpu: number, memoryGiB: number, sharedMemoryGiB: number, accelerators: Array<{ name: string, count: number }> }, defaultService: { startCommand: string, port: number, healthPath: string | null } | null };

export type EnvironmentsQueryVariables = Exact<{ [key: string]: never; }>;


export type EnvironmentsQuery = { environments: Array<{ serviceCount: number | null, id: string, name: string, runtime: string, version: string, kind: EnvironmentKind, image: string | null, isolated: boolean, runAs: string | null, readOnlyRoot: boolean, isDefault: boolean, needs: { cpu: number, memoryGiB: number, sharedMemoryGiB: number, accelerators: Array<{ name: string, count: number }> }, usualResources: { cpu: number, memoryGiB: number, sharedMemoryGiB: number, accelerators: Array<{ name: string, count: number }> }, defaultService: { startCommand: string, port: number, healthPath: string | null } | null }> };

export type AcceleratorKindsQueryVariables = Exact<{ [key: string]: never; }>;


export type AcceleratorKindsQuery = { resourceGroups: Array<{ id: string, nodes: Array<{ id: string, accelerators: Array<{ name: string }> }> | null }> };

export type CreateEnvironmentMutationVariables = Exact<{
  input: CreateEnvironmentInput;
}>;


export type CreateEnvironmentMutation = { createEnvironment:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'CreateEnvironmentSuccess', environment: { serviceCount: number | null, id: string, name: string, runtime: string, version: string, kind: EnvironmentKind, image: string | null, isolated: boolean, runAs: string | null, readOnlyRoot: boolean, isDefault: boolean, needs: { cpu: number, memoryGiB: number, sharedMemoryGiB: number, accelerators: Array<{ name: string, count: number }> }, usualResources: { cpu: number, memoryGiB: number, sharedMemoryGiB: number, accelerators: Array<{ name: string, count: number }> }, defaultService: { startCommand: string, port: number, healthPath: string | null } | null } }
    | { __typename: 'ForbiddenError', message: string }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'ValidationError', message: string, fields: Array<{ path: string, message: string }> }
   };

export type ModifyEnvironmentMutationVariables = Exact<{
  input: ModifyEnvironmentInput;
}>;


export type ModifyEnvironmentMutation = { modifyEnvironment:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'ForbiddenError', message: string }
    | { __typename: 'ModifyEnvironmentSuccess', environment: { serviceCount: number | null, id: string, name: string, runtime: string, version: string, kind: EnvironmentKind, image: string | null, isolated: boolean, runAs: string | null, readOnlyRoot: boolean, isDefault: boolean, needs: { cpu: number, memoryGiB: number, sharedMemoryGiB: number, accelerators: Array<{ name: string, count: number }> }, usualResources: { cpu: number, memoryGiB: number, sharedMemoryGiB: number, accelerators: Array<{ name: string, count: number }> }, defaultService: { startCommand: string, port: number, healthPath: string | null } | null } }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'ValidationError', message: string, fields: Array<{ path: string, message: string }> }
   };

export type DeleteEnvironmentMutationVariables = Exact<{
  input: DeleteEnvironmentInput;
}>;


export type DeleteEnvironmentMutation = { deleteEnvironment:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'DeleteEnvironmentSuccess', environment: { id: string } }
    | { __typename: 'ForbiddenError', message: string }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'ValidationError', message: string }
   };

export type SetDefaultEnvironmentMutationVariables = Exact<{
  input: SetDefaultEnvironmentInput;
}>;


export type SetDefaultEnvironmentMutation = { setDefaultEnvironment:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'ForbiddenError', message: string }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'SetDefaultEnvironmentSuccess', environment: { id: string } }
    | { __typename: 'ValidationError', message: string }
   };

export type FileItemFragment = { name: string, path: string, kind: FileKind, linksTo: FileKind | null, size: number | null, modifiedAt: string, warning: string | null };

export type FolderHeadQueryVariables = Exact<{
  id: string;
}>;


export type FolderHeadQuery = { folder: { id: string, name: string, usage: FolderUsage, permission: FolderPermission, quotaBytes: number | null, usedBytes: number | null, createdAt: string, trashedAt: string | null, definitionFile: { path: string, etag: string, warnings: Array<{ path: string, line: number | null, column: number | null, message: string, hint: string | null }> } | null, uploads: Array<{ id: string, path: string, size: number, offset: number, createdAt: string, expiresAt: string, createdBy: { id: string, name: string } }>, createdBy: { id: string, name: string }, usedBy: Array<{ id: string, name: string, status: ServiceStatus }> } | null };

export type FilePageQueryVariables = Exact<{
  id: string;
  path: string;
  first: number;
  after?: string | null | undefined;
  order: FileOrder;
  nameContains?: string | null | undefined;
}>;


export type FilePageQuery = { folder: { id: string, file: { modifiedAt: string } | null, files: { totalCount: number, edges: Array<{ node: { name: string, path: string, kind: FileKind, linksTo: FileKind | null, size: number | null, modifiedAt: string, warning: string | null } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } | null };

export type CreateDirectoryMutationVariables = Exact<{
  input: CreateDirectoryInput;
}>;


export type CreateDirectoryMutation = { createDirectory:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'CreateDirectorySuccess', file: { name: string, path: string, kind: FileKind, linksTo: FileKind | null, size: number | null, modifiedAt: string, warning: string | null } }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'ValidationError', message: string, fields: Array<{ path: string, message: string }> }
   };

export type MoveFileMutationVariables = Exact<{
  input: MoveFileInput;
}>;


export type MoveFileMutation = { moveFile:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'MoveFileSuccess', file: { name: string, path: string, kind: FileKind, linksTo: FileKind | null, size: number | null, modifiedAt: string, warning: string | null } }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'ValidationError', message: string, fields: Array<{ path: string, message: string }> }
   };

export type DeleteFilesMutationVariables = Exact<{
  input: DeleteFilesInput;
}>;


export type DeleteFilesMutation = { deleteFiles:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'DeleteFilesSuccess', paths: Array<string> }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'ValidationError', message: string, fields: Array<{ path: string, message: string }> }
   };

export type FolderItemFragment = { id: string, name: string, usage: FolderUsage, permission: FolderPermission, quotaBytes: number | null, usedBytes: number | null, createdAt: string, trashedAt: string | null, createdBy: { id: string, name: string }, usedBy: Array<{ id: string, name: string, status: ServiceStatus }> };

export type FoldersQueryVariables = Exact<{
  trashed: boolean;
  after?: string | null | undefined;
}>;


export type FoldersQuery = { folders: { edges: Array<{ cursor: string, node: { id: string, name: string, usage: FolderUsage, permission: FolderPermission, quotaBytes: number | null, usedBytes: number | null, createdAt: string, trashedAt: string | null, createdBy: { id: string, name: string }, usedBy: Array<{ id: string, name: string, status: ServiceStatus }> } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type CreateFolderMutationVariables = Exact<{
  input: CreateFolderInput;
}>;


export type CreateFolderMutation = { createFolder:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'CreateFolderSuccess', folder: { id: string, name: string, usage: FolderUsage, permission: FolderPermission, quotaBytes: number | null, usedBytes: number | null, createdAt: string, trashedAt: string | null, createdBy: { id: string, name: string }, usedBy: Array<{ id: string, name: string, status: ServiceStatus }> } }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'ValidationError', message: string, fields: Array<{ path: string, message: string }> }
   };

export type DeleteFolderMutationVariables = Exact<{
  input: DeleteFolderInput;
}>;


export type DeleteFolderMutation = { deleteFolder:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'DeleteFolderSuccess', id: string }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'ValidationError', message: string }
   };

export type ModifyFolderMutationVariables = Exact<{
  input: ModifyFolderInput;
}>;


export type ModifyFolderMutation = { modifyFolder:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'ModifyFolderSuccess', folder: { id: string, name: string, usage: FolderUsage, permission: FolderPermission, quotaBytes: number | null, usedBytes: number | null, createdAt: string, trashedAt: string | null, createdBy: { id: string, name: string }, usedBy: Array<{ id: string, name: string, status: ServiceStatus }> } }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'ValidationError', message: string, fields: Array<{ path: string, message: string }> }
   };

export type RestoreFolderMutationVariables = Exact<{
  input: RestoreFolderInput;
}>;


export type RestoreFolderMutation = { restoreFolder:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'RestoreFolderSuccess', folder: { id: string, name: string } }
    | { __typename: 'ValidationError', message: string }
   };

export type PurgeFolderMutationVariables = Exact<{
  input: PurgeFolderInput;
}>;


export type PurgeFolderMutation = { purgeFolder:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'PurgeFolderSuccess', id: string }
    | { __typename: 'ValidationError', message: string }
   };

export type EmptyTrashMutationVariables = Exact<{ [key: string]: never; }>;


export type EmptyTrashMutation = { emptyTrash:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'EmptyTrashSuccess', folderIds: Array<string> }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'ValidationError', message: string }
   };

export type ModifyServiceMutationVariables = Exact<{
  input: ModifyServiceInput;
}>;


export type ModifyServiceMutation = { modifyService:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'ModifyServiceSuccess' }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'ValidationError', message: string, fields: Array<{ path: string, message: string }> }
   };

export type ImageRegistryItemFragment = { id: string, host: string, username: string, createdAt: string };

export type ImageRegistriesQueryVariables = Exact<{ [key: string]: never; }>;


export type ImageRegistriesQuery = { imageRegistries: Array<{ id: string, host: string, username: string, createdAt: string }> | null };

export type CreateImageRegistryMutationVariables = Exact<{
  input: CreateImageRegistryInput;
}>;


export type CreateImageRegistryMutation = { createImageRegistry:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'CreateImageRegistrySuccess' }
    | { __typename: 'ForbiddenError', message: string }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'ValidationError', message: string, fields: Array<{ path: string, message: string }> }
   };

export type ModifyImageRegistryMutationVariables = Exact<{
  input: ModifyImageRegistryInput;
}>;


export type ModifyImageRegistryMutation = { modifyImageRegistry:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'ForbiddenError', message: string }
    | { __typename: 'ModifyImageRegistrySuccess' }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'ValidationError', message: string, fields: Array<{ path: string, message: string }> }
   };

export type DeleteImageRegistryMutationVariables = Exact<{
  input: DeleteImageRegistryInput;
}>;


export type DeleteImageRegistryMutation = { deleteImageRegistry:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'DeleteImageRegistrySuccess' }
    | { __typename: 'ForbiddenError', message: string }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'ValidationError', message: string }
   };

export type RemedyItemFragment = { kind: RemedyKind, says: string, memoryGiB: number | null, cpu: number | null, accelerator: string | null, instead: string | null, count: number | null, serviceId: string | null, nodeId: string | null, nodeName: string | null, resourceGroup: { id: string, name: string } | null };

type CheckItem_ModificationCheck_Fragment = { warnings: Array<string>, problems: Array<{ path: string, message: string, hint: string | null, line: number | null }>, placement: { fits: boolean, reason: string | null, why: { remedies: Array<{ kind: RemedyKind, says: string, memoryGiB: number | null, cpu: number | null, accelerator: string | null, instead: string | null, count: number | null, serviceId: string | null, nodeId: string | null, nodeName: string | null, resourceGroup: { id: string, name: string } | null }> } | null } | null };

type CheckItem_ServiceCheck_Fragment = { warnings: Array<string>, problems: Array<{ path: string, message: string, hint: string | null, line: number | null }>, placement: { fits: boolean, reason: string | null, why: { remedies: Array<{ kind: RemedyKind, says: string, memoryGiB: number | null, cpu: number | null, accelerator: string | null, instead: string | null, count: number | null, serviceId: string | null, nodeId: string | null, nodeName: string | null, resourceGroup: { id: string, name: string } | null }> } | null } | null };

export type CheckItemFragment =
  | CheckItem_ModificationCheck_Fragment
  | CheckItem_ServiceCheck_Fragment
;

export type CheckServiceQueryVariables = Exact<{
  input: CreateServiceInput;
}>;


export type CheckServiceQuery = { checkService: { warnings: Array<string>, problems: Array<{ path: string, message: string, hint: string | null, line: number | null }>, placement: { fits: boolean, reason: string | null, why: { remedies: Array<{ kind: RemedyKind, says: string, memoryGiB: number | null, cpu: number | null, accelerator: string | null, instead: string | null, count: number | null, serviceId: string | null, nodeId: string | null, nodeName: string | null, resourceGroup: { id: string, name: string } | null }> } | null } | null } };

export type CheckModificationQueryVariables = Exact<{
  input: ModifyServiceInput;
}>;


export type CheckModificationQuery = { checkModification: { makesRevision: boolean, way: RolloutWay, expectedPauseMs: number | null, warnings: Array<string>, differences: Array<{ path: string, before: string | null, after: string | null, secret: boolean }>, problems: Array<{ path: string, message: string, hint: string | null, line: number | null }>, placement: { fits: boolean, reason: string | null, why: { remedies: Array<{ kind: RemedyKind, says: string, memoryGiB: number | null, cpu: number | null, accelerator: string | null, instead: string | null, count: number | null, serviceId: string | null, nodeId: string | null, nodeName: string | null, resourceGroup: { id: string, name: string } | null }> } | null } | null } };

export type EnvironmentChoiceFragment = { id: string, name: string, runtime: string, version: string, kind: EnvironmentKind, image: string | null, isolated: boolean, runAs: string | null, readOnlyRoot: boolean, isDefault: boolean, needs: { cpu: number, memoryGiB: number, sharedMemoryGiB: number, accelerators: Array<{ name: string, count: number }> }, usualResources: { cpu: number, memoryGiB: number, sharedMemoryGiB: number, accelerators: Array<{ name: string, count: number }> }, defaultService: { startCommand: string, port: number, healthPath: string | null } | null };

export type ServiceChoicesQueryVariables = Exact<{ [key: string]: never; }>;


export type ServiceChoicesQuery = { general: { edges: Array<{ cursor: string, node: { id: string, name: string } }> }, folders: { edges: Array<{ cursor: string, node: { id: string, name: string } }> }, environments: Array<{ id: string, name: string, runtime: string, version: string, kind: EnvironmentKind, image: string | null, isolated: boolean, runAs: string | null, readOnlyRoot: boolean, isDefault: boolean, needs: { cpu: number, memoryGiB: number, sharedMemoryGiB: number, accelerators: Array<{ name: string, count: number }> }, usualResources: { cpu: number, memoryGiB: number, sharedMemoryGiB: number, accelerators: Array<{ name: string, count: number }> }, defaultService: { startCommand: string, port: number, healthPath: string | null } | null }>, resourceGroups: Array<{ id: string, name: string, ownImages: boolean, acceleratorNames: Array<string> | null, environments: Array<{ id: string }> | null, nodes: Array<{ id: string, name: string, eligible: boolean, cpu: { total: number, used: number }, memoryGiB: { total: number, used: number }, accelerators: Array<{ name: string, count: number, free: number }> }> | null }> };

export type FolderDefinitionQueryVariables = Exact<{
  id: string;
}>;


export type FolderDefinitionQuery = { folder: { id: string, name: string, definitionFile: { path: string, content: string, warnings: Array<{ path: string, line: number | null, column: number | null, message: string, hint: string | null }> } | null } | null };

export type ValidationItemFragment = { id: string, status: ValidationStatus, statusReason: string, verdict: ValidationVerdict | null, cancelling: boolean, failure: { hint: string | null, outputTail: string } | null, launch: { startedAt: string, endedAt: string | null, failedAt: string | null, durationMs: number | null, expectedMs: number | null, phases: Array<{ phase: LaunchPhaseName, startedAt: string | null, endedAt: string | null, durationMs: number | null, expectedMs: number | null }> } | null };

export type ValidateServiceMutationVariables = Exact<{
  input: ValidateServiceInput;
}>;


export type ValidateServiceMutation = { validateService:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'ValidateServiceSuccess', validation: { id: string, status: ValidationStatus, statusReason: string, verdict: ValidationVerdict | null, cancelling: boolean, failure: { hint: string | null, outputTail: string } | null, launch: { startedAt: string, endedAt: string | null, failedAt: string | null, durationMs: number | null, expectedMs: number | null, phases: Array<{ phase: LaunchPhaseName, startedAt: string | null, endedAt: string | null, durationMs: number | null, expectedMs: number | null }> } | null } }
    | { __typename: 'ValidationError', message: string, fields: Array<{ path: string, message: string }> }
   };

export type CancelValidationMutationVariables = Exact<{
  input: CancelValidationInput;
}>;


export type CancelValidationMutation = { cancelValidation:
    | { __typename: 'CancelValidationSuccess', validation: { id: string, status: ValidationStatus, statusReason: string, verdict: ValidationVerdict | null, cancelling: boolean, failure: { hint: string | null, outputTail: string } | null, launch: { startedAt: string, endedAt: string | null, failedAt: string | null, durationMs: number | null, expectedMs: number | null, phases: Array<{ phase: LaunchPhaseName, startedAt: string | null, endedAt: string | null, durationMs: number | null, expectedMs: number | null }> } | null } }
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'ValidationError', message: string }
   };

export type FollowValidationSubscriptionVariables = Exact<{
  id: string;
}>;


export type FollowValidationSubscription = { validation: { id: string, status: ValidationStatus, statusReason: string, verdict: ValidationVerdict | null, cancelling: boolean, failure: { hint: string | null, outputTail: string } | null, launch: { startedAt: string, endedAt: string | null, failedAt: string | null, durationMs: number | null, expectedMs: number | null, phases: Array<{ phase: LaunchPhaseName, startedAt: string | null, endedAt: string | null, durationMs: number | null, expectedMs: number | null }> } | null } | null };

export type EndedRouteItemFragment = { id: string, terminatedAt: string | null, failure: { message: string } | null, revision: { id: string, number: number, clusterSize: number } };

export type EndedRoutesQueryVariables = Exact<{
  id: string;
}>;


export type EndedRoutesQuery = { service: { id: string, endedRoutes: Array<{ id: string, terminatedAt: string | null, failure: { message: string } | null, revision: { id: string, number: number, clusterSize: number } }> } | null };

export type ServiceErrorsQueryVariables = Exact<{
  id: string;
}>;


export type ServiceErrorsQuery = { service: { id: string, errors: Array<{ id: string, routeId: string | null, message: string, repeats: number, lastAt: string, failure: { cause: FailureCause, message: string, hint: string | null, exitCode: number | null, signal: string | null, outputTail: string, node: string | null } | null }> } | null };

export type ErrorItemFragment = { id: string, routeId: string | null, message: string, repeats: number, lastAt: string, failure: { cause: FailureCause, message: string, hint: string | null, exitCode: number | null, signal: string | null, outputTail: string, node: string | null } | null };

export type EventItemFragment = { id: string, at: string, routeId: string | null, kind: string, status: RouteStatus | null, message: string, repeats: number, lastAt: string, action: { index: number, action: string, exitCode: number | null, timedOut: boolean, durationMs: number, out: string, err: string, outCut: boolean, errCut: boolean } | null, user: { id: string, name: string } | null };

export type StartActionItemFragment = { index: number, action: string, exitCode: number | null, timedOut: boolean, durationMs: number, out: string, err: string, outCut: boolean, errCut: boolean };

export type ServiceEventsQueryVariables = Exact<{
  id: string;
  before?: string | null | undefined;
}>;


export type ServiceEventsQuery = { service: { id: string, events: { pageInfo: { hasPreviousPage: boolean }, edges: Array<{ cursor: string, event: { id: string, at: string, routeId: string | null, kind: string, status: RouteStatus | null, message: string, repeats: number, lastAt: string, action: { index: number, action: string, exitCode: number | null, timedOut: boolean, durationMs: number, out: string, err: string, outCut: boolean, errCut: boolean } | null, user: { id: string, name: string } | null } }> } } | null };

export type RouteEventsSubscriptionVariables = Exact<{
  serviceId: string;
  after?: string | null | undefined;
}>;


export type RouteEventsSubscription = { routeEvents: { cursor: string, event: { id: string, at: string, routeId: string | null, kind: string, status: RouteStatus | null, message: string, repeats: number, lastAt: string, action: { index: number, action: string, exitCode: number | null, timedOut: boolean, durationMs: number, out: string, err: string, outCut: boolean, errCut: boolean } | null, user: { id: string, name: string } | null } } };

export type ServiceLaunchesQueryVariables = Exact<{
  id: string;
}>;


export type ServiceLaunchesQuery = { service: { id: string, routes: Array<{ id: string, launch: { startedAt: string, endedAt: string | null, failedAt: string | null, durationMs: number | null, expectedMs: number | null, phases: Array<{ phase: LaunchPhaseName, startedAt: string | null, endedAt: string | null, durationMs: number | null, expectedMs: number | null }> } | null }> } | null };

export type LogsSubscriptionVariables = Exact<{
  routeId: string;
  stream: LogStream;
  member?: number | null | undefined;
  attempt?: string | null | undefined;
  offset?: number | null | undefined;
  tailBytes?: number | null | undefined;
}>;


export type LogsSubscription = { logs: { attempt: string, offset: number, nextOffset: number, text: string } };

export type DifferenceItemFragment = { path: string, before: string | null, after: string | null, secret: boolean };

export type RevisionItemFragment = { id: string, number: number, createdAt: string, createdBy: { id: string, name: string }, differences: Array<{ path: string, before: string | null, after: string | null, secret: boolean }> };

export type ServiceRevisionsQueryVariables = Exact<{
  id: string;
  before?: string | null | undefined;
}>;


export type ServiceRevisionsQuery = { service: { id: string, revisions: { pageInfo: { hasPreviousPage: boolean, startCursor: string | null }, edges: Array<{ node: { id: string, number: number, createdAt: string, createdBy: { id: string, name: string }, differences: Array<{ path: string, before: string | null, after: string | null, secret: boolean }> } }> } } | null };

export type RevisionDifferencesQueryVariables = Exact<{
  id: string;
  to: string;
}>;


export type RevisionDifferencesQuery = { node:
    | { __typename: 'Environment', id: string }
    | { __typename: 'Folder', id: string }
    | { __typename: 'ResourceGroup', id: string }
    | { __typename: 'Revision', id: string, differences: Array<{ path: string, before: string | null, after: string | null, secret: boolean }> }
    | { __typename: 'Route', id: string }
    | { __typename: 'Service', id: string }
    | { __typename: 'Token', id: string }
    | { __typename: 'Validation', id: string }
   | null };

export type RolloutItemFragment = { id: string, kind: RolloutKind, mode: RolloutMode, status: RolloutStatus, reason: string, step: number, stepCount: number, weight: number | null, stepEndsAt: string | null, awaitsPromotion: boolean, createdAt: string, endedAt: string | null, createdBy: { id: string, name: string }, failure: { cause: FailureCause, message: string, hint: string | null, at: string, routeId: string } | null, policy: { maxSurge: number | string, promote: RolloutPromote, steps: Array<{ weight: number, holdSeconds: number }> }, fromRevision: { id: string, number: number }, toRevision: { id: string, number: number } };

export type PromoteRolloutMutationVariables = Exact<{
  input: PromoteRolloutInput;
}>;


export type PromoteRolloutMutation = { promoteRollout:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'PromoteRolloutSuccess' }
    | { __typename: 'ValidationError', message: string }
   };

export type RevertRolloutMutationVariables = Exact<{
  input: RevertRolloutInput;
}>;


export type RevertRolloutMutation = { revertRollout:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'RevertRolloutSuccess' }
    | { __typename: 'ValidationError', message: string }
   };

export type RestartServiceMutationVariables = Exact<{
  input: RestartServiceInput;
}>;


export type RestartServiceMutation = { restartService:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'RestartServiceSuccess' }
    | { __typename: 'ValidationError', message: string }
   };

export type RollBackServiceMutationVariables = Exact<{
  input: RollBackServiceInput;
}>;


export type RollBackServiceMutation = { rollBackService:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'RollBackServiceSuccess' }
    | { __typename: 'ValidationError', message: string }
   };

export type TokenItemFragment = { id: string, name: string, expiresAt: string | null, createdAt: string, revokedAt: string | null, lastUsedAt: string | null, requestsPerMinute: number | null, concurrentRequests: number | null };

export type RouteItemFragment = { id: string, status: RouteStatus, statusReason: string, statusAt: string, node: string | null, schedulerUrl: string | null, retryAt: string | null, firstPassDueAt: string | null, createdAt: string, revision: { id: string, number: number } };

export type ServiceDetailSubscriptionVariables = Exact<{
  id: string;
}>;


export type ServiceDetailSubscription = { service: { id: string, name: string, endpoint: string, status: ServiceStatus, statusReason: string, openToPublic: boolean, aliases: Array<string>, allowedOrigins: Array<string>, desiredRouteCount: number, terminationGraceSeconds: number, createdAt: string, terminatedAt: string | null, endpointProblem: string | null, createdBy: { id: string, name: string }, routeCounts: { desired: number, healthy: number, total: number }, failure: { cause: FailureCause, message: string, hint: string | null, at: string, routeId: string } | null, rollout: { id: string, kind: RolloutKind, mode: RolloutMode, status: RolloutStatus, reason: string, step: number, stepCount: number, weight: number | null, stepEndsAt: string | null, awaitsPromotion: boolean, createdAt: string, endedAt: string | null, createdBy: { id: string, name: string }, failure: { cause: FailureCause, message: string, hint: string | null, at: string, routeId: string } | null, policy: { maxSurge: number | string, promote: RolloutPromote, steps: Array<{ weight: number, holdSeconds: number }> }, fromRevision: { id: string, number: number }, toRevision: { id: string, number: number } } | null, rolloutPolicy: { maxSurge: number | string, maxUnavailable: number | string, promote: RolloutPromote, steps: Array<{ weight: number, holdSeconds: number }> }, trafficPolicy: { firstByteTimeoutSeconds: number, idleTimeoutSeconds: number | null, allowedAddresses: Array<string>, passAuthorization: boolean, affinity: { by: TrafficAffinityKind, header: string | null } | null }, errors: Array<{ id: string, routeId: string | null, repeats: number }>, definitionChange: { sinceRevision: number, fileName: string | null } | null, revision: { id: string, number: number, createdAt: string, modelReadOnly: boolean, image: string | null, clusterMode: ClusterMode, clusterSize: number, definition: { modelName: string, port: number, healthCheckPath: string | null } | null, definitionProblems: Array<{ path: string, line: number | null, column: number | null, message: string, hint: string | null }>, folder: { id: string, name: string }, mounts: Array<{ path: string, readOnly: boolean, folder: { id: string, name: string } }>, variables: Array<{ name: string, value: string | null, secret: boolean }>, environment: { id: string, name: string, runtime: string, version: string, kind: EnvironmentKind, image: string | null, isolated: boolean, runAs: string | null, readOnlyRoot: boolean, isDefault: boolean, needs: { cpu: number, memoryGiB: number, sharedMemoryGiB: number, accelerators: Array<{ name: string, count: number }> }, usualResources: { cpu: number, memoryGiB: number, sharedMemoryGiB: number, accelerators: Array<{ name: string, count: number }> }, defaultService: { startCommand: string, port: number, healthPath: string | null } | null }, resourceGroup: { id: string, name: string }, resources: { cpu: number, memoryGiB: number, sharedMemoryGiB: number, accelerators: Array<{ name: string, count: number, memoryGiB: number | null, constraints: Array<{ attribute: string, operator: string, value: string }>, affinities: Array<{ attribute: string, operator: string, value: string, weight: number }> }> } }, routes: Array<{ id: string, status: RouteStatus, statusReason: string, statusAt: string, node: string | null, schedulerUrl: string | null, retryAt: string | null, firstPassDueAt: string | null, createdAt: string, revision: { id: string, number: number } }>, tokens: Array<{ id: string, name: string, expiresAt: string | null, createdAt: string, revokedAt: string | null, lastUsedAt: string | null, requestsPerMinute: number | null, concurrentRequests: number | null }> } | null };

export type ClearErrorsAndRetryMutationVariables = Exact<{
  input: ClearErrorsAndRetryInput;
}>;


export type ClearErrorsAndRetryMutation = { clearErrorsAndRetry:
    | { __typename: 'ClearErrorsAndRetrySuccess', service: { id: string, status: ServiceStatus, statusReason: string } }
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'ValidationError', message: string }
   };

export type CreateTokenMutationVariables = Exact<{
  input: CreateTokenInput;
}>;


export type CreateTokenMutation = { createToken:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'CreateTokenSuccess', secret: string, token: { id: string, name: string, expiresAt: string | null, createdAt: string, revokedAt: string | null, lastUsedAt: string | null, requestsPerMinute: number | null, concurrentRequests: number | null } }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'ValidationError', message: string, fields: Array<{ path: string, message: string }> }
   };

export type ModifyTokenMutationVariables = Exact<{
  input: ModifyTokenInput;
}>;


export type ModifyTokenMutation = { modifyToken:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'ModifyTokenSuccess', token: { id: string, name: string, expiresAt: string | null, createdAt: string, revokedAt: string | null, lastUsedAt: string | null, requestsPerMinute: number | null, concurrentRequests: number | null } }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'ValidationError', message: string, fields: Array<{ path: string, message: string }> }
   };

export type CopyTokenMutationVariables = Exact<{
  input: CopyTokenInput;
}>;


export type CopyTokenMutation = { copyToken:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'CopyTokenSuccess', secret: string }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'ValidationError', message: string }
   };

export type RevokeTokenMutationVariables = Exact<{
  input: RevokeTokenInput;
}>;


export type RevokeTokenMutation = { revokeToken:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'RevokeTokenSuccess', token: { id: string, revokedAt: string | null } }
    | { __typename: 'ValidationError', message: string }
   };

export type ServiceTrafficQueryVariables = Exact<{
  id: string;
  from: string;
  by: TrafficBy;
}>;


export type ServiceTrafficQuery = { service: { id: string, traffic: { stepSeconds: number, omitted: number, inFlight: number, series: Array<{ id: string | null, requests: number, revision: { id: string, number: number } | null, points: Array<{ at: string, seconds: number, requests: number, clientErrors: number, serverErrors: number, gone: number, inFlight: number, latencyP50: number | null, latencyP95: number | null, latencyP99: number | null, firstByteP50: number | null, firstByteP95: number | null, firstByteP99: number | null }> }> } } | null };

export type TrafficPointItemFragment = { at: string, seconds: number, requests: number, clientErrors: number, serverErrors: number, gone: number, inFlight: number, latencyP50: number | null, latencyP95: number | null, latencyP99: number | null, firstByteP50: number | null, firstByteP95: number | null, firstByteP99: number | null };

export type TokenUseQueryVariables = Exact<{
  id: string;
}>;


export type TokenUseQuery = { service: { id: string, tokens: Array<{ id: string, lastUsedAt: string | null, requestsLastDay: number }> } | null };

export type ServiceWhyQueryVariables = Exact<{
  id: string;
}>;


export type ServiceWhyQuery = { service: { id: string, why: { remedies: Array<{ kind: RemedyKind, says: string, memoryGiB: number | null, cpu: number | null, accelerator: string | null, instead: string | null, count: number | null, serviceId: string | null, nodeId: string | null, nodeName: string | null, resourceGroup: { id: string, name: string } | null }> } | null } | null };

export type OrphansQueryVariables = Exact<{ [key: string]: never; }>;


export type OrphansQuery = { installation: { stoppingOrphans: boolean, orphanSessions: Array<{ sessionId: string, since: string, node: string | null, serviceName: string | null }> | null } };

export type StopOrphansMutationVariables = Exact<{
  input: StopOrphansInput;
}>;


export type StopOrphansMutation = { stopOrphans:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'ForbiddenError', message: string }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'StopOrphansSuccess' }
    | { __typename: 'ValidationError', message: string }
   };

export type ServiceListItemFragment = { id: string, name: string, endpoint: string, status: ServiceStatus, statusReason: string, openToPublic: boolean, desiredRouteCount: number, createdAt: string, routeCounts: { desired: number, healthy: number, total: number }, createdBy: { id: string, name: string } };

export type ServiceListSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type ServiceListSubscription = { services: { kind: ServiceListChangeKind, id: string | null, service: { id: string, name: string, endpoint: string, status: ServiceStatus, statusReason: string, openToPublic: boolean, desiredRouteCount: number, createdAt: string, routeCounts: { desired: number, healthy: number, total: number }, createdBy: { id: string, name: string } } | null } };

export type TerminateServiceMutationVariables = Exact<{
  input: TerminateServiceInput;
}>;


export type TerminateServiceMutation = { terminateService:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'TerminateServiceSuccess', service: { id: string, status: ServiceStatus, statusReason: string } }
    | { __typename: 'ValidationError', message: string }
   };

export type SigningKeyItemFragment = { id: string, createdAt: string, signs: boolean, retiresAt: string | null };

export type SigningKeysQueryVariables = Exact<{ [key: string]: never; }>;


export type SigningKeysQuery = { signingKeys: Array<{ id: string, createdAt: string, signs: boolean, retiresAt: string | null }> | null };

export type ReplaceSigningKeyMutationVariables = Exact<{
  input: ReplaceSigningKeyInput;
}>;


export type ReplaceSigningKeyMutation = { replaceSigningKey:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'ForbiddenError', message: string }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'ReplaceSigningKeySuccess', signingKeys: Array<{ id: string, createdAt: string, signs: boolean, retiresAt: string | null }> }
    | { __typename: 'ValidationError', message: string }
   };

export type CreateServiceMutationVariables = Exact<{
  input: CreateServiceInput;
}>;


export type CreateServiceMutation = { createService:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'CreateServiceSuccess', service: { id: string, name: string } }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'ValidationError', message: string, fields: Array<{ path: string, message: string }> }
   };

export type CreateTrialTokenMutationVariables = Exact<{
  input: CreateTrialTokenInput;
}>;


export type CreateTrialTokenMutation = { createTrialToken:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'CreateTrialTokenSuccess', secret: string, expiresAt: string }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'ValidationError', message: string }
   };

export type FolderNameQueryVariables = Exact<{
  id: string;
}>;


export type FolderNameQuery = { folder: { id: string, name: string } | null };

export type LaunchItemFragment = { startedAt: string, endedAt: string | null, failedAt: string | null, durationMs: number | null, expectedMs: number | null, phases: Array<{ phase: LaunchPhaseName, startedAt: string | null, endedAt: string | null, durationMs: number | null, expectedMs: number | null }> };

export type ViewerQueryVariables = Exact<{ [key: string]: never; }>;


export type ViewerQuery = { viewer: { id: string, name: string, role: UserRole, project: { id: string, name: string } } };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const NodeUserItemFragmentDoc = new TypedDocumentString(`
    fragment NodeUserItem on NodeUser {
  name
  isForeign
  serviceId
}
    `, {"fragmentName":"NodeUserItem"}) as unknown as TypedDocumentString<NodeUserItemFragment, unknown>;
export const NodeItemFragmentDoc = new TypedDocumentString(`
    fragment NodeItem on ComputeNode {
  id
  name
  nodePool
  datacenter
  nodeClass
  status
  draining
  eligible
  seesFolders
  drivers {
    name
    detected
    healthy
    description
  }
  schedulerUrl
  wish {
    kind
    userName
    createdAt
    appliedAt
    problem
  }
  cpu {
    total
    used
    free
  }
  memoryGiB {
    total
    used
    free
  }
  devices {
    name
    model
    devices {
      id
      healthy
      heldBy {
        ...NodeUserItem
      }
    }
  }
  users {
    ...NodeUserItem
  }
}
    fragment NodeUserItem on NodeUser {
  name
  isForeign
  serviceId
}`, {"fragmentName":"NodeItem"}) as unknown as TypedDocumentString<NodeItemFragment, unknown>;
export const ResourceGroupItemFragmentDoc = new TypedDocumentString(`
    fragment ResourceGroupItem on ResourceGroup {
  id
  name
  nodePool
  datacenters
  nodeClass
  constraints {
    attribute
    operator
    value
  }
  environments {
    id
    name
  }
  limits {
    cpu
    memoryGiB
    accelerators
  }
  acceleratorNames
  wholeCores
  ownImages
}
    `, {"fragmentName":"ResourceGroupItem"}) as unknown as TypedDocumentString<ResourceGroupItemFragment, unknown>;
export const GroupUsageItemFragmentDoc = new TypedDocumentString(`
    fragment GroupUsageItem on GroupUsage {
  nodes
  eligibleNodes
  cpu {
    total
    used
    free
  }
  memoryGiB {
    total
    used
    free
  }
  accelerators {
    name
    count
    free
  }
}
    `, {"fragmentName":"GroupUsageItem"}) as unknown as TypedDocumentString<GroupUsageItemFragment, unknown>;
export const ModelMeaningFragmentDoc = new TypedDocumentString(`
    fragment ModelMeaning on ModelDefinition {
  modelName
  modelPath
  title
  startCommand
  shell
  port
  healthCheck {
    path
    maxRetries
    intervalSeconds
    maxWaitSeconds
    expectedStatusCode
  }
  initialDelaySeconds
  startActions {
    index
    action
    summary
    ref
  }
}
    `, {"fragmentName":"ModelMeaning"}) as unknown as TypedDocumentString<ModelMeaningFragment, unknown>;
export const ProblemItemFragmentDoc = new TypedDocumentString(`
    fragment ProblemItem on DefinitionProblem {
  path
  line
  column
  message
  hint
}
    `, {"fragmentName":"ProblemItem"}) as unknown as TypedDocumentString<ProblemItemFragment, unknown>;
export const EnvironmentChoiceFragmentDoc = new TypedDocumentString(`
    fragment EnvironmentChoice on Environment {
  id
  name
  runtime
  version
  kind
  image
  isolated
  runAs
  readOnlyRoot
  isDefault
  needs {
    cpu
    memoryGiB
    sharedMemoryGiB
    accelerators {
      name
      count
    }
  }
  usualResources {
    cpu
    memoryGiB
    sharedMemoryGiB
    accelerators {
      name
      count
    }
  }
  defaultService {
    startCommand
    port
    healthPath
  }
}
    `, {"fragmentName":"EnvironmentChoice"}) as unknown as TypedDocumentString<EnvironmentChoiceFragment, unknown>;
export const EnvironmentItemFragmentDoc = new TypedDocumentString(`
    fragment EnvironmentItem on Environment {
  ...EnvironmentChoice
  serviceCount
}
    fragment EnvironmentChoice on Environment {
  id
  name
  runtime
  version
  kind
  image
  isolated
  runAs
  readOnlyRoot
  isDefault
  needs {
    cpu
    memoryGiB
    sharedMemoryGiB
    accelerators {
      name
      count
    }
  }
  usualResources {
    cpu
    memoryGiB
    sharedMemoryGiB
    accelerators {
      name
      count
    }
  }
  defaultService {
    startCommand
    port
    healthPath
  }
}`, {"fragmentName":"EnvironmentItem"}) as unknown as TypedDocumentString<EnvironmentItemFragment, unknown>;
export const FileItemFragmentDoc = new TypedDocumentString(`
    fragment FileItem on File {
  name
  path
  kind
  linksTo
  size
  modifiedAt
  warning
}
    `, {"fragmentName":"FileItem"}) as unknown as TypedDocumentString<FileItemFragment, unknown>;
export const FolderItemFragmentDoc = new TypedDocumentString(`
    fragment FolderItem on Folder {
  id
  name
  usage
  permission
  quotaBytes
  usedBytes
  createdAt
  trashedAt
  createdBy {
    id
    name
  }
  usedBy {
    id
    name
    status
  }
}
    `, {"fragmentName":"FolderItem"}) as unknown as TypedDocumentString<FolderItemFragment, unknown>;
export const ImageRegistryItemFragmentDoc = new TypedDocumentString(`
    fragment ImageRegistryItem on ImageRegistry {
  id
  host
  username
  createdAt
}
    `, {"fragmentName":"ImageRegistryItem"}) as unknown as TypedDocumentString<ImageRegistryItemFragment, unknown>;
export const RemedyItemFragmentDoc = new TypedDocumentString(`
    fragment RemedyItem on Remedy {
  kind
  says
  memoryGiB
  cpu
  accelerator
  instead
  count
  serviceId
  nodeId
  nodeName
  resourceGroup {
    id
    name
  }
}
    `, {"fragmentName":"RemedyItem"}) as unknown as TypedDocumentString<RemedyItemFragment, unknown>;
export const CheckItemFragmentDoc = new TypedDocumentString(`
    fragment CheckItem on Check {
  problems {
    path
    message
    hint
    line
  }
  warnings
  placement {
    fits
    reason
    why {
      remedies {
        ...RemedyItem
      }
    }
  }
}
    fragment RemedyItem on Remedy {
  kind
  says
  memoryGiB
  cpu
  accelerator
  instead
  count
  serviceId
  nodeId
  nodeName
  resourceGroup {
    id
    name
  }
}`, {"fragmentName":"CheckItem"}) as unknown as TypedDocumentString<CheckItemFragment, unknown>;
export const LaunchItemFragmentDoc = new TypedDocumentString(`
    fragment LaunchItem on LaunchTimeline {
  startedAt
  endedAt
  failedAt
  durationMs
  expectedMs
  phases {
    phase
    startedAt
    endedAt
    durationMs
    expectedMs
  }
}
    `, {"fragmentName":"LaunchItem"}) as unknown as TypedDocumentString<LaunchItemFragment, unknown>;
export const ValidationItemFragmentDoc = new TypedDocumentString(`
    fragment ValidationItem on Validation {
  id
  status
  statusReason
  verdict
  cancelling
  failure {
    hint
    outputTail
  }
  launch {
    ...LaunchItem
  }
}
    fragment LaunchItem on LaunchTimeline {
  startedAt
  endedAt
  failedAt
  durationMs
  expectedMs
  phases {
    phase
    startedAt
    endedAt
    durationMs
    expectedMs
  }
}`, {"fragmentName":"ValidationItem"}) as unknown as TypedDocumentString<ValidationItemFragment, unknown>;
export const EndedRouteItemFragmentDoc = new TypedDocumentString(`
    fragment EndedRouteItem on Route {
  id
  failure {
    message
  }
  terminatedAt
  revision {
    id
    number
    clusterSize
  }
}
    `, {"fragmentName":"EndedRouteItem"}) as unknown as TypedDocumentString<EndedRouteItemFragment, unknown>;
export const ErrorItemFragmentDoc = new TypedDocumentString(`
    fragment ErrorItem on RouteEvent {
  id
  routeId
  message
  repeats
  lastAt
  failure {
    cause
    message
    hint
    exitCode
    signal
    outputTail
    node
  }
}
    `, {"fragmentName":"ErrorItem"}) as unknown as TypedDocumentString<ErrorItemFragment, unknown>;
export const StartActionItemFragmentDoc = new TypedDocumentString(`
    fragment StartActionItem on StartAction {
  index
  action
  exitCode
  timedOut
  durationMs
  out
  err
  outCut
  errCut
}
    `, {"fragmentName":"StartActionItem"}) as unknown as TypedDocumentString<StartActionItemFragment, unknown>;
export const EventItemFragmentDoc = new TypedDocumentString(`
    fragment EventItem on RouteEvent {
  id
  at
  routeId
  kind
  status
  message
  repeats
  lastAt
  action {
    ...StartActionItem
  }
  user {
    id
    name
  }
}
    fragment StartActionItem on StartAction {
  index
  action
  exitCode
  timedOut
  durationMs
  out
  err
  outCut
  errCut
}`, {"fragmentName":"EventItem"}) as unknown as TypedDocumentString<EventItemFragment, unknown>;
export const DifferenceItemFragmentDoc = new TypedDocumentString(`
    fragment DifferenceItem on RevisionDifference {
  path
  before
  after
  secret
}
    `, {"fragmentName":"DifferenceItem"}) as unknown as TypedDocumentString<DifferenceItemFragment, unknown>;
export const RevisionItemFragmentDoc = new TypedDocumentString(`
    fragment RevisionItem on Revision {
  id
  number
  createdAt
  createdBy {
    id
    name
  }
  differences {
    ...DifferenceItem
  }
}
    fragment DifferenceItem on RevisionDifference {
  path
  before
  after
  secret
}`, {"fragmentName":"RevisionItem"}) as unknown as TypedDocumentString<RevisionItemFragment, unknown>;
export const RolloutItemFragmentDoc = new TypedDocumentString(`
    fragment RolloutItem on Rollout {
  id
  kind
  mode
  status
  reason
  step
  stepCount
  weight
  stepEndsAt
  awaitsPromotion
  createdAt
  endedAt
  createdBy {
    id
    name
  }
  failure {
    cause
    message
    hint
    at
    routeId
  }
  policy {
    maxSurge
    steps {
      weight
      holdSeconds
    }
    promote
  }
  fromRevision {
    id
    number
  }
  toRevision {
    id
    number
  }
}
    `, {"fragmentName":"RolloutItem"}) as unknown as TypedDocumentString<RolloutItemFragment, unknown>;
export const TokenItemFragmentDoc = new TypedDocumentString(`
    fragment TokenItem on Token {
  id
  name
  expiresAt
  createdAt
  revokedAt
  lastUsedAt
  requestsPerMinute
  concurrentRequests
}
    `, {"fragmentName":"TokenItem"}) as unknown as TypedDocumentString<TokenItemFragment, unknown>;
export const RouteItemFragmentDoc = new TypedDocumentString(`
    fragment RouteItem on Route {
  id
  status
  statusReason
  statusAt
  node
  schedulerUrl
  retryAt
  firstPassDueAt
  createdAt
  revision {
    id
    number
  }
}
    `, {"fragmentName":"RouteItem"}) as unknown as TypedDocumentString<RouteItemFragment, unknown>;
export const TrafficPointItemFragmentDoc = new TypedDocumentString(`
    fragment TrafficPointItem on TrafficPoint {
  at
  seconds
  requests
  clientErrors
  serverErrors
  gone
  inFlight
  latencyP50
  latencyP95
  latencyP99
  firstByteP50
  firstByteP95
  firstByteP99
}
    `, {"fragmentName":"TrafficPointItem"}) as unknown as TypedDocumentString<TrafficPointItemFragment, unknown>;
export const ServiceListItemFragmentDoc = new TypedDocumentString(`
    fragment ServiceListItem on Service {
  id
  name
  endpoint
  status
  statusReason
  openToPublic
  desiredRouteCount
  routeCounts {
    desired
    healthy
    total
  }
  createdAt
  createdBy {
    id
    name
  }
}
    `, {"fragmentName":"ServiceListItem"}) as unknown as TypedDocumentString<ServiceListItemFragment, unknown>;
export const SigningKeyItemFragmentDoc = new TypedDocumentString(`
    fragment SigningKeyItem on SigningKey {
  id
  createdAt
  signs
  retiresAt
}
    `, {"fragmentName":"SigningKeyItem"}) as unknown as TypedDocumentString<SigningKeyItemFragment, unknown>;
export const ClusterDocument = new TypedDocumentString(`
    subscription Cluster {
  cluster {
    readAt
    problem
    nodes {
      ...NodeItem
    }
    groups {
      resourceGroup {
        ...ResourceGroupItem
      }
      nodeIds
      usage {
        ...GroupUsageItem
      }
    }
  }
}
    fragment NodeUserItem on NodeUser {
  name
  isForeign
  serviceId
}
fragment NodeItem on ComputeNode {
  id
  name
  nodePool
  datacenter
  nodeClass
  status
  draining
  eligible
  seesFolders
  drivers {
    name
    detected
    healthy
    description
  }
  schedulerUrl
  wish {
    kind
    userName
    createdAt
    appliedAt
    problem
  }
  cpu {
    total
    used
    free
  }
  memoryGiB {
    total
    used
    free
  }
  devices {
    name
    model
    devices {
      id
      healthy
      heldBy {
        ...NodeUserItem
      }
    }
  }
  users {
    ...NodeUserItem
  }
}
fragment ResourceGroupItem on ResourceGroup {
  id
  name
  nodePool
  datacenters
  nodeClass
  constraints {
    attribute
    operator
    value
  }
  environments {
    id
    name
  }
  limits {
    cpu
    memoryGiB
    accelerators
  }
  acceleratorNames
  wholeCores
  ownImages
}
fragment GroupUsageItem on GroupUsage {
  nodes
  eligibleNodes
  cpu {
    total
    used
    free
  }
  memoryGiB {
    total
    used
    free
  }
  accelerators {
    name
    count
    free
  }
}`) as unknown as TypedDocumentString<ClusterSubscription, ClusterSubscriptionVariables>;
export const DrainNodeDocument = new TypedDocumentString(`
    mutation DrainNode($input: DrainNodeInput!) {
  drainNode(input: $input) {
    __typename
    ... on DrainNodeSuccess {
      node {
        id
      }
    }
    ... on Error {
      message
    }
  }
}
    `) as unknown as TypedDocumentString<DrainNodeMutation, DrainNodeMutationVariables>;
export const MakeNodeIneligibleDocument = new TypedDocumentString(`
    mutation MakeNodeIneligible($input: MakeNodeIneligibleInput!) {
  makeNodeIneligible(input: $input) {
    __typename
    ... on MakeNodeIneligibleSuccess {
      node {
        id
      }
    }
    ... on Error {
      message
    }
  }
}
    `) as unknown as TypedDocumentString<MakeNodeIneligibleMutation, MakeNodeIneligibleMutationVariables>;
export const MakeNodeEligibleDocument = new TypedDocumentString(`
    mutation MakeNodeEligible($input: MakeNodeEligibleInput!) {
  makeNodeEligible(input: $input) {
    __typename
    ... on MakeNodeEligibleSuccess {
      node {
        id
      }
    }
    ... on Error {
      message
    }
  }
}
    `) as unknown as TypedDocumentString<MakeNodeEligibleMutation, MakeNodeEligibleMutationVariables>;
export const EnvironmentNamesDocument = new TypedDocumentString(`
    query EnvironmentNames {
  environments {
    id
    name
  }
}
    `) as unknown as TypedDocumentString<EnvironmentNamesQuery, EnvironmentNamesQueryVariables>;
export const CheckResourceGroupDocument = new TypedDocumentString(`
    query CheckResourceGroup($input: CheckResourceGroupInput!) {
  checkResourceGroup(input: $input) {
    usage {
      ...GroupUsageItem
    }
    unknownConstraints {
      attribute
      operator
      value
    }
  }
}
    fragment GroupUsageItem on GroupUsage {
  nodes
  eligibleNodes
  cpu {
    total
    used
    free
  }
  memoryGiB {
    total
    used
    free
  }
  accelerators {
    name
    count
    free
  }
}`) as unknown as TypedDocumentString<CheckResourceGroupQuery, CheckResourceGroupQueryVariables>;
export const CreateResourceGroupDocument = new TypedDocumentString(`
    mutation CreateResourceGroup($input: CreateResourceGroupInput!) {
  createResourceGroup(input: $input) {
    __typename
    ... on CreateResourceGroupSuccess {
      resourceGroup {
        id
        name
      }
    }
    ... on Error {
      message
    }
    ... on ValidationError {
      fields {
        path
        message
      }
    }
  }
}
    `) as unknown as TypedDocumentString<CreateResourceGroupMutation, CreateResourceGroupMutationVariables>;
export const ModifyResourceGroupDocument = new TypedDocumentString(`
    mutation ModifyResourceGroup($input: ModifyResourceGroupInput!) {
  modifyResourceGroup(input: $input) {
    __typename
    ... on ModifyResourceGroupSuccess {
      resourceGroup {
        id
        name
      }
    }
    ... on Error {
      message
    }
    ... on ValidationError {
      fields {
        path
        message
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ModifyResourceGroupMutation, ModifyResourceGroupMutationVariables>;
export const DeleteResourceGroupDocument = new TypedDocumentString(`
    mutation DeleteResourceGroup($input: DeleteResourceGroupInput!) {
  deleteResourceGroup(input: $input) {
    __typename
    ... on DeleteResourceGroupSuccess {
      resourceGroup {
        id
      }
    }
    ... on Error {
      message
    }
  }
}
    `) as unknown as TypedDocumentString<DeleteResourceGroupMutation, DeleteResourceGroupMutationVariables>;
export const EditedFileDocument = new TypedDocumentString(`
    query EditedFile($id: ID!, $path: String!) {
  folder(id: $id) {
    id
    name
    usage
    file(path: $path) {
      path
      kind
      linksTo
      size
      etag
    }
    textFile(path: $path) {
      path
      content
      etag
    }
    definitionFile {
      path
      warnings {
        ...ProblemItem
      }
    }
  }
}
    fragment ProblemItem on DefinitionProblem {
  path
  line
  column
  message
  hint
}`) as unknown as TypedDocumentString<EditedFileQuery, EditedFileQueryVariables>;
export const EditedStateDocument = new TypedDocumentString(`
    query EditedState($id: ID!, $path: String!) {
  folder(id: $id) {
    id
    file(path: $path) {
      path
      etag
    }
  }
}
    `) as unknown as TypedDocumentString<EditedStateQuery, EditedStateQueryVariables>;
export const EditedUseDocument = new TypedDocumentString(`
    query EditedUse($id: ID!) {
  folder(id: $id) {
    id
    usedBy {
      id
      name
      status
      definitionChange {
        sinceRevision
      }
      revision {
        id
        number
        folder {
          id
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<EditedUseQuery, EditedUseQueryVariables>;
export const CheckModelDefinitionDocument = new TypedDocumentString(`
    query CheckModelDefinition($yaml: String!, $fileName: String) {
  checkModelDefinition(yaml: $yaml, fileName: $fileName) {
    valid
    problems {
      ...ProblemItem
    }
    warnings {
      ...ProblemItem
    }
    model {
      ...ModelMeaning
    }
  }
}
    fragment ModelMeaning on ModelDefinition {
  modelName
  modelPath
  title
  startCommand
  shell
  port
  healthCheck {
    path
    maxRetries
    intervalSeconds
    maxWaitSeconds
    expectedStatusCode
  }
  initialDelaySeconds
  startActions {
    index
    action
    summary
    ref
  }
}
fragment ProblemItem on DefinitionProblem {
  path
  line
  column
  message
  hint
}`) as unknown as TypedDocumentString<CheckModelDefinitionQuery, CheckModelDefinitionQueryVariables>;
export const SaveFileDocument = new TypedDocumentString(`
    mutation SaveFile($input: WriteFileInput!) {
  writeFile(input: $input) {
    __typename
    ... on WriteFileSuccess {
      file {
        path
        size
        etag
      }
    }
    ... on Error {
      message
    }
    ... on ValidationError {
      fields {
        path
        message
      }
    }
  }
}
    `) as unknown as TypedDocumentString<SaveFileMutation, SaveFileMutationVariables>;
export const EnvironmentsDocument = new TypedDocumentString(`
    query Environments {
  environments {
    ...EnvironmentItem
  }
}
    fragment EnvironmentItem on Environment {
  ...EnvironmentChoice
  serviceCount
}
fragment EnvironmentChoice on Environment {
  id
  name
  runtime
  version
  kind
  image
  isolated
  runAs
  readOnlyRoot
  isDefault
  needs {
    cpu
    memoryGiB
    sharedMemoryGiB
    accelerators {
      name
      count
    }
  }
  usualResources {
    cpu
    memoryGiB
    sharedMemoryGiB
    accelerators {
      name
      count
    }
  }
  defaultService {
    startCommand
    port
    healthPath
  }
}`) as unknown as TypedDocumentString<EnvironmentsQuery, EnvironmentsQueryVariables>;
export const AcceleratorKindsDocument = new TypedDocumentString(`
    query AcceleratorKinds {
  resourceGroups {
    id
    nodes {
      id
      accelerators {
        name
      }
    }
  }
}
    `) as unknown as TypedDocumentString<AcceleratorKindsQuery, AcceleratorKindsQueryVariables>;
export const CreateEnvironmentDocument = new TypedDocumentString(`
    mutation CreateEnvironment($input: CreateEnvironmentInput!) {
  createEnvironment(input: $input) {
    __typename
    ... on CreateEnvironmentSuccess {
      environment {
        ...EnvironmentItem
      }
    }
    ... on Error {
      message
    }
    ... on ValidationError {
      fields {
        path
        message
      }
    }
  }
}
    fragment EnvironmentItem on Environment {
  ...EnvironmentChoice
  serviceCount
}
fragment EnvironmentChoice on Environment {
  id
  name
  runtime
  version
  kind
  image
  isolated
  runAs
  readOnlyRoot
  isDefault
  needs {
    cpu
    memoryGiB
    sharedMemoryGiB
    accelerators {
      name
      count
    }
  }
  usualResources {
    cpu
    memoryGiB
    sharedMemoryGiB
    accelerators {
      name
      count
    }
  }
  defaultService {
    startCommand
    port
    healthPath
  }
}`) as unknown as TypedDocumentString<CreateEnvironmentMutation, CreateEnvironmentMutationVariables>;
export const ModifyEnvironmentDocument = new TypedDocumentString(`
    mutation ModifyEnvironment($input: ModifyEnvironmentInput!) {
  modifyEnvironment(input: $input) {
    __typename
    ... on ModifyEnvironmentSuccess {
      environment {
        ...EnvironmentItem
      }
    }
    ... on Error {
      message
    }
    ... on ValidationError {
      fields {
        path
        message
      }
    }
  }
}
    fragment EnvironmentItem on Environment {
  ...EnvironmentChoice
  serviceCount
}
fragment EnvironmentChoice on Environment {
  id
  name
  runtime
  version
  kind
  image
  isolated
  runAs
  readOnlyRoot
  isDefault
  needs {
    cpu
    memoryGiB
    sharedMemoryGiB
    accelerators {
      name
      count
    }
  }
  usualResources {
    cpu
    memoryGiB
    sharedMemoryGiB
    accelerators {
      name
      count
    }
  }
  defaultService {
    startCommand
    port
    healthPath
  }
}`) as unknown as TypedDocumentString<ModifyEnvironmentMutation, ModifyEnvironmentMutationVariables>;
export const DeleteEnvironmentDocument = new TypedDocumentString(`
    mutation DeleteEnvironment($input: DeleteEnvironmentInput!) {
  deleteEnvironment(input: $input) {
    __typename
    ... on DeleteEnvironmentSuccess {
      environment {
        id
      }
    }
    ... on Error {
      message
    }
  }
}
    `) as unknown as TypedDocumentString<DeleteEnvironmentMutation, DeleteEnvironmentMutationVariables>;
export const SetDefaultEnvironmentDocument = new TypedDocumentString(`
    mutation SetDefaultEnvironment($input: SetDefaultEnvironmentInput!) {
  setDefaultEnvironment(input: $input) {
    __typename
    ... on SetDefaultEnvironmentSuccess {
      environment {
        id
      }
    }
    ... on Error {
      message
    }
  }
}
    `) as unknown as TypedDocumentString<SetDefaultEnvironmentMutation, SetDefaultEnvironmentMutationVariables>;
export const FolderHeadDocument = new TypedDocumentString(`
    query FolderHead($id: ID!) {
  folder(id: $id) {
    ...FolderItem
    definitionFile {
      path
      etag
      warnings {
        path
        line
        column
        message
        hint
      }
    }
    uploads {
      id
      path
      size
      offset
      createdAt
      expiresAt
      createdBy {
        id
        name
      }
    }
  }
}
    fragment FolderItem on Folder {
  id
  name
  usage
  permission
  quotaBytes
  usedBytes
  createdAt
  trashedAt
  createdBy {
    id
    name
  }
  usedBy {
    id
    name
    status
  }
}`) as unknown as TypedDocumentString<FolderHeadQuery, FolderHeadQueryVariables>;
export const FilePageDocument = new TypedDocumentString(`
    query FilePage($id: ID!, $path: String!, $first: Int!, $after: String, $order: FileOrder!, $nameContains: String) {
  folder(id: $id) {
    id
    file(path: $path) {
      modifiedAt
    }
    files(
      path: $path
      first: $first
      after: $after
      order: $order
      nameContains: $nameContains
    ) {
      totalCount
      edges {
        node {
          ...FileItem
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}
    fragment FileItem on File {
  name
  path
  kind
  linksTo
  size
  modifiedAt
  warning
}`) as unknown as TypedDocumentString<FilePageQuery, FilePageQueryVariables>;
export const CreateDirectoryDocument = new TypedDocumentString(`
    mutation CreateDirectory($input: CreateDirectoryInput!) {
  createDirectory(input: $input) {
    __typename
    ... on CreateDirectorySuccess {
      file {
        ...FileItem
      }
    }
    ... on Error {
      message
    }
    ... on ValidationError {
      fields {
        path
        message
      }
    }
  }
}
    fragment FileItem on File {
  name
  path
  kind
  linksTo
  size
  modifiedAt
  warning
}`) as unknown as TypedDocumentString<CreateDirectoryMutation, CreateDirectoryMutationVariables>;
export const MoveFileDocument = new TypedDocumentString(`
    mutation MoveFile($input: MoveFileInput!) {
  moveFile(input: $input) {
    __typename
    ... on MoveFileSuccess {
      file {
        ...FileItem
      }
    }
    ... on Error {
      message
    }
    ... on ValidationError {
      fields {
        path
        message
      }
    }
  }
}
    fragment FileItem on File {
  name
  path
  kind
  linksTo
  size
  modifiedAt
  warning
}`) as unknown as TypedDocumentString<MoveFileMutation, MoveFileMutationVariables>;
export const DeleteFilesDocument = new TypedDocumentString(`
    mutation DeleteFiles($input: DeleteFilesInput!) {
  deleteFiles(input: $input) {
    __typename
    ... on DeleteFilesSuccess {
      paths
    }
    ... on Error {
      message
    }
    ... on ValidationError {
      fields {
        path
        message
      }
    }
  }
}
    `) as unknown as TypedDocumentString<DeleteFilesMutation, DeleteFilesMutationVariables>;
export const FoldersDocument = new TypedDocumentString(`
    query Folders($trashed: Boolean!, $after: String) {
  folders(first: 200, after: $after, filter: { trashed: $trashed }) {
    edges {
      cursor
      node {
        ...FolderItem
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    fragment FolderItem on Folder {
  id
  name
  usage
  permission
  quotaBytes
  usedBytes
  createdAt
  trashedAt
  createdBy {
    id
    name
  }
  usedBy {
    id
    name
    status
  }
}`) as unknown as TypedDocumentString<FoldersQuery, FoldersQueryVariables>;
export const CreateFolderDocument = new TypedDocumentString(`
    mutation CreateFolder($input: CreateFolderInput!) {
  createFolder(input: $input) {
    __typename
    ... on CreateFolderSuccess {
      folder {
        ...FolderItem
      }
    }
    ... on Error {
      message
    }
    ... on ValidationError {
      fields {
        path
        message
      }
    }
  }
}
    fragment FolderItem on Folder {
  id
  name
  usage
  permission
  quotaBytes
  usedBytes
  createdAt
  trashedAt
  createdBy {
    id
    name
  }
  usedBy {
    id
    name
    status
  }
}`) as unknown as TypedDocumentString<CreateFolderMutation, CreateFolderMutationVariables>;
export const DeleteFolderDocument = new TypedDocumentString(`
    mutation DeleteFolder($input: DeleteFolderInput!) {
  deleteFolder(input: $input) {
    __typename
    ... on DeleteFolderSuccess {
      id
    }
    ... on Error {
      message
    }
  }
}
    `) as unknown as TypedDocumentString<DeleteFolderMutation, DeleteFolderMutationVariables>;
export const ModifyFolderDocument = new TypedDocumentString(`
    mutation ModifyFolder($input: ModifyFolderInput!) {
  modifyFolder(input: $input) {
    __typename
    ... on ModifyFolderSuccess {
      folder {
        ...FolderItem
      }
    }
    ... on Error {
      message
    }
    ... on ValidationError {
      fields {
        path
        message
      }
    }
  }
}
    fragment FolderItem on Folder {
  id
  name
  usage
  permission
  quotaBytes
  usedBytes
  createdAt
  trashedAt
  createdBy {
    id
    name
  }
  usedBy {
    id
    name
    status
  }
}`) as unknown as TypedDocumentString<ModifyFolderMutation, ModifyFolderMutationVariables>;
export const RestoreFolderDocument = new TypedDocumentString(`
    mutation RestoreFolder($input: RestoreFolderInput!) {
  restoreFolder(input: $input) {
    __typename
    ... on RestoreFolderSuccess {
      folder {
        id
        name
      }
    }
    ... on Error {
      message
    }
  }
}
    `) as unknown as TypedDocumentString<RestoreFolderMutation, RestoreFolderMutationVariables>;
export const PurgeFolderDocument = new TypedDocumentString(`
    mutation PurgeFolder($input: PurgeFolderInput!) {
  purgeFolder(input: $input) {
    __typename
    ... on PurgeFolderSuccess {
      id
    }
    ... on Error {
      message
    }
  }
}
    `) as unknown as TypedDocumentString<PurgeFolderMutation, PurgeFolderMutationVariables>;
export const EmptyTrashDocument = new TypedDocumentString(`
    mutation EmptyTrash {
  emptyTrash {
    __typename
    ... on EmptyTrashSuccess {
      folderIds
    }
    ... on Error {
      message
    }
  }
}
    `) as unknown as TypedDocumentString<EmptyTrashMutation, EmptyTrashMutationVariables>;
export const ModifyServiceDocument = new TypedDocumentString(`
    mutation ModifyService($input: ModifyServiceInput!) {
  modifyService(input: $input) {
    __typename
    ... on Error {
      message
    }
    ... on ValidationError {
      fields {
        path
        message
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ModifyServiceMutation, ModifyServiceMutationVariables>;
export const ImageRegistriesDocument = new TypedDocumentString(`
    query ImageRegistries {
  imageRegistries {
    ...ImageRegistryItem
  }
}
    fragment ImageRegistryItem on ImageRegistry {
  id
  host
  username
  createdAt
}`) as unknown as TypedDocumentString<ImageRegistriesQuery, ImageRegistriesQueryVariables>;
export const CreateImageRegistryDocument = new TypedDocumentString(`
    mutation CreateImageRegistry($input: CreateImageRegistryInput!) {
  createImageRegistry(input: $input) {
    __typename
    ... on Error {
      message
    }
    ... on ValidationError {
      fields {
        path
        message
      }
    }
  }
}
    `) as unknown as TypedDocumentString<CreateImageRegistryMutation, CreateImageRegistryMutationVariables>;
export const ModifyImageRegistryDocument = new TypedDocumentString(`
    mutation ModifyImageRegistry($input: ModifyImageRegistryInput!) {
  modifyImageRegistry(input: $input) {
    __typename
    ... on Error {
      message
    }
    ... on ValidationError {
      fields {
        path
        message
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ModifyImageRegistryMutation, ModifyImageRegistryMutationVariables>;
export const DeleteImageRegistryDocument = new TypedDocumentString(`
    mutation DeleteImageRegistry($input: DeleteImageRegistryInput!) {
  deleteImageRegistry(input: $input) {
    __typename
    ... on Error {
      message
    }
  }
}
    `) as unknown as TypedDocumentString<DeleteImageRegistryMutation, DeleteImageRegistryMutationVariables>;
export const CheckServiceDocument = new TypedDocumentString(`
    query CheckService($input: CreateServiceInput!) {
  checkService(input: $input) {
    ...CheckItem
  }
}
    fragment RemedyItem on Remedy {
  kind
  says
  memoryGiB
  cpu
  accelerator
  instead
  count
  serviceId
  nodeId
  nodeName
  resourceGroup {
    id
    name
  }
}
fragment CheckItem on Check {
  problems {
    path
    message
    hint
    line
  }
  warnings
  placement {
    fits
    reason
    why {
      remedies {
        ...RemedyItem
      }
    }
  }
}`) as unknown as TypedDocumentString<CheckServiceQuery, CheckServiceQueryVariables>;
export const CheckModificationDocument = new TypedDocumentString(`
    query CheckModification($input: ModifyServiceInput!) {
  checkModification(input: $input) {
    ...CheckItem
    makesRevision
    way
    expectedPauseMs
    differences {
      ...DifferenceItem
    }
  }
}
    fragment RemedyItem on Remedy {
  kind
  says
  memoryGiB
  cpu
  accelerator
  instead
  count
  serviceId
  nodeId
  nodeName
  resourceGroup {
    id
    name
  }
}
fragment CheckItem on Check {
  problems {
    path
    message
    hint
    line
  }
  warnings
  placement {
    fits
    reason
    why {
      remedies {
        ...RemedyItem
      }
    }
  }
}
fragment DifferenceItem on RevisionDifference {
  path
  before
  after
  secret
}`) as unknown as TypedDocumentString<CheckModificationQuery, CheckModificationQueryVariables>;
export const ServiceChoicesDocument = new TypedDocumentString(`
    query ServiceChoices {
  general: folders(first: 100, filter: { usage: GENERAL }) {
    edges {
      cursor
      node {
        id
        name
      }
    }
  }
  folders(first: 200, filter: { usage: MODEL }) {
    edges {
      cursor
      node {
        id
        name
      }
    }
  }
  environments {
    ...EnvironmentChoice
  }
  resourceGroups {
    id
    name
    ownImages
    acceleratorNames
    environments {
      id
    }
    nodes {
      id
      name
      eligible
      cpu {
        total
        used
      }
      memoryGiB {
        total
        used
      }
      accelerators {
        name
        count
        free
      }
    }
  }
}
    fragment EnvironmentChoice on Environment {
  id
  name
  runtime
  version
  kind
  image
  isolated
  runAs
  readOnlyRoot
  isDefault
  needs {
    cpu
    memoryGiB
    sharedMemoryGiB
    accelerators {
      name
      count
    }
  }
  usualResources {
    cpu
    memoryGiB
    sharedMemoryGiB
    accelerators {
      name
      count
    }
  }
  defaultService {
    startCommand
    port
    healthPath
  }
}`) as unknown as TypedDocumentString<ServiceChoicesQuery, ServiceChoicesQueryVariables>;
export const FolderDefinitionDocument = new TypedDocumentString(`
    query FolderDefinition($id: ID!) {
  folder(id: $id) {
    id
    name
    definitionFile {
      path
      content
      warnings {
        ...ProblemItem
      }
    }
  }
}
    fragment ProblemItem on DefinitionProblem {
  path
  line
  column
  message
  hint
}`) as unknown as TypedDocumentString<FolderDefinitionQuery, FolderDefinitionQueryVariables>;
export const ValidateServiceDocument = new TypedDocumentString(`
    mutation ValidateService($input: ValidateServiceInput!) {
  validateService(input: $input) {
    __typename
    ... on ValidateServiceSuccess {
      validation {
        ...ValidationItem
      }
    }
    ... on Error {
      message
    }
    ... on ValidationError {
      fields {
        path
        message
      }
    }
  }
}
    fragment ValidationItem on Validation {
  id
  status
  statusReason
  verdict
  cancelling
  failure {
    hint
    outputTail
  }
  launch {
    ...LaunchItem
  }
}
fragment LaunchItem on LaunchTimeline {
  startedAt
  endedAt
  failedAt
  durationMs
  expectedMs
  phases {
    phase
    startedAt
    endedAt
    durationMs
    expectedMs
  }
}`) as unknown as TypedDocumentString<ValidateServiceMutation, ValidateServiceMutationVariables>;
export const CancelValidationDocument = new TypedDocumentString(`
    mutation CancelValidation($input: CancelValidationInput!) {
  cancelValidation(input: $input) {
    __typename
    ... on CancelValidationSuccess {
      validation {
        ...ValidationItem
      }
    }
    ... on Error {
      message
    }
  }
}
    fragment ValidationItem on Validation {
  id
  status
  statusReason
  verdict
  cancelling
  failure {
    hint
    outputTail
  }
  launch {
    ...LaunchItem
  }
}
fragment LaunchItem on LaunchTimeline {
  startedAt
  endedAt
  failedAt
  durationMs
  expectedMs
  phases {
    phase
    startedAt
    endedAt
    durationMs
    expectedMs
  }
}`) as unknown as TypedDocumentString<CancelValidationMutation, CancelValidationMutationVariables>;
export const FollowValidationDocument = new TypedDocumentString(`
    subscription FollowValidation($id: ID!) {
  validation(id: $id) {
    ...ValidationItem
  }
}
    fragment ValidationItem on Validation {
  id
  status
  statusReason
  verdict
  cancelling
  failure {
    hint
    outputTail
  }
  launch {
    ...LaunchItem
  }
}
fragment LaunchItem on LaunchTimeline {
  startedAt
  endedAt
  failedAt
  durationMs
  expectedMs
  phases {
    phase
    startedAt
    endedAt
    durationMs
    expectedMs
  }
}`) as unknown as TypedDocumentString<FollowValidationSubscription, FollowValidationSubscriptionVariables>;
export const EndedRoutesDocument = new TypedDocumentString(`
    query EndedRoutes($id: ID!) {
  service(id: $id) {
    id
    endedRoutes {
      ...EndedRouteItem
    }
  }
}
    fragment EndedRouteItem on Route {
  id
  failure {
    message
  }
  terminatedAt
  revision {
    id
    number
    clusterSize
  }
}`) as unknown as TypedDocumentString<EndedRoutesQuery, EndedRoutesQueryVariables>;
export const ServiceErrorsDocument = new TypedDocumentString(`
    query ServiceErrors($id: ID!) {
  service(id: $id) {
    id
    errors {
      ...ErrorItem
    }
  }
}
    fragment ErrorItem on RouteEvent {
  id
  routeId
  message
  repeats
  lastAt
  failure {
    cause
    message
    hint
    exitCode
    signal
    outputTail
    node
  }
}`) as unknown as TypedDocumentString<ServiceErrorsQuery, ServiceErrorsQueryVariables>;
export const ServiceEventsDocument = new TypedDocumentString(`
    query ServiceEvents($id: ID!, $before: String) {
  service(id: $id) {
    id
    events(last: 50, before: $before) {
      pageInfo {
        hasPreviousPage
      }
      edges {
        cursor
        event {
          ...EventItem
        }
      }
    }
  }
}
    fragment EventItem on RouteEvent {
  id
  at
  routeId
  kind
  status
  message
  repeats
  lastAt
  action {
    ...StartActionItem
  }
  user {
    id
    name
  }
}
fragment StartActionItem on StartAction {
  index
  action
  exitCode
  timedOut
  durationMs
  out
  err
  outCut
  errCut
}`) as unknown as TypedDocumentString<ServiceEventsQuery, ServiceEventsQueryVariables>;
export const RouteEventsDocument = new TypedDocumentString(`
    subscription RouteEvents($serviceId: ID!, $after: String) {
  routeEvents(serviceId: $serviceId, after: $after) {
    cursor
    event {
      ...EventItem
    }
  }
}
    fragment EventItem on RouteEvent {
  id
  at
  routeId
  kind
  status
  message
  repeats
  lastAt
  action {
    ...StartActionItem
  }
  user {
    id
    name
  }
}
fragment StartActionItem on StartAction {
  index
  action
  exitCode
  timedOut
  durationMs
  out
  err
  outCut
  errCut
}`) as unknown as TypedDocumentString<RouteEventsSubscription, RouteEventsSubscriptionVariables>;
export const ServiceLaunchesDocument = new TypedDocumentString(`
    query ServiceLaunches($id: ID!) {
  service(id: $id) {
    id
    routes {
      id
      launch {
        ...LaunchItem
      }
    }
  }
}
    fragment LaunchItem on LaunchTimeline {
  startedAt
  endedAt
  failedAt
  durationMs
  expectedMs
  phases {
    phase
    startedAt
    endedAt
    durationMs
    expectedMs
  }
}`) as unknown as TypedDocumentString<ServiceLaunchesQuery, ServiceLaunchesQueryVariables>;
export const LogsDocument = new TypedDocumentString(`
    subscription Logs($routeId: ID!, $stream: LogStream!, $member: Int, $attempt: String, $offset: Float, $tailBytes: Int) {
  logs(
    routeId: $routeId
    stream: $stream
    member: $member
    attempt: $attempt
    offset: $offset
    tailBytes: $tailBytes
  ) {
    attempt
    offset
    nextOffset
    text
  }
}
    `) as unknown as TypedDocumentString<LogsSubscription, LogsSubscriptionVariables>;
export const ServiceRevisionsDocument = new TypedDocumentString(`
    query ServiceRevisions($id: ID!, $before: String) {
  service(id: $id) {
    id
    revisions(last: 20, before: $before) {
      pageInfo {
        hasPreviousPage
        startCursor
      }
      edges {
        node {
          ...RevisionItem
        }
      }
    }
  }
}
    fragment DifferenceItem on RevisionDifference {
  path
  before
  after
  secret
}
fragment RevisionItem on Revision {
  id
  number
  createdAt
  createdBy {
    id
    name
  }
  differences {
    ...DifferenceItem
  }
}`) as unknown as TypedDocumentString<ServiceRevisionsQuery, ServiceRevisionsQueryVariables>;
export const RevisionDifferencesDocument = new TypedDocumentString(`
    query RevisionDifferences($id: ID!, $to: ID!) {
  node(id: $id) {
    __typename
    id
    ... on Revision {
      differences(to: $to) {
        ...DifferenceItem
      }
    }
  }
}
    fragment DifferenceItem on RevisionDifference {
  path
  before
  after
  secret
}`) as unknown as TypedDocumentString<RevisionDifferencesQuery, RevisionDifferencesQueryVariables>;
export const PromoteRolloutDocument = new TypedDocumentString(`
    mutation PromoteRollout($input: PromoteRolloutInput!) {
  promoteRollout(input: $input) {
    __typename
    ... on Error {
      message
    }
  }
}
    `) as unknown as TypedDocumentString<PromoteRolloutMutation, PromoteRolloutMutationVariables>;
export const RevertRolloutDocument = new TypedDocumentString(`
    mutation RevertRollout($input: RevertRolloutInput!) {
  revertRollout(input: $input) {
    __typename
    ... on Error {
      message
    }
  }
}
    `) as unknown as TypedDocumentString<RevertRolloutMutation, RevertRolloutMutationVariables>;
export const RestartServiceDocument = new TypedDocumentString(`
    mutation RestartService($input: RestartServiceInput!) {
  restartService(input: $input) {
    __typename
    ... on Error {
      message
    }
  }
}
    `) as unknown as TypedDocumentString<RestartServiceMutation, RestartServiceMutationVariables>;
export const RollBackServiceDocument = new TypedDocumentString(`
    mutation RollBackService($input: RollBackServiceInput!) {
  rollBackService(input: $input) {
    __typename
    ... on Error {
      message
    }
  }
}
    `) as unknown as TypedDocumentString<RollBackServiceMutation, RollBackServiceMutationVariables>;
export const ServiceDetailDocument = new TypedDocumentString(`
    subscription ServiceDetail($id: ID!) {
  service(id: $id) {
    id
    name
    endpoint
    status
    statusReason
    openToPublic
    aliases
    allowedOrigins
    desiredRouteCount
    terminationGraceSeconds
    createdAt
    terminatedAt
    createdBy {
      id
      name
    }
    routeCounts {
      desired
      healthy
      total
    }
    failure {
      cause
      message
      hint
      at
      routeId
    }
    rollout {
      ...RolloutItem
    }
    rolloutPolicy {
      maxSurge
      maxUnavailable
      steps {
        weight
        holdSeconds
      }
      promote
    }
    trafficPolicy {
      affinity {
        by
        header
      }
      firstByteTimeoutSeconds
      idleTimeoutSeconds
      allowedAddresses
      passAuthorization
    }
    errors {
      id
      routeId
      repeats
    }
    endpointProblem
    definitionChange {
      sinceRevision
      fileName
    }
    revision {
      id
      number
      createdAt
      definition {
        modelName
        port
        healthCheckPath
      }
      definitionProblems {
        path
        line
        column
        message
        hint
      }
      folder {
        id
        name
      }
      modelReadOnly
      mounts {
        folder {
          id
          name
        }
        path
        readOnly
      }
      variables {
        name
        value
        secret
      }
      environment {
        ...EnvironmentChoice
      }
      image
      resourceGroup {
        id
        name
      }
      clusterMode
      clusterSize
      resources {
        cpu
        memoryGiB
        sharedMemoryGiB
        accelerators {
          name
          count
          memoryGiB
          constraints {
            attribute
            operator
            value
          }
          affinities {
            attribute
            operator
            value
            weight
          }
        }
      }
    }
    routes {
      ...RouteItem
    }
    tokens {
      ...TokenItem
    }
  }
}
    fragment EnvironmentChoice on Environment {
  id
  name
  runtime
  version
  kind
  image
  isolated
  runAs
  readOnlyRoot
  isDefault
  needs {
    cpu
    memoryGiB
    sharedMemoryGiB
    accelerators {
      name
      count
    }
  }
  usualResources {
    cpu
    memoryGiB
    sharedMemoryGiB
    accelerators {
      name
      count
    }
  }
  defaultService {
    startCommand
    port
    healthPath
  }
}
fragment RolloutItem on Rollout {
  id
  kind
  mode
  status
  reason
  step
  stepCount
  weight
  stepEndsAt
  awaitsPromotion
  createdAt
  endedAt
  createdBy {
    id
    name
  }
  failure {
    cause
    message
    hint
    at
    routeId
  }
  policy {
    maxSurge
    steps {
      weight
      holdSeconds
    }
    promote
  }
  fromRevision {
    id
    number
  }
  toRevision {
    id
    number
  }
}
fragment TokenItem on Token {
  id
  name
  expiresAt
  createdAt
  revokedAt
  lastUsedAt
  requestsPerMinute
  concurrentRequests
}
fragment RouteItem on Route {
  id
  status
  statusReason
  statusAt
  node
  schedulerUrl
  retryAt
  firstPassDueAt
  createdAt
  revision {
    id
    number
  }
}`) as unknown as TypedDocumentString<ServiceDetailSubscription, ServiceDetailSubscriptionVariables>;
export const ClearErrorsAndRetryDocument = new TypedDocumentString(`
    mutation ClearErrorsAndRetry($input: ClearErrorsAndRetryInput!) {
  clearErrorsAndRetry(input: $input) {
    __typename
    ... on ClearErrorsAndRetrySuccess {
      service {
        id
        status
        statusReason
      }
    }
    ... on Error {
      message
    }
  }
}
    `) as unknown as TypedDocumentString<ClearErrorsAndRetryMutation, ClearErrorsAndRetryMutationVariables>;
export const CreateTokenDocument = new TypedDocumentString(`
    mutation CreateToken($input: CreateTokenInput!) {
  createToken(input: $input) {
    __typename
    ... on CreateTokenSuccess {
      secret
      token {
        ...TokenItem
      }
    }
    ... on Error {
      message
    }
    ... on ValidationError {
      fields {
        path
        message
      }
    }
  }
}
    fragment TokenItem on Token {
  id
  name
  expiresAt
  createdAt
  revokedAt
  lastUsedAt
  requestsPerMinute
  concurrentRequests
}`) as unknown as TypedDocumentString<CreateTokenMutation, CreateTokenMutationVariables>;
export const ModifyTokenDocument = new TypedDocumentString(`
    mutation ModifyToken($input: ModifyTokenInput!) {
  modifyToken(input: $input) {
    __typename
    ... on ModifyTokenSuccess {
      token {
        ...TokenItem
      }
    }
    ... on Error {
      message
    }
    ... on ValidationError {
      fields {
        path
        message
      }
    }
  }
}
    fragment TokenItem on Token {
  id
  name
  expiresAt
  createdAt
  revokedAt
  lastUsedAt
  requestsPerMinute
  concurrentRequests
}`) as unknown as TypedDocumentString<ModifyTokenMutation, ModifyTokenMutationVariables>;
export const CopyTokenDocument = new TypedDocumentString(`
    mutation CopyToken($input: CopyTokenInput!) {
  copyToken(input: $input) {
    __typename
    ... on CopyTokenSuccess {
      secret
    }
    ... on Error {
      message
    }
  }
}
    `) as unknown as TypedDocumentString<CopyTokenMutation, CopyTokenMutationVariables>;
export const RevokeTokenDocument = new TypedDocumentString(`
    mutation RevokeToken($input: RevokeTokenInput!) {
  revokeToken(input: $input) {
    __typename
    ... on RevokeTokenSuccess {
      token {
        id
        revokedAt
      }
    }
    ... on Error {
      message
    }
  }
}
    `) as unknown as TypedDocumentString<RevokeTokenMutation, RevokeTokenMutationVariables>;
export const ServiceTrafficDocument = new TypedDocumentString(`
    query ServiceTraffic($id: ID!, $from: DateTime!, $by: TrafficBy!) {
  service(id: $id) {
    id
    traffic(from: $from, by: $by) {
      stepSeconds
      omitted
      inFlight
      series {
        id
        requests
        revision {
          id
          number
        }
        points {
          ...TrafficPointItem
        }
      }
    }
  }
}
    fragment TrafficPointItem on TrafficPoint {
  at
  seconds
  requests
  clientErrors
  serverErrors
  gone
  inFlight
  latencyP50
  latencyP95
  latencyP99
  firstByteP50
  firstByteP95
  firstByteP99
}`) as unknown as TypedDocumentString<ServiceTrafficQuery, ServiceTrafficQueryVariables>;
export const TokenUseDocument = new TypedDocumentString(`
    query TokenUse($id: ID!) {
  service(id: $id) {
    id
    tokens {
      id
      lastUsedAt
      requestsLastDay
    }
  }
}
    `) as unknown as TypedDocumentString<TokenUseQuery, TokenUseQueryVariables>;
export const ServiceWhyDocument = new TypedDocumentString(`
    query ServiceWhy($id: ID!) {
  service(id: $id) {
    id
    why {
      remedies {
        ...RemedyItem
      }
    }
  }
}
    fragment RemedyItem on Remedy {
  kind
  says
  memoryGiB
  cpu
  accelerator
  instead
  count
  serviceId
  nodeId
  nodeName
  resourceGroup {
    id
    name
  }
}`) as unknown as TypedDocumentString<ServiceWhyQuery, ServiceWhyQueryVariables>;
export const OrphansDocument = new TypedDocumentString(`
    query Orphans {
  installation {
    stoppingOrphans
    orphanSessions {
      sessionId
      since
      node
      serviceName
    }
  }
}
    `) as unknown as TypedDocumentString<OrphansQuery, OrphansQueryVariables>;
export const StopOrphansDocument = new TypedDocumentString(`
    mutation StopOrphans($input: StopOrphansInput!) {
  stopOrphans(input: $input) {
    __typename
    ... on Error {
      message
    }
  }
}
    `) as unknown as TypedDocumentString<StopOrphansMutation, StopOrphansMutationVariables>;
export const ServiceListDocument = new TypedDocumentString(`
    subscription ServiceList {
  services {
    kind
    id
    service {
      ...ServiceListItem
    }
  }
}
    fragment ServiceListItem on Service {
  id
  name
  endpoint
  status
  statusReason
  openToPublic
  desiredRouteCount
  routeCounts {
    desired
    healthy
    total
  }
  createdAt
  createdBy {
    id
    name
  }
}`) as unknown as TypedDocumentString<ServiceListSubscription, ServiceListSubscriptionVariables>;
export const TerminateServiceDocument = new TypedDocumentString(`
    mutation TerminateService($input: TerminateServiceInput!) {
  terminateService(input: $input) {
    __typename
    ... on TerminateServiceSuccess {
      service {
        id
        status
        statusReason
      }
    }
    ... on Error {
      message
    }
  }
}
    `) as unknown as TypedDocumentString<TerminateServiceMutation, TerminateServiceMutationVariables>;
export const SigningKeysDocument = new TypedDocumentString(`
    query SigningKeys {
  signingKeys {
    ...SigningKeyItem
  }
}
    fragment SigningKeyItem on SigningKey {
  id
  createdAt
  signs
  retiresAt
}`) as unknown as TypedDocumentString<SigningKeysQuery, SigningKeysQueryVariables>;
export const ReplaceSigningKeyDocument = new TypedDocumentString(`
    mutation ReplaceSigningKey($input: ReplaceSigningKeyInput!) {
  replaceSigningKey(input: $input) {
    __typename
    ... on ReplaceSigningKeySuccess {
      signingKeys {
        ...SigningKeyItem
      }
    }
    ... on Error {
      message
    }
  }
}
    fragment SigningKeyItem on SigningKey {
  id
  createdAt
  signs
  retiresAt
}`) as unknown as TypedDocumentString<ReplaceSigningKeyMutation, ReplaceSigningKeyMutationVariables>;
export const CreateServiceDocument = new TypedDocumentString(`
    mutation CreateService($input: CreateServiceInput!) {
  createService(input: $input) {
    __typename
    ... on CreateServiceSuccess {
      service {
        id
        name
      }
    }
    ... on Error {
      message
    }
    ... on ValidationError {
      fields {
        path
        message
      }
    }
  }
}
    `) as unknown as TypedDocumentString<CreateServiceMutation, CreateServiceMutationVariables>;
export const CreateTrialTokenDocument = new TypedDocumentString(`
    mutation CreateTrialToken($input: CreateTrialTokenInput!) {
  createTrialToken(input: $input) {
    __typename
    ... on CreateTrialTokenSuccess {
      secret
      expiresAt
    }
    ... on Error {
      message
    }
  }
}
    `) as unknown as TypedDocumentString<CreateTrialTokenMutation, CreateTrialTokenMutationVariables>;
export const FolderNameDocument = new TypedDocumentString(`
    query FolderName($id: ID!) {
  folder(id: $id) {
    id
    name
  }
}
    `) as unknown as TypedDocumentString<FolderNameQuery, FolderNameQueryVariables>;
export const ViewerDocument = new TypedDocumentString(`
    query Viewer {
  viewer {
    id
    name
    role
    project {
      id
      name
    }
  }
}
    `) as unknown as TypedDocumentString<ViewerQuery, ViewerQueryVariables>;