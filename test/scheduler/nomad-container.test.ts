/** What only containers promise: the folders and limits that a session was given, in an image with python3. Real Nomad, real Docker. */
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { silentLog } from "../../server/log.ts";
import type { Session } from "../../server/model/session.ts";
import { startAction } from "../../server/model/start-action.ts";
import { startScript } from "../../server/model/start-script.ts";
import { openNomadScheduler } from "../../server/scheduler/nomad/nomad-scheduler.ts";
import type { Scheduler } from "../../server/scheduler/scheduler.ts";
import { urlOf } from "../contract/bench.ts";
import { observe, type Observed } from "../contract/observe.ts";
import { findDocker, importBusybox, importPython, startDockerd } from "../support/docker.ts";
import { missing } from "../support/needs.ts";
import { findNomad, startNomad } from "../support/nomad.ts";
import { newInstallationId } from "../support/nomad-harness.ts";
import { containerSession } from "../support/nomad-sessions.ts";

const unavailable =
  missing(findNomad() === null, "nomad", "containers on Nomad", "sh test/nomad/build.sh (needs Go)") ||
  missing(!findDocker(), "docker", "containers on Nomad", "apt-get install docker.io debootstrap, as root");

describe.skipIf(unavailable)("containers on Nomad", () => {
  let scheduler: Scheduler;
  let observed: Observed;
  let folder: string;
  let image: string;
  let imageOfAUser: string;
  const cleanUp = new AsyncDisposableStack();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "serai-model-"));
    cleanUp.defer(() => rm(folder, { recursive: true, force: true }));
    await chmod(folder, 0o755);
    await writeFile(join(folder, "index.html"), "served from the folder");
    const docker = cleanUp.use(await startDockerd());
    image = await importPython(docker);
    imageOfAUser = await importBusybox(docker, "1000");
    const nomad = cleanUp.use(await startNomad({ dockerHost: docker.host }));
    scheduler = cleanUp.use(await openNomadScheduler({ address: nomad.address, installationId: newInstallationId(), log: silentLog }));
    observed = cleanUp.use(observe(scheduler));
  }, 600_000);
  afterAll(() => cleanUp.disposeAsync());

  const mounts = (readOnly: boolean): Session["mounts"] => [{ source: folder, target: "/models", readOnly }];
  const submitted = async (changes: Partial<Session>): Promise<Session> => {
    const session = containerSession(image, { mounts: mounts(false), port: 8000, ...changes });
    await scheduler.submit(session);
    return session;
  };
  const gone = async ({ id }: Session): Promise<void> => {
    await scheduler.stop(id, 0);
    await observed.until(id, ({ state }) => state === "GONE", "gone");
  };

  it("the guide's own example serves its folder, on the port that it declares, at an address that is another", async () => {
    const session = await submitted({ script: "exec python3 -m http.server --directory /models 8000\n" });
    const observation = await observed.until(session.id, ({ address }) => address !== null, "serving");
    expect(observation.address?.port).not.toBe(8000);
    await expect.poll(async () => (await fetch(urlOf(observation))).text(), { timeout: 20_000 }).toBe("served from the folder");
    await gone(session);
  });

  it("a folder that is mounted read-only cannot be written", async () => {
    const session = await submitted({ mounts: mounts(true), script: "touch /models/x || exit 9\n" });
    const { lastExit } = await observed.until(session.id, (one) => one.lastExit !== null, "ended");
    expect(lastExit).toMatchObject({ code: 9 });
    await gone(session);
  });

  /** What the script has said, line by line, in an image with a shell. */
  async function told(lines: readonly string[], changes: Partial<Session> = {}): Promise<readonly string[]> {
    const out = join(folder, "out");
    await mkdir(out, { recursive: true });
    await chmod(out, 0o777);
    const script = `{ ${lines.join("; ")}; } >/out/said 2>&1\nexit 7\n`;
    const session = await submitted({ script, ...changes, mounts: [...mounts(true), { source: out, target: "/out", readOnly: false }] });
    const { lastExit } = await observed.until(session.id, (one) => one.lastExit !== null, "ended");
    expect(lastExit).toMatchObject({ code: 7 });
    await gone(session);
    const said = await readFile(join(out, "said"), "utf8");
    await rm(out, { recursive: true });
    return said.trim().split("\n");
  }

  it("root keeps what serving needs and no more, nobody gains rights, and what the image says is writable", async () => {
    const status = (name: string): string => `sed -n 's/^${name}:[[:space:]]*//p' /proc/self/status`;
    const raw = "import socket\ntry: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)\nexcept PermissionError: print(1)";
    const lines = ["id -u", status("CapEff"), status("CapBnd"), status("NoNewPrivs"), `python3 -c '${raw}'`, "touch /root/x && echo written"];
    // chown, dac_override, fowner, fsetid, kill, setgid, setuid and net_bind_service.
    const eight = "00000000000004fb";
    expect(await told([...lines, 'echo "$HOME"'])).toEqual(["0", eight, eight, "1", "1", "written", "/root"]);
  });

  it("another user in a read-only root writes its own directory and /tmp, and nothing else", async () => {
    const write = (path: string): string => `(touch ${path}/x) 2>/dev/null && echo ${path}`;
    const lines = [
      "id -u; id -g",
      "sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status",
      'echo "$HOME $PWD"',
      ...["/", "/root", "/etc", "/usr", "/var/tmp", "/models", "/tmp", "/home/work", "/local"].map(write),
      "python3 -c 'import tempfile; print(tempfile.gettempdir())'",
    ];
    const environment = { kind: "CONTAINER", image, runAs: "1234:4321", readOnlyRoot: true } as const;
    const writable = ["/tmp", "/home/work", "/local"];
    expect(await told(lines, { environment })).toEqual(["1234", "4321", "0".repeat(16), "/home/work /models", ...writable, "/tmp"]);
  });

  it("a session has a limit of processes and threads of its own", async () => {
    expect(await told(["cat /sys/fs/cgroup/pids.max /sys/fs/cgroup/pids/pids.max 2>/dev/null"])).toEqual(["8192"]);
  });

  it("a session that needs more memory than it was given is said to have needed it", async () => {
    const script = `exec python3 -c "memory = bytearray(400 << 20); print(len(memory)); import time; time.sleep(60)"\n`;
    const session = await submitted({ script });
    const { lastExit, events } = await observed.until(session.id, (one) => one.lastExit !== null, "ended");
    expect(lastExit).toMatchObject({ outOfMemory: true });
    expect(events.map(({ message }) => message).join()).toContain("more memory than it was given");
    await gone(session);
  });

  it("an image whose user is not root runs start actions, and tells of them", async () => {
    const definition = {
      name: "user",
      model_path: "/models",
      service: {
        pre_start_actions: [
          startAction.parse({ action: "write_tempfile", ref: "made", args: { body: ["id -u"] } }),
          startAction.parse({ action: "run_command", args: { command: ["sh", "{made}"] } }),
        ],
        start_command: ["sleep", "3000"],
        shell: null,
        port: 8000,
        health_check: null,
      },
      metadata: {},
    };
    const session = await submitted({
      environment: { kind: "CONTAINER", image: imageOfAUser },
      script: startScript(definition, null),
      actionCount: 2,
    });
    const { events } = await observed.until(session.id, (one) => one.events.filter(({ kind }) => kind === "ACTION").length === 2, "started");
    expect(events.findLast(({ kind }) => kind === "ACTION")?.action).toMatchObject({ index: 1, exitCode: 0, out: "1000\n" });
    await gone(session);
  });

  it("an image that cannot be had is named as the reason", async () => {
    const session = await submitted({ environment: { kind: "CONTAINER", image: "127.0.0.1:1/none:1" } });
    const { lastExit } = await observed.until(session.id, (one) => one.lastExit !== null, "failed");
    expect(lastExit).toMatchObject({ code: null, message: expect.stringContaining("127.0.0.1:1/none:1") });
    await gone(session);
  });
});
