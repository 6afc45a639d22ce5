/** What a session writes can be read, from any offset, and followed while it grows. */
import { describe, expect, it } from "vitest";
import type { SessionId } from "../../server/model/ids.ts";
import type { LogQuery } from "../../server/scheduler/scheduler.ts";
import { type Bench, publish } from "./bench.ts";

export function describeLogs(bench: () => Bench): void {
  const read = async (id: SessionId, query: Partial<LogQuery>): Promise<string> => {
    const chunks: Uint8Array[] = [];
    const whole = { stream: "stdout", follow: false, offset: 0, signal: AbortSignal.timeout(20_000), ...query } as const;
    for await (const chunk of bench().scheduler.logs(id, whole)) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  };

  describe("logs", () => {
    it("both streams are kept apart, and are read from an offset in bytes", async () => {
      const { session, run, harness } = bench();
      const { id } = await run(session(`echo first\necho second\necho trouble >&2\n${publish("x", "echo x")}\n${harness.serve}`));
      await expect.poll(() => read(id, { stream: "stdout" }), { timeout: 20_000 }).toMatch(/^first\nsecond\n/);
      await expect.poll(() => read(id, { stream: "stderr" }), { timeout: 20_000 }).toMatch(/^trouble\n/);
      expect(await read(id, { offset: "first\n".length })).toMatch(/^second\n/);
      expect(await read(id, { offset: 1_000_000 })).toBe("");
    });

    it("a log is followed while it grows, without a gap, until the signal ends it", async () => {
      const { session, run, scheduler, harness } = bench();
      const ticking = "(n=0; while :; do n=$((n+1)); echo tick $n; sleep 1; done) &";
      const { id } = await run(session(`${ticking}\n${publish("x", "echo x")}\n${harness.serve}`));
      const ended = new AbortController();
      let seen = "";
      for await (const chunk of scheduler.logs(id, { stream: "stdout", follow: true, offset: 0, signal: ended.signal })) {
        seen += Buffer.from(chunk).toString();
        if (seen.includes("tick 3\n")) ended.abort();
      }
      expect(seen).toMatch(/^tick 1\ntick 2\ntick 3\n/);
    });
  });
}
