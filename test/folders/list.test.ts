import { execFileSync } from "node:child_process";
import { mkdir, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ListKey } from "../../server/folders/list.ts";
import { namesOf, testFolder } from "../support/folder.ts";

/** So long ago that nothing of the same tick of the clock can have been missed. */
const settle = (directory: string) => utimes(directory, 1_700_000_000, 1_700_000_000);

describe("A directory's list", () => {
  test("has directories first, in each order, and says of each entry what it is", async () => {
    await using folder = await testFolder();
    for (const [name, size, time] of [
      ["b", 1, 300],
      ["a", 3, 100],
      ["c", 2, 200],
    ] as const) {
      await writeFile(join(folder.path, name), "x".repeat(size));
      await utimes(join(folder.path, name), time, time);
    }
    await mkdir(join(folder.path, "z"));
    await mkdir(join(folder.path, "y"));
    const listed = async (order: Parameters<typeof folder.page>[0]) => namesOf(await folder.page(order)).join("");
    expect(await listed({ order: "NAME_ASC" })).toBe("yzabc");
    expect(await listed({ order: "NAME_DESC" })).toBe("zycba");
    expect(await listed({ order: "SIZE_ASC" })).toBe("yzbca");
    expect(await listed({ order: "SIZE_DESC" })).toBe("zyacb");
    expect((await listed({ order: "MODIFIED_ASC" })).slice(2)).toBe("acb");
    expect((await listed({ order: "MODIFIED_DESC" })).slice(2)).toBe("bca");
    expect(await folder.page({ nameContains: "B" })).toMatchObject({ files: [{ name: "b", kind: "FILE", size: 1, warning: null }], totalCount: 1 });
  });

  test("warns of look-alikes of the definition, of links that lead nowhere good, and hides what is not complete", async () => {
    await using folder = await testFolder();
    for (const name of ["Model-Definition.yml", "plain", ".serai-upload-1"]) await writeFile(join(folder.path, name), "x");
    await symlink("plain", join(folder.path, "inside"));
    await writeFile(join(folder.outside, "elsewhere"), "x");
    await symlink(join(folder.outside, "elsewhere"), join(folder.path, "out"));
    execFileSync("mkfifo", [join(folder.path, "pipe")]);
    const { files, totalCount } = await folder.page();
    expect(totalCount).toBe(5);
    expect(files.map(({ name, kind, size, warning }) => [name, kind, size, warning])).toEqual([
      ["Model-Definition.yml", "FILE", 1, "This is not read as the model definition: its name must be model-definition.yml."],
      ["inside", "LINK", 1, null],
      ["out", "LINK", null, "This link leads to nothing, or out of the folder: it is not followed."],
      ["pipe", "OTHER", null, null],
      ["plain", "FILE", 1, null],
    ]);
  });

  test("shows of a link inside of the folder what it leads to, and in order of size puts it there", async () => {
    await using folder = await testFolder();
    for (const directory of ["blobs", "snapshots/x"]) await mkdir(join(folder.path, directory), { recursive: true });
    await writeFile(join(folder.path, "blobs/abc"), "weights");
    await utimes(join(folder.path, "blobs/abc"), 1_600_000_000, 1_600_000_000);
    await writeFile(join(folder.path, "snapshots/x/a-smaller"), "few");
    await writeFile(join(folder.path, "snapshots/x/z-larger"), "many more");
    await writeFile(join(folder.outside, "secret"), "secret");
    for (const [name, target] of [
      ["model", "../../blobs/abc"],
      ["directory", "../../blobs"],
      ["absolute", join(folder.path, "blobs/abc")],
      ["nothing", "gone"],
      ["itself", "itself"],
      ["outside", join(folder.outside, "secret")],
      ["through", "directory/abc"],
    ] as const) {
      await symlink(target, join(folder.path, "snapshots/x", name));
    }
    execFileSync("mkfifo", [join(folder.path, "pipe")]);
    await symlink("../../pipe", join(folder.path, "snapshots/x/to-pipe"));
    const { files } = await folder.page({ path: "snapshots/x", order: "SIZE_DESC" });
    const etag = (await folder.folders.entry(folder.id, "blobs/abc"))?.etag;
    const target = { linksTo: "FILE", size: 7, etag, warning: null, modifiedAt: new Date(1_600_000_000_000) };
    const of = (name: string) => files.find((file) => file.name === name);
    for (const name of ["model", "absolute", "through"]) expect(of(name), name).toMatchObject({ kind: "LINK", ...target });
    expect(of("directory")).toMatchObject({ kind: "LINK", linksTo: "DIRECTORY", size: null, etag: null, warning: null });
    for (const name of ["nothing", "itself", "outside"]) {
      expect(of(name), name).toMatchObject({ linksTo: null, size: null, etag: null, warning: expect.stringContaining("leads to nothing, or out") });
    }
    expect(of("to-pipe")).toMatchObject({ linksTo: null, size: null, etag: null });
    expect(of("z-larger")).toMatchObject({ kind: "FILE", linksTo: null });
    expect(files.slice(0, 5).map(({ name }) => name)).toEqual(["z-larger", "through", "model", "absolute", "a-smaller"]);
    expect(await folder.folders.entry(folder.id, "snapshots/x/model")).toMatchObject(target);
  });

  test.each(["NAME_ASC", "NAME_DESC", "SIZE_DESC", "MODIFIED_ASC"] as const)(
    "in order %s shows each file that stays exactly once, however many come and go between its pages",
    async (order) => {
      await using folder = await testFolder();
      const staying = Array.from({ length: 60 }, (_, index) => `stays-${String(index).padStart(2, "0")}`);
      for (const [index, name] of staying.entries()) await writeFile(join(folder.path, name), "x".repeat(index % 7));
      await mkdir(join(folder.path, "stays-directory"));
      const seen: string[] = [];
      let after: ListKey | null = null;
      for (let turn = 0; ; turn += 1) {
        const page = await folder.page({ order, first: 7, after });
        seen.push(...namesOf(page));
        const last = page.files.at(-1);
        if (last === undefined) break;
        after = last.key;
        // Not for ever: in order of time, the newest would always be still to come.
        if (turn < 20) await writeFile(join(folder.path, `comes-${turn}`), "xx");
        if (turn > 2) await rm(join(folder.path, `comes-${turn - 2}`), { force: true });
      }
      expect(seen.filter((name) => name.startsWith("stays")).toSorted()).toEqual([...staying, "stays-directory"].toSorted());
    },
  );

  test("is paged from its end as well", async () => {
    await using folder = await testFolder();
    for (const name of ["a", "b", "c", "d"]) await writeFile(join(folder.path, name), "x");
    const end = await folder.page({ last: 2 });
    expect(namesOf(end)).toEqual(["c", "d"]);
    expect(namesOf(await folder.page({ last: 2, before: end.files[0]?.key ?? null }))).toEqual(["a", "b"]);
  });

  test("of 100,000 files is read once for all its pages, and again when a name in it has changed", async () => {
    await using folder = await testFolder();
    execFileSync("python3", ["-c", "import sys\nfor i in range(100000): open(f'{sys.argv[1]}/file-{i:06}', 'w').close()", folder.path]);
    await settle(folder.path);
    const seen: string[] = [];
    let after: ListKey | null = null;
    // Like a reader who leafs through: a few pages here and there, over the whole of it.
    for (let page = 0; page < 50; page += 1) {
      const { files, totalCount } = await folder.page({ first: 100, after });
      expect(totalCount).toBe(100_000);
      seen.push(...files.map(({ name }) => name));
      after = { isDirectory: false, value: 0, name: `file-${String((page + 1) * 2000).padStart(6, "0")}` };
    }
    expect(seen).toHaveLength(5000);
    expect(seen[100]).toBe("file-002001");
    expect(folder.folders.snapshots.reads).toBe(1);

    const searched = await folder.page({ nameContains: "99999", first: 10 });
    expect([namesOf(searched), searched.totalCount, folder.folders.snapshots.reads]).toEqual([["file-099999"], 1, 1]);
    await Promise.all(Array.from({ length: 20 }, () => folder.page({ first: 10 })));
    expect(folder.folders.snapshots.reads).toBe(1);

    await rename(join(folder.path, "file-000000"), join(folder.path, "new"));
    expect(namesOf(await folder.page({ last: 1 }))).toEqual(["new"]);
    expect(folder.folders.snapshots.reads).toBe(2);
  });

  test("is read once by twenty who ask at the same time", async () => {
    await using folder = await testFolder();
    await writeFile(join(folder.path, "a"), "x");
    await settle(folder.path);
    await Promise.all(Array.from({ length: 20 }, () => folder.page()));
    expect(folder.folders.snapshots.reads).toBe(1);
  });

  test("shows at once what was written a moment before, also within one tick of the clock", async () => {
    await using folder = await testFolder();
    for (let turn = 0; turn < 100; turn += 1) {
      await writeFile(join(folder.path, `f${turn}`), "x");
      expect((await folder.page({ first: 1 })).totalCount).toBe(turn + 1);
    }
  });
});
