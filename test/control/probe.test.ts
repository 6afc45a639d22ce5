import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Asked, ProbeOutcome } from "../../server/ask-health.ts";
import { openProbePool, openProber, type Target } from "../../server/control/probe.ts";
import { nextTime } from "../../server/control/probe-times.ts";
import type { RouteId } from "../../server/model/ids.ts";

const healthCheck = { path: "/health", max_retries: 3, interval: 0.25, max_wait_time: 0.5, expected_status_code: 200, initial_delay: 60 };

async function model(listener: RequestListener): Promise<{ readonly target: Target } & AsyncDisposable> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    target: { host: "127.0.0.1", port, attempt: "1", healthCheck, warmingUp: true, failing: false },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Keeps what each route's probes said. */
function listen() {
  const outcomes = new Map<string, ProbeOutcome[]>();
  const pool = openProbePool();
  const prober = openProber(pool, async (routeId, _attempt, outcome) => {
    outcomes.set(routeId, [...(outcomes.get(routeId) ?? []), outcome]);
  });
  const ended = {
    [Symbol.asyncDispose]: async () => {
      await prober[Symbol.asyncDispose]();
      await pool[Symbol.asyncDispose]();
    },
  };
  const of = (name: string) => outcomes.get(name) ?? [];
  return { ended, of, watch: (name: string, target: Target | null) => prober.watch(name as RouteId, target) };
}

test("a health check passes on the expected status, of its path, and on no other: a redirect is an answer, not a way", async () => {
  await using good = await model((request, response) => response.writeHead(request.url === "/health" ? 200 : 404).end());
  await using moved = await model((_request, response) => response.writeHead(302, { location: good.target.host }).end());
  const { ended, of, watch } = listen();
  await using _ended = ended;
  watch("good", good.target);
  watch("moved", moved.target);
  await expect.poll(() => of("good")[0]).toMatchObject({ passed: true });
  await expect.poll(() => of("moved")[0]).toMatchObject({ passed: false, detail: "answered 302, expected 200" });
});

test("hundreds of routes that hang delay no other, and are told of as such", async () => {
  await using hanging = await model(() => {});
  await using good = await model((_request, response) => response.end());
  const { ended, of, watch } = listen();
  await using _ended = ended;
  for (let count = 0; count < 300; count++) watch(`hanging-${count}`, hanging.target);
  watch("good", good.target);
  await expect.poll(() => of("good").length, { timeout: 20_000 }).toBeGreaterThan(of("hanging-299").length + 2);
  await expect.poll(() => of("hanging-299")[0], { timeout: 20_000 }).toMatchObject({ passed: false, detail: "no answer within 0.5 s" });
});

test("without a health check, an accepted connection is enough, and a refused one is said to be", async () => {
  await using silent = await model(() => {});
  const { ended, of, watch } = listen();
  await using _ended = ended;
  watch("silent", { ...silent.target, healthCheck: null });
  await expect.poll(() => of("silent")[0]).toMatchObject({ passed: true });
  await silent[Symbol.asyncDispose]();
  watch("closed", { ...silent.target, healthCheck: null });
  await expect.poll(() => of("closed")[0]).toMatchObject({ passed: false, detail: "the connection was refused" });
});

test("after its end nothing is probed any more, whoever still asks for it", async () => {
  let asked = 0;
  await using good = await model((_request, response) => {
    asked += 1;
    response.end();
  });
  const { ended, of, watch } = listen();
  watch("good", good.target);
  await expect.poll(() => of("good").length).toBeGreaterThan(0);
  await ended[Symbol.asyncDispose]();
  const before = asked;
  watch("late", good.target);
  // Another prober on the same model shows that time has passed.
  const another = listen();
  await using _ended = another.ended;
  another.watch("other", good.target);
  await expect.poll(() => another.of("other").length).toBeGreaterThan(1);
  expect(asked).toBe(before + another.of("other").length);
  expect(of("late")).toEqual([]);
});

describe("With hundreds of routes", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
  afterEach(() => void vi.useRealTimers());

  /** A world of routes by port: how long each takes to answer, and when each was asked. */
  function world(tookMs: (port: number) => number) {
    const askedAt = new Map<number, number[]>();
    let now = 0;
    let most = 0;
    const ask = async ({ port }: Asked, signal: AbortSignal): Promise<ProbeOutcome> => {
      askedAt.set(port, [...(askedAt.get(port) ?? []), performance.now()]);
      now += 1;
      most = Math.max(most, now);
      const waitMs = Math.min(tookMs(port), 5000);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, waitMs);
        signal.addEventListener("abort", () => resolve(clearTimeout(timer)), { once: true });
      });
      now -= 1;
      return { passed: tookMs(port) <= 5000, detail: "", at: new Date() };
    };
    const prober = openProber(openProbePool({ ask, [Symbol.asyncDispose]: async () => {} }), async () => {});
    return {
      askedAt: (port: number) => askedAt.get(port) ?? [],
      mostAtOnce: () => most,
      watch: (port: number, state: Partial<Target> = {}) =>
        prober.watch(`rt_${port}` as RouteId, {
          host: "127.0.0.1",
          port,
          attempt: "1",
          warmingUp: false,
          failing: false,
          healthCheck: { ...healthCheck, interval: 10, max_wait_time: 5 },
          ...state,
        }),
      [Symbol.asyncDispose]: () => prober[Symbol.asyncDispose](),
    };
  }
  const gaps = (times: readonly number[]): number[] => times.slice(1).map((time, index) => time - (times[index] ?? 0));
  const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, index) => from + index);

  test("200 hanging routes do not delay the probes of 20 that answer, from the first moment at which they hang", async () => {
    let hang = false;
    await using all = world((port) => (hang && port >= 1000 ? Infinity : 5));
    for (const port of [...range(1000, 200), ...range(1, 20)]) all.watch(port);
    await vi.advanceTimersByTimeAsync(30_000);
    hang = true;
    await vi.advanceTimersByTimeAsync(120_000);
    for (const port of range(1, 20)) {
      expect(all.askedAt(port)).toHaveLength(15);
      for (const gap of gaps(all.askedAt(port))) expect(Math.abs(gap - 10_000)).toBeLessThan(5);
    }
    // Nor are those that hang forgotten: who comes back is to be found out.
    for (const port of range(1000, 200)) expect(all.askedAt(port).length).toBeGreaterThan(8);
  });

  test("a machine that dies with 2,000 routes delays nobody else's probes either, and there are never more under way than the lanes have places", async () => {
    let hang = false;
    await using all = world((port) => (hang && port >= 1000 ? Infinity : 5));
    for (const port of [...range(1000, 2000), ...range(1, 20)]) all.watch(port);
    await vi.advanceTimersByTimeAsync(20_000);
    hang = true;
    await vi.advanceTimersByTimeAsync(200_000);
    for (const port of range(1, 20)) {
      for (const gap of gaps(all.askedAt(port))) expect(Math.abs(gap - 10_000)).toBeLessThan(20);
    }
    expect(all.mostAtOnce()).toBeLessThan(1024 + 64 + 64 + 64 + 256);
    for (const port of range(1000, 2000)) expect(all.askedAt(port).length).toBeGreaterThan(3);
  });

  test("routes that hang while they start keep no other from becoming healthy, and none that serves from being asked", async () => {
    await using all = world((port) => (port >= 1000 ? Infinity : 5));
    for (const port of range(1000, 300)) all.watch(port, { warmingUp: true });
    for (const port of range(1, 20)) all.watch(port);
    await vi.advanceTimersByTimeAsync(20_000);
    for (const port of range(100, 20)) all.watch(port, { warmingUp: true });
    await vi.advanceTimersByTimeAsync(1);
    for (const port of range(100, 20)) expect(all.askedAt(port)).toHaveLength(1);
    for (const port of range(1, 20)) expect(all.askedAt(port)).toHaveLength(2);
  });

  test("probes are spread evenly over the interval, whether their routes came one by one or all at once, as after a take-over", async () => {
    await using all = world(() => 5);
    const count = 1000;
    for (const port of range(1, count / 2)) all.watch(port);
    await vi.advanceTimersByTimeAsync(3333);
    for (const port of range(1 + count / 2, count / 2)) all.watch(port);
    await vi.advanceTimersByTimeAsync(16_667);
    const second = (at: number): number => Math.floor(at / 100);
    const loads = new Map<number, number>();
    const everyTime = range(1, count).flatMap((port) => all.askedAt(port).filter((at) => at >= 10_000 && at < 20_000));
    for (const at of everyTime) loads.set(second(at), (loads.get(second(at)) ?? 0) + 1);
    expect(everyTime).toHaveLength(count);
    for (const slot of range(100, 100)) expect(Math.abs((loads.get(slot) ?? 0) - count / 100)).toBeLessThanOrEqual(3);
  });

  test("one that has come late is asked at its next time, but never twice within half an interval", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 250, max: 3_600_000, noNaN: true }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.double({ min: 0, max: 1e8, noNaN: true }),
        fc.double({ min: 0, max: 1e7, noNaN: true }),
        (interval, phase, begun, later) => {
          const next = nextTime(interval, phase, begun + later, begun);
          const earliest = Math.max(begun + later, begun + interval / 2);
          expect(next).toBeGreaterThanOrEqual(earliest - 1e-3);
          expect(next).toBeLessThanOrEqual(earliest + interval + 1e-3);
        },
      ),
    );
  });
});
