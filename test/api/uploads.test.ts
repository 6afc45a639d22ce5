/** Uploads as clients of the tus protocol meet them: over a real API, into real folders. */
import { createHash, randomBytes } from "node:crypto";
import { link, mkdir, readdir, readFile, readlink, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { newId } from "../../server/model/ids.ts";
import { testApi, type TestApi } from "../support/api.ts";
import { createUpload, headers, offsetOf, openPatch, sendBytes, tus, type Metadata } from "../support/uploads.ts";

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

async function world() {
  const api = await testApi();
  const folderId = await api.createFolder("models", null);
  return {
    ...api,
    folderId,
    folder: api.folders.pathOf(folderId),
    staged: join(api.foldersDirectory, ".uploads"),
    create: (size: number, path = "a", more: Metadata = {}) => createUpload(api.url, size, { folderId, path, ...more }),
  };
}
type World = Awaited<ReturnType<typeof world>>;

async function begin({ url, create }: World, size: number, path = "a", more: Metadata = {}): Promise<string> {
  const { status, location, message } = await create(size, path, more);
  expect([status, message]).toEqual([201, ""]);
  return `${url}${location}`;
}
const idOf = (url: string): string => url.split("/").at(-1) ?? "";
const beside = (api: TestApi): Promise<TestApi> => testApi({ databaseUrl: api.database.url, foldersDirectory: api.foldersDirectory });

describe("A file that is uploaded", () => {
  test("by a tus client appears in its folder whole, and not before", async () => {
    await using api = await world();
    const bytes = randomBytes(3_000_000);
    const upload = tus(api.url, bytes, { folderId: api.folderId, path: "weights/model.bin", sha256: sha256(bytes) }, { chunkSize: 1_000_000 });
    const shown: Promise<string[]>[] = [];
    upload.onProgress = (sent) => void (sent < bytes.length && shown.push(readdir(api.folder)));
    await upload.done();
    expect(shown.length).toBeGreaterThan(0);
    // The last bytes may have come while the directory was being read.
    expect((await Promise.all(shown)).slice(0, -1).flat()).toEqual([]);
    const file = join(api.folder, "weights/model.bin");
    expect(sha256(await readFile(file))).toBe(sha256(bytes));
    expect((await stat(file)).mode & 0o777).toBe(0o644);
    expect(await readdir(api.staged)).toEqual([]);
  });

  test("may be empty, or come with its creation", async () => {
    await using api = await world();
    await begin(api, 0, "empty");
    expect((await stat(join(api.folder, "empty"))).size).toBe(0);
    const metadata = ["folderId", api.folderId, "path", "at-once"].map((word, index) =>
      index % 2 === 0 ? word : Buffer.from(word).toString("base64"),
    );
    const created = await fetch(`${api.url}/uploads`, {
      method: "POST",
      headers: headers({
        "upload-length": "4",
        "upload-metadata": `${metadata[0]} ${metadata[1]},${metadata[2]} ${metadata[3]}`,
        "content-type": "application/offset+octet-stream",
      }),
      body: "abcd",
    });
    expect([created.status, created.headers.get("upload-offset")]).toEqual([201, "4"]);
    expect(await readFile(join(api.folder, "at-once"), "utf8")).toBe("abcd");
  });

  test("goes on where its connection broke off", async () => {
    await using api = await world();
    const bytes = randomBytes(2_000_000);
    const url = await begin(api, bytes.length);
    const patch = openPatch(url, 0, bytes.length);
    await patch.send(bytes.subarray(0, 1_200_000));
    await expect.poll(async () => (await stat(join(api.staged, idOf(url)))).size).toBeGreaterThan(0);
    patch.reset();
    await expect.poll(() => offsetOf(url)).toBeGreaterThan(0);
    const offset = (await offsetOf(url)) ?? 0;
    expect(offset).toBeLessThanOrEqual(1_200_000);
    expect(await readdir(api.folder)).toEqual([]);
    expect((await sendBytes(url, offset, bytes.subarray(offset))).status).toBe(204);
    expect(sha256(await readFile(join(api.folder, "a")))).toBe(sha256(bytes));
  });

  test("is known to be done by whoever lost the last answer, also where a crash came before that was written down", async () => {
    await using api = await world();
    const url = await begin(api, 4);
    expect((await sendBytes(url, 0, "abcd")).status).toBe(204);
    expect((await sendBytes(url, 0, "abcd")).status).toBe(409);
    expect((await sendBytes(url, 4, "")).status).toBe(204);
    await api.database.sql`update uploads set finished_at = null`;
    expect(await offsetOf(url)).toBe(4);
    const [row] = await api.database.sql`select finished_at from uploads`;
    expect(row?.["finished_at"]).not.toBeNull();
  });

  test("is finished by whoever asks next, where a crash came between its last byte and its name, or amidst its naming", async () => {
    await using api = await world();
    const url = await begin(api, 4);
    const staged = join(api.staged, idOf(url));
    await writeFile(staged, "abcd");
    expect(await offsetOf(url)).toBe(4);
    expect(await readFile(join(api.folder, "a"), "utf8")).toBe("abcd");
    const second = await begin(api, 4, "b");
    const linked = join(api.staged, idOf(second));
    await writeFile(linked, "efgh");
    await link(linked, join(api.folder, "b"));
    expect(await offsetOf(second)).toBe(4);
    expect(await readFile(join(api.folder, "b"), "utf8")).toBe("efgh");
    expect(await readdir(api.staged)).toEqual([]);
  });

  test("is not accepted where its bytes are not those that its checksum promised", async () => {
    await using api = await world();
    const url = await begin(api, 4, "a", { sha256: sha256(Buffer.from("abcd")) });
    const refused = await sendBytes(url, 0, "abce");
    expect(refused).toMatchObject({ status: 460, code: "CHECKSUM_MISMATCH", message: expect.stringContaining("SHA-256") });
    expect(await offsetOf(url)).toBeNull();
    expect([await readdir(api.folder), await readdir(api.staged)]).toEqual([[], []]);
  });

  test("replaces another only where that was asked for, and keeps its permissions", async () => {
    await using api = await world();
    await writeFile(join(api.folder, "a"), "before", { mode: 0o755 });
    await mkdir(join(api.folder, "directory"));
    expect(await api.create(4)).toMatchObject({ status: 409, message: "There is a file a already: to replace it, say overwrite." });
    expect(await api.create(4, "directory", { overwrite: "true" })).toMatchObject({ status: 409 });
    const url = await begin(api, 4, "a", { overwrite: "true" });
    expect((await sendBytes(url, 0, "abcd")).status).toBe(204);
    expect(await readFile(join(api.folder, "a"), "utf8")).toBe("abcd");
    expect((await stat(join(api.folder, "a"))).mode & 0o777).toBe(0o755);
  });

  test("whose place is taken meanwhile waits until it is free", async () => {
    await using api = await world();
    const url = await begin(api, 4);
    await writeFile(join(api.folder, "a"), "another's");
    expect(await sendBytes(url, 0, "abcd")).toMatchObject({ status: 409, code: "CONFLICT" });
    expect(await readFile(join(api.folder, "a"), "utf8")).toBe("another's");
    await rm(join(api.folder, "a"));
    expect(await offsetOf(url)).toBe(4);
    expect(await readFile(join(api.folder, "a"), "utf8")).toBe("abcd");
  });

  test("can be given up", async () => {
    await using api = await world();
    const url = await begin(api, 4);
    await sendBytes(url, 0, "ab");
    expect((await fetch(url, { method: "DELETE", headers: headers() })).status).toBe(204);
    expect(await offsetOf(url)).toBeNull();
    expect(await readdir(api.staged)).toEqual([]);
  });
});

describe("The checksum of one request", () => {
  const sha1 = (text: string): string => `sha1 ${createHash("sha1").update(text).digest("base64")}`;

  test("lets its bytes count only where it is theirs", async () => {
    await using api = await world();
    const url = await begin(api, 6);
    expect((await sendBytes(url, 0, "ab", { "upload-checksum": sha1("ab") })).status).toBe(204);
    expect(await sendBytes(url, 2, "xx", { "upload-checksum": sha1("cd") })).toMatchObject({ status: 460, code: "CHECKSUM_MISMATCH" });
    expect(await offsetOf(url)).toBe(2);
    expect((await sendBytes(url, 2, "cdef", { "upload-checksum": sha1("cdef") })).status).toBe(204);
    expect(await readFile(join(api.folder, "a"), "utf8")).toBe("abcdef");
  });

  test("keeps out what was cut off before it could be checked, and what a crash left of it", async () => {
    await using api = await world();
    const url = await begin(api, 1_000_000);
    await sendBytes(url, 0, "ab");
    const patch = openPatch(url, 2, 999_998, { "upload-checksum": sha1("anything") });
    await patch.send(Buffer.alloc(700_000));
    const staged = join(api.staged, idOf(url));
    await expect.poll(async () => (await stat(staged)).size).toBeGreaterThan(2);
    // What a crash would leave now.
    expect(await readlink(`${staged}.from`)).toBe("2");
    patch.reset();
    await patch.over;
    await expect.poll(() => offsetOf(url)).toBe(2);
    await writeFile(staged, "abcdefgh");
    await symlink("2", `${staged}.from`);
    expect(await offsetOf(url)).toBe(2);
    await sendBytes(url, 2, Buffer.alloc(10));
    expect(await readFile(staged)).toEqual(Buffer.concat([Buffer.from("ab"), Buffer.alloc(10)]));
  });

  test.each(["crc32 AAAA", "sha1", "sha1 !", "sha1 AAAA", `${sha1("a")} more`])("is refused where it is none: %j", async (checksum) => {
    await using api = await world();
    const url = await begin(api, 4);
    expect(await sendBytes(url, 0, "abcd", { "upload-checksum": checksum })).toMatchObject({ status: 400, code: "BAD_REQUEST" });
    expect(await offsetOf(url)).toBe(0);
  });
});

describe("One request at a time writes to an upload:", () => {
  test("who comes later, at another API process, takes over from a connection that says nothing any more", async () => {
    await using api = await world();
    await using other = await beside(api);
    const url = await begin(api, 3_000_000);
    const silent = openPatch(url, 0, 3_000_000);
    await silent.send(Buffer.alloc(1_000_000, "A"));
    await expect.poll(async () => (await stat(join(api.staged, idOf(url)))).size).toBeGreaterThan(0);
    const elsewhere = url.replace(api.url, other.url);
    const offset = (await offsetOf(elsewhere)) ?? -1;
    expect(offset).toBeGreaterThanOrEqual(0);
    await silent.over;
    expect((await sendBytes(elsewhere, offset, Buffer.alloc(3_000_000 - offset, "B"))).status).toBe(204);
    const file = await readFile(join(api.folder, "a"));
    expect(file.equals(Buffer.concat([Buffer.alloc(offset, "A"), Buffer.alloc(3_000_000 - offset, "B")]))).toBe(true);
  });

  test("a process that died holds up nobody", async () => {
    await using api = await world();
    const url = await begin(api, 4);
    await api.database.sql`update uploads set lock_holder = 'the dead', lock_until = now() + interval '2 seconds'`;
    expect((await sendBytes(url, 0, "abcd")).status).toBe(204);
  });

  test("who has lost the lock writes no more, whatever still comes", async () => {
    await using api = await world();
    const url = await begin(api, 3_000_000);
    const patch = openPatch(url, 0, 3_000_000);
    await patch.send(Buffer.alloc(1_000_000, "A"));
    const staged = join(api.staged, idOf(url));
    await expect.poll(async () => (await stat(staged)).size).toBeGreaterThan(0);
    await api.database.sql`update uploads set lock_holder = 'another', lock_until = now() + interval '1 hour'`;
    await patch.over;
    const { size } = await stat(staged);
    expect(size).toBeLessThanOrEqual(1_000_000);
    await patch.send(Buffer.alloc(1_000_000, "A")).catch(() => {});
    expect((await stat(staged)).size).toBe(size);
    const [row] = await api.database.sql`select lock_holder from uploads`;
    expect(row?.["lock_holder"]).toBe("another");
  });

  test("two clients of the same upload both see it finished, and not a byte is in the wrong place", async () => {
    await using api = await world();
    await using other = await beside(api);
    const bytes = randomBytes(4_000_000);
    const url = await begin(api, bytes.length, "a", { sha256: sha256(bytes) });
    await Promise.all(
      [url, url.replace(api.url, other.url)].map((uploadUrl) =>
        tus(api.url, bytes, {}, { uploadUrl, chunkSize: 300_000, retryDelays: Array(50).fill(50) }).done(),
      ),
    );
    expect(sha256(await readFile(join(api.folder, "a")))).toBe(sha256(bytes));
  });
});

describe("What nobody finishes", () => {
  test("is cleared away after a day, its row and its bytes, and what a crash left of either; nothing else is", async () => {
    await using api = await world();
    const [over, alive] = [await begin(api, 4, "over"), await begin(api, 4, "alive")];
    await sendBytes(over, 0, "ab");
    const id = idOf(over);
    await api.database.sql`update uploads set expires_at = now() - interval '1 second' where id = ${id}`;
    const [old, young] = [join(api.staged, newId("upload")), join(api.staged, newId("upload"))];
    for (const file of [old, young]) await writeFile(file, "x");
    const twoDaysAgo = new Date(Date.now() - 2 * 24 * 3600_000);
    await utimes(old, twoDaysAgo, twoDaysAgo);
    await utimes(join(api.staged, idOf(alive)), twoDaysAgo, twoDaysAgo);
    const gone = await fetch(over, { method: "HEAD", headers: headers() });
    expect(gone.status).toBe(410);
    await using _sweeping = await beside(api);
    const left = [idOf(alive), idOf(young)].toSorted();
    await expect.poll(async () => (await readdir(api.staged)).toSorted()).toEqual(left);
    expect(await offsetOf(over)).toBeNull();
    expect(await offsetOf(alive)).toBe(0);
  });

  test("goes at once when its folder is gone for good, and waits while that is in the trash", async () => {
    await using api = await world();
    const url = await begin(api, 4);
    await api.database.sql`update folders set deleted_at = now()`;
    expect(await sendBytes(url, 0, "abcd")).toMatchObject({ status: 404, message: "The folder is in the trash: restore it first." });
    await api.database.sql`update folders set deleted_at = null`;
    expect(await offsetOf(url)).toBe(4);
    const second = await begin(api, 4, "b");
    // What somebody is writing to is left to the next sweep.
    await expect.poll(() => api.database.sql`select id from uploads where lock_until > now()`).toEqual([]);
    await api.database.sql`update folders set deleted_at = now(), purged_at = now()`;
    await using _sweeping = await beside(api);
    await expect.poll(() => offsetOf(second)).toBeNull();
    await expect.poll(() => readdir(api.staged)).toEqual([]);
  });
});
