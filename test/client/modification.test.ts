/** The pure parts of modifying a service in the console. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { changesOf, inputOf, makesRevision } from "../../client/pages/modify/modification.ts";
import { presetOf, presets, rolloutInWords, valuesOfPolicy } from "../../client/pages/service-form/rollout-preset.ts";
import { rolloutInput, trafficInput } from "../../client/pages/service-form/input.ts";
import { offerOf } from "../../client/pages/service-form/remedies.ts";
import { trafficInWords, valuesOfTraffic } from "../../client/pages/service-form/traffic-words.ts";
import { validate } from "../../client/pages/service-form/validate.ts";
import { untouched, type ServiceValues } from "../../client/pages/service-form/values.ts";
import { launchInWords, phasesOf } from "../../client/parts/launch-words.ts";
import { inShort } from "../../client/parts/field-words.ts";

const before: ServiceValues = {
  ...untouched,
  name: "chat",
  folderId: "f1",
  resourceGroupId: "g1",
  environmentId: "e1",
  image: "",
  cpu: 0.1,
  memoryGiB: 0.125,
  sharedMemoryGiB: 0,
  terminationGraceSeconds: 30,
  variables: [
    { name: "LEVEL", value: "3", secret: false, isKept: false },
    { name: "TOKEN", value: "", secret: true, isKept: true },
  ],
};

/** Each: what is typed, what of it is sent, and whether routes are replaced for it. */
const typed: readonly (readonly [Partial<ServiceValues>, object, boolean])[] = [
  [{ name: "talk" }, { name: "talk" }, false],
  [{ desiredRouteCount: 3 }, { desiredRouteCount: 3 }, false],
  [{ openToPublic: true }, { openToPublic: true }, false],
  [{ terminationGraceSeconds: "" }, { terminationGraceSeconds: null }, false],
  [{ cpu: 2 }, { resources: { cpu: 2 } }, true],
  [{ memoryGiB: "" }, { resources: { memoryGiB: null } }, true],
  [{ folderId: "f2" }, { folderId: "f2" }, true],
  [{ environmentId: "e2" }, { environmentId: "e2" }, true],
  [{ modelReadOnly: true }, { modelReadOnly: true }, true],
  [{ mounts: [{ folderId: "f3", path: "", writable: false }] }, { mounts: [{ folderId: "f3", path: null, readOnly: true }] }, true],
  [
    { traffic: { ...untouched.traffic, affinity: "HEADER", header: "X-Session-Id", idleTimeoutSeconds: 90, addresses: "10.0.0.0/8, ::1\n" } },
    {
      trafficPolicy: {
        affinity: { by: "HEADER", header: "X-Session-Id" },
        firstByteTimeoutSeconds: 600,
        idleTimeoutSeconds: 90,
        allowedAddresses: ["10.0.0.0/8", "::1"],
        passAuthorization: false,
      },
    },
    false,
  ],
  [{ rollout: presets["blue-green"].values }, { rollout: { maxSurge: "100%", maxUnavailable: 0, steps: [], promote: "MANUAL" } }, false],
];

describe("what is changed in the form", () => {
  test("is all that is sent, in any combination, and each of it is told before", () => {
    fc.assert(
      fc.property(fc.subarray([...typed]), (parts) => {
        const after = Object.assign({}, before, ...parts.map(([values]) => values)) as ServiceValues;
        const sent = inputOf(before, after);
        const resources = Object.assign({}, ...parts.map(([, input]) => (input as { resources?: object }).resources)) as object;
        const wanted = Object.assign({}, ...parts.map(([, input]) => input)) as object;
        expect(sent).toEqual(Object.keys(resources).length === 0 ? wanted : { ...wanted, resources });
        expect(changesOf(before, after, undefined)).toHaveLength(parts.length);
        expect(makesRevision(before, after)).toBe(parts.some(([, , makes]) => makes));
      }),
    );
  });

  test("keeps what scripts ask of a device besides, and a remedy changes only what it names", () => {
    const asked = { memoryGiB: 40, constraints: [{ attribute: "${device.attr.cuda_cores}", operator: ">=", value: "3584" }], affinities: [] };
    const held: ServiceValues = { ...before, accelerators: [{ name: "nvidia/gpu", count: 2, asked }] };
    const nothing = { says: "", cpu: null, instead: null, serviceId: null, nodeId: null, nodeName: null, resourceGroup: null };
    const named = { ...nothing, accelerator: "nvidia/gpu" };
    const sent = (remedy: Parameters<typeof offerOf>[0]) => inputOf(held, { ...held, ...offerOf(remedy, held)?.changes }).resources;
    expect(sent({ ...named, kind: "LOWER_ACCELERATOR_MEMORY", memoryGiB: 24, count: null })).toEqual({
      accelerators: [{ name: "nvidia/gpu", count: 2, ...asked, memoryGiB: 24 }],
    });
    expect(sent({ ...named, kind: "FEWER_ACCELERATORS", memoryGiB: null, count: 1 })).toEqual({
      accelerators: [{ name: "nvidia/gpu", count: 1, ...asked }],
    });
    const lowered = { ...held, accelerators: [{ name: "nvidia/gpu", count: 2, asked: { ...asked, memoryGiB: 24 } }] };
    expect(changesOf(held, lowered, undefined)).toEqual([
      { path: "resources.accelerators[nvidia/gpu]", before: "2 with at least 40 GiB", after: "2 with at least 24 GiB", secret: false },
    ]);
  });

  test("sends a secret's value only where another is typed, and never shows one", () => {
    const kept = { name: "TOKEN", value: "", secret: true, isKept: true };
    const level = { name: "LEVEL", value: "4", secret: false, isKept: false };
    const after = { ...before, variables: [level, kept] };
    expect(inputOf(before, after).variables).toEqual([
      { name: "LEVEL", value: "4", secret: false },
      { name: "TOKEN", secret: true },
    ]);
    expect(changesOf(before, after, undefined)).toEqual([{ path: "variables.LEVEL", before: "3", after: "4", secret: false }]);
    const another = { ...before, variables: [level, { ...kept, value: "hidden" }] };
    expect(inputOf(before, another).variables).toContainEqual({ name: "TOKEN", value: "hidden", secret: true });
    expect(changesOf(before, another, undefined)).toContainEqual({ path: "variables.TOKEN", before: "a secret", after: "a secret", secret: true });
    expect(JSON.stringify(changesOf(before, another, undefined))).not.toContain("hidden");
  });
});

describe("a traffic policy", () => {
  const policy = { affinity: null, firstByteTimeoutSeconds: 600, idleTimeoutSeconds: null, allowedAddresses: [], passAuthorization: false };

  test("says nothing where it is as for every new service, and else what differs", () => {
    expect(trafficInWords(valuesOfTraffic(policy))).toBeNull();
    expect(valuesOfTraffic(policy)).toEqual(untouched.traffic);
    const other = { ...policy, affinity: { by: "COOKIE", header: null } as const, firstByteTimeoutSeconds: 90, passAuthorization: true };
    expect(trafficInWords(valuesOfTraffic(other))).toBe("Kept together by a cookie; first byte within 90 s; the token is passed on");
    const allowedAddresses = ["10.0.0.0/8", "192.0.2.1", "::1", "::2", "::3"];
    expect(trafficInWords(valuesOfTraffic({ ...policy, idleTimeoutSeconds: 30, allowedAddresses }))).toBe(
      "Pauses up to 30 s; only from 10.0.0.0/8, 192.0.2.1, ::1 and 2 more",
    );
  });

  test("is the same after a way through the form, and an emptied number is the default", () => {
    const all = { ...policy, affinity: { by: "HEADER", header: "X-A" } as const, idleTimeoutSeconds: 5, allowedAddresses: ["::1"] };
    expect(trafficInput(valuesOfTraffic(all))).toEqual(all);
    expect(trafficInput({ ...valuesOfTraffic(all), firstByteTimeoutSeconds: "" }).firstByteTimeoutSeconds).toBeNull();
    expect(validate.traffic.firstByteTimeoutSeconds(0)).not.toBeNull();
  });
});

describe("a rollout policy", () => {
  test.each(Object.entries(presets))("%s is what it is called, also after a way through the server", (name, { values }) => {
    expect(presetOf(values)).toBe(name);
    expect(valuesOfPolicy(rolloutInput(values) as Parameters<typeof valuesOfPolicy>[0])).toEqual(values);
    for (const share of [values.maxSurge, values.maxUnavailable]) expect(validate.rollout.maxSurge(share)).toBeNull();
  });

  test("is told with its numbers", () => {
    expect(rolloutInWords(presets.canary.values)).toBe("Canary: 10% for 5 min, 50% for 5 min, 1 extra route");
    expect(rolloutInWords(presets["blue-green"].values)).toBe("Blue-green: 100% extra routes, promoted by hand");
  });

  test.each(["", "-1", "1.5", "101%", "25 %", "a"])("does not take %j for a number of routes", (share) =>
    expect(validate.rollout.maxSurge(share)).not.toBeNull(),
  );
});

test("differences are told in one line, a definition's as one thing, and a secret's without it", () => {
  const one = (path: string, was: string | null, is: string | null, secret = false) => ({ path, before: was, after: is, secret });
  expect(inShort([one("resources.cpu", "0.1", "1"), one("variables.TOKEN", "a secret", "a secret", true)])).toBe(
    "CPU 0.1 → 1, Variable TOKEN changed",
  );
  const definition = ["port", "shell", "start_command"].map((field) => one(`definition.models[0].service.${field}`, "1", "2"));
  expect(inShort(definition.slice(0, 1))).toBe("Definition: port 1 → 2");
  expect(inShort([one("mounts[/data]", null, "data, writable"), ...definition])).toBe("Mount at /data added, Definition changed in 3 fields");
});

describe("a launch", () => {
  const at = (seconds: number) => new Date(1000 * seconds).toISOString();
  const phase = (name: "PLACED" | "PROCESS" | "FIRST_PASS", from: number | null, to: number | null, expectedMs: number | null) => ({
    phase: name,
    startedAt: from === null ? null : at(from),
    endedAt: to === null ? null : at(to),
    durationMs: from === null || to === null ? null : 1000 * (to - from),
    expectedMs,
  });

  test("tells what is done, what is going on, and what is expected, and nothing that is not known", () => {
    const launch = { startedAt: at(0), endedAt: null, failedAt: null, durationMs: null, expectedMs: 9000 };
    const phases = [phase("PLACED", 0, 1, 1000), phase("PROCESS", 1, null, 3000), phase("FIRST_PASS", null, null, 5000)];
    expect(phasesOf({ ...launch, phases }, 3000)).toEqual([
      { name: "Finding a machine", state: "done", time: "1.0 s" },
      { name: "Starting the process", state: "now", time: "2 s of about 3 s" },
      { name: "First health check", state: "ahead", time: "about 5 s" },
    ]);
    expect(launchInWords({ ...launch, phases }, 3000)).toBe("It should serve in about 6 s, as the last starts did.");
    expect(launchInWords({ ...launch, phases }, 20_000)).toBe("Starting since 20 s; the last starts took about 9 s.");
    const first = { ...launch, expectedMs: null, phases: [phase("PLACED", 0, null, null), phase("PROCESS", null, null, null)] };
    expect(phasesOf(first, 2000)).toEqual([{ name: "Finding a machine", state: "now", time: "2 s" }]);
    expect(launchInWords(first, 2000)).toContain("how long it takes is not known yet");
  });
});
