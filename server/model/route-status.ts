/**
 * The life of a route, as one total table: every status answers every event.
 *
 * ```mermaid
 * stateDiagram-v2
 *   [*] --> PENDING
 *   PENDING --> SCHEDULING: SUBMITTED
 *   SCHEDULING --> PREPARING: PLACED
 *   PREPARING --> WARMING_UP: STARTED
 *   WARMING_UP --> HEALTHY: PROBE_PASSED
 *   HEALTHY --> UNHEALTHY: PROBES_FAILED
 *   UNHEALTHY --> HEALTHY: PROBE_PASSED
 *   WARMING_UP --> BACKING_OFF: FAILED
 *   HEALTHY --> BACKING_OFF: FAILED
 *   BACKING_OFF --> SCHEDULING: RETRIED
 *   HEALTHY --> DRAINING: DRAINED
 *   DRAINING --> TERMINATED: GONE
 * ```
 *
 * Invariants, each enforced by the table and its test:
 * 1. Only PROBE_PASSED leads to HEALTHY, and only from WARMING_UP or UNHEALTHY: nothing untested gets traffic.
 * 2. From every status but TERMINATED, DRAINED leads to DRAINING: a route can always be ended.
 * 3. DRAINING is left only by GONE: a route that is being ended never serves again.
 * 4. TERMINATED is final.
 * 5. A process that ended (FAILED) or was lost (RESCHEDULED) takes the route out of HEALTHY at once.
 */
export const routeStatuses = [
  "PENDING",
  "SCHEDULING",
  "PREPARING",
  "WARMING_UP",
  "HEALTHY",
  "UNHEALTHY",
  "BACKING_OFF",
  "DRAINING",
  "TERMINATED",
] as const;
export type RouteStatus = (typeof routeStatuses)[number];

/**
 * SUBMITTED      the scheduler has accepted its session
 * PLACED         a machine was found
 * STARTED        the session's process runs
 * PROBE_PASSED   a probe of the running attempt succeeded
 * PROBES_FAILED  max_retries probes in a row failed
 * FAILED         the process ended, could not start, or took too long to become healthy; a wait follows
 * RETRIED        the wait is over, or the scheduler looks for a machine again
 * DRAINED        control wants it to end
 * GONE           nothing of its session is left
 */
export const routeEventKinds = ["SUBMITTED", "PLACED", "STARTED", "PROBE_PASSED", "PROBES_FAILED", "FAILED", "RETRIED", "DRAINED", "GONE"] as const;
export type RouteEvent = (typeof routeEventKinds)[number];

const ending = { DRAINED: "DRAINING" } as const;

export const nextRouteStatus: Record<RouteStatus, Record<RouteEvent, RouteStatus>> = {
  PENDING: {
    ...ending,
    SUBMITTED: "SCHEDULING",
    PLACED: "PENDING",
    STARTED: "PENDING",
    PROBE_PASSED: "PENDING",
    PROBES_FAILED: "PENDING",
    FAILED: "PENDING",
    RETRIED: "PENDING",
    GONE: "PENDING",
  },
  SCHEDULING: {
    ...ending,
    SUBMITTED: "SCHEDULING",
    PLACED: "PREPARING",
    STARTED: "SCHEDULING",
    PROBE_PASSED: "SCHEDULING",
    PROBES_FAILED: "SCHEDULING",
    FAILED: "BACKING_OFF",
    RETRIED: "SCHEDULING",
    GONE: "PENDING",
  },
  PREPARING: {
    ...ending,
    SUBMITTED: "PREPARING",
    PLACED: "PREPARING",
    STARTED: "WARMING_UP",
    PROBE_PASSED: "PREPARING",
    PROBES_FAILED: "PREPARING",
    FAILED: "BACKING_OFF",
    RETRIED: "SCHEDULING",
    GONE: "PENDING",
  },
  WARMING_UP: {
    ...ending,
    SUBMITTED: "WARMING_UP",
    PLACED: "WARMING_UP",
    STARTED: "WARMING_UP",
    PROBE_PASSED: "HEALTHY",
    PROBES_FAILED: "WARMING_UP",
    FAILED: "BACKING_OFF",
    RETRIED: "SCHEDULING",
    GONE: "PENDING",
  },
  HEALTHY: {
    ...ending,
    SUBMITTED: "HEALTHY",
    PLACED: "HEALTHY",
    STARTED: "HEALTHY",
    PROBE_PASSED: "HEALTHY",
    PROBES_FAILED: "UNHEALTHY",
    FAILED: "BACKING_OFF",
    RETRIED: "SCHEDULING",
    GONE: "PENDING",
  },
  UNHEALTHY: {
    ...ending,
    SUBMITTED: "UNHEALTHY",
    PLACED: "UNHEALTHY",
    STARTED: "UNHEALTHY",
    PROBE_PASSED: "HEALTHY",
    PROBES_FAILED: "UNHEALTHY",
    FAILED: "BACKING_OFF",
    RETRIED: "SCHEDULING",
    GONE: "PENDING",
  },
  BACKING_OFF: {
    ...ending,
    SUBMITTED: "SCHEDULING",
    PLACED: "BACKING_OFF",
    STARTED: "BACKING_OFF",
    PROBE_PASSED: "BACKING_OFF",
    PROBES_FAILED: "BACKING_OFF",
    FAILED: "BACKING_OFF",
    RETRIED: "SCHEDULING",
    GONE: "BACKING_OFF",
  },
  DRAINING: {
    ...ending,
    SUBMITTED: "DRAINING",
    PLACED: "DRAINING",
    STARTED: "DRAINING",
    PROBE_PASSED: "DRAINING",
    PROBES_FAILED: "DRAINING",
    FAILED: "DRAINING",
    RETRIED: "DRAINING",
    GONE: "TERMINATED",
  },
  TERMINATED: {
    DRAINED: "TERMINATED",
    SUBMITTED: "TERMINATED",
    PLACED: "TERMINATED",
    STARTED: "TERMINATED",
    PROBE_PASSED: "TERMINATED",
    PROBES_FAILED: "TERMINATED",
    FAILED: "TERMINATED",
    RETRIED: "TERMINATED",
    GONE: "TERMINATED",
  },
};

/** On its way out, or out: never serves again. */
export const isEnding = (status: RouteStatus): boolean => status === "DRAINING" || status === "TERMINATED";

/** What a route says of itself where nothing more exact is known. */
export const routeStatusMessages: Record<RouteStatus, string> = {
  PENDING: "Waits to be handed to the scheduler.",
  SCHEDULING: "A machine is being looked for.",
  PREPARING: "A machine was found and is being prepared.",
  WARMING_UP: "The process runs; its first health check is awaited.",
  HEALTHY: "Passed its health check.",
  UNHEALTHY: "Fails its health check.",
  BACKING_OFF: "Waits before it is started again.",
  DRAINING: "Finishes its last requests.",
  TERMINATED: "Nothing of it runs any more.",
};
