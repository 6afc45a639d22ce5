/** Archives are read by the programs that people have: tar, and Python for zip. */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, truncate, utimes, writeFile } from "node:fs/promises";
import { request as send } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ArchiveEntry } from "../../server/folders/archive.ts";
import { tarOf } from "../../server/folders/tar.ts";
import { zipOf } from "../../server/folders/zip.ts";
import { adminToken } from "../support/api.ts";
import { openFiles, place } from "../support/files.ts";

describe.each(["tar", "zip"])("A directory as a %s", (format) => {
  test("holds everything in it as it is, stores no link that leads out of it, and names what it leaves out", async () => {
    await using at = await place();
    const data = randomBytes(300_000);
    const deep = Array.from({ length: 60 }, (_, level) => `level-${level}`).join("/");
    await mkdir(join(at.path, "d", deep), { recursive: true });
    await writeFile(join(at.path, "d", deep, "bottom"), "deep");
    await writeFile(join(at.path, "d/data.bin"), data);
    await writeFile(join(at.path, "d/empty"), "");
    await writeFile(join(at.path, "d/ü b"), "name");
    await writeFile(join(at.path, "d/run.sh"), "#!/bin/sh");
    await chmod(join(at.path, "d/run.sh"), 0o755);
    await utimes(join(at.path, "d/run.sh"), 1_600_000_000, 1_600_000_000);
    await writeFile(join(at.path, "above"), "above it");
    await symlink("data.bin", join(at.path, "d/inside"));
    await symlink("../above", join(at.path, "d/above"));
    await symlink(join(at.api.foldersDirectory, "elsewhere"), join(at.path, "d/absolute"));
    await writeFile(join(at.api.foldersDirectory, "elsewhere"), "secret");
    await symlink(join(at.path, "d/data.bin"), join(at.path, "d/absolute-inside"));
    await symlink("../d/data.bin", join(at.path, "d/and-back"));
    await symlink("../../d", join(at.path, "d/level-0/cycle"));
    await symlink("../blobs", join(at.path, "d/blobs"));
    await symlink("nowhere", join(at.path, "d/dangling\nforged"));
    await mkdir(join(at.path, "blobs"));
    execFileSync("mkfifo", [join(at.path, "d/pipe")]);
    const { status, headers, body } = await at.ask("GET", `d?archive=${format}`);
    expect([status, headers["content-disposition"]]).toEqual([200, `attachment; filename="d.${format}"; filename*=UTF-8''d.${format}`]);

    const out = await mkdtemp(join(tmpdir(), "serai-archive-"));
    await using _cleaned = { [Symbol.asyncDispose]: () => rm(out, { recursive: true, force: true }) };
    await writeFile(join(out, "archive"), body);
    if (format === "tar") execFileSync("tar", ["-xf", "archive"], { cwd: out });
    else execFileSync("python3", ["-c", unzip], { cwd: out });
    expect((await readdir(join(out, "d"))).toSorted()).toEqual(
      ["LEFT-OUT.txt", "above", "absolute-inside", "and-back", "data.bin", "empty", "inside", "level-0", "run.sh", "ü b"].toSorted(),
    );
    expect((await readFile(join(out, "d/LEFT-OUT.txt"), "utf8")).split("\n")).toEqual([
      "Not in this archive:",
      "d/absolute: a link that leads to nothing, or out of the folder",
      "d/blobs: a link to a directory elsewhere in the folder",
      "d/dangling\uFFFDforged: a link that leads to nothing, or out of the folder",
      "d/level-0/cycle: a link to a directory elsewhere in the folder",
      "d/pipe: a device, a socket or a named pipe",
      "",
    ]);
    // What a link leads to elsewhere in the folder is there as a file of its own.
    expect(await readFile(join(out, "d/above"), "utf8")).toBe("above it");
    for (const name of ["and-back", "absolute-inside"]) expect((await readFile(join(out, "d", name))).equals(data), name).toBe(true);
    for (const name of ["above", "and-back", "absolute-inside"]) expect((await lstat(join(out, "d", name))).isFile(), name).toBe(true);
    expect((await readFile(join(out, "d/data.bin"))).equals(data)).toBe(true);
    expect(await readFile(join(out, "d", deep, "bottom"), "utf8")).toBe("deep");
    expect(await readFile(join(out, "d/empty"), "utf8")).toBe("");
    expect(await readlink(join(out, "d/inside"))).toBe("data.bin");
    const run = await stat(join(out, "d/run.sh"));
    expect(run.mode & 0o777).toBe(0o755);
    if (format === "tar") expect(run.mtimeMs).toBe(1_600_000_000_000);
  });

  test("of the whole folder is named like it; one that is left, or whose file shrinks, ends at once and leaves nothing open", async () => {
    await using at = await place();
    const large = join(at.path, "large");
    await writeFile(large, "");
    await truncate(large, 3 * 1024 ** 3);
    const { hostname, port } = new URL(at.api.url);
    const begin = async () => {
      const request = send({ host: hostname, port, path: `/files/${at.id}/?archive=${format}`, headers: { authorization: `Bearer ${adminToken}` } });
      request.on("error", () => {}).end();
      const [response] = await once(request, "response");
      response.on("error", () => {});
      await once(response, "data");
      return { request, response };
    };
    const left = await begin();
    expect(left.response.headers["content-disposition"]).toContain(`models.${format}`);
    await expect.poll(openFiles).toContain(large);
    left.request.destroy();
    await expect.poll(openFiles).not.toContain(large);

    const shrinking = await begin();
    shrinking.response.pause();
    await expect.poll(openFiles).toContain(large);
    await truncate(large, 0);
    const closed = new Promise((resolve) => shrinking.response.once("close", resolve));
    shrinking.response.resume();
    await closed;
    expect(shrinking.response.complete).toBe(false);
  });

  test("of a snapshot in a Hugging Face cache holds the model's files, and no word of anything left out", async () => {
    await using at = await place();
    for (const directory of ["hub/blobs", "hub/snapshots/1a/original"]) await mkdir(join(at.path, directory), { recursive: true });
    const weights = randomBytes(100_000);
    await writeFile(join(at.path, "hub/blobs/abc"), weights);
    await symlink("../../blobs/abc", join(at.path, "hub/snapshots/1a/model.safetensors"));
    await symlink("../model.safetensors", join(at.path, "hub/snapshots/1a/original/model.safetensors"));
    await writeFile(join(at.path, "hub/snapshots/1a/LEFT-OUT.txt"), "of the model's own");
    const unpacked = async (path: string) => {
      const { body } = await at.ask("GET", `${path}?archive=${format}`);
      const out = await mkdtemp(join(tmpdir(), "serai-archive-"));
      await writeFile(join(out, "archive"), body);
      if (format === "tar") execFileSync("tar", ["-xf", "archive"], { cwd: out });
      else execFileSync("python3", ["-c", unzip], { cwd: out });
      return { out, [Symbol.asyncDispose]: () => rm(out, { recursive: true, force: true }) };
    };
    await using snapshot = await unpacked("hub/snapshots/1a");
    expect((await readdir(join(snapshot.out, "1a"))).toSorted()).toEqual(["LEFT-OUT.txt", "model.safetensors", "original"]);
    expect((await readFile(join(snapshot.out, "1a/model.safetensors"))).equals(weights)).toBe(true);
    expect((await readFile(join(snapshot.out, "1a/original/model.safetensors"))).equals(weights)).toBe(true);
    expect(await readFile(join(snapshot.out, "1a/LEFT-OUT.txt"), "utf8")).toBe("of the model's own");
    await using hub = await unpacked("hub");
    expect(await readlink(join(hub.out, "hub/snapshots/1a/model.safetensors"))).toBe("../../blobs/abc");

    // Its own name stays what it was, also where there is something to be said.
    await symlink("gone", join(at.path, "hub/snapshots/1a/gone"));
    await using lacking = await unpacked("hub/snapshots/1a");
    expect(await readFile(join(lacking.out, "1a/LEFT-OUT.txt"), "utf8")).toBe("of the model's own");
    expect(await readFile(join(lacking.out, "1a/LEFT-OUT-2.txt"), "utf8")).toContain("1a/gone: a link that leads to nothing");
  });

  test("is whole whatever names and times a session has left in it", async () => {
    await using at = await place();
    const long = "ü".repeat(120);
    await mkdir(join(at.path, "d", long), { recursive: true });
    const names = ["a\\..\\b", "c:d", "line\nbreak", `${long}/${long}`, "1", "2", "3", "x".repeat(99)];
    for (const name of names) await writeFile(join(at.path, "d", name), name);
    for (const [name, seconds] of [
      ["1", -2_000_000_000],
      ["2", 0],
      ["3", 14_000_000_000],
    ] as const) {
      await utimes(join(at.path, "d", name), seconds, seconds);
    }
    const { body } = await at.ask("GET", `d?archive=${format}`);
    const out = await mkdtemp(join(tmpdir(), "serai-archive-"));
    await using _cleaned = { [Symbol.asyncDispose]: () => rm(out, { recursive: true, force: true }) };
    await writeFile(join(out, "archive"), body);
    if (format === "tar") execFileSync("tar", ["-xf", "archive"], { cwd: out });
    else execFileSync("python3", ["-c", unzip], { cwd: out });
    const readBack = names.map((name) => (format === "zip" ? name.replaceAll("\\", "_") : name));
    for (const [index, name] of readBack.entries()) expect(await readFile(join(out, "d", name), "utf8"), name).toBe(names[index]);
  });

  test("looks at no more of a huge tree than its reader takes", async () => {
    let asked = 0;
    const entries = (async function* (): AsyncGenerator<ArchiveEntry> {
      for (;;) yield { kind: "directory", path: `d/${(asked += 1)}`, mode: 0o755, mtime: new Date(0) };
    })();
    const pieces = format === "tar" ? tarOf(entries) : zipOf(entries);
    for (let taken = 0; taken < 100; taken += 1) await pieces.next();
    await pieces.return(undefined);
    expect(asked).toBeLessThanOrEqual(100);
  });
});

/** Python's own extractor knows neither links nor modes, and so does as unzip would. */
const unzip = `
import os, stat, zipfile
with zipfile.ZipFile("archive") as archive:
    assert archive.testzip() is None
    for info in archive.infolist():
        mode = info.external_attr >> 16
        if stat.S_ISLNK(mode):
            os.symlink(archive.read(info).decode(), info.filename)
        else:
            os.chmod(archive.extract(info), stat.S_IMODE(mode)) if not info.is_dir() else archive.extract(info)
`;
