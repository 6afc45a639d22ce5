/**
 * Where a request goes next: to a route, into the queue of those that wait, or back to its client with a problem.
 *
 * Choosing is synchronous, and whoever has chosen begins in the same breath: no other table comes in between, so that a draining route that
 * this gateway has called idle never gets anything again.
 */
import type { TokenId } from "../model/ids.ts";
import type { AffinityKey } from "./affinity.ts";
import { isStillAuthorized } from "./authorize.ts";
import { comeBackIn, noHealthyRoute, type Problem, problem, type ProblemCode } from "./errors.ts";
import { type Exchange, waits } from "./exchange.ts";
import type { FailureCode } from "./forward.ts";
import { heldUntilMs, type Hold, type OnGone, type WaitEnd } from "./hold.ts";
import { noteRequest, takeRetry } from "./retry-budget.ts";
import type { RouteTable, TableService } from "./route-table.ts";
import { mix, pick, pickByKey } from "./standing.ts";
import type { Balance, Upstream, Upstreams } from "./upstreams.ts";
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
  tried: readonly Upstream[];
  /** How the last one failed. */
  failure: FailureCode;
  /** Which revision it is for: said once, when it first has the choice. */
  isForNew: boolean | null;
  /** The table at hand had no route (any more), and one that was read since has been asked. */
  hasLookedAfresh: boolean;
};

const none: readonly Upstream[] = [];
export const noAttempts = (): Attempts => ({ count: 0, tried: none, failure: "ROUTE_FAILED", isForNew: null, hasLookedAfresh: false });

/** Who asks for what: what must hold still when a request has waited. */
export type Asking = {
  readonly service: TableService;
  readonly tokenId: TokenId | null;
  /** Its token, or where none is needed its address: all who wait are let go in turn. */
  readonly who: string;
  readonly affinity: AffinityKey | null;
};

/**
 * Whether another attempt is allowed, which then counts.
 *
 * @param isLoad the route that failed may have worked on it.
 */
export function mayTryAgain({ service }: Asking, { count }: Attempts, isLoad: boolean, { upstreams }: Routing): boolean {
  if (count > retriesMax) return false;
  const balance = upstreams.balance(service.id);
  if (!isLoad || balance === undefined) return true;
  let underWay = 0;
  for (const { outstanding } of balance.all) underWay += outstanding;
  return takeRetry(balance.retries, underWay, performance.now());
}

/** The route to try next, which then counts as tried: healthy now, and not one that has been tried. */
export function nextRoute({ service: { id }, affinity }: Asking, attempts: Attempts, { table, upstreams, weights }: Routing): Upstream | undefined {
  const service = table().byId.get(id);
  const balance = upstreams.balance(id);
  if (service === undefined || balance === undefined) return undefined;
  const nowMs = performance.now();
  const choose = (routes: Upstream[]) =>
    (affinity === null ? undefined : pickByKey(routes, affinity.hash, attempts.tried, nowMs)) ??
    pick(routes, balance.usual, attempts.tried, nowMs, Math.random);
  const isNewFirst = newFirst(service, balance, affinity, attempts, weights);
  const best =
    isNewFirst === null ? choose(balance.all) : (choose(isNewFirst ? balance.new : balance.old) ?? choose(isNewFirst ? balance.old : balance.new));
  if (best === undefined) return undefined;
  if (attempts.count === 0) noteRequest(balance.retries, nowMs);
  attempts.tried = [...attempts.tried, best];
  attempts.count += 1;
  return best;
}

/**
 * Null where load alone decides. The last attempt goes to the other revision: no request fails only because a canary does. What belongs
 * together stays on one revision: the key says on which, and from the old one to the new one is the only way that a growing weight moves it.
 */
function newFirst(
  { id, newWeight }: TableService,
  balance: Balance,
  affinity: AffinityKey | null,
  attempts: Attempts,
  weights: Weights,
): boolean | null {
  if (newWeight === null) return null;
  if (newWeight === 0 || newWeight === 100) return newWeight === 100;
  const isUntried = (upstream: Upstream) => !attempts.tried.includes(upstream);
  if (!balance.new.some(isUntried) || !balance.old.some(isUntried)) return null;
  attempts.isForNew ??= affinity === null ? weights.isForNew(id, newWeight) : mix(affinity.hash + 1) % 100 < newWeight;
  return attempts.count === retriesMax ? !attempts.isForNew : attempts.isForNew;
}

/**
 * For a request that has no route to try: looks whether the table is behind, and waits where the service is held. `again`: it should look for one again; `gone`: its client has
 * left; else what to answer.
 */
export async function waitForRoute(
  { service, tokenId, who }: Asking,
  attempts: Attempts,
  exchange: Exchange,
  onGone: OnGone,
  { table, hold, lookAfresh }: Routing,
): Promise<"again" | "gone" | Problem> {
  const stillAuthorized = () => {
    const then = table().byId.get(service.id);
    return then === undefined || isStillAuthorized(then, tokenId) ? "again" : problem("UNAUTHORIZED");
  };
  const now = table().byId.get(service.id);
  if (heldUntilMs(now, performance.now()) === null) {
    if (attempts.hasLookedAfresh) return attempts.tried.length === 0 ? withoutRoute(now) : problem(attempts.failure);
    attempts.hasLookedAfresh = true;
    await lookAfresh();
    return stillAuthorized();
  }

  waits(exchange);
  const ended = await hold.wait(service.id, who, onGone);
  if (ended === "gone") return ended;
  if (ended !== "again") return comeBackIn(problem(problemByEnd[ended]), secondsLeft(table().byId.get(service.id)));
  // None of them was healthy when the wait began: one that is healthy now has come back.
  attempts.tried = none;
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
  if (isEnding) return problem("SERVICE_NOT_FOUND", "The service is being terminated.");
  return comeBackIn(noHealthyRoute(service.status), secondsLeft(service));
}

/** Until a route is likely to be healthy; null where that is not known, or is over already. */
function secondsLeft(service: TableService | undefined): number | null {
  if (service === undefined || service.expectedAtMs === null) return null;
  const leftMs = service.expectedAtMs - performance.now();
  return leftMs > 0 ? leftMs / 1000 : null;
}
