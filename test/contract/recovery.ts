/** What ends is started again, without anybody asking, and says why it ended. */
import { describe, expect, it } from "vitest";
import type { Observation } from "../../server/model/session.ts";
import { type Bench, publish, serves, urlOf } from "./bench.ts";
import { killAll } from "./session-processes.ts";

const backsOff = ({ state }: Observation): boolean => state === "BACKING_OFF";
const remainingMs = ({ retryAt }: Observation): number => (retryAt?.getTime() ?? 0) - Date.now();

export function describeRecovery(bench: () => Bench): void {
  describe("recovery", () => {
    it("a session that exits with an error backs off, says how it ended and when it starts again, and starts again by itself", async () => {
      const { session, submit, observed, harness } = bench();
      const id = await submit(session(`echo the model is broken >&2\n${harness.linger}\nexit 3`));
      const first = await observed.until(id, backsOff, "backing off");
      expect(first.lastExit).toMatchObject({ code: 3, signal: null, outOfMemory: false });
      expect(first.lastExit?.outputTail).toContain("the model is broken");
      expect(first.retryAt?.getTime()).toBeGreaterThan(first.lastExit?.at.getTime() ?? Infinity);
      expect(first.address).toBeNull();
      expect(first.events.map(({ kind }) => kind)).toContain("EXITED");
      const again = ({ lastExit }: Observation): boolean => lastExit !== null && lastExit.at.getTime() > (first.lastExit?.at.getTime() ?? 0);
      await observed.until(id, again, "started again");
    });

    it("a start command that does not exist is shown with what the shell said", async () => {
      const { session, submit, observed, harness } = bench();
      const id = await submit(session(`(exec no-such-model-server --port 1)\ncode=$?\n${harness.linger}\nexit $code`));
      const { lastExit } = await observed.until(id, backsOff, "backing off");
      expect(lastExit?.code).toBe(127);
      expect(lastExit?.outputTail).toContain("no-such-model-server");
    });

    it("retry leaves back-off now", async () => {
      const { session, submit, observed, scheduler } = bench();
      const id = await submit(session("exit 1"));
      const waiting = await observed.until(id, (observation) => backsOff(observation) && remainingMs(observation) > 4000, "waiting longer");
      await scheduler.retry(id);
      const endedAt = waiting.lastExit?.at.getTime() ?? 0;
      const again = await observed.until(id, ({ lastExit }) => (lastExit?.at.getTime() ?? 0) > endedAt, "started again");
      expect(again.lastExit?.at.getTime()).toBeLessThan(waiting.retryAt?.getTime() ?? 0);
    });

    it("retry leaves a session alone that runs", async () => {
      const { session, run, observed, scheduler, harness } = bench();
      const { id } = await run(session(`${publish("x", "echo x")}\n${harness.serve}`));
      await expect.poll(() => harness.processesOf(id), { timeout: 20_000 }).toHaveLength(1);
      const processes = await harness.processesOf(id);
      const before = observed.newest(id);
      await scheduler.retry(id);
      expect(await harness.processesOf(id)).toEqual(processes);
      expect(observed.newest(id)?.attempt).toBe(before?.attempt);
    });

    it("a session whose process was killed comes back by itself, as another attempt", async () => {
      const { session, submit, observed, harness } = bench();
      const id = await submit(session(`${publish("greeting", "echo hello again")}\n${harness.serve}`));
      const before = await observed.until(id, serves, "serving");
      await expect.poll(() => harness.processesOf(id), { timeout: 20_000 }).toHaveLength(1);
      await killAll(await harness.processesOf(id));
      const after = await observed.until(id, (observation) => serves(observation) && observation.attempt !== before.attempt, "serving again");
      await expect.poll(async () => (await fetch(`${urlOf(after)}/greeting`)).text(), { timeout: 20_000 }).toBe("hello again\n");
      const exit = after.lastExit;
      expect(exit?.signal === "SIGKILL" || exit?.code === 137).toBe(true);
    });

    it("no address is reported while a session waits for its next start", async () => {
      const { session, run, observed, harness } = bench();
      const { id } = await run(session(`${publish("x", "echo x")}\n${harness.serve}`));
      await expect.poll(() => harness.processesOf(id), { timeout: 20_000 }).toHaveLength(1);
      await killAll(await harness.processesOf(id));
      await observed.until(id, ({ lastExit }) => lastExit !== null, "noticed");
      const waiting = observed.history(id).filter(({ state }) => state !== "RUNNING");
      expect(waiting.filter(({ address }) => address !== null)).toEqual([]);
    });
  });
}
