/**
 * What the scheduler is asked to run, and what it reports about it. Values only: this file is the whole language
 * between control and the two schedulers.
 *
 * A `Session` says everything that is needed to run one route; it is computed from a revision and a route, so the same
 * revision and route always give the same session. An `Observation` says what is known of it now. Observations are
 * level-triggered: each one is complete, so losing, repeating or reordering them does no harm.
 */
import type { Cluster } from "./cluster.ts";
import type { ProjectId, RouteId, ServiceId, SessionId, ValidationId } from "./ids.ts";
import type { ComputeNode } from "./observe.ts";
import type { NodeRule } from "./resource-group.ts";
import type { Accelerator } from "./service-spec.ts";
import type { FailedAction, RunningAction, StartActionResult } from "./start-report.ts";

export type SessionMount = {
  /** Absolute path on the machine that runs the session. */
  readonly source: string;
  /** Absolute path as the definition names it (`model_path`, for example). */
  readonly target: string;
  readonly readOnly: boolean;
};

/** No value can hold a NUL of its own. Where a session's directory is only the machine knows that runs it. */
export const homePlaceholder = "\0";

/** With whom a registry lets an image be pulled. */
export type ImageCredentials = { readonly username: string; readonly password: string };

export type SessionEnvironment =
  | {
      readonly kind: "HOST";
      /** Its processes have a root, numbers and limits of their own; absent: they see all of the machine. */
      readonly isolated?: true;
      /** Only of one that is isolated; absent: nobody. */
      readonly runAs?: string;
    }
  | {
      readonly kind: "CONTAINER";
      readonly image: string;
      readonly credentials?: ImageCredentials;
      /** Absent: as the image says. */
      readonly runAs?: string;
      /** It can write its folders, its own directory and `/tmp`, and nothing else. */
      readonly readOnlyRoot?: true;
    };

/** What a machine must be able to run. */
export type RunnableKind = "HOST" | "ISOLATED_HOST" | "CONTAINER";
export const runnableKindOf = (environment: SessionEnvironment): RunnableKind =>
  environment.kind === "HOST" && environment.isolated === true ? "ISOLATED_HOST" : environment.kind;

export type Session = {
  readonly id: SessionId;
  /** What it runs for: a route of a service, or a validation, which is both. */
  readonly routeId: RouteId | ValidationId;
  readonly serviceId: ServiceId | ValidationId;
  readonly serviceName: string;
  /** Whose it is; absent of what an earlier Serai has submitted. */
  readonly projectId?: ProjectId;
  readonly environment: SessionEnvironment;
  /** What runs it are several members, each with these resources, script and mounts; absent: one. */
  readonly cluster?: Cluster;
  /** Where it may run. `nodePool` is Nomad's word; the local scheduler has one machine and ignores it. */
  readonly resourceGroup: NodeRule & { readonly name: string };
  readonly resources: {
    readonly cpuMillicores: number;
    readonly memoryMiB: number;
    readonly sharedMemoryMiB: number;
    readonly memoryMaxMiB?: number;
    readonly accelerators: readonly Accelerator[];
  };
  /** The start script: POSIX sh, see start-script.ts. The scheduler runs `/bin/sh <script>`. */
  readonly script: string;
  /** How many start actions the script reports of: 0 spares the scheduler asking for a report. */
  readonly actionCount: number;
  /**
   * Variables set besides those of the contract; `homePlaceholder` in a value stands for SERAI_HOME. The scheduler itself adds,
   * and only it can know:
   * `PORT` (port to listen on: allocated on the host, or the declared one in a container),
   * `MODEL_PATH` (where the model folder is, seen from the session), `SERAI_HOME` (the session's own directory) and
   * `SERAI_SESSION` (the session's id: the mark by which the local scheduler finds daemonised children). Where there are start
   * actions, also `SERAI_START` (where the script reports, which takes it out of the environment).
   */
  readonly variables: Readonly<Record<string, string>>;
  /** As `variables`: those that nobody may read who only sees what the scheduler runs. Absent of what an earlier Serai has submitted. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** The port that the definition declares. */
  readonly port: number;
  /** The first one is the model folder. */
  readonly mounts: readonly [SessionMount, ...SessionMount[]];
  /** Names of nodes that hold the service's other routes: an affinity against them, never a must. */
  readonly avoid: readonly string[];
};

/** Why a session is not placed: facts only, the sentence is made from them elsewhere. */
export type UnplacedFacts = {
  readonly nodesEvaluated: number;
  readonly nodesFiltered: number;
  readonly nodesExhausted: number;
  /** Constraint as the scheduler names it -> number of nodes it filtered. */
  readonly constraintFiltered: Readonly<Record<string, number>>;
  /** Dimension (`memory`, `cpu`, …) -> number of nodes where it is exhausted. */
  readonly dimensionExhausted: Readonly<Record<string, number>>;
  /** In addition, one plain sentence, where the scheduler knows better than the numbers say. */
  readonly message: string | null;
  /** Of a session that waits, and whose members are on machines of their own: how many have one. */
  readonly members?: { readonly placed: number; readonly size: number };
  /** All machines as they were when this was found out; absent where they could not be read. */
  readonly nodes?: readonly ComputeNode[];
};

export type SessionExit = {
  /** Which of several members it was: 0 is main; absent: it has one. The others end because of it. */
  readonly member?: number;
  /** Null when a signal ended it, or when nobody saw the exit. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly outOfMemory: boolean;
  /** The most that it could use, and had used, where it was out of memory and the scheduler says it. */
  readonly memoryLimitMiB?: number;
  readonly at: Date;
  /** Last lines of stderr (of stdout where stderr is empty), at most 16 KiB; empty where unknown. */
  readonly outputTail: string;
  /** A sentence, where there was no process to exit: "Image … could not be pulled." */
  readonly message: string | null;
  /** The start action at which it ended, if it came no further. */
  readonly action: FailedAction | null;
};

/**
 * UNPLACED    accepted, no machine found (yet): see `unplaced`
 * PLACED      a machine was found; being prepared there (image, mounts, port)
 * RUNNING     its process runs; `address` is set as soon as requests may be sent to it
 * BACKING_OFF it ended or could not start; the scheduler starts it again at `retryAt`, or is to be asked to (`awaitsRetry`)
 * STOPPING    asked to stop, not gone yet
 * GONE        nothing of it is left
 */
export type SessionState = "UNPLACED" | "PLACED" | "RUNNING" | "BACKING_OFF" | "STOPPING" | "GONE";

/** Something that happened to a session, once. `key` is the same whenever it is reported again. */
export type SessionEvent = {
  readonly key: string;
  readonly at: Date;
  readonly kind: "PLACED" | "STARTED" | "ACTION" | "EXITED" | "START_FAILED" | "LOST" | "NOTE";
  readonly message: string;
  /** What a start action did, where kind is ACTION. */
  readonly action?: StartActionResult;
};

export type Observation = {
  readonly sessionId: SessionId;
  /** What its service was called when it was handed in, where the scheduler keeps that: told of one that belongs to nobody. */
  readonly serviceName?: string;
  readonly state: SessionState;
  /** Identity of the running attempt: changes whenever another process takes over. Null while unplaced. */
  readonly attempt: string | null;
  readonly node: { readonly id: string; readonly name: string } | null;
  readonly address: { readonly host: string; readonly port: number } | null;
  /** When the scheduler will start it again; set while BACKING_OFF. */
  readonly retryAt: Date | null;
  /** It is not started again before `retry` is called: at `retryAt`, if nobody wants it earlier. */
  readonly awaitsRetry?: boolean;
  /** The newest end of an attempt of this session, also when it runs again by now. */
  readonly lastExit: SessionExit | null;
  readonly unplaced: UnplacedFacts | null;
  /** The start action that runs now; null once the start command does, and where nothing is known. */
  readonly step: RunningAction | null;
  /** What is still known of its history, oldest first. */
  readonly events: readonly SessionEvent[];
};
