/** What is told of a session, from what Nomad says of its job. Shapes of events and texts are those seen on Nomad 1.11.3. */
import { describe, expect, it } from "vitest";
import { newId } from "../../server/model/ids.ts";
import type { Allocation, Evaluation, TaskEvent, TaskState } from "../../server/scheduler/nomad/api-types.ts";
import { type JobFacts, observe } from "../../server/scheduler/nomad/observe.ts";

const sessionId = newId("session");
const start = Date.parse("2026-11-22T20:00:00Z");
const nanoseconds = (seconds: number): number => (start + seconds * 1000) * 1_000_000;
const event = (seconds: number, Type: string, Details: Record<string, string> = {}, DisplayMessage = ""): TaskEvent => ({
  Type,
  Time: nanoseconds(seconds),
  Details,
  DisplayMessage,
});

type Changes = Partial<Allocation> & {
  readonly state?: "pending" | "running" | "dead";
  readonly restarts?: number;
  readonly events?: readonly TaskEvent[];
};

function allocation({ state = "running", restarts = 0, events = [], ...changes }: Changes = {}): Allocation {
  return {
    ID: "a1",
    JobID: `serai-abc-${sessionId}`,
    NodeID: "n1",
    NodeName: "node-1",
    DesiredStatus: "run",
    ClientStatus: state === "running" ? "running" : "pending",
    TaskStates: { model: { State: state, Failed: state === "dead", Restarts: restarts, Events: events } },
    AllocatedResources: { Tasks: {}, Shared: { Ports: [{ Label: "http", Value: 20_123, HostIP: "127.0.0.1" }] } },
    CreateIndex: 10,
    CreateTime: nanoseconds(0),
    ModifyTime: nanoseconds(9),
    ...changes,
  };
}

const evaluation = (changes: Partial<Evaluation>): Evaluation => ({
  ID: "e1",
  JobID: `serai-abc-${sessionId}`,
  Status: "pending",
  TriggeredBy: "job-register",
  CreateIndex: 9,
  ModifyIndex: 9,
  ...changes,
});
const observed = (facts: Partial<JobFacts>) =>
  observe(
    { sessionId, wanted: true, actionCount: 0, gang: null, allocations: [], evaluations: [], ...facts },
    { outputOf: () => "last words", startOf: () => null },
  );

const started = event(1, "Started");
const exited = event(2, "Terminated", { exit_code: "3", signal: "0" });
const failed = allocation({ state: "dead", ClientStatus: "failed", FollowupEvalID: "follow", events: [started, exited, event(2, "Not Restarting")] });

describe("an observation of a session whose image is pulled by a task before", () => {
  const withPull = (pull: Pick<TaskState, "State" | "Failed" | "Events">, changes: Changes = {}): Allocation => {
    const whole = allocation({ state: "pending", ...changes });
    return { ...whole, TaskStates: { pull: { Restarts: 0, ...pull }, ...whole.TaskStates } };
  };
  const refused = event(1, "Driver Failure", {}, "Failed to pull `a.b/c:1`: unauthorized: authentication required");
  const restarting = event(2, "Restarting", { start_delay: "1000000000" });
  const of = (one: Allocation) => observed({ allocations: [one] });

  it("is being prepared while the image is pulled, and runs when its own task does", () => {
    const pulling = of(withPull({ State: "running", Failed: false, Events: [event(1, "Started")] }));
    expect(pulling).toMatchObject({ state: "PLACED", address: null, lastExit: null });
    const pulled = { State: "dead", Failed: false, Events: [event(1, "Started"), event(2, "Terminated", { exit_code: "0" })] } as const;
    expect(of(withPull(pulled))).toMatchObject({ state: "PLACED", lastExit: null });
    const running = of(withPull(pulled, { state: "running", events: [event(3, "Started")] }));
    expect(running).toMatchObject({ state: "RUNNING", address: { port: 20_123 }, lastExit: null });
    expect(running.events.filter(({ kind }) => kind === "STARTED")).toHaveLength(1);
  });

  it("backs off where the image cannot be pulled, and says why, also when it runs after all", () => {
    const waits = of(withPull({ State: "pending", Failed: false, Events: [refused, restarting] }));
    expect(waits).toMatchObject({ state: "BACKING_OFF", retryAt: new Date(start + 3000) });
    expect(waits.lastExit?.message).toContain("unauthorized");
    const gaveUp = withPull(
      { State: "dead", Failed: true, Events: [refused, event(2, "Not Restarting")] },
      { ClientStatus: "failed", state: "dead" },
    );
    expect(of(gaveUp)).toMatchObject({ state: "BACKING_OFF", lastExit: { message: expect.stringContaining("unauthorized") } });
    const runs = of(withPull({ State: "dead", Failed: false, Events: [refused, restarting, event(4, "Terminated")] }, { state: "running" }));
    expect(runs).toMatchObject({ state: "RUNNING", lastExit: { message: expect.stringContaining("unauthorized") } });
  });
});

describe("an observation from Nomad", () => {
  it("tells an address only while the task runs", () => {
    expect(observed({ allocations: [allocation({ events: [started] })] })).toMatchObject({
      state: "RUNNING",
      attempt: "a1:0",
      address: { host: "127.0.0.1", port: 20_123 },
      node: { id: "n1", name: "node-1" },
      lastExit: null,
    });
    expect(observed({ allocations: [allocation({ state: "pending" })] })).toMatchObject({ state: "PLACED", address: null });
    expect(observed({ allocations: [allocation({ ClientStatus: "unknown" })] })).toMatchObject({ address: null });
    expect(observed({ wanted: false, allocations: [allocation()] })).toMatchObject({ state: "STOPPING", address: null });
  });

  it("backs off for the restart's delay, and is another attempt afterwards", () => {
    const events = [started, exited, event(2, "Restarting", { start_delay: "1200000000" })];
    const waiting = observed({ allocations: [allocation({ state: "pending", restarts: 1, events })] });
    expect(waiting).toMatchObject({ state: "BACKING_OFF", attempt: "a1:1", retryAt: new Date(start + 3200), address: null });
    expect(waiting.lastExit).toEqual({
      code: 3,
      signal: null,
      action: null,
      outOfMemory: false,
      at: new Date(start + 2000),
      message: null,
      outputTail: "last words",
    });
  });

  it("backs off until the follow-up evaluation of the newest allocation is due, not an older one's", () => {
    const evaluations = [
      evaluation({ ID: "older", WaitUntil: new Date(start + 4000).toISOString() }),
      evaluation({ ID: "follow", WaitUntil: new Date(start + 12_000).toISOString() }),
    ];
    expect(observed({ allocations: [failed], evaluations })).toMatchObject({ state: "BACKING_OFF", retryAt: new Date(start + 12_000) });
  });

  it("does not hide a failure while Nomad still decides when to place it again", () => {
    expect(observed({ allocations: [failed] })).toMatchObject({ state: "BACKING_OFF", retryAt: new Date(start + 7000) });
  });

  it.each([
    ["a signal", { exit_code: "137", signal: "9" }, { code: null, signal: "SIGKILL", outOfMemory: false }],
    ["a container's signal", { exit_code: "143", signal: "0" }, { code: null, signal: "SIGTERM", outOfMemory: false }],
    ["too much memory", { exit_code: "137", oom_killed: "true" }, { code: null, signal: "SIGKILL", outOfMemory: true }],
    ["an exit", { exit_code: "127" }, { code: 127, signal: null, outOfMemory: false }],
  ])("names what ended it: %s", (_, details, exit) => {
    expect(observed({ allocations: [allocation({ events: [event(2, "Terminated", details)] })] }).lastExit).toMatchObject(exit);
  });

  it.each([
    ["was given", { MemoryMB: 64, MemoryMaxMB: 0 }, 64],
    ["could have where nobody else needs it", { MemoryMB: 64, MemoryMaxMB: 128 }, 128],
  ])("says how much it could use where it needed more memory: what it %s", (_, Memory, limit) => {
    const model = { Cpu: { CpuShares: 100 }, Memory };
    const events = [event(2, "Terminated", { exit_code: "137", oom_killed: "true" })];
    const { lastExit } = observed({ allocations: [allocation({ events, AllocatedResources: { Tasks: { model }, Shared: {} } })] });
    expect(lastExit).toMatchObject({ outOfMemory: true, memoryLimitMiB: limit });
  });

  it("says in words why there was no process to exit", () => {
    const events = [event(1, "Driver Failure", {}, "failed to pull `none:1`")];
    const { lastExit, events: told } = observed({ allocations: [allocation({ state: "pending", events })] });
    expect(lastExit).toMatchObject({ code: null, signal: null, message: "Failed to pull `none:1`." });
    expect(told.map(({ kind }) => kind)).toEqual(["PLACED", "START_FAILED"]);
  });

  it("tells why it is not placed, with Nomad's numbers", () => {
    const metric = {
      NodesEvaluated: 2,
      NodesFiltered: 1,
      NodesExhausted: 1,
      ConstraintFiltered: { "missing drivers": 1 },
      DimensionExhausted: { memory: 1 },
    };
    const { state, attempt, node, unplaced } = observed({ evaluations: [evaluation({ Status: "blocked", FailedTGAllocs: { route: metric } })] });
    expect({ state, attempt, node }).toEqual({ state: "UNPLACED", attempt: null, node: null });
    expect(unplaced).toEqual({
      nodesEvaluated: 2,
      nodesFiltered: 1,
      nodesExhausted: 1,
      constraintFiltered: { "missing drivers": 1 },
      dimensionExhausted: { memory: 1 },
      message: null,
    });
  });

  it("a blocked evaluation without numbers is a fact as well: its reason is found from the machines", () => {
    expect(observed({ evaluations: [evaluation({ Status: "blocked" })] }).unplaced).toMatchObject({ nodesEvaluated: 0, message: null });
  });

  it("is gone only when nothing runs and nothing can be placed any more", () => {
    const over = allocation({ state: "dead", ClientStatus: "complete", DesiredStatus: "stop" });
    expect(observed({ wanted: false, allocations: [allocation()] }).state).toBe("STOPPING");
    expect(observed({ wanted: false, evaluations: [evaluation({})] }).state).toBe("STOPPING");
    expect(observed({ wanted: false, allocations: [over], evaluations: [evaluation({ WaitUntil: new Date(start).toISOString() })] }).state).toBe(
      "GONE",
    );
    expect(observed({ wanted: false, allocations: [over] }).state).toBe("GONE");
  });

  it("a lost machine ends the attempt, and the session goes on elsewhere", () => {
    const lost = allocation({ ClientStatus: "lost", events: [started] });
    expect(observed({ allocations: [lost] })).toMatchObject({
      state: "UNPLACED",
      address: null,
      lastExit: { message: expect.stringContaining("node-1 was lost") },
    });
    const next = allocation({ ID: "a2", NodeName: "node-2", CreateIndex: 20, CreateTime: nanoseconds(10) });
    const { state, node, events } = observed({ allocations: [lost, next] });
    expect({ state, node: node?.name, kinds: events.map(({ kind }) => kind) }).toEqual({
      state: "RUNNING",
      node: "node-2",
      kinds: ["PLACED", "STARTED", "LOST", "PLACED"],
    });
  });

  it("tells the same events under the same keys each time, oldest first", () => {
    const next = allocation({ ID: "a2", CreateIndex: 20, CreateTime: nanoseconds(7), events: [event(8, "Started")] });
    const { events } = observed({ allocations: [next, failed] });
    expect(events.map(({ kind }) => kind)).toEqual(["PLACED", "STARTED", "EXITED", "NOTE", "PLACED", "STARTED"]);
    expect(observed({ allocations: [failed, next] }).events).toEqual(events);
    expect(new Set(events.map(({ key }) => key)).size).toBe(events.length);
  });
});

describe("an observation of a gang on machines of its own", () => {
  const gang = { mode: "MULTI_NODE", size: 3, attempt: 2, failures: 1 } as const;
  const member = (rank: number, { state = "running", events = [started], ...changes }: Changes = {}, attempt = 2): Allocation =>
    allocation({
      ID: `a${attempt}${rank}`,
      NodeName: `node-${rank + 1}`,
      TaskGroup: rank === 0 ? "route" : `worker-${rank}`,
      TaskStates: { [attempt === 1 ? "model" : `model.${attempt}`]: { State: state, Failed: state === "dead", Restarts: 0, Events: events } },
      CreateIndex: attempt * 10,
      ...changes,
    });
  const whole = [member(0), member(1), member(2)];
  const dead = member(2, { state: "dead", ClientStatus: "failed", events: [started, exited] });

  it("runs when all its members do, at main's address", () => {
    expect(observed({ gang, allocations: whole })).toMatchObject({ state: "RUNNING", attempt: "a20:0", node: { name: "node-1" } });
    expect(observed({ gang, allocations: [member(0), member(1), member(2, { state: "pending" })] })).toMatchObject({
      state: "PLACED",
      address: null,
    });
  });

  it("is broken by any member that ends, and awaits to be asked, later each time", () => {
    const broken = observed({ gang, allocations: [member(0), member(1), dead] });
    expect(broken).toMatchObject({ state: "BACKING_OFF", address: null, awaitsRetry: true, retryAt: new Date(start + 4000) });
    expect(broken.lastExit).toMatchObject({ member: 2, code: 3 });
    const later = observed({ gang: { ...gang, failures: 4 }, allocations: [member(0), member(1), dead] });
    expect(later.retryAt).toEqual(new Date(start + 18_000));
  });

  it("is broken as well where Nomad has placed a member anew by itself: the others do not know of it", () => {
    const lost = member(1, { ClientStatus: "lost", DesiredStatus: "stop" });
    const broken = observed({ gang, allocations: [...whole.filter((one) => one.ID !== lost.ID), lost, member(1, { ID: "b", CreateIndex: 30 })] });
    expect(broken).toMatchObject({ state: "BACKING_OFF", awaitsRetry: true, lastExit: { member: 1 } });
    expect(broken.lastExit?.message).toBe("node-2 was lost with worker 1: Nomad does not hear of the machine any more.");
  });

  it("is not judged by members of earlier attempts, but remembers which of them ended it", () => {
    const killed = [started, event(3, "Killing"), event(4, "Terminated", { exit_code: "143", signal: "15" })];
    const before = [
      member(0, { state: "dead", ClientStatus: "complete", DesiredStatus: "stop", events: killed }, 1),
      member(1, { state: "dead", ClientStatus: "failed", DesiredStatus: "stop", events: [started, exited] }, 1),
    ];
    const again = observed({ gang, allocations: [...before, ...whole] });
    expect(again).toMatchObject({ state: "RUNNING", lastExit: { member: 1, code: 3 } });
    expect(again.events.map(({ message }) => message).filter((message) => /ended|exited/.test(message))).toEqual(["Worker 1 exited with code 3."]);
    expect(observed({ gang, allocations: before })).toMatchObject({ state: "UNPLACED", node: null });
  });

  it("waits while a member has no place, and tells how many have", () => {
    const metric = { NodesEvaluated: 3, NodesFiltered: 3, NodesExhausted: 0, ConstraintFiltered: { distinct_hosts: 2 }, DimensionExhausted: null };
    const evaluations = [evaluation({ Status: "blocked", FailedTGAllocs: { "worker-2": metric } })];
    expect(observed({ gang, allocations: [member(0), member(1)], evaluations })).toMatchObject({
      state: "UNPLACED",
      address: null,
      unplaced: { nodesEvaluated: 3, members: { placed: 2, size: 3 } },
    });
  });
});

describe("an observation of a gang on one machine", () => {
  const gang = { mode: "SINGLE_NODE", size: 2, attempt: 1, failures: 0 } as const;
  const both = (main: TaskState, worker: TaskState): Allocation => allocation({ TaskStates: { "worker-1": worker, model: main } });
  const task = (State: TaskState["State"], Events: readonly TaskEvent[], Failed = false): TaskState => ({ State, Failed, Restarts: 0, Events });

  it("runs when all its members do, and is broken by the one that ended first", () => {
    const killed = [started, event(2, "Killing"), event(3, "Terminated", { exit_code: "143" })];
    expect(observed({ gang, allocations: [both(task("running", [started]), task("running", [started]))] }).state).toBe("RUNNING");
    expect(observed({ gang, allocations: [both(task("running", [started]), task("pending", []))] }).state).toBe("PLACED");
    expect(observed({ gang, allocations: [both(task("dead", killed), task("dead", [started, exited], true))] })).toMatchObject({
      state: "BACKING_OFF",
      lastExit: { member: 1, code: 3 },
    });
  });
});
