/**
 * Follows this installation's jobs: subscribes, lists, and then applies the events that are newer than the lists.
 * Because the subscription comes before the lists, nothing can fall between them, and a stream can start anywhere in
 * Nomad's buffer.
 *
 * Woken by the event stream, by what was read from machines (the end of an attempt's output, its start actions), and by nothing else. When the stream
 * breaks or falls silent, it waits (jittered, up to 5 s) and begins again with a complete list. Events that come
 * close together are one change, so a burst of them on Nomad costs one observation for each session.
 */
import { setTimeout as wait } from "node:timers/promises";
import { messageOf } from "../../failure.ts";
import type { Log } from "../../log.ts";
import type { SessionId } from "../../model/ids.ts";
import type { Observation } from "../../model/session.ts";
import type { Allocation, Evaluation } from "./api-types.ts";
import type { NomadClient } from "./client.ts";
import { openEvents } from "./events.ts";
import { newestExit } from "./history.ts";
import { listJobs } from "./jobs.ts";
import { jobPrefix } from "./names.ts";
import { type JobFacts, observe } from "./observe.ts";
import { openOutputs, type Outputs } from "./outputs.ts";
import { openStartReports, type StartReports } from "./start-reports.ts";
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
async function* followOnce({ client, installationId, log }: WatchContext, signal: AbortSignal): AsyncGenerator<Watched> {
  const ended = new AbortController();
  const stream = openEvents(client, AbortSignal.any([signal, ended.signal]));
  try {
    await stream.subscribed;
    const state = openJobState(installationId, await list(client, installationId, signal));
    const outputs = openOutputs(client, ended.signal, stream.wake);
    const starts = openStartReports(client, ended.signal, stream.wake, log);
    const read: ReadMachines = { outputs, starts };
    const told = new Map<SessionId, string>();
    const tell = (ids: Iterable<SessionId>): readonly Observation[] => [...ids].flatMap((id) => news(state, id, read, told));

    const exits = state.sessions().map((id) => ({ facts: state.factsOf(id), exit: newestExit(state.factsOf(id)) }));
    await Promise.all([outputs.read(exits.map(({ exit }) => exit)), ...exits.map(({ facts, exit }) => starts.read(facts, exit))]);
    yield { complete: true, observations: tell(state.sessions()) };
    const dirty = new Set<SessionId>();
    while (!signal.aborted) {
      await stream.woken();
      await wait(coalesceMs, undefined, { signal });
      for (const event of stream.take()) for (const id of state.apply(event)) dirty.add(id);
      for (const id of starts.take()) dirty.add(id);
      // A session whose last words are still being read is told of when they are there.
      const ready = [...dirty].filter((id) => hasLastWords(state.factsOf(id), read));
      for (const id of ready) dirty.delete(id);
      const observations = tell(ready);
      if (observations.length > 0) yield { complete: false, observations };
    }
  } finally {
    ended.abort();
    await stream.over;
  }
}

type ReadMachines = { readonly outputs: Outputs; readonly starts: StartReports };

/**
 * Both are begun, whatever the other says. What says nothing is listened to for 3 s, and one that ends every second would never be told
 * of: while an earlier end is still being read, a newer one is not waited for.
 */
function hasLastWords(facts: JobFacts, { outputs, starts }: ReadMachines): boolean {
  const exit = newestExit(facts);
  const isBehind = outputs.isBehind(facts.allocations, exit);
  return [outputs.has(exit) || isBehind, starts.has(facts, exit)].every(Boolean);
}

/** Its observation, unless it is the one that was told last. */
function news(state: JobState, id: SessionId, { outputs, starts }: ReadMachines, told: Map<SessionId, string>): readonly Observation[] {
  const facts = state.factsOf(id);
  starts.follow(facts);
  const observation = observe(facts, { outputOf: outputs.of, startOf: (attempt) => starts.of(facts, attempt) });
  const text = JSON.stringify(observation);
  if (told.get(id) === text) return [];
  told.set(id, text);
  if (observation.state === "GONE") {
    told.delete(id);
    outputs.forget(facts.allocations);
    starts.forget(id);
    state.forget(id);
  }
  return [observation];
}

async function list(client: NomadClient, installationId: string, signal: AbortSignal): Promise<Listed> {
  const filter = `JobID contains "${jobPrefix(installationId)}"`;
  const [allocations, evaluations] = await Promise.all([
    client.get<readonly Allocation[]>("/v1/allocations", { filter, resources: true }, signal),
    client.get<readonly Evaluation[]>("/v1/evaluations", { filter: `${filter} and (Status == "pending" or Status == "blocked")` }, signal),
  ]);
  // Last: an allocation whose job is missing would look like one that is being stopped.
  const jobs = await listJobs(client, installationId, signal);
  return { jobs, allocations, evaluations };
}
