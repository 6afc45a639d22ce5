/** Replacing a session: its seat goes to its successor and to nobody else, and the two are never mixed up. */
import { describe, expect, it } from "vitest";
import { newId, type SessionId } from "../../server/model/ids.ts";
import { nextInSeat } from "../../server/model/seat.ts";
import type { Observation, Session } from "../../server/model/session.ts";
import type { LogQuery } from "../../server/model/logs.ts";
import { type Bench, publish, serves, urlOf } from "./bench.ts";
import { observe } from "./observe.ts";

const isGone = ({ state }: Observation): boolean => state === "GONE";
const isRunning = ({ state }: Observation): boolean => state === "RUNNING";
const isStopping = ({ state }: Observation): boolean => state === "STOPPING";
const backsOff = ({ state }: Observation): boolean => state === "BACKING_OFF";
const keysOf = ({ events }: Observation): readonly string[] => events.map(({ key }) => key);
const text = async (url: string): Promise<string> => (await fetch(url)).text();

/** Takes no notice of SIGTERM. */
const stubborn = "trap '' TERM\nwhile :; do sleep 1; done";

export function describeReplacing(bench: () => Bench): void {
  const serving = (name: string): string => `echo "${name} says"\n${publish("name", `echo ${name}`)}\n${bench().harness.serve}`;
  const after = (old: SessionId, script: string, changes: Partial<Session> = {}): Session =>
    bench().session(script, { id: nextInSeat(old), ...changes });
  const needing = (memoryMiB: number): Partial<Session> => ({ resources: { cpuMillicores: 100, memoryMiB, sharedMemoryMiB: 0, accelerators: [] } });
  /** Few images hand SIGTERM on to what they run, so most cases do not wait for the whole grace. */
  const handOver = async (old: SessionId, successor: Session): Promise<SessionId> => {
    await bench().replace(old, successor);
    await bench().scheduler.stop(old, 1000);
    return successor.id;
  };
  const states = (id: SessionId): readonly string[] =>
    bench()
      .observed.history(id)
      .map(({ state }) => state);
  const saysItsName = async (id: SessionId, name: string): Promise<void> => {
    const observation = await bench().observed.until(id, serves, "serving");
    await expect.poll(() => text(`${urlOf(observation)}/name`), { timeout: 20_000 }).toBe(`${name}\n`);
  };
  const read = async (id: SessionId): Promise<string> => {
    const query: LogQuery = { stream: "stdout", follow: false, attempt: null, offset: 0, tailBytes: null, signal: AbortSignal.timeout(20_000) };
    const chunks: Uint8Array[] = [];
    for await (const chunk of bench().scheduler.logs(id, query)) chunks.push(chunk.bytes);
    return Buffer.concat(chunks).toString();
  };

  describe("replacing", () => {
    it("the successor serves in the seat, and starts when everything of the old session has ended", async () => {
      const { session, submit, replace, observed, harness } = bench();
      const note = `"$MODEL_PATH/ended-$SERAI_SESSION"`;
      const old = await submit(session(`trap 'sleep 1; echo x > ${note}; exit 0' TERM\nwhile :; do sleep 0.2; done`));
      await observed.until(old, isRunning, "running");
      await expect.poll(async () => (await harness.processesOf(old)).length, { timeout: 20_000 }).toBeGreaterThanOrEqual(1);
      const look = publish("order", `test -e "$MODEL_PATH/ended-${old}" && echo after || echo before`);
      const id = await replace(old, after(old, `${look}\n${serving("second")}`));
      await saysItsName(id, "second");
      expect(await text(`${urlOf(await observed.until(id, serves, "serving"))}/order`)).toBe("after\n");
      await observed.until(old, isGone, "gone");
      expect(await harness.processesOf(old)).toEqual([]);
      expect(states(old)).toContain("STOPPING");
      expect(states(old).indexOf("STOPPING")).toBeLessThan(states(old).indexOf("GONE"));
    });

    it("neither session is told of what happened to the other, by nobody who watches", async () => {
      const { session, run, observed, scheduler } = bench();
      const { id: old } = await run(session(serving("first")));
      const before = keysOf(await observed.until(old, serves, "serving"));
      const id = await handOver(old, after(old, serving("second")));
      const successor = await observed.until(id, serves, "serving");
      const gone = await observed.until(old, isGone, "gone");
      expect(successor).toMatchObject({ lastExit: null, retryAt: null, unplaced: null });
      expect(keysOf(gone)).toEqual(expect.arrayContaining([...before]));
      expect(successor.events.filter(({ kind }) => kind !== "NOTE").map(({ kind }) => kind)).toEqual(["PLACED", "STARTED"]);
      expect(successor.events.every(({ at }) => at >= (gone.events[0]?.at ?? 0))).toBe(true);
      await using second = observe(scheduler);
      const { attempt, address, events } = await second.until(id, serves, "serving");
      expect({ attempt, address, events }).toEqual({ attempt: successor.attempt, address: successor.address, events: observed.newest(id)?.events });
      expect(second.newest(old)?.state ?? "GONE").toBe("GONE");
    });

    it("the log of each is its own", async () => {
      const { session, run } = bench();
      const { id: old } = await run(session(serving("first")));
      await expect.poll(() => read(old), { timeout: 20_000 }).toContain("first says");
      const id = await handOver(old, after(old, serving("second")));
      await saysItsName(id, "second");
      await expect.poll(() => read(id), { timeout: 20_000 }).toContain("second says");
      expect(await read(id)).not.toContain("first says");
      expect(await read(old)).not.toContain("second says");
    });

    it("nobody who waits for the room gets it, and a preview counts the seat as the successor's", async () => {
      const { session, submit, observed, scheduler } = bench();
      const [{ memoryMiB } = { memoryMiB: { total: 0, used: 0 } }] = await scheduler.nodes();
      const room = needing(memoryMiB.total - memoryMiB.used - 32);
      const old = await submit(session(serving("first"), room));
      await observed.until(old, serves, "serving");
      const waiting = await submit(session(serving("waiting"), needing(128)));
      await observed.until(waiting, ({ state }) => state === "UNPLACED", "unplaced");

      const successor = after(old, serving("second"), room);
      expect(await scheduler.preview(successor)).toEqual({ fits: true });
      expect((await scheduler.preview(session(serving("other"), room))).fits).toBe(false);
      const id = await handOver(old, successor);
      await saysItsName(id, "second");
      await observed.until(old, isGone, "gone");
      expect(new Set(states(waiting))).toEqual(new Set(["UNPLACED"]));
      await scheduler.stop(id, 0);
      await observed.until(waiting, serves, "serving");
    });

    it("what needs more room than there is leaves the old session running, and a later one takes the seat all the same", async () => {
      const { session, run, replace, observed, scheduler, harness } = bench();
      const { id: old } = await run(session(serving("first")));
      const [{ memoryMiB } = { memoryMiB: { total: 0 } }] = await scheduler.nodes();
      const tooLarge = await replace(old, after(old, serving("second"), needing(memoryMiB.total * 2)));
      const { unplaced } = await observed.until(tooLarge, (one) => one.state === "UNPLACED" && one.unplaced !== null, "unplaced");
      expect(Object.keys(unplaced?.dimensionExhausted ?? {}).join()).toMatch("memory");
      await saysItsName(old, "first");
      expect(states(old)).not.toContain("STOPPING");
      const id = await replace(tooLarge, after(tooLarge, serving("third")));
      await scheduler.stop(old, 1000);
      await saysItsName(id, "third");
      await Promise.all([old, tooLarge].map((one) => observed.until(one, isGone, "gone")));
      expect([await harness.processesOf(old), await harness.processesOf(tooLarge)]).toEqual([[], []]);
    });

    it("one that waits for more room ends with its predecessor when it is stopped", async () => {
      const { session, run, replace, observed, scheduler, harness } = bench();
      const { id: old } = await run(session(serving("first")));
      const [{ memoryMiB } = { memoryMiB: { total: 0 } }] = await scheduler.nodes();
      const id = await replace(old, after(old, serving("second"), needing(memoryMiB.total * 2)));
      await observed.until(id, ({ state }) => state === "UNPLACED", "unplaced");
      await scheduler.stop(id, 1000);
      await Promise.all([old, id].map((one) => observed.until(one, isGone, "gone")));
      expect(await harness.processesOf(old)).toEqual([]);
    });

    it("stopping the old session while its successor waits for more room ends it, and the successor goes on waiting", async () => {
      const { session, run, replace, observed, scheduler, harness } = bench();
      const { id: old } = await run(session(serving("first")));
      const [{ memoryMiB } = { memoryMiB: { total: 0 } }] = await scheduler.nodes();
      const id = await replace(old, after(old, serving("second"), needing(memoryMiB.total * 2)));
      await observed.until(id, ({ state }) => state === "UNPLACED", "unplaced");
      await scheduler.stop(old, 1000);
      await observed.until(old, isGone, "gone");
      expect(await harness.processesOf(old)).toEqual([]);
      expect(observed.newest(id)?.state).toBe("UNPLACED");
    });

    it("repeating it, at the same time or later, starts nothing new, and an older one does not bring an older session back", async () => {
      const { session, run, replace, observed, scheduler, harness } = bench();
      const { id: first } = await run(session(serving("first")));
      const second = after(first, serving("second"));
      await Promise.all([replace(first, second), replace(first, second), replace(first, second)]);
      await scheduler.stop(first, 1000);
      await observed.until(second.id, serves, "serving");
      const third = after(second.id, serving("third"));
      await replace(second.id, third);
      await replace(first, second);
      await scheduler.submit({ ...second, id: first });
      await scheduler.stop(second.id, 1000);
      await saysItsName(third.id, "third");
      const before = await harness.processesOf(third.id);
      for (const [old, one] of [
        [first, second],
        [second.id, third],
        [first, third],
      ] as const)
        await replace(old, one);
      await Promise.all([first, second.id].map((id) => observed.until(id, isGone, "gone")));
      expect(await harness.processesOf(third.id)).toEqual(before);
      expect([await harness.processesOf(first), await harness.processesOf(second.id)]).toEqual([[], []]);
      await saysItsName(third.id, "third");
    });

    it("a seat that is being handed on counts once; stopping the old session cuts its grace short, and does not end its successor", async () => {
      const { session, submit, replace, observed, scheduler, harness } = bench();
      const old = await submit(session(stubborn));
      await observed.until(old, isRunning, "running");
      await expect.poll(async () => (await harness.processesOf(old)).length, { timeout: 20_000 }).toBeGreaterThanOrEqual(1);
      const memoryUsed = async (): Promise<number> => (await scheduler.nodes()).reduce((sum, { memoryMiB }) => sum + memoryMiB.used, 0);
      const before = await memoryUsed();
      const id = await replace(old, after(old, serving("second")));
      await observed.until(old, isStopping, "stopping");
      expect(observed.newest(id)?.state).toBe("PLACED");
      expect(await memoryUsed()).toBe(before);
      const askedAt = Date.now();
      await scheduler.stop(old, 500);
      await observed.until(old, isGone, "gone");
      expect(Date.now() - askedAt).toBeLessThan(15_000);
      await saysItsName(id, "second");
      await scheduler.stop(old, 0);
      await scheduler.retry(old);
      await saysItsName(id, "second");
    });

    it("stopping the successor ends the whole seat, also before it has started", async () => {
      const { session, submit, replace, observed, scheduler, harness } = bench();
      const old = await submit(session(stubborn));
      await observed.until(old, isRunning, "running");
      const id = await replace(old, after(old, serving("second")));
      await observed.until(old, isStopping, "stopping");
      await Promise.all([scheduler.stop(id, 0), scheduler.stop(old, 0)]);
      await Promise.all([old, id].map((one) => observed.until(one, isGone, "gone")));
      expect([await harness.processesOf(old), await harness.processesOf(id)]).toEqual([[], []]);
    });

    it("a session that backs off or waits for room is replaced at once", async () => {
      const { session, submit, replace, observed, scheduler } = bench();
      const failing = await submit(session("exit 1"));
      await observed.until(failing, (one) => backsOff(one) && (one.retryAt?.getTime() ?? 0) - Date.now() > 3000, "waiting longer");
      const second = await replace(failing, after(failing, serving("second")));
      await saysItsName(second, "second");
      const [{ memoryMiB } = { memoryMiB: { total: 0 } }] = await scheduler.nodes();
      const tooLarge = await submit(session(serving("large"), needing(memoryMiB.total * 2)));
      await observed.until(tooLarge, ({ state }) => state === "UNPLACED", "unplaced");
      const smaller = await replace(tooLarge, after(tooLarge, serving("smaller")));
      await saysItsName(smaller, "smaller");
      await Promise.all([failing, tooLarge].map((id) => observed.until(id, isGone, "gone")));
    });

    it("a successor that fails backs off, is told to retry, and counts its own failures only", async () => {
      const { session, run, observed, scheduler } = bench();
      const { id: old } = await run(session(serving("first")));
      const id = await handOver(old, after(old, `echo broken >&2\n${bench().harness.linger}\nexit 3`));
      const waiting = await observed.until(id, (one) => backsOff(one) && (one.retryAt?.getTime() ?? 0) - Date.now() > 500, "waiting");
      expect(waiting.lastExit).toMatchObject({ code: 3 });
      await scheduler.retry(id);
      const endedAt = waiting.lastExit?.at.getTime() ?? 0;
      await observed.until(id, ({ lastExit }) => (lastExit?.at.getTime() ?? 0) > endedAt, "started again");
      expect(observed.newest(old)?.state).toBe("GONE");
    });

    it("replacing what is gone, or never was, is submitting", async () => {
      const { session, run, replace, observed, scheduler } = bench();
      const { id: old } = await run(session(serving("first")));
      await scheduler.stop(old, 1000);
      await observed.until(old, isGone, "gone");
      await saysItsName(await replace(old, after(old, serving("second"))), "second");
      const never = newId("session");
      await saysItsName(await replace(never, after(never, serving("alone"))), "alone");
    });

    it("a session of another seat, or an earlier one, is refused", async () => {
      const { session, scheduler } = bench();
      const old = newId("session");
      for (const id of [newId("session"), old])
        await expect(scheduler.replace(old, session(serving("x"), { id }))).rejects.toMatchObject({ code: "INTERNAL" });
      await expect(scheduler.replace(nextInSeat(old), session(serving("x"), { id: old }))).rejects.toMatchObject({ code: "INTERNAL" });
    });
  });
}
