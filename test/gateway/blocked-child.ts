/** Loaded into a gateway's processes by NODE_OPTIONS: one that gets SIGUSR2 does nothing else for 2 seconds, as if it computed. */
import { writeSync } from "node:fs";

process.on("SIGUSR2", () => {
  writeSync(1, `${process.pid} is blocked\n`);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2000);
});
