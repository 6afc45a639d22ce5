/** Watching: everything first, then changes, the same for everybody who watches. */
import { describe, expect, it } from "vitest";
import type { Observation } from "../../server/model/session.ts";
import { type Bench, publish } from "./bench.ts";
import { observe } from "./observe.ts";

const isGone = ({ state }: Observation): boolean => state === "GONE";

export function describeWatching(bench: () => Bench): void {
  describe("watching", () => {
    it("a watcher is given everything that is there first, also when that is nothing", async () => {
      const { session, run, scheduler, harness } = bench();
      const ended = new AbortController();
      for await (const { complete, observations } of scheduler.watch(ended.signal)) {
        expect({ complete, ours: observations.filter(({ state }) => state !== "GONE") }).toEqual({ complete: true, ours: [] });
        break;
      }
      const { id } = await run(session(`${publish("x", "echo x")}\n${harness.serve}`));
      for await (const { complete, observations } of scheduler.watch(ended.signal)) {
        expect(complete).toBe(true);
        expect(observations.find(({ sessionId }) => sessionId === id)).toMatchObject({ state: "RUNNING" });
        break;
      }
      ended.abort();
    });

    it("two watchers are told the same", async () => {
      const { session, run, scheduler, observed, harness } = bench();
      const { id } = await run(session(`${publish("x", "echo x")}\n${harness.serve}`));
      await using second = observe(scheduler);
      const seen = await second.until(id, ({ state }) => state === "RUNNING", "running");
      const { attempt, address, node } = observed.newest(id) ?? {};
      expect(seen).toMatchObject({ attempt, address, node });
      await scheduler.stop(id, 1000);
      await Promise.all([observed.until(id, isGone, "gone"), second.until(id, isGone, "gone")]);
    });

    it("what happened to a session is told in order, and each thing under one key only", async () => {
      const { session, submit, observed } = bench();
      const id = await submit(session("exit 1"));
      const twice = ({ events }: Observation): boolean => events.filter(({ kind }) => kind === "EXITED").length >= 2;
      const { events } = await observed.until(id, twice, "ended twice");
      expect(new Set(events.map(({ key }) => key)).size).toBe(events.length);
      expect(events.map(({ at }) => at.getTime())).toEqual(events.map(({ at }) => at.getTime()).toSorted((one, other) => one - other));
    });

    it("watching ends with its signal", async () => {
      const { scheduler } = bench();
      const ended = new AbortController();
      for await (const { complete } of scheduler.watch(ended.signal)) {
        expect(complete).toBe(true);
        ended.abort();
      }
      expect(ended.signal.aborted).toBe(true);
    });
  });
}
