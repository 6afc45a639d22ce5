/** A PostgreSQL of the bench's own, as `DATABASE_URL` would name somebody's real one. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDatabase } from "../../server/store/database.ts";
import { openEmbeddedPostgres } from "../../server/store/embedded-postgres.ts";

/** @returns the URL of an empty database. */
export async function openBenchDatabase(opened: AsyncDisposableStack): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "serai-bench-"));
  opened.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
  const server = opened.use(await openEmbeddedPostgres(join(directory, "pg")));
  await createDatabase(server.url, "serai");
  return server.urlOf("serai");
}
