import { EventEmitter } from "node:events";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { heldUntilMs, openHold } from "../../server/gateway/hold.ts";
import { newId } from "../../server/model/ids.ts";
import { buildRouteTable, emptyRouteTable } from "../../server/gateway/route-table.ts";
import { expectProblem, held, inMs, waiting } from "./held.ts";
import { call, openWorld, serviceRow, startModel, type World } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

describe("Waiting ends with 503 and Retry-After", () => {
  test("when the hold is over, and not before", async () => {
    await world.show(held({ holdUntil: inMs(200) }));
    const startedAtMs = performance.now();
    expectProblem(await call(world.port), 503, "NO_HEALTHY_ROUTE");
    expect(performance.now() - startedAtMs).toBeGreaterThan(150);
    // Whoever comes now does not wait at all.
    expectProblem(await call(world.port), 503, "NO_HEALTHY_ROUTE");
  });

  test.each(["holdUntil", "status"] as const)("when the table allows it no longer (%s)", async (what) => {
    const row = held();
    await world.show(row);
    const answer = call(world.port);
    await waiting(world, 1);
    await world.show(what === "status" ? { ...row, status: "STOPPED" } : { ...row, holdUntil: null });
    expectProblem(await answer, 503, "NO_HEALTHY_ROUTE");
  });

  test("when the gateway drains, which then does not wait for it", async () => {
    const draining = await openWorld();
    await draining.show(held());
    const answer = call(draining.port);
    await waiting(draining, 1);
    const drained = draining.drain(60_000);
    expectProblem(await answer, 503, "GATEWAY_STOPPING");
    await drained;
    await draining[Symbol.asyncDispose]();
  });

  test("when the gateway is closed", async () => {
    const closing = await openWorld();
    await closing.show(held());
    const answer = call(closing.port);
    await waiting(closing, 1);
    await closing[Symbol.asyncDispose]();
    expectProblem(await answer, 503, "GATEWAY_STOPPING");
  });

  test("for the 1,001st at once, while 1,000 wait and are answered, and another service has a queue of its own", async () => {
    await using model = await startModel();
    const [row, other] = [held(), held({ endpointHost: "other.test" })];
    await world.show(row, other);
    const answers = Array.from({ length: 1000 }, () => call(world.port));
    await waiting(world, 1000);
    expectProblem(await call(world.port), 503, "TOO_MANY_WAITING");
    const elsewhere = call(world.port, { headers: ["Host", "other.test"] });
    await waiting(world, 1001);
    await world.show({ ...row, routes: [model.route] }, { ...other, routes: [model.route] });
    expect(new Set((await Promise.all([...answers, elsewhere])).map(({ status }) => status))).toEqual(new Set([200]));
    expect(world.waiting()).toBe(0);
  });
});

describe("Whoever waits", () => {
  const never = () => () => {};

  test("is let go in turn: one of each token, whatever another has sent before", async () => {
    const row = held();
    let table = buildRouteTable([{ ...row, readAt: inMs(0) }], performance.now());
    const hold = openHold(() => table);
    const order: string[] = [];
    const ended = ["much", "much", "much", "much", "little", "much", "other", "little"].map((who) =>
      hold.wait(row.id, who, never).then((how) => order.push(`${who} ${how}`)),
    );
    const route = { id: newId("route"), host: "127.0.0.1", port: 1, isNew: false };
    table = buildRouteTable([{ ...row, routes: [route] }], performance.now());
    hold.look();
    await Promise.all(ended);
    expect(order.map((text) => text.split(" ")[0])).toEqual(["much", "little", "other", "much", "little", "much", "much", "much"]);
    expect(hold.waiting()).toBe(0);
  });

  test("cannot keep others out: where all places are taken, the last of the longest line makes room for a shorter one", async () => {
    const row = held();
    const table = buildRouteTable([{ ...row, readAt: inMs(0) }], performance.now());
    const hold = openHold(() => table, { waitingMax: 4, waitMsMax: 60_000 });
    const ended: string[] = [];
    const wait = (who: string) => hold.wait(row.id, who, never).then((how) => ended.push(`${who} ${how}`));
    const all = ["much 1", "much 2", "much 3", "much 4"].map((name) => hold.wait(row.id, "much", never).then((how) => ended.push(`${name} ${how}`)));
    all.push(wait("little"));
    await expect.poll(() => ended).toEqual(["much 4 tooMany"]);
    all.push(wait("much"));
    await expect.poll(() => ended).toEqual(["much 4 tooMany", "much tooMany"]);
    all.push(wait("little"));
    await expect.poll(() => ended).toEqual(["much 4 tooMany", "much tooMany", "much 3 tooMany"]);
    // Two and two: nobody has more than their share.
    all.push(wait("other"));
    await expect.poll(() => ended.length).toBe(4);
    expect(hold.waiting()).toBe(4);
    hold.stop();
    await Promise.all(all);
    expect(hold.waiting()).toBe(0);
  });
});

test.each([["TERMINATING"], [null]] as const)("Waiting ends with 404 when the service is terminated (%s)", async (status) => {
  const row = held();
  await world.show(row);
  const answer = call(world.port);
  await waiting(world, 1);
  await (status === null ? world.show() : world.show({ ...row, status }));
  expectProblem(await answer, 404, "SERVICE_NOT_FOUND");
});

describe("The clock", () => {
  test("of the database may be hours off: what counts is how much of the hold is left there", () => {
    for (const offMs of [-3_600_000, 0, 3_600_000]) {
      const row = serviceRow({ readAt: inMs(offMs), holdUntil: inMs(offMs + 30_000) });
      const left = (heldUntilMs(buildRouteTable([row], 1000).byId.get(row.id), 1000) ?? 0) - 1000;
      expect(Math.abs(left - 30_000)).toBeLessThan(100);
    }
  });

  test("ends the wait of each request after two minutes of a longer hold, and leaves no timer and no listener", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    onTestFinished(() => void vi.useRealTimers());
    const row = held({ holdUntil: inMs(3_600_000), readAt: inMs(0) });
    let table = buildRouteTable([row], performance.now());
    const hold = openHold(() => table);
    const clients = Array.from({ length: 3 }, () => new EventEmitter());
    const ended: string[] = [];
    const wait = (client: EventEmitter | undefined, name: string) => {
      const onGone = (leave: () => void) => {
        client?.once("close", leave);
        return () => client?.off("close", leave);
      };
      void hold.wait(row.id, name, onGone).then((how) => ended.push(`${name} ${how}`));
    };
    wait(clients[0], "first");
    await vi.advanceTimersByTimeAsync(60_000);
    wait(clients[1], "second");
    wait(clients[2], "third");
    await vi.advanceTimersByTimeAsync(59_990);
    expect(ended).toEqual([]);
    await vi.advanceTimersByTimeAsync(20);
    expect(ended).toEqual(["first tooLong"]);
    clients[1]?.emit("close");
    table = emptyRouteTable;
    hold.look();
    await vi.advanceTimersByTimeAsync(0);
    expect(ended).toEqual(["first tooLong", "second gone", "third again"]);
    expect([vi.getTimerCount(), hold.waiting(), ...clients.map((client) => client.listenerCount("close"))]).toEqual([0, 0, 0, 0, 0]);
  });
});
