/**
 * The cluster's machines as they change, for however many look at once: one reader per process, and only while somebody looks.
 *
 * Read when something has changed in the database (a route was placed, somebody wished something of a machine), and every few seconds,
 * because other people's jobs tell nobody here. Reading takes the scheduler no more than a tenth of the time. Followers are told of what
 * differs, and of nothing else.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { ClusterWatch, ClusterSeen, Observe } from "../model/observe.ts";
import { AppError, messageOf } from "../failure.ts";
import type { Log } from "../log.ts";
import type { Changes } from "../store/changes.ts";
import type { Database } from "../store/database.ts";
import { listNodeWishes } from "../store/node-wishes.ts";
import { listResourceGroups } from "../store/resource-groups.ts";

type Ports = { readonly observe: Pick<Observe, "nodes">; readonly database: Database; readonly changes: Changes; readonly log: Log };

const everyMs = 5000;
const restMsMin = 1000;
const nothingYet: ClusterSeen = { nodes: [], readAt: null, problem: null };

export function createClusterWatch({ observe, database, changes, log }: Ports): ClusterWatch {
  const followers = new Set<() => void>();
  let told: { readonly seen: ClusterSeen; readonly fingerprint: string } | null = null;
  let reading = new AbortController();

  async function readOnce(): Promise<void> {
    const before = told?.seen ?? nothingYet;
    const seen = await observe.nodes().then(
      (nodes) => ({ nodes: nodes.toSorted((one, other) => (one.name < other.name ? -1 : 1)), readAt: new Date(), problem: null }),
      (thrown: unknown) => ({ ...before, problem: problemOf(thrown, log) }),
    );
    // What is shown beside the machines, so that whoever follows need not look for it again and again.
    const beside = await Promise.all([listNodeWishes(database), listResourceGroups(database)]);
    const fingerprint = JSON.stringify([seen.nodes, seen.problem, beside]);
    if (fingerprint === told?.fingerprint) return;
    told = { seen, fingerprint };
    for (const wake of followers) wake();
  }

  async function run(signal: AbortSignal): Promise<void> {
    let changed = Promise.withResolvers<void>();
    const listening = (async () => {
      for await (const _ of changes.subscribe(signal)) changed.resolve();
    })();
    while (!signal.aborted) {
      changed = Promise.withResolvers();
      const beganAt = performance.now();
      await readOnce().catch((thrown: unknown) => log.debug({ reason: messageOf(thrown) }, "the cluster could not be read"));
      const restMs = Math.max(restMsMin, 10 * (performance.now() - beganAt));
      await pause(restMs, undefined, { signal }).catch(() => {});
      await Promise.race([changed.promise, pause(everyMs - restMsMin, undefined, { signal }).catch(() => {})]);
    }
    await listening;
  }

  return {
    async *follow(signal) {
      let woken = Promise.withResolvers<void>();
      const wake = (): void => woken.resolve();
      signal.addEventListener("abort", wake, { once: true });
      followers.add(wake);
      if (followers.size === 1) {
        reading = new AbortController();
        void run(reading.signal);
      }
      try {
        for (let last: ClusterSeen | null = null; !signal.aborted; await woken.promise) {
          woken = Promise.withResolvers();
          if (told === null || told.seen === last) continue;
          last = told.seen;
          yield last;
        }
      } finally {
        signal.removeEventListener("abort", wake);
        followers.delete(wake);
        // What is known grows old while nobody looks.
        if (followers.size === 0) told = null;
        if (followers.size === 0) reading.abort();
      }
    },
  };
}

function problemOf(thrown: unknown, log: Log): string {
  log.debug({ reason: messageOf(thrown) }, "the scheduler could not be asked for its nodes");
  return thrown instanceof AppError ? thrown.publicMessage : "The scheduler cannot be asked at the moment.";
}
