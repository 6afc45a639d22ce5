/**
 * Users of an endpoint who never retry: 50 short calls a second, reading and writing in turn, and streams that are always open. Whatever
 * is not a whole, right answer is kept as a failure, in words.
 */
import { Agent, request } from "undici";

const callEveryMs = 20;
const body = "x".repeat(2000);

export type Traffic = AsyncDisposable & {
  readonly calls: number;
  readonly streams: number;
  readonly failures: readonly string[];
  /** Of whole answers. */
  readonly versions: ReadonlySet<string>;
  readonly slowestMs: number;
};

export function openTraffic(endpoint: string, { streamCount = 20 }: { readonly streamCount?: number } = {}): Traffic {
  const dispatcher = new Agent({ connections: 200, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });
  const failures: string[] = [];
  const versions = new Set<string>();
  const underWay = new Set<Promise<void>>();
  const ending = new AbortController();
  let calls = 0;
  let streams = 0;
  let slowestMs = 0;

  async function call(): Promise<void> {
    const isWriting = calls % 2 === 1;
    calls += 1;
    const startedAt = performance.now();
    try {
      const answer = await request(endpoint, { dispatcher, ...(isWriting ? { method: "POST", body } : {}) });
      const text = await answer.body.text();
      if (answer.statusCode !== 200) return void failures.push(`${isWriting ? "POST" : "GET"} ${answer.statusCode}: ${text.slice(0, 200)}`);
      const value = JSON.parse(text) as { version: string; bytes?: number };
      if (isWriting && value.bytes !== body.length) failures.push(`POST arrived with ${value.bytes} bytes`);
      versions.add(value.version);
      slowestMs = Math.max(slowestMs, performance.now() - startedAt);
    } catch (thrown) {
      failures.push(`${isWriting ? "POST" : "GET"} ${String((thrown as { code?: string }).code ?? thrown)}`);
    }
  }

  async function stream(): Promise<void> {
    while (!ending.signal.aborted) {
      try {
        const answer = await request(new URL("/stream", endpoint), { dispatcher });
        const text = await answer.body.text();
        if (answer.statusCode !== 200 || !text.endsWith("data: done\n\n"))
          failures.push(`stream ${answer.statusCode}, cut after ${text.length} bytes`);
        streams += 1;
      } catch (thrown) {
        failures.push(`stream ${String((thrown as { code?: string }).code ?? thrown)}`);
      }
    }
  }

  const keep = (task: Promise<void>): void => {
    underWay.add(task);
    void task.finally(() => underWay.delete(task));
  };
  const timer = setInterval(() => keep(call()), callEveryMs);
  for (let count = 0; count < streamCount; count++) keep(stream());

  return {
    get calls() {
      return calls;
    },
    get streams() {
      return streams;
    },
    failures,
    versions,
    get slowestMs() {
      return slowestMs;
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      ending.abort();
      await Promise.all(underWay);
      await dispatcher.close();
    },
  };
}
