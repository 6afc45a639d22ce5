/**
 * Compiles a session into a Nomad job. Pure: the same session on the same kind of machines gives the same job.
 *
 * What users write (script, variables) reaches the job only inside template files whose delimiters do not occur in it,
 * never where Nomad interpolates `${…}`. One of the files, run.sh, sets the environment and becomes the other, the start
 * script; it lies in secrets/, which Nomad keeps in memory and whose files its API does not hand out. What is secret is not in the job at all
 * (references.ts). On the host it is started by `env -i`: raw_exec would hand on the environment of the Nomad agent. In a container the
 * image's own variables stay.
 *
 * Recovery is Nomad's: one restart in place after a second (more in a seat that was handed on), which keeps it (port, accelerators, image), then on
 * whatever machine fits after 5 s, doubling to 5 min, without end. 5 s is the least that Nomad accepts there. `Update`
 * switches deployments off: Serai itself decides what healthy means.
 */
import type { Cluster } from "../../model/cluster.ts";
import type { SessionId } from "../../model/ids.ts";
import type { Session } from "../../model/session.ts";
import type { Constraint } from "../../model/constraint.ts";
import type { Accelerator } from "../../model/service-spec.ts";
import { MiBPerGiB } from "../../model/units.ts";
import { membersTogether, narrowestFirst } from "../../model/why/fit.ts";
import type { Job, Task, TaskGroup } from "./api-types.ts";
import { inContainer } from "./container.ts";
import { onHost, volumesOf } from "./host.ts";
import { credentialsOf, pullTasksOf } from "./references.ts";
import { seesFolders } from "./folder-check-job.ts";
import { replacedGraceMs } from "../seat.ts";
import {
  alone,
  clusterMetaOf,
  distinctHosts,
  firstAttempt,
  gangNetwork,
  gangReschedule,
  gangRestart,
  mapAll,
  memberService,
  memberTask,
  type MemberTask,
  ranksOf,
  second,
} from "./gang-job.ts";
import {
  actionsMeta,
  clusterMeta,
  groupName,
  jobIdOf,
  portLabel,
  projectMeta,
  replacedActionsMeta,
  replacedClusterMeta,
  replacedMeta,
  sessionMeta,
} from "./names.ts";
import { groupNameOf } from "./task.ts";

/** Of a log: Nomad goes on with the next file before one would hold more, and keeps the last few. */
export const logFileMegabytesMax = 10;

/** Nomad's own limit, unless a client's `max_kill_timeout` was raised. A shorter grace is `stop`'s. */
export const killTimeoutMs = replacedGraceMs;

export type JobContext = {
  readonly installationId: string;
  /** What one core of these machines counts for in Nomad, whose unit of CPU is MHz. */
  readonly megahertzPerCore: number;
  /** Does the cluster let tasks use memory beyond what is promised to them? Where it does not, Nomad refuses jobs that ask for it. */
  readonly allowsMemoryMax?: boolean;
};

/** Whose seat a session takes over. */
export type Predecessor = {
  readonly id: SessionId;
  readonly actionCount: number;
  /** What its job says of its members; null where it has one. */
  readonly cluster: string | null;
  /** Where it runs, if it does. */
  readonly nodeName: string | null;
};

export function compileJob(session: Session, context: JobContext, predecessor: Predecessor | null = null): Job {
  const { nodePool, datacenters = [] } = session.resourceGroup;
  const gang = firstAttempt(session);
  const isSpread = gang?.mode === "MULTI_NODE";
  return {
    ID: jobIdOf(context.installationId, session.id),
    Name: `${session.serviceName}-${session.routeId}`,
    Type: "service",
    Datacenters: datacenters.length === 0 ? ["*"] : datacenters,
    NodePool: nodePool,
    Meta: {
      serai_installation: context.installationId,
      serai_kind: "route",
      serai_service: session.serviceId,
      serai_route: session.routeId,
      [sessionMeta]: session.id,
      ...(session.projectId === undefined ? {} : { [projectMeta]: session.projectId }),
      ...(session.actionCount > 0 ? { [actionsMeta]: String(session.actionCount) } : {}),
      ...(gang === null ? {} : { [clusterMeta]: clusterMetaOf(gang) }),
      ...(predecessor === null ? {} : metaOf(predecessor)),
    },
    Constraints: [
      seesFolders(context.installationId),
      ...constraintsOf(session.resourceGroup),
      ...newEnough(session),
      ...(isSpread ? [distinctHosts] : []),
    ],
    Affinities: nodeAffinities(session, predecessor?.nodeName ?? null),
    Reschedule: isSpread ? gangReschedule : { Unlimited: true, Delay: 5 * second, DelayFunction: "exponential", MaxDelay: 300 * second },
    Update: { MaxParallel: 0 },
    TaskGroups:
      session.cluster === undefined
        ? [compileGroup(session, context, predecessor === null ? ordinary : inTakenSeat)]
        : gangGroups(session, session.cluster, context),
  };
}

const metaOf = ({ id, actionCount, cluster }: Predecessor): Job["Meta"] => ({
  [replacedMeta]: id,
  ...(actionCount > 0 ? { [replacedActionsMeta]: String(actionCount) } : {}),
  ...(cluster === null ? {} : { [replacedClusterMeta]: cluster }),
});

/** A seat that is handed on stays where it is, if it can: images and files are there, also where another route of the service is. */
function nodeAffinities({ avoid }: Session, seatOn: string | null): Job["Affinities"] {
  const affinity = (node: string, Weight: number) => ({ LTarget: "${node.unique.name}", Operand: "=", RTarget: node, Weight });
  const away = avoid.filter((node) => node !== seatOn).map((node) => affinity(node, -100));
  return seatOn === null ? away : [...away, affinity(seatOn, 100)];
}

/**
 * What is reserved for a session's logs, of which each keeps 50 MB, and its files; Nomad enforces none of it. Where a session goes nothing of
 * these comes along: `Sticky` and `Migrate` are off unless they are asked for.
 */
const diskOf = (members: number): TaskGroup["EphemeralDisk"] => ({ SizeMB: 300 * members });

const ordinary: TaskGroup["RestartPolicy"] = { Attempts: 1, Interval: 600 * second, Delay: second, Mode: "fail" };

/**
 * An allocation that has failed gives its accelerators back, and whoever waits has them at once (seen on 1.11.3). A hot swap that fails is
 * taken back after three failed starts, and needs the seat for it: so what took one over stays in it for nine, over 8 s and more, in
 * which another Serai may have had to take over first. It was only put there because nothing else was free.
 */
const inTakenSeat: TaskGroup["RestartPolicy"] = { ...ordinary, Attempts: 8, Interval: 3600 * second };

function compileGroup(session: Session, context: JobContext, restartPolicy: TaskGroup["RestartPolicy"]): TaskGroup {
  const inside = session.environment.kind === "CONTAINER" ? { To: session.port } : {};
  return {
    Name: groupName,
    Count: 1,
    Networks: [{ DynamicPorts: [{ Label: portLabel, ...inside }] }],
    EphemeralDisk: diskOf(1),
    RestartPolicy: restartPolicy,
    ...volumesOf(session, context.installationId),
    Tasks: [compileTask(session, context, alone(session.id)), ...pullTasksOf(context.installationId, session, groupName)],
  };
}

function gangGroups(session: Session, cluster: Cluster, context: JobContext): Job["TaskGroups"] {
  const members = ranksOf(cluster);
  const task = (rank: number): Task => compileTask(session, context, memberTask(context.installationId, session.id, cluster, rank));
  const { installationId } = context;
  const group = {
    Count: 1,
    Networks: [gangNetwork(session)],
    EphemeralDisk: diskOf(membersTogether({ cluster })),
    RestartPolicy: gangRestart,
    ...volumesOf(session, installationId),
  } as const;
  const pullIn = (name: string): readonly Task[] => pullTasksOf(installationId, session, name);
  if (cluster.mode === "SINGLE_NODE") return [{ ...group, Name: groupName, Tasks: [...mapAll(members, task), ...pullIn(groupName)] }];
  return mapAll(members, (rank) => ({
    ...group,
    Name: groupNameOf(rank),
    Services: [memberService(installationId, session.id, rank)],
    Tasks: [task(rank), ...pullIn(groupNameOf(rank))],
  }));
}

const constraintOf = ({ attribute, operator, value }: Constraint) => ({ LTarget: attribute, Operand: operator, RTarget: value });

function constraintsOf({ nodeClass = null, constraints = [] }: Session["resourceGroup"]): Job["Constraints"] {
  const ofClass = nodeClass === null ? [] : [{ LTarget: "${node.class}", Operand: "=", RTarget: nodeClass }];
  return [...ofClass, ...constraints.map(constraintOf)];
}

/** An older one takes no notice of a pull task's `Secrets`, and would sign in with the name of the reference. */
const newEnough = (session: Session): Job["Constraints"] =>
  credentialsOf(session) === null ? [] : [{ LTarget: "${attr.nomad.version}", Operand: "version", RTarget: ">= 1.11.0" }];

type Resources = Task["Resources"];

/** Whole cores are the task's alone, where the group wants it so; else CPU is a share, in Nomad's unit. */
function cpuOf({ resourceGroup, resources: { cpuMillicores } }: Session, { megahertzPerCore }: JobContext): Pick<Resources, "CPU" | "Cores"> {
  const isWhole = cpuMillicores >= 1000 && cpuMillicores % 1000 === 0;
  if (resourceGroup.wholeCores === true && isWhole) return { Cores: cpuMillicores / 1000 };
  return { CPU: Math.max(1, Math.round((cpuMillicores * megahertzPerCore) / 1000)) };
}

/** The least memory is an attribute like others: each device of the kind has it. */
function deviceOf({ name, count, memoryGiB, constraints = [], affinities = [] }: Accelerator): NonNullable<Resources["Devices"]>[number] {
  const least =
    memoryGiB === undefined ? [] : [{ LTarget: "${device.attr.memory}", Operand: ">=", RTarget: `${Math.round(memoryGiB * MiBPerGiB)} MiB` }];
  const musts = [...least, ...constraints.map(constraintOf)];
  return {
    Name: name,
    Count: count,
    ...(musts.length === 0 ? {} : { Constraints: musts }),
    ...(affinities.length === 0 ? {} : { Affinities: affinities.map((one) => ({ ...constraintOf(one), Weight: one.weight })) }),
  };
}

function compileTask(session: Session, context: JobContext, member: MemberTask): Task {
  const { memoryMiB, memoryMaxMiB, accelerators } = session.resources;
  return {
    Name: member.name,
    ...(session.environment.kind === "CONTAINER"
      ? inContainer(session, session.environment, context, member)
      : onHost(session, session.environment, context, member)),
    Resources: {
      ...cpuOf(session, context),
      MemoryMB: memoryMiB,
      ...(memoryMaxMiB !== undefined && context.allowsMemoryMax === true ? { MemoryMaxMB: memoryMaxMiB } : {}),
      ...(accelerators.length > 0 ? { Devices: narrowestFirst(accelerators).map(deviceOf) } : {}),
    },
    // Nomad's own choice is SIGINT, which shells without job control make their background children ignore.
    KillSignal: "SIGTERM",
    KillTimeout: killTimeoutMs * 1_000_000,
    LogConfig: { MaxFiles: 5, MaxFileSizeMB: logFileMegabytesMax },
  };
}
