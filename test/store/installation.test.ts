import { expect, test } from "vitest";
import { ensureInstallation } from "../../server/store/installation.ts";
import { findUserByTokenHash, tokenHashOf } from "../../server/store/users.ts";
import { testDatabase } from "../support/database.ts";

test("of many processes that start on an empty database, one finds it fresh and all find the same installation", async () => {
  await using database = await testDatabase();
  const starts = await Promise.all(Array.from({ length: 8 }, () => ensureInstallation(database, { adminToken: "one" })));
  expect(starts.filter((start) => start.fresh)).toHaveLength(1);
  expect(new Set(starts.map((start) => start.installationId)).size).toBe(1);
  expect((await ensureInstallation(database, { adminToken: "one" })).fresh).toBe(false);
});

test("a changed administrator's token holds from the next start, and the old one no longer", async () => {
  await using database = await testDatabase();
  await ensureInstallation(database, { adminToken: "old" });
  await ensureInstallation(database, { adminToken: "new" });
  expect(await findUserByTokenHash(database, tokenHashOf("old"))).toBeNull();
  expect(await findUserByTokenHash(database, tokenHashOf("new"))).toMatchObject({
    user: { name: "admin", role: "ADMIN" },
    project: { name: "default" },
  });
});
