/**
 * The next step of one validation: pure. Its session is submitted, watched until the first health check passes, and ended; whatever
 * happens before that pass is the verdict, once, without another try. A machine that was lost is no fault of the model's: the
 * scheduler starts it elsewhere, and its time begins anew.
 *
 * The time limit is given twice, as a route has it: until its process runs, and from there to the first pass.
 */
import { isDeepStrictEqual } from "node:util";
import type { LaunchEvent } from "../model/launch-timeline.ts";
import { initialDelayDefaultSeconds, servedModel } from "../model/model-definition.ts";
import { routeStatusMessages, type RouteStatus } from "../model/route-status.ts";
import type { Failure } from "../model/service-status.ts";
import type { Observation, SessionEvent, SessionExit, UnplacedFacts } from "../model/session.ts";
import { sessionOf } from "../model/session-of.ts";
import { runningSentence } from "../model/start-report.ts";
import { nextValidationStatus, type ValidationChange, type ValidationState, type ValidationVerdict } from "../model/validation.ts";
import { explain } from "../model/why.ts";
import { whyEnded, whyNeverHealthy } from "../model/why/ended.ts";
import { questionOf } from "../model/why/question.ts";
import { reportOfEnd } from "./failure-entry.ts";
import type { Target } from "./probe.ts";

/** What the last probe of the session said. */
export type LastProbe = { readonly attempt: string; readonly passed: boolean; readonly detail: string };

export type ValidationStep = {
  /** Carried out before the change is written: safe to repeat, should the write not come to pass. */
  readonly action: "submit" | "stop" | null;
  readonly change: ValidationChange | null;
  /** Where it is to be probed now. */
  readonly target: Target | null;
  readonly lookAgainAt: Date | null;
};

const nothing: ValidationStep = { action: null, change: null, target: null, lookAgainAt: null };
type Why = Pick<Failure, "cause" | "message" | "hint">;

/** How soon a stop that shows no effect is asked for again. */
const stopAgainMs = 10_000;
/** What an attempt tells more than that is not kept. */
const eventsMax = 300;

export function stepOf(validation: ValidationState, seen: Observation | undefined, lastProbe: LastProbe | null): ValidationStep {
  switch (validation.status) {
    case "PENDING":
      return submit(validation);
    case "RUNNING":
      return validation.cancelling
        ? { ...nothing, change: decide(validation, seen, "CANCELLED", "Cancelled.") }
        : follow(validation, seen, lastProbe);
    case "CLEANING_UP":
      return cleanUp(validation, seen);
    case "PASSED":
    case "FAILED":
    case "CANCELLED":
      return nothing;
  }
}

function submit(validation: ValidationState): ValidationStep {
  const { readAt, createdAt, timeLimitSeconds, cancelling } = validation;
  if (cancelling) return { ...nothing, change: decide(validation, undefined, "CANCELLED", "Cancelled before it began.") };
  const deadline = after(createdAt, timeLimitSeconds);
  if (readAt >= deadline) {
    return { ...nothing, change: fail(validation, undefined, notStarted(`It could not be handed to the scheduler within ${timeLimitSeconds} s`)) };
  }
  const launchEvents = [happened("PENDING", createdAt), happened("SCHEDULING", readAt)];
  const statusReason = routeStatusMessages.SCHEDULING;
  return {
    ...nothing,
    action: "submit",
    change: { believed: "PENDING", status: nextValidationStatus.PENDING.SUBMITTED, statusReason, launchEvents },
    lookAgainAt: deadline,
  };
}

const notStarted = (message: string): Why => ({ cause: "START_FAILED", message, hint: null });

function follow(validation: ValidationState, seen: Observation | undefined, lastProbe: LastProbe | null): ValidationStep {
  const failed = seen === undefined ? removed : failureIn(seen);
  if (failed !== null) return { ...nothing, change: fail(validation, seen, failed, seen?.lastExit ?? null) };
  if (seen === undefined) return nothing;
  const probe = lastProbe !== null && lastProbe.attempt === seen.attempt && seen.state === "RUNNING" ? lastProbe : null;
  if (probe?.passed === true) return { ...nothing, change: pass(validation, seen) };
  const known = { ...validation, ...observed(validation, seen, probe) };
  const { deadline, why } = limitOf(known, seen, probe);
  // Nobody has asked it yet: while Serai was away it may have come up in time.
  const isAsked = seen.address === null || probe !== null;
  if (validation.readAt >= deadline && isAsked) return { ...nothing, change: fail(validation, seen, why) };
  return { ...nothing, change: difference(validation, known), target: targetOf(validation, seen), lookAgainAt: isAsked ? deadline : null };
}

const removed: Why = { cause: "LOST", message: "Its session is gone: it was removed from outside.", hint: null };

/** The end of its process, or of its session. */
function failureIn(seen: Observation): Why | null {
  if (seen.lastExit !== null || seen.state === "BACKING_OFF") return whyEnded(seen.lastExit);
  return seen.state === "GONE" || seen.state === "STOPPING" ? removed : null;
}

/** Until when what it waits for may take, and what is to be said when it took longer. */
function limitOf(validation: ValidationState, seen: Observation, probe: LastProbe | null): { readonly deadline: Date; readonly why: Why } {
  const { timeLimitSeconds, revision, launchEvents, createdAt } = validation;
  if (seen.state !== "RUNNING") {
    const message = `Its process was not started within ${timeLimitSeconds} s`;
    return {
      deadline: after(atOf(launchEvents, "SCHEDULING") ?? createdAt, timeLimitSeconds),
      why: seen.state === "UNPLACED" ? whyNotPlaced(seen, validation) : notStarted(seen.node === null ? message : `${message}, on ${seen.node.name}`),
    };
  }
  const { port, health_check: check } = servedModel(revision.definition).service;
  const why = whyNeverHealthy({
    waitedSeconds: timeLimitSeconds,
    port,
    path: check?.path ?? null,
    lastProbe: probe?.detail ?? null,
    step: seen.step,
  });
  const isShort = timeLimitSeconds < (check?.initial_delay ?? initialDelayDefaultSeconds);
  return {
    deadline: after(atOf(launchEvents, "WARMING_UP") ?? createdAt, timeLimitSeconds),
    why: isShort ? { ...why, hint: "A route would have more time: allow it here with timeLimitSeconds." } : why,
  };
}

/** It belongs to nobody whose session it could stop: what holds the room is named, as to everybody of the project. */
function whyUnplaced({ id, name, projectId, sessionId, revision }: ValidationState, facts: UnplacedFacts): string {
  const session = sessionOf({ id, name: name ?? "validation", projectId }, revision, { id, sessionId }, []);
  return explain(questionOf(session, facts)).sentence;
}

function whyNotPlaced({ unplaced }: Observation, validation: ValidationState): Why {
  const { timeLimitSeconds } = validation;
  const facts = unplaced === null ? "" : ` ${whyUnplaced(validation, unplaced)}`;
  return { cause: "NOT_PLACED", message: `No machine was found within ${timeLimitSeconds} s.${facts}`, hint: null };
}

/** Everything that its start tells is kept, also what is told while it ends. */
function cleanUp(validation: ValidationState, seen: Observation | undefined): ValidationStep {
  const { verdict, readAt } = validation;
  if (verdict === null) throw new Error("a validation is cleaned up without a verdict");
  const change = seen === undefined ? null : difference(validation, { launchEvents: withNews(validation, seen) });
  if (seen !== undefined && seen.state !== "GONE") {
    return { ...nothing, action: "stop", change, lookAgainAt: new Date(readAt.getTime() + stopAgainMs) };
  }
  const status = nextValidationStatus.CLEANING_UP[`GONE_${verdict}`];
  // One that is not known is stopped all the same: a submission may arrive late.
  return { ...nothing, action: seen === undefined ? "stop" : null, change: { believed: "CLEANING_UP", ...change, status } };
}

function pass(validation: ValidationState, seen: Observation): ValidationChange {
  const { readAt, createdAt } = validation;
  const decided = decide(validation, seen, "PASSED", "");
  const begin = atOf(decided.launchEvents ?? [], "SCHEDULING") ?? createdAt;
  return { ...decided, statusReason: `Its first health check passed after ${((readAt.getTime() - begin.getTime()) / 1000).toFixed(1)} s.` };
}

/** A verdict that something else than what was seen of the session leads to as well. */
export function fail(validation: ValidationState, seen: Observation | undefined, why: Why, exit: SessionExit | null = null): ValidationChange {
  const node = seen?.node?.name ?? validation.node;
  const failure = { ...why, at: validation.readAt.toISOString(), ...reportOfEnd(exit), node };
  return { ...decide(validation, seen, "FAILED", why.message), failure };
}

function decide(validation: ValidationState, seen: Observation | undefined, verdict: ValidationVerdict, statusReason: string): ValidationChange {
  const { status: believed, launchEvents } = validation;
  const known = seen === undefined ? { launchEvents } : observed(validation, seen, null);
  const end = happened(verdict === "PASSED" ? "HEALTHY" : "DRAINING", validation.readAt);
  const status = nextValidationStatus[believed].DECIDED;
  return { ...known, believed, status, verdict, statusReason, launchEvents: [...known.launchEvents, end] };
}

type Seen = Pick<ValidationState, "node" | "attempt" | "statusReason" | "launchEvents">;

/** What the row says once this was seen. */
const observed = (validation: ValidationState, seen: Observation, probe: LastProbe | null): Seen => ({
  node: seen.node?.name ?? validation.node,
  attempt: seen.attempt ?? validation.attempt,
  statusReason: sentenceOf(seen, validation, probe),
  launchEvents: withNews(validation, seen),
});

function sentenceOf(seen: Observation, validation: ValidationState, probe: LastProbe | null): string {
  const { statusReason } = validation;
  const on = seen.node === null ? "" : ` on ${seen.node.name}`;
  if (seen.state === "UNPLACED") return seen.unplaced === null ? routeStatusMessages.SCHEDULING : whyUnplaced(validation, seen.unplaced);
  if (seen.state === "PLACED") return `Placed${on}.`;
  if (seen.state !== "RUNNING") return statusReason;
  if (seen.step !== null) return runningSentence(seen.step);
  const soFar = probe === null ? "" : `, so far: ${probe.detail}`;
  return `The process runs${on}; its first health check is awaited${soFar}.`;
}

const toldOf: readonly SessionEvent["kind"][] = ["PLACED", "STARTED", "ACTION", "NOTE"];

/** As a route's history would have it. */
function withNews({ launchEvents, attempt, readAt }: ValidationState, seen: Observation): readonly LaunchEvent[] {
  const isAnew = attempt !== null && seen.attempt !== null && seen.attempt !== attempt;
  const before = isAnew ? [...launchEvents, happened("SCHEDULING", readAt)] : launchEvents;
  const known = new Set(launchEvents.map(keyOf));
  const told = seen.events.filter(({ kind }) => toldOf.includes(kind)).map(toLaunchEvent);
  const news = told.filter((event) => !known.has(keyOf(event))).slice(0, Math.max(0, eventsMax - before.length));
  const isThere = seen.state === "PLACED" || seen.state === "RUNNING";
  const reached: RouteStatus[] = [...(isThere ? (["PREPARING"] as const) : []), ...(seen.state === "RUNNING" ? (["WARMING_UP"] as const) : [])];
  const statuses = reached.filter((status) => atOf(before, status) === null).map((status) => happened(status, readAt));
  return [...before, ...news, ...statuses];
}

const happened = (status: RouteStatus, at: Date): LaunchEvent => ({
  kind: "STATUS",
  status,
  at,
  message: routeStatusMessages[status],
  actionIndex: null,
});
const toLaunchEvent = ({ kind, at, message, action }: SessionEvent): LaunchEvent => ({
  kind,
  status: null,
  at,
  message,
  actionIndex: action?.index ?? null,
});
const keyOf = ({ kind, at, actionIndex, message }: LaunchEvent): string => `${kind} ${at.getTime()} ${actionIndex} ${message}`;

/** When the newest attempt came to be so. */
function atOf(events: readonly LaunchEvent[], status: RouteStatus): Date | null {
  const first = events.findLastIndex((event) => event.status === "SCHEDULING");
  return events.slice(Math.max(0, first)).find((event) => event.status === status)?.at ?? null;
}

function targetOf({ revision }: ValidationState, { state, address, attempt }: Observation): Target | null {
  if (state !== "RUNNING" || address === null || attempt === null) return null;
  return { ...address, attempt, healthCheck: servedModel(revision.definition).service.health_check ?? null, warmingUp: true, failing: false };
}

const after = (instant: Date, seconds: number): Date => new Date(instant.getTime() + seconds * 1000);

/** Only what differs from what is written already; null where nothing does. */
function difference(validation: ValidationState, wanted: Partial<Seen>): ValidationChange | null {
  const names = ["node", "attempt", "statusReason", "launchEvents"] as const;
  const changed = names.filter((name) => wanted[name] !== undefined && !isDeepStrictEqual(wanted[name], validation[name]));
  if (changed.length === 0) return null;
  return { believed: validation.status, ...Object.fromEntries(changed.map((name) => [name, wanted[name]])) };
}
