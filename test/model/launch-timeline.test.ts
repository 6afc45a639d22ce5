import fc from "fast-check";
import { expect, test } from "vitest";
import { expectedOf, launchOf, type Launch, type LaunchEvent } from "../../server/model/launch-timeline.ts";
import { routeStatuses, type RouteStatus } from "../../server/model/route-status.ts";

const at = (second: number): Date => new Date(Date.UTC(2026, 0, 1) + second * 1000);
const status = (second: number, name: RouteStatus): LaunchEvent => ({ kind: "STATUS", status: name, at: at(second), message: "", actionIndex: null });
const told = (second: number, kind: string, message = "", actionIndex: number | null = null): LaunchEvent => ({
  kind,
  status: null,
  at: at(second),
  message,
  actionIndex,
});

const placedStart = [status(0, "PENDING"), status(1, "SCHEDULING"), told(3, "PLACED"), status(3, "PREPARING")];
const start = [...placedStart, told(5, "STARTED"), status(5, "WARMING_UP")];
const seconds = (launch: Launch | null) =>
  Object.fromEntries((launch?.phases ?? []).map(({ phase, durationMs, startedAt }) => [phase, durationMs === null ? startedAt : durationMs / 1000]));

test("the phases of a start follow each other, and are together the whole", () => {
  const launch = launchOf([...start, told(7, "ACTION", "", 0), told(11, "ACTION", "", 1), status(20, "HEALTHY")], 2);
  expect(launch).toMatchObject({ startedAt: at(0), endedAt: at(20), failedAt: null, durationMs: 20_000 });
  expect(seconds(launch)).toEqual({ PLACED: 3, IMAGE: null, PROCESS: 2, ACTIONS: 6, FIRST_PASS: 9 });
});

test("what is not known yet is null, and what is under way has begun", () => {
  const none = { PLACED: null, IMAGE: null, PROCESS: null, ACTIONS: null, FIRST_PASS: null };
  expect(launchOf([], 0)).toBeNull();
  expect(seconds(launchOf(placedStart.slice(0, 2), 1))).toEqual({ ...none, PLACED: at(0) });
  expect(seconds(launchOf(placedStart, 1))).toEqual({ ...none, PLACED: 3, PROCESS: at(3) });
  expect(seconds(launchOf(start, 0))).toEqual({ ...none, PLACED: 3, PROCESS: 2, FIRST_PASS: at(5) });
  expect(seconds(launchOf(start, 2))).toEqual({ ...none, PLACED: 3, PROCESS: 2, ACTIONS: at(5) });
  expect(seconds(launchOf([...start, told(7, "ACTION", "", 0)], 2))).toEqual({ ...none, PLACED: 3, PROCESS: 2, ACTIONS: at(5) });
  expect(seconds(launchOf([...start, told(7, "ACTION", "", 0)], 1))).toEqual({ ...none, PLACED: 3, PROCESS: 2, ACTIONS: 2, FIRST_PASS: at(7) });
});

test("an image that had to be downloaded is a phase of its own", () => {
  const downloading = [...placedStart, told(3, "NOTE", "Downloading image"), told(93, "STARTED"), status(93, "WARMING_UP"), status(95, "HEALTHY")];
  expect(seconds(launchOf(downloading, 0))).toEqual({ PLACED: 3, IMAGE: 90, PROCESS: null, ACTIONS: null, FIRST_PASS: 2 });
});

test("only the newest attempt is told of, and of one that failed when", () => {
  const failed = [...start, told(7, "ACTION", "", 0), told(8, "EXITED"), status(8, "BACKING_OFF")];
  expect(launchOf(failed, 1)).toMatchObject({ endedAt: null, durationMs: null, failedAt: at(8) });
  // Restarted in its place: what placed it stands before, and what an earlier action did may be told late.
  const again = [
    ...failed,
    status(30, "SCHEDULING"),
    status(30, "PREPARING"),
    told(30, "STARTED"),
    status(30, "WARMING_UP"),
    told(7, "ACTION", "", 0),
  ];
  expect(seconds(launchOf(again, 1))).toEqual({ PLACED: 0, IMAGE: null, PROCESS: 0, ACTIONS: at(30), FIRST_PASS: null });
  const healthy = [...again, status(31, "HEALTHY"), status(50, "UNHEALTHY"), status(60, "BACKING_OFF")];
  expect(launchOf(healthy, 1)).toMatchObject({ startedAt: at(30), endedAt: at(31), failedAt: null });
});

test("expected is the median of what the last starts tell", () => {
  const took = (end: number) => launchOf([...start, status(end, "HEALTHY")], null);
  const starts = [took(10), took(100), took(20)].filter((launch) => launch !== null);
  expect(expectedOf(starts)).toEqual({ totalMs: 20_000, phaseMs: { PLACED: 3000, IMAGE: null, PROCESS: 2000, ACTIONS: null, FIRST_PASS: 15_000 } });
  expect(expectedOf(starts.slice(0, 2)).totalMs).toBe(55_000);
  expect(expectedOf([]).totalMs).toBeNull();
});

const anyEvent: fc.Arbitrary<LaunchEvent> = fc.oneof(
  fc.tuple(fc.nat(60), fc.constantFrom(...routeStatuses)).map(([second, name]) => status(second, name)),
  fc.tuple(fc.nat(60), fc.constantFrom("PLACED", "STARTED", "NOTE")).map(([second, kind]) => told(second, kind, "Downloading image")),
  fc.tuple(fc.nat(60), fc.nat(3)).map(([second, index]) => told(second, "ACTION", "", index)),
);

test("whatever the history and the clocks say, no phase is negative, and those of a start that ended are its length", () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 30 }), fc.option(fc.nat(4)), (events, count) => {
      const launch = launchOf(events, count);
      if (launch === null) return;
      const durations = launch.phases.map(({ durationMs }) => durationMs);
      for (const one of durations) expect(one ?? 0).toBeGreaterThanOrEqual(0);
      const known = durations.reduce<number>((sum, one) => sum + (one ?? 0), 0);
      if (launch.durationMs !== null) expect(known).toBeLessThanOrEqual(launch.durationMs);
    }),
  );
});
