/** What one person asks for does not take the memory or the time of all others. */
import { once } from "node:events";
import { readdir, rm, truncate, writeFile } from "node:fs/promises";
import { request as send } from "node:http";
import { join } from "node:path";
import { expect, test } from "vitest";
import { adminToken, testApi } from "../support/api.ts";
import { place } from "../support/files.ts";

test.each([
  ['textFile(path: "a") { size }', 50, "texts of files"],
  ["definitionFile { etag }", 50, "texts of files"],
  ["files { totalCount }", 100, "lists of files"],
])("a document may ask for %s so often, and not more", async (field, countMax, what) => {
  await using api = await testApi();
  const id = await api.createFolder("models");
  await api.change("writeFile", { folderId: id, path: "a", content: "text" }, "file { path }");
  const asked = (count: number) =>
    api.ask(`query ($id: ID!) { folder(id: $id) { ${Array.from({ length: count }, (_, index) => `f${index}: ${field}`).join(" ")} } }`, { id });
  const enough = await asked(countMax);
  expect(enough.errors).toBeUndefined();
  expect(Object.values(enough.data?.["folder"]).every((answer) => answer !== null)).toBe(true);
  const tooMany = await asked(countMax + 1);
  expect(tooMany.errors?.[0]).toMatchObject({ message: `One document may ask for ${countMax} ${what}.`, extensions: { code: "BAD_USER_INPUT" } });
  // Each document by itself.
  expect((await asked(countMax)).errors).toBeUndefined();
});

test("one user sends 32 files and loads 8 archives at once, and not more; others are not kept waiting", async () => {
  await using at = await place();
  const { hostname, port } = new URL(at.api.url);
  const begin = (method: string, path: string) => {
    const headers = { authorization: `Bearer ${adminToken}`, ...(method === "PUT" ? { "transfer-encoding": "chunked" } : {}) };
    const request = send({ host: hostname, port, method, path: `/files/${at.id}/${path}`, headers, agent: false }).on("error", () => {});
    request.flushHeaders();
    return request;
  };
  const sending = Array.from({ length: 32 }, (_, index) => begin("PUT", String(index)));
  await expect.poll(async () => (await readdir(at.path)).length).toBe(32);
  const refused = await at.ask("PUT", "more", { body: "x" });
  expect([refused.status, refused.json()["code"]]).toEqual([429, "TOO_MANY_AT_ONCE"]);
  const other = await at.api.createOtherUser();
  expect((await at.ask("PUT", "theirs", { body: "x", token: other })).status).toBe(404);
  for (const request of sending) request.destroy();
  await expect.poll(async () => (await at.ask("PUT", "more", { body: "x" })).status).toBeLessThan(300);

  await writeFile(join(at.path, "large"), "");
  await truncate(join(at.path, "large"), 1024 ** 3);
  const loading = Array.from({ length: 8 }, () => begin("GET", "?archive=tar"));
  await Promise.all(loading.map((request) => once(request, "response")));
  expect((await at.ask("GET", "?archive=zip")).status).toBe(429);
  expect((await at.ask("HEAD", "?archive=zip")).status).toBe(200);
  expect((await at.ask("GET", "more")).body.toString()).toBe("x");
  for (const request of loading) request.destroy();
  await rm(join(at.path, "large"));
  await expect.poll(async () => (await at.ask("GET", "?archive=zip")).status).toBe(200);
});
