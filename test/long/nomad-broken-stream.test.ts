/** Nomad's events, where they cannot be relied on: a buffer of five, a stream that is cut every second, and much that happens meanwhile. */
import { expect, test } from "vitest";
import type { SessionId } from "../../server/model/ids.ts";
import { openNomadScheduler } from "../../server/scheduler/nomad/nomad-scheduler.ts";
import { terminateService } from "../../server/store/modify-service.ts";
import { guideExample } from "../control/definitions.ts";
import { openControlWorld } from "../control/world.ts";
import { silentLog } from "../../server/log.ts";
import { missing } from "../support/needs.ts";
import { findNomad, startNomad } from "../support/nomad.ts";
import { newInstallationId } from "../support/nomad-harness.ts";
import { openTcpProxy } from "../support/tcp-proxy.ts";

const noNomad = missing(findNomad() === null, "nomad", "a broken event stream of a real Nomad", "sh test/nomad/build.sh (needs Go)");
const patience = { timeout: 120_000, interval: 100 };
const cutEveryMs = 1000;

test.skipIf(noNomad)("what is shown in the end is what Nomad has, whatever came of its events", { timeout: 240_000 }, async () => {
  await using nomad = await startNomad({ eventBufferSize: 5 });
  await using network = await openTcpProxy(nomad.address);
  const address = network.url.replace(/\/$/, "");
  await using world = await openControlWorld(undefined, {
    openScheduler: () => openNomadScheduler({ address, installationId: newInstallationId(), log: silentLog }),
  });
  const cutting = setInterval(() => network.cut(), cutEveryMs);
  try {
    const healthyCount = async (id: string) => {
      const rows = await world.database.sql<{ status: string }[]>`select status from routes where service_id = ${id} and terminated_at is null`;
      return rows.map(({ status }) => status).join(" ");
    };
    const kept = await world.create(guideExample, 2);
    for (let round = 0; round < 3; round++) {
      const passing = await world.create(guideExample, 2);
      await expect.poll(() => healthyCount(passing.id), patience).toBe("HEALTHY HEALTHY");
      await terminateService(world.database, world.who.projectId, passing.id);
      await expect.poll(() => world.status(passing.id), patience).toBe("TERMINATED");
    }
    await expect.poll(() => healthyCount(kept.id), patience).toBe("HEALTHY HEALTHY");
    const shown = await world.database.sql<{ id: SessionId }[]>`select session_id as id from routes where terminated_at is null order by id`;
    const live = async () => {
      const jobs = (await nomad.get("/v1/jobs?meta=true")) as readonly {
        readonly Status: string;
        readonly Meta: Readonly<Record<string, string>> | null;
      }[];
      return jobs.filter(({ Status }) => Status === "running").map(({ Meta }) => Meta?.["serai_session"]);
    };
    await expect.poll(async () => new Set(await live()), patience).toEqual(new Set(shown.map(({ id }) => id)));
  } finally {
    clearInterval(cutting);
  }
});
