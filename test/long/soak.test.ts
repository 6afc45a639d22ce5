/**
 * A gateway under everything at once for a while (SERAI_SOAK_SECONDS; 80 if it does not say), with routes that are killed at random: what it
 * holds stays the same, and what it has counted is what its callers saw.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import type { RequestListener } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { WebSocketServer } from "ws";
import type { ServiceId } from "../../server/model/ids.ts";
import { outcomes, place } from "../../server/model/traffic.ts";
import type { TrafficRow } from "../../server/store/traffic.ts";
import { type Model, serviceRow, startModel } from "../gateway/world.ts";
import type { FromGateway, Held, ToGateway } from "./soak-gateway-child.ts";
import { openLoad, type Seen } from "./soak-load.ts";

const seconds = Number(process.env["SERAI_SOAK_SECONDS"] ?? 80);
const rounds = 5;
const routesEach = 3;
const killEveryMs = 700;
const grownBytesMax = 2_000_000;

const source = fileURLToPath(new URL("./soak-gateway-child.ts", import.meta.url));

async function openGatewayProcess(opened: AsyncDisposableStack) {
  const child = fork(source, { execArgv: ["--expose-gc", "--max-semi-space-size=2"], serialization: "advanced" });
  const exited = once(child, "exit");
  const send = (message: ToGateway): void => void child.send(message);
  opened.defer(async () => {
    if (child.connected) send({ kind: "end" });
    await exited;
  });
  const written = new Map<string, TrafficRow>();
  let measured = Promise.withResolvers<Held>();
  const listens = Promise.withResolvers<number>();
  child.on("message", (message: FromGateway) => {
    if (message.kind === "listens") listens.resolve(message.port);
    else if (message.kind === "measured") measured.resolve(message.held);
    else for (const row of message.rows) written.set(`${row.at.getTime()} ${row.subject}`, row);
  });
  return {
    port: await listens.promise,
    send,
    async measure(): Promise<Held> {
      measured = Promise.withResolvers();
      send({ kind: "measure" });
      return measured.promise;
    },
    /** As the database would add it up. */
    counted: (service: ServiceId, what: number) =>
      [...written.values()].filter(({ serviceId }) => serviceId === service).reduce((sum, { counts }) => sum + (counts[what] ?? 0), 0),
  };
}

const reached = new Set<string>();
const answer: RequestListener = (request, response) => {
  const path = request.url ?? "";
  if (path === "/small") response.setHeader("Content-Type", "application/json").end('{"hello":"world"}');
  else if (path === "/upload") request.resume().once("end", () => response.end("taken"));
  else if (path.startsWith("/silent")) reached.add(path);
  else if (path !== "/stream") response.writeHead(404).end();
  else {
    let sent = 0;
    const timer = setInterval(() => {
      response.write(`data: ${sent}\n\n`);
      sent += 1;
      if (sent === 10) response.end();
    }, 10);
    response.once("close", () => clearInterval(timer));
  }
};

async function startRoute(): Promise<Model> {
  const model = await startModel(answer);
  const sockets = new WebSocketServer({ server: model.server });
  sockets.on("connection", (socket) => socket.on("message", (data) => socket.send(data)).on("error", () => {}));
  return {
    ...model,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.clients) socket.terminate();
      await model[Symbol.asyncDispose]();
    },
  };
}

test(
  "under mixed load with random route kills memory stays flat, no socket is left, and every request is counted as its caller saw it",
  {
    timeout: seconds * 2000 + 120_000,
  },
  async () => {
    await using opened = new AsyncDisposableStack();
    const gateway = await openGatewayProcess(opened);
    const services = ["patient.test", "leaving.test"].map((endpointHost) => ({ row: serviceRow({ endpointHost }), models: [] as Model[] }));
    const [patient, leaving] = services.map(({ row }) => row.id) as [ServiceId, ServiceId];
    opened.defer(async () => void (await Promise.all(services.flatMap(({ models }) => models).map((model) => model[Symbol.asyncDispose]()))));
    const show = () =>
      gateway.send({ kind: "table", rows: services.map(({ row, models }) => ({ ...row, routes: models.map(({ route }) => route) })) });
    for (const { models } of services) for (let each = 0; each < routesEach; each += 1) models.push(await startRoute());
    show();

    const load = opened.use(openLoad(gateway.port, (name) => reached.has(name)));
    let kills = 0;
    async function kill(signal: AbortSignal): Promise<void> {
      while (!signal.aborted) {
        const { models } = services[kills % 2] as (typeof services)[number];
        const at = Math.floor(Math.random() * models.length);
        await models[at]?.[Symbol.asyncDispose]();
        models[at] = await startRoute();
        show();
        kills += 1;
        await pause(killEveryMs, undefined, { signal }).catch(() => {});
      }
    }

    const held: Held[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const ending = new AbortController();
      const killing = kill(ending.signal);
      const running = load.run((seconds * 1000) / rounds);
      // That nothing is left says something only where there was something.
      const under = await gateway.measure();
      expect([under.sockets > 0, under.inFlight > 0]).toEqual([true, true]);
      await running;
      ending.abort();
      await killing;
      reached.clear();
      await load[Symbol.asyncDispose]();
      await expect
        .poll(
          async () => {
            const { sockets, inFlight } = await gateway.measure();
            return { sockets, inFlight };
          },
          { timeout: 20_000 },
        )
        .toEqual({ sockets: 0, inFlight: 0 });
      held.push(await gateway.measure());
    }

    const countedOf = (service: ServiceId) =>
      Object.fromEntries(outcomes.map((outcome, at) => [outcome, gateway.counted(service, place.outcomes + at)]));
    const seenBy = ({ odd: _odd, ...seen }: Seen) => seen;
    await expect.poll(() => countedOf(patient), { timeout: 20_000 }).toEqual(seenBy(load.patient));
    expect(load.patient.odd).toEqual([]);
    // Who leaves in the moment in which the route dies cannot know which came first.
    const paired = (of: Record<string, number>) => ({
      withHead: (of["2xx"] ?? 0) + (of["broken"] ?? 0),
      without: (of["gone"] ?? 0) + (of["5xx"] ?? 0),
    });
    expect(paired(countedOf(leaving))).toEqual(paired(seenBy(load.leaving)));
    for (const outcome of ["1xx", "2xx", "4xx", "broken"] as const) expect(load.patient[outcome]).toBeGreaterThan(0);
    expect(load.leaving.gone).toBeGreaterThan(0);

    const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
    const report = held.map(({ heapBytes, rssBytes }) => `${megabytes(heapBytes)} (RSS ${megabytes(rssBytes)})`).join(", ");
    console.log(
      `${JSON.stringify(seenBy(load.patient))} ${JSON.stringify(seenBy(load.leaving))}, ${kills} kills; held after each of ${rounds} rounds: ${report}`,
    );
    // The first round fills caches: code, connections, names of headers.
    expect((held.at(-1)?.heapBytes ?? 0) - (held[1]?.heapBytes ?? 0), report).toBeLessThan(grownBytesMax);
  },
);
