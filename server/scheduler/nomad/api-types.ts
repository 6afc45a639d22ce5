/**
 * The parts of Nomad's API that Serai uses, and no others (https://developer.hashicorp.com/nomad/api-docs). Names are
 * Nomad's. Times are nanoseconds since 1970, more than a number holds exactly: milliseconds are made of them.
 */
export type TaskEvent = {
  readonly Type: string;
  /** Nanoseconds since 1970. */
  readonly Time: number;
  readonly DisplayMessage?: string;
  readonly Details?: Readonly<Record<string, string>> | null;
};

export type TaskState = {
  readonly State: "pending" | "running" | "dead";
  readonly Failed: boolean;
  readonly Restarts: number;
  readonly Events: readonly TaskEvent[] | null;
};

/** One of these, and a unit where it is an amount. */
export type DeviceAttribute = {
  readonly Int?: number | null;
  readonly Float?: number | null;
  readonly String?: string | null;
  readonly Bool?: boolean | null;
  readonly Unit?: string;
};

export type DeviceName = { readonly Vendor: string; readonly Type: string; readonly Name: string };

export type AllocatedResources = {
  /** Null of a task that runs for as long as the allocation does. */
  readonly TaskLifecycles?: Readonly<Record<string, { readonly Hook: string; readonly Sidecar: boolean } | null>> | null;
  readonly Tasks: Readonly<
    Record<
      string,
      {
        readonly Cpu: { readonly CpuShares: number };
        /** `MemoryMaxMB`: where it may use more than is its own; 0 otherwise. */
        readonly Memory: { readonly MemoryMB: number; readonly MemoryMaxMB?: number };
        readonly Devices?: readonly (DeviceName & { readonly DeviceIDs: readonly string[] })[] | null;
      }
    >
  >;
  readonly Shared: {
    readonly Ports?: readonly { readonly Label: string; readonly Value: number; readonly HostIP: string }[] | null;
  };
};

/** What the list of allocations and an event about one have in common. */
export type Allocation = {
  readonly ID: string;
  readonly JobID: string;
  readonly NodeID: string;
  readonly NodeName: string;
  readonly TaskGroup?: string;
  readonly DesiredStatus: "run" | "stop" | "evict";
  readonly DesiredDescription?: string;
  readonly ClientStatus: "pending" | "running" | "complete" | "failed" | "lost" | "unknown";
  readonly ClientDescription?: string;
  readonly TaskStates?: Readonly<Record<string, TaskState>> | null;
  readonly AllocatedResources?: AllocatedResources | null;
  readonly FollowupEvalID?: string;
  readonly NextAllocation?: string;
  readonly CreateIndex: number;
  /** Nanoseconds since 1970. */
  readonly CreateTime: number;
  /** Nanoseconds since 1970. */
  readonly ModifyTime: number;
};

export type AllocationMetric = {
  readonly NodesEvaluated: number;
  readonly NodesFiltered: number;
  readonly NodesExhausted: number;
  readonly ConstraintFiltered?: Readonly<Record<string, number>> | null;
  readonly DimensionExhausted?: Readonly<Record<string, number>> | null;
};

export type Evaluation = {
  readonly ID: string;
  readonly JobID: string;
  readonly Status: "pending" | "blocked" | "complete" | "failed" | "canceled";
  readonly StatusDescription?: string;
  readonly TriggeredBy: string;
  /** RFC 3339; the year 1 where it does not wait. */
  readonly WaitUntil?: string;
  readonly FailedTGAllocs?: Readonly<Record<string, AllocationMetric>> | null;
  readonly CreateIndex: number;
  readonly ModifyIndex: number;
};

export type JobStub = {
  readonly ID: string;
  readonly Name: string;
  readonly NodePool: string;
  readonly Stop: boolean;
  readonly JobModifyIndex: number;
  readonly Meta?: Readonly<Record<string, string>> | null;
};

/** Of each group, how many allocations are in which state; `Queued` are those that have no place. */
export type JobSummary = {
  readonly Summary: Readonly<
    Record<string, Readonly<Record<"Queued" | "Complete" | "Failed" | "Lost" | "Unknown" | "Running" | "Starting", number>>>
  >;
};

export type NodeStub = {
  readonly ID: string;
  readonly Name: string;
  readonly NodePool: string;
  readonly Datacenter: string;
  readonly NodeClass: string;
  readonly Status: "initializing" | "ready" | "down" | "disconnected";
  readonly SchedulingEligibility: "eligible" | "ineligible";
  readonly Drain: boolean;
  readonly ModifyIndex: number;
  readonly Drivers?: Readonly<Record<string, { readonly Detected: boolean; readonly Healthy: boolean; readonly HealthDescription?: string }>> | null;
  readonly NodeResources?: {
    readonly Cpu: { readonly CpuShares: number; readonly TotalCpuCores: number };
    readonly Memory: { readonly MemoryMB: number };
    readonly Devices?:
      | readonly (DeviceName & {
          readonly Instances: readonly { readonly ID: string; readonly Healthy: boolean }[];
          readonly Attributes?: Readonly<Record<string, DeviceAttribute>> | null;
        })[]
      | null;
  } | null;
  readonly ReservedResources?: {
    readonly Cpu: { readonly CpuShares: number };
    readonly Memory: { readonly MemoryMB: number };
  } | null;
};

export type PlanAnswer = { readonly FailedTGAllocs?: Readonly<Record<string, AllocationMetric>> | null };

export type StreamedEvent =
  | { readonly Topic: "Job"; readonly Type: string; readonly Index: number; readonly Payload: { readonly Job: JobStub } }
  | { readonly Topic: "Allocation"; readonly Type: string; readonly Index: number; readonly Payload: { readonly Allocation: Allocation } }
  | { readonly Topic: "Evaluation"; readonly Type: string; readonly Index: number; readonly Payload: { readonly Evaluation: Evaluation } };

/** One line of the event stream; a heartbeat has neither field. */
export type StreamedBatch = { readonly Index?: number; readonly Events?: readonly StreamedEvent[] | null };

type JobConstraint = { readonly LTarget: string; readonly Operand: string; readonly RTarget: string };
type JobAffinity = JobConstraint & { readonly Weight: number };

export type SchedulerConfiguration = { readonly SchedulerConfig?: { readonly MemoryOversubscriptionEnabled?: boolean } | null };

/** A job as it is submitted. */
export type Job = {
  readonly ID: string;
  readonly Name: string;
  readonly Type: "service";
  readonly Datacenters: readonly string[];
  readonly NodePool: string;
  readonly Meta: Readonly<Record<string, string>>;
  readonly Constraints: readonly JobConstraint[];
  readonly Affinities: readonly JobAffinity[];
  /** Nanoseconds, as all durations of a job. */
  readonly Reschedule:
    | { readonly Unlimited: true; readonly Delay: number; readonly DelayFunction: "exponential"; readonly MaxDelay: number }
    | { readonly Unlimited: false; readonly Attempts: 0 };
  readonly Update: { readonly MaxParallel: 0 };
  readonly TaskGroups: readonly [TaskGroup, ...TaskGroup[]];
};

export type VariableStub = {
  readonly Path: string;
  readonly ModifyIndex: number;
  /** Nanoseconds since 1970. */
  readonly ModifyTime: number;
};

export type TaskGroup = {
  readonly Name: string;
  readonly Count: 1;
  readonly Networks: readonly {
    readonly DynamicPorts: readonly { readonly Label: string; readonly To?: number }[];
    readonly ReservedPorts?: readonly { readonly Label: string; readonly Value: number }[];
  }[];
  readonly Services?:
    | readonly { readonly Name: string; readonly PortLabel: string; readonly Provider: "nomad"; readonly Tags: readonly string[] }[]
    | null;
  /** By their names within the group. */
  readonly Volumes?: Readonly<Record<string, { readonly Type: "host"; readonly Source: string; readonly ReadOnly: boolean }>>;
  readonly EphemeralDisk: { readonly SizeMB: number };
  readonly RestartPolicy: { readonly Attempts: number; readonly Interval: number; readonly Delay: number; readonly Mode: "fail" };
  readonly Tasks: readonly [Task, ...Task[]];
};

export type TaskSecret = { readonly Name: string; readonly Provider: "nomad"; readonly Path: string };

export type Task = {
  readonly Name: string;
  /** Of one that ends before the group's others begin. */
  readonly Lifecycle?: { readonly Hook: "prestart"; readonly Sidecar: false } | null;
  readonly Driver: "raw_exec" | "exec" | "docker";
  /** Absent: the image's own, the agent's (`raw_exec`) or nobody (`exec`). */
  readonly User?: string;
  readonly VolumeMounts?: readonly { readonly Volume: string; readonly Destination: string; readonly ReadOnly: boolean }[];
  /** What its configuration may name, and nothing else of it. */
  readonly Secrets?: readonly TaskSecret[];
  readonly Config: Readonly<Record<string, unknown>>;
  readonly Templates: readonly {
    readonly EmbeddedTmpl: string;
    readonly DestPath: string;
    /** Absent: `{{` and `}}`. */
    readonly LeftDelim?: string;
    readonly RightDelim?: string;
    readonly ChangeMode: "noop";
    /** Rendered when the task starts, and not watched. */
    readonly Once?: true;
    readonly Perms: string;
  }[];
  readonly Resources: {
    /** MHz; with `Cores`, Nomad finds it out. */
    readonly CPU?: number;
    readonly Cores?: number;
    readonly MemoryMB: number;
    readonly MemoryMaxMB?: number;
    readonly Devices?: readonly {
      readonly Name: string;
      readonly Count: number;
      readonly Constraints?: readonly JobConstraint[];
      readonly Affinities?: readonly JobAffinity[];
    }[];
  };
  readonly KillSignal: "SIGTERM";
  readonly KillTimeout: number;
  readonly LogConfig: LogConfig;
};

type LogConfig = { readonly MaxFiles: number; readonly MaxFileSizeMB: number };
