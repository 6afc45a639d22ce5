/** A gateway of several processes, in the moments in which one of them or a port goes away: every connection has an answer, or an end. */
import { connect } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { claimPortRange } from "../support/ports.ts";
import { insertRoute, openInstallation } from "./installation.ts";
import { startSeveral } from "./several.ts";
import { startModel } from "./world.ts";

const blocked = fileURLToPath(new URL("./blocked-child.ts", import.meta.url));
const request = "GET / HTTP/1.1\r\nHost: service.test\r\nConnection: close\r\n\r\n";

const ok = "HTTP/1.1 200 OK";

type Asked = { readonly end: Promise<string>; isOpen: boolean };

/** One request on a connection of its own: what came back until it was closed, or why there was none. */
function ask(port: number): Asked {
  const socket = connect({ host: "127.0.0.1", port });
  onTestFinished(() => void socket.destroy());
  let text = "";
  socket.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
  socket.write(request);
  const end = Promise.withResolvers<string>();
  const asked: Asked = { end: end.promise, isOpen: true };
  socket.on("error", ({ code }: NodeJS.ErrnoException) => end.resolve(code ?? ""));
  socket.on("close", () => {
    asked.isOpen = false;
    end.resolve(text.split("\r\n", 1)[0] ?? "");
  });
  return asked;
}

async function openScene(count: number, env: Readonly<Record<string, string>> = {}) {
  const { database, serviceId } = await openInstallation();
  const range = await claimPortRange();
  onTestFinished(() => range[Symbol.asyncDispose]());
  const setPort = async (port: number | null) =>
    void (await database.sql`
      update services set open_to_public = true, endpoint_host = ${port === null ? "service.test" : null}, endpoint_port = ${port}
      where id = ${serviceId}`);
  await setPort(range.first);
  const model = await startModel((_request, response) => void response.end("hello"));
  onTestFinished(() => model[Symbol.asyncDispose]());
  await insertRoute(database, serviceId, model, "HEALTHY");
  return { port: range.first, setPort, gateway: await startSeveral(database, count, env) };
}

test("A connection that was given to a process which then dies is answered by another", async () => {
  const { gateway, port } = await openScene(2);
  const [victim = 0] = await gateway.pids();
  process.kill(victim, "SIGSTOP");
  const all = Array.from({ length: 6 }, () => ask(port));
  await expect.poll(() => all.filter(({ isOpen }) => isOpen).length).toBe(1);
  process.kill(victim, "SIGKILL");
  expect(new Set(await Promise.all(all.map(({ end }) => end)))).toEqual(new Set([ok]));
});

test("A connection that was given to a process which then dies waits for another that is busy for seconds", async () => {
  const { gateway, port } = await openScene(2, { NODE_OPTIONS: `--import=${blocked}` });
  const [victim = 0, busy = 0] = await gateway.pids();
  process.kill(victim, "SIGSTOP");
  const all = Array.from({ length: 6 }, () => ask(port));
  await expect.poll(() => all.filter(({ isOpen }) => isOpen).length).toBe(1);
  process.kill(busy, "SIGUSR2");
  await expect.poll(() => gateway.output()).toContain(`${busy} is blocked`);
  all.push(...Array.from({ length: 6 }, () => ask(port)));
  process.kill(victim, "SIGKILL");
  expect(new Set(await Promise.all(all.map(({ end }) => end)))).toEqual(new Set([ok]));
});

test("A process that is told to end takes no connection with it, and those that come meanwhile are answered by the others", async () => {
  const { gateway, port } = await openScene(3);
  const before = await gateway.pids();
  const all: Asked[] = [];
  for (const pid of before) {
    process.kill(pid, "SIGTERM");
    for (let isThere = true; isThere; isThere = (await gateway.pids()).includes(pid)) all.push(...Array.from({ length: 4 }, () => ask(port)));
    await expect.poll(async () => (await gateway.pids()).length).toBe(3);
  }
  expect(new Set(await Promise.all(all.map(({ end }) => end)))).toEqual(new Set([ok]));
});

test("However many connections come in the moment in which a port closes, none is left open without an answer", async () => {
  const { port, setPort } = await openScene(3);
  const all: Asked[] = [];
  for (let round = 0; round < 12; round += 1) {
    await setPort(port);
    await expect.poll(() => ask(port).end, { interval: 10 }).toBe(ok);
    const closed = setPort(null);
    const refused: string[] = [];
    while (refused.length < 20) {
      await nextTurn();
      const asked = ask(port);
      all.push(asked);
      void asked.end.then((end) => end === "ECONNREFUSED" && refused.push(end));
    }
    await closed;
  }
  await expect.poll(() => all.filter(({ isOpen }) => isOpen).length).toBe(0);
  expect(new Set(await Promise.all(all.map(({ end }) => end)))).toContain(ok);
});
