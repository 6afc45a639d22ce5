/** What is to be done next for a validation: every status, every observation. */
import { describe, expect, test } from "vitest";
import { stepOf, type LastProbe } from "../../server/control/validation-step.ts";
import type { Observation } from "../../server/model/session.ts";
import { isFinal, nextValidationStatus, validationEvents, validationStatuses } from "../../server/model/validation.ts";
import type { ValidationState, ValidationStatus } from "../../server/model/validation.ts";
import { runnable } from "./simulated-service.ts";

/** Each row: a status, and what it becomes at SUBMITTED DECIDED GONE_PASSED GONE_FAILED GONE_CANCELLED ("." stays). */
const table: Record<ValidationStatus, string> = {
  PENDING: "RUNNING CLEANING_UP . . .",
  RUNNING: ". CLEANING_UP . . .",
  CLEANING_UP: ". . PASSED FAILED CANCELLED",
  PASSED: ". . . . .",
  FAILED: ". . . . .",
  CANCELLED: ". . . . .",
};

describe.each(validationStatuses)("a validation that is %s", (status) => {
  const cells = table[status].split(" ").map((next) => (next === "." ? status : next));
  test.each(validationEvents.map((event, index) => ({ event, next: cells[index] })))("becomes $next at $event", ({ event, next }) => {
    expect(nextValidationStatus[status][event]).toBe(next);
    // A verdict is final only when nothing of the session is left.
    if (isFinal(nextValidationStatus[status][event]) && !isFinal(status)) expect(status).toBe("CLEANING_UP");
  });
});

const at = (second: number): Date => new Date(Date.UTC(2026, 0, 1) + second * 1000);
const status = (name: "PENDING" | "SCHEDULING" | "WARMING_UP", second: number) => ({
  kind: "STATUS",
  status: name,
  at: at(second),
  message: "",
  actionIndex: null,
});
const submitted = [status("PENDING", 0), status("SCHEDULING", 1)];
const started = [...submitted, status("WARMING_UP", 2)];

const validation = (fields: Partial<ValidationState>): ValidationState => ({
  readAt: at(5),
  id: "val_0" as ValidationState["id"],
  projectId: "prj_0" as ValidationState["projectId"],
  name: null,
  shard: 0,
  sessionId: "ses_0" as ValidationState["sessionId"],
  status: "RUNNING",
  verdict: null,
  statusReason: "",
  cancelling: false,
  timeLimitSeconds: 60,
  node: "n",
  attempt: "1",
  launchEvents: started,
  createdAt: at(0),
  revision: runnable,
  secrets: [],
  ...fields,
});
const seen = (fields: Partial<Observation> = {}): Observation => ({
  sessionId: "ses_0" as Observation["sessionId"],
  state: "RUNNING",
  attempt: "1",
  node: { id: "n", name: "n" },
  address: { host: "127.0.0.1", port: 4000 },
  retryAt: null,
  lastExit: null,
  unplaced: null,
  step: null,
  events: [],
  ...fields,
});
const probe = (fields: Partial<LastProbe> = {}): LastProbe => ({ attempt: "1", passed: false, detail: "refused", ...fields });
const exit = { code: 1, signal: null, outOfMemory: false, at: at(4), outputTail: "no weights", message: null, action: null };
const noPlace = { state: "UNPLACED", attempt: null, node: null, address: null } as const;

type Case = {
  readonly it: string;
  readonly has: Partial<ValidationState>;
  readonly sees?: Observation;
  readonly probed?: LastProbe;
  readonly does: { readonly action?: "submit" | "stop"; readonly change?: object; readonly lookAgainAt?: Date; readonly target?: object };
};
const failed = (failure: object) => ({ status: "CLEANING_UP", verdict: "FAILED", failure: expect.objectContaining(failure) });
const fresh = { launchEvents: [], attempt: null, node: null };

test.each<Case>([
  {
    it: "what waits is submitted, and its time begins",
    has: { status: "PENDING", ...fresh },
    does: { action: "submit", change: { status: "RUNNING" }, lookAgainAt: at(60) },
  },
  {
    it: "what waits is given up when the scheduler does not take it in time",
    has: { status: "PENDING", ...fresh, readAt: at(60) },
    does: { change: failed({ cause: "START_FAILED", message: "It could not be handed to the scheduler within 60 s" }) },
  },
  {
    it: "what waits is not begun when somebody cancels it",
    has: { status: "PENDING", ...fresh, cancelling: true },
    does: { change: { status: "CLEANING_UP", verdict: "CANCELLED" } },
  },
  {
    it: "without a place it waits, and says why",
    has: { launchEvents: submitted, attempt: null },
    sees: seen({ ...noPlace }),
    does: { change: { statusReason: "A machine is being looked for." }, lookAgainAt: at(61) },
  },
  {
    it: "without a place within its time it fails",
    has: { launchEvents: submitted, attempt: null, readAt: at(61) },
    sees: seen({ ...noPlace }),
    does: { change: failed({ cause: "NOT_PLACED" }) },
  },
  {
    it: "a machine that does not start it within its time is a failure",
    has: { launchEvents: submitted, attempt: null, readAt: at(61) },
    sees: seen({ state: "PLACED", address: null }),
    does: { change: failed({ cause: "START_FAILED", message: "Its process was not started within 60 s, on n" }) },
  },
  {
    it: "what runs is probed",
    has: {},
    sees: seen(),
    does: { target: { host: "127.0.0.1", port: 4000, attempt: "1", warmingUp: true } },
  },
  {
    it: "a failed probe is told, and the wait goes on",
    has: {},
    sees: seen(),
    probed: probe(),
    does: { change: { statusReason: "The process runs on n; its first health check is awaited, so far: refused." }, lookAgainAt: at(62), target: {} },
  },
  {
    it: "a passed probe is the verdict",
    has: {},
    sees: seen(),
    probed: probe({ passed: true }),
    does: { change: { status: "CLEANING_UP", verdict: "PASSED", statusReason: "Its first health check passed after 4.0 s." } },
  },
  { it: "a passed probe of an earlier attempt is none", has: {}, sees: seen(), probed: probe({ passed: true, attempt: "0" }), does: { target: {} } },
  {
    it: "the end of its process is the verdict, also where a probe has passed meanwhile",
    has: {},
    sees: seen({ lastExit: exit }),
    probed: probe({ passed: true }),
    does: { change: failed({ cause: "EXITED", exitCode: 1, outputTail: "no weights", node: "n" }) },
  },
  {
    it: "the end of its time is the verdict, with what the last probe said",
    has: { readAt: at(62) },
    sees: seen(),
    probed: probe(),
    does: { change: failed({ cause: "NEVER_HEALTHY", message: expect.stringContaining("refused") }) },
  },
  {
    it: "where nobody has asked it yet it is asked first, though its time is over",
    has: { readAt: at(9999) },
    sees: seen(),
    does: { target: { port: 4000 } },
  },
  {
    it: "what never listened needs no asking",
    has: { readAt: at(62) },
    sees: seen({ address: null }),
    does: { change: failed({ message: "Nothing listened on port 8000 within 60 s of the start" }) },
  },
  {
    it: "a lost machine is no verdict: its time begins anew with the next attempt",
    has: { readAt: at(62) },
    sees: seen({ attempt: "2", address: null }),
    does: { change: { attempt: "2" }, lookAgainAt: at(122) },
  },
  { it: "a session that somebody removed is a failure", has: {}, does: { change: failed({ cause: "LOST" }) } },
  { it: "a session that somebody stops is a failure", has: {}, sees: seen({ state: "STOPPING" }), does: { change: failed({ cause: "LOST" }) } },
  { it: "cancelled is cancelled", has: { cancelling: true }, sees: seen(), does: { change: { status: "CLEANING_UP", verdict: "CANCELLED" } } },
  {
    it: "with a verdict it is stopped, again and again until it is gone",
    has: { status: "CLEANING_UP", verdict: "PASSED", cancelling: true },
    sees: seen({ state: "STOPPING" }),
    does: { action: "stop", lookAgainAt: at(15) },
  },
  {
    it: "gone, the verdict is final",
    has: { status: "CLEANING_UP", verdict: "PASSED", cancelling: true },
    sees: seen({ state: "GONE" }),
    does: { change: { status: "PASSED" } },
  },
  {
    it: "one that the scheduler does not know is stopped all the same",
    has: { status: "CLEANING_UP", verdict: "CANCELLED" },
    does: { action: "stop", change: { status: "CANCELLED" } },
  },
  { it: "what is final is left alone", has: { status: "FAILED", verdict: "FAILED" }, sees: seen(), does: {} },
])("$it", ({ has, sees, probed, does }) => {
  const step = stepOf(validation(has), sees, probed ?? null);
  expect(step.action).toBe(does.action ?? null);
  if (does.change !== undefined) expect(step.change).toMatchObject(does.change);
  if (does.lookAgainAt !== undefined) expect(step.lookAgainAt).toEqual(does.lookAgainAt);
  expect(step.target).toEqual(does.target === undefined ? null : expect.objectContaining(does.target));
});

test("what is seen again is not written again", () => {
  const start = { key: "s", at: at(2), kind: "STARTED" as const, message: "Started." };
  const action = { index: 0, action: "run_command", exitCode: 0, timedOut: false, durationMs: 1, out: "", err: "", outCut: false, errCut: false };
  const observation = seen({ events: [start, { key: "a", at: at(3), kind: "ACTION", message: "Done.", action }] });
  const before = validation({});
  const { change } = stepOf(before, observation, probe());
  expect(change?.launchEvents?.map(({ kind }) => kind)).toEqual(["STATUS", "STATUS", "STATUS", "STARTED", "ACTION", "STATUS"]);
  const { believed: _believed, failure: _failure, ...written } = change ?? { believed: "RUNNING" as const };
  expect(stepOf({ ...before, ...written } as ValidationState, observation, probe()).change).toBeNull();
});
