/**
 * Users of an endpoint who never retry: 50 short calls a second, reading and writing in turn, and streams that are always open. Whatever
 * is not a whole, right answer is kept as a failure, in words.
 */
import { Agent } from "undici";
import { inWords, startCaller, textOf } from "../support/caller.ts";

const body = "x".repeat(2000);

export type Traffic = AsyncDisposable & {
  /** Answered, well or not. */
  readonly calls: number;
  readonly streams: number;
  readonly failures: readonly string[];
  /** Of whole answers. */
  readonly versions: ReadonlySet<string>;
  readonly slowestMs: number;
};

export function openTraffic(endpoint: string, { streamCount = 20 }: { readonly streamCount?: number } = {}): Traffic {
  const dispatcher = new Agent({ connections: 200, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });
  const cut: string[] = [];
  const versions = new Set<string>();
  const ending = new AbortController();
  let streams = 0;

  const caller = startCaller(async (before) => {
    const isWriting = before % 2 === 1;
    const text = await textOf(endpoint, { dispatcher, ...(isWriting ? { method: "POST", body } : {}) });
    const value = JSON.parse(text) as { version: string; bytes?: number };
    if (isWriting && value.bytes !== body.length) throw new Error(`POST arrived with ${value.bytes} bytes`);
    versions.add(value.version);
  });

  async function stream(): Promise<void> {
    while (!ending.signal.aborted) {
      try {
        const text = await textOf(new URL("/stream", endpoint), { dispatcher });
        if (!text.endsWith("data: done\n\n")) cut.push(`stream cut after ${text.length} bytes`);
        streams += 1;
      } catch (thrown) {
        cut.push(`stream ${inWords(thrown)}`);
      }
    }
  }
  const streaming = Array.from({ length: streamCount }, stream);

  return {
    get calls() {
      return caller.answered;
    },
    get streams() {
      return streams;
    },
    get failures() {
      return [...caller.failures, ...cut];
    },
    versions,
    get slowestMs() {
      return caller.slowestMs;
    },
    async [Symbol.asyncDispose]() {
      ending.abort();
      await caller.stop();
      await Promise.all(streaming);
      await dispatcher.close();
    },
  };
}
