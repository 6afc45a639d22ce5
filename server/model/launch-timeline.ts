/**
 * How far a route's newest attempt to start has come, from its history: pure.
 *
 *   PENDING or SCHEDULING ─ PLACED ─ IMAGE or PROCESS ─ ACTIONS ─ FIRST_PASS ─ HEALTHY
 *
 * Each phase is called after what it ends with, and begins where the one before ended, so that together they are the whole. Actions
 * come after the process: it is the start script's, which runs them and then becomes the start command. What is not known is null,
 * never zero. Some times are the scheduler's and others the database's: where clocks disagree, a phase has no length rather than
 * a negative one.
 */
import type { RouteStatus } from "./route-status.ts";

export const launchPhases = ["PLACED", "IMAGE", "PROCESS", "ACTIONS", "FIRST_PASS"] as const;
export type LaunchPhaseName = (typeof launchPhases)[number];

/** A row of a route's history, as far as it tells of a start. */
export type LaunchEvent = {
  readonly kind: string;
  readonly status: RouteStatus | null;
  readonly at: Date;
  readonly message: string;
  /** Its place in `pre_start_actions`, where kind is ACTION. */
  readonly actionIndex: number | null;
};

type Span = { readonly startedAt: Date | null; readonly endedAt: Date | null; readonly durationMs: number | null };
export type Launch = Span & {
  readonly startedAt: Date;
  /** When this attempt ended without having been healthy. */
  readonly failedAt: Date | null;
  readonly phases: readonly (Span & { readonly phase: LaunchPhaseName })[];
};

/** The most that GraphQL's Int holds. */
const millisecondsMax = 2 ** 31 - 1;

/**
 * @param events of one route, oldest first; those of earlier attempts are passed over.
 * @param actionCount how many `pre_start_actions` there are; null: as many as are told of.
 */
export function launchOf(events: readonly LaunchEvent[], actionCount: number | null): Launch | null {
  const attempt = newestAttempt(events);
  const [first] = attempt;
  if (first === undefined) return null;
  const later = following(first.at);
  const statusAt = (status: RouteStatus) => attempt.find((event) => event.status === status)?.at;
  const toldAt = (kind: string) => attempt.find((event) => event.kind === kind)?.at;

  const healthy = statusAt("HEALTHY");
  const failed = attempt.find(({ status }) => status === "BACKING_OFF" || status === "DRAINING" || status === "TERMINATED")?.at;
  const placed = later(toldAt("PLACED") ?? statusAt("PREPARING"));
  const downloads = attempt.some(({ kind, message }) => kind === "NOTE" && /^downloading image/i.test(message));
  const startedBy = toldAt("STARTED") ?? statusAt("WARMING_UP");
  const started = later(startedBy);
  const actionsDone = later(lastActionAt(attempt, startedBy, healthy === undefined ? actionCount : null));
  const passed = later(healthy);
  // An action that is not told of any more does not keep the first pass from being known.
  const commandAt = actionsDone ?? (actionCount === 0 || passed !== null ? started : null);
  const hasActions = actionsDone !== null || (actionCount !== null && actionCount > 0 && passed === null);

  const spans: Record<LaunchPhaseName, Span> = {
    PLACED: span(first.at, placed),
    IMAGE: downloads ? span(placed, started) : unknown,
    // When an image is there is not told: with one, the start of the process is the end of that.
    PROCESS: downloads ? unknown : span(placed, started),
    ACTIONS: hasActions ? span(started, actionsDone) : unknown,
    FIRST_PASS: span(commandAt, passed),
  };
  return {
    ...span(first.at, passed),
    startedAt: first.at,
    failedAt: passed === null ? (failed ?? null) : null,
    phases: launchPhases.map((phase) => ({ phase, ...spans[phase] })),
  };
}

/** It begins where the scheduler gets it, or, the first one of all, where the route is made. */
function newestAttempt(events: readonly LaunchEvent[]): readonly LaunchEvent[] {
  const begin = events.findLastIndex(({ status }) => status === "SCHEDULING" || status === "PENDING");
  if (begin < 0) return [];
  const before = events.slice(0, begin).findLastIndex(({ kind }) => kind === "STATUS");
  return events.slice(events[before]?.status === "PENDING" ? before : begin);
}

/** Undefined while not all are done. What an earlier attempt did may be told late. */
function lastActionAt(attempt: readonly LaunchEvent[], startedAt: Date | undefined, count: number | null): Date | undefined {
  const done = attempt.filter(({ kind, at }) => kind === "ACTION" && startedAt !== undefined && at >= startedAt);
  const last = done.toSorted((one, other) => (one.actionIndex ?? 0) - (other.actionIndex ?? 0)).at(-1);
  return count === null || last?.actionIndex === count - 1 ? last?.at : undefined;
}

/** Never before what came before it. */
function following(begin: Date): (at: Date | undefined) => Date | null {
  let latest = begin;
  return (at) => {
    if (at === undefined) return null;
    if (at > latest) latest = at;
    return latest;
  };
}

const unknown: Span = { startedAt: null, endedAt: null, durationMs: null };

function span(startedAt: Date | null, endedAt: Date | null): Span {
  if (startedAt === null) return unknown;
  return { startedAt, endedAt, durationMs: endedAt === null ? null : Math.min(millisecondsMax, endedAt.getTime() - startedAt.getTime()) };
}

export type Expected = { readonly totalMs: number | null; readonly phaseMs: Readonly<Record<LaunchPhaseName, number | null>> };

/** The medians of starts that came to their end; null where none of them tells. */
export function expectedOf(starts: readonly Launch[]): Expected {
  const of = (phase: LaunchPhaseName) => median(starts.map(({ phases }) => phases.find((one) => one.phase === phase)?.durationMs ?? null));
  return {
    totalMs: median(starts.map(({ durationMs }) => durationMs)),
    phaseMs: { PLACED: of("PLACED"), IMAGE: of("IMAGE"), PROCESS: of("PROCESS"), ACTIONS: of("ACTIONS"), FIRST_PASS: of("FIRST_PASS") },
  };
}

function median(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null).toSorted((one, other) => one - other);
  const [lower, upper] = [known[Math.ceil(known.length / 2) - 1], known[Math.floor(known.length / 2)]];
  return lower === undefined || upper === undefined ? null : Math.round((lower + upper) / 2);
}
