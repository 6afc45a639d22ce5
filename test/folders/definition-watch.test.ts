import { rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { noteDefinition, openDefinitionWatch } from "../../server/folders/definition-watch.ts";
import { silentLog } from "../../server/log.ts";
import type { FolderId } from "../../server/model/ids.ts";
import { adminToken, guideDefinition, testApi, type Data, type TestApi } from "../support/api.ts";

const query = "subscription ($id: ID!) { service(id: $id) { status revision { number } definitionChange { sinceRevision fileName } } }";
const name = "model-definition.yml";
const changed = `${guideDefinition}\n# changed\n`;

async function served(api: TestApi) {
  const folderId = await api.createFolder("models");
  const { id } = await api.createService("a", folderId);
  return { id, folderId, file: join(api.folders.pathOf(folderId), "model-definition.yml") };
}

const watchOf = (api: TestApi) => openDefinitionWatch({ database: api.database, folders: api.folders, log: silentLog }, 50);

/** The next state that differs in what is looked at here. */
async function nextChange(live: { next(): Promise<Data | null> }): Promise<Data> {
  const next = await live.next();
  return { number: next?.["service"].revision.number, change: next?.["service"].definitionChange };
}

test("a definition that a session changes on disk is shown on the service, pushed, and rolled out by a retry", async () => {
  await using api = await testApi();
  const { id, file } = await served(api);
  await using live = api.subscribe(query, { id });
  expect(await nextChange(live)).toEqual({ number: 1, change: null });
  await using _watch = watchOf(api);

  await writeFile(file, changed);
  expect(await nextChange(live)).toEqual({ number: 1, change: { sinceRevision: 1, fileName: "model-definition.yml" } });
  await api.change("clearErrorsAndRetry", { id }, "service { id }");
  expect(await nextChange(live)).toEqual({ number: 2, change: null });

  await rm(file);
  expect(await nextChange(live)).toEqual({ number: 2, change: { sinceRevision: 2, fileName: null } });
  await writeFile(file, changed);
  expect(await nextChange(live)).toEqual({ number: 2, change: null });
});

test("a definition that is replaced by one with the same length and time is seen all the same", async () => {
  await using api = await testApi();
  const { id, file } = await served(api);
  await using live = api.subscribe(query, { id });
  await nextChange(live);
  const past = new Date(Date.now() - 3_600_000);
  await utimes(file, past, past);
  await using _watch = watchOf(api);
  await writeFile(`${file}.new`, guideDefinition.replace("8000", "8001"));
  await utimes(`${file}.new`, past, past);
  await rename(`${file}.new`, file);
  expect(await nextChange(live)).toMatchObject({ change: { sinceRevision: 1 } });
});

test("a definition that becomes a link to itself is a change", async () => {
  await using api = await testApi();
  const { id, file } = await served(api);
  await using live = api.subscribe(query, { id });
  await nextChange(live);
  await using _watch = watchOf(api);
  await symlink(name, `${file}.new`);
  await rename(`${file}.new`, file);
  expect(await nextChange(live)).toEqual({ number: 1, change: { sinceRevision: 1, fileName: null } });
});

test("the .yml that appears beside the .yaml in use is a change", async () => {
  await using api = await testApi();
  const folderId = await api.createFolder("models", null);
  const directory = api.folders.pathOf(folderId);
  await writeFile(join(directory, "model-definition.yaml"), guideDefinition);
  const { id } = await api.createService("a", folderId);
  await using live = api.subscribe(query, { id });
  expect(await nextChange(live)).toEqual({ number: 1, change: null });
  await using _watch = watchOf(api);
  await writeFile(join(directory, "model-definition.yml"), changed);
  expect(await nextChange(live)).toEqual({ number: 1, change: { sinceRevision: 1, fileName: "model-definition.yml" } });
});

test("a process whose shared file system tells it of a change late takes back nothing that another has noted", async () => {
  await using api = await testApi();
  const { id, folderId } = await served(api);
  // What `stat` says here never changes, as where a client of NFS has remembered it.
  const stale = api.folders.pathOf(await api.createFolder("stale", null));
  await symlink(process.execPath, join(stale, name));
  let reads = 0;
  const readDefinition = (wanted: FolderId) => ((reads += 1), api.folders.readDefinition(wanted));
  const folders = { readDefinition, pathOf: () => stale };
  await using _watch = openDefinitionWatch({ database: api.database, folders, log: silentLog }, 20);
  await expect.poll(() => reads).toBe(1);
  await api.change("writeFile", { folderId, path: name, content: changed }, "file { path }");
  await expect.poll(() => reads).toBe(2);
  const { data } = await api.ask("query ($id: ID!) { service(id: $id) { definitionChange { sinceRevision } } }", { id });
  expect(data?.["service"].definitionChange).toEqual({ sinceRevision: 1 });
});

const authorization = `Bearer ${adminToken}`;
const ways: Record<string, (api: TestApi, folderId: FolderId) => Promise<unknown>> = {
  "written by the API": (api, folderId) => api.change("writeFile", { folderId, path: name, content: changed }, "file { path }"),
  "put by HTTP": (api, folderId) => fetch(`${api.url}/files/${folderId}/${name}`, { method: "PUT", headers: { authorization }, body: changed }),
  async uploaded(api, folderId) {
    const metadata = Object.entries({ folderId, path: name, overwrite: "true" }).map(([key, value]) => `${key} ${btoa(value)}`);
    const headers = { authorization, "tus-resumable": "1.0.0" };
    const made = await fetch(`${api.url}/uploads`, {
      method: "POST",
      headers: { ...headers, "upload-length": String(changed.length), "upload-metadata": metadata.join(",") },
    });
    await fetch(new URL(made.headers.get("location") ?? "", `${api.url}/uploads/`), {
      method: "PATCH",
      headers: { ...headers, "upload-offset": "0", "content-type": "application/offset+octet-stream" },
      body: changed,
    });
  },
};

test.each(Object.keys(ways))("a definition that was %s is noted at once, without the watch; so are its move and its end", async (way) => {
  await using api = await testApi();
  const { id, folderId } = await served(api);
  await using live = api.subscribe(query, { id });
  expect(await nextChange(live)).toEqual({ number: 1, change: null });
  await ways[way]?.(api, folderId);
  expect(await nextChange(live)).toEqual({ number: 1, change: { sinceRevision: 1, fileName: name } });

  await api.change("clearErrorsAndRetry", { id }, "service { id }");
  expect(await nextChange(live)).toEqual({ number: 2, change: null });
  await api.change("moveFile", { folderId, from: name, to: "aside.yml" }, "file { path }");
  expect(await nextChange(live)).toEqual({ number: 2, change: { sinceRevision: 2, fileName: null } });
  await api.change("moveFile", { folderId, from: "aside.yml", to: name }, "file { path }");
  expect(await nextChange(live)).toEqual({ number: 2, change: null });
  await api.change("deleteFiles", { folderId, paths: [name] }, "paths");
  expect(await nextChange(live)).toEqual({ number: 2, change: { sinceRevision: 2, fileName: null } });
});

test("a folder that cannot be reached is no change, and fails nothing", async () => {
  await using api = await testApi();
  const { id, folderId } = await served(api);
  await rm(api.foldersDirectory, { recursive: true });
  await noteDefinition({ database: api.database, folders: api.folders, log: silentLog }, folderId, ["model-definition.yml"]);
  const { data } = await api.ask("query ($id: ID!) { service(id: $id) { definitionChange { sinceRevision } } }", { id });
  expect(data?.["service"]).toEqual({ definitionChange: null });
});
