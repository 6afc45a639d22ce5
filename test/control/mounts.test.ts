/** Mounts and variables as sessions really get them, in the host environment. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createVariableSecrets } from "../../server/auth/variable-secrets.ts";
import { clearErrorsAndRetry } from "../../server/store/clear-errors.ts";
import { createFolder } from "../../server/store/folders.ts";
import { openControlWorld, type ControlWorld } from "./world.ts";

const patience = { timeout: 45_000, interval: 50 };
const hostile = 'it\'s "$(id)" `id` ${HOME}\n{{ key }} \\n \t ünï ';

/** Serves, and writes what the program sees into the model's folder. */
const definition = `models:
  - name: m
    model_path: /models
    service:
      start_command:
        - python
        - -c
        - |
          import json, os, sys
          json.dump({"environment": dict(os.environ), "arguments": sys.argv[1:]}, open(sys.argv[2] + "/.new", "w"))
          os.rename(sys.argv[2] + "/.new", sys.argv[2] + "/seen.json")
          import http.server
          http.server.test(http.server.SimpleHTTPRequestHandler, port=int(sys.argv[1]), bind="127.0.0.1")
        - "8000"
        - /models
        - --data=/data/corpus
        - /home/work/extra
      port: 8000
`;

type Seen = { readonly environment: Record<string, string>; readonly arguments: readonly string[] };
const seenIn = async (directory: string): Promise<Seen | null> =>
  JSON.parse(await readFile(join(directory, "seen.json"), "utf8").catch(() => "null"));

async function generalFolder(world: ControlWorld, name: string) {
  const made = await createFolder(world.database, { projectId: world.who.projectId, createdBy: world.who.userId, name, usage: "GENERAL" });
  if (!made.ok) throw new Error(made.refusal.message);
  await world.folders.create(made.value.id);
  return { folderId: made.value.id, directory: world.folders.pathOf(made.value.id) };
}

test("a session gets every variable byte by byte, secret ones too, with mount points replaced by where the folders are", async () => {
  const secrets = createVariableSecrets(() => "the secret of this installation");
  await using world = await openControlWorld(secrets.decrypt);
  const [data, extra] = [await generalFolder(world, "data"), await generalFolder(world, "extra")];
  const { folderId, id } = await world.create(definition, 1, {
    mounts: [
      { folderId: data.folderId, path: "/data", readOnly: true },
      { folderId: extra.folderId, path: null, readOnly: false },
    ],
    variables: [
      { name: "HOSTILE", value: hostile },
      { name: "TOKEN", encrypted: await secrets.encrypt(world.who.projectId, "TOKEN", `secret ${hostile}`) },
      { name: "CACHE", value: "/home/work/cache:/data/a,/models/b /models" },
      { name: "EMPTY", value: "" },
    ],
  });
  await expect.poll(() => world.status(id), patience).toBe("HEALTHY");
  const models = world.folders.pathOf(folderId);
  const seen = await seenIn(models);
  const home = seen?.environment["SERAI_HOME"] ?? "";
  expect(home).toContain("/home");
  expect(seen?.environment).toMatchObject({
    HOSTILE: hostile,
    TOKEN: `secret ${hostile}`,
    CACHE: `${home}/cache:${data.directory}/a,${models}/b /models`,
    EMPTY: "",
    MODEL_NAME: "m",
  });
  expect(seen?.arguments.slice(1)).toEqual([models, `--data=${data.directory}/corpus`, extra.directory]);
});

test("a secret that cannot be decrypted is the service's failure, in words, and nothing is started without it", async () => {
  const secrets = createVariableSecrets(() => "the secret of this installation");
  let isRight = false;
  const decrypt: typeof secrets.decrypt = async (...which) => (isRight ? secrets.decrypt(...which) : null);
  await using world = await openControlWorld(decrypt);
  const encrypted = await secrets.encrypt(world.who.projectId, "TOKEN", "x");
  const { folderId, id } = await world.create(definition, 1, { variables: [{ name: "TOKEN", encrypted }] });
  await expect.poll(() => world.status(id), patience).toBe("UNHEALTHY");
  expect(await world.reason(id)).toContain("The secret variable TOKEN cannot be decrypted: SERAI_SECRET is not the one");
  const [events] = await world.database.sql<{ count: number }[]>`select count(*)::int as count from route_events where kind = 'FAILURE'`;
  expect(events?.count).toBe(1);
  expect(await seenIn(world.folders.pathOf(folderId))).toBeNull();

  isRight = true;
  await clearErrorsAndRetry(world.database, world.who, id, (folder) => world.folders.readDefinition(folder));
  await expect.poll(() => world.status(id), patience).toBe("HEALTHY");
  expect((await seenIn(world.folders.pathOf(folderId)))?.environment["TOKEN"]).toBe("x");
});

test("a new definition that is rolled out replaces the routes, without a moment in which none serves", async () => {
  await using world = await openControlWorld();
  const { folderId, id } = await world.create(definition);
  await expect.poll(() => world.status(id), patience).toBe("HEALTHY");
  const file = join(world.folders.pathOf(folderId), "model-definition.yml");
  await writeFile(file, definition.replace("--data=/data/corpus", "--rolled-out"));
  await clearErrorsAndRetry(world.database, world.who, id, (folder) => world.folders.readDefinition(folder));
  const current = async () => {
    const rows = await world.database.sql<{ number: number; status: string }[]>`
      select number, routes.status from routes join revisions on revisions.id = routes.revision_id where routes.service_id = ${id} and terminated_at is null`;
    return rows.map((row) => `${row.number} ${row.status}`);
  };
  await expect.poll(current, patience).toEqual(["2 HEALTHY"]);
  expect((await seenIn(world.folders.pathOf(folderId)))?.arguments).toContain("--rolled-out");
  const [healthy] = await world.database.sql<{ count: number }[]>`
    select count(*)::int as count from route_events where service_id = ${id} and status = 'DRAINING'
    and at < (select max(at) from route_events where service_id = ${id} and status = 'HEALTHY')`;
  expect(healthy?.count).toBe(0);
});
