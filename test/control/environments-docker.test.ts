/**
 * A service without a definition file, from the wish to HEALTHY: the catalogue's own commands, in containers on a real Nomad with GPUs that a
 * plugin makes up. The image is a stand-in: where the real ones have their servers it has a small one that tells how it was called.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { silentLog } from "../../server/log.ts";
import { containerSeeds } from "../../server/model/environment-seeds.ts";
import type { Outcome } from "../../server/model/problem.ts";
import { openNomadScheduler } from "../../server/scheduler/nomad/nomad-scheduler.ts";
import { createService } from "../../server/store/create-service.ts";
import { createEnvironment } from "../../server/store/environments.ts";
import { createFolder } from "../../server/store/folders.ts";
import { terminateService } from "../../server/store/modify-service.ts";
import type { RevisionWish } from "../../server/store/revision-wish.ts";
import { findDocker, importServers, startDockerd } from "../support/docker.ts";
import { missing } from "../support/needs.ts";
import { newInstallationId } from "../support/nomad-harness.ts";
import { findFakeGpu, findNomad, startNomad } from "../support/nomad.ts";
import { guideExample } from "./definitions.ts";
import { openControlWorld, type ControlWorld } from "./world.ts";

const unavailable =
  missing(findNomad() === null || findFakeGpu() === null, "nomad", "the catalogue's commands in containers", "sh test/nomad/build.sh (needs Go)") ||
  missing(!findDocker(), "docker", "the catalogue's commands in containers", "apt-get install docker.io busybox-static, as root");
const patience = { timeout: 40_000, interval: 200 };

const programs = [
  "bin/vllm",
  "tgi-entrypoint.sh",
  "bin/python3",
  "app/llama-server",
  "opt/nim/start_server.sh",
  "bin/tritonserver",
  // Its entrypoint is started there.
  "usr/src/readme",
];
/** How each is called for the folder `tiny-llama` with two GPUs. */
const calls: Readonly<Record<string, string>> = {
  "vllm-0.28.0": "/bin/vllm serve /models --served-model-name tiny-llama --host 0.0.0.0 --port 8000 --tensor-parallel-size 2",
  "tgi-3.3.7": "/tgi-entrypoint.sh --model-id /models --hostname 0.0.0.0 --port 3000 --num-shard 2",
  "sglang-0.5.18": "/bin/python3 -m sglang.launch_server --model-path /models --served-model-name tiny-llama --host 0.0.0.0 --port 30000 --tp-size 2",
  "llama.cpp-cuda-b7018": "/app/llama-server --model /models/tiny.gguf --alias tiny-llama --host 0.0.0.0 --port 8080 --n-gpu-layers 999",
  "nim-1.15.0":
    "/opt/nim/start_server.sh \nNIM_MODEL_NAME=/models\nNIM_SERVED_MODEL_NAME=tiny-llama\nNIM_SERVER_PORT=8000\nNIM_TENSOR_PARALLEL_SIZE=2",
  "triton-26.06": "/bin/tritonserver --model-repository /models --http-port 8000",
};

describe.skipIf(unavailable)("a folder with nothing but a model becomes HEALTHY, called with its folder, its name and all its GPUs", () => {
  const cleanUp = new AsyncDisposableStack();
  let image: string;
  let world: ControlWorld;
  let wish: RevisionWish;

  beforeAll(async () => {
    const docker = cleanUp.use(await startDockerd());
    image = await importServers(docker, programs);
    const nomad = cleanUp.use(await startNomad({ gpus: 2, dockerHost: docker.host }));
    const installationId = newInstallationId();
    const openScheduler = () => openNomadScheduler({ address: nomad.address, installationId, log: silentLog });
    world = cleanUp.use(await openControlWorld(undefined, { openScheduler }));
    const { projectId, userId } = world.who;
    const folder = valueOf(await createFolder(world.database, { projectId, createdBy: userId, name: "tiny-llama", usage: "MODEL" }));
    await world.folders.create(folder.id);
    await world.folders.writeFile(folder.id, { path: "tiny.gguf", content: "a model", ifMatch: null });
    const usual = await world.wish(guideExample);
    wish = { ...usual, folderId: folder.id, resources: { ...usual.resources, accelerators: [{ name: "nvidia/gpu", count: 2 }] } };
  });
  afterAll(() => cleanUp.disposeAsync());

  it.for(Object.entries(calls))("in %s", async ([key, call]) => {
    const { database, folders, who } = world;
    const seed = containerSeeds.find((one) => one.key === key);
    if (seed === undefined) throw new Error(`there is no ${key}`);
    const { key: _key, ...version } = seed;
    const environmentId = valueOf(await createEnvironment(database, { ...version, image })).id;
    const owner = { projectId: who.projectId, createdBy: who.userId };
    const rest = { name: key.replaceAll(".", "-"), openToPublic: true, desiredRouteCount: 1, terminationGraceSeconds: 1 };
    const rule = { urlTemplate: "http://localhost:{port}", ports: { from: 10_000, to: 10_100 } };
    const file = await folders.readDefinition(wish.folderId);
    const { id } = valueOf(await createService(database, { ...wish, ...owner, ...rest, environmentId }, rule, file));
    await expect.poll(async () => ((await world.status(id)) === "HEALTHY" ? "HEALTHY" : world.reason(id)), patience).toBe("HEALTHY");
    const [route] = await database.sql<{ host: string; port: number }[]>`select host, port from routes where service_id = ${id}`;
    expect((await (await fetch(`http://${route?.host}:${route?.port}/called`)).text()).trim()).toBe(call);
    // The next one needs the GPUs.
    await terminateService(database, who.projectId, id);
    await expect.poll(() => world.status(id), patience).toBe("TERMINATED");
  });
});

function valueOf<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw new Error(outcome.refusal.message);
}
