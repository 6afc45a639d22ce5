/**
 * The parts of a job that make a gang of it: pure. Tried on 1.11.3, with what was decided, in docs/decisions/gangs.md.
 *
 * SINGLE_NODE is one group with a task for each member: Nomad places all of them or none, and where one ends it ends the others and places
 * all anew. What main's address is, is known beforehand.
 *
 * MULTI_NODE is a group for each member, on distinct machines. A member that ends stays ended, because Nomad would restart only that one;
 * `retry` registers the job anew as the gang's next attempt, which ends what is left and starts all. Members find each other by Nomad's
 * own service discovery, under a name that has the attempt in it, so nobody meets a member of the attempt before; and none begins before
 * all are there.
 */
import { type Cluster, clusterModes } from "../../model/cluster.ts";
import type { SessionId } from "../../model/ids.ts";
import type { Session } from "../../model/session.ts";
import type { Job, JobStub, Task, TaskGroup } from "./api-types.ts";
import { clusterMeta, portLabel } from "./names.ts";
import { taskNameOf, workerName } from "./task.ts";

/** Nanoseconds. */
export const second = 1_000_000_000;

/** What main listens on for its workers; each member of MULTI_NODE is found by one. */
const clusterPort = "cluster";
const membersPath = "local/members";

export type Gang = Cluster & {
  /** How often it has been started, this time included. */
  readonly attempt: number;
  /** How many attempts in a row have failed before. */
  readonly failures: number;
};

export const clusterMetaOf = ({ mode, size, attempt, failures }: Gang): string => `${mode} ${size} ${attempt} ${failures}`;

/** Null where the session has one member. */
export function gangIn({ Meta }: Pick<JobStub, "Meta">, name = clusterMeta): Gang | null {
  const [word, size, attempt, failures] = (Meta?.[name] ?? "").split(" ");
  const mode = clusterModes.find((one) => one === word);
  return mode === undefined ? null : { mode, size: Number(size), attempt: Number(attempt), failures: Number(failures) };
}

/** Of its members, main first. */
export const ranksOf = ({ size }: Cluster): readonly [number, ...number[]] => [0, ...Array.from({ length: size - 1 }, (_, index) => index + 1)];

export const mapAll = <From, To>([first, ...others]: readonly [From, ...From[]], change: (one: From) => To): [To, ...To[]] => [
  change(first),
  ...others.map(change),
];

export const firstAttempt = ({ cluster }: Pick<Session, "cluster">): Gang | null =>
  cluster === undefined ? null : { ...cluster, attempt: 1, failures: 0 };

/** The whole restarts, so no member does by itself. */
export const gangRestart: TaskGroup["RestartPolicy"] = { Attempts: 0, Interval: 600 * second, Delay: second, Mode: "fail" };
/** Of MULTI_NODE. */
export const gangReschedule: Job["Reschedule"] = { Unlimited: false, Attempts: 0 };
export const distinctHosts: Job["Constraints"][number] = { LTarget: "", Operand: "distinct_hosts", RTarget: "true" };

const serviceNameOf = (installationId: string, id: SessionId, attempt: number): string =>
  `serai-${installationId}-${id.replaceAll("_", "-")}-${attempt}`;

export const memberService = (installationId: string, id: SessionId, rank: number): NonNullable<TaskGroup["Services"]>[number] => ({
  Name: serviceNameOf(installationId, id, 1),
  PortLabel: clusterPort,
  Provider: "nomad",
  Tags: [String(rank)],
});

/** On the host a worker beside main has a port of its own, should it listen. */
const portOf = (rank: number): string => (rank === 0 ? portLabel : `worker${rank}`);

/**
 * Containers of a gang use the network of their machine: what they talk by (NCCL, Gloo, Ray) listens on ports that nobody knows
 * beforehand. So the port that the definition declares is one of the machine's, and reserved there.
 */
export function gangNetwork({ environment, port, cluster }: Session): TaskGroup["Networks"][number] {
  const label = (Label: string) => ({ Label });
  if (environment.kind === "CONTAINER") return { ReservedPorts: [{ Label: portLabel, Value: port }], DynamicPorts: [label(clusterPort)] };
  const beside = cluster?.mode === "SINGLE_NODE" ? ranksOf(cluster).slice(1).map(portOf) : [];
  return { DynamicPorts: [portLabel, clusterPort, ...beside].map(label) };
}

/** What a member's task has that a session's of one member has not. */
export type MemberTask = {
  readonly name: string;
  /** Of its own port, on the host. */
  readonly port: string;
  /** Set in the environment of the script that sets the others, on the host. */
  readonly passed: readonly string[];
  /** Lines of that script: who it is, and where the others are. */
  readonly lines: readonly string[];
  readonly templates: Task["Templates"];
};

export const alone = (id: SessionId): MemberTask => ({ name: taskNameOf(id), port: portLabel, passed: [], lines: [], templates: [] });

export function memberTask(installationId: string, id: SessionId, cluster: Cluster, rank: number): MemberTask {
  const who = variablesOf(cluster, rank).map(([name, value]) => `export ${name}=${value}`);
  if (cluster.mode === "SINGLE_NODE") {
    const hosts = mapAll(ranksOf(cluster), () => "127.0.0.1").join(",");
    return {
      name: rank === 0 ? taskNameOf(id) : workerName(rank),
      port: portOf(rank),
      // In a container it is there, as all of Nomad's own are.
      passed: [`NOMAD_PORT_${clusterPort}=\${NOMAD_PORT_${clusterPort}}`],
      lines: [...who, `_host=127.0.0.1 _hosts=${hosts} _main=$_host _main_port=$NOMAD_PORT_${clusterPort}`, where],
      templates: [],
    };
  }
  const service = serviceNameOf(installationId, id, 1);
  return {
    name: taskNameOf(id),
    port: portLabel,
    passed: [],
    lines: [...who, ...meet(cluster, rank), where],
    templates: [
      {
        EmbeddedTmpl: mapAll(ranksOf(cluster), (one) => addressOf(service, one)).join(""),
        DestPath: membersPath,
        LeftDelim: "[[",
        RightDelim: "]]",
        ChangeMode: "noop",
        Perms: "0644",
      },
    ],
  };
}

const addressOf = (service: string, rank: number): string =>
  `[[range nomadService "${service}"]][[if in .Tags "${rank}"]][[.Address]] [[.Port]]\n[[end]][[end]]`;

/** Waits until all are there. The template is beside the start script, which is the first argument. */
const meet = ({ size }: Cluster, rank: number): readonly string[] => [
  "while",
  "  _members=0 _hosts=",
  "  while read -r _address _port; do",
  '    [ "$_members" -ne 0 ] || { _main=$_address _main_port=$_port; }',
  `    [ "$_members" -ne ${rank} ] || _host=$_address`,
  "    _hosts=$_hosts,$_address _members=$((_members + 1))",
  '  done <"${1%/*}/members"',
  `  [ "$_members" -ne ${size} ]`,
  "do",
  "  sleep 1",
  "done",
];

const where = 'export MASTER_ADDR="$_main" MASTER_PORT="$_main_port" BACKENDAI_CLUSTER_HOST="$_host" BACKENDAI_CLUSTER_HOSTS="${_hosts#,}"';

/**
 * torchrun's names, and those of the Backend.AI that scripts may have been written for. A member is one process to torchrun, or one
 * node on which it starts some: it sees its own accelerators only, so its local rank is 0 also beside others.
 */
function variablesOf({ mode, size }: Cluster, rank: number): readonly (readonly [string, string])[] {
  return Object.entries({
    WORLD_SIZE: String(size),
    RANK: String(rank),
    LOCAL_WORLD_SIZE: "1",
    LOCAL_RANK: "0",
    NNODES: String(size),
    NODE_RANK: String(rank),
    BACKENDAI_CLUSTER_SIZE: String(size),
    BACKENDAI_CLUSTER_MODE: mode === "SINGLE_NODE" ? "single-node" : "multi-node",
    BACKENDAI_CLUSTER_REPLICAS: `main:1,sub:${size - 1}`,
    BACKENDAI_CLUSTER_ROLE: rank === 0 ? "main" : "sub",
    BACKENDAI_CLUSTER_IDX: String(rank === 0 ? 1 : rank),
    BACKENDAI_CLUSTER_LOCAL_RANK: String(rank),
  });
}

/** The same job as the next attempt of its gang: everything by which the members of one know each other is another. */
export function nextAttempt(job: Job, id: SessionId, installationId: string, { failures, ...gang }: Gang): Job {
  const next = { ...gang, attempt: gang.attempt + 1, failures };
  const [old, now] = [gang.attempt, next.attempt].map((attempt) => serviceNameOf(installationId, id, attempt)) as [string, string];
  const renamed = (task: Task): Task => ({
    ...task,
    Name: taskNameOf(id, next.attempt),
    Templates: task.Templates.map((one) =>
      one.DestPath === membersPath ? { ...one, EmbeddedTmpl: one.EmbeddedTmpl.replaceAll(`"${old}"`, `"${now}"`) } : one,
    ),
  });
  return {
    ...job,
    Meta: { ...job.Meta, [clusterMeta]: clusterMetaOf(next) },
    TaskGroups: mapAll(job.TaskGroups, (group) => ({
      ...group,
      ...(group.Services == null ? {} : { Services: group.Services.map((service) => ({ ...service, Name: now })) }),
      // The image is pulled for each attempt as for the first.
      Tasks: mapAll(group.Tasks, (task) => (task.Lifecycle == null ? renamed(task) : task)),
    })),
  };
}
