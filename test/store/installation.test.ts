import { expect, test } from "vitest";
import { claimSeeding, ensureInstallation, unclaimSeeding } from "../../server/store/installation.ts";
import { findUserByTokenHash, tokenHashOf } from "../../server/store/users.ts";
import { testDatabase } from "../support/database.ts";

test("many processes that start on an empty database find the same installation, and one of them makes the example", async () => {
  await using database = await testDatabase();
  const starts = await Promise.all(Array.from({ length: 8 }, () => ensureInstallation(database, { token: "one", chosen: true })));
  expect(new Set(starts.map((start) => start.installationId)).size).toBe(1);
  const claims = await Promise.all(Array.from({ length: 8 }, () => claimSeeding(database)));
  expect(claims.filter(Boolean)).toHaveLength(1);
});

test("a first start that failed is made up for by the next", async () => {
  await using database = await testDatabase();
  await ensureInstallation(database, null);
  expect(await claimSeeding(database)).toBe(true);
  await unclaimSeeding(database);
  expect(await claimSeeding(database)).toBe(true);
  expect(await claimSeeding(database)).toBe(false);
});

test("a chosen administrator's token holds from the next start, and the old one no longer", async () => {
  await using database = await testDatabase();
  await ensureInstallation(database, { token: "old", chosen: true });
  await ensureInstallation(database, { token: "new", chosen: true });
  expect(await findUserByTokenHash(database, tokenHashOf("old"))).toBeNull();
  expect(await findUserByTokenHash(database, tokenHashOf("new"))).toMatchObject({
    user: { name: "admin", role: "ADMIN" },
    project: { name: "default" },
  });
});

test("another process, with a token that it made itself, locks nobody out", async () => {
  await using database = await testDatabase();
  await ensureInstallation(database, { token: "first", chosen: false });
  await ensureInstallation(database, { token: "second", chosen: false });
  expect(await findUserByTokenHash(database, tokenHashOf("first"))).not.toBeNull();
  expect(await findUserByTokenHash(database, tokenHashOf("second"))).toBeNull();
});
