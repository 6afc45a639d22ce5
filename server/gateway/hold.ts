/**
 * Requests that wait, because the seat of their service's only route is being handed on: for some seconds nothing can answer them, and
 * then something can. A queue for each service, and in it a line for each token (each address, where no token is needed): they are let go in
 * turn, one of each line, each line in order of arrival. So nobody who sends a thousand at once keeps the others waiting, nor out.
 *
 * What wakes them is a new table, never a look every now and then: a healthy route in it lets the first go at once and the others right
 * behind; a service that is gone or held no longer lets all go, to find out what there is to say. One timer for each queue does the rest.
 * Requests that come when a route is healthy are served as ever, also while the end of the queue is still being let go.
 *
 * A client that leaves is out of the queue at once. What it is sending is not read meanwhile: beyond Node's buffer (64 KiB) it stays in
 * the client, whose end then cannot be seen behind it, before it is let go.
 */
import type { ServiceId } from "../model/ids.ts";
import type { RouteTable, TableService } from "./route-table.ts";

/** `again`: the table has changed, or the hold is over; look again. Else why there is no waiting (any more). */
export type WaitEnd = "again" | "gone" | "tooMany" | "tooLong" | "stopping";

/** Calls `leave` when the client goes away, until what it returned is called. */
export type OnGone = (leave: () => void) => () => void;

export type Hold = {
  /** For a service that is held now. The client must be there still. @param who asks: their line. */
  wait(id: ServiceId, who: string, onGone: OnGone): Promise<WaitEnd>;
  /** To be called when there is a new table. */
  look(): void;
  /** Nothing waits here from now on. */
  stop(): void;
  /** How many wait now. */
  waiting(): number;
};

export type HoldLimits = { readonly waitingMax: number; readonly waitMsMax: number };

/**
 * A thousand for each service: what waits has one connection each and up to 64 KiB of a body, so a queue costs 64 MiB at worst; and when
 * they are let go, they come upon one route that has just started. Two minutes: load balancers and clients in front seldom wait longer.
 */
const defaultLimits: HoldLimits = { waitingMax: 1000, waitMsMax: 120_000 };

/**
 * Let go one at a time for each healthy route, for many model servers take in few connections at once (a backlog of 5 is what Python's
 * http.server listens with). Measured with 1000 requests on it: all at once, 682 failed; like this none, and the last was answered after
 * 1.7 s. It also keeps the order at the model, which connections that are opened side by side do not.
 */
const letGoEveryMs = 1;

type Waiting = { readonly untilMs: number; readonly end: (how: WaitEnd) => void };
/** Those who wait, by who they are: the line that is let go from next comes first. No line is empty. */
type Queue = { readonly lines: Map<string, Set<Waiting>>; length: number; timer: NodeJS.Timeout | undefined; nextMs: number };

/** Until when requests of the service may wait, on the clock of `performance.now()`; null where they may not, or need not. */
export function heldUntilMs(service: TableService | undefined, nowMs: number): number | null {
  if (service === undefined || service.routes.length > 0 || endings.has(service.status)) return null;
  return service.holdUntilMs !== null && service.holdUntilMs > nowMs ? service.holdUntilMs : null;
}

/** Nothing comes up any more, whatever was held before. */
const endings: ReadonlySet<TableService["status"]> = new Set(["STOPPED", "TERMINATING", "TERMINATED"]);

/** @returns when to look again, as does the next. */
function letGo(queue: Queue, count: number, nowMs: number): number {
  if (nowMs < queue.nextMs) return queue.nextMs;
  for (let left = count; left > 0; left -= 1) {
    const [next] = queue.lines;
    if (next === undefined) break;
    const [who, line] = next;
    const [first] = line;
    // Behind the others: its turn comes again after theirs.
    queue.lines.delete(who);
    queue.lines.set(who, line);
    first?.end("again");
  }
  queue.nextMs = nowMs + letGoEveryMs;
  return queue.nextMs;
}

/** Nobody waits longer than the hold lasts; who came first in a line is also the first of it who has waited too long. */
function keep(queue: Queue, heldMs: number | null, nowMs: number): number {
  let nextMs = heldMs ?? nowMs;
  for (const line of queue.lines.values()) {
    for (const one of line) {
      if (heldMs !== null && one.untilMs > nowMs) {
        nextMs = Math.min(nextMs, one.untilMs);
        break;
      }
      one.end(heldMs === null ? "again" : "tooLong");
    }
  }
  return nextMs;
}

/** Where all places are taken: the last of the longest line gives its own up for a line that is shorter. */
function makeRoom(queue: Queue, who: string): boolean {
  let longest: Set<Waiting> = new Set();
  for (const line of queue.lines.values()) if (line.size > longest.size) longest = line;
  if (longest.size <= (queue.lines.get(who)?.size ?? 0) + 1) return false;
  [...longest].at(-1)?.end("tooMany");
  return true;
}

export function openHold(table: () => RouteTable, { waitingMax, waitMsMax }: HoldLimits = defaultLimits): Hold {
  const queues = new Map<ServiceId, Queue>();
  let isStopping = false;

  /** Lets go whoever need not or may not wait longer, and sets the timer for the next who will. */
  function lookAt(id: ServiceId, queue: Queue): void {
    clearTimeout(queue.timer);
    const nowMs = performance.now();
    const service = table().byId.get(id);
    const routeCount = service?.routes.length ?? 0;
    const nextMs = routeCount > 0 ? letGo(queue, routeCount, nowMs) : keep(queue, heldUntilMs(service, nowMs), nowMs);
    if (queue.length === 0) queues.delete(id);
    else queue.timer = setTimeout(() => lookAt(id, queue), Math.ceil(nextMs - nowMs));
  }

  function join(id: ServiceId, queue: Queue, who: string, onGone: OnGone): Promise<WaitEnd> {
    return new Promise((resolve) => {
      const line = queue.lines.get(who) ?? new Set();
      queue.lines.set(who, line);
      const forget = onGone(() => {
        one.end("gone");
        if (queue.length === 0) lookAt(id, queue);
      });
      const one: Waiting = {
        untilMs: performance.now() + waitMsMax,
        end(how) {
          if (line.delete(one)) queue.length -= 1;
          if (line.size === 0 && queue.lines.get(who) === line) queue.lines.delete(who);
          forget();
          resolve(how);
        },
      };
      line.add(one);
      queue.length += 1;
    });
  }

  return {
    async wait(id, who, onGone) {
      if (isStopping) return "stopping";
      const queue = queues.get(id) ?? { lines: new Map(), length: 0, timer: undefined, nextMs: 0 };
      queues.set(id, queue);
      if (queue.length >= waitingMax && !makeRoom(queue, who)) return "tooMany";
      const ended = join(id, queue, who, onGone);
      if (queue.length === 1) lookAt(id, queue);
      return ended;
    },
    look() {
      for (const [id, queue] of queues) lookAt(id, queue);
    },
    stop() {
      isStopping = true;
      for (const [id, queue] of queues) {
        for (const one of [...queue.lines.values()].flatMap((line) => [...line])) one.end("stopping");
        lookAt(id, queue);
      }
    },
    waiting: () => queues.values().reduce((sum, queue) => sum + queue.length, 0),
  };
}
