/**
 * Once per test run: one real PostgreSQL with one migrated template, from which each test makes its database in
 * a few milliseconds. Everything is under one temporary directory and gone afterwards.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { migrate, openDatabase } from "../../server/store/database.ts";
import { openEmbeddedPostgres } from "../../server/store/embedded-postgres.ts";

declare module "vitest" {
  export interface ProvidedContext {
    postgresUrl: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), "serai-test-"));
  const server = await openEmbeddedPostgres(join(directory, "pg"));
  {
    await using main = openDatabase(server.url, 1);
    await main.sql`create database serai_template`;
    await migrate(server.urlOf("serai_template"));
  }
  project.provide("postgresUrl", server.url);
  return async () => {
    await server[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  };
}
