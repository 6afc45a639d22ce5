/** Reading what start actions report, from a directory that a session writes. */
import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readStart } from "../../server/scheduler/local/start-files.ts";

const begin = "serai-start\t1\t1.00\t2\t\t\nbegin\t0\t1.00\trun_command\tx\t\n";

async function startDirectory(): Promise<AsyncDisposable & { readonly file: (name: string) => string; readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "serai-start-"));
  return { path, file: (name) => join(path, name), [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

it("what an action writes while it runs is no news, and is read when the action or the attempt has ended", async () => {
  await using directory = await startDirectory();
  await writeFile(directory.file("report"), begin);
  await writeFile(directory.file("0.out"), "10 %\n");
  const running = await readStart(directory.path, 2, null, false);
  expect(running?.report.steps).toMatchObject([{ index: 0, end: null }]);
  await appendFile(directory.file("0.out"), "20 %\n");
  expect(await readStart(directory.path, 2, running, false)).toBe(running);

  const over = await readStart(directory.path, 2, running, true);
  expect(Buffer.from(over?.outputs.get(0)?.out.bytes ?? []).toString()).toBe("10 %\n20 %\n");
  await appendFile(directory.file("report"), "end\t0\t2.00\t0\t0\t0\n");
  const ended = await readStart(directory.path, 2, running, false);
  expect(Buffer.from(ended?.outputs.get(0)?.out.bytes ?? []).toString()).toBe("10 %\n20 %\n");
});
