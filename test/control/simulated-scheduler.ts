/**
 * A scheduler in memory, with a virtual clock, so many seats, and strangers who take every seat that is free for a moment. When told to
 * misbehave it places late, fails, loses sessions and repeats old news, by chance.
 */
import type { RevisionId, SessionId } from "../../server/model/ids.ts";
import { numberInSeat, seatOf } from "../../server/model/seat.ts";
import type { Observation } from "../../server/model/session.ts";

type Held = Observation & { readonly routeId: string; readonly revisionId: RevisionId };

export type SimulatedScheduler = {
  readonly observations: () => ReadonlyMap<SessionId, Observation>;
  submit(id: SessionId, routeId: string, revisionId: RevisionId): void;
  replace(old: SessionId, id: SessionId, routeId: string, revisionId: RevisionId): void;
  stop(id: SessionId): void;
  retry(id: SessionId): void;
  /** Is there a seat for one more? */
  hasRoom(): boolean;
  forget(isWanted: (id: SessionId) => boolean): void;
  /** From now on a seat that is free at the end of a move is gone for good. */
  strangersArrive(): void;
  /** About a second passes. */
  move(now: number, misbehaving: boolean): void;
  /** That are not gone. */
  sessions(): number;
  readonly mostSessionsOfARoute: number;
};

export type SimulatedMachine = {
  readonly random: () => number;
  /** Infinity: no session ever waits for one. */
  readonly seats: number;
  readonly isBad: (revisionId: RevisionId) => boolean;
};

export function createScheduler({ random, seats, isBad }: SimulatedMachine): SimulatedScheduler {
  const held = new Map<SessionId, Held>();
  /** Successors whose predecessor has not ended yet: they have its seat already, and start when it is free of its process. */
  const heirs = new Map<SessionId, SessionId>();
  let left = seats;
  let strangers = false;
  let mostSessionsOfARoute = 0;

  const holdsSeat = ({ state, node, sessionId }: Held): boolean => state !== "GONE" && node !== null && !heirOf(sessionId);
  const heirOf = (id: SessionId): boolean => [...heirs].some(([heir, old]) => old === id && held.get(heir)?.state !== "GONE");
  const used = (): number => [...held.values()].filter(holdsSeat).length;
  const put = (one: Held): void => void held.set(one.sessionId, one);
  const count = (routeId: string): void => {
    const live = [...held.values()].filter((one) => one.routeId === routeId && one.state !== "GONE").length;
    mostSessionsOfARoute = Math.max(mostSessionsOfARoute, live);
  };

  function add(id: SessionId, routeId: string, revisionId: RevisionId): void {
    if (held.has(id)) return;
    put({ ...unplaced(id), routeId, revisionId });
    count(routeId);
  }

  function moveOne(seen: Held, now: number, misbehaving: boolean): void {
    const fate = random();
    const id = seen.sessionId;
    const exits = { lastExit: exit(now), address: null, retryAt: new Date(now + 3000) };
    if (seen.state === "GONE") return;
    if (seen.state === "STOPPING") return fate < 0.3 ? put({ ...seen, state: "GONE", address: null }) : undefined;
    if (misbehaving && fate < 0.02) return void held.delete(id);
    if (misbehaving && fate < 0.04) return put({ ...seen, state: "GONE", address: null });
    if (misbehaving && fate < 0.06 && seen.attempt !== null) return put({ ...seen, state: "PLACED", address: null });
    if (misbehaving && fate < 0.12 && seen.node !== null) return put({ ...seen, ...exits, state: "BACKING_OFF" });
    if (misbehaving && fate < 0.16 && seats === Infinity) return put({ ...unplaced(id), routeId: seen.routeId, revisionId: seen.revisionId });
    if (misbehaving && fate > 0.6) return;
    if (seen.state === "RUNNING" && isBad(seen.revisionId)) return put({ ...seen, ...exits, state: "BACKING_OFF" });
    if (seen.state === "UNPLACED") return place(seen, now);
    if (seen.state === "BACKING_OFF" && seen.retryAt !== null && seen.retryAt.getTime() > now) return;
    if (seen.state === "BACKING_OFF") return put({ ...seen, state: "PLACED", attempt: `a${now}`, retryAt: null });
    const address = misbehaving && seen.address === null && fate < 0.5 ? null : { host: "127.0.0.1", port: 4000 };
    put({ ...seen, state: "RUNNING", address });
  }

  function place(seen: Held, now: number): void {
    const old = heirs.get(seen.sessionId);
    const before = old === undefined ? undefined : held.get(old);
    if (before !== undefined && before.state !== "GONE") return;
    if (old === undefined && used() >= left) return;
    heirs.delete(seen.sessionId);
    put({ ...seen, state: "PLACED", attempt: `a${now}`, node: { id: "n", name: "n" }, unplaced: null });
  }

  return {
    observations: () => held,
    submit: add,
    replace(_old, id, routeId, revisionId) {
      if (held.has(id)) return;
      const before = [...held.values()]
        .filter(({ sessionId, state }) => seatOf(sessionId) === seatOf(id) && numberInSeat(sessionId) < numberInSeat(id) && state !== "GONE")
        .toSorted((a, b) => numberInSeat(b.sessionId) - numberInSeat(a.sessionId));
      const [newest] = before;
      if (newest !== undefined && newest.node !== null) {
        // Whoever was to inherit from the one before is passed over.
        for (const [heir, from] of heirs) if (from === newest.sessionId) heirs.delete(heir);
        heirs.set(id, newest.sessionId);
      }
      add(id, routeId, revisionId);
      for (const each of before) put({ ...each, state: "STOPPING", address: null });
    },
    stop(id) {
      const seen = held.get(id);
      if (seen !== undefined && seen.state !== "GONE") put({ ...seen, state: seen.node === null ? "GONE" : "STOPPING", address: null });
    },
    retry(id) {
      const seen = held.get(id);
      if (seen?.state === "BACKING_OFF") put({ ...seen, retryAt: null });
    },
    hasRoom: () => used() < left,
    forget(isWanted) {
      for (const [id, { state }] of held) if (state === "GONE" && !isWanted(id)) held.delete(id);
    },
    strangersArrive: () => void (strangers = true),
    move(now, misbehaving) {
      for (const seen of held.values()) moveOne(held.get(seen.sessionId) ?? seen, now, misbehaving);
      if (strangers) left = Math.min(left, used() + heirs.size);
    },
    sessions: () => [...held.values()].filter(({ state }) => state !== "GONE").length,
    get mostSessionsOfARoute() {
      return mostSessionsOfARoute;
    },
  };
}

const unplaced = (sessionId: SessionId): Observation => ({
  sessionId,
  state: "UNPLACED",
  attempt: null,
  node: null,
  address: null,
  retryAt: null,
  lastExit: null,
  unplaced: null,
  step: null,
  events: [],
});
const exit = (now: number) => ({ code: 1, signal: null, outOfMemory: false, at: new Date(now), outputTail: "", message: null, action: null });

/** mulberry32: small, and the same on every machine. */
export function randomBy(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
