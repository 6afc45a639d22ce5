/** Whose is what Nomad tells of a job that several sessions had in turn. */
import { describe, expect, it } from "vitest";
import { newId, type SessionId } from "../../server/model/ids.ts";
import { nextInSeat } from "../../server/model/seat.ts";
import type { Allocation, Evaluation, JobStub } from "../../server/scheduler/nomad/api-types.ts";
import { openJobState } from "../../server/scheduler/nomad/state.ts";
import { taskNameOf } from "../../server/scheduler/nomad/task.ts";

const first = newId("session");
const second = nextInSeat(first);
const third = nextInSeat(second);
const jobId = `serai-abc-${first}`;

const allocation = (id: SessionId, index: number, changes: Partial<Allocation> = {}): Allocation => ({
  ID: `a${index}`,
  JobID: jobId,
  NodeID: "n1",
  NodeName: "node-1",
  DesiredStatus: "run",
  ClientStatus: "running",
  AllocatedResources: { Tasks: { [taskNameOf(id)]: { Cpu: { CpuShares: 1 }, Memory: { MemoryMB: 1 } } }, Shared: {} },
  CreateIndex: index,
  CreateTime: 0,
  ModifyTime: 0,
  ...changes,
});
const job = (holder: SessionId, meta: Record<string, string> = {}, changes: Partial<JobStub> = {}): JobStub => ({
  ID: jobId,
  Name: "chat-2-rt_1",
  NodePool: "default",
  Stop: false,
  JobModifyIndex: 50,
  Meta: { serai_session: holder, ...meta },
  ...changes,
});
const evaluation: Evaluation = { ID: "e1", JobID: jobId, Status: "blocked", TriggeredBy: "job-register", CreateIndex: 9, ModifyIndex: 9 };
const listed = (jobs: readonly JobStub[], allocations: readonly Allocation[] = [], evaluations: readonly Evaluation[] = []) =>
  openJobState("abc", {
    jobs: { value: jobs, index: 100 },
    allocations: { value: allocations, index: 100 },
    evaluations: { value: evaluations, index: 100 },
  });
const idsOf = ({ allocations }: { readonly allocations: readonly Allocation[] }): readonly string[] => allocations.map(({ ID }) => ID);

describe("the sessions of a seat", () => {
  it("have the allocations that ran for them, and the newest the evaluations, also after a list", () => {
    const stopped = { DesiredStatus: "stop", ClientStatus: "complete" } as const;
    const allocations = [allocation(third, 40), allocation(first, 10, stopped), allocation(second, 30, stopped), allocation(second, 20, stopped)];
    const state = listed([job(third, { serai_actions: "1", serai_replaced: second, serai_replaced_actions: "3" })], allocations, [evaluation]);
    expect(new Set(state.sessions())).toEqual(new Set([first, second, third]));
    expect([first, second, third].map((id) => idsOf(state.factsOf(id)))).toEqual([["a10"], ["a30", "a20"], ["a40"]]);
    expect([first, second, third].map((id) => state.factsOf(id).wanted)).toEqual([false, false, true]);
    expect([second, third].map((id) => state.factsOf(id).actionCount)).toEqual([3, 1]);
    expect([second, third].map((id) => state.factsOf(id).evaluations.length)).toEqual([0, 1]);
  });

  it("are all told of when the seat is handed on, and the old one is wanted until Nomad ends it", () => {
    const state = listed([job(first)], [allocation(first, 10)]);
    const registered = { Topic: "Job", Type: "JobRegistered", Index: 101, Payload: { Job: job(second) } } as const;
    expect(new Set(state.apply(registered))).toEqual(new Set([first, second]));
    expect([first, second].map((id) => state.factsOf(id).wanted)).toEqual([true, true]);
    const ending = allocation(first, 10, { DesiredStatus: "stop" });
    const planned = { Topic: "Allocation", Type: "PlanResult", Index: 102, Payload: { Allocation: ending } } as const;
    expect(state.apply(planned)).toEqual([first]);
    expect([first, second].map((id) => state.factsOf(id).wanted)).toEqual([false, true]);
    const deregistered = { Topic: "Job", Type: "JobDeregistered", Index: 103, Payload: { Job: job(second, {}, { Stop: true }) } } as const;
    state.apply(deregistered);
    expect([first, second].map((id) => state.factsOf(id).wanted)).toEqual([false, false]);
  });

  it("keep what there is of each when another fails again and again, or is forgotten", () => {
    const failed = { ClientStatus: "failed" } as const;
    const failures = Array.from({ length: 20 }, (_, index) => allocation(second, 20 + index, failed));
    const state = listed([job(second)], [allocation(first, 10, { DesiredStatus: "stop", ClientStatus: "complete" }), ...failures]);
    expect(idsOf(state.factsOf(first))).toEqual(["a10"]);
    expect(state.factsOf(second).allocations.length).toBeLessThan(20);
    state.forget(second);
    expect(state.sessions()).toEqual([first]);
    state.forget(first);
    expect(state.sessions()).toEqual([]);
  });
});
