import { execFileSync } from "node:child_process";
import { link, mkdir, open, readdir, readFile, rename, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { testFolder } from "../support/folder.ts";

const refusedAt = (path: string) => ({ ok: false, refusal: { kind: "validation", fields: [{ path }] } });
const conflict = (message: RegExp) => ({ ok: false, refusal: { kind: "conflict", message: expect.stringMatching(message) } });

describe("Moving", () => {
  test("renames files, directories and links themselves, into directories too, and to another case", async () => {
    await using folder = await testFolder();
    const move = (from: string, to: string, overwrite = false) => folder.folders.move(folder.id, { from, to, overwrite });
    await folder.write("a", "1");
    await mkdir(join(folder.path, "d/e"), { recursive: true });
    await symlink("a", join(folder.path, "link"));
    expect(await move("a", "d/b")).toMatchObject({ ok: true, value: { path: "d/b", name: "b", kind: "FILE", size: 1 } });
    expect(await move("d/b", "d/B")).toMatchObject({ ok: true });
    expect(await move("link", "d/link")).toMatchObject({ ok: true, value: { kind: "LINK" } });
    expect(await move("d", "f")).toMatchObject({ ok: true, value: { kind: "DIRECTORY" } });
    expect((await readdir(join(folder.path, "f"))).toSorted()).toEqual(["B", "e", "link"]);
    expect(await readdir(folder.path)).toEqual(["f"]);
    expect(await move("gone", "x")).toMatchObject({ ok: false, refusal: { kind: "notFound" } });
    expect(await move("f/B", "nowhere/B")).toMatchObject({ ok: false, refusal: { kind: "notFound" } });
  });

  test("overwrites nothing that was not to be overwritten, and only a file by a file", async () => {
    await using folder = await testFolder();
    const move = (from: string, to: string, overwrite = false) => folder.folders.move(folder.id, { from, to, overwrite });
    await folder.write("a", "a");
    await folder.write("b", "b");
    await mkdir(join(folder.path, "empty"));
    await mkdir(join(folder.path, "other"));
    expect(await move("a", "b")).toMatchObject(conflict(/^There is something at b already\.$/));
    expect(await move("other", "empty")).toMatchObject(conflict(/already/));
    expect(await move("other", "empty", true)).toMatchObject(conflict(/only a file can overwrite a file/));
    expect(await move("a", "empty", true)).toMatchObject(conflict(/only a file can overwrite a file/));
    expect(await move("a", "b", true)).toMatchObject({ ok: true });
    expect(await readFile(join(folder.path, "b"), "utf8")).toBe("a");
    expect((await readdir(folder.path)).toSorted()).toEqual(["b", "empty", "other"]);
  });

  test("puts no directory into itself, not by way of a link either", async () => {
    await using folder = await testFolder();
    const move = (from: string, to: string) => folder.folders.move(folder.id, { from, to, overwrite: false });
    await mkdir(join(folder.path, "d/e"), { recursive: true });
    await symlink("d/e", join(folder.path, "into"));
    expect(await move("d", "d/e/d")).toMatchObject(refusedAt("to"));
    expect(await move("d", "into/d")).toMatchObject(refusedAt("to"));
    expect(await readdir(join(folder.path, "d/e"))).toEqual([]);
  });

  test("of twenty to one name lets one win and loses none of the others", async () => {
    await using folder = await testFolder();
    for (let index = 0; index < 20; index += 1) await folder.write(`f${index}`, String(index));
    const moves = Array.from({ length: 20 }, (_, index) => folder.folders.move(folder.id, { from: `f${index}`, to: "one", overwrite: false }));
    expect((await Promise.all(moves)).filter(({ ok }) => ok)).toHaveLength(1);
    expect(await readdir(folder.path)).toHaveLength(20);
  });

  test("does not say that it has moved a file to another of its own names", async () => {
    await using folder = await testFolder();
    await folder.write("a");
    await link(join(folder.path, "a"), join(folder.path, "b"));
    for (const overwrite of [false, true]) {
      expect(await folder.folders.move(folder.id, { from: "a", to: "b", overwrite })).toMatchObject(conflict(/two names of the same file/));
    }
    expect(await folder.folders.move(folder.id, { from: "a", to: "a", overwrite: false })).toMatchObject({ ok: true });
    expect((await readdir(folder.path)).toSorted()).toEqual(["a", "b"]);
  });
});

describe("Deleting", () => {
  test("takes files, directories with all that is in them, links but not what they lead to, and pipes", async () => {
    await using folder = await testFolder();
    await mkdir(join(folder.outside, "secret"));
    await writeFile(join(folder.outside, "secret/file"), "secret");
    await mkdir(join(folder.path, "d/e/f"), { recursive: true });
    await writeFile(join(folder.path, "d/e/f/g"), "x");
    await writeFile(Buffer.concat([Buffer.from(`${folder.path}/d/odd`), Buffer.from([0xfe, 0x0a])]), "x");
    await symlink(join(folder.outside, "secret"), join(folder.path, "d/out"));
    await symlink(join(folder.outside, "secret"), join(folder.path, "out"));
    execFileSync("mkfifo", [join(folder.path, "pipe"), join(folder.path, "d/pipe")]);
    await folder.write("stays");
    expect(await folder.folders.deleteFiles(folder.id, ["d", "out", "pipe"])).toEqual({ ok: true, value: ["d", "out", "pipe"] });
    expect(await readdir(folder.path)).toEqual(["stays"]);
    expect(await readdir(join(folder.outside, "secret"))).toEqual(["file"]);
  });

  test("deletes nothing where one of the paths is missing or leads out", async () => {
    await using folder = await testFolder();
    await folder.write("a");
    for (const wrong of ["missing", "../folders", "a/b", "", "a/"]) {
      expect(await folder.folders.deleteFiles(folder.id, ["a", wrong]), wrong).toMatchObject({ ok: false });
    }
    expect(await folder.folders.deleteFiles(folder.id, [])).toMatchObject(refusedAt("paths"));
    expect(await readdir(folder.path)).toEqual(["a"]);
    await folder.write("d/x");
    expect(await folder.folders.deleteFiles(folder.id, ["d", "d/x", "a"])).toMatchObject({ ok: true });
    expect(await readdir(folder.path)).toEqual([]);
  });

  test("reaches the bottom of trees that are deeper than any path", async () => {
    await using folder = await testFolder();
    const dig =
      "import os, sys\nos.chdir(sys.argv[1])\nfor i in range(3000):\n  os.mkdir('deep-directory'); os.chdir('deep-directory')\nopen('bottom', 'w')";
    execFileSync("python3", ["-c", dig, folder.path]);
    expect(await folder.folders.deleteFiles(folder.id, ["deep-directory"])).toMatchObject({ ok: true });
    expect(await readdir(folder.path)).toEqual([]);
  });

  test("removes nothing outside, though directories are swapped for links meanwhile", async () => {
    await using folder = await testFolder();
    const secret = join(folder.outside, "secret");
    await mkdir(join(secret, "sub"), { recursive: true });
    await writeFile(join(secret, "file"), "secret");
    await writeFile(join(secret, "sub/file"), "secret");
    for (let turn = 0; turn < 60; turn += 1) {
      const directory = join(folder.path, `d${turn}`);
      await mkdir(join(directory, "sub"), { recursive: true });
      for (let file = 0; file < 20; file += 1) await writeFile(join(directory, "sub", `f${file}`), "x");
      // Where it will be while it is emptied, nobody knows; what is in it can be swapped through a handle all the same.
      const swapper = await open(directory, "r");
      const inside = `/proc/self/fd/${swapper.fd}`;
      const swap = async () => {
        for (let wait = 0; wait < turn % 7; wait += 1) await stat(folder.path);
        await rename(`${inside}/sub`, join(folder.path, `aside${turn}`));
        await symlink(secret, `${inside}/sub`);
      };
      await Promise.all([folder.folders.deleteFiles(folder.id, [`d${turn}`]), swap().catch(() => {})]);
      await swapper.close();
    }
    expect((await readdir(secret, { recursive: true })).toSorted()).toEqual(["file", "sub", "sub/file"]);
  });
});

describe("Making a directory", () => {
  test("makes those above it too, and says when there is something already", async () => {
    await using folder = await testFolder();
    const make = (path: string) => folder.folders.createDirectory(folder.id, path);
    expect(await make("a/b/c")).toMatchObject({ ok: true, value: { path: "a/b/c", kind: "DIRECTORY", size: null, etag: null } });
    expect(await make("a/b")).toMatchObject(conflict(/There is a directory a\/b already/));
    await folder.write("file");
    expect(await make("file")).toMatchObject(conflict(/There is a file file already/));
    expect(await make("file/x")).toMatchObject(refusedAt("path"));
    expect(await make("line\nbreak")).toMatchObject(refusedAt("path"));
  });
});

describe("A text", () => {
  test("is read with the ETag that its writer needs, and is none where it is binary, large, no file, or elsewhere", async () => {
    await using folder = await testFolder();
    const read = (path: string) => folder.folders.readText(folder.id, path);
    await folder.write("a", "\uFEFFGrüße");
    const text = await read("a");
    expect(text).toMatchObject({ path: "a", content: "\uFEFFGrüße", size: 10 });
    expect(await folder.write("a", "2", text?.etag ?? "")).toMatchObject({ ok: true });
    expect(await folder.write("a", "3", text?.etag ?? "")).toMatchObject(conflict(/has changed since it was read/));
    await writeFile(join(folder.path, "binary"), Buffer.from([0x61, 0xff]));
    await writeFile(join(folder.path, "nul"), "a\0b");
    await writeFile(join(folder.path, "large"), "x".repeat(1024 * 1024 + 1));
    execFileSync("mkfifo", [join(folder.path, "pipe")]);
    await writeFile(join(folder.outside, "elsewhere"), "text");
    await symlink(join(folder.outside, "elsewhere"), join(folder.path, "out"));
    await symlink("a", join(folder.path, "in"));
    for (const path of ["binary", "nul", "large", "pipe", "out", "missing", "", "..", "a/b"]) expect(await read(path), path).toBeNull();
    expect(await read("in")).toMatchObject({ content: "2" });
  });

  test("of two writers who have seen the same, one wins, through whatever link they come", async () => {
    await using folder = await testFolder();
    await mkdir(join(folder.path, "v1"));
    await symlink("v1", join(folder.path, "current"));
    await folder.write("v1/a", "0");
    for (let turn = 1; turn <= 20; turn += 1) {
      const etag = (await folder.folders.entry(folder.id, "v1/a"))?.etag ?? "";
      const writes = ["v1/a", "current/a", "v1/a"].map((path, index) => folder.write(path, `${turn}.${index}`, etag));
      expect((await Promise.all(writes)).filter(({ ok }) => ok)).toHaveLength(1);
    }
  });
});

test("how much a folder holds counts each file once, follows nothing, and leaves out what is not complete", async () => {
  await using folder = await testFolder();
  await folder.write("d/a", "x".repeat(1000));
  await link(join(folder.path, "d/a"), join(folder.path, "same"));
  await writeFile(join(folder.path, ".serai-upload-1"), "x".repeat(5000));
  await writeFile(join(folder.outside, "large"), "x".repeat(5000));
  await symlink(join(folder.outside, "large"), join(folder.path, "out"));
  await folder.write("b", "x".repeat(24));
  expect(await folder.folders.usedBytes(folder.id)).toBe(1024);
  await folder.write("b", "x".repeat(30));
  expect(await folder.folders.usedBytes(folder.id)).toBe(1030);
});
