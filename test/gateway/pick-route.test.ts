import fc from "fast-check";
import { expect, test } from "vitest";
import { routesInOrder } from "../../server/gateway/pick-route.ts";

const route = fc.record({ id: fc.nat(), outstanding: fc.nat({ max: 5 }), failed: fc.boolean(), second: fc.boolean() });
const routes = fc.uniqueArray(route, { selector: ({ id }) => id });
type Route = { readonly id: number; readonly outstanding: number; readonly failed: boolean; readonly second?: boolean };

const inOrder = (all: readonly Route[], random: () => number = Math.random) =>
  routesInOrder(all, { outstanding: (one) => one.outstanding, failedLately: (one) => one.failed, isSecondChoice: () => false, random });

test("The route with the fewest requests in flight comes first, and every other one after it", () => {
  fc.assert(
    fc.property(routes, (all) => {
      const order = inOrder(all);
      expect(order.toSorted((a, b) => a.id - b.id)).toEqual(all.toSorted((a, b) => a.id - b.id));
      const sound = order.filter((one) => !one.failed);
      expect(sound.map((one) => one.outstanding)).toEqual(sound.map((one) => one.outstanding).toSorted((a, b) => a - b));
    }),
  );
});

test("A route that just failed comes after every other one, so failing fast draws no requests", () => {
  fc.assert(
    fc.property(routes, (all) => {
      const failures = inOrder(all).map((one) => one.failed);
      expect(failures).toEqual(failures.toSorted((a, b) => Number(a) - Number(b)));
    }),
  );
});

test("Whatever the load, routes of the revision that a request is for come before the others, which stand behind them in case", () => {
  fc.assert(
    fc.property(routes, (all) => {
      const load = { outstanding: (one: Route) => one.outstanding, failedLately: (one: Route) => one.failed, random: Math.random };
      const order = routesInOrder<Route>(all, { ...load, isSecondChoice: (one) => one.second === true });
      expect(order).toHaveLength(all.length);
      const seconds = order.map((one) => one.second === true);
      expect(seconds).toEqual(seconds.toSorted((a, b) => Number(a) - Number(b)));
      const best = order.filter((one) => one.second === order[0]?.second && !one.failed).map((one) => one.outstanding);
      expect(best).toEqual(best.toSorted((a, b) => a - b));
    }),
  );
});

test("Equals share by chance", () => {
  const all = [0, 1, 2].map((id) => ({ id, outstanding: 1, failed: false }));
  const draws = [0.2, 0.9, 0.1];
  expect(inOrder(all, () => draws.shift() ?? 0).map((one) => one.id)).toEqual([2, 0, 1]);
  const firsts = new Set(Array.from({ length: 200 }, () => inOrder(all)[0]?.id));
  expect(firsts.size).toBe(3);
});
