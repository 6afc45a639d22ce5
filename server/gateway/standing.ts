/**
 * What a gateway makes of a route by its own requests, and which route gets the next one. Pure but for the objects that it is given.
 *
 * Cost is what is outstanding: a slow route keeps its requests longer and so gets fewer. Where that is not enough, because little is under
 * way or a share of one in a hundred is too much, a route that takes more than twice as long as the service's others to begin its answers
 * costs more by as much. It gets one request all the same after some hundred answers of the others, to show what it takes now. It is judged by
 * what it takes again and again: one slow answer weighs little, a fast one much.
 *
 * A route whose last request failed comes last for 2 s. After 5 in a row it is out until a probe passes (probes.ts): the first after 4 s, each
 * further one after twice as long, up to a minute. Then it gets one request, and no other while that is under way: a server that takes
 * connections may fail requests all the same. Out means last as well: control still calls it healthy, so it is asked before a request is
 * turned away, and an answer brings it back whole. Not more than half of a service's routes are out for longer than 2 s.
 *
 * A route that joins others which are settled gets a tenth of its turns at first and all of them after 10 s.
 */
export type Standing = {
  outstanding: number;
  /** In a row. */
  failures: number;
  /** Infinity: until a probe passes. */
  outUntilMs: number;
  /** A request is under way that shows whether it is back. */
  isOnTrial: boolean;
  readonly sinceMs: number;
  /** Until when it has not all of its turns; 0 where it joined nobody who was settled. */
  readonly freshUntilMs: number;
  /** Until the heads of its answers, so many of them. */
  answerMs: number;
  answers: number;
  /** Of its service's answers, when it was last chosen. */
  chosenAt: number;
};

/** Of all the routes of a service. */
export type Usual = { answerMs: number; answers: number };

export const freshMs = 10_000;
const freshShare = 0.1;
const restMs = 2000;
const outMsMin = 4000;
const outMsMax = 60_000;
const failuresMax = 5;
/** Differences of a few milliseconds say nothing. */
const slackMs = 5;
/** So many answers of the service, for each time that it is slower than it may be. */
const probeEvery = 64;
const answersToJudge = 8;
/** Looked at are so many at most: beyond, more choice is worth less than it costs. */
const choicesMax = 16;

/** Among what is last, the order is the same. */
const heldBack = 1e6;
const last = 1e9;

/** @param settled whether other routes of the service have been there for longer than `freshMs`. */
export const newStanding = (nowMs: number, settled: boolean): Standing => ({
  outstanding: 0,
  failures: 0,
  outUntilMs: 0,
  isOnTrial: false,
  sinceMs: nowMs,
  freshUntilMs: settled ? nowMs + freshMs : 0,
  answerMs: 0,
  answers: 0,
  chosenAt: 0,
});

const isOut = ({ outUntilMs, isOnTrial }: Standing, nowMs: number): boolean => isOnTrial || outUntilMs > nowMs;

function slowness({ answerMs, answers, chosenAt }: Standing, usual: Usual): number {
  const times = (answerMs + slackMs) / (2 * (usual.answerMs + slackMs));
  return times <= 1 || answers < answersToJudge || usual.answers - chosenAt >= probeEvery * times ? 1 : times;
}

function costOf(route: Standing, usual: Usual, nowMs: number, random: () => number): number {
  const cost = (route.outstanding + 1) * slowness(route, usual);
  if (isOut(route, nowMs)) return cost + last;
  const left = route.freshUntilMs - nowMs;
  return left > 0 && random() > Math.max(freshShare, 1 - left / freshMs) ? cost + heldBack : cost;
}

/**
 * The cheapest of some that chance chooses: one that has nothing to do ends the search. Undefined where all have been tried.
 *
 * @param routes is reordered: so nothing has to be made to draw without drawing one twice.
 */
export function pick<Route extends Standing>(
  routes: Route[],
  usual: Usual,
  tried: readonly Route[],
  nowMs: number,
  random: () => number,
): Route | undefined {
  let best: Route | undefined;
  let bestCost = Number.POSITIVE_INFINITY;
  for (let at = 0; at < routes.length && bestCost > 1 && (at < choicesMax || bestCost >= heldBack); at += 1) {
    const drawn = at + Math.floor(random() * (routes.length - at));
    const route = routes[drawn] as Route;
    routes[drawn] = routes[at] as Route;
    routes[at] = route;
    if (tried.includes(route)) continue;
    const cost = costOf(route, usual, nowMs, random);
    if (cost >= bestCost) continue;
    best = route;
    bestCost = cost;
  }
  return best;
}

/**
 * The same one for the same key, while it is sound and has not far more to do than its share: rendezvous hashing, so that only those move
 * whose route has gone, or is new. Undefined where none can be had so.
 */
export function pickByKey<Route extends Standing & { readonly hash: number }>(
  routes: readonly Route[],
  key: number,
  tried: readonly Route[],
  nowMs: number,
): Route | undefined {
  let outstanding = 1;
  for (const route of routes) outstanding += route.outstanding;
  const most = Math.ceil((1.25 * outstanding) / routes.length) + 3;
  let best: Route | undefined;
  let bestRank = -1;
  for (const route of routes) {
    const rank = mix(key ^ route.hash);
    if (rank <= bestRank || route.outstanding >= most || isOut(route, nowMs) || tried.includes(route)) continue;
    best = route;
    bestRank = rank;
  }
  return best;
}

/** Spreads evenly what lies close together (the finalizer of MurmurHash3). From 0 to 2³² - 1. */
export function mix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** FNV-1a. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return mix(hash);
}

export function noteChosen(route: Standing, usual: Usual): void {
  route.outstanding += 1;
  route.chosenAt = usual.answers;
  route.isOnTrial = route.failures >= failuresMax;
}

/** However it ended: what was learned of the route is noted besides. */
export function noteEnd(route: Standing): void {
  route.outstanding -= 1;
  route.isOnTrial = false;
}

/** @param tookMs until the head of its answer: how long the rest takes says more of the request than of the route. */
export function noteAnswer(route: Standing, usual: Usual, tookMs: number): void {
  route.failures = 0;
  route.outUntilMs = 0;
  route.isOnTrial = false;
  route.answerMs = route.answers === 0 ? tookMs : route.answerMs + (tookMs - route.answerMs) / (tookMs < route.answerMs ? 2 : 8);
  route.answers += 1;
  usual.answerMs = usual.answers === 0 ? tookMs : usual.answerMs + (tookMs - usual.answerMs) / 32;
  usual.answers += 1;
}

/** @returns whether it is out from now on until a probe passes. */
export function noteFailure(route: Standing, peers: readonly Standing[], nowMs: number): boolean {
  const wasOut = route.outUntilMs > nowMs;
  // One blow may fail many requests at once.
  if (wasOut && route.failures >= failuresMax) return false;
  route.failures += 1;
  let others = 0;
  for (const peer of peers) if (peer !== route && peer.failures >= failuresMax) others += 1;
  const isForLong = route.failures >= failuresMax && (others + 1) * 2 <= peers.length;
  route.outUntilMs = isForLong ? Number.POSITIVE_INFINITY : nowMs + restMs;
  return isForLong;
}

export const needsProbe = ({ outUntilMs }: Standing): boolean => outUntilMs === Number.POSITIVE_INFINITY;

/** Of one that needs it. */
export const probeAfterMs = ({ failures }: Standing): number => Math.min(outMsMax, outMsMin * 2 ** (failures - failuresMax));

/** Of one that needs it. What it did is remembered: should its next request fail, it is out for longer than before. */
export function noteProbe(route: Standing, passed: boolean): void {
  if (passed) route.outUntilMs = 0;
  else route.failures += 1;
}
