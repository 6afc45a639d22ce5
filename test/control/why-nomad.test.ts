/** What a service says of itself while Nomad places nothing of it: the engine's sentence, from a real Nomad, by way of control and the database. */
import { expect, test } from "vitest";
import { silentLog } from "../../server/log.ts";
import { openNomadScheduler } from "../../server/scheduler/nomad/nomad-scheduler.ts";
import { defaultResources } from "../../server/model/service-spec.ts";
import { missing } from "../support/needs.ts";
import { newInstallationId } from "../support/nomad-harness.ts";
import { findNomad, startNomad } from "../support/nomad.ts";
import { guideExample } from "./definitions.ts";
import { openControlWorld } from "./world.ts";

const noNomad = missing(findNomad() === null, "nomad", "what services say on Nomad", "sh test/nomad/build.sh (needs Go)");
const patience = { timeout: 45_000, interval: 100 };

test.skipIf(noNomad)("a service that waits says what it needs and what there is, and while Nomad is away, that it is", async () => {
  await using nomad = await startNomad();
  const installationId = newInstallationId();
  const openScheduler = () => openNomadScheduler({ address: nomad.address, installationId, log: silentLog });
  await using world = await openControlWorld(undefined, { openScheduler });
  const amd = { ...defaultResources, accelerators: [{ name: "amd/gpu", count: 1 }] };
  const { id } = await world.create(guideExample, 1, { resources: amd });
  const needs = "Needs 1 amd GPU in group default. Its only usable node has none, and no other accelerator either.";
  await expect.poll(() => world.reason(id), patience).toBe(`Starting: 0 of 1 route healthy. ${needs}`);

  await world.database.sql`update resource_groups set node_class = 'large'`;
  const another = await world.create(guideExample, 1);
  await expect
    .poll(() => world.reason(another.id), patience)
    .toContain("Group default has no nodes: none of the 1 node of node pool default is of class large.");

  await nomad.server.kill();
  const late = await world.create(guideExample, 1);
  await expect.poll(() => world.reason(late.id), patience).toContain("The Nomad cluster cannot be reached at the moment.");
  await nomad.server.start();
  await expect.poll(() => world.reason(late.id), patience).toContain("is of class large.");
});
