import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openFolders } from "../../server/folders/folders.ts";
import { sweepFolders } from "../../server/folders/sweep.ts";
import type { FolderId } from "../../server/model/ids.ts";
import { newId } from "../../server/model/ids.ts";
import { testApi, type Data, type TestApi } from "../support/api.ts";

const listOf = async (api: TestApi, trashed: boolean) => {
  const { data } = await api.ask(`query ($trashed: Boolean!) { folders(filter: { trashed: $trashed }) { edges { node { id name trashedAt } } } }`, {
    trashed,
  });
  return data?.["folders"].edges.map(({ node }: { node: { name: string } }) => node.name);
};
const fieldsOf = (result: Data) => result["fields"]?.map(({ path }: { path: string }) => path);

describe("A folder", () => {
  test("is made with a permission and a quota, and changed one by one", async () => {
    await using api = await testApi();
    const selection = "folder { id name usage permission quotaBytes usedBytes trashedAt }";
    const wish = { name: "data", usage: "GENERAL", permission: "READ_ONLY", quotaBytes: 5_000_000_000_000 };
    const { folder } = await api.change("createFolder", wish, selection);
    expect(folder).toMatchObject({ ...wish, usedBytes: 0, trashedAt: null });
    expect((await api.change("modifyFolder", { id: folder.id, name: "renamed" }, selection))["folder"]).toMatchObject({ ...wish, name: "renamed" });
    expect((await api.change("modifyFolder", { id: folder.id, quotaBytes: null, permission: null }, selection))["folder"]).toMatchObject({
      name: "renamed",
      permission: "READ_WRITE",
      quotaBytes: null,
    });
    expect((await api.change("modifyFolder", { id: folder.id }, selection))["folder"]).toMatchObject({ name: "renamed" });
    expect(fieldsOf(await api.change("modifyFolder", { id: folder.id, name: "..", quotaBytes: -1 }, "folder { id }"))).toEqual([
      "name",
      "quotaBytes",
    ]);
    expect(fieldsOf(await api.change("modifyFolder", { id: folder.id, name: null, quotaBytes: 1.5 }, "folder { id }"))).toEqual([
      "name",
      "quotaBytes",
    ]);
    expect(fieldsOf(await api.change("createFolder", { name: ".ssh", usage: "MODEL" }, "folder { id }"))).toEqual(["name"]);
    await api.createFolder("taken", null);
    expect(await api.change("modifyFolder", { id: folder.id, name: "taken" }, "folder { id }")).toEqual({
      __typename: "ConflictError",
      message: "There is a folder taken already.",
    });
  });

  test("goes to the trash with its files, comes back under its name, and is purged for good", async () => {
    await using api = await testApi();
    const id = await api.createFolder("models");
    const deleted = await api.change("deleteFolder", { id }, "id folder { trashedAt }");
    expect(deleted).toMatchObject({ id, folder: { trashedAt: expect.any(String) } });
    expect([await listOf(api, false), await listOf(api, true)]).toEqual([[], ["models"]]);
    expect(await readdir(join(api.foldersDirectory, id))).toEqual(["model-definition.yml"]);
    for (const [name, input] of [
      ["writeFile", { folderId: id, path: "a", content: "x" }],
      ["createDirectory", { folderId: id, path: "a" }],
      ["moveFile", { folderId: id, from: "model-definition.yml", to: "a" }],
      ["deleteFiles", { folderId: id, paths: ["model-definition.yml"] }],
      ["modifyFolder", { id, name: "other" }],
      ["deleteFolder", { id }],
      ["createService", { name: "a", folderId: id }],
    ] as const) {
      expect(await api.change(name, input, "__typename"), name).toMatchObject({ __typename: "NotFoundError" });
    }
    const again = await api.createFolder("models", null);
    expect(await api.change("restoreFolder", { id }, "folder { id }")).toEqual({
      __typename: "ConflictError",
      message: "There is another folder models by now: rename that one, then restore this one.",
    });
    await api.change("modifyFolder", { id: again, name: "newer" }, "folder { id }");
    expect(await api.change("restoreFolder", { id }, "folder { name trashedAt definitionFile { path } }")).toMatchObject({
      folder: { name: "models", trashedAt: null, definitionFile: { path: "model-definition.yml" } },
    });
    expect(await api.change("purgeFolder", { id }, "id")).toMatchObject({ __typename: "NotFoundError" });
    await api.change("deleteFolder", { id }, "id");
    await api.change("deleteFolder", { id: again }, "id");
    expect(await api.change("purgeFolder", { id }, "id")).toMatchObject({ id });
    const emptied = await api.ask(`mutation { emptyTrash { ... on EmptyTrashSuccess { folderIds } } }`);
    expect(emptied.data?.["emptyTrash"]).toEqual({ folderIds: [again] });
    expect([await listOf(api, true), await readdir(api.foldersDirectory)]).toEqual([[], []]);
    expect(await api.change("restoreFolder", { id }, "folder { id }")).toMatchObject({ __typename: "NotFoundError" });
  });

  test("in the trash, and what is in it, is nobody else's: another project neither sees, restores nor purges it", async () => {
    await using api = await testApi();
    const other = await api.createOtherUser();
    const id = await api.createFolder("models");
    const asOther = (name: string, input: object) => api.change(name, input, "__typename", other);
    expect(await asOther("deleteFolder", { id })).toMatchObject({ __typename: "NotFoundError" });
    expect(await asOther("deleteFiles", { folderId: id, paths: ["model-definition.yml"] })).toMatchObject({ __typename: "NotFoundError" });
    await api.change("deleteFolder", { id }, "id");
    for (const name of ["restoreFolder", "purgeFolder"]) expect(await asOther(name, { id }), name).toMatchObject({ __typename: "NotFoundError" });
    const emptied = await api.ask(`mutation { emptyTrash { ... on EmptyTrashSuccess { folderIds } } }`, {}, other);
    expect(emptied.data?.["emptyTrash"]).toEqual({ folderIds: [] });
    expect(await readdir(join(api.foldersDirectory, id))).toEqual(["model-definition.yml"]);
  });

  test("that a live service uses, for its model or mounted, names the service and is not deleted", async () => {
    await using api = await testApi();
    const model = await api.createFolder("models");
    const { folder: data } = await api.change("createFolder", { name: "data", usage: "GENERAL" }, "folder { id }");
    const { folder: unused } = await api.change("createFolder", { name: "unused", usage: "GENERAL" }, "folder { id }");
    await api.createService("chat", model, { mounts: [{ folderId: data.id }] });
    const { data: read } = await api.ask("query { folders { edges { node { name usedBy { name } } } } }");
    const uses = read?.["folders"].edges.map(({ node }: Data) => [node.name, node.usedBy.map(({ name }: Data) => name)]);
    expect(uses).toEqual([
      ["models", ["chat"]],
      ["data", ["chat"]],
      ["unused", []],
    ]);
    for (const [name, id] of [
      ["models", model],
      ["data", data.id],
    ]) {
      const message = `The folder ${name} is used by chat: terminate it first.`;
      expect(await api.change("deleteFolder", { id }, "id")).toEqual({ __typename: "ConflictError", message });
    }
    expect(await api.change("deleteFolder", { id: unused.id }, "id")).toMatchObject({ id: unused.id });
  });

  test("takes nothing beyond its quota, and says how much there is, was used and is needed", async () => {
    await using api = await testApi();
    const { folder } = await api.change("createFolder", { name: "data", usage: "GENERAL", quotaBytes: 4096 }, "folder { id }");
    const write = (path: string, bytes: number) =>
      api.change("writeFile", { folderId: folder.id, path, content: "x".repeat(bytes) }, "file { size }");
    expect(await write("a", 3000)).toMatchObject({ file: { size: 3000 } });
    expect(await write("b", 2000)).toMatchObject({
      __typename: "ValidationError",
      fields: [
        { path: "quota", message: "the folder may hold 4 KiB; 2.9 KiB are used, and this needs 2 KiB more: delete something, or raise the quota" },
      ],
    });
    expect(await readdir(join(api.foldersDirectory, folder.id))).toEqual(["a"]);
    await api.change("modifyFolder", { id: folder.id, quotaBytes: 100 }, "folder { id }");
    expect(await write("a", 2900), "what makes it smaller is welcome").toMatchObject({ file: { size: 2900 } });
    // What an upload has been promised is not given to another.
    await api.change("modifyFolder", { id: folder.id, quotaBytes: 4096 }, "folder { id }");
    await api.database.sql`
      insert into uploads (id, project_id, created_by, folder_id, path, size, metadata, expires_at)
      select ${newId("upload")}, project_id, created_by, id, 'large', 1000, '{}', now() + interval '1 day' from folders where id = ${folder.id}`;
    expect((await write("b", 300))["fields"][0].message).toContain("1000 bytes are promised to unfinished uploads");
    const { data } = await api.ask(`query ($id: ID!) { folder(id: $id) { uploads { path size offset createdBy { name } } usedBytes } }`, {
      id: folder.id,
    });
    expect(data?.["folder"]).toMatchObject({ uploads: [{ path: "large", size: 1000, offset: 0 }], usedBytes: 2900 });
  });
});

describe("The files of a folder", () => {
  test("are listed, paged and found; a directory that is none is a mistake of the asker", async () => {
    await using api = await testApi();
    const id = await api.createFolder("models");
    await mkdir(join(api.foldersDirectory, id, "d"));
    for (const name of ["a", "b"]) await writeFile(join(api.foldersDirectory, id, "d", name), name);
    const query = `query ($id: ID!, $path: String, $after: String, $order: FileOrder) { folder(id: $id) {
      files(path: $path, first: 1, after: $after, order: $order) { totalCount edges { cursor node { path kind size etag } } pageInfo { hasNextPage endCursor } }
      file(path: "d/a") { name kind }
      missing: file(path: "d/x") { name }
      textFile(path: "d/a") { content etag size }
      definitionFile { path etag warnings { message } }
      definition: file(path: "model-definition.yml") { etag }
    } }`;
    const { data } = await api.ask(query, { id, path: "d" });
    expect(data?.["folder"]).toMatchObject({
      files: { totalCount: 2, edges: [{ node: { path: "d/a", kind: "FILE", size: 1 } }], pageInfo: { hasNextPage: true } },
      file: { name: "a", kind: "FILE" },
      missing: null,
      textFile: { content: "a", size: 1 },
      definitionFile: { path: "model-definition.yml", warnings: [] },
    });
    expect(data?.["folder"].definitionFile.etag).toBe(data?.["folder"].definition.etag);
    expect(data?.["folder"].textFile.etag).toBe(data?.["folder"].files.edges[0].node.etag);
    const next = await api.ask(query, { id, path: "d", after: data?.["folder"].files.pageInfo.endCursor });
    expect(next.data?.["folder"].files).toMatchObject({ edges: [{ node: { path: "d/b" } }], pageInfo: { hasNextPage: false } });
    for (const wrong of [
      { path: "d/a" },
      { path: "nowhere" },
      { path: "../" },
      { after: "nonsense" },
      { order: "SIZE_ASC", path: "d", after: next.data?.["folder"].files.edges[0].cursor },
    ]) {
      const { errors } = await api.ask(query, { id, ...wrong });
      expect(errors?.[0]?.["extensions"].code, JSON.stringify(wrong)).toBe("BAD_USER_INPUT");
    }
  });

  test("are replaced by one of two writers who saw the same, also where they write through two API processes", async () => {
    await using api = await testApi();
    const id = await api.createFolder("models");
    // What two processes share is the disk and the database, and nothing else.
    const processes = [api.folders, openFolders({ directory: api.foldersDirectory, database: api.database })];
    for (let turn = 0; turn < 15; turn += 1) {
      const { etag } = (await api.folders.entry(id, "model-definition.yml")) ?? {};
      const writes = processes.map((folders, index) =>
        folders.writeFile(id, { path: "model-definition.yml", content: `${turn}.${index}`, ifMatch: etag ?? "" }),
      );
      expect((await Promise.all(writes)).filter(({ ok }) => ok)).toHaveLength(1);
    }
  });
});

test("what a crash left of purged folders, deletions and writes is swept; what is another's is not", async () => {
  await using api = await testApi();
  const [purged, living] = [await api.createFolder("purged"), await api.createFolder("living")];
  await api.database.sql`update folders set deleted_at = now(), purged_at = now() where id = ${purged}`;
  const at = (...parts: string[]) => join(api.foldersDirectory, ...parts);
  await mkdir(at(living, ".serai-upload-gone-1", "d"), { recursive: true });
  await writeFile(at(living, ".serai-upload-2"), "half");
  const unknown: FolderId = newId("folder");
  await mkdir(at(unknown));
  await mkdir(at("lost+found"));
  await sweepFolders(api, new Date());
  expect((await readdir(api.foldersDirectory)).toSorted()).toEqual([living, unknown, "lost+found"].toSorted());
  expect(await readdir(at(living)), "a write may be under way").toHaveLength(3);
  await sweepFolders(api, new Date(Date.now() + 2 * 86_400_000));
  expect(await readdir(at(living))).toEqual(["model-definition.yml"]);
});

test("what a session has put under Serai's hidden names is swept too, and keeps no other folder from it", async () => {
  await using api = await testApi();
  const ids = await Promise.all(["a", "b", "c"].map((name) => api.createFolder(name)));
  for (const id of ids) {
    const path = join(api.foldersDirectory, id);
    await mkdir(join(path, ".serai-upload-directory/d"), { recursive: true });
    await writeFile(join(path, ".serai-upload-directory/d/file"), "x");
    await writeFile(join(path, ".serai-upload-gone-file"), "x");
    await symlink("model-definition.yml", join(path, ".serai-upload-link"));
  }
  await sweepFolders(api, new Date(Date.now() + 2 * 86_400_000));
  for (const id of ids) expect(await readdir(join(api.foldersDirectory, id))).toEqual(["model-definition.yml"]);
});
