import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  hashOf,
  mix,
  newStanding,
  noteAnswer,
  noteChosen,
  noteEnd,
  noteFailure,
  noteProbe,
  pick,
  pickByKey,
  probeAfterMs,
  type Standing,
  type Usual,
} from "../../server/gateway/standing.ts";
import { payIn } from "../../server/gateway/weights.ts";

type Route = Standing & { readonly id: number; readonly hash: number };
const usually = (): Usual => ({ answerMs: 0, answers: 0 });
const standing = (id: number, part: Partial<Standing> = {}): Route => ({ ...newStanding(0, false), id, hash: hashOf(`rt_${id}`), ...part });

/** The same numbers every time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    return mix(state) / 2 ** 32;
  };
}

const route = fc.record({ outstanding: fc.nat({ max: 5 }), isOut: fc.boolean(), isTried: fc.boolean() });
const routes = fc
  .array(route, { maxLength: 40 })
  .map((all) => all.map(({ outstanding, isOut, isTried }, id) => ({ one: standing(id, { outstanding, outUntilMs: isOut ? 2000 : 0 }), isTried })));

describe("The next route", () => {
  test("is one that has not been tried, while there is any, and none twice", () => {
    fc.assert(
      fc.property(routes, fc.integer(), (all, seed) => {
        const tried = all.filter(({ isTried }) => isTried).map(({ one }) => one);
        const order: Route[] = [];
        const shuffled = all.map(({ one }) => one);
        for (;;) {
          const next = pick(shuffled, usually(), [...tried, ...order], 1000, seeded(seed));
          if (next === undefined) break;
          order.push(next);
        }
        expect(new Set([...tried, ...order]).size).toBe(all.length);
        expect(order).toHaveLength(all.length - tried.length);
        expect(new Set(shuffled).size).toBe(all.length);
      }),
    );
  });

  test("of up to 16 is one with the fewest requests in flight; those that just failed come last, so failing fast draws no requests", () => {
    fc.assert(
      fc.property(routes, fc.integer(), (all, seed) => {
        const some = all.slice(0, 16).map(({ one }) => one);
        const sound = some.filter(({ outUntilMs }) => outUntilMs === 0);
        const next = pick([...some], usually(), [], 1000, seeded(seed));
        if (sound.length > 0) expect(sound).toContain(next);
        expect(next?.outstanding).toBe(some.length === 0 ? undefined : Math.min(...(sound.length > 0 ? sound : some).map((one) => one.outstanding)));
      }),
    );
  });

  test("is each of many equals as often as any other: chi-square over 100,000 requests", () => {
    const all = Array.from({ length: 20 }, (_, id) => standing(id));
    const counts = new Map<number, number>();
    const random = seeded(7);
    for (let count = 0; count < 100_000; count += 1) {
      const { id = -1 } = pick(all, usually(), [], 1000, random) ?? {};
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    const expected = 100_000 / all.length;
    const chiSquare = all.reduce((sum, { id }) => sum + ((counts.get(id) ?? 0) - expected) ** 2 / expected, 0);
    // 19 degrees of freedom: exceeded by chance once in a thousand.
    expect(chiSquare).toBeLessThan(43.8);
  });

  test("is on the new revision as often as any weight says: chi-square over 100,000 requests", () => {
    for (const weight of [1, 7, 10, 33, 50, 90, 99]) {
      let paid = 0;
      let isNew = 0;
      for (let count = 0; count < 100_000; count += 1) {
        const turn = payIn(paid, weight);
        paid = turn.paid;
        isNew += Number(turn.isForNew);
      }
      const expected = 1000 * weight;
      expect((isNew - expected) ** 2 / expected + (isNew - expected) ** 2 / (100_000 - expected)).toBeLessThan(0.01);
    }
  });
});

/** Requests that come by chance to routes that work on all of them at once: what their latencies are, in order. */
function simulate(
  serviceMs: readonly number[],
  perSecond: number,
  count: number,
): { readonly tookMs: readonly number[]; readonly counts: readonly number[] } {
  const random = seeded(11);
  const all = serviceMs.map((_, id) => standing(id));
  const usual = usually();
  const ends: { readonly atMs: number; readonly tookMs: number; readonly one: Route }[] = [];
  const tookMs: number[] = [];
  const counts = serviceMs.map(() => 0);
  let nowMs = 0;
  for (let sent = 0; sent < count; sent += 1) {
    nowMs += (-Math.log(1 - random()) * 1000) / perSecond;
    for (let first = ends[0]; first !== undefined && first.atMs <= nowMs; first = ends[0]) {
      ends.shift();
      noteEnd(first.one);
      noteAnswer(first.one, usual, first.tookMs);
    }
    const one = pick([...all], usual, [], nowMs, random);
    if (one === undefined) throw new Error("there was no route");
    noteChosen(one, usual);
    counts[one.id] = (counts[one.id] ?? 0) + 1;
    const took = (serviceMs[one.id] ?? 0) * (0.5 + random());
    tookMs.push(took);
    const end = { atMs: nowMs + took, tookMs: took, one };
    const at = ends.findLastIndex(({ atMs }) => atMs <= end.atMs);
    ends.splice(at + 1, 0, end);
  }
  return { tookMs: tookMs.toSorted((one, other) => one - other), counts };
}

describe("One route that is ten times slower than nine others", () => {
  test.each([5, 20, 100, 500, 2000])("at %i requests a second, leaves their 99th percentile within twice that of the nine alone", (perSecond) => {
    const nine = Array.from({ length: 9 }, () => 50);
    const p99 = ({ tookMs }: ReturnType<typeof simulate>) => tookMs[Math.floor(tookMs.length * 0.99)] ?? 0;
    const alone = simulate(nine, perSecond, 20_000);
    const withSlow = simulate([...nine, 500], perSecond, 20_000);
    expect(p99(withSlow)).toBeLessThan(2 * p99(alone));
    // It is not forgotten either: it may be fast again.
    expect(withSlow.counts[9]).toBeGreaterThan(10);
  });

  test("is not one that was slow once, or whose answers take now more and now less as others' do", () => {
    const random = seeded(13);
    const all = Array.from({ length: 3 }, (_, id) => standing(id));
    const usual = usually();
    const counts = [0, 0, 0];
    for (let sent = 0; sent < 3000; sent += 1) {
      const one = pick(all, usual, [], sent, random);
      if (one === undefined) throw new Error("there was no route");
      noteChosen(one, usual);
      noteEnd(one);
      counts[one.id] = (counts[one.id] ?? 0) + 1;
      const isFirst = one.id === 0 && (counts[0] ?? 0) % 200 === 1;
      noteAnswer(one, usual, isFirst ? 500 : random() < 0.2 ? 1000 : 5);
    }
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(200);
  });

  test("has its share again soon after it has become fast", () => {
    const all = Array.from({ length: 10 }, (_, id) => standing(id, { answerMs: id === 9 ? 500 : 50, answers: 100 }));
    const usual = { answerMs: 50, answers: 1000 };
    for (const one of all) one.chosenAt = 1000;
    const random = seeded(3);
    let turns = 0;
    for (let sent = 0; sent < 20_000; sent += 1) {
      const one = pick(all, usual, [], sent, random);
      if (one === undefined) throw new Error("there was no route");
      noteChosen(one, usual);
      noteEnd(one);
      noteAnswer(one, usual, 50);
      if (sent >= 2000 && one.id === 9) turns += 1;
    }
    expect(turns).toBeGreaterThan(1500);
  });
});

describe("A route that fails", () => {
  test("is out for 2 s each time, and from the fifth in a row on until a probe passes: after 4 s, then twice as long every time, up to a minute", () => {
    const bad = standing(0);
    const fail = (nowMs: number) => [noteFailure(bad, [bad, standing(1), standing(2)], nowMs), bad.outUntilMs - nowMs];
    for (const nowMs of [0, 2000, 4000, 6000]) expect(fail(nowMs)).toEqual([false, 2000]);
    expect(fail(8000)).toEqual([true, Infinity]);
    const waitSeconds: number[] = [];
    for (let count = 0; count < 4; count += 1) {
      waitSeconds.push(probeAfterMs(bad) / 1000);
      noteProbe(bad, false);
    }
    // A probe that passes is no answer: the request after it failed all the same.
    noteProbe(bad, true);
    expect(bad.outUntilMs).toBe(0);
    expect(fail(9000)).toEqual([true, Infinity]);
    waitSeconds.push(probeAfterMs(bad) / 1000);
    expect(waitSeconds).toEqual([4, 8, 16, 32, 60]);
  });

  test("many times at one blow, is out as if it had failed once in a row", () => {
    const [bad, other] = [standing(0), standing(1)];
    for (let count = 0; count < 100; count += 1) noteFailure(bad, [bad, other], count / 10);
    expect(probeAfterMs(bad)).toBe(4000);
  });

  test("comes back by a probe and one request: while that is under way it gets no other, and its answer brings it back whole", () => {
    // It has a WebSocket open, which goes on.
    const [bad, other] = [standing(0, { outstanding: 1 }), standing(1, { outstanding: 5 })];
    const usual = usually();
    const next = (nowMs: number) => pick([bad, other], usual, [], nowMs, Math.random);
    for (let count = 0; count < 5; count += 1) noteFailure(bad, [bad, other], 0);
    expect(next(1e9)).toBe(other);
    noteProbe(bad, true);
    expect(next(4000)).toBe(bad);
    noteChosen(bad, usual);
    expect(next(4000)).toBe(other);
    // Whose client left: that says nothing.
    noteEnd(bad);
    expect(next(4000)).toBe(bad);
    noteChosen(bad, usual);
    noteAnswer(bad, usual, 10);
    expect(next(4000)).toBe(bad);
  });

  test("is never one of more than half that are out for long, however many fail", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.array(fc.nat({ max: 19 }), { maxLength: 400 }), (count, failing) => {
        const all = Array.from({ length: count }, (_, id) => standing(id));
        failing.forEach((id, at) => {
          const one = all[id % count];
          if (one !== undefined) noteFailure(one, all, at * 100);
          expect(all.filter(({ outUntilMs }) => outUntilMs > at * 100 + 2000).length).toBeLessThanOrEqual(count / 2);
        });
      }),
    );
  });
});

describe("A route that joins others", () => {
  const turnsOf = (fresh: Route, others: readonly Route[], nowMs: number): number => {
    const random = seeded(5);
    const all = [fresh, ...others];
    return Array.from({ length: 10_000 }, () => pick(all, usually(), [], nowMs, random)).filter((one) => one === fresh).length;
  };

  test("has a tenth of its turns at first, half of them after 5 s, and all after 10 s", () => {
    const fresh = { ...newStanding(0, true), id: 9, hash: 9 };
    const others = [standing(1), standing(2), standing(3)];
    // What it forgoes the others get, so its share is a little less than the part of a quarter.
    const shares = [0, 5000, 10_000].map((nowMs) => turnsOf(fresh, others, nowMs) / 2500);
    expect(shares[0]).toBeCloseTo(0.1, 1);
    expect(shares[1]).toBeCloseTo(0.5, 1);
    expect(shares[2]).toBeCloseTo(1, 1);
  });

  test("gets what it can where nobody else is there, or all are as new", () => {
    const fresh = { ...newStanding(0, true), id: 9, hash: 9 };
    expect(turnsOf(fresh, [], 0)).toBe(10_000);
    expect(turnsOf(fresh, [{ ...newStanding(0, true), id: 8, hash: 8 }], 0)).toBeGreaterThan(4500);
  });
});

describe("Requests with one key", () => {
  const keys = Array.from({ length: 2000 }, (_, at) => hashOf(`session-${at}`));

  test("go to one route, and many keys to all of them alike", () => {
    const all = Array.from({ length: 8 }, (_, id) => standing(id));
    const counts = all.map(() => 0);
    for (const key of keys) {
      const first = pickByKey(all, key, [], 0);
      expect(pickByKey(all.toReversed(), key, [], 0)).toBe(first);
      counts[first?.id ?? -1] = (counts[first?.id ?? -1] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 250)).toBeLessThan(60);
  });

  test("move only where their route has gone, and to a new one no more than its share", () => {
    const all = Array.from({ length: 8 }, (_, id) => standing(id));
    const before = keys.map((key) => pickByKey(all, key, [], 0));
    const without = keys.map((key) => pickByKey(all.slice(1), key, [], 0));
    before.forEach((one, at) => {
      if (one !== all[0]) expect(without[at]).toBe(one);
    });
    const added = standing(8);
    const moved = keys.map((key) => pickByKey([...all, added], key, [], 0)).filter((one, at) => one !== before[at]);
    expect(new Set(moved)).toEqual(new Set([added]));
    expect(moved.length).toBeLessThan(2000 / 9 + 60);
  });

  test("go elsewhere while their route is out, has been tried, or has far more to do than its share", () => {
    const all = Array.from({ length: 4 }, (_, id) => standing(id));
    const [key = 0] = keys;
    const own = pickByKey(all, key, [], 0);
    if (own === undefined) throw new Error("there was no route");
    expect(pickByKey(all, key, [own], 0)).not.toBe(own);
    own.outstanding = 4;
    expect(pickByKey(all, key, [], 0)).toBe(own);
    own.outstanding = 10;
    expect(pickByKey(all, key, [], 0)).not.toBe(own);
    own.outstanding = 0;
    own.outUntilMs = 1;
    expect(pickByKey(all, key, [], 0)).not.toBe(own);
  });
});
