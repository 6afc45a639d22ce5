/**
 * What the API may ask of the scheduler: to look, never to act. Main hands in an object that asks the scheduler; the API
 * cannot reach it otherwise, so a mutation can only write a wish.
 */
import type { AttributeValue } from "./constraint.ts";
import type { ProjectId, RouteId, ServiceId, SessionId } from "./ids.ts";
import type { LogChunk, LogQuery } from "./logs.ts";
import type { RunnableKind, Session, UnplacedFacts } from "./session.ts";

/** Somebody who has something of a machine: a session of Serai's, or a job that is not its own. */
export type NodeUser = {
  /** Of the allocation; the same session may have two of them while its seat is handed on. */
  readonly id: string;
  readonly job: string;
  /** Null where it is not this installation's. */
  readonly session: {
    readonly id: SessionId;
    readonly routeId: RouteId | null;
    readonly serviceId: ServiceId | null;
    readonly serviceName: string | null;
    /** Whose it is: names of services are for their own project. Null where it was started by a Serai that did not say. */
    readonly projectId: ProjectId | null;
  } | null;
  readonly cpuMillicores: number;
  readonly memoryMiB: number;
};

export type DeviceInstance = {
  readonly id: string;
  readonly healthy: boolean;
  /** Id of its NodeUser. */
  readonly heldBy: string | null;
};

/** Devices of one kind on one machine. */
export type DeviceGroup = {
  readonly vendor: string;
  readonly type: string;
  readonly model: string;
  /** As the device's plugin names them: `memory`, `cuda_cores`. */
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly instances: readonly DeviceInstance[];
};

export type NodeDriver = { readonly name: string; readonly detected: boolean; readonly healthy: boolean; readonly said: string | null };

export type ComputeNode = {
  readonly id: string;
  readonly name: string;
  readonly nodePool: string;
  readonly datacenter: string;
  /** Empty where it has none. */
  readonly nodeClass: string;
  readonly status: "READY" | "INITIALIZING" | "DOWN" | "DISCONNECTED";
  readonly draining: boolean;
  /** May new sessions be placed here? */
  readonly eligible: boolean;
  /** Can sessions there reach the folders' files? Null: nobody has looked, or it did not answer. */
  readonly seesFolders: boolean | null;
  /** False where sessions of several members cannot run at all. */
  readonly gangs?: false;
  /** Kinds of environment that can really run here. */
  readonly runs: readonly RunnableKind[];
  readonly drivers: readonly NodeDriver[];
  /** What one of its cores counts for: 1 on the fastest machines of the pool, less on slower ones, where a session needs more of them. */
  readonly coreSpeed: number;
  readonly cpuMillicores: { readonly total: number; readonly used: number };
  readonly memoryMiB: { readonly total: number; readonly used: number };
  readonly devices: readonly DeviceGroup[];
  readonly users: readonly NodeUser[];
};

/** Would a session be placed now? */
export type Preview = { readonly fits: true } | { readonly fits: false; readonly unplaced: UnplacedFacts };

export type Observe = {
  nodes(): Promise<readonly ComputeNode[]>;
  /** Throws AppError SCHEDULER_UNAVAILABLE or SCHEDULER_REFUSED. */
  preview(session: Session): Promise<Preview>;
  /** Of its page in the scheduler's own UI; null where it has none, or nobody said where that is. */
  sessionUrl(id: SessionId): string | null;
  nodeUrl(nodeId: string): string | null;
  /** Throws the same on the way. */
  logs(id: SessionId, query: LogQuery): AsyncIterable<LogChunk>;
};

/** The machines, and how old that is. */
export type ClusterSeen = {
  /** By name. */
  readonly nodes: readonly ComputeNode[];
  /** Null: the scheduler has not told of them yet. */
  readonly readAt: Date | null;
  /** Why the scheduler cannot be asked now. */
  readonly problem: string | null;
};

/** For however many look at once: what was seen last first, as soon as there is something, then whatever differs. */
export type ClusterWatch = { follow(signal: AbortSignal): AsyncIterable<ClusterSeen> };
