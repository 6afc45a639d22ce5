/** Each sentence that says why a session does not get its accelerators, from machines made up for it. */
import { describe, expect, test } from "vitest";
import type { ProjectId, ServiceId, SessionId } from "../../server/model/ids.ts";
import { ask, gpu, ofKind, wanting } from "../support/ask-why.ts";
import { gpus, nodeWith, withSession, withUser } from "../support/nodes.ts";

describe("accelerators", () => {
  const big = nodeWith({ name: "a", devices: [gpus(1)] });
  const held = [withSession(big, "whisper", { devices: ["GPU-0"] }), withSession({ ...big, name: "b", id: "b" }, "whisper", { devices: ["GPU-0"] })];
  const third = withSession(nodeWith({ name: "c", devices: [gpus(1)] }), "llama", { devices: ["GPU-0"] });
  const small = nodeWith({ name: "d", devices: [gpus(1, 24, "L4")] });

  test("that are all held are said to be, by whom and how idle they are, and less that would do", () => {
    const idleMinutes = new Map([["svc_whisper" as ServiceId, 41]]);
    const told = ask([...held, third, small], { ...wanting(gpu({ memoryGiB: 40 })), idleMinutes });
    expect(told.sentence).toBe(
      "Needs 1 GPU with at least 40 GiB in group prod. 3 nodes have one; all are held: whisper (2, no request for 41 min), llama (1). Would fit now with 24 GiB.",
    );
    expect(told).toMatchObject({ culprit: "DEVICES", numbers: { nodes: 4, suited: 3, devices: 3, free: 0, wanted: 1 } });
    expect(told.remedies.map(({ kind }) => kind)).toEqual(["LOWER_ACCELERATOR_MEMORY", "SCALE_DOWN", "STOP_SERVICE"]);
    expect(ofKind(told, "SCALE_DOWN")).toMatchObject({ serviceId: "svc_whisper" });
  });

  test("of which some are free, though not enough on one machine, are counted", () => {
    const two = withSession(nodeWith({ name: "a", devices: [gpus(2)] }), "llama", { devices: ["GPU-1"] });
    const told = ask([two], wanting({ name: "nvidia/gpu", count: 2 }));
    expect(told.sentence).toBe(
      "Needs 2 nvidia GPUs in group prod. 1 node has as many; 1 of 2 is free, not enough on one node; held: llama (1). Would fit now with 1 nvidia GPU.",
    );
    expect(ofKind(told, "FEWER_ACCELERATORS")).toMatchObject({ accelerator: "nvidia/gpu", count: 1 });
  });

  test("that nobody has are told with those that are there, and another kind of the same type is offered", () => {
    const told = ask([small, third], wanting({ name: "amd/gpu", count: 1 }));
    expect(told.sentence).toBe(
      "Needs 1 amd GPU in group prod. None of its 2 usable nodes has one, only nvidia/gpu/H100, nvidia/gpu/L4. Would fit now with 1 nvidia L4 GPU.",
    );
    expect(told.culprit).toBe("NO_SUCH_DEVICE");
    expect(ask([small, third], { ...wanting({ name: "amd/gpu", count: 1 }), offered: ["amd/gpu", "nvidia/gpu/H100"] }).remedies).toEqual([]);
    expect(ask([nodeWith()], wanting(gpu())).sentence).toBe(
      "Needs 1 GPU in group prod. Its only usable node has none, and no other accelerator either.",
    );
  });

  test("of which no machine has as many, as much memory, the condition or a healthy one are told so", () => {
    const one = nodeWith({ name: "a", devices: [gpus(2)] });
    expect(ask([one], wanting(gpu({ count: 4 }))).sentence).toContain("The most on one node is 2, on a. Would fit now with 2 GPUs.");
    expect(ask([one], wanting(gpu({ memoryGiB: 100 }))).sentence).toContain("with at least 100 GiB in group prod. The largest there has 80 GiB.");
    const constraints = [{ attribute: "${device.attr.cores}", operator: ">=", value: "9000" } as const];
    expect(ask([one], wanting(gpu({ constraints }))).sentence).toBe(
      "Needs 1 GPU with a condition in group prod. None of the 2 GPUs there meets `${device.attr.cores} >= 9000`.",
    );
    const ill = {
      ...one,
      devices: one.devices.map((group) => ({ ...group, instances: group.instances.map((each) => ({ ...each, healthy: false })) })),
    };
    expect(ask([ill], wanting(gpu())).sentence).toContain("Those that it has are not healthy.");
  });

  test("of any kind are not taken from what only that kind will do for", () => {
    const mixed = nodeWith({ devices: [gpus(1), gpus(1, 24, "L4")] });
    const either = { name: "gpu", count: 1 };
    expect(ask([mixed], wanting(either, { name: "nvidia/gpu/H100", count: 1 })).culprit).toBe("OTHER");
    expect(ask([mixed], wanting(either, { name: "nvidia/gpu/H100", count: 2 })).culprit).toBe("NO_SUCH_DEVICE");
  });

  test("of the seat that would be taken over count as free", () => {
    const sessionId = third.users[0]?.session?.id as SessionId;
    expect(ask([third], { ...wanting(gpu()), seat: sessionId }).culprit).toBe("OTHER");
  });

  test("held by other projects and by jobs that are not Serai's are told without names, and nobody is to be stopped for them", () => {
    const foreign = { id: "web", job: "web", session: null, cpuMillicores: 100, memoryMiB: 100 };
    const others = withSession(nodeWith({ name: "a", devices: [gpus(1)] }), "secret", { devices: ["GPU-0"] }, "prj_other" as ProjectId);
    const told = ask([others, withUser(nodeWith({ name: "b", devices: [gpus(1)] }), foreign, ["GPU-0"])], wanting(gpu()));
    expect(told.sentence).toBe("Needs 1 GPU in group prod. 2 nodes have one; all are held: jobs that are not Serai's (1), other projects (1).");
    expect(told.remedies).toEqual([]);
  });
});
