import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Attempts, mayTryAgain, nextRoute, noAttempts } from "../../server/gateway/next-route.ts";
import { openHold } from "../../server/gateway/hold.ts";
import { buildRouteTable, type RouteAddress } from "../../server/gateway/route-table.ts";
import { openUpstreams, type Upstream } from "../../server/gateway/upstreams.ts";
import { openWeights, payIn } from "../../server/gateway/weights.ts";
import { silentLog } from "../../server/log.ts";
import { newId } from "../../server/model/ids.ts";
import { call, goneRoute, openWorld, serviceRow, startModel, type World } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const weight = fc.integer({ min: 0, max: 100 });
const paid = fc.integer({ min: 0, max: 99 });

/** For each request in turn: did it go to the new revision? */
function turns(weights: readonly number[], before = 0): boolean[] {
  let left = before;
  return weights.map((one) => {
    const turn = payIn(left, one);
    left = turn.paid;
    return turn.isForNew;
  });
}
const countNew = (all: readonly boolean[]): number => all.filter(Boolean).length;

describe("The share of the new revision", () => {
  test("is exact in any 100 requests in a row, and as even as it can be in fewer", () => {
    fc.assert(
      fc.property(weight, paid, fc.integer({ min: 1, max: 100 }), (percent, before, length) => {
        const all = turns(
          Array.from({ length: 300 }, () => percent),
          before,
        );
        for (let at = 0; at + 100 <= all.length; at += 1) {
          expect(countNew(all.slice(at, at + 100))).toBe(percent);
          const share = (percent * length) / 100;
          expect(Math.abs(countNew(all.slice(at, at + length)) - share)).toBeLessThan(1);
        }
      }),
      { numRuns: 30 },
    );
  });

  test("is off by less than one request over any history of weights", () => {
    fc.assert(
      fc.property(fc.array(weight, { maxLength: 500 }), (weights) => {
        const owed = weights.reduce((sum, one) => sum + one, 0) / 100;
        expect(Math.abs(countNew(turns(weights)) - owed)).toBeLessThan(1);
      }),
    );
  });
});

describe("Choosing a route", () => {
  const routes = fc.array(fc.record({ isNew: fc.boolean(), isTried: fc.boolean() }), { maxLength: 6 });

  /** What a gateway chooses among, as it is before anything was sent. */
  function choosing(newWeight: number, addresses: readonly RouteAddress[]) {
    const row = serviceRow({ routes: addresses, newWeight });
    const table = buildRouteTable([row], 0);
    const upstreams = openUpstreams(() => {}, silentLog);
    upstreams.retain(table);
    const routing = {
      table: () => table,
      upstreams,
      weights: openWeights(),
      hold: openHold(() => table),
      lookAfresh: async () => {},
    };
    const service = table.byId.get(row.id);
    if (service === undefined) throw new Error("a service that was shown is not there");
    const asking = { service, tokenId: null, who: "", affinity: null };
    return {
      choose: (attempts: Attempts) => nextRoute(asking, attempts, routing),
      mayTryAgain: (attempts: Attempts) => mayTryAgain(asking, attempts, false, routing),
      all: upstreams.balance(row.id)?.all ?? [],
    };
  }
  const addressOf = (isNew: boolean): RouteAddress => ({ id: newId("route"), revisionId: newId("revision"), host: "127.0.0.1", port: 1, isNew });

  test("never fails because of weights: there is one while any healthy route is untried", () => {
    fc.assert(
      fc.property(weight, routes, (newWeight, all) => {
        const addresses = all.map(({ isNew }) => addressOf(isNew));
        const { choose, all: upstreams } = choosing(newWeight, addresses);
        const triedIds = new Set(addresses.filter((_, at) => all[at]?.isTried).map(({ id }) => id));
        const tried: readonly Upstream[] = upstreams.filter(({ id }) => triedIds.has(id));
        const route = choose({ ...noAttempts(), tried });
        expect(route !== undefined).toBe(tried.length < addresses.length);
        if (route !== undefined) expect(tried).not.toContain(route);
      }),
    );
  });

  test("gives weight 0 nothing and weight 100 everything, also when it retries, unless nothing else is healthy", () => {
    fc.assert(
      fc.property(fc.constantFrom(0, 100), routes, (newWeight, all) => {
        const addresses = all.map(({ isNew }) => addressOf(isNew));
        const { choose } = choosing(newWeight, addresses);
        const attempts = noAttempts();
        const chosen = addresses.map(() => choose(attempts)?.isNew);
        const wanted = newWeight === 100;
        expect(chosen).toEqual([...chosen.filter((isNew) => isNew === wanted), ...chosen.filter((isNew) => isNew !== wanted)]);
      }),
    );
  });

  test("retries on the same revision first, and the last time on the other", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99 }), fc.nat({ max: 200 }), (newWeight, before) => {
        const { choose, mayTryAgain: mayTry } = choosing(newWeight, [true, true, true, false, false, false].map(addressOf));
        for (let count = 0; count < before; count += 1) choose(noAttempts());
        const attempts = noAttempts();
        const chosen: (boolean | undefined)[] = [];
        while (mayTry(attempts)) chosen.push(choose(attempts)?.isNew);
        expect(chosen).toEqual([chosen[0], chosen[0], !chosen[0]]);
      }),
    );
  });
});

describe("A canary of 10 per cent", () => {
  test("gets exactly 10 of any 100 requests in a row, whatever else changes in the table meanwhile", async () => {
    const served: boolean[] = [];
    const start = (isNew: boolean) =>
      startModel((_request, response) => {
        served.push(isNew);
        response.end();
      });
    await using old = await start(false);
    await using other = await start(false);
    await using fresh = await start(true);
    const row = serviceRow({ newWeight: 10 });
    const canary = { ...fresh.route, isNew: true };
    for (let count = 0; count < 250; count += 1) {
      if (count % 7 === 0) await world.show({ ...row, routes: count % 2 === 0 ? [canary, old.route, other.route] : [other.route, canary] });
      await call(world.port, { method: count % 3 === 0 ? "POST" : "GET" });
    }
    for (let at = 0; at + 100 <= served.length; at += 1) expect(countNew(served.slice(at, at + 100))).toBe(10);
  });

  test("counts WebSockets like every other request", async () => {
    const served: boolean[] = [];
    await using old = await startModel();
    await using fresh = await startModel();
    for (const { server } of [old, fresh]) {
      server.on("request", () => served.push(server === fresh.server));
      server.on("upgrade", (_request, socket) => {
        served.push(server === fresh.server);
        socket.end("HTTP/1.1 418 I'm a teapot\r\nContent-Length: 0\r\n\r\n");
      });
    }
    await world.show(serviceRow({ newWeight: 50, routes: [old.route, { ...fresh.route, isNew: true }] }));
    for (let count = 0; count < 5; count += 1) {
      expect((await call(world.port, { headers: ["Connection", "Upgrade", "Upgrade", "websocket"] })).status).toBe(418);
      expect((await call(world.port)).status).toBe(200);
    }
    expect(served).toEqual(Array.from({ length: 10 }, (_, at) => at % 2 === 1));
  });

  test("that dies, whole, costs no GET its answer", async () => {
    await using old = await startModel();
    const gone = await Promise.all([goneRoute(), goneRoute(), goneRoute(), goneRoute()]);
    await world.show(serviceRow({ newWeight: 10, routes: [old.route, ...gone.map((route) => ({ ...route, isNew: true }))] }));
    for (let count = 0; count < 50; count += 1) expect((await call(world.port)).status).toBe(200);
  });

  test("is all there is: it serves everything", async () => {
    await using fresh = await startModel();
    await world.show(serviceRow({ newWeight: 0, routes: [{ ...fresh.route, isNew: true }] }));
    for (let count = 0; count < 5; count += 1) expect((await call(world.port)).status).toBe(200);
  });
});
