/**
 * The jobs of sessions, whole, for each combination of what a group and a route may ask for: as they were when they were last looked at,
 * and each accepted by a real Nomad. `vitest -u` writes them anew.
 */
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import type { RouteId, ServiceId, SessionId } from "../../server/model/ids.ts";
import type { Session } from "../../server/model/session.ts";
import { gangIn, nextAttempt } from "../../server/scheduler/nomad/gang-job.ts";
import { compileJob, type JobContext } from "../../server/scheduler/nomad/job.ts";
import { missing } from "../support/needs.ts";
import { findNomad, type Nomad, startNomad } from "../support/nomad.ts";
import { containerSession, hostSession } from "../support/nomad-sessions.ts";

const context: JobContext = { installationId: "abc123", megahertzPerCore: 2600, allowsMemoryMax: true };
const fixed = {
  id: "ses_aaaaaaaaaaaaaaaaaaaa" as SessionId,
  routeId: "rt_aaaaaaaaaaaaaaaaaaaa" as RouteId,
  serviceId: "svc_aaaaaaaaaaaaaaaaaaaa" as ServiceId,
  projectId: "prj_aaaaaaaaaaaaaaaaaaaa" as NonNullable<Session["projectId"]>,
};
const resources = { cpuMillicores: 2000, memoryMiB: 8192, sharedMemoryMiB: 0, accelerators: [] } as const;
const withGpu = { ...resources, accelerators: [{ name: "nvidia/gpu", count: 1 }] };
const group = { name: "prod", nodePool: "default" };

const confinedSession = (changes: Partial<Session>): Session =>
  containerSession("serai-test/busybox:1", {
    environment: { kind: "CONTAINER", image: "serai-test/busybox:1", runAs: "1000:1000", readOnlyRoot: true },
    ...changes,
  });

const isolatedSession = (changes: Partial<Session>): Session =>
  hostSession({
    environment: { kind: "HOST", isolated: true },
    mounts: [{ source: "/srv/folders/fld_a", target: "/models", readOnly: false }],
    ...changes,
  });

const combinations: Readonly<Record<string, Session>> = {
  host: hostSession(fixed),
  container: containerSession("serai-test/busybox:1", fixed),
  "container-another-user-and-read-only-root": confinedSession(fixed),
  "isolated-host": isolatedSession(fixed),
  "isolated-host-another-user-secret-variables-and-accelerators": isolatedSession({
    ...fixed,
    environment: { kind: "HOST", isolated: true, runAs: "models" },
    mounts: [{ source: "/srv/folders/fld_a", target: "/models", readOnly: true }],
    resources: withGpu,
    secrets: { HF_TOKEN: "canary" },
  }),
  "host-parts-of-a-core": hostSession({ ...fixed, resources: { ...resources, cpuMillicores: 250 } }),
  "container-whole-cores": containerSession("serai-test/busybox:1", { ...fixed, resources, resourceGroup: { ...group, wholeCores: true } }),
  "container-parts-of-a-core-where-whole-ones-are-reserved": containerSession("serai-test/busybox:1", {
    ...fixed,
    resources: { ...resources, cpuMillicores: 1500 },
    resourceGroup: { ...group, wholeCores: true },
  }),
  "container-shared-memory-and-more-memory": containerSession("serai-test/busybox:1", {
    ...fixed,
    resources: { ...resources, sharedMemoryMiB: 1024, memoryMaxMiB: 16_384 },
  }),
  "group-rule": hostSession({
    ...fixed,
    resourceGroup: {
      ...group,
      datacenters: ["eu-*", "dc1"],
      nodeClass: "large",
      constraints: [
        { attribute: "${attr.cpu.arch}", operator: "=", value: "amd64" },
        { attribute: "${meta.rack}", operator: "is_set", value: "" },
        { attribute: "${attr.nomad.version}", operator: "version", value: ">= 1.8" },
      ],
    },
  }),
  "host-secret-variables": hostSession({ ...fixed, variables: { MODE: "fast" }, secrets: { HF_TOKEN: "canary" } }),
  "container-secret-variables-and-private-registry": containerSession("registry.example.com/models/private:1", {
    ...fixed,
    // Of a session that has taken a seat over.
    id: "ses_aaaaaaaaaaaaaaaaaaaa-2" as SessionId,
    environment: {
      kind: "CONTAINER",
      image: "registry.example.com/models/private:1",
      credentials: { username: "canary", password: "canary" },
    },
    secrets: { HF_TOKEN: "canary" },
  }),
  ...Object.fromEntries(
    (["SINGLE_NODE", "MULTI_NODE"] as const).map((mode) => [
      `container-gang-${mode.toLowerCase()}-secret-variables-and-private-registry`,
      containerSession("registry.example.com/models/private:1", {
        ...fixed,
        cluster: { mode, size: 2 },
        environment: {
          kind: "CONTAINER",
          image: "registry.example.com/models/private:1",
          credentials: { username: "canary", password: "canary" },
        },
        secrets: { HF_TOKEN: "canary" },
      }),
    ]),
  ),
  "accelerators-by-all-that-can-be-asked": containerSession("serai-test/busybox:1", {
    ...fixed,
    resources: {
      ...resources,
      accelerators: [
        {
          name: "nvidia/gpu",
          count: 2,
          memoryGiB: 40,
          constraints: [{ attribute: "${device.attr.cuda_cores}", operator: ">=", value: "9000" }],
          affinities: [{ attribute: "${device.model}", operator: "=", value: "H100", weight: 50 }],
        },
        { name: "npu", count: 1 },
      ],
    },
  }),
  ...Object.fromEntries(
    (["SINGLE_NODE", "MULTI_NODE"] as const).flatMap((mode) => [
      [`host-gang-${mode.toLowerCase()}`, hostSession({ ...fixed, cluster: { mode, size: 3 } })],
      [`isolated-host-gang-${mode.toLowerCase()}`, isolatedSession({ ...fixed, cluster: { mode, size: 3 } })],
      [`container-gang-${mode.toLowerCase()}-another-user-and-read-only-root`, confinedSession({ ...fixed, cluster: { mode, size: 2 } })],
      [
        `container-gang-${mode.toLowerCase()}`,
        containerSession("serai-test/busybox:1", { ...fixed, resources: withGpu, cluster: { mode, size: 3 } }),
      ],
    ]),
  ),
};

test.each(Object.entries(combinations))("the job of %s is what it was", async (name, session) => {
  await expect(`${JSON.stringify(compileJob(session, context), null, 2)}\n`).toMatchFileSnapshot(`golden/${name}.json`);
});

test.each(Object.entries(combinations))("the job of %s holds nothing secret", (_name, session) => {
  expect(JSON.stringify(compileJob(session, context))).not.toContain("canary");
});

test("the next attempt of a gang differs in what its members know each other by, and in nothing else", () => {
  const session = combinations["host-gang-multi_node"] as Session;
  const job = compileJob(session, context);
  const gang = gangIn(job);
  if (gang === null) throw new Error("it is none");
  const next = nextAttempt(job, session.id, context.installationId, { ...gang, failures: 1 });
  expect(gangIn(next)).toEqual({ mode: "MULTI_NODE", size: 3, attempt: 2, failures: 1 });
  const name = "serai-abc123-ses-aaaaaaaaaaaaaaaaaaaa-";
  const [first, second] = [job, next].map((one) => JSON.stringify(one)) as [string, string];
  expect(first).toContain(`${name}1`);
  expect(second).not.toContain(`${name}1`);
  const back = second.replaceAll(`${name}2`, `${name}1`).replaceAll('"model.2"', '"model"').replace("MULTI_NODE 3 2 1", "MULTI_NODE 3 1 0");
  expect(JSON.parse(back)).toEqual(JSON.parse(first));
});

test("more memory is asked for only where the cluster allows that", () => {
  const session = combinations["container-shared-memory-and-more-memory"];
  if (session === undefined) throw new Error("there is none");
  const told = JSON.stringify(compileJob(session, { ...context, allowsMemoryMax: false }));
  expect(told).not.toContain("MemoryMaxMB");
});

const noNomad = missing(findNomad() === null, "nomad", "jobs before a real Nomad", "sh test/nomad/build.sh (needs Go)");
describe.skipIf(noNomad)("a real Nomad", () => {
  let nomad: Nomad;
  beforeAll(async () => {
    nomad = await startNomad();
  });
  afterAll(() => nomad[Symbol.asyncDispose]());

  it.each(Object.entries(combinations))("accepts the job of %s", async (_name, session) => {
    const body = JSON.stringify({ Job: compileJob(session, context) });
    const response = await fetch(`${nomad.address}/v1/validate/job`, { method: "POST", body });
    expect(await response.json()).toMatchObject({ Error: "", ValidationErrors: null });
  });
});
