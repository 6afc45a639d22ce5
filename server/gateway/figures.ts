/**
 * Counters of requests, for Prometheus and for the minutes in the database: for every service (what no route has answered), route and token.
 *
 * A request costs some additions to arrays that are there already: nothing is allocated, and no label is made, before somebody reads.
 * Counters only grow, as long as the process lives; what is gone from the table and has been still for a whole minute is forgotten.
 */
import type { CountedRequests } from "../metrics.ts";
import type { RevisionId, RouteId, ServiceId, TokenId } from "../model/ids.ts";
import { type Counts, noCounts, place } from "../model/traffic.ts";
import type { RouteAddress, RouteTable } from "./route-table.ts";

/** One of `routeId` and `tokenId` is set, or none: then it is of what no route has answered. */
export type Whose = {
  readonly serviceId: ServiceId;
  readonly routeId: RouteId | null;
  readonly revisionId: RevisionId | null;
  readonly tokenId: TokenId | null;
};

export type Figures = {
  /** Null: of requests for which no service was found. */
  readonly whose: Whose | null;
  readonly counts: Counts;
  inFlight: number;
  /** Until when `counts` holds the time of requests in flight, by `performance.now()`. */
  untilMs: number;
  /** Something has been counted since it was last told. */
  hasNews: boolean;
};

export type AllFigures = {
  readonly nowhere: Figures;
  ofService(id: ServiceId): Figures;
  ofRoute(id: ServiceId, route: RouteAddress): Figures;
  ofToken(id: ServiceId, tokenId: TokenId): Figures;
  /** By subject, without `nowhere`. */
  readonly known: ReadonlyMap<Subject, Figures & { readonly whose: Whose }>;
  forget(subject: Subject): void;
};

export type Subject = ServiceId | RouteId | TokenId;

export function createFigures(): AllFigures {
  const known = new Map<Subject, Figures & { readonly whose: Whose }>();

  const add = (subject: Subject, whose: Partial<Whose> & Pick<Whose, "serviceId">): Figures => {
    const figures = open({ routeId: null, revisionId: null, tokenId: null, ...whose });
    known.set(subject, figures);
    return figures;
  };

  return {
    nowhere: open(null),
    ofService: (id) => known.get(id) ?? add(id, { serviceId: id }),
    ofRoute: (serviceId, { id, revisionId }) => known.get(id) ?? add(id, { serviceId, routeId: id, revisionId }),
    ofToken: (serviceId, tokenId) => known.get(tokenId) ?? add(tokenId, { serviceId, tokenId }),
    known,
    forget: (subject) => void known.delete(subject),
  };
}

const open = <W extends Whose | null>(whose: W) => ({ whose, counts: noCounts(), inFlight: 0, untilMs: performance.now(), hasNews: false });

/** Brings the time of requests in flight up to date. */
export function bringUpTo(figures: Figures, nowMs: number): void {
  figures.counts[place.inFlightMs]! += figures.inFlight * (nowMs - figures.untilMs);
  figures.untilMs = nowMs;
  figures.hasNews = true;
}

export function enter(figures: Figures, nowMs: number): void {
  bringUpTo(figures, nowMs);
  figures.inFlight += 1;
}

export function leave(figures: Figures, nowMs: number): void {
  bringUpTo(figures, nowMs);
  figures.inFlight -= 1;
}

/** The services and routes that a table holds. */
export function subjectsOf({ byId }: RouteTable): ReadonlySet<Subject> {
  return new Set([...byId.values()].flatMap(({ id, routes }) => [id, ...routes.map((route) => route.id)] as Subject[]));
}

/** For Prometheus: by route, and what none has answered; tokens are in the database only. */
export function countedRequests({ nowhere, known }: AllFigures): readonly CountedRequests[] {
  return [nowhere, ...known.values()]
    .filter(({ whose, counts }) => (whose?.tokenId ?? null) === null && counts.some((count) => count > 0))
    .map(({ whose, counts, inFlight }) => ({
      labels: { service: whose?.serviceId ?? "none", revision: whose?.revisionId ?? "", route: whose?.routeId ?? "" },
      counts,
      inFlight,
    }));
}
