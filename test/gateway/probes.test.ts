/** Routes that failed every request come back by a probe, not by a client's request. */
import { describe, expect, onTestFinished, test } from "vitest";
import { openProbes, probesAtOnceMax } from "../../server/gateway/probes.ts";
import { needsProbe, newStanding, noteAnswer, noteFailure, type Standing } from "../../server/gateway/standing.ts";
import { silentLog } from "../../server/log.ts";
import { newId, type RouteId } from "../../server/model/ids.ts";
import { call, openWorld, serviceRow, startModel } from "./world.ts";

type Route = Standing & { readonly id: RouteId };

/** One that is out, beside another. */
function routeOut(): Route {
  const route = { ...newStanding(0, false), id: newId("route") };
  const peers = [route, newStanding(0, false)];
  for (let count = 0; count < 5; count += 1) noteFailure(route, peers, 0);
  expect(needsProbe(route)).toBe(true);
  return route;
}

/** Time that passes when the test says so, and probes that end so. */
function openScene(random = () => 0) {
  const waits: { readonly ms: number; readonly over: () => void }[] = [];
  const asked: { readonly route: Route; readonly signal: AbortSignal; readonly answer: (passed: boolean) => void }[] = [];
  const probes = openProbes<Route>({
    ask: (route, signal) =>
      new Promise((answer) => {
        asked.push({ route, signal, answer });
        signal.addEventListener("abort", () => answer(false));
      }),
    log: silentLog,
    random,
    wait: (ms, signal) =>
      new Promise((over) => {
        waits.push({ ms, over });
        signal.addEventListener("abort", () => over());
      }),
  });
  onTestFinished(() => probes[Symbol.asyncDispose]());
  return { probes, waits, asked, settled: () => new Promise(setImmediate) };
}

describe("A route that is out", () => {
  test("is probed after 4 s, and while that fails again after twice as long; it is back when one passes", async () => {
    const { probes, waits, asked, settled } = openScene();
    const route = routeOut();
    probes.begin(route);
    for (const [at, ms] of [4000, 8000, 16_000].entries()) {
      expect([waits[at]?.ms, asked.length]).toEqual([ms, at]);
      waits[at]?.over();
      await settled();
      asked[at]?.answer(at === 2);
      await settled();
    }
    expect([needsProbe(route), waits.length, asked.length]).toEqual([false, 3, 3]);
  });

  test("is probed up to a quarter later by chance, so that not all gateways ask at once", () => {
    const { probes, waits } = openScene(() => 0.5);
    probes.begin(routeOut());
    expect(waits[0]?.ms).toBe(4500);
  });

  test("is not asked any more when an answer has brought it back, or when it has left the table", async () => {
    const { probes, waits, asked, settled } = openScene();
    const [answered, left, asks] = [routeOut(), routeOut(), routeOut()] as const;
    for (const route of [answered, left, asks]) probes.begin(route);
    noteAnswer(answered, { answerMs: 0, answers: 0 }, 1);
    probes.end(left);
    for (const { over } of waits) over();
    await settled();
    expect(asked.map(({ route }) => route)).toEqual([asks]);
    probes.end(asks);
    await settled();
    expect([asked[0]?.signal.aborted, needsProbe(asks), waits.length]).toEqual([true, true, 3]);
  });

  test("waits for its turn where very many are out, and is asked when another's probe has ended", async () => {
    const { probes, waits, asked, settled } = openScene();
    for (let count = 0; count < probesAtOnceMax + 3; count += 1) probes.begin(routeOut());
    for (const { over } of waits) over();
    await settled();
    expect(asked).toHaveLength(probesAtOnceMax);
    asked[0]?.answer(true);
    asked[1]?.answer(false);
    await settled();
    expect(asked).toHaveLength(probesAtOnceMax + 2);
    // Who leaves while it waits is not asked, and keeps nobody else waiting.
    await probes[Symbol.asyncDispose]();
    expect(asked).toHaveLength(probesAtOnceMax + 2);
  });
});

describe("Through a gateway, a route that failed every request", () => {
  const healthCheck = { path: "/ready", max_retries: 10, interval: 10, max_wait_time: 15, expected_status_code: 204, initial_delay: 60 };

  test.each([
    { how: "its health check passes", check: healthCheck, probe: ["/ready serai-probe"] },
    { how: "it takes a connection, where it has none", check: null, probe: [] },
  ])("gets no request, not even one that cannot be repeated, before $how", async ({ check, probe }) => {
    await using world = await openWorld();
    const reached: string[] = [];
    let isDying = true;
    await using model = await startModel((request, response) => {
      reached.push(`${request.url} ${request.headers["user-agent"] ?? ""}`);
      if (request.url === "/ready") isDying = false;
      if (isDying) request.socket.destroy();
      else response.writeHead(request.url === "/ready" ? 204 : 200).end("back");
    });
    // A connection of which nothing is asked.
    model.server.on("connection", (socket) => socket.once("close", () => (isDying &&= socket.bytesRead > 0)));
    await using other = await startModel((_request, response) => void setTimeout(() => response.end("other"), 20));
    await world.show(serviceRow({ routes: [model.route, other.route], healthChecks: { [model.route.revisionId]: check } }));
    while (reached.length < 5) await Promise.all(Array.from({ length: 20 }, () => call(world.port)));
    const before = reached.length;
    const texts: string[] = [];
    await expect
      .poll(async () => {
        texts.push((await call(world.port, { method: "POST", body: "x" })).text);
        return texts.at(-1);
      })
      .toBe("back");
    expect(new Set(texts)).toEqual(new Set(["other", "back"]));
    expect(reached.slice(before)).toEqual([...probe, "/ "]);
  });
});
