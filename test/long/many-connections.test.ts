/** What users of chats and of live answers need: that the many who only listen are held, cheaply, beside those who are served. */
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { newId } from "../../server/model/ids.ts";
import { insertRoute, openInstallation } from "../gateway/installation.ts";
import { startSeveral } from "../gateway/several.ts";

const processes = 3;
const socketCount = 10_000;
const streamCount = 500;
const idleMs = 20_000;

type Child = { readonly process: ChildProcess; line(): Promise<string> };

function start(script: string, ...args: readonly (string | number)[]): Child {
  const child = spawn(process.execPath, [fileURLToPath(new URL(script, import.meta.url)), ...args.map(String)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return { process: child, line: async () => ((await lines.next()) as { value: string }).value };
}

const openFilesOf = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

test(
  "10,000 idle WebSockets and 500 live streams are held by three processes in 600 MB, none dropped and none out of order",
  { timeout: 300_000 },
  async () => {
    const { database, serviceId } = await openInstallation();
    await database.sql`update services set open_to_public = true where id = ${serviceId}`;
    const model = start("many-server-child.ts");
    const route = { id: newId("route"), revisionId: newId("revision"), host: "127.0.0.1", port: Number(await model.line()), isNew: false };
    await insertRoute(database, serviceId, { route }, "HEALTHY");
    // The first one fills the compile cache, as the first `npm start` does.
    const warm = await startSeveral(database, processes);
    await warm.end("SIGTERM");
    const gateway = await startSeveral(database, processes);
    const before = await gateway.memoryMB();

    const clients = [2, 20].map((from) => start("many-clients-child.ts", gateway.port, socketCount / 2, streamCount / 2, from));
    for (const client of clients) expect(await client.line()).toBe("open");
    await pause(idleMs);
    const pids = await gateway.pids();
    const openFiles = pids.map(openFilesOf);
    const memoryMB = await gateway.memoryMB();
    console.log(`${memoryMB.toFixed(0)} MB over ${pids.length + 1} processes (${before.toFixed(0)} before); open files ${openFiles.join(", ")}`);
    for (const client of clients) client.process.stdin?.write("echo\n");
    for (const client of clients) {
      const said = JSON.parse(await client.line()) as { sockets: number; events: number; wrong: string[]; wrongCount: number };
      expect(said).toMatchObject({ sockets: socketCount / 2, wrong: [], wrongCount: 0 });
      expect(said.events).toBeGreaterThan((streamCount / 2) * (idleMs / 1000));
      client.process.stdin?.write("end\n");
    }
    expect(pids).toHaveLength(processes);
    expect(Math.max(...openFiles)).toBeLessThan(20_000);
    expect(memoryMB).toBeLessThan(600);
    expect(await gateway.end("SIGTERM")).toBe(0);
  },
);
