/**
 * Nomad's event stream, gathered: lines of JSON, where one without events is a heartbeat. What has come is taken in
 * one go, so that a slow reader works on more at a time and never holds the stream up: Nomad drops subscribers that
 * fall behind.
 */
import { once } from "node:events";
import type { StreamedBatch, StreamedEvent } from "./api-types.ts";
import type { NomadClient } from "./client.ts";

export type Events = {
  /** Nomad greets a subscriber with a heartbeat. */
  readonly subscribed: Promise<void>;
  readonly wake: () => void;
  /** Resolves when there is something to do; throws when the stream has broken. */
  readonly woken: () => Promise<void>;
  readonly take: () => readonly StreamedEvent[];
  readonly over: Promise<void>;
};

export function openEvents(client: NomadClient, signal: AbortSignal): Events {
  const greeted = Promise.withResolvers<void>();
  const bell = new EventTarget();
  let pending: StreamedEvent[] = [];
  let rung = false;
  let failure: unknown = null;
  const wake = (): void => {
    rung = true;
    bell.dispatchEvent(new Event("wake"));
  };
  const pump = async (): Promise<void> => {
    try {
      for await (const line of lines(client.stream("/v1/event/stream", { topic: ["Job", "Allocation", "Evaluation"] }, signal))) {
        greeted.resolve();
        const { Events: events } = JSON.parse(line) as StreamedBatch;
        if (!events || events.length === 0) continue;
        pending.push(...events);
        wake();
      }
      failure = new Error("the event stream ended");
    } catch (cause) {
      failure = cause;
    }
    greeted.reject(failure);
    wake();
  };
  const over = pump();
  greeted.promise.catch(() => {});
  return {
    subscribed: greeted.promise,
    wake,
    async woken() {
      if (!rung) await once(bell, "wake");
      rung = false;
      if (failure !== null && pending.length === 0) throw failure;
    },
    take() {
      const taken = pending;
      pending = [];
      if (failure !== null) wake();
      return taken;
    },
    over,
  };
}

async function* lines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    for (const line of parts) if (line.trim() !== "") yield line;
  }
}
