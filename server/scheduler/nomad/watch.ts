/**
 * Follows this installation's jobs: subscribes, lists, and then applies the events that are newer than the lists. Because the
 * subscription comes before the lists, nothing can fall between them, and a stream can start anywhere in Nomad's buffer.
 *
 * Woken by the event stream, by the end of an attempt's output having been read, and by nothing else. When the stream breaks
 * or falls silent, it waits (jittered, up to 5 s) and begins again with a complete list. Events that come close together are one change, so a
 * burst of them on Nomad costs one observation for each session.
 */
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { messageOf } from "../../failure.ts";
import type { Log } from "../../log.ts";
import type { SessionId } from "../../model/ids.ts";
import type { Observation } from "../../model/session.ts";
import type { Allocation, Evaluation, JobStub, StreamedBatch, StreamedEvent } from "./api-types.ts";
import type { NomadClient } from "./client.ts";
import { type Exit, newestExit } from "./history.ts";
import { readTail } from "./logs.ts";
import { jobPrefix } from "./names.ts";
import { observe } from "./observe.ts";
import { type JobState, type Listed, openJobState } from "./state.ts";

export type Watched = { readonly complete: boolean; readonly observations: readonly Observation[] };

export type WatchContext = { readonly client: NomadClient; readonly installationId: string; readonly log: Log };

const firstWaitMs = 200;
const waitMaxMs = 5_000;
const coalesceMs = 25;

export async function* watchJobs(context: WatchContext, signal: AbortSignal): AsyncGenerator<Watched> {
  let waitMs = firstWaitMs;
  while (!signal.aborted) {
    try {
      for await (const watched of followOnce(context, signal)) {
        waitMs = firstWaitMs;
        yield watched;
      }
    } catch (cause) {
      if (signal.aborted) return;
      context.log.warn({ reason: messageOf(cause), waitMs }, "lost Nomad's event stream; listing again after a wait");
    }
    await wait(waitMs * (0.5 + Math.random()), undefined, { signal }).catch(() => {});
    waitMs = Math.min(waitMaxMs, waitMs * 2);
  }
}

/** From one list to the end of its stream. */
async function* followOnce({ client, installationId }: WatchContext, signal: AbortSignal): AsyncGenerator<Watched> {
  const ended = new AbortController();
  const stream = openEvents(client, AbortSignal.any([signal, ended.signal]));
  try {
    await stream.subscribed;
    const state = openJobState(installationId, await list(client, installationId, signal));
    const outputs = openOutputs(client, ended.signal, stream.wake);
    const told = new Map<SessionId, string>();
    const tell = (ids: Iterable<SessionId>): readonly Observation[] => [...ids].flatMap((id) => news(state, id, outputs, told));

    await outputs.read(state.sessions().map((id) => newestExit(state.factsOf(id).allocations)));
    yield { complete: true, observations: tell(state.sessions()) };
    const dirty = new Set<SessionId>();
    while (!signal.aborted) {
      await stream.woken();
      await wait(coalesceMs, undefined, { signal });
      for (const event of stream.take()) {
        const id = state.apply(event);
        if (id !== null) dirty.add(id);
      }
      // A session whose last words are still being read is told of when they are there.
      const ready = [...dirty].filter((id) => outputs.has(newestExit(state.factsOf(id).allocations)));
      for (const id of ready) dirty.delete(id);
      const observations = tell(ready);
      if (observations.length > 0) yield { complete: false, observations };
    }
  } finally {
    ended.abort();
    await stream.over;
  }
}

/** Its observation, unless it is the one that was told last. */
function news(state: JobState, id: SessionId, outputs: Outputs, told: Map<SessionId, string>): readonly Observation[] {
  const observation = observe(state.factsOf(id), outputs.of);
  const text = JSON.stringify(observation);
  if (told.get(id) === text) return [];
  told.set(id, text);
  if (observation.state === "GONE") {
    told.delete(id);
    outputs.forget(state.factsOf(id).allocations);
    state.forget(id);
  }
  return [observation];
}

async function list(client: NomadClient, installationId: string, signal: AbortSignal): Promise<Listed> {
  const prefix = jobPrefix(installationId);
  const filter = `JobID contains "${prefix}"`;
  const [allocations, evaluations] = await Promise.all([
    client.get<readonly Allocation[]>("/v1/allocations", { filter, resources: true }, signal),
    client.get<readonly Evaluation[]>("/v1/evaluations", { filter: `${filter} and (Status == "pending" or Status == "blocked")` }, signal),
  ]);
  // Last: an allocation whose job is missing would look like one that is being stopped.
  const jobs = await client.get<readonly JobStub[]>("/v1/jobs", { prefix }, signal);
  return { jobs, allocations, evaluations };
}

type Events = {
  /** Nomad greets a subscriber with a heartbeat. */
  readonly subscribed: Promise<void>;
  readonly wake: () => void;
  /** Resolves when there is something to do; throws when the stream has broken. */
  readonly woken: () => Promise<void>;
  readonly take: () => readonly StreamedEvent[];
  readonly over: Promise<void>;
};

function openEvents(client: NomadClient, signal: AbortSignal): Events {
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

type Outputs = {
  readonly of: (exit: Exit) => string;
  /** Whether it has been read; begins to read it otherwise. */
  readonly has: (exit: Exit | null) => boolean;
  readonly read: (exits: readonly (Exit | null)[]) => Promise<void>;
  readonly forget: (allocations: readonly Allocation[]) => void;
};

/** What ended attempts wrote last, each read once, because the machine may be gone the next time. */
function openOutputs(client: NomadClient, signal: AbortSignal, wake: () => void): Outputs {
  const read = new Map<string, string>();
  const reading = new Map<string, Promise<void>>();
  const begin = (exit: Exit): Promise<void> => {
    const there = reading.get(exit.key);
    if (there !== undefined) return there;
    const begun = readTail(client, exit, signal).then((text) => {
      read.set(exit.key, text);
      reading.delete(exit.key);
      wake();
    });
    reading.set(exit.key, begun);
    return begun;
  };
  const isRead = (exit: Exit | null): boolean => exit === null || !exit.hasOutput || read.has(exit.key);
  return {
    of: (exit) => read.get(exit.key) ?? "",
    has(exit) {
      if (exit !== null && !isRead(exit)) void begin(exit);
      return isRead(exit);
    },
    async read(exits) {
      await Promise.all(exits.map((exit) => (exit === null || isRead(exit) ? null : begin(exit))));
    },
    forget(allocations) {
      for (const key of read.keys()) if (allocations.some(({ ID }) => key.startsWith(ID))) read.delete(key);
    },
  };
}
