/** What becomes of the environments of an installation that is older than the catalogue. */
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, inject, test } from "vitest";
import { containerSeeds, hostSeed } from "../../server/model/environment-seeds.ts";
import { migrate, openDatabase } from "../../server/store/database.ts";
import { ensureEnvironments, listEnvironments } from "../../server/store/environments.ts";

const folder = fileURLToPath(new URL("../../drizzle/migrations", import.meta.url));

/** A migration of the catalogue's is the last that is not run. */
async function statementsBefore(): Promise<string[]> {
  const { entries } = JSON.parse(await readFile(`${folder}/meta/_journal.json`, "utf8")) as { entries: { tag: string; when: number }[] };
  const before = entries.slice(
    0,
    entries.findIndex(({ tag }) => tag.endsWith("_environments")),
  );
  const texts = await Promise.all(before.map(({ tag }) => readFile(`${folder}/${tag}.sql`, "utf8")));
  const done = before.at(-1)?.when ?? 0;
  return [
    ...texts.flatMap((text) => text.split("--> statement-breakpoint")),
    "create schema drizzle",
    "create table drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)",
    `insert into drizzle.__drizzle_migrations (hash, created_at) values ('', ${done})`,
  ];
}

test("they keep their ids and names, are what they were to services, and are not made a second time", async () => {
  const serverUrl = inject("postgresUrl");
  const name = `test_${randomBytes(8).toString("hex")}`;
  await using server = openDatabase(serverUrl, 1);
  await server.sql`create database ${server.sql(name)}`;
  try {
    const url = serverUrl.replace("/postgres?", `/${name}?`);
    await using database = openDatabase(url);
    for (const statement of await statementsBefore()) await database.sql.unsafe(statement);
    await database.sql`
      insert into environments (id, name, kind, image, created_at) values
        ('env_a', 'Python 3.13', 'CONTAINER', 'registry.example.com/python:3.13', now() - interval '2 days'),
        ('env_b', 'Host', 'HOST', null, now() - interval '1 day'), ('env_c', 'Our own runtime', 'CONTAINER', 'ours:1', now())`;
    await migrate(url);
    await ensureEnvironments(database, [...containerSeeds, hostSeed]);
    const all = await listEnvironments(database);
    expect(all.slice(0, 3)).toMatchObject([
      { id: "env_a", runtime: "Python", version: "3.13", name: "Python 3.13", image: "registry.example.com/python:3.13", seed: "python-3.13" },
      { id: "env_b", runtime: "Host", version: "", name: "Host", seed: "host", usualResources: { cpu: 0.1, memoryGiB: 0.125 } },
      { id: "env_c", runtime: "Our own runtime", version: "", name: "Our own runtime", seed: null },
    ]);
    expect(all).toHaveLength(3 + containerSeeds.length - 1);
  } finally {
    await server.sql`drop database ${server.sql(name)} with (force)`;
  }
});
