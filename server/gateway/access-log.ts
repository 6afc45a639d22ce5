/**
 * One line of JSON for each request, when it has ended: all, or a share of them and whatever failed. Never in it: tokens, headers, bodies, and
 * what follows the `?` of a target, where clients of all kinds put their secrets.
 */
import type { Log } from "../log.ts";
import type { OnEnd } from "./exchange.ts";

const pathLengthMax = 1000;

/** @param share from 0 (none but what failed) to 1. */
export function logAccess(log: Log, share: number): OnEnd {
  return (exchange, { status, outcome, durationMs }) => {
    const hasFailed = outcome === "5xx" || outcome === "broken";
    if (!hasFailed && Math.random() >= share) return;
    const { figures, token, firstByteMs, retries, hasWaited } = exchange;
    log.info({
      requestId: exchange.requestId,
      service: figures.whose?.serviceId ?? null,
      route: figures.whose?.routeId ?? null,
      token: token?.whose?.tokenId ?? null,
      method: exchange.method,
      path: exchange.url.split("?", 1)[0]?.slice(0, pathLengthMax),
      status,
      outcome,
      durationMs: rounded(durationMs),
      firstByteMs: firstByteMs === null ? null : rounded(firstByteMs),
      bytesIn: exchange.bytesIn,
      bytesOut: exchange.bytesOut,
      retries,
      hasWaited,
    });
  };
}

const rounded = (ms: number): number => Math.round(ms * 10) / 10;
