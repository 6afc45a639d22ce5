/** What a request says that it relies on: never forgotten because it was said in a way that means nothing. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { place } from "../support/files.ts";

test("a file is not deleted, moved or replaced under a condition that nobody can act on", async () => {
  await using at = await place();
  const { headers } = await at.ask("PUT", "a", { body: "1" });
  const etag = headers.etag ?? "";
  const destination = `/files/${at.id}/b`;
  for (const condition of [
    { "if-match": `W/${etag}` },
    { "if-match": "unquoted" },
    { "if-none-match": "*" },
    { "if-none-match": etag },
    { "if-unmodified-since": new Date().toUTCString() },
  ] as Record<string, string>[]) {
    expect((await at.ask("DELETE", "a", { headers: condition })).status, JSON.stringify(condition)).toBe(400);
    expect((await at.ask("MOVE", "a", { headers: { ...condition, destination } })).status, JSON.stringify(condition)).toBe(400);
    if (condition["if-none-match"] !== "*") expect((await at.ask("PUT", "a", { headers: condition, body: "2" })).status).toBe(400);
  }
  expect((await at.ask("MOVE", "a", { headers: { "if-match": '"another"', destination } })).status).toBe(400);
  expect([await readdir(at.path), await readFile(join(at.path, "a"), "utf8")]).toEqual([["a"], "1"]);
});

test("a deletion of what was seen deletes that, and nothing that came since, not even a directory", async () => {
  await using at = await place();
  const deletion = (etag: string) => at.ask("DELETE", "a", { headers: { "if-match": etag } });
  const first = (await at.ask("PUT", "a", { body: "1" })).headers.etag ?? "";
  const second = (await at.ask("PUT", "a", { body: "2" })).headers.etag ?? "";
  expect((await deletion(first)).status).toBe(412);
  // Of a deletion and a replacement by two who have seen the same, one comes too late.
  const race = await Promise.all([deletion(second), at.ask("PUT", "a", { body: "3", headers: { "if-match": second } })]);
  expect(race.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([204, 412]);
  expect((await deletion('"none", "of these"')).status).toBe(412);
  await at.ask("DELETE", "a");
  await at.ask("MKCOL", "a");
  expect([400, 412]).toContain((await deletion(second)).status);
  expect(await readdir(at.path)).toEqual(["a"]);
});

test.each(["F", "f", " f ", "no"])("a move with `Overwrite: %s` overwrites nothing", async (overwrite) => {
  await using at = await place();
  for (const name of ["a", "b"]) await writeFile(join(at.path, name), name);
  const moved = await at.ask("MOVE", "a", { headers: { destination: `/files/${at.id}/b`, overwrite } });
  expect([moved.status, await readFile(join(at.path, "b"), "utf8")]).toEqual([412, "b"]);
});

test("a question for the headers alone is answered for the whole file, also with a range", async () => {
  await using at = await place();
  await at.ask("PUT", "a", { body: "12345" });
  for (const range of ["bytes=1-2", "bytes=9-", "bytes=-1"]) {
    const { status, headers } = await at.ask("HEAD", "a", { headers: { range } });
    expect([status, headers["content-length"], headers["content-range"]]).toEqual([200, "5", undefined]);
  }
});

test("ranges of an empty file, and ones beyond any number, are answered as RFC 9110 has it", async () => {
  await using at = await place();
  await at.ask("PUT", "empty", { body: "" });
  const asked = async (path: string, range: string, more = {}) => {
    const { status, headers, body } = await at.ask("GET", path, { headers: { range, ...more } });
    return [status, headers["content-range"] ?? null, body.toString()];
  };
  expect((await asked("empty", "bytes=0-")).slice(0, 2)).toEqual([416, "bytes */0"]);
  expect((await asked("empty", "bytes=-5")).slice(0, 2)).toEqual([416, "bytes */0"]);
  const etag = (await at.ask("PUT", "a", { body: "12345" })).headers.etag;
  expect(await asked("a", "bytes=1-99999999999999999999")).toEqual([206, "bytes 1-4/5", "2345"]);
  expect(await asked("a", "bytes=-99999999999999999999")).toEqual([206, "bytes 0-4/5", "12345"]);
  expect((await asked("a", "bytes=99999999999999999999-")).slice(0, 2)).toEqual([416, "bytes */5"]);
  expect((await asked("a", "bytes=-0")).slice(0, 2)).toEqual([416, "bytes */5"]);
  expect(await asked("a", "bytes=0-0", { "if-range": `W/${etag}` })).toEqual([200, null, "12345"]);
  for (const nonsense of ["bytes=", "bytes=-", "bytes=a-b", "lines=1-2", "bytes=0-0,2-2"])
    expect(await asked("a", nonsense)).toEqual([200, null, "12345"]);
});
