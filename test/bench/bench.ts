/**
 * `npm run bench`: the figures that Serai is held to, measured on this machine and printed as one table. It never fails
 * because of a figure: machines differ, and a noisy neighbour must not break a build.
 *
 *   start    cold `npm start` to the first answer of the example
 *   memory   of the idle server
 *   change   in the database, to the message at a subscriber
 *   control  1,000 services of three routes: from nothing to HEALTHY, and at rest
 *   files    a page of a folder with 100,000 files
 *   upload   of 1 GiB by tus, beside the same file sent to nginx
 *   many     jobs on one Nomad: all HEALTHY, beside the same jobs submitted by a loop
 *   gateway  CPU per request, requests per second and added time, beside nginx, HAProxy, Caddy and a bare Node proxy
 *   nomad    from the wish to HEALTHY, beside the same job submitted by hand
 *
 * `npm run bench -- memory nomad` runs these alone. Every Serai in it is one that `npm start` has started, with data and ports
 * of its own; all of it ends with its part, also after Ctrl-C. What was tried to reach the aims: docs/decisions/figures.md.
 */
import { availableParallelism, cpus, loadavg } from "node:os";
import { change } from "./change.ts";
import { control } from "./control.ts";
import { files } from "./files.ts";
import { gateway } from "./gateway.ts";
import { many } from "./many.ts";
import { memory } from "./memory.ts";
import { nomad } from "./nomad.ts";
import type { Part, Row } from "./part.ts";
import { start } from "./start.ts";
import { upload } from "./upload.ts";

const parts: readonly Part[] = [start, memory, change, control, files, upload, many, gateway, nomad];
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !parts.some((part) => part.name === name));

if (unknown.length > 0) {
  console.error(`There is no measurement "${unknown.join(", ")}": ${parts.map(({ name }) => name).join(", ")}.`);
  process.exitCode = 2;
} else {
  const rows: Row[] = [];
  for (const part of parts.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) rows.push(...(await rowsOf(part)));
  print(rows);
}

async function rowsOf(part: Part): Promise<readonly Row[]> {
  const missing = part.missing();
  if (missing !== null) return [{ name: part.name, figure: `not measured: ${missing}`, aim: "" }];
  console.log(`measuring: ${part.name} …`);
  const opened = new AsyncDisposableStack();
  // Once, and awaited by whoever asks: disposing of a stack that is being disposed of would be over at once.
  let ending: Promise<void> | null = null;
  const end = (): Promise<void> => (ending ??= opened.disposeAsync());
  const interrupted = (): void => void end().finally(() => process.exit(130));
  process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
  try {
    return await part.measure(opened);
  } catch (thrown) {
    process.exitCode = 1;
    return [{ name: part.name, figure: `failed: ${String(thrown)}`, aim: "" }];
  } finally {
    await end();
    process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
  }
}

function print(rows: readonly Row[]): void {
  const cells = [["name", "figure", "aim", "ratio"], ...rows.map(({ name, figure, aim, ratio = "" }) => [name, figure, aim, ratio])];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  console.log(`\n${availableParallelism()} cores (${cpus()[0]?.model.trim()}), Node ${process.version}, load ${loadavg()[0]?.toFixed(1)}\n`);
  for (const row of cells)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    );
}
