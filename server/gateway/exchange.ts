/**
 * One request and its answer, as they are counted and logged: from its head until the client has the end of the answer, or is gone.
 * It is in flight in one place at a time: with the service while it is being checked, waits or is turned away, else with the route that answers it.
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
  /** With whom it is now. */
  figures: Figures;
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
  /** The route that was tried last did not answer: back to the service. */
  retried(exchange: Exchange, id: ServiceId): void;
  /** @param status as the client has it; null where it has none. Once is enough. */
  end(exchange: Exchange, status: number | null): void;
};

/** @param onEnd is told of each. */
export function createExchanges(all: AllFigures, onEnd: OnEnd | null): Exchanges {
  function move(exchange: Exchange, to: Figures): void {
    if (exchange.hasEnded || exchange.figures === to) return;
    const nowMs = performance.now();
    leave(exchange.figures, nowMs);
    enter(to, nowMs);
    exchange.figures = to;
  }

  return {
    begin(requestId, method, url) {
      const startedAtMs = performance.now();
      enter(all.nowhere, startedAtMs);
      const counted = { firstByteMs: null, bytesIn: 0, bytesOut: 0, retries: 0, hasWaited: false, hasBrokenOff: false, hasEnded: false };
      return { requestId, method, url, startedAtMs, figures: all.nowhere, token: null, ...counted };
    },
    found: (exchange, id) => move(exchange, all.ofService(id)),
    letIn(exchange, id, tokenId) {
      if (exchange.hasEnded) return;
      exchange.token = all.ofToken(id, tokenId);
      enter(exchange.token, performance.now());
    },
    tries: (exchange, id, route) => move(exchange, all.ofRoute(id, route)),
    retried(exchange, id) {
      exchange.retries += 1;
      exchange.figures.counts[place.retries]! += 1;
      move(exchange, all.ofService(id));
    },
    end(exchange, status) {
      if (exchange.hasEnded) return;
      exchange.hasEnded = true;
      const nowMs = performance.now();
      const durationMs = nowMs - exchange.startedAtMs;
      const outcome = outcomeOf(exchange, status);
      count(exchange.figures, exchange, outcome, durationMs, nowMs);
      if (exchange.token !== null) count(exchange.token, exchange, outcome, durationMs, nowMs);
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

function count(figures: Figures, exchange: Exchange, outcome: Outcome, durationMs: number, nowMs: number): void {
  leave(figures, nowMs);
  const { counts } = figures;
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
