/** Machines over the API: what administrators wish of them, who else may not, and all of them live on one page. */
import { expect, test } from "vitest";
import { AppError } from "../../server/failure.ts";
import type { ComputeNode } from "../../server/model/observe.ts";
import type { ProjectId } from "../../server/model/ids.ts";
import { testApi, type Data, type Subscription, type TestApi } from "../support/api.ts";
import { gpus, nodeWith, withSession, withUser } from "../support/nodes.ts";

const wish = "wish { kind userName appliedAt problem }";
const ask = (api: TestApi, name: string, id: string, token?: string): Promise<Data> => api.change(name, { id }, `node { id ${wish} }`, token);

test("an administrator drains a machine, takes it out, lets it take new work again: what was wished last is what is wished", async () => {
  await using api = await testApi({ nodes: async () => [nodeWith()] });
  const id = "id-of-node-1";
  for (const [name, kind] of [
    ["drainNode", "DRAINED"],
    ["makeNodeIneligible", "INELIGIBLE"],
    ["makeNodeEligible", "ELIGIBLE"],
  ] as const) {
    expect(await ask(api, name, id)).toMatchObject({ node: { id, wish: { kind, userName: "admin", appliedAt: null, problem: null } } });
  }
  expect(await ask(api, "drainNode", "no-such-node")).toMatchObject({ __typename: "NotFoundError", message: "There is no node no-such-node." });
});

test("nobody but administrators may, and nothing is written for them", async () => {
  await using api = await testApi({ nodes: async () => [nodeWith()] });
  const member = await api.createOtherUser();
  for (const name of ["drainNode", "makeNodeIneligible", "makeNodeEligible"]) {
    expect(await ask(api, name, "id-of-node-1", member)).toMatchObject({ __typename: "ForbiddenError", message: "Only administrators may do this." });
  }
  expect(await api.database.sql`select * from node_wishes`).toEqual([]);
});

const page = `subscription { cluster {
  readAt problem
  nodes { name eligible ${wish} memoryGiB { total used free } users { name isForeign } devices { name devices { id heldBy { name serviceId isForeign } } } }
  groups { resourceGroup { name } nodeIds usage { nodes eligibleNodes accelerators { name count used } } }
} }`;

async function nextOf(subscription: Subscription): Promise<Data> {
  const message = await subscription.next();
  return message?.["cluster"] as Data;
}

test("the cluster is told whole at once, and again when a machine or a wish changes, read once for all who look", async () => {
  let nodes: readonly ComputeNode[] = [withSession(nodeWith({ devices: [gpus(2)] }), "whisper", { memoryMiB: 4096, devices: ["GPU-1"] })];
  let reads = 0;
  await using api = await testApi({
    nodes: async () => {
      reads += 1;
      return nodes;
    },
  });
  await api.change("createResourceGroup", { name: "edge", nodePool: "edge" }, "resourceGroup { id }");
  await using first = api.subscribe(page);
  const present = await nextOf(first);
  expect(present).toMatchObject({
    readAt: expect.any(String),
    problem: null,
    nodes: [
      {
        name: "node-1",
        eligible: true,
        wish: null,
        memoryGiB: { total: 64, used: 4, free: 60 },
        devices: [
          {
            name: "nvidia/gpu/H100",
            devices: [
              { id: "GPU-0", heldBy: null },
              { id: "GPU-1", heldBy: { name: "whisper", serviceId: "svc_whisper" } },
            ],
          },
        ],
      },
    ],
    groups: [
      { resourceGroup: { name: "default" }, nodeIds: ["id-of-node-1"], usage: { nodes: 1, eligibleNodes: 1, accelerators: [{ count: 2, used: 1 }] } },
      { resourceGroup: { name: "edge" }, nodeIds: [], usage: { nodes: 0 } },
    ],
  });
  const others = await Promise.all(
    Array.from({ length: 5 }, async () => {
      const other = api.subscribe(page);
      expect(await nextOf(other)).toEqual(present);
      return other;
    }),
  );
  expect(reads).toBe(1);

  await api.change("createResourceGroup", { name: "all of them", nodePool: "all" }, "resourceGroup { id }");
  expect(await nextOf(first)).toMatchObject({ groups: [{}, {}, { resourceGroup: { name: "all of them" }, nodeIds: ["id-of-node-1"] }] });
  await ask(api, "drainNode", "id-of-node-1");
  expect(await nextOf(first)).toMatchObject({ nodes: [{ wish: { kind: "DRAINED" } }] });
  const foreign = { id: "job-1", job: "batch", session: null, cpuMillicores: 0, memoryMiB: 0 };
  nodes = [withUser(nodeWith({ devices: [gpus(2)], eligible: false }), foreign, ["GPU-0"])];
  expect(await nextOf(first)).toMatchObject({
    nodes: [{ eligible: false, devices: [{ devices: [{ heldBy: { name: "batch", isForeign: true, serviceId: null } }, { heldBy: null }] }] }],
  });
  for (const other of others) await other[Symbol.asyncDispose]();
});

test("a scheduler that does not answer is said, with what was known last and when; what is not known yet is not claimed", async () => {
  const away = new AppError("SCHEDULER_UNAVAILABLE", "refused", { publicMessage: "The Nomad cluster cannot be reached at the moment.", retry: true });
  let answer: readonly ComputeNode[] | null = null;
  await using api = await testApi({ nodes: async () => answer ?? Promise.reject(away) });
  await using subscription = api.subscribe(page);
  const problem = "The Nomad cluster cannot be reached at the moment.";
  expect(await nextOf(subscription)).toMatchObject({ readAt: null, problem, nodes: [] });
  answer = [nodeWith()];
  const known = await nextOf(subscription);
  expect(known).toMatchObject({ readAt: expect.any(String), problem: null, nodes: [{ name: "node-1" }] });
  answer = null;
  expect(await nextOf(subscription)).toMatchObject({ readAt: known["readAt"], problem, nodes: [{ name: "node-1" }] });
});

test("members see who has what only of their own project", async () => {
  const node = withSession(nodeWith({ devices: [gpus(1)] }), "secret-plan", { devices: ["GPU-0"] }, "prj_theirs" as ProjectId);
  await using api = await testApi({ nodes: async () => [node] });
  await using subscription = api.subscribe(page, {}, await api.createOtherUser());
  const told = await nextOf(subscription);
  expect(JSON.stringify(told)).not.toContain("secret-plan");
  expect(told).toMatchObject({ nodes: [{ devices: [{ devices: [{ heldBy: { name: "another project", serviceId: null, isForeign: false } }] }] }] });
});

test("machines and routes lead to Nomad's own pages where somebody has said where these are, and nowhere else", async () => {
  const urls = `{ resourceGroups { nodes { schedulerUrl } } services(first: 1) { edges { node { routes { schedulerUrl } } } } }`;
  await using plain = await testApi({ nodes: async () => [nodeWith()] });
  expect((await plain.ask(urls)).data).toMatchObject({ resourceGroups: [{ nodes: [{ schedulerUrl: null }] }] });
  await using api = await testApi({ nodes: async () => [nodeWith()], nomad: { ui: "https://nomad.example.com", namespace: "ml", region: "eu" } });
  const { id } = await api.createService("served", await api.createFolder("served"));
  await api.database.sql`
    insert into routes (id, service_id, revision_id, session_id, status)
    select 'rt_aaaaaaaaaaaaaaaaaaaa', id, revision_id, 'ses_aaaaaaaaaaaaaaaaaaaa-2', 'PENDING' from services where id = ${id}`;
  expect((await api.ask(urls)).data).toMatchObject({
    resourceGroups: [{ nodes: [{ schedulerUrl: "https://nomad.example.com/ui/clients/id-of-node-1?region=eu" }] }],
    services: {
      edges: [{ node: { routes: [{ schedulerUrl: "https://nomad.example.com/ui/jobs/serai-test-ses_aaaaaaaaaaaaaaaaaaaa%40ml?region=eu" }] } }],
    },
  });
});
