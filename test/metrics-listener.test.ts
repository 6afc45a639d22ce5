import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { openMetricsListener } from "../server/metrics-listener.ts";
import { startSeveral } from "./gateway/several.ts";
import { openInstallation } from "./gateway/installation.ts";
import { call } from "./gateway/world.ts";
import { freePorts } from "./support/ports.ts";

test("A process that is a gateway only says of all its processes what it serves, at an address of its own and not where endpoints are", async () => {
  const { database } = await openInstallation();
  const [port = 0] = await freePorts(1);
  const gateway = await startSeveral(database, 2, { SERAI_METRICS_ADDRESS: `127.0.0.1:${port}` });
  const ask = (path: string, method = "GET") => fetch(`http://127.0.0.1:${port}${path}`, { method });
  expect(await (await ask("/healthz")).json()).toEqual({ status: "ok" });
  for (let count = 0; count < 4; count += 1) expect((await call(gateway.port, { path: "/metrics" })).status).toBe(401);
  const metrics = await (await ask("/metrics?x")).text();
  expect(metrics).toMatch(/^serai_gateway_requests_total\{[^}]*status="4xx"\} 4$/m);
  expect(metrics).toMatch(/^serai_gateway_table_age_seconds 0$/m);
  for (const [path, method] of [
    ["/", "GET"],
    ["/metrics", "POST"],
    ["/constructor", "GET"],
  ] as const)
    expect((await ask(path, method)).status).toBe(404);
  expect(await gateway.end("SIGTERM")).toBe(0);
});

test("An address that something else holds ends the start with a message that names the setting", async () => {
  await using blocker = createServer().listen(0, "127.0.0.1");
  await once(blocker, "listening");
  const { port } = blocker.address() as { port: number };
  const opening = openMetricsListener({ host: "127.0.0.1", port }, { text: async () => "" });
  await expect(opening).rejects.toThrow(`SERAI_METRICS_ADDRESS: 127.0.0.1:${port} cannot be listened on`);
});
