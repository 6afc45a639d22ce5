/** Folders and variables as sessions on Nomad really get them: in a container, and on the host. Real Nomad, real Docker. */
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { silentLog } from "../../server/log.ts";
import type { Session } from "../../server/model/session.ts";
import { openNomadScheduler } from "../../server/scheduler/nomad/nomad-scheduler.ts";
import type { Scheduler } from "../../server/scheduler/scheduler.ts";
import { observe, type Observed } from "../contract/observe.ts";
import { findDocker, importBusybox, startDockerd } from "../support/docker.ts";
import { missing } from "../support/needs.ts";
import { findNomad, startNomad } from "../support/nomad.ts";
import { newInstallationId } from "../support/nomad-harness.ts";
import { containerSession, hostSession } from "../support/nomad-sessions.ts";

const unavailable =
  missing(findNomad() === null, "nomad", "mounts on Nomad", "sh test/nomad/build.sh (needs Go)") ||
  missing(!findDocker(), "docker", "mounts on Nomad", "apt-get install docker.io busybox-static, as root");

describe.skipIf(unavailable)("mounts and variables on Nomad", () => {
  let scheduler: Scheduler;
  let observed: Observed;
  let folders: string;
  let image: string;
  const cleanUp = new AsyncDisposableStack();
  const folder = (name: string): string => join(folders, name);

  beforeAll(async () => {
    folders = await mkdtemp(join(tmpdir(), "serai-folders-"));
    cleanUp.defer(() => rm(folders, { recursive: true, force: true }));
    await chmod(folders, 0o755);
    for (const name of ["model", "data", "output"]) await mkdir(folder(name));
    await writeFile(join(folder("data"), "corpus"), "words");
    const docker = cleanUp.use(await startDockerd());
    image = await importBusybox(docker);
    const nomad = cleanUp.use(await startNomad({ dockerHost: docker.host }));
    scheduler = cleanUp.use(await openNomadScheduler({ address: nomad.address, installationId: newInstallationId(), log: silentLog }));
    observed = cleanUp.use(observe(scheduler));
  }, 300_000);
  afterAll(() => cleanUp.disposeAsync());

  const lastExitOf = async (session: Session) => {
    await scheduler.submit(session);
    const { lastExit } = await observed.until(session.id, (one) => one.lastExit !== null, "ended");
    await scheduler.stop(session.id, 0);
    await observed.until(session.id, ({ state }) => state === "GONE", "gone");
    return lastExit;
  };

  it("a container reads what is mounted read-only, and writes only what is not", async () => {
    const session = containerSession(image, {
      mounts: [
        { source: folder("model"), target: "/models", readOnly: true },
        { source: folder("data"), target: "/home/work/data", readOnly: true },
        { source: folder("output"), target: "/out", readOnly: false },
      ],
      script: "cat /home/work/data/corpus >/out/copy\nfor at in /models /home/work/data; do touch $at/x 2>>/out/refused && exit 1; done\nexit 9\n",
    });
    expect(await lastExitOf(session)).toMatchObject({ code: 9 });
    expect(await readFile(join(folder("output"), "refused"), "utf8")).toMatch(/\/models\/x[^]*\/home\/work\/data\/x/);
    expect(await readFile(join(folder("output"), "copy"), "utf8")).toBe("words");
    expect(await readdir(folder("model"))).toEqual([]);
  });

  it("a folder that is not there keeps a container from starting, is named, and is not made", async () => {
    const gone = folder("gone");
    const session = containerSession(image, {
      mounts: [
        { source: folder("model"), target: "/models", readOnly: false },
        { source: gone, target: "/data", readOnly: true },
      ],
      script: "exit 1\n",
    });
    expect(await lastExitOf(session)).toMatchObject({ code: null, message: expect.stringContaining(gone) });
    expect(existsSync(gone)).toBe(false);
  });

  const hostile = 'it\'s "$(id)" `id` ${HOME} ${NOMAD_TASK_DIR}\n{{ key "x" }} <serai< \\n ünï ';
  const kinds: Record<string, (changes: Partial<Session>) => Session> = {
    "in a container": (changes) => containerSession(image, changes),
    "on the host": (changes) => hostSession(changes),
  };

  it.each(Object.keys(kinds))("a variable arrives byte by byte %s", async (kind) => {
    const [mount] = [{ source: folder("output"), target: "/out", readOnly: false }];
    const session = kinds[kind]?.({
      mounts: [mount],
      variables: { HOSTILE: hostile, EMPTY: "" },
      script: 'printf "%s|%s|" "$HOSTILE" "$EMPTY" >"$MODEL_PATH/seen"\nexit 9\n',
    });
    if (session === undefined) throw new Error("no such kind");
    expect(await lastExitOf(session)).toMatchObject({ code: 9 });
    expect(await readFile(join(folder("output"), "seen"), "utf8")).toBe(`${hostile}||`);
  });
});
