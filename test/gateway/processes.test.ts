/** A gateway that is several processes is one to whoever calls it, and to whoever runs it. */
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import type { RouteId } from "../../server/model/ids.ts";
import { makeCertificate } from "../support/certificate.ts";
import { claimPortRange } from "../support/ports.ts";
import { startSerai } from "../support/serai.ts";
import { insertRoute, openInstallation, setStatus } from "./installation.ts";
import { gatewayPidsOf, startSeveral } from "./several.ts";
import { call, open, startModel } from "./world.ts";

const count = 3;

async function openScene(env: Readonly<Record<string, string>> = {}) {
  const installation = await openInstallation();
  const { database, serviceId } = installation;
  await database.sql`update services set open_to_public = true where id = ${serviceId}`;
  const model = await startModel((request, response) => {
    if (request.url === "/stream") return void response.write("begun ");
    response.end("hello");
  });
  onTestFinished(() => model[Symbol.asyncDispose]());
  await insertRoute(database, serviceId, model, "HEALTHY");
  const gateway = await startSeveral(database, count, env);
  return { ...installation, model, gateway };
}

test("Every process serves, and one that dies takes nothing with it but its own requests", async () => {
  const { database, model, gateway } = await openScene();
  // Connections are handed out in turn: with as many streams as processes, each has one.
  const streams = [];
  for (let at = 0; at < count; at += 1) streams.push(await open(gateway.port, { path: "/stream" }));
  const ended = streams.map((stream) => {
    const end = Promise.withResolvers<string>();
    stream
      .on("error", () => end.resolve("broken"))
      .on("end", () => end.resolve("whole"))
      .resume();
    return end.promise;
  });
  const before = await gateway.pids();
  expect(before).toHaveLength(count);
  expect((await database.sql`select id from gateways`).length).toBe(count);
  process.kill(before[1] ?? 0, "SIGKILL");
  expect(await Promise.race(ended)).toBe("broken");
  for (let at = 0; at < 20; at += 1) expect((await call(gateway.port)).text).toBe("hello");

  await expect.poll(async () => (await gateway.pids()).filter((pid) => !before.includes(pid))).toHaveLength(1);
  await expect.poll(async () => (await database.sql`select id from gateways`).length).toBe(count);
  expect(gateway.output()).toMatch(/a gateway process has ended; another takes its place/);
  // The other streams go on.
  let broken = 1;
  for (const [at, stream] of streams.entries()) if (stream.errored !== null) broken = at;
  expect(streams.filter((stream) => stream.destroyed)).toEqual([streams[broken]]);
  expect(model.requests.length).toBeGreaterThanOrEqual(count + 20);
  for (const stream of streams) stream.destroy();
});

test("A change reaches all of them, and a draining route is done with when it is in none", async () => {
  const { database, model, gateway } = await openScene();
  await using other = await startModel((_request, response) => void response.end("other"));
  const held = await open(gateway.port, { path: "/stream" });
  await setStatus(database, model.route.id, "DRAINING");
  await insertRoute(database, (await database.sql<{ id: never }[]>`select id from services`)[0]?.id as never, other, "HEALTHY");
  const idle = async () => {
    const rows = await database.sql<{ idle: RouteId[] }[]>`select idle_draining_routes as idle from gateways`;
    return rows.filter((row) => row.idle.includes(model.route.id)).length;
  };
  await expect.poll(idle).toBe(count - 1);
  for (let at = 0; at < 2 * count; at += 1) expect((await call(gateway.port)).text).toBe("other");
  held.destroy();
  await expect.poll(idle).toBe(count);
});

test("On SIGTERM none takes anything new, streams get the grace, and no row is left behind", async () => {
  const { database, gateway } = await openScene();
  const stream = await open(gateway.port, { path: "/stream" });
  let text = "";
  stream
    .setEncoding("utf8")
    .on("data", (chunk: string) => (text += chunk))
    .on("error", () => {});
  const ended = gateway.end("SIGTERM");
  await expect.poll(() => call(gateway.port).then(String, (thrown: NodeJS.ErrnoException) => thrown.code)).toBe("ECONNREFUSED");
  expect(stream.destroyed).toBe(false);
  stream.destroy();
  expect(await ended).toBe(0);
  expect(text).toBe("begun ");
  expect(await database.sql`select id from gateways`).toEqual([]);
});

test("Permanent ports are open in all of them, one that something else holds is said on the service, and opened when it is free", async () => {
  const installation = await openInstallation();
  const { database, serviceId, model } = installation;
  await using range = await claimPortRange();
  const port = range.first;
  await using blocker = createServer().listen(port, "127.0.0.1");
  await once(blocker, "listening");
  await database.sql`update services set open_to_public = true, endpoint_host = null, endpoint_port = ${port} where id = ${serviceId}`;
  await insertRoute(database, serviceId, model, "HEALTHY");
  await startSeveral(database, count);
  const problem = async () => (await database.sql<{ problem: string | null }[]>`select endpoint_problem as problem from services`)[0]?.problem;
  await expect.poll(problem).toMatch(new RegExp(`^Port ${port} of \\S+ cannot be opened: something else listens on it\\.`));
  await new Promise((resolve) => blocker.close(resolve));
  await expect.poll(problem).toBeNull();
  const answers = await Promise.all(Array.from({ length: 2 * count }, () => call(port)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  await database.sql`update services set terminated_at = now() where id = ${serviceId}`;
  await expect.poll(() => call(port).then(String, (thrown: NodeJS.ErrnoException) => thrown.code)).toBe("ECONNREFUSED");
});

test("TLS and HTTP/2 are spoken by all, with the certificate that is there now", async () => {
  await using made = await makeCertificate();
  const tls = { SERAI_GATEWAY_TLS_CERT: made.certPath, SERAI_GATEWAY_TLS_KEY: made.keyPath };
  const { gateway } = await openScene(tls);
  for (let at = 0; at < count; at += 1) {
    const session = connectHttp2(`https://127.0.0.1:${gateway.port}`, { ca: made.cert });
    const stream = session.request({ ":path": "/", ":authority": "service.test" });
    const [headers] = (await once(stream, "response")) as [{ ":status": number }];
    expect(headers[":status"]).toBe(200);
    session.destroy();
  }
});

test("A port that cannot be had ends the start with one message", async () => {
  await using blocker = createServer().listen(0, "127.0.0.1");
  await once(blocker, "listening");
  const { port } = blocker.address() as { port: number };
  const { database } = await openInstallation();
  await expect(startSeveral(database, count, { SERAI_GATEWAY_PORT: String(port) })).rejects.toThrow(
    new RegExp(`could not start\\. SERAI_GATEWAY_PORT, SERAI_HOST: 127\\.0\\.0\\.1:${port} cannot be listened on`),
  );
});

test("With everything in one installation, figures are those of all processes, also of one that has died", async () => {
  const serai = await startSerai({ env: { SERAI_GATEWAY_PROCESSES: String(count) } });
  onTestFinished(() => serai[Symbol.asyncDispose]());
  const port = Number(serai.endpointPorts.split("-")[0]);
  await expect
    .poll(
      () =>
        call(port).then(
          ({ status }) => status,
          () => null,
        ),
      { timeout: 60_000 },
    )
    .toBe(200);
  const figure = async (pattern: RegExp) => {
    const response = await fetch(new URL("/metrics", serai.url), { headers: { authorization: `Bearer ${serai.adminToken}` } });
    return Number(pattern.exec(await response.text())?.[1]);
  };
  const served = () => figure(/serai_gateway_requests_total\{[^}]*2xx[^}]*\} (\d+)/);
  const before = await served();
  for (let at = 0; at < 4 * count; at += 1) await call(port);
  expect(await served()).toBe(before + 4 * count);
  expect(await figure(/serai_gateway_table_age_seconds (\d+)/)).toBe(0);
  const [victim = 0] = await gatewayPidsOf(serai);
  process.kill(victim, "SIGKILL");
  await expect.poll(async () => (await gatewayPidsOf(serai)).filter((pid) => pid !== victim)).toHaveLength(count);
  expect(await served()).toBe(before + 4 * count);
});
