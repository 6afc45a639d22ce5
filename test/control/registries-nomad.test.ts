/** What an administrator says of an image registry, by way of the database and control, on a real Nomad, Docker and registry. */
import { expect, test } from "vitest";
import { createVariableSecrets } from "../../server/auth/variable-secrets.ts";
import { silentLog } from "../../server/log.ts";
import { openNomadScheduler } from "../../server/scheduler/nomad/nomad-scheduler.ts";
import { clearErrorsAndRetry } from "../../server/store/clear-errors.ts";
import { createEnvironment } from "../../server/store/environments.ts";
import { hostSeed } from "../../server/model/environment-seeds.ts";
import { createImageRegistry, modifyImageRegistry } from "../../server/store/image-registries.ts";
import { createValidation, readValidations } from "../../server/store/validations.ts";
import { findDocker, importBusybox, pushImage, removeImage, startDockerd } from "../support/docker.ts";
import { hasDockerRegistry, startDockerRegistry } from "../support/docker-registry.ts";
import { missing } from "../support/needs.ts";
import { newInstallationId } from "../support/nomad-harness.ts";
import { findNomad, startNomad } from "../support/nomad.ts";
import { openControlWorld } from "./world.ts";

const unavailable =
  missing(findNomad() === null, "nomad", "services from private registries", "sh test/nomad/build.sh (needs Go)") ||
  missing(!findDocker() || !hasDockerRegistry(), "docker", "services from private registries", "apt-get install docker.io docker-registry, as root");

const definition = `
models:
  - name: private
    model_path: /models
    service:
      start_command: [httpd, -f, -p, "8000", -h, /models]
      port: 8000
      health_check:
        path: /model-definition.yml
`;
const right = { username: "puller", password: "the right password" };
const patience = { timeout: 60_000, interval: 100 };

test.skipIf(unavailable)(
  "a service whose image wants credentials says so, and runs once an administrator has given them and its errors are cleared",
  async () => {
    await using docker = await startDockerd();
    await using registry = await startDockerRegistry(right);
    const image = `${registry.host}/models/private:1`;
    await pushImage(docker, await importBusybox(docker), image, right);
    await using nomad = await startNomad({ dockerHost: docker.host });
    const installationId = newInstallationId();
    const openScheduler = () => openNomadScheduler({ address: nomad.address, installationId, log: silentLog });
    const { decryptPassword, encryptPassword } = createVariableSecrets(() => "the secret of this installation");
    await using world = await openControlWorld(undefined, { openScheduler, decryptPassword });
    const { database, who } = world;
    const { key: _key, ...ofHost } = hostSeed;
    const environment = await createEnvironment(database, { ...ofHost, runtime: "Private", image });
    if (!environment.ok) throw new Error(environment.refusal.message);
    const { id: environmentId } = environment.value;
    const { id } = await world.create(definition, 1, { environmentId });
    await expect.poll(() => world.reason(id), patience).toContain(`The registry ${registry.host} does not let the machine read the image ${image}.`);

    const stranger = createVariableSecrets(() => "the secret of another installation");
    const unreadable = { ...right, host: registry.host, password: await stranger.encryptPassword(registry.host, right.password) };
    const made = await createImageRegistry(database, unreadable);
    if (!made.ok) throw new Error(made.refusal.message);
    const retry = () => clearErrorsAndRetry(database, who, id, world.folders.readDefinition);
    await retry();
    await expect.poll(() => world.reason(id), patience).toContain(`The password of the image registry ${registry.host} cannot be decrypted`);

    await modifyImageRegistry(database, made.value.id, { password: await encryptPassword(registry.host, right.password) });
    await retry();
    await expect.poll(() => world.status(id), patience).toBe("HEALTHY");

    // A trial run likewise, on a machine that does not have the image.
    await removeImage(docker, image);
    const revision = { ...(await world.wish(definition)), environmentId };
    const wish = { projectId: who.projectId, createdBy: who.userId, name: null, service: null, revision, timeLimitSeconds: 40 };
    const validation = await createValidation(database, wish, await world.folders.readDefinition(revision.folderId));
    if (!validation.ok) throw new Error(validation.refusal.message);
    const status = async () => (await readValidations(database, who.projectId, [validation.value.id]))[0]?.status;
    await expect.poll(status, patience).toBe("PASSED");
  },
  180_000,
);
