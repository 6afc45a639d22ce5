/** Reasons why a container does not run, or not for long, each produced by a real Docker under a real Nomad and told in one sentence. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { silentLog } from "../../server/log.ts";
import type { Session, SessionExit } from "../../server/model/session.ts";
import { whyEnded } from "../../server/model/why/ended.ts";
import { openNomadScheduler } from "../../server/scheduler/nomad/nomad-scheduler.ts";
import type { Scheduler } from "../../server/scheduler/scheduler.ts";
import { observe, type Observed } from "../contract/observe.ts";
import { findDocker, importBusybox, startDockerd } from "../support/docker.ts";
import { startImageRegistry } from "../support/image-registry.ts";
import { missing } from "../support/needs.ts";
import { findNomad, startNomad } from "../support/nomad.ts";
import { newInstallationId } from "../support/nomad-harness.ts";
import { containerSession } from "../support/nomad-sessions.ts";

const unavailable =
  missing(findNomad() === null, "nomad", "reasons of containers", "sh test/nomad/build.sh (needs Go)") ||
  missing(!findDocker(), "docker", "reasons of containers", "apt-get install docker.io busybox-static, as root");

describe.skipIf(unavailable)("a container that does not run is told why", () => {
  const cleanUp = new AsyncDisposableStack();
  let scheduler: Scheduler;
  let observed: Observed;
  let image: string;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "serai-model-"));
    cleanUp.defer(() => rm(folder, { recursive: true, force: true }));
    const docker = cleanUp.use(await startDockerd());
    image = await importBusybox(docker);
    const nomad = cleanUp.use(await startNomad({ dockerHost: docker.host }));
    scheduler = cleanUp.use(await openNomadScheduler({ address: nomad.address, installationId: newInstallationId(), log: silentLog }));
    observed = cleanUp.use(observe(scheduler));
  }, 120_000);
  afterAll(() => cleanUp.disposeAsync());

  const exitOf = async (changes: Partial<Session>, ofImage = image): Promise<SessionExit | null> => {
    const session = containerSession(ofImage, { mounts: [{ source: folder, target: "/models", readOnly: false }], ...changes });
    await scheduler.submit(session);
    const { lastExit } = await observed.until(session.id, (one) => one.lastExit !== null, "ended");
    await scheduler.stop(session.id, 0);
    await observed.until(session.id, ({ state }) => state === "GONE", "gone");
    return lastExit;
  };
  const ending = async (changes: Partial<Session>, ofImage = image): Promise<ReturnType<typeof whyEnded>> => whyEnded(await exitOf(changes, ofImage));

  it("its image is not in the registry, within 10 s", async () => {
    await using registry = await startImageRegistry({ status: 404, code: "MANIFEST_UNKNOWN", message: "manifest unknown" });
    const name = `${registry.host}/models/none:1`;
    const begunAt = Date.now();
    expect(await ending({}, name)).toMatchObject({ cause: "IMAGE_MISSING", message: `The image ${name} does not exist in ${registry.host}.` });
    expect(Date.now() - begunAt).toBeLessThan(10_000);
  });

  it("its registry does not let it in", async () => {
    await using registry = await startImageRegistry({ status: 401, code: "UNAUTHORIZED", message: "authentication required" });
    const name = `${registry.host}/models/private:1`;
    expect(await ending({}, name)).toMatchObject({
      cause: "IMAGE_UNAUTHORIZED",
      message: `The registry ${registry.host} does not let the machine read the image ${name}.`,
    });
  });

  it("its registry cannot be reached", async () => {
    expect(await ending({}, "127.0.0.1:1/none:1")).toMatchObject({
      cause: "REGISTRY_UNREACHABLE",
      message: "The registry 127.0.0.1:1 cannot be reached, so the image 127.0.0.1:1/none:1 cannot be pulled.",
    });
  });

  it("the machine does not have what is to be mounted", async () => {
    const mounts: Session["mounts"] = [{ source: join(folder, "not-there"), target: "/models", readOnly: false }];
    expect(await ending({ mounts })).toMatchObject({
      cause: "MOUNT_MISSING",
      message: `The machine does not have ${folder}/not-there, which was to be mounted.`,
    });
  });

  it("used all of its memory and needed more", async () => {
    expect(await ending({ script: "tail /dev/zero\n" })).toMatchObject({
      cause: "OUT_OF_MEMORY",
      message: "The process used all of its memory (64 MiB), needed more and was ended.",
    });
  });

  it("and that is so: who is ended by the limit has come to it", async () => {
    const peak = "cat /sys/fs/cgroup/memory/memory.max_usage_in_bytes /sys/fs/cgroup/memory.peak 2>/dev/null";
    const script = `sh -c 'tail /dev/zero'\nexit $(($(${peak}) / 1048576))\n`;
    expect((await exitOf({ script }))?.code).toBe(64);
  });

  it("but not for its shared memory, which is what was asked for", async () => {
    const { resources } = containerSession(image);
    const script = `exit $(($(df -k /dev/shm | tail -n 1 | tr -s ' ' | cut -d ' ' -f 2) / 1024))\n`;
    expect(await ending({ script, resources: { ...resources, sharedMemoryMiB: 32 } })).toMatchObject({
      message: "The start command exited with code 32",
    });
  });

  it("its image does not have whom it is to run as", async () => {
    expect(await ending({ environment: { kind: "CONTAINER", image, runAs: "nosuchuser" } })).toMatchObject({
      cause: "START_FAILED",
      message: "The image has no user nosuchuser, as whom it was to run.",
    });
  });

  it("its program ends, is not there, or is ended by a signal", async () => {
    expect(await ending({ script: "echo no weights >&2; exit 3\n" })).toMatchObject({
      cause: "EXITED",
      message: "The start command exited with code 3: no weights",
    });
    expect(await ending({ script: "exec not-a-program\n" })).toMatchObject({ cause: "EXITED", hint: expect.stringContaining("not found") });
    expect(await ending({ script: "sh -c 'kill -SEGV $$'\nexit $?\n" })).toMatchObject({
      cause: "EXITED",
      message: expect.stringContaining("SIGSEGV"),
    });
  });
});
