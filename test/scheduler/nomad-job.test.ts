/** What Nomad is asked to run for a session. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId } from "../../server/model/ids.ts";
import { nextInSeat } from "../../server/model/seat.ts";
import { homePlaceholder } from "../../server/model/session.ts";
import { compileJob } from "../../server/scheduler/nomad/job.ts";
import { jobIdOf, seatIdOf } from "../../server/scheduler/nomad/names.ts";
import { containerSession, hostSession } from "../support/nomad-sessions.ts";

const context = { installationId: "abc123", megahertzPerCore: 2600 };
const compile = (session: Parameters<typeof compileJob>[0]) => compileJob(session, context);
const taskOf = (session: Parameters<typeof compileJob>[0]) => compile(session).TaskGroups[0].Tasks[0];
const fileOf = (session: Parameters<typeof compileJob>[0], path: string) => taskOf(session).Templates.find(({ DestPath }) => DestPath === path);

describe("the job of a session", () => {
  it("carries whose it is, where it may run, and how it recovers without Serai", () => {
    const session = hostSession({ resourceGroup: { name: "gpus", nodePool: "h100" } });
    const job = compile(session);
    expect(job).toMatchObject({
      ID: `serai-abc123-${session.id}`,
      Type: "service",
      Datacenters: ["*"],
      NodePool: "h100",
      Meta: {
        serai_installation: "abc123",
        serai_kind: "route",
        serai_service: session.serviceId,
        serai_route: session.routeId,
        serai_session: session.id,
      },
      Reschedule: { Unlimited: true, Delay: 5e9, DelayFunction: "exponential", MaxDelay: 300e9 },
      Update: { MaxParallel: 0 },
      Constraints: [{ LTarget: "${meta.serai_no_folders_abc123}", Operand: "is_not_set", RTarget: "" }],
    });
    expect(job.TaskGroups[0]).toMatchObject({ Count: 1, RestartPolicy: { Attempts: 1, Interval: 600e9, Delay: 1e9, Mode: "fail" } });
  });

  it("on the host starts from an empty environment, with a port that Nomad chooses", () => {
    const session = hostSession();
    expect(compile(session).TaskGroups[0].Networks).toEqual([{ DynamicPorts: [{ Label: "http" }] }]);
    const { Driver, Config } = taskOf(session);
    expect(Driver).toBe("raw_exec");
    expect(Config).toEqual({
      command: "/usr/bin/env",
      args: [
        "-i",
        "PORT=${NOMAD_PORT_http}",
        "SERAI_HOME=${NOMAD_TASK_DIR}/home",
        "HOME=${NOMAD_TASK_DIR}/home",
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "LANG=C.UTF-8",
        "/bin/sh",
        "${NOMAD_SECRETS_DIR}/run.sh",
        "${NOMAD_TASK_DIR}/start.sh",
      ],
    });
  });

  it("in a container mounts the folders, publishes the declared port and never pulls an image that is there", () => {
    const session = containerSession("serai-test/busybox:1", {
      port: 8123,
      resources: { cpuMillicores: 500, memoryMiB: 300, sharedMemoryMiB: 64, accelerators: [] },
      mounts: [
        { source: "/srv/folders/a", target: "/models", readOnly: false },
        { source: "/srv/folders/b", target: "/data", readOnly: true },
      ],
    });
    expect(compile(session).TaskGroups[0].Networks).toEqual([{ DynamicPorts: [{ Label: "http", To: 8123 }] }]);
    const { Driver, Config, Resources } = taskOf(session);
    expect({ Driver, Resources }).toEqual({ Driver: "docker", Resources: { CPU: 1300, MemoryMB: 300 } });
    expect(Config).toEqual({
      image: "serai-test/busybox:1",
      force_pull: false,
      entrypoint: ["/bin/sh"],
      args: ["/secrets/run.sh", "/local/start.sh"],
      cap_drop: ["audit_write", "mknod", "net_raw", "setfcap", "setpcap", "sys_chroot"],
      security_opt: ["no-new-privileges"],
      pids_limit: 8192,
      ports: ["http"],
      volumes: ["tmp:/home/work"],
      mount: [
        { type: "bind", source: "/srv/folders/a", target: "/models", readonly: false },
        { type: "bind", source: "/srv/folders/b", target: "/data", readonly: true },
      ],
      shm_size: 67_108_864,
    });
    const run = fileOf(session, "secrets/run.sh")?.EmbeddedTmpl;
    for (const line of ["export PORT=8123", "export MODEL_PATH=/models", "export SERAI_HOME=/home/work"]) expect(run).toContain(line);
  });

  it("asks for accelerators by Nomad's names, and on the host hands on which ones it got", () => {
    const { resources } = hostSession();
    const accelerators = [
      { name: "nvidia/gpu/H100", count: 2 },
      { name: "xilinx/fpga", count: 1 },
    ];
    const { Resources, Config } = taskOf(hostSession({ resources: { ...resources, accelerators } }));
    expect(Resources.Devices).toEqual([
      { Name: "nvidia/gpu/H100", Count: 2 },
      { Name: "xilinx/fpga", Count: 1 },
    ]);
    const [, script = "", ...words] = Config["args"] as string[];
    const environment = (given: Record<string, string>): string =>
      execFileSync("/bin/sh", ["-c", script, "sh", "PORT=1", "/usr/bin/env"], { env: { NOMAD_TOKEN: "secret", ...given } }).toString();
    expect(environment({ NVIDIA_VISIBLE_DEVICES: "GPU-1,GPU-2" })).toBe(
      "NVIDIA_VISIBLE_DEVICES=GPU-1,GPU-2\nCUDA_VISIBLE_DEVICES=GPU-1,GPU-2\nPORT=1\n",
    );
    expect(environment({})).toBe("PORT=1\n");
    const withoutAny = taskOf(hostSession());
    expect(words.slice(1)).toEqual((withoutAny.Config["args"] as string[]).slice(1));
    expect(withoutAny.Resources).not.toHaveProperty("Devices");
  });

  it("tells only a session with start actions where to report them, and says in its meta that it does", () => {
    const run = (session: Parameters<typeof compileJob>[0]) => fileOf(session, "secrets/run.sh")?.EmbeddedTmpl;
    const image = "serai-test/busybox:1";
    expect(compile(hostSession({ actionCount: 3 })).Meta).toMatchObject({ serai_actions: "3" });
    expect(taskOf(hostSession({ actionCount: 3 })).Config["args"]).toContain("SERAI_START=${NOMAD_TASK_DIR}/start");
    expect(run(containerSession(image, { actionCount: 3 }))).toContain("export SERAI_START=/local/start");
    expect(compile(hostSession()).Meta).not.toHaveProperty("serai_actions");
    expect(JSON.stringify([compile(hostSession()), compile(containerSession(image))])).not.toContain("SERAI_START");
  });

  it("keeps away from the nodes that hold the service's other routes, without insisting", () => {
    expect(compile(hostSession({ avoid: ["node-1", "node-2"] })).Affinities).toEqual([
      { LTarget: "${node.unique.name}", Operand: "=", RTarget: "node-1", Weight: -100 },
      { LTarget: "${node.unique.name}", Operand: "=", RTarget: "node-2", Weight: -100 },
    ]);
  });

  it("of a session that takes a seat over is the seat's, says whose it was, and stays where it is, also beside another route", () => {
    const old = hostSession();
    const session = hostSession({ id: nextInSeat(old.id), avoid: ["node-1", "node-2"] });
    const job = compileJob(session, context, { id: old.id, actionCount: 2, cluster: null, nodeName: "node-2" });
    expect(job).toMatchObject({
      ID: `serai-abc123-${old.id}`,
      Meta: { serai_session: session.id, serai_replaced: old.id, serai_replaced_actions: "2" },
      Affinities: [
        { RTarget: "node-1", Weight: -100 },
        { RTarget: "node-2", Weight: 100 },
      ],
    });
    expect([compile(old), job].map(({ TaskGroups }) => TaskGroups[0].Tasks[0].Name)).toEqual(["model", "model-2"]);
    expect(compile(old).Meta).not.toHaveProperty("serai_replaced");
    // So that a swap that fails is taken back before Nomad gives the seat to somebody else.
    const restarts = (one: typeof job) => one.TaskGroups[0].RestartPolicy.Attempts;
    expect(restarts(job)).toBeGreaterThanOrEqual(restarts(compile(old)) + 3);
  });

  it("delivers what users write in files whose delimiters do not occur in it", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("<serai", "<serai<", ">", "-", "{{ env }}", "${NOMAD_IP}", "\n", "'")), (parts) => {
        const session = hostSession({ script: parts.join("") });
        const file = fileOf(session, "local/start.sh");
        expect(file?.EmbeddedTmpl).toBe(session.script);
        expect(session.script).not.toContain(file?.LeftDelim);
        expect(session.script).not.toContain(file?.RightDelim);
      }),
    );
  });

  it("hands every value of a variable on as it was written", () => {
    const directory = mkdtempSync(join(tmpdir(), "serai-job-"));
    try {
      const values = ["plain", "it's", "$HOME `id` $(id)", "a\nb", "\\n\\", "${NOMAD_TASK_DIR}", "{{ key }}", "ünï", "", "<serai<", " "];
      const variables = Object.fromEntries(values.map((value, index) => [`VALUE_${index}`, value]));
      const inHome = { IN_HOME: `a=${homePlaceholder}/it's` };
      const session = hostSession({ variables: { ...variables, ...inHome }, mounts: [{ source: directory, target: directory, readOnly: false }] });
      writeFileSync(join(directory, "run.sh"), fileOf(session, "secrets/run.sh")?.EmbeddedTmpl ?? "");
      writeFileSync(join(directory, "start.sh"), "exec env -0\n");
      const env = { SERAI_HOME: join(directory, "home"), PATH: process.env["PATH"] };
      const output = execFileSync("/bin/sh", [join(directory, "run.sh"), join(directory, "start.sh")], { env }).toString();
      const seen = new Map(output.split("\0").map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
      for (const [name, value] of Object.entries(variables)) expect(seen.get(name)).toBe(value);
      expect(seen.get("IN_HOME")).toBe(`a=${join(directory, "home")}/it's`);
      expect(seen.get("SERAI_SESSION")).toBe(session.id);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it("is told apart from the jobs of other installations and of others", () => {
    const id = newId("session");
    expect(seatIdOf("abc", jobIdOf("abc", id))).toBe(id);
    for (const jobId of [jobIdOf("abcd", id), jobIdOf("ab", id), "serai-abc-", "serai-abc-web", "web"]) expect(seatIdOf("abc", jobId)).toBeNull();
  });
});
