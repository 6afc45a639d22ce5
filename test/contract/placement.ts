/** Room is counted: what does not fit waits, says why, and is placed when there is room. */
import { describe, expect, it } from "vitest";
import type { Observation, Session } from "../../server/model/session.ts";
import type { ComputeNode } from "../../server/model/observe.ts";
import { explain } from "../../server/model/why.ts";
import { questionOf } from "../../server/model/why/question.ts";
import { type Bench, publish, serves } from "./bench.ts";

const freeMemoryMiB = ({ memoryMiB }: ComputeNode): number => memoryMiB.total - memoryMiB.used;
const needing = (session: Session, changes: Partial<Session["resources"]>): Session => ({
  ...session,
  resources: { ...session.resources, ...changes },
});
const isUnplaced = ({ state }: Observation): boolean => state === "UNPLACED";

export function describePlacement(bench: () => Bench): void {
  describe("placement", () => {
    it("the machines are told with what they have and what of it is taken", async () => {
      const { scheduler, session, run, harness } = bench();
      const memoryUsed = async (): Promise<number> => (await scheduler.nodes()).reduce((sum, { memoryMiB }) => sum + memoryMiB.used, 0);
      const before = await memoryUsed();
      const nodes = await scheduler.nodes();
      expect(nodes.length).toBeGreaterThan(0);
      for (const node of nodes) {
        expect(node.cpuMillicores.total).toBeGreaterThan(0);
        expect(node.memoryMiB.total).toBeGreaterThan(0);
        expect(node.runs).toContain(harness.sessionDefaults.environment.kind);
      }
      await run(needing(session(`${publish("x", "echo x")}\n${harness.serve}`), { memoryMiB: 200 }));
      expect(await memoryUsed()).toBe(before + 200);
    });

    it.each([
      ["memory", (node: ComputeNode) => ({ memoryMiB: node.memoryMiB.total * 2 })],
      ["cpu", (node: ComputeNode) => ({ cpuMillicores: node.cpuMillicores.total * 2 })],
    ] as const)("a session that needs more %s than there is waits and says so, and a preview says the same", async (dimension, tooMuch) => {
      const { scheduler, session, submit, observed, harness } = bench();
      const largest = (await scheduler.nodes()).reduce((one, other) => (tooMuch(one) > tooMuch(other) ? one : other));
      const wanted = needing(session(harness.serve), tooMuch(largest));
      const preview = await scheduler.preview(wanted);
      expect(preview.fits).toBe(false);
      if (!preview.fits) expect(Object.keys(preview.unplaced.dimensionExhausted).join()).toMatch(dimension);
      const { unplaced, attempt, node } = await observed.until(
        await submit(wanted),
        (seen) => isUnplaced(seen) && seen.unplaced !== null,
        "unplaced",
      );
      expect(Object.keys(unplaced?.dimensionExhausted ?? {}).join()).toMatch(dimension);
      expect(unplaced?.nodesExhausted).toBeGreaterThan(0);
      expect({ attempt, node }).toEqual({ attempt: null, node: null });
    });

    it("a session that waits for room is placed when there is room", async () => {
      const { scheduler, session, submit, observed, harness } = bench();
      const script = `${publish("x", "echo x")}\n${harness.serve}`;
      const free = (await scheduler.nodes()).map(freeMemoryMiB);
      const fillers = await Promise.all(free.map((memoryMiB) => submit(needing(session(script), { memoryMiB: memoryMiB - 32 }))));
      for (const id of fillers) await observed.until(id, serves, "serving");

      const wanted = needing(session(script), { memoryMiB: 128 });
      expect((await scheduler.preview(wanted)).fits).toBe(false);
      const id = await submit(wanted);
      await observed.until(id, isUnplaced, "unplaced");
      await scheduler.stop(fillers[0] ?? id, 0);
      const placed = await observed.until(id, serves, "serving");
      expect(placed.unplaced).toBeNull();
    });

    it("a machine that is not eligible keeps what it runs, and gets nothing new until it is eligible again", async () => {
      const { scheduler, session, submit, run, observed, harness } = bench();
      const script = `${publish("x", "echo x")}\n${harness.serve}`;
      const { id: running } = await run(session(script));
      const attempt = observed.newest(running)?.attempt;
      const machines = await scheduler.nodes();
      for (const { id } of machines) await scheduler.setEligible(id, false);
      expect((await scheduler.nodes()).map(({ eligible }) => eligible)).toEqual(machines.map(() => false));

      const wanted = session(script);
      const preview = await scheduler.preview(wanted);
      expect(preview.fits ? "it fits" : explain(questionOf(wanted, preview.unplaced)).culprit).toBe("ALL_UNAVAILABLE");
      const waiting = await submit(wanted);
      await observed.until(waiting, (seen) => isUnplaced(seen) && seen.unplaced !== null, "unplaced");
      expect(observed.newest(running)).toMatchObject({ state: "RUNNING", attempt });

      for (const { id } of machines) await scheduler.setEligible(id, true);
      await observed.until(waiting, serves, "serving");
      expect(observed.newest(running)).toMatchObject({ state: "RUNNING", attempt });
    });

    it("whether a machine that is not there takes new work cannot be said", async () => {
      await expect(bench().scheduler.setEligible("00000000-0000-0000-0000-000000000000", false)).rejects.toMatchObject({ code: "SCHEDULER_REFUSED" });
    });

    it("a preview of what fits says so, and starts nothing", async () => {
      const { scheduler, session, harness } = bench();
      const wanted = session(harness.serve);
      expect(await scheduler.preview(wanted)).toEqual({ fits: true });
      expect(await harness.processesOf(wanted.id)).toEqual([]);
    });
  });
}
