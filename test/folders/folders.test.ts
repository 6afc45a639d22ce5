import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openFolders } from "../../server/folders/folders.ts";
import { newId } from "../../server/model/ids.ts";
import { enter, openRoot } from "../../server/folders/walk.ts";
import { openFiles } from "../support/files.ts";
import { testFolder } from "../support/folder.ts";

const refusedAt = (path: string) => ({ ok: false, refusal: { kind: "validation", fields: [{ path }] } });

describe("A file", () => {
  test("is written with the directories above it, and read back as it was", async () => {
    await using folder = await testFolder();
    const written = await folder.write("a/b/ü.txt", "Grüße\n");
    expect(written).toMatchObject({ ok: true, value: { path: "a/b/ü.txt", size: 8, etag: expect.stringMatching(/^[0-9a-z]+-8-[0-9a-z]+$/) } });
    expect(await readFile(join(folder.path, "a/b/ü.txt"), "utf8")).toBe("Grüße\n");
    expect(await readdir(join(folder.path, "a/b"))).toEqual(["ü.txt"]);
  });

  test("is overwritten only where it is what the writer has seen", async () => {
    await using folder = await testFolder();
    expect(await folder.write("a", "1", "0".repeat(64))).toMatchObject({ ok: false, refusal: { kind: "conflict" } });
    const first = await folder.write("a", "1");
    const etag = first.ok ? first.value.etag : "";
    expect(await folder.write("a", "2", etag)).toMatchObject({ ok: true });
    expect(await folder.write("a", "3", etag)).toMatchObject({
      ok: false,
      refusal: { kind: "conflict", message: "a has changed since it was read." },
    });
    expect(await readFile(join(folder.path, "a"), "utf8")).toBe("2");
  });

  test("keeps its permissions when it is overwritten", async () => {
    await using folder = await testFolder();
    await folder.write("run.sh", "1");
    await chmod(join(folder.path, "run.sh"), 0o755);
    await folder.write("run.sh", "2");
    expect((await stat(join(folder.path, "run.sh"))).mode & 0o777).toBe(0o755);
  });

  test("larger than 1 MiB is refused", async () => {
    await using folder = await testFolder();
    expect(await folder.write("a", "x".repeat(1024 * 1024 + 1))).toMatchObject(refusedAt("content"));
    expect(await folder.write("a", "x".repeat(1024 * 1024))).toMatchObject({ ok: true });
  });
});

describe("Nothing is written outside of a folder:", () => {
  test.each([
    "",
    "/",
    "/etc/x",
    "..",
    "../x",
    "a/..",
    "a/../../x",
    ".",
    "./a",
    "a/",
    "a//b",
    "a\0",
    "..\\..\\x",
    "\\x",
    "x".repeat(256),
    "ü".repeat(128),
    ".serai-upload-1",
  ])("not by the path %j", async (path) => {
    await using folder = await testFolder();
    expect(await folder.write(path)).toMatchObject(refusedAt("path"));
    expect(await readdir(folder.path)).toEqual([]);
    expect(await readdir(folder.outside)).toEqual(["folders"]);
  });

  test("not through links that a session left, whether they lead to something or to nothing", async () => {
    await using folder = await testFolder();
    await mkdir(join(folder.outside, "secret"));
    await symlink(join(folder.outside, "secret"), join(folder.path, "out"));
    await symlink("../..", join(folder.path, "up"));
    await symlink(join(folder.outside, "nowhere"), join(folder.path, "dangling"));
    await symlink("loop", join(folder.path, "loop"));
    for (const path of ["out/x", "up/x", "dangling/x", "loop/x", "out", "dangling", "loop"]) {
      expect(await folder.write(path), path).toMatchObject(refusedAt("path"));
    }
    expect(await readdir(join(folder.outside, "secret"))).toEqual([]);
    expect((await readdir(folder.outside)).toSorted()).toEqual(["folders", "secret"]);
  });

  test("not through a directory that is swapped for a link at the wrong moment", async () => {
    await using folder = await testFolder();
    const secret = join(folder.outside, "secret");
    const directory = join(folder.path, "d");
    await mkdir(secret);
    const written = new AbortController();
    const swapping = (async () => {
      for (let count = 0; !written.signal.aborted; count += 1) {
        await mkdir(directory, { recursive: true });
        // As long as a write takes to look twice, so that it sees now the one and then the other.
        for (let turn = 0; turn < count % 5; turn += 1) await stat(folder.path);
        await rename(directory, join(folder.path, `aside-${count}`));
        // A write may have made it anew meanwhile.
        await symlink(secret, directory).catch(() => {});
        for (let turn = 0; turn < count % 4; turn += 1) await stat(folder.path);
        await rename(directory, join(folder.path, `link-${count}`));
      }
    })();
    for (let count = 0; count < 400; count += 1) {
      await folder.write(`d/new-${count}/x`).catch((thrown: unknown) => expect(thrown).toMatchObject({ code: "FOLDER_UNAVAILABLE" }));
    }
    written.abort();
    await swapping;
    expect(await readdir(secret)).toEqual([]);
  });

  test("and the way to the deepest file holds no more than its directory open", async () => {
    await using folder = await testFolder();
    const path = Array.from({ length: 400 }, () => "d").join("/");
    await folder.write(`${path}/x`);
    await using opened = new AsyncDisposableStack();
    const entered = await enter(await openRoot(folder.path, opened), path.split("/"), opened);
    expect(entered.ok).toBe(true);
    expect((await openFiles()).filter((file) => file.startsWith(folder.path))).toEqual([folder.path, join(folder.path, path)]);
  });

  test("while links inside of it may be used", async () => {
    await using folder = await testFolder();
    await mkdir(join(folder.path, "v1"));
    await symlink("v1", join(folder.path, "current"));
    expect(await folder.write("current/x")).toMatchObject({ ok: true });
    expect(await readdir(join(folder.path, "v1"))).toEqual(["x"]);
  });

  test("and neither a directory nor a file in the way is replaced", async () => {
    await using folder = await testFolder();
    await folder.write("file");
    await mkdir(join(folder.path, "directory"));
    expect(await folder.write("file/x")).toMatchObject(refusedAt("path"));
    expect(await folder.write("directory")).toMatchObject(refusedAt("path"));
  });
});

describe("The definition of a folder", () => {
  test("is model-definition.yml, and without it model-definition.yaml", async () => {
    await using folder = await testFolder();
    const read = () => folder.folders.readDefinition(folder.id);
    expect(await read()).toMatchObject({ problem: { message: "the folder has no `model-definition.yml` or `model-definition.yaml`" } });
    await folder.write("model-definition.yaml", "a");
    expect(await read()).toMatchObject({ text: "a", name: "model-definition.yaml" });
    await folder.write("model-definition.yml", "b");
    expect(await read()).toMatchObject({ text: "b", name: "model-definition.yml", hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  test("is refused unread where it is too large, no plain file, not text, or a link that leads out", async () => {
    await using folder = await testFolder();
    const file = join(folder.path, "model-definition.yml");
    const problem = async () => ((await folder.folders.readDefinition(folder.id)) as { problem?: { message: string } }).problem?.message;
    await writeFile(file, "x".repeat(1024 * 1024 + 1));
    expect(await problem()).toMatch(/larger than 1 MiB/);
    await writeFile(file, Buffer.from([0xff, 0xfe, 0x00]));
    expect(await problem()).toMatch(/not text in UTF-8/);
    await rm(file);
    await mkdir(file);
    expect(await problem()).toMatch(/not a plain file/);
    await rm(file, { recursive: true });
    execFileSync("mkfifo", [file]);
    expect(await problem()).toMatch(/not a plain file/);
    await rm(file);
    await writeFile(join(folder.outside, "elsewhere"), "a: 1");
    await symlink(join(folder.outside, "elsewhere"), file);
    expect(await problem()).toMatch(/leads out of the folder/);
  });

  test("is not even opened where it is a pipe or a device: whoever waits at its other end goes on waiting", async () => {
    await using folder = await testFolder();
    const pipe = join(folder.path, "model-definition.yml");
    execFileSync("mkfifo", [pipe]);
    const waiting = spawn("sh", ["-c", 'exec 3> "$1"; echo opened', "sh", pipe]);
    let said = "";
    waiting.stdout.on("data", (bytes: Buffer) => (said += bytes.toString()));
    const ended = once(waiting, "close");
    await expect.poll(() => readFile(`/proc/${waiting.pid}/wchan`, "utf8")).toBe("wait_for_partner");
    for (let turn = 0; turn < 20; turn += 1) await folder.folders.readDefinition(folder.id);
    waiting.kill("SIGKILL");
    await ended;
    expect(said).toBe("");
  });
});

test("a folder whose directory is gone is an outage for its readers, not a user's mistake; writing makes it again", async () => {
  await using folder = await testFolder();
  await folder.folders.remove(folder.id);
  await folder.folders.remove(folder.id);
  await expect(folder.folders.readDefinition(folder.id)).rejects.toMatchObject({ code: "FOLDER_UNAVAILABLE", retry: true });
  expect(await folder.write("a/b")).toMatchObject({ ok: true });
  expect(await readdir(folder.path)).toEqual(["a"]);
  await folder.folders.remove(folder.id);
  expect(await folder.folders.createDirectory(folder.id, "d")).toMatchObject({ ok: true });
  await rm(folder.outside, { recursive: true });
  await writeFile(folder.outside, "a file system that is not there");
  await expect(folder.write("a/b")).rejects.toMatchObject({ code: "FOLDER_UNAVAILABLE" });
});

test("where the shared file system is not mounted, nothing is written to the empty directory in its place", async () => {
  await using folder = await testFolder();
  const { directory } = folder.folders;
  await writeFile(join(directory, ".mark"), "");
  const shared = openFolders({ directory, mark: ".mark" });
  const write = () => shared.writeFile(folder.id, { path: "a", content: "x", ifMatch: null });
  expect(await write()).toMatchObject({ ok: true });
  await rename(directory, `${directory}-unmounted`);
  await mkdir(directory);
  await expect(write()).rejects.toMatchObject({ code: "FOLDER_UNAVAILABLE", retry: true });
  await expect(shared.create(newId("folder"))).rejects.toMatchObject({ code: "FOLDER_UNAVAILABLE" });
  expect(await readdir(directory)).toEqual([]);
  await rm(directory, { recursive: true });
  await rename(`${directory}-unmounted`, directory);
  expect(await write()).toMatchObject({ ok: true });
});
