/**
 * A service whose only route is a gang of three on machines of their own: a whole Serai and a real Nomad with three clients, GPUs made up.
 * What a user sees of it while members die, and while there is no room for one.
 */
import { expect, test } from "vitest";
import { testDatabase } from "../support/database.ts";
import { gangProgram, toldBy } from "../support/gang.ts";
import { graphqlOf, type Fields } from "../support/graphql.ts";
import { missing } from "../support/needs.ts";
import { findFakeGpu, findNomad, startNomad } from "../support/nomad.ts";
import { startSerai } from "../support/serai.ts";
import { createStoryService, patience } from "./service-of.ts";

const noNomad = missing(findNomad() === null || findFakeGpu() === null, "nomad", "a service of gangs", "sh test/nomad/build.sh (needs Go)");

const definition = `
models:
  - name: gang
    model_path: /models
    service:
      start_command: ${JSON.stringify(["python3", "-c", gangProgram])}
      port: 8000
      health_check: { path: /, interval: 1, max_retries: 3 }
`;

type Node = { readonly ID: string; readonly Name: string };
type Member = {
  readonly ID: string;
  readonly TaskGroup: string;
  readonly NodeName: string;
  readonly ClientStatus: string;
  readonly TaskStates: object;
};

test.skipIf(noNomad)(
  "a gang exchanges a message through main, is back when a member dies, and says who is missing",
  { timeout: 180_000 },
  async () => {
    await using database = await testDatabase();
    await using nomad = await startNomad({ clients: 3, gpus: 1 });
    await using serai = await startSerai({ env: { SERAI_EXAMPLES: "0", DATABASE_URL: database.url, NOMAD_ADDR: nomad.address } });
    await using api = graphqlOf(serai);
    const service = await createStoryService(() => api, "gang", definition, {
      openToPublic: true,
      clusterMode: "MULTI_NODE",
      clusterSize: 3,
      resources: { accelerators: [{ name: "nvidia/gpu", count: 1 }] },
    });
    const answer = () => toldBy(service.endpoint);
    const members = async (): Promise<readonly Member[]> =>
      ((await nomad.get("/v1/allocations?prefix=&resources=false")) as readonly Member[]).filter(({ ClientStatus }) => ClientStatus === "running");
    const post = async (path: string, body: object): Promise<void> => {
      const { ok, status } = await fetch(`${nomad.address}${path}`, { method: "POST", body: JSON.stringify(body) });
      expect(ok, `${path}: ${status}`).toBe(true);
    };
    const kill = async (group: string): Promise<void> => {
      const { ID, TaskStates } = (await members()).find(({ TaskGroup }) => TaskGroup === group) as Member;
      await post(`/v1/client/allocation/${ID}/signal`, { Task: Object.keys(TaskStates)[0], Signal: "SIGKILL" });
    };
    const events = async (): Promise<readonly unknown[]> => {
      const read = (await service.read("events(last: 100) { edges { node { message } } }")) as { events: { edges: { node: Fields }[] } };
      return read.events.edges.map(({ node }) => node["message"]);
    };
    const eligible = async (name: string, Eligibility: "eligible" | "ineligible"): Promise<void> => {
      const { ID } = ((await nomad.get("/v1/nodes")) as readonly Node[]).find(({ Name }) => Name === name) as Node;
      await post(`/v1/node/${ID}/eligibility`, { Eligibility });
    };

    await service.becomes("HEALTHY");
    const first = await answer();
    expect(first.map(({ RANK, NVIDIA_VISIBLE_DEVICES }) => [RANK, NVIDIA_VISIBLE_DEVICES])).toEqual([
      ["0", "GPU-0"],
      ["1", "GPU-0"],
      ["2", "GPU-0"],
    ]);
    expect((await members()).map(({ NodeName }) => NodeName).toSorted()).toEqual(["node-1", "node-2", "node-3"]);

    const portOfMain = first[0]?.["MASTER_PORT"];
    await kill("worker-2");
    await expect.poll(events, patience).toContain("Worker 2 was ended by SIGKILL.");
    await expect.poll(async () => (await answer().catch(() => []))[0]?.["MASTER_PORT"] ?? portOfMain, patience).not.toBe(portOfMain);
    await service.becomes("HEALTHY");
    expect(await answer()).toHaveLength(3);

    const { NodeName: leaving } = (await members()).find(({ TaskGroup }) => TaskGroup === "worker-1") as Member;
    await eligible(leaving, "ineligible");
    await kill("worker-1");
    const others = ["node-1", "node-2", "node-3"].filter((name) => name !== leaving);
    await expect
      .poll(async () => ((await service.read("routes { statusReason }"))["routes"] as readonly Fields[])[0]?.["statusReason"], patience)
      .toBe(
        `2 of 3 members are placed; 1 is missing. The only node of group default (beside ${others.join(", ")}) takes no new work: ${leaving} is not eligible. Would fit on ${leaving}, if it took new work.`,
      );
    expect(await answer().catch(() => "nothing serves")).toBe("nothing serves");
    await eligible(leaving, "eligible");
    await service.becomes("HEALTHY");
    expect(await answer()).toHaveLength(3);

    await api.wish("terminateService", { id: service.id }, "service { id }");
    await service.becomes("TERMINATED");
    expect(await members()).toEqual([]);
  },
);
