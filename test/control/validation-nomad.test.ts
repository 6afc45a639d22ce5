/** A validation as a job of Nomad: raw_exec on a real one. */
import { describe, expect, test } from "vitest";
import { silentLog } from "../../server/log.ts";
import { openNomadScheduler } from "../../server/scheduler/nomad/nomad-scheduler.ts";
import { createValidation, readValidations, type ValidationRow } from "../../server/store/validations.ts";
import { markedProcesses } from "../contract/session-processes.ts";
import { missing } from "../support/needs.ts";
import { newInstallationId } from "../support/nomad-harness.ts";
import { findNomad, startNomad } from "../support/nomad.ts";
import { exitsWithOne, guideExample } from "./definitions.ts";
import { openControlWorld } from "./world.ts";

const patience = { timeout: 45_000, interval: 100 };
const noNomad = missing(findNomad() === null, "nomad", "validations on a real Nomad", "sh test/nomad/build.sh (needs Go)");

describe.skipIf(noNomad)("on a cluster", () => {
  test("what serves passes, what exits fails at its first exit, and nothing is left of either", async () => {
    await using nomad = await startNomad();
    const installationId = newInstallationId();
    const openScheduler = () => openNomadScheduler({ address: nomad.address, installationId, log: silentLog });
    await using world = await openControlWorld(undefined, { openScheduler });
    const { projectId, userId } = world.who;
    const validate = async (definition: string): Promise<ValidationRow> => {
      const revision = await world.wish(definition);
      const file = await world.folders.readDefinition(revision.folderId);
      const wish = { projectId, createdBy: userId, name: null, service: null, revision, timeLimitSeconds: 40 };
      const made = await createValidation(world.database, wish, file);
      if (!made.ok) throw new Error(made.refusal.message);
      await expect.poll(async () => (await readValidations(world.database, projectId, [made.value.id]))[0]?.endedAt, patience).toBeInstanceOf(Date);
      expect(await markedProcesses(made.value.sessionId)).toEqual([]);
      const [row] = await readValidations(world.database, projectId, [made.value.id]);
      if (row === undefined) throw new Error("it is gone");
      return row;
    };
    expect(await validate(guideExample)).toMatchObject({ status: "PASSED", failure: null });
    expect(await validate(exitsWithOne)).toMatchObject({
      status: "FAILED",
      failure: { cause: "EXITED", exitCode: 1, outputTail: "the model is missing" },
    });
    const jobs = (await nomad.get("/v1/jobs")) as readonly { readonly ID: string; readonly Status: string }[];
    expect(jobs.filter(({ Status }) => Status !== "dead")).toEqual([]);
  });
});
