import { expect, test } from "vitest";
import { findOrphans } from "../../server/control/orphans.ts";
import { newId, type SessionId } from "../../server/model/ids.ts";
import { confirmOrphans, readOrphanState } from "../../server/store/orphans.ts";
import { hostSession } from "../support/nomad-sessions.ts";
import { guideExample } from "./definitions.ts";
import { openControlWorld } from "./world.ts";

const patience = { timeout: 45_000, interval: 50 };
const ids = (...names: readonly string[]) => names.map((name) => `ses_${name}` as SessionId);
const many = (count: number, name: string) => ids(...Array.from({ length: count }, (_, index) => `${name}${index}`));
const waitMs = 600_000;
const long = (sessions: readonly SessionId[]) => new Map(sessions.map((id) => [id, 0]));

test.each([
  { what: "a session of a live route", seen: ids("a"), live: ids("a"), since: long(ids("a")), stop: [], waiting: 0 },
  { what: "one that has just become an orphan", seen: ids("a"), live: [], since: new Map(), stop: [], waiting: 0 },
  {
    what: "one that has been an orphan for ten minutes",
    seen: [...ids("a"), ...many(4, "b")],
    live: many(4, "b"),
    since: long(ids("a")),
    stop: ids("a"),
    waiting: 0,
  },
  { what: "the only one of a small installation", seen: ids("a"), live: [], since: long(ids("a")), stop: [], waiting: 1 },
  { what: "six of six", seen: many(6, "a"), live: [], since: long(many(6, "a")), stop: [], waiting: 6 },
  { what: "six of six, confirmed", seen: many(6, "a"), live: [], since: long(many(6, "a")), confirmed: true, stop: many(6, "a"), waiting: 0 },
  {
    what: "six of thirty, which is a fifth",
    seen: [...many(6, "a"), ...many(24, "b")],
    live: many(24, "b"),
    since: long(many(6, "a")),
    stop: many(6, "a"),
    waiting: 0,
  },
  {
    what: "one of many whose time has come before the others'",
    seen: [...many(7, "a"), ...many(20, "b")],
    live: many(20, "b"),
    since: long(many(1, "a")),
    stop: [],
    waiting: 1,
  },
  { what: "a live route's seat, under its earlier number", seen: ids("a"), live: ids("a-2"), since: long(ids("a")), stop: [], waiting: 0 },
  { what: "a live route's seat, under its next number", seen: ids("a-3"), live: ids("a-2"), since: long(ids("a-3")), stop: [], waiting: 0 },
  {
    what: "a seat that nobody uses",
    seen: [...ids("a-2"), ...many(4, "b")],
    live: ids("b0-2", "b1-2", "b2", "b3"),
    since: long(ids("a-2")),
    stop: ids("a-2"),
    waiting: 0,
  },
])("$what", ({ seen, live, since, confirmed = false, stop, waiting }) => {
  const found = findOrphans({ seen, live, since, nowMs: waitMs, waitMs, confirmed });
  expect({ stop: found.stop, waiting: found.waiting.length }).toEqual({ stop, waiting });
});

test("the time counts from when a session was first seen without a route, and anew when it had one in between", () => {
  const [id] = ids("a");
  const look = (since: ReadonlyMap<SessionId, number>, nowMs: number, live: readonly SessionId[] = []) =>
    findOrphans({ seen: ids("a", "b"), live: [...live, ...ids("b")], since, nowMs, waitMs: 100, confirmed: true });
  const first = look(new Map(), 10);
  expect(first.since.get(id as SessionId)).toBe(10);
  expect(look(first.since, 109).stop).toEqual([]);
  expect(look(first.since, 110).stop).toEqual([id]);
  const between = look(first.since, 50, ids("a"));
  expect(look(between.since, 110).stop).toEqual([]);
});

test("what belongs to no route is stopped, what serves is not; many wait until an administrator confirms their number", async () => {
  await using world = await openControlWorld(undefined, { orphans: { waitMs: 300, lookEveryMs: 50 } });
  const { id } = await world.create(guideExample, 4);
  await expect.poll(() => world.status(id), patience).toBe("HEALTHY");
  const submit = async (count: number) => {
    const sessions = Array.from({ length: count }, () =>
      hostSession({ id: newId("session"), resources: { cpuMillicores: 10, memoryMiB: 1, sharedMemoryMiB: 0, accelerators: [] } }),
    );
    for (const session of sessions) await world.scheduler.submit(session);
    return sessions.map((session) => session.id);
  };
  const states = new Map<SessionId, string>();
  const ending = new AbortController();
  const watching = (async () => {
    for await (const { observations } of world.scheduler.watch(ending.signal)) for (const one of observations) states.set(one.sessionId, one.state);
  })();
  const statesOf = (sessions: readonly SessionId[]) => new Set(sessions.map((session) => states.get(session)));

  const few = await submit(1);
  await expect.poll(() => statesOf(few), patience).toEqual(new Set(["GONE"]));
  expect(await world.status(id)).toBe("HEALTHY");
  expect(await readOrphanState(world.database)).toEqual({ orphans: [], confirmed: false });

  const tooMany = await submit(7);
  const waiting = async () => (await readOrphanState(world.database)).orphans.length;
  await expect.poll(waiting, patience).toBe(7);
  await expect.poll(() => statesOf(tooMany), patience).toEqual(new Set(["RUNNING"]));
  const { orphans } = await readOrphanState(world.database);
  expect(orphans.map(({ sessionId }) => sessionId).toSorted()).toEqual(tooMany.toSorted());
  for (const { since, node, serviceName } of orphans) {
    expect(Math.abs(Date.now() - Date.parse(since))).toBeLessThan(60_000);
    expect({ node, serviceName }).toEqual({ node: expect.stringMatching(/./), serviceName: "example" });
  }
  expect(await confirmOrphans(world.database, 6)).toMatchObject({ ok: false, refusal: { message: "By now 7 sessions wait to be stopped, not 6." } });
  expect(await confirmOrphans(world.database, 7)).toEqual({ ok: true, value: 7 });
  await expect.poll(() => statesOf(tooMany), patience).toEqual(new Set(["GONE"]));
  await expect.poll(() => readOrphanState(world.database), patience).toEqual({ orphans: [], confirmed: false });
  expect(await confirmOrphans(world.database, 0)).toMatchObject({ ok: false, refusal: { message: "No sessions wait to be stopped." } });
  expect(await world.status(id)).toBe("HEALTHY");
  ending.abort();
  await watching;
});
