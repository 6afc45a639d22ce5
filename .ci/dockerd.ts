/** One Docker daemon for a whole run: writes its address into the named file, and ends with what it started when it is told to. */
import { writeFile } from "node:fs/promises";
import { startDockerd } from "../test/support/docker.ts";

const [, , file = ""] = process.argv;
const told = new Promise((resolve) => process.once("SIGTERM", resolve));
await using docker = await startDockerd();
await writeFile(file, docker.host);
// A promise alone keeps no process alive.
const waiting = setInterval(() => {}, 60_000);
await told;
clearInterval(waiting);
