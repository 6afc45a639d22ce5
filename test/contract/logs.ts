/** What a session writes can be read, from any offset of any attempt, and followed while it grows and over its restarts. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { newId, type SessionId } from "../../server/model/ids.ts";
import type { LogChunk, LogQuery } from "../../server/model/logs.ts";
import { type Bench, publish } from "./bench.ts";
import { killAll } from "./session-processes.ts";

const wholeLog = { stream: "stdout", follow: false, attempt: null, offset: 0, tailBytes: null } as const;
const textOf = (chunks: readonly LogChunk[]): string => Buffer.concat(chunks.map(({ bytes }) => bytes)).toString();

export function describeLogs(bench: () => Bench): void {
  const chunksOf = async (id: SessionId, query: Partial<LogQuery>): Promise<readonly LogChunk[]> => {
    const chunks: LogChunk[] = [];
    for await (const chunk of bench().scheduler.logs(id, { ...wholeLog, signal: AbortSignal.timeout(20_000), ...query })) chunks.push(chunk);
    return chunks;
  };
  const read = async (id: SessionId, query: Partial<LogQuery>): Promise<string> => textOf(await chunksOf(id, query));
  const follow = async (id: SessionId, query: Partial<LogQuery>, isEnough: (text: string) => boolean): Promise<readonly LogChunk[]> => {
    const ended = new AbortController();
    const chunks: LogChunk[] = [];
    const signal = AbortSignal.any([ended.signal, AbortSignal.timeout(60_000)]);
    for await (const chunk of bench().scheduler.logs(id, { ...wholeLog, ...query, follow: true, signal })) {
      chunks.push(chunk);
      if (isEnough(textOf(chunks))) ended.abort();
    }
    return chunks;
  };

  describe("logs", () => {
    it("both streams are kept apart, and are read from an offset in bytes, or from so many bytes before the end", async () => {
      const { session, run, harness } = bench();
      const { id } = await run(
        session(`echo first\necho second\necho trouble >&2\n${publish("x", "echo x")}\nexec >/dev/null 2>&1\n${harness.serve}`),
      );
      await expect.poll(() => read(id, { stream: "stdout" }), { timeout: 20_000 }).toBe("first\nsecond\n");
      await expect.poll(() => read(id, { stream: "stderr" }), { timeout: 20_000 }).toBe("trouble\n");
      expect(await read(id, { offset: "first\n".length })).toBe("second\n");
      expect(await read(id, { offset: 1_000_000 })).toBe("");
      expect(await read(id, { tailBytes: 4 })).toBe("ond\n");
      expect((await chunksOf(id, { tailBytes: 4 })).map(({ offset }) => offset)).toEqual([9]);
      expect(await read(id, { tailBytes: 1000 })).toBe("first\nsecond\n");
      expect(await read(id, { tailBytes: 4, offset: 11 })).toBe("d\n");
    });

    it("a log is followed while it grows, without a gap, until the signal ends it", async () => {
      const { session, run, harness } = bench();
      const ticking = "(n=0; while :; do n=$((n+1)); echo tick $n; sleep 1; done) &";
      const { id } = await run(session(`${ticking}\n${publish("x", "echo x")}\n${harness.serve}`));
      const chunks = await follow(id, {}, (text) => text.includes("tick 3\n"));
      expect(textOf(chunks)).toMatch(/^tick 1\ntick 2\ntick 3\n/);
      let end = 0;
      for (const { offset, bytes } of chunks) {
        expect(offset).toBe(end);
        end = offset + bytes.length;
      }
    });

    it("whoever follows is led on into what a restart writes, and can go on from any chunk as if there had been no break", async () => {
      const { session, submit, observed, harness, scheduler } = bench();
      const path = harness.sessionDefaults.mounts[0]?.source ?? "";
      await writeFile(join(path, "round"), "first\n");
      const id = await submit(session(`cat "$MODEL_PATH/round"\nwhile :; do sleep 0.2; done`));
      const following = follow(id, {}, (text) => text.includes("second\n"));
      await expect.poll(() => read(id, {}), { timeout: 20_000 }).toBe("first\n");
      await writeFile(join(path, "round"), "second\n");
      await killAll(await harness.processesOf(id));
      await observed.until(id, ({ state }) => state === "BACKING_OFF", "backing off");
      await scheduler.retry(id);
      const chunks = await following;
      expect(textOf(chunks)).toBe("first\nsecond\n");
      expect(new Set(chunks.map(({ attempt }) => attempt)).size).toBeGreaterThanOrEqual(1);
      for (const { attempt, offset } of chunks) {
        const rest = textOf(chunks).slice(chunks[0]?.attempt === attempt ? offset : "first\n".length);
        expect(await read(id, { attempt, offset })).toBe(rest);
      }
      // One that nobody knows (any more): all that is there, so that nothing is missed.
      expect(await read(id, { attempt: "long-forgotten", offset: 3 })).toBe("first\nsecond\n");
    });

    it("a log of many chunks is read whole and in its order", async () => {
      const { session, run, harness } = bench();
      const padding = "a line ".repeat(30);
      const counting = `awk 'BEGIN { for (n = 1; n <= 4000; n++) print "${padding}" n }'`;
      const { id } = await run(session(`${counting}\necho the end\n${publish("x", "echo x")}\nexec >/dev/null 2>&1\n${harness.serve}`));
      await expect.poll(() => read(id, { tailBytes: 8 }), { timeout: 60_000 }).toBe("the end\n");
      const chunks = await chunksOf(id, {});
      const lines = textOf(chunks).split("\n");
      expect(lines).toHaveLength(4_002);
      expect(lines[3_999]).toBe(`${padding}4000`);
      const middle = Math.floor(chunks.length / 2);
      const { attempt = "", offset = 0 } = chunks[middle] ?? {};
      expect(await read(id, { attempt, offset })).toBe(textOf(chunks.slice(middle)));
    });

    it("what a session wrote is read after its end as before, from any point; who follows comes to the end with it", async () => {
      const { session, run, scheduler, observed, harness } = bench();
      const ending = `trap 'echo the end; ${harness.linger}; exit 0' TERM`;
      const { id } = await run(
        session(`echo one\necho trouble >&2\n${publish("x", "echo x")}\n${ending}\n(${harness.serve}) >/dev/null 2>&1 &\nwait`),
      );
      await expect.poll(() => read(id, {}), { timeout: 20_000 }).toBe("one\n");
      const following = follow(id, {}, () => false);
      await scheduler.stop(id, 5000);
      await observed.until(id, ({ state }) => state === "GONE", "gone");
      const chunks = await following;
      expect(textOf(chunks)).toBe("one\nthe end\n");
      expect(await read(id, {})).toBe("one\nthe end\n");
      expect(await read(id, { stream: "stderr" })).toBe("trouble\n");
      expect(await read(id, { attempt: chunks[0]?.attempt ?? "", offset: "one\n".length })).toBe("the end\n");
      expect(await read(id, { tailBytes: 4 })).toBe("end\n");
      expect(textOf(await follow(id, { tailBytes: 4 }, () => false))).toBe("end\n");
    });

    it("of a session that nothing is kept of there is said so, instead of nothing", async () => {
      await expect(read(newId("session"), {})).rejects.toMatchObject({ code: "LOG_NOT_KEPT" });
      const { session, submit, scheduler, observed, harness } = bench();
      const waiting = await submit(session(harness.serve, { resources: { ...session("").resources, memoryMiB: 100_000_000 } }));
      await observed.until(waiting, ({ unplaced }) => unplaced !== null, "without a place");
      expect(await read(waiting, {})).toBe("");
      await scheduler.stop(waiting, 0);
    });

    it("a session that ended before it had a place wrote nothing, which is not the same as nothing kept, also for who follows", async () => {
      const { session, submit, scheduler, observed, harness } = bench();
      const waiting = await submit(session(harness.serve, { resources: { ...session("").resources, memoryMiB: 100_000_000 } }));
      await observed.until(waiting, ({ unplaced }) => unplaced !== null, "without a place");
      await scheduler.stop(waiting, 0);
      await observed.until(waiting, ({ state }) => state === "GONE", "gone");
      expect(await read(waiting, {})).toBe("");
      expect(await follow(waiting, {}, () => false)).toEqual([]);
    });

    it("whoever follows a session that is not there waits for it", async () => {
      const { session, submit } = bench();
      const coming = session("echo here\nexec sleep 3600");
      const following = follow(coming.id, {}, (text) => text.includes("here\n"));
      await submit(coming);
      expect(textOf(await following)).toBe("here\n");
    });
  });
}
