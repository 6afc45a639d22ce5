/**
 * The life of a validation, as one total table: a trial run of what a service would run, outside of every service.
 *
 * ```mermaid
 * stateDiagram-v2
 *   [*] --> PENDING
 *   PENDING --> RUNNING: SUBMITTED
 *   PENDING --> CLEANING_UP: DECIDED
 *   RUNNING --> CLEANING_UP: DECIDED
 *   CLEANING_UP --> PASSED: GONE_PASSED
 *   CLEANING_UP --> FAILED: GONE_FAILED
 *   CLEANING_UP --> CANCELLED: GONE_CANCELLED
 * ```
 *
 * Invariants, each enforced by the table and its test, and by the checks of the database's table:
 * 1. Every way to an end leads through CLEANING_UP: a verdict is final only when nothing of the session is left.
 * 2. A verdict is given once: CLEANING_UP is left only by the session's end, and what is final stays.
 *
 * One whose definition has problems is written as FAILED: there never was a session.
 */
import type { ProjectId, SessionId, ValidationId } from "./ids.ts";
import type { LaunchEvent } from "./launch-timeline.ts";
import type { SecretVariable } from "./service-spec.ts";
import type { FailureReport } from "./service-status.ts";
import type { RunnableRevision } from "./session-of.ts";

export const validationVerdicts = ["PASSED", "FAILED", "CANCELLED"] as const;
export type ValidationVerdict = (typeof validationVerdicts)[number];

export const validationStatuses = ["PENDING", "RUNNING", "CLEANING_UP", ...validationVerdicts] as const;
export type ValidationStatus = (typeof validationStatuses)[number];

/**
 * SUBMITTED  the scheduler has accepted its session
 * DECIDED    there is a verdict; the session is to end
 * GONE_…     nothing of the session is left, and that was the verdict
 */
export const validationEvents = ["SUBMITTED", "DECIDED", "GONE_PASSED", "GONE_FAILED", "GONE_CANCELLED"] as const;
export type ValidationEvent = (typeof validationEvents)[number];

const staying = <Status extends ValidationStatus>(status: Status): Record<ValidationEvent, Status> => ({
  SUBMITTED: status,
  DECIDED: status,
  GONE_PASSED: status,
  GONE_FAILED: status,
  GONE_CANCELLED: status,
});

export const nextValidationStatus: Record<ValidationStatus, Record<ValidationEvent, ValidationStatus>> = {
  PENDING: { ...staying("PENDING"), SUBMITTED: "RUNNING", DECIDED: "CLEANING_UP" },
  RUNNING: { ...staying("RUNNING"), DECIDED: "CLEANING_UP" },
  CLEANING_UP: { ...staying("CLEANING_UP"), GONE_PASSED: "PASSED", GONE_FAILED: "FAILED", GONE_CANCELLED: "CANCELLED" },
  PASSED: staying("PASSED"),
  FAILED: staying("FAILED"),
  CANCELLED: staying("CANCELLED"),
};

export const isFinal = (status: ValidationStatus): boolean => status === "PASSED" || status === "FAILED" || status === "CANCELLED";

export const timeLimitSecondsMax = 86_400;
/** In a project at once. */
export const liveValidationsMax = 10;

/** As of a route, which it has none of. */
export type ValidationFailure = Omit<FailureReport, "routeId">;

/** As JSON keeps it. */
export type StoredLaunchEvent = Omit<LaunchEvent, "at"> & { readonly at: string };

/** What control decides on. */
export type ValidationState = {
  /** When it was read, by the database's clock, as all times in it. */
  readonly readAt: Date;
  readonly id: ValidationId;
  readonly projectId: ProjectId;
  readonly name: string | null;
  readonly shard: number;
  readonly sessionId: SessionId;
  readonly status: ValidationStatus;
  readonly verdict: ValidationVerdict | null;
  readonly statusReason: string;
  readonly cancelling: boolean;
  readonly timeLimitSeconds: number;
  readonly node: string | null;
  readonly attempt: string | null;
  readonly launchEvents: readonly LaunchEvent[];
  readonly createdAt: Date;
  readonly revision: RunnableRevision;
  readonly secrets: readonly SecretVariable[];
};

/** Written only where it still has the status that was believed. */
export type ValidationChange = {
  readonly believed: ValidationStatus;
  readonly status?: ValidationStatus;
  readonly verdict?: ValidationVerdict;
  readonly statusReason?: string;
  readonly node?: string | null;
  readonly attempt?: string | null;
  readonly launchEvents?: readonly LaunchEvent[];
  readonly failure?: ValidationFailure;
};
