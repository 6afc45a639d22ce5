/**
 * The suite that every scheduler passes: each promise of server/scheduler/scheduler.ts as a test with real processes and
 * real HTTP. It knows nothing of Nomad or of the local scheduler; what differs is in the harness:
 *
 *   describeScheduler("local", async () => ({ scheduler: await openLocalScheduler(…), … }));
 *
 * The sessions need a POSIX shell and whatever `serve` names, so a busybox image is enough. All of it runs on this
 * machine, so a session's processes are found here by their mark, in a container as well.
 */
import { afterAll, afterEach, beforeAll, describe } from "vitest";
import { type Bench, openBench } from "./bench.ts";
import { ownSecret, type SchedulerHarness } from "./harness.ts";
import { describeLogs } from "./logs.ts";
import { describePlacement } from "./placement.ts";
import { describeRecovery } from "./recovery.ts";
import { describeReplacing } from "./replacing.ts";
import { describeRunning } from "./running.ts";
import { describeStartActions } from "./start-actions.ts";
import { describeStopping } from "./stopping.ts";
import { describeWatching } from "./watching.ts";

export type { SchedulerHarness } from "./harness.ts";

export function describeScheduler(name: string, open: () => Promise<SchedulerHarness>): void {
  describe(`the ${name} scheduler`, { timeout: 120_000 }, () => {
    let bench: Bench | null = null;
    const current = (): Bench => {
      if (bench === null) throw new Error("the bench is not open");
      return bench;
    };

    beforeAll(async () => {
      process.env[ownSecret.name] = ownSecret.value;
      bench = openBench(await open());
    });
    afterEach(() => bench?.clear());
    afterAll(async () => {
      await bench?.[Symbol.asyncDispose]();
      delete process.env[ownSecret.name];
    });

    describeRunning(current);
    describeStopping(current);
    describeRecovery(current);
    describePlacement(current);
    describeWatching(current);
    describeLogs(current);
    describeStartActions(current);
    describeReplacing(current);
  });
}
