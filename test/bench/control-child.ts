/**
 * Control alone, in a process of its own: on a real database, with a scheduler that runs nothing, or with a Nomad
 * whose tasks are pretended. Tells over IPC how long it took until
 * every route was HEALTHY, and then what it costs to stay so.
 */
import { setTimeout as wait } from "node:timers/promises";
import { openControl } from "../../server/control/loop.ts";
import { silentLog } from "../../server/log.ts";
import { openChanges } from "../../server/store/changes.ts";
import { openDatabase } from "../../server/store/database.ts";
import { openMockedScheduler } from "./mocked-nomad.ts";
import { openPretendScheduler } from "./pretend-scheduler.ts";

const [databaseUrl = "", port = "", wanted = "", quietMs = "", nomadAddress] = process.argv.slice(2);
const database = openDatabase(databaseUrl);
const address = { host: "127.0.0.1", port: Number(port) };
const scheduler = nomadAddress === undefined ? openPretendScheduler(address) : await openMockedScheduler(nomadAddress, "by-serai", address);
const changes = await openChanges(database, silentLog);
const count = async (statement: string): Promise<number> => Number((await database.sql.unsafe<{ n: string }[]>(statement))[0]?.n);
const healthy = (): Promise<number> => count("select count(*) as n from routes where status = 'HEALTHY'");
const transactions = (): Promise<number> => count("select xact_commit as n from pg_stat_database where datname = current_database()");

const transactionsBefore = await transactions();
const begunAt = performance.now();
const cpuBefore = process.cpuUsage();
const control = await openControl({
  database,
  changes,
  scheduler,
  folderPath: (id) => `/nowhere/${id}`,
  decryptVariable: async () => null,
  decryptPassword: async () => null,
  holder: "bench",
  log: silentLog,
});
while ((await healthy()) < Number(wanted)) await wait(50);
const startMs = performance.now() - begunAt;
const { user, system } = process.cpuUsage(cpuBefore);
// Statistics are told with a delay.
await wait(2000);
const perRoute = ((await transactions()) - transactionsBefore) / Number(wanted);

const quietCpu = process.cpuUsage();
const quietAt = performance.now();
await wait(Number(quietMs));
const spent = process.cpuUsage(quietCpu);
const cores = (spent.user + spent.system) / 1000 / (performance.now() - quietAt);
process.send?.({
  startMs,
  startCpuMs: (user + system) / 1000,
  perRoute,
  cores,
  rssMiB: process.memoryUsage.rss() / 1024 / 1024,
  corrections: control.corrections,
});
await control[Symbol.asyncDispose]();
await changes[Symbol.asyncDispose]();
await scheduler[Symbol.asyncDispose]();
await database[Symbol.asyncDispose]();
process.disconnect();
