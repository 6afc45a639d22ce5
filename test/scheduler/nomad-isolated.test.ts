/** The machine's own programs, isolated: Nomad's `exec` on a machine whose agent knows the volume with the folders. */
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { silentLog } from "../../server/log.ts";
import type { Session } from "../../server/model/session.ts";
import { explain } from "../../server/model/why.ts";
import { whyEnded } from "../../server/model/why/ended.ts";
import { questionOf } from "../../server/model/why/question.ts";
import { openNomadScheduler } from "../../server/scheduler/nomad/nomad-scheduler.ts";
import type { Scheduler } from "../../server/scheduler/scheduler.ts";
import { urlOf } from "../contract/bench.ts";
import { observe, type Observed } from "../contract/observe.ts";
import { findBusybox } from "../support/busybox.ts";
import { missing } from "../support/needs.ts";
import { findNomad, type Nomad, startNomad } from "../support/nomad.ts";
import { isolating, newInstallationId } from "../support/nomad-harness.ts";
import { hostSession } from "../support/nomad-sessions.ts";

const unavailable =
  missing(findNomad() === null, "nomad", "isolated sessions on Nomad", "sh test/nomad/build.sh (needs Go)") ||
  missing(!findBusybox() || process.getuid?.() !== 0, "nomad", "isolated sessions on Nomad", "apt-get install busybox-static, as root");

describe.skipIf(unavailable)("isolated sessions on Nomad", () => {
  const cleanUp = new AsyncDisposableStack();
  const installationId = newInstallationId();
  let nomad: Nomad;
  let scheduler: Scheduler;
  let observed: Observed;
  let folders: string;
  let folder: string;

  beforeAll(async () => {
    folders = await mkdtemp(join(tmpdir(), "serai-folders-"));
    cleanUp.defer(() => rm(folders, { recursive: true, force: true }));
    await chmod(folders, 0o755);
    folder = join(folders, "model");
    await mkdir(folder);
    await chown(folder, 65_534, 65_534);
    await writeFile(join(folder, "index.html"), "served from the folder");
    nomad = cleanUp.use(await startNomad({ client: await isolating(cleanUp, installationId, folders) }));
    scheduler = cleanUp.use(await openNomadScheduler({ address: nomad.address, installationId, log: silentLog }));
    observed = cleanUp.use(observe(scheduler));
  }, 120_000);
  afterAll(() => cleanUp.disposeAsync());

  const isolated = (changes: Partial<Session> = {}): Session =>
    hostSession({
      environment: { kind: "HOST", isolated: true },
      mounts: [{ source: folder, target: "/models", readOnly: false }],
      ...changes,
    });
  const gone = async ({ id }: Session): Promise<void> => {
    await scheduler.stop(id, 0);
    await observed.until(id, ({ state }) => state === "GONE", "gone");
  };

  it("serve their folder on their port, with secrets, as nobody, in a root and with processes of their own", async () => {
    const lines = [
      "id -un",
      'echo "$WORD $HOME $PWD"',
      "ls -d /var /home /opt 2>/dev/null | wc -l",
      "ls -d /proc/[0-9]* | wc -l",
      "mkdir $HOME/x && echo home",
    ];
    const script = `{ ${lines.join("; ")}; } >said 2>&1\nexec httpd -f -p "$PORT" -h "$MODEL_PATH"\n`;
    const session = isolated({ script, secrets: { WORD: "hello" } });
    await scheduler.submit(session);
    const observation = await observed.until(session.id, ({ address }) => address !== null, "serving");
    await expect.poll(async () => (await fetch(urlOf(observation)).catch(() => null))?.text(), { timeout: 60_000 }).toBe("served from the folder");
    const said = (await readFile(join(folder, "said"), "utf8")).trim().split("\n");
    expect(said).toEqual(["nobody", `hello /local/home ${folder}`, "0", expect.stringMatching(/^[1-9]$/), "home"]);
    await gone(session);
  }, 120_000);

  it("are ended when they use more than their memory, and say so", async () => {
    const session = isolated({ script: "exec tail /dev/zero\n" });
    await scheduler.submit(session);
    const { lastExit } = await observed.until(session.id, (one) => one.lastExit !== null, "ended");
    expect(lastExit).toMatchObject({ outOfMemory: true });
    await gone(session);
  }, 120_000);

  it("write no folder where they may only read", async () => {
    const session = isolated({ script: 'touch "$MODEL_PATH/x" || exit 9\n', mounts: [{ source: folder, target: "/models", readOnly: true }] });
    await scheduler.submit(session);
    const { lastExit } = await observed.until(session.id, (one) => one.lastExit !== null, "ended");
    expect(lastExit).toMatchObject({ code: 9, outputTail: expect.stringContaining("Read-only file system") });
    await gone(session);
  }, 120_000);

  it("are told that the machine has no such user", async () => {
    const session = isolated({ environment: { kind: "HOST", isolated: true, runAs: "nosuchuser" } });
    await scheduler.submit(session);
    const { lastExit } = await observed.until(session.id, (one) => one.lastExit !== null, "failed");
    expect(whyEnded(lastExit).message).toBe("The machine has no user nosuchuser, as whom it was to run.");
    await gone(session);
  });

  it("are told which volume the machines lack, beforehand and while they wait", async () => {
    const id = newInstallationId();
    await using stranger = await openNomadScheduler({ address: nomad.address, installationId: id, log: silentLog });
    await using watched = observe(stranger);
    const session = isolated();
    const sentence = `No node lets an isolated environment have the folders: their agents must have the host volume serai-folders-${id}, which is SERAI_FOLDERS (docs/nomad.md).`;
    const preview = await stranger.preview(session);
    expect(preview.fits ? "" : explain(questionOf(session, preview.unplaced)).sentence).toBe(sentence);
    await stranger.submit(session);
    const { unplaced } = await watched.until(session.id, (one) => one.unplaced !== null, "waiting with a reason");
    expect(unplaced === null ? "" : explain(questionOf(session, unplaced)).sentence).toBe(sentence);
    await stranger.stop(session.id, 0);
    await watched.until(session.id, ({ state }) => state === "GONE", "gone");
  });
});
