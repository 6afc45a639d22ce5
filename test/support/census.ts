/** Counts, again and again, which sessions Nomad has for each route: one that was doubled only for a moment is seen as well. */
import { setTimeout as pause } from "node:timers/promises";
import type { Nomad } from "./nomad.ts";

export type Census = {
  /** How often it has counted. */
  readonly counts: number;
  /** Every session that each route ever had. */
  readonly sessionsOfRoute: ReadonlyMap<string, ReadonlySet<string>>;
  /** Times at which one route had two jobs, or one job two allocations that were to run. */
  readonly doubled: readonly string[];
} & AsyncDisposable;

type Job = { readonly ID: string; readonly Status: string; readonly Stop: boolean; readonly Meta: Readonly<Record<string, string>> | null };
type Allocation = { readonly ID: string; readonly JobID: string; readonly DesiredStatus: string; readonly ClientStatus: string };

const everyMs = 100;

export function startCensus(nomad: Nomad): Census {
  const ending = new AbortController();
  const sessionsOfRoute = new Map<string, Set<string>>();
  const doubled: string[] = [];
  let counts = 0;

  async function count(): Promise<void> {
    const jobs = ((await nomad.get("/v1/jobs?meta=true")) as readonly Job[]).filter(({ Meta }) => Meta?.["serai_kind"] === "route");
    const allocations = (await nomad.get("/v1/allocations")) as readonly Allocation[];
    const running = allocations.filter((one) => one.DesiredStatus === "run" && (one.ClientStatus === "running" || one.ClientStatus === "pending"));
    const liveJobOf = new Map<string, string>();
    for (const job of jobs) {
      const route = job.Meta?.["serai_route"] ?? "";
      sessionsOfRoute.set(route, (sessionsOfRoute.get(route) ?? new Set()).add(job.Meta?.["serai_session"] ?? ""));
      const isLive = job.Status !== "dead" && !job.Stop;
      if (isLive && liveJobOf.has(route)) doubled.push(`${route} has the jobs ${liveJobOf.get(route)} and ${job.ID}`);
      if (isLive) liveJobOf.set(route, job.ID);
      const own = running.filter(({ JobID }) => JobID === job.ID);
      if (own.length > 1) doubled.push(`${job.ID} has the allocations ${own.map(({ ID }) => ID).join(", ")}`);
    }
    counts += 1;
  }

  const counting = (async () => {
    while (!ending.signal.aborted) {
      // A Nomad that does not answer has nothing to count; `counts` tells whether it ever did.
      await count().catch(() => {});
      await pause(everyMs, undefined, { signal: ending.signal }).catch(() => {});
    }
  })();
  return {
    get counts() {
      return counts;
    },
    sessionsOfRoute,
    doubled,
    async [Symbol.asyncDispose]() {
      ending.abort();
      await counting;
    },
  };
}
