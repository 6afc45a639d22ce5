/** Images that a registry hands out only to who signs in: a real registry, a real Docker, a real Nomad. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { silentLog } from "../../server/log.ts";
import { nextInSeat } from "../../server/model/seat.ts";
import type { ImageCredentials, Observation, Session } from "../../server/model/session.ts";
import { whyEnded } from "../../server/model/why/ended.ts";
import { jobIdOf } from "../../server/scheduler/nomad/names.ts";
import { openNomadScheduler } from "../../server/scheduler/nomad/nomad-scheduler.ts";
import { pathsOf } from "../../server/scheduler/nomad/references.ts";
import type { Scheduler } from "../../server/scheduler/scheduler.ts";
import { observe, type Observed } from "../contract/observe.ts";
import { type Docker, findDocker, importBusybox, pushImage, removeImage, startDockerd } from "../support/docker.ts";
import { type DockerRegistry, hasDockerRegistry, startDockerRegistry } from "../support/docker-registry.ts";
import { missing } from "../support/needs.ts";
import { findNomad, type Nomad, startNomad } from "../support/nomad.ts";
import { newInstallationId } from "../support/nomad-harness.ts";
import { containerSession } from "../support/nomad-sessions.ts";

const unavailable =
  missing(findNomad() === null, "nomad", "private registries", "sh test/nomad/build.sh (needs Go)") ||
  missing(!findDocker() || !hasDockerRegistry(), "docker", "private registries", "apt-get install docker.io docker-registry busybox-static, as root");

/** What template languages, env files and shells would take for their own. */
const right: ImageCredentials = { username: "puller", password: 'canary-81c2 "it\'s" $HOME ${x} {{ y }} # \\n' };

describe.skipIf(unavailable)("an image of a private registry", () => {
  const installationId = newInstallationId();
  const cleanUp = new AsyncDisposableStack();
  let docker: Docker;
  let registry: DockerRegistry;
  let nomad: Nomad;
  let scheduler: Scheduler;
  let observed: Observed;
  let folder: string;
  let image: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "serai-model-"));
    cleanUp.defer(() => rm(folder, { recursive: true, force: true }));
    docker = cleanUp.use(await startDockerd());
    registry = cleanUp.use(await startDockerRegistry(right));
    image = `${registry.host}/models/private:1`;
    await pushImage(docker, await importBusybox(docker), image, right);
    nomad = cleanUp.use(await startNomad({ clients: 2, dockerHost: docker.host }));
    scheduler = cleanUp.use(await openNomadScheduler({ address: nomad.address, installationId, log: silentLog }));
    observed = cleanUp.use(observe(scheduler));
  }, 120_000);
  afterAll(() => cleanUp.disposeAsync());
  beforeEach(() => removeImage(docker, image));

  const submitted = async (name: string, credentials?: ImageCredentials, script = "exec sleep 3600\n"): Promise<Session> => {
    const environment = { kind: "CONTAINER", image: name, ...(credentials === undefined ? {} : { credentials }) } as const;
    const session = containerSession(name, { environment, script, mounts: [{ source: folder, target: "/models", readOnly: false }] });
    await scheduler.submit(session);
    return session;
  };
  const running = ({ id }: Session): Promise<Observation> => observed.until(id, ({ state }) => state === "RUNNING", "running");
  const gone = async ({ id }: Session): Promise<void> => {
    await scheduler.stop(id, 0);
    await observed.until(id, ({ state }) => state === "GONE", "gone");
  };
  const ending = async (name: string, credentials?: ImageCredentials): Promise<ReturnType<typeof whyEnded>> => {
    const session = await submitted(name, credentials);
    const { lastExit } = await observed.until(session.id, (one) => one.lastExit !== null, "ended");
    await gone(session);
    return whyEnded(lastExit);
  };

  it("runs with the right credentials, which stand neither in the job nor in the container", async () => {
    const session = await submitted(image, right, "env > /models/environment\nexec sleep 3600\n");
    await running(session);
    const jobId = jobIdOf(installationId, session.id);
    const [allocation] = (await nomad.get(`/v1/job/${jobId}/allocations`)) as readonly { readonly ID: string }[];
    const shown = JSON.stringify([await nomad.get(`/v1/job/${jobId}`), await nomad.get(`/v1/allocation/${allocation?.ID}`)]);
    expect(shown).toContain(image);
    expect(shown).not.toContain("canary");
    await expect.poll(() => readFile(join(folder, "environment"), "utf8").catch(() => ""), { timeout: 20_000 }).toContain("SERAI_SESSION");
    expect(await readFile(join(folder, "environment"), "utf8")).not.toMatch(/canary|puller/);
    await gone(session);
    await expect.poll(() => nomad.get("/v1/vars"), { timeout: 20_000 }).toEqual([]);
  });

  it("is asked about as it will be run, whoever it is that signs in", async () => {
    const environment = { kind: "CONTAINER", image, credentials: { username: "", password: "" } } as const;
    expect(await scheduler.preview(containerSession(image, { environment }))).toEqual({ fits: true });
  });

  it("takes no more of a machine than its session", async () => {
    const session = await submitted(image, right);
    const { node } = await running(session);
    const users = (await scheduler.nodes()).find(({ name }) => name === node?.name)?.users ?? [];
    expect(users.find((user) => user.session?.id === session.id)).toMatchObject({ memoryMiB: session.resources.memoryMiB });
    await gone(session);
  });

  it("goes on and is started again in place after the client of its machine was ended and started", async () => {
    const session = await submitted(image, right, "trap 'exit 0' TERM\nwhile [ ! -e /models/end ]; do sleep 0.1; done\nrm /models/end\nexit 7\n");
    const before = await running(session);
    const client = nomad.clients.find(({ name }) => name === before.node?.name);
    await client?.kill();
    await client?.start();
    await writeFile(join(folder, "end"), "");
    const after = await observed.until(session.id, ({ state, attempt }) => state === "RUNNING" && attempt !== before.attempt, "running again");
    expect(after.lastExit).toMatchObject({ code: 7 });
    expect(after.attempt?.split(":")[0]).toBe(before.attempt?.split(":")[0]);
    await gone(session);
  });

  it("takes a seat over with credentials of its own", async () => {
    const old = await submitted(image, right);
    await running(old);
    const next = { ...old, id: nextInSeat(old.id), secrets: { WORD: "next" } };
    await scheduler.replace(old.id, next);
    await gone(old);
    await running(next);
    const paths = async () => ((await nomad.get("/v1/vars")) as readonly { readonly Path: string }[]).map(({ Path }) => Path);
    await expect.poll(paths, { timeout: 20_000 }).toEqual(pathsOf(jobIdOf(installationId, next.id), next.id));
    await gone(next);
    await expect.poll(paths, { timeout: 20_000 }).toEqual([]);
  });

  it("is refused with wrong credentials, and with none, in one sentence that names the registry", async () => {
    const refused = { cause: "IMAGE_UNAUTHORIZED", message: `The registry ${registry.host} does not let the machine read the image ${image}.` };
    expect(await ending(image, { ...right, password: "wrong" })).toMatchObject(refused);
    expect(await ending(image)).toMatchObject(refused);
  });

  it("that is missing is said to be, within 10 s", async () => {
    const name = `${registry.host}/models/none:1`;
    const begunAt = Date.now();
    expect(await ending(name, right)).toMatchObject({ cause: "IMAGE_MISSING", message: `The image ${name} does not exist in ${registry.host}.` });
    expect(Date.now() - begunAt).toBeLessThan(10_000);
  });

  it("of a registry that cannot be reached is told as such", async () => {
    expect(await ending("127.0.0.1:1/models/private:1", right)).toMatchObject({
      cause: "REGISTRY_UNREACHABLE",
      message: "The registry 127.0.0.1:1 cannot be reached, so the image 127.0.0.1:1/models/private:1 cannot be pulled.",
    });
  });
});
