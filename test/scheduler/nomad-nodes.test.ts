/** What it costs Nomad to say who has what of its machines. */
import { expect, test } from "vitest";
import { newId } from "../../server/model/ids.ts";
import type { Allocation, JobStub, NodeStub } from "../../server/scheduler/nomad/api-types.ts";
import type { NomadClient } from "../../server/scheduler/nomad/client.ts";
import { jobIdOf } from "../../server/scheduler/nomad/names.ts";
import { readNodes } from "../../server/scheduler/nomad/nodes.ts";

const installationId = "test";
const node = {
  ID: "n1",
  Name: "one",
  NodePool: "default",
  Datacenter: "dc1",
  NodeClass: "",
  Status: "ready",
  SchedulingEligibility: "eligible",
  Drain: false,
  ModifyIndex: 1,
} as const satisfies NodeStub;

test("of jobs that are over while something of them still ends, all are named by one list, however many they are", async () => {
  const routes = Array.from({ length: 500 }, () => ({ routeId: newId("route"), jobId: jobIdOf(installationId, newId("session")) }));
  const allocations = routes.map(({ jobId }, index): Allocation => ({
    ID: `a${index}`,
    JobID: jobId,
    NodeID: "n1",
    NodeName: "one",
    DesiredStatus: "stop",
    ClientStatus: "running",
    CreateIndex: index,
    CreateTime: 0,
    ModifyTime: 0,
  }));
  const jobs = routes.map(({ jobId, routeId }): JobStub => ({
    ID: jobId,
    Name: `chat-${routeId}`,
    NodePool: "default",
    Stop: true,
    JobModifyIndex: 1,
    Meta: { serai_route: routeId },
  }));
  const asked: string[] = [];
  const answers: Readonly<Record<string, unknown>> = { "/v1/nodes": [node], "/v1/allocations": allocations };
  const get = async <T>(path: string, { filter = "" }: { filter?: string } = {}) => {
    asked.push(path);
    return { value: (answers[path] ?? (filter.startsWith("Stop == true") ? jobs : [])) as T, index: 1 };
  };
  const client = { get } as Pick<NomadClient, "get"> as NomadClient;
  const [read] = await readNodes({ client, installationId, seesFolders: () => true });
  expect(read?.users.map(({ session }) => session?.routeId)).toEqual(routes.map(({ routeId }) => routeId));
  expect(asked.toSorted()).toEqual(["/v1/allocations", "/v1/jobs", "/v1/jobs", "/v1/nodes"]);
});
