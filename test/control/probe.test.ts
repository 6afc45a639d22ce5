import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import type { ProbeOutcome } from "../../server/control/judge-probe.ts";
import { openProber, type Target } from "../../server/control/probe.ts";
import type { RouteId } from "../../server/model/ids.ts";

const healthCheck = { path: "/health", max_retries: 3, interval: 0.25, max_wait_time: 0.5, expected_status_code: 200, initial_delay: 60 };

async function model(listener: RequestListener): Promise<{ readonly target: Target } & AsyncDisposable> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    target: { host: "127.0.0.1", port, attempt: "1", healthCheck, warmingUp: true },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Keeps what each route's probes said. */
function listen() {
  const outcomes = new Map<string, ProbeOutcome[]>();
  const prober = openProber(async (routeId, _attempt, outcome) => void outcomes.set(routeId, [...(outcomes.get(routeId) ?? []), outcome]));
  const of = (name: string) => outcomes.get(name) ?? [];
  return { prober, of, watch: (name: string, target: Target | null) => prober.watch(name as RouteId, target) };
}

test("a health check passes on the expected status, of its path, and on no other: a redirect is an answer, not a way", async () => {
  await using good = await model((request, response) => response.writeHead(request.url === "/health" ? 200 : 404).end());
  await using moved = await model((_request, response) => response.writeHead(302, { location: good.target.host }).end());
  const { prober, of, watch } = listen();
  await using _ended = prober;
  watch("good", good.target);
  watch("moved", moved.target);
  await expect.poll(() => of("good")[0]).toMatchObject({ passed: true });
  await expect.poll(() => of("moved")[0]).toMatchObject({ passed: false, detail: "answered 302, expected 200" });
});

test("a route that hangs delays no other, and is told of as such", async () => {
  await using hanging = await model(() => {});
  await using good = await model((_request, response) => response.end());
  const { prober, of, watch } = listen();
  await using _ended = prober;
  watch("hanging", hanging.target);
  watch("good", good.target);
  await expect.poll(() => of("good").length, { timeout: 20_000 }).toBeGreaterThan(of("hanging").length + 2);
  await expect.poll(() => of("hanging")[0], { timeout: 20_000 }).toMatchObject({ passed: false, detail: "no answer within 0.5 s" });
});

test("without a health check, an accepted connection is enough, and a refused one is said to be", async () => {
  await using silent = await model(() => {});
  const { prober, of, watch } = listen();
  await using _ended = prober;
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
  const { prober, of, watch } = listen();
  watch("good", good.target);
  await expect.poll(() => of("good").length).toBeGreaterThan(0);
  await prober[Symbol.asyncDispose]();
  const before = asked;
  watch("late", good.target);
  // Another prober on the same model shows that time has passed.
  const another = listen();
  await using _ended = another.prober;
  another.watch("other", good.target);
  await expect.poll(() => another.of("other").length).toBeGreaterThan(1);
  expect(asked).toBe(before + another.of("other").length);
  expect(of("late")).toEqual([]);
});
