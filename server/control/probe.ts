/**
 * Asks each route whether it serves, by its definition's `health_check`; without one, an accepted TCP connection is enough.
 *
 * While a route warms up, probes start every 250 ms and grow to `interval`; later they come every `interval`, spread by
 * a random start so that many routes are not asked at once. Each route has one probe under way at most, so a slow or dead
 * one delays nobody; redirects are answers like any other, never followed.
 */
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { Agent, request } from "undici";
import { messageOf } from "../failure.ts";
import type { HealthCheck } from "../model/model-definition.ts";
import { plainText } from "../model/words.ts";
import type { ProbeOutcome } from "./judge-probe.ts";

export type Target = {
  readonly host: string;
  readonly port: number;
  /** A new attempt is probed from the start. */
  readonly attempt: string;
  readonly healthCheck: HealthCheck | null;
  readonly warmingUp: boolean;
};

export type Prober<Id> = {
  /** Probe it there from now on; null: no more. */
  watch(id: Id, target: Target | null): void;
} & AsyncDisposable;

const firstWaitMs = 250;
const growth = 1.3;
const bodyBytesMax = 64 * 1024;
/** Without a health check in the definition, in seconds. */
const defaults = { interval: 10, max_wait_time: 5 };

type Watched = { target: Target; readonly ending: AbortController };

/** @param tell what a probe of a route (or validation) said; awaited before the next probe of it. */
export function openProber<Id extends string>(tell: (id: Id, attempt: string, outcome: ProbeOutcome) => Promise<void>): Prober<Id> {
  const watched = new Map<Id, Watched>();
  const running = new Set<Promise<void>>();
  let ended = false;
  const agent = new Agent({ pipelining: 0, connect: { timeout: 5000 }, allowH2: false, maxOrigins: Infinity });

  async function probeUntilEnded(id: Id, entry: Watched): Promise<void> {
    const { signal } = entry.ending;
    let waitMs = entry.target.warmingUp ? 0 : Math.random() * intervalMs(entry.target);
    while (!signal.aborted) {
      await pause(waitMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      const { target } = entry;
      const outcome = await probe(target, agent, signal);
      if (signal.aborted) return;
      await tell(id, target.attempt, outcome);
      const grown = Math.max(firstWaitMs, waitMs * growth);
      waitMs = entry.target.warmingUp ? Math.min(grown, intervalMs(entry.target)) : intervalMs(entry.target);
    }
  }

  return {
    watch(id, target) {
      const present = watched.get(id);
      if (present !== undefined) {
        if (target !== null && isSame(present.target, target)) {
          present.target = target;
          return;
        }
        present.ending.abort();
        watched.delete(id);
      }
      // A turn that was under way at the end may still name routes: a probe begun then would keep the process from ending.
      if (target === null || ended) return;
      const entry = { target, ending: new AbortController() };
      watched.set(id, entry);
      const task = probeUntilEnded(id, entry).finally(() => running.delete(task));
      running.add(task);
    },
    async [Symbol.asyncDispose]() {
      ended = true;
      for (const { ending } of watched.values()) ending.abort();
      watched.clear();
      await Promise.allSettled(running);
      await agent.destroy();
    },
  };
}

const intervalMs = (target: Target): number => (target.healthCheck?.interval ?? defaults.interval) * 1000;
const isSame = (one: Target, other: Target): boolean => one.attempt === other.attempt && one.host === other.host && one.port === other.port;

async function probe(target: Target, agent: Agent, signal: AbortSignal): Promise<ProbeOutcome> {
  const outcome = await (target.healthCheck === null ? probeConnection(target, signal) : probeHttp(target, target.healthCheck, agent, signal));
  return { ...outcome, at: new Date() };
}

type Answer = Pick<ProbeOutcome, "passed" | "detail">;

async function probeHttp(target: Target, check: HealthCheck, agent: Agent, signal: AbortSignal): Promise<Answer> {
  const host = target.host.includes(":") ? `[${target.host}]` : target.host;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(check.max_wait_time * 1000)]);
  try {
    const answer = await request(`http://${host}:${target.port}${check.path}`, {
      dispatcher: agent,
      signal: limit,
      headers: { "user-agent": "serai-probe" },
    });
    await answer.body.dump({ limit: bodyBytesMax }).catch(() => {});
    const passed = answer.statusCode === check.expected_status_code;
    return { passed, detail: passed ? "" : `answered ${answer.statusCode}, expected ${check.expected_status_code}` };
  } catch (thrown) {
    return { passed: false, detail: limit.aborted ? `no answer within ${check.max_wait_time} s` : plainReason(thrown) };
  }
}

function probeConnection(target: Target, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve) => {
    const socket = connect({ host: target.host, port: target.port, signal, timeout: defaults.max_wait_time * 1000 });
    const end = (answer: Answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => end({ passed: true, detail: "" }));
    socket.once("timeout", () => end({ passed: false, detail: `no connection within ${defaults.max_wait_time} s` }));
    socket.once("error", (error) => end({ passed: false, detail: plainReason(error) }));
  });
}

function plainReason(thrown: unknown): string {
  const code = (thrown as { code?: unknown }).code;
  if (code === "ECONNREFUSED") return "the connection was refused";
  if (code === "ECONNRESET" || code === "UND_ERR_SOCKET") return "the connection was cut before an answer";
  return plainText(messageOf(thrown));
}
