/** Logs on a real Nomad, beyond the contract: larger than one of its files, larger than all that it keeps, and of what is gone. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SessionId } from "../../server/model/ids.ts";
import type { LogChunk, LogQuery } from "../../server/model/logs.ts";
import { type Bench, openBench } from "../contract/bench.ts";
import { missing } from "../support/needs.ts";
import { findNomad } from "../support/nomad.ts";
import { openHostHarness } from "../support/nomad-harness.ts";

const skipped = missing(findNomad() === null, "nomad", "large logs on Nomad", "sh test/nomad/build.sh (needs Go)");

describe.skipIf(skipped)("logs on Nomad", { timeout: 180_000 }, () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = openBench(await openHostHarness());
  }, 120_000);
  afterAll(() => bench?.[Symbol.asyncDispose]());

  async function read(
    id: SessionId,
    query: Partial<LogQuery> = {},
  ): Promise<{ readonly chunks: readonly LogChunk[]; readonly lines: readonly string[] }> {
    const whole: LogQuery = { stream: "stdout", follow: false, attempt: null, offset: 0, tailBytes: null, signal: AbortSignal.timeout(60_000) };
    const chunks: LogChunk[] = [];
    for await (const chunk of bench.scheduler.logs(id, { ...whole, ...query })) chunks.push(chunk);
    const text = Buffer.concat(chunks.map(({ bytes }) => bytes)).toString();
    return { chunks, lines: text.split("\n").slice(0, -1) };
  }
  const padding = "a line ".repeat(100);
  const counting = (count: number): string => `awk 'BEGIN { for (n = 1; n <= ${count}; n++) print "${padding}" n }'`;
  const ended = (id: SessionId) => expect.poll(async () => (await read(id, { tailBytes: 8 })).lines.at(-1), { timeout: 60_000 }).toBe("the end");

  test("one that fills more files than Nomad keeps is read from the first that is left, with offsets that stay true, also when it has ended", async () => {
    const id = await bench.submit(bench.session(`${counting(100_000)}\necho the end\nwhile :; do sleep 1; done`));
    await ended(id);
    const { chunks, lines } = await read(id);
    const numbers = lines.slice(0, -1).map((line) => Number(line.slice(padding.length)));
    const [first = 0] = numbers;
    expect(first).toBeGreaterThan(1);
    expect(numbers).toEqual(Array.from({ length: 100_000 - first + 1 }, (_, index) => first + index));
    expect(chunks[0]?.offset).toBeGreaterThan(0);
    let end = 0;
    for (const { offset, bytes } of chunks) {
      expect(offset).toBeGreaterThanOrEqual(end);
      end = offset + bytes.length;
    }
    for (const at of [1, Math.floor(chunks.length / 2), chunks.length - 1]) {
      const { attempt, offset } = chunks[at] as LogChunk;
      const rest = Buffer.concat((await read(id, { attempt, offset })).chunks.map(({ bytes }) => bytes));
      expect(rest.equals(Buffer.concat(chunks.slice(at).map(({ bytes }) => bytes)))).toBe(true);
    }
    // Over the border between two files.
    expect((await read(id, { tailBytes: 15 * 1024 * 1024 })).lines.length).toBeGreaterThan(20_000);

    await bench.scheduler.stop(id, 0);
    await bench.observed.until(id, ({ state }) => state === "GONE", "gone");
    expect((await read(id)).lines).toEqual(lines);
  });
});
