/**
 * Asks routes that are out until a probe passes (standing.ts) whether they are back: so no client's request has to find out, which might be
 * one that cannot be sent again. How many are asked at once is bounded, and chance spreads them: many routes, and many gateways, may have
 * seen the same machine fail in the same moment.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Log } from "../log.ts";
import type { RouteId } from "../model/ids.ts";
import { needsProbe, noteProbe, probeAfterMs, type Standing } from "./standing.ts";

type Route = Standing & { readonly id: RouteId };

export type Probes<Probed extends Route> = AsyncDisposable & {
  /** Of a route that is out from now on. */
  begin(route: Probed): void;
  /** Of one that has left the table. */
  end(route: Probed): void;
};

export type ProbesOptions<Probed extends Route> = {
  /** Whether it passes. Never rejects; ends soon after its signal. */
  readonly ask: (route: Probed, signal: AbortSignal) => Promise<boolean>;
  readonly log: Log;
  readonly random?: () => number;
  /** Never rejects; ends soon after its signal. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
};

export const probesAtOnceMax = 64;
/** However long a health check may take: others wait for the place. */
const probeMsMax = 60_000;
/** So much of the wait is added to it by chance, at most. */
const spread = 0.25;

const waitFor = (ms: number, signal: AbortSignal): Promise<void> => pause(ms, undefined, { signal }).catch(() => {});

export function openProbes<Probed extends Route>({ ask, log, random = Math.random, wait = waitFor }: ProbesOptions<Probed>): Probes<Probed> {
  const endings = new Map<Probed, AbortController>();
  const running = new Set<Promise<void>>();
  const queue: (() => void)[] = [];
  let places = probesAtOnceMax;

  async function askInTurn(route: Probed, signal: AbortSignal): Promise<boolean> {
    if (places > 0) places -= 1;
    else await new Promise<void>((resolve) => queue.push(resolve));
    try {
      return !signal.aborted && (await ask(route, AbortSignal.any([signal, AbortSignal.timeout(probeMsMax)])));
    } finally {
      const next = queue.shift();
      if (next === undefined) places += 1;
      else next();
    }
  }

  async function probe(route: Probed, signal: AbortSignal): Promise<void> {
    // A request that was under way, or that found no other route, may have brought it back meanwhile.
    const isDone = () => signal.aborted || !needsProbe(route);
    while (!isDone()) {
      await wait(probeAfterMs(route) * (1 + spread * random()), signal);
      if (isDone()) return;
      const passed = await askInTurn(route, signal);
      if (isDone()) return;
      noteProbe(route, passed);
      if (passed) log.info({ route: route.id }, "a route that failed every request passes its health check and gets a request");
    }
  }

  function end(route: Probed): void {
    endings.get(route)?.abort();
    endings.delete(route);
  }

  return {
    begin(route) {
      end(route);
      const ending = new AbortController();
      endings.set(route, ending);
      const task = probe(route, ending.signal).finally(() => {
        running.delete(task);
        if (endings.get(route) === ending) endings.delete(route);
      });
      running.add(task);
    },
    end,
    async [Symbol.asyncDispose]() {
      for (const ending of endings.values()) ending.abort();
      await Promise.all(running);
    },
  };
}
