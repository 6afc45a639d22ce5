/**
 * One request and its answer, as they are counted and logged: from its head until the client has the end of the answer, or is gone.
 * It counts in one place: with the route that answers it, with the service while it waits or where no route has answered, and with none where
 * there is no service. Before it waits or is sent to a route, it is not in flight.
 */
import { type Outcome, bucketOf, outcomePlace, place } from "../model/traffic.ts";
import type { ServiceId, TokenId } from "../model/ids.ts";
import { type AllFigures, enter, type Figures, leave } from "./figures.ts";
import type { RouteAddress } from "./route-table.ts";

export type Exchange = {
  readonly requestId: string;
  readonly method: string;
  readonly url: string;
  /** When the request's head was there, by `performance.now()`. */
  readonly startedAtMs: number;
  /** Where it counts. */
  figures: Figures;
  isInFlight: boolean;
  /** Of its token. */
  token: Figures | null;
  /** When a route's answer began, from the start; null while none has. */
  firstByteMs: number | null;
  /** Of bodies, and of what follows a switch to another protocol. */
  bytesIn: number;
  bytesOut: number;
  retries: number;
  /** For a route, while there was none. */
  hasWaited: boolean;
  hasBrokenOff: boolean;
  hasEnded: boolean;
};

type Ended = { readonly status: number; readonly outcome: Outcome; readonly durationMs: number };

export type OnEnd = (exchange: Exchange, ended: Ended) => void;

export type Exchanges = {
  begin(requestId: string, method: string, url: string): Exchange;
  /** It is for that service; `tokenId`: and was let in by that token. */
  found(exchange: Exchange, id: ServiceId): void;
  letIn(exchange: Exchange, id: ServiceId, tokenId: TokenId): void;
  tries(exchange: Exchange, id: ServiceId, route: RouteAddress): void;
  /** The route that was tried last did not answer. */
  retried(exchange: Exchange, id: ServiceId): void;
  /** @param status as the client has it; null where it has none. Once is enough. */
  end(exchange: Exchange, status: number | null): void;
};

/** @param onEnd is told of each. */
export function createExchanges(all: AllFigures, onEnd: OnEnd | null): Exchanges {
  function leaveNow(exchange: Exchange, nowMs: number): void {
    if (exchange.isInFlight) leave(exchange.figures, nowMs);
    exchange.isInFlight = false;
  }

  return {
    begin(requestId, method, url) {
      const state = { isInFlight: false, retries: 0, hasWaited: false, hasBrokenOff: false, hasEnded: false };
      const startedAtMs = performance.now();
      return { requestId, method, url, startedAtMs, figures: all.nowhere, token: null, firstByteMs: null, bytesIn: 0, bytesOut: 0, ...state };
    },
    found(exchange, id) {
      exchange.figures = all.ofService(id);
    },
    letIn(exchange, id, tokenId) {
      if (exchange.hasEnded) return;
      exchange.token = all.ofToken(id, tokenId);
      enter(exchange.token, performance.now());
    },
    tries(exchange, id, route) {
      if (exchange.hasEnded) return;
      const nowMs = performance.now();
      leaveNow(exchange, nowMs);
      exchange.figures = all.ofRoute(id, route);
      exchange.isInFlight = true;
      enter(exchange.figures, nowMs);
    },
    retried(exchange, id) {
      exchange.retries += 1;
      exchange.figures.counts[place.retries]! += 1;
      leaveNow(exchange, performance.now());
      exchange.figures = all.ofService(id);
    },
    end(exchange, status) {
      if (exchange.hasEnded) return;
      exchange.hasEnded = true;
      const nowMs = performance.now();
      const durationMs = nowMs - exchange.startedAtMs;
      const outcome = outcomeOf(exchange, status);
      leaveNow(exchange, nowMs);
      count(exchange.figures, exchange, outcome, durationMs);
      if (exchange.token !== null) {
        leave(exchange.token, nowMs);
        count(exchange.token, exchange, outcome, durationMs);
      }
      onEnd?.(exchange, { status: status ?? clientGone, outcome, durationMs });
    },
  };
}

/** As nginx calls it; no client ever sees it. */
const clientGone = 499;

const byHundreds = ["1xx", "1xx", "2xx", "3xx", "4xx", "5xx"] as const;

function outcomeOf({ hasBrokenOff }: Exchange, status: number | null): Outcome {
  if (hasBrokenOff) return "broken";
  return status === null ? "gone" : (byHundreds[Math.floor(status / 100)] ?? "5xx");
}

function count(figures: Figures, exchange: Exchange, outcome: Outcome, durationMs: number): void {
  const { counts } = figures;
  figures.hasNews = true;
  counts[outcomePlace(outcome)]! += 1;
  if (exchange.hasWaited) counts[place.held]! += 1;
  if (exchange.firstByteMs !== null) {
    counts[place.firstByte + bucketOf(exchange.firstByteMs)]! += 1;
    counts[place.firstByteSumMs]! += exchange.firstByteMs;
  }
  // How long a WebSocket stays open says nothing of how fast its service answers.
  if (outcome === "1xx") return;
  counts[place.latency + bucketOf(durationMs)]! += 1;
  counts[place.latencySumMs]! += durationMs;
}

/** There is no route to try. */
export function waits(exchange: Exchange): void {
  exchange.hasWaited = true;
  if (exchange.hasEnded || exchange.isInFlight) return;
  exchange.isInFlight = true;
  enter(exchange.figures, performance.now());
}

/** As they come, so that a stream of hours counts in the minutes in which it flows. */
export function received(exchange: Exchange, bytes: number): void {
  exchange.bytesIn += bytes;
  exchange.figures.counts[place.bytesIn]! += bytes;
  if (exchange.token !== null) exchange.token.counts[place.bytesIn]! += bytes;
}

export function sent(exchange: Exchange, bytes: number): void {
  exchange.bytesOut += bytes;
  exchange.figures.counts[place.bytesOut]! += bytes;
  if (exchange.token !== null) exchange.token.counts[place.bytesOut]! += bytes;
}
