/** What an upload may not do, and what its sender is told. */
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { newId } from "../../server/model/ids.ts";
import { testApi } from "../support/api.ts";
import { missing } from "../support/needs.ts";
import { answerOf, createUpload, headers, offsetOf, sendBytes, type Metadata } from "../support/uploads.ts";

async function world(foldersDirectory?: string) {
  const api = await testApi(foldersDirectory === undefined ? {} : { foldersDirectory });
  const folderId = await api.createFolder("models", null);
  return {
    ...api,
    folderId,
    folder: api.folders.pathOf(folderId),
    staged: join(api.foldersDirectory, ".uploads"),
    create: (size: number, path: string, more: Metadata = {}, sent: Readonly<Record<string, string>> = {}) =>
      createUpload(api.url, size, { folderId, path, ...more }, sent),
  };
}

describe("Nothing is uploaded to outside of its folder:", () => {
  test.each(["", "/etc/x", "..", "../x", "a/../../x", "./a", "a/", "a//b", "a\0b", "a\nb", "..\\x", "x".repeat(256), ".serai-upload-1"])(
    "not by the path %j",
    async (path) => {
      await using api = await world();
      expect(await api.create(1, path)).toMatchObject({
        status: 400,
        code: "BAD_REQUEST",
        message: expect.stringMatching(/^Upload-Metadata: path /),
      });
      expect(await readdir(api.folder)).toEqual([]);
      expect(await readdir(api.foldersDirectory)).toEqual([api.folderId]);
    },
  );

  test("not through a link that a session left, whether it was there from the start or came while bytes were sent", async () => {
    await using api = await world();
    const outside = join(api.foldersDirectory, "..", "secret");
    await mkdir(outside);
    await symlink(outside, join(api.folder, "out"));
    expect(await api.create(1, "out/x")).toMatchObject({ status: 400, message: expect.stringContaining("leads out") });
    expect(await api.create(1, "out")).toMatchObject({ status: 409 });
    expect(await api.create(1, "out", { overwrite: "true" })).toMatchObject({ status: 409 });
    const { location } = await api.create(1, "later/x");
    await symlink(outside, join(api.folder, "later"));
    expect(await sendBytes(`${api.url}${location}`, 0, "x")).toMatchObject({ status: 400 });
    expect(await readdir(outside)).toEqual([]);
    await rm(outside, { recursive: true });
  });
});

describe("Only the project of a folder", () => {
  test("begins, sees, continues or ends uploads into it: to others there are none", async () => {
    await using api = await world();
    const token = await api.createOtherUser();
    const authorization = `Bearer ${token}`;
    const { location } = await api.create(4, "a");
    const url = `${api.url}${location}`;
    await sendBytes(url, 0, "ab");
    expect(await api.create(4, "b", {}, { authorization })).toMatchObject({ status: 404, message: `There is no folder ${api.folderId}.` });
    expect(await offsetOf(url, token)).toBeNull();
    expect(await sendBytes(url, 2, "xx", { authorization })).toMatchObject({ status: 404, message: "There is no such upload." });
    expect((await fetch(url, { method: "DELETE", headers: headers({}, token) })).status).toBe(404);
    expect((await fetch(url, { method: "HEAD", headers: headers({}, "nobody-has-this-token") })).status).toBe(401);
    expect((await sendBytes(url, 2, "cd")).status).toBe(204);
    expect(await readFile(join(api.folder, "a"), "utf8")).toBe("abcd");
  });
});

describe("A request is refused in words", () => {
  test.each([
    ["no folder", { path: "a" }, 400, /folderId is missing/],
    ["a folder that is none", { folderId: "x", path: "a" }, 404, /There is no folder x/],
    ["a folder that is not there", { folderId: newId("folder"), path: "a" }, 404, /There is no folder fld_/],
    ["an odd overwrite", { overwrite: "yes" }, 400, /overwrite must be true or false/],
    ["an odd hash", { sha256: "abc" }, 400, /sha256 must be/],
    ["a NUL anywhere", { filename: "a\0" }, 400, /filename must not contain a NUL/],
  ] as const)("that names %s", async (_what, metadata, status, message) => {
    await using api = await world();
    const whole = "path" in metadata ? metadata : { folderId: api.folderId, path: "a", ...metadata };
    expect(await createUpload(api.url, 1, whole as Metadata)).toMatchObject({ status, message: expect.stringMatching(message) });
  });

  test("that does not know the length, is longer than it said, or has a wrong length, version, method or address", async () => {
    await using api = await world();
    const send = (path: string, method: string, more: Record<string, string> = {}, body?: string) =>
      answerOf(fetch(`${api.url}${path}`, { method, headers: headers(more), ...(body === undefined ? {} : { body }) }));
    expect(await send("/uploads", "POST", { "upload-defer-length": "1" })).toMatchObject({
      status: 400,
      message: expect.stringContaining("deferred"),
    });
    for (const length of ["-1", "1e3", "9007199254740993", "x"])
      expect((await send("/uploads", "POST", { "upload-length": length })).status).toBe(400);
    expect((await send("/uploads", "POST", { "tus-resumable": "0.2.1", "upload-length": "1" })).status).toBe(400);
    expect((await send("/uploads", "GET")).status).toBe(405);
    const { location } = await api.create(4, "a");
    expect((await send(location, "POST", { "x-http-method-override": "DELETE" })).status).toBe(405);
    expect((await send(`/uploads/${newId("upload")}`, "HEAD")).status).toBe(404);
    expect((await send("/uploads/..%2f..%2fetc", "HEAD")).status).toBe(404);
    const octets = { "upload-offset": "0", "content-type": "application/offset+octet-stream" };
    expect(await send(location, "PATCH", octets, "abcde")).toMatchObject({ status: 413, code: "BODY_TOO_LARGE" });
    const unmeasured = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode("abcde"));
        controller.close();
      },
    });
    expect(await sendBytes(`${api.url}${location}`, 0, unmeasured)).toMatchObject({
      status: 413,
      message: expect.stringContaining("nothing of this"),
    });
    expect(await offsetOf(`${api.url}${location}`)).toBe(0);
    expect(await send(location, "PATCH", { ...octets, "upload-offset": "2" }, "cd")).toMatchObject({ status: 409, code: "OFFSET_CONFLICT" });
  });

  test("and no answer invites other sites, or believes a forwarded host", async () => {
    await using api = await world();
    const created = await api.create(
      4,
      "a",
      {},
      { origin: "https://elsewhere.example", "x-forwarded-host": "elsewhere.example", "x-forwarded-proto": "https" },
    );
    expect(created.location).toMatch(/^\/uploads\/upl_[a-z2-7]{20}$/);
    const options = await answerOf(fetch(`${api.url}/uploads`, { method: "OPTIONS", headers: headers() }));
    const head = await answerOf(fetch(`${api.url}${created.location}`, { method: "HEAD", headers: headers() }));
    for (const answer of [created, options, head]) {
      expect([...answer.headers.keys()].filter((name) => name.startsWith("access-control-"))).toEqual([]);
    }
    expect(options.headers.get("tus-extension")).toBe("creation,creation-with-upload,expiration,checksum,termination");
    expect(options.headers.get("tus-checksum-algorithm")).toBe("sha1,sha256,md5");
    expect(Date.parse(created.headers.get("upload-expires") ?? "")).toBeGreaterThan(Date.now() + 23 * 3600_000);
  });
});

describe("What does not fit is refused before a byte is sent:", () => {
  test("more than the folder's quota, counting what other uploads were promised", async () => {
    await using api = await world();
    await api.database.sql`update folders set quota_bytes = 1000`;
    await writeFile(join(api.folder, "present"), Buffer.alloc(400));
    expect(await api.create(601, "a")).toMatchObject({ status: 413, code: "OVER_QUOTA" });
    const first = await api.create(400, "a");
    expect(first.status).toBe(201);
    expect(await api.create(201, "b")).toMatchObject({ status: 413, code: "OVER_QUOTA", message: expect.stringContaining("unfinished uploads") });
    expect((await api.create(500, "present", { overwrite: "true" })).status).toBe(201);
    expect(await api.create(1, "c")).toMatchObject({ status: 413 });
    expect((await fetch(`${api.url}${first.location}`, { method: "DELETE", headers: headers() })).status).toBe(204);
    expect((await api.create(1, "c")).status).toBe(201);
  });

  test("two that fit alone, but not together", async () => {
    await using api = await world();
    await api.database.sql`update folders set quota_bytes = 1000`;
    const made = await Promise.all(Array.from({ length: 5 }, (_, index) => api.create(600, `file-${index}`)));
    expect(made.filter(({ status }) => status === 201).length).toBeLessThanOrEqual(1);
    const [row] = await api.database.sql`select coalesce(sum(size), 0)::int as bytes from uploads`;
    expect(row?.["bytes"]).toBeLessThanOrEqual(1000);
  });

  test("more than the disk has room for", async () => {
    await using api = await world();
    expect(await api.create(2 ** 50, "a")).toMatchObject({ status: 507, code: "DISK_FULL", message: expect.stringContaining("disk") });
    expect(await readdir(api.staged)).toEqual([]);
  });
});

// It takes what Docker takes as well: root that may mount.
const cannotMount = missing(
  !mayMount(),
  "docker",
  "a disk that fills up while an upload comes",
  "run the tests as root that may mount, as Docker needs it",
);

test.skipIf(cannotMount)(
  "a disk that fills up meanwhile is said, is left as it was, and holds no half file; with room again it goes on",
  async () => {
    const directory = await mkdtemp(join(tmpdir(), "serai-full-"));
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", directory]);
    try {
      await using api = await world(directory);
      const { location } = await api.create(6_000_000, "a");
      await writeFile(join(directory, "filler"), Buffer.alloc(4_000_000));
      const bytes = Buffer.alloc(6_000_000, "x");
      const url = `${api.url}${location}`;
      expect(await sendBytes(url, 0, bytes)).toMatchObject({ status: 507, code: "DISK_FULL", message: expect.stringContaining("full") });
      expect(await readdir(api.folder)).toEqual([]);
      const [staged] = await readdir(api.staged);
      expect((await stat(join(api.staged, staged ?? ""))).size).toBe(0);
      await rm(join(directory, "filler"));
      expect((await sendBytes(url, 0, bytes)).status).toBe(204);
      expect((await readFile(join(api.folder, "a"))).equals(bytes)).toBe(true);
    } finally {
      execFileSync("umount", [directory]);
      await rm(directory, { recursive: true });
    }
  },
);

function mayMount(): boolean {
  try {
    execFileSync("unshare", ["--mount", "mount", "-t", "tmpfs", "tmpfs", tmpdir()], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
