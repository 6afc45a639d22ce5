/** A Serai of its own, reduced to the local scheduler, so that a test can kill it: submits the first session of a file, obeys a few words on stdin, and says what it observes. */
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { silentLog } from "../../server/log.ts";
import type { Session } from "../../server/model/session.ts";
import { openLocalScheduler } from "../../server/scheduler/local/local-scheduler.ts";

const [directory = "", sessionsFile = ""] = process.argv.slice(2);
const scheduler = await openLocalScheduler({ directory, log: silentLog });
const sessions = JSON.parse(await readFile(sessionsFile, "utf8")) as readonly Session[];
const [first, second] = sessions;
if (first !== undefined) await scheduler.submit(first);

createInterface({ input: process.stdin }).on("line", (line) => {
  const [word, graceMs = "0"] = line.split(" ");
  if (word === "stop") for (const { id } of sessions) void scheduler.stop(id, Number(graceMs));
  if (word === "replace" && first !== undefined && second !== undefined) void scheduler.replace(first.id, second);
  if (word === "close") void scheduler[Symbol.asyncDispose]().then(() => process.stdin.destroy());
});
for await (const { observations } of scheduler.watch(new AbortController().signal)) {
  for (const observation of observations) console.log(JSON.stringify(observation));
}
