import fc from "fast-check";
import { expect, test } from "vitest";
import { createExchanges, waits } from "../../server/gateway/exchange.ts";
import { createFigures } from "../../server/gateway/figures.ts";
import { openMinutes } from "../../server/gateway/minutes.ts";
import { newId } from "../../server/model/ids.ts";
import { requestsIn } from "../../server/model/traffic.ts";

const minuteMs = 60_000;

/** A gateway with a clock of the test's own, and a database that keeps of each minute and subject what was said last. */
function openWorld(waitingMax = 30) {
  let nowMs = Date.UTC(2026, 0, 1);
  const figures = createFigures();
  const exchanges = createExchanges(figures, null);
  const services = [newId("service"), newId("service")] as const;
  const minutes = openMinutes(
    figures,
    () => new Set(services),
    () => nowMs,
    waitingMax,
  );
  const stored = new Map<string, number>();
  return {
    figures,
    services,
    stored,
    request(service = services[0]) {
      const exchange = exchanges.begin("id", "GET", "/");
      exchanges.found(exchange, service);
      waits(exchange);
      return { end: () => exchanges.end(exchange, 200) };
    },
    pass(ms: number) {
      nowMs += ms;
      minutes.look();
    },
    /** `arrives`: whether it reaches the database; `isHeard`: whether the gateway hears that it did; `meanwhile`: what happens on the way. */
    tell(arrives = true, isHeard = arrives, meanwhile = () => {}) {
      for (let next = minutes.next(); next !== null; next = minutes.next()) {
        if (arrives) for (const { subject, counts } of next.rows) stored.set(`${next.minute.atMs} ${subject}`, requestsIn(counts));
        meanwhile();
        if (!isHeard) return;
        minutes.told(next.minute, next.rows);
      }
    },
    total: () => [...stored.values()].reduce((sum, count) => sum + count, 0),
  };
}

test("every request is in the database once, in its minute, however often it is told", () => {
  const world = openWorld();
  world.request().end();
  world.pass(5000);
  world.tell();
  world.request().end();
  world.pass(5000);
  world.tell();
  expect([...world.stored.values()]).toEqual([2]);
  world.pass(minuteMs);
  world.request(world.services[1]).end();
  world.pass(5000);
  world.tell();
  expect([...world.stored.values()]).toEqual([2, 1]);
});

test("whether the database is away, or takes what it is told and nobody hears of it, nothing is lost and nothing counts twice", () => {
  const step = fc.record({
    requests: fc.integer({ min: 0, max: 3 }),
    meanwhile: fc.integer({ min: 0, max: 2 }),
    passMs: fc.integer({ min: 0, max: 2 * minuteMs }),
    database: fc.constantFrom("there", "away", "deaf"),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const world = openWorld(3);
      let asked = 0;
      for (const { requests, meanwhile, passMs, database } of steps) {
        for (let each = 0; each < requests; each += 1) world.request(world.services[each % 2 === 0 ? 0 : 1]).end();
        asked += requests;
        world.pass(passMs);
        let left = meanwhile;
        world.tell(database !== "away", database === "there", () => {
          if (left === 0) return;
          left -= 1;
          asked += 1;
          world.request().end();
          world.pass(left === 0 ? minuteMs : 5000);
        });
      }
      world.pass(1);
      world.tell();
      expect(world.total()).toBe(asked);
    }),
  );
});

test("of a database that is away for hours thirty minutes wait, and what was counted before is counted with the oldest", () => {
  const world = openWorld();
  for (let minute = 0; minute < 600; minute += 1) {
    world.request().end();
    world.pass(minuteMs);
    world.tell(false);
  }
  world.tell();
  expect(world.total()).toBe(600);
  expect(world.stored.size).toBe(30);
  expect([...world.stored.values()].slice(1)).toEqual(Array.from({ length: 29 }, () => 1));
});

test("what is gone from the table is forgotten when it has been still for a minute, and not before its last request has ended", () => {
  const world = openWorld();
  const gone = newId("service");
  const request = world.request(gone);
  const knows = () => world.figures.known.has(gone);
  for (let minute = 0; minute < 3; minute += 1) world.pass(minuteMs);
  expect(knows()).toBe(true);
  request.end();
  world.pass(minuteMs);
  expect(knows()).toBe(true);
  world.pass(minuteMs);
  expect(knows()).toBe(false);
  world.tell();
  expect(world.total()).toBe(1);
});

test("services and routes of the table are kept, so that their counters never fall", () => {
  const world = openWorld();
  world.request().end();
  for (let minute = 0; minute < 5; minute += 1) world.pass(minuteMs);
  world.request().end();
  expect(requestsIn(world.figures.ofService(world.services[0]).counts)).toBe(2);
});

test("a clock that is set back makes a minute longer and loses nothing", () => {
  const world = openWorld();
  world.pass(minuteMs);
  world.request().end();
  world.pass(-10 * minuteMs);
  world.request().end();
  world.pass(5000);
  world.tell();
  expect([...world.stored.values()]).toEqual([2]);
});
