/** Archives are read by the programs that people have: tar, and Python for zip. */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, truncate, utimes, writeFile } from "node:fs/promises";
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
  test("holds everything in it as it is, follows nothing, and stores no link that leads out of it", async () => {
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
    await writeFile(join(at.path, "above"), "secret");
    await symlink("data.bin", join(at.path, "d/inside"));
    await symlink("../above", join(at.path, "d/above"));
    await symlink(join(at.api.foldersDirectory, "elsewhere"), join(at.path, "d/absolute"));
    await writeFile(join(at.api.foldersDirectory, "elsewhere"), "secret");
    await symlink(join(at.path, "d/data.bin"), join(at.path, "d/absolute-inside"));
    execFileSync("mkfifo", [join(at.path, "d/pipe")]);
    const { status, headers, body } = await at.ask("GET", `d?archive=${format}`);
    expect([status, headers["content-disposition"]]).toEqual([200, `attachment; filename="d.${format}"; filename*=UTF-8''d.${format}`]);

    const out = await mkdtemp(join(tmpdir(), "serai-archive-"));
    await using _cleaned = { [Symbol.asyncDispose]: () => rm(out, { recursive: true, force: true }) };
    await writeFile(join(out, "archive"), body);
    if (format === "tar") execFileSync("tar", ["-xf", "archive"], { cwd: out });
    else execFileSync("python3", ["-c", unzip], { cwd: out });
    expect((await readdir(join(out, "d"))).toSorted()).toEqual(["data.bin", "empty", "inside", "level-0", "run.sh", "ü b"].toSorted());
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
