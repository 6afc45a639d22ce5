/**
 * `npm run dev`: the server, started anew whenever one of its files changes, and beside it Vite with the console's
 * sources (client/vite.config.ts sends its requests to the server). When one of the two ends, so does the other.
 *
 * Signals are passed on once: Ctrl-C reaches the whole group anyway, and the server drains on the first one it gets.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const cwd = fileURLToPath(new URL("..", import.meta.url));
// Vite's console is at an origin of its own, from which endpoints are tried out.
const env = { SERAI_CONSOLE_ORIGINS: "http://localhost:4400,http://localhost:4401", ...process.env };
const start = (...args: readonly string[]): ChildProcess => spawn(process.execPath, args, { cwd, env, stdio: "inherit" });
const isRunning = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null;

const programs = [
  start("--watch", "--watch-preserve-output", "server/main.ts"),
  start("node_modules/vite/bin/vite.js", "--config", "client/vite.config.ts"),
];
const ends = programs.map((program) => once(program, "exit"));

process.on("SIGINT", () => {});
process.on("SIGTERM", () => endAll());
const [code] = await Promise.race(ends);
endAll();
await Promise.all(ends);
process.exitCode = typeof code === "number" ? code : 0;

function endAll(): void {
  for (const program of programs.filter(isRunning)) program.kill("SIGTERM");
}
