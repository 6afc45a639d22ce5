/**
 * Where a request goes next: to a route, into the queue of those that wait, or back to its client with a problem.
 *
 * Choosing is synchronous, and whoever has chosen begins in the same breath: no other table comes in between, so that a draining route that
 * this gateway has called idle never gets anything again.
 */
import type { RouteId, ServiceId, TokenId } from "../model/ids.ts";
import { isStillAuthorized } from "./authorize.ts";
import { noHealthyRoute, type Problem, problem, type ProblemCode } from "./errors.ts";
import { heldUntilMs, type Hold, type OnGone, type WaitEnd } from "./hold.ts";
import { routesInOrder } from "./pick-route.ts";
import type { RouteAddress, RouteTable, TableService } from "./route-table.ts";
import type { Upstreams } from "./upstreams.ts";
import type { Weights } from "./weights.ts";

/** What choosing needs; `table` is asked anew whenever it matters. */
export type Routing = {
  readonly table: () => RouteTable;
  readonly upstreams: Upstreams;
  readonly weights: Weights;
  readonly hold: Hold;
  /** Resolves when `table` is newer than the call, or cannot be. */
  readonly lookAfresh: () => Promise<void>;
};

const retriesMax = 2;

/** What a request has behind it. */
export type Attempts = {
  count: number;
  readonly tried: Set<RouteId>;
  /** Which revision it is for: said once, when it first has the choice. */
  isForNew: boolean | null;
  /** The table at hand had no route (any more), and one that was read since has been asked. */
  hasLookedAfresh: boolean;
};

export const noAttempts = (): Attempts => ({ count: 0, tried: new Set(), isForNew: null, hasLookedAfresh: false });

export const mayTryAgain = ({ count }: Attempts): boolean => count <= retriesMax;

/** The route to try next, which then counts as tried: healthy now, and not one that has been tried. */
export function nextRoute(id: ServiceId, attempts: Attempts, { table, upstreams, weights }: Routing): RouteAddress | undefined {
  const service = table().byId.get(id);
  const routes = service?.routes.filter((route) => !attempts.tried.has(route.id)) ?? [];
  const isNewFirst = service === undefined ? null : newFirst(service, routes, attempts, weights);
  const load = {
    outstanding: (route: RouteAddress) => upstreams.outstanding(route.id),
    failedLately: (route: RouteAddress) => upstreams.failedLately(route.id),
    isSecondChoice: (route: RouteAddress) => isNewFirst !== null && route.isNew !== isNewFirst,
    random: Math.random,
  };
  const [best] = routesInOrder(routes, load);
  if (best === undefined) return undefined;
  attempts.tried.add(best.id);
  attempts.count += 1;
  return best;
}

/** Null where load alone decides. The last attempt goes to the other revision: no request fails only because a canary does. */
function newFirst({ id, newWeight }: TableService, routes: readonly RouteAddress[], attempts: Attempts, weights: Weights): boolean | null {
  if (newWeight === null) return null;
  if (newWeight === 0 || newWeight === 100) return newWeight === 100;
  const hasChoice = routes.some(({ isNew }) => isNew) && routes.some(({ isNew }) => !isNew);
  if (!hasChoice) return null;
  attempts.isForNew ??= weights.isForNew(id, newWeight);
  return attempts.count === retriesMax ? !attempts.isForNew : attempts.isForNew;
}

/** Who asks for what: what must hold still when a request has waited. */
export type Asking = {
  readonly service: TableService;
  readonly tokenId: TokenId | null;
  /** Its token, or where none is needed its address: all who wait are let go in turn. */
  readonly who: string;
};

/**
 * For a request that has no route to try: looks whether the table is behind, and waits where the service is held. `again`: it should look for one again; `gone`: its client has
 * left; else what to answer.
 */
export async function waitForRoute(
  { service, tokenId, who }: Asking,
  attempts: Attempts,
  onGone: OnGone,
  { table, hold, lookAfresh }: Routing,
): Promise<"again" | "gone" | Problem> {
  const { tried } = attempts;
  const stillAuthorized = () => {
    const then = table().byId.get(service.id);
    return then === undefined || isStillAuthorized(then, tokenId) ? "again" : problem("UNAUTHORIZED");
  };
  const now = table().byId.get(service.id);
  if (heldUntilMs(now, performance.now()) === null) {
    if (attempts.hasLookedAfresh) return tried.size === 0 ? withoutRoute(now) : problem("ROUTE_FAILED");
    attempts.hasLookedAfresh = true;
    await lookAfresh();
    return stillAuthorized();
  }

  const ended = await hold.wait(service.id, who, onGone);
  if (ended === "gone") return ended;
  if (ended !== "again") return problem(problemByEnd[ended]);
  // None of them was healthy when the wait began: one that is healthy now has come back.
  tried.clear();
  return stillAuthorized();
}

const problemByEnd: Record<Exclude<WaitEnd, "again" | "gone">, ProblemCode> = {
  tooMany: "TOO_MANY_WAITING",
  tooLong: "WAITED_TOO_LONG",
  stopping: "GATEWAY_STOPPING",
};

function withoutRoute(service: TableService | undefined): Problem {
  if (service === undefined) return problem("SERVICE_NOT_FOUND");
  const isEnding = service.status === "TERMINATING" || service.status === "TERMINATED";
  return isEnding ? problem("SERVICE_NOT_FOUND", "The service is being terminated.") : noHealthyRoute(service.status);
}
