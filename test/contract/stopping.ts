/** Stopping a session: everything of it ends, repeating is harmless, and GONE means gone. */
import { describe, expect, it } from "vitest";
import { newId, type SessionId } from "../../server/model/ids.ts";
import type { Observation } from "../../server/model/session.ts";
import { type Bench, publish } from "./bench.ts";

const isGone = ({ state }: Observation): boolean => state === "GONE";

export function describeStopping(bench: () => Bench): void {
  const stopped = async (id: SessionId, graceMs: number): Promise<void> => {
    const { scheduler, observed, harness } = bench();
    await scheduler.stop(id, graceMs);
    await observed.until(id, isGone, "gone");
    expect(await harness.processesOf(id)).toEqual([]);
  };

  describe("stopping", () => {
    it("a stopped session is gone with its child processes, and its address answers no more", async () => {
      const { session, run, harness } = bench();
      const { id, url } = await run(session(`sleep 3600 &\n${publish("x", "echo x")}\n${harness.serve}`));
      await expect.poll(async () => (await harness.processesOf(id)).length, { timeout: 20_000 }).toBeGreaterThanOrEqual(2);
      await stopped(id, 1000);
      await expect(fetch(url)).rejects.toThrow();
    });

    it("a child that became a daemon is stopped as well", async () => {
      const { session, run, harness } = bench();
      const { id } = await run(session(`setsid sleep 3600 &\n${publish("x", "echo x")}\n${harness.serve}`));
      await expect.poll(async () => (await harness.processesOf(id)).length, { timeout: 20_000 }).toBeGreaterThanOrEqual(2);
      await stopped(id, 1000);
    });

    it("a process that ignores SIGTERM is killed when its grace is over", async () => {
      const { session, submit, observed, harness } = bench();
      const id = await submit(session(`trap '' TERM\nwhile :; do sleep 1; done`));
      await observed.until(id, ({ state }) => state === "RUNNING", "running");
      await expect.poll(async () => (await harness.processesOf(id)).length, { timeout: 20_000 }).toBeGreaterThanOrEqual(1);
      await stopped(id, 500);
    });

    it("stopping again, or stopping what never was, does no harm", async () => {
      const { session, run, scheduler, harness } = bench();
      const { id } = await run(session(`${publish("x", "echo x")}\n${harness.serve}`));
      await Promise.all([scheduler.stop(id, 1000), scheduler.stop(id, 1000)]);
      await stopped(id, 1000);
      await scheduler.stop(id, 1000);
      await scheduler.stop(newId("session"), 1000);
    });

    it("a session that waits for its next start can be stopped", async () => {
      const { session, submit, observed } = bench();
      const id = await submit(session("exit 1"));
      await observed.until(id, ({ state }) => state === "BACKING_OFF", "backing off");
      await stopped(id, 0);
    });

    it("a session that was stopped right after it was submitted leaves nothing", async () => {
      const { session, submit, harness } = bench();
      const id = await submit(session(harness.serve));
      await stopped(id, 0);
    });
  });
}
