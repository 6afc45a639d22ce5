import { cp, mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { openDatabase } from "../../server/store/database.ts";
import { binaries, openEmbeddedPostgres } from "../../server/store/embedded-postgres.ts";

/** A directory that only its owner may enter, as /root is. */
async function closedDirectory(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), "serai-closed "));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

test("the embedded PostgreSQL starts where data and programs are closed to others, such as a clone under /root", async () => {
  await using closed = await closedDirectory();
  const native = join(closed.path, "native");
  await cp(dirname(binaries()), native, { recursive: true, verbatimSymlinks: true });
  await using server = await openEmbeddedPostgres(join(closed.path, "data"), join(native, "bin"));
  await using database = openDatabase(server.url, 1);
  expect(await database.sql`select 1 as one`).toEqual([{ one: 1 }]);
});

test("one that is running already is adopted, and one whose start was interrupted is made anew", async () => {
  await using closed = await closedDirectory();
  const directory = join(closed.path, "data");
  await mkdir(join(directory, "data", "base"), { recursive: true });
  await using server = await openEmbeddedPostgres(directory);
  await using again = await openEmbeddedPostgres(directory);
  expect(again.url).toBe(server.url);
  await using database = openDatabase(again.url, 1);
  expect(await database.sql`select 1 as one`).toEqual([{ one: 1 }]);
});

test("a data directory too deep for the path of a socket does no harm, and leaves none among the temporary files", async () => {
  await using closed = await closedDirectory();
  let sockets: string;
  {
    await using server = await openEmbeddedPostgres(join(closed.path, "deep".repeat(20), "deeper".repeat(10)));
    await using database = openDatabase(server.url, 1);
    expect(await database.sql`select 1 as one`).toEqual([{ one: 1 }]);
    sockets = new URL(server.url).searchParams.get("host") ?? "";
    expect(dirname(sockets)).toBe(tmpdir());
  }
  await expect(stat(sockets)).rejects.toThrow("ENOENT");
});
