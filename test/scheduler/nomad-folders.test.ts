/** Machines that see the folders, and machines that do not. On a real Nomad whose second client has another directory in their place. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { markFolders } from "../../server/folders/mark.ts";
import { silentLog } from "../../server/log.ts";
import type { Session } from "../../server/model/session.ts";
import { foldersMark } from "../../server/scheduler/nomad/folder-check-job.ts";
import { openNomadScheduler } from "../../server/scheduler/nomad/nomad-scheduler.ts";
import type { Scheduler } from "../../server/scheduler/scheduler.ts";
import { observe, type Observed } from "../contract/observe.ts";
import { missing } from "../support/needs.ts";
import { findNomad, type Nomad, startNomad } from "../support/nomad.ts";
import { newInstallationId } from "../support/nomad-harness.ts";
import { hostSession } from "../support/nomad-sessions.ts";

const isRoot = process.getuid?.() === 0;
const noNomad = missing(
  findNomad() === null || !isRoot,
  "nomad",
  "machines that do not see the folders",
  "sh test/nomad/build.sh (needs Go), as root",
);

describe.skipIf(noNomad)("on a cluster where a machine does not see the folders", () => {
  const installationId = newInstallationId();
  const cleanUp = new AsyncDisposableStack();
  let shared: string;
  let folders: string;
  let nomad: Nomad;
  let scheduler: Scheduler;
  let observed: Observed;

  const open = () => openNomadScheduler({ address: nomad.address, installationId, foldersDirectory: folders, log: silentLog });
  const sight = async (): Promise<Record<string, boolean | null>> =>
    Object.fromEntries((await scheduler.nodes()).map(({ name, seesFolders }) => [name, seesFolders]));
  const checkJobs = async (): Promise<readonly string[]> =>
    ((await nomad.get("/v1/jobs")) as readonly { readonly ID: string }[]).map(({ ID }) => ID).filter((id) => id.includes("folder-check"));
  const sessionIn = (nodePool: string): Session =>
    hostSession({ resourceGroup: { name: nodePool, nodePool }, mounts: [{ source: folders, target: "/models", readOnly: false }] });
  const gone = async (session: Session): Promise<void> => {
    await scheduler.stop(session.id, 0);
    await observed.until(session.id, ({ state }) => state === "GONE", "gone");
  };

  beforeAll(async () => {
    shared = await mkdtemp(join(tmpdir(), "serai-shared-"));
    cleanUp.defer(() => rm(shared, { recursive: true, force: true }));
    // With all that a path may hold: nothing of it is Nomad's or the shell's.
    folders = join(shared, "the ${node.class} 'folders' {{ x }}");
    await mkdir(folders);
    await markFolders(folders, foldersMark(installationId), silentLog);
    nomad = cleanUp.use(await startNomad({ clients: 2, nodePools: ["default", "blind"], hidden: [null, shared] }));
    scheduler = cleanUp.use(await open());
    observed = cleanUp.use(observe(scheduler));
  });
  afterAll(() => cleanUp.disposeAsync());

  it("nothing is known before a session needs to know, and no machine of a pool that nobody uses is asked", async () => {
    expect(await sight()).toEqual({ "node-1": null, "node-2": null });
    const session = sessionIn("default");
    await scheduler.submit(session);
    await observed.until(session.id, ({ state }) => state === "RUNNING", "running");
    expect(await sight()).toEqual({ "node-1": true, "node-2": null });
    await gone(session);
  });

  it("a session is not placed there and says which machine does not see which path, until the machine does", async () => {
    const session = sessionIn("blind");
    await scheduler.submit(session);
    const { unplaced, lastExit } = await observed.until(session.id, (one) => one.unplaced?.message != null, "unplaced with a reason");
    expect(unplaced?.message).toBe(
      `Node node-2 does not see the folders: ${folders} is not there (SERAI_FOLDERS must be the same shared file system on every Nomad client).`,
    );
    expect(lastExit).toBeNull();
    expect(await sight()).toEqual({ "node-1": true, "node-2": false });
    expect(await scheduler.preview(sessionIn("blind"))).toMatchObject({ fits: false, unplaced: { message: unplaced?.message } });

    const [, blind] = nomad.clients;
    await blind?.kill();
    await blind?.start();
    await observed.until(session.id, ({ state }) => state === "RUNNING", "running where the folders are seen now");
    expect(await sight()).toEqual({ "node-1": true, "node-2": true });
    await gone(session);
  });

  it("a directory of the same path that is not the shared one is told from it", async () => {
    const [, blind] = nomad.clients;
    await blind?.kill();
    await blind?.start(folders);
    await using another = await open();
    await using itsView = observe(another);
    const session = sessionIn("blind");
    await another.submit(session);
    const { unplaced } = await itsView.until(session.id, (one) => one.unplaced?.message != null, "unplaced with a reason");
    expect(unplaced?.message).toContain(`Node node-2 does not see the folders: ${folders} is another directory there`);
    await gone(session);
  });

  it("what was asked leaves no job behind", async () => {
    await expect.poll(checkJobs, { timeout: 20_000 }).toEqual([]);
  });
});
