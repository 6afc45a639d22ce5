/** What one person asks for does not take the memory or the time of all others. */
import { expect, test } from "vitest";
import { testApi } from "../support/api.ts";

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
