import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, open, readdir, readFile, symlink, truncate, writeFile } from "node:fs/promises";
import { request as send } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { adminToken } from "../support/api.ts";
import { openFiles, place } from "../support/files.ts";

describe("A file over HTTP", () => {
  test("comes back as it was sent, whole, in parts, and not again while it is the same", async () => {
    await using at = await place();
    const bytes = randomBytes(700_000);
    const put = await at.ask("PUT", "a/b%20c/w%C3%BC.bin", { body: bytes });
    expect(put.status).toBe(201);
    const etag = put.headers.etag ?? "";
    const got = await at.ask("GET", "a/b%20c/w%C3%BC.bin");
    expect([got.status, got.headers["content-length"], got.headers.etag]).toEqual([200, "700000", etag]);
    expect(got.body.equals(bytes)).toBe(true);
    const { data } = await at.api.ask(`query ($id: ID!) { folder(id: $id) { file(path: "a/b c/wü.bin") { etag size kind } } }`, { id: at.id });
    expect(data?.["folder"].file).toEqual({ etag: etag.slice(1, -1), size: 700_000, kind: "FILE" });

    const part = async (range: string, more = {}) => at.ask("GET", "a/b%20c/w%C3%BC.bin", { headers: { range, ...more } });
    const middle = await part("bytes=1000-1999");
    expect([middle.status, middle.headers["content-range"], middle.body.equals(bytes.subarray(1000, 2000))]).toEqual([
      206,
      "bytes 1000-1999/700000",
      true,
    ]);
    expect((await part("bytes=699990-")).body.equals(bytes.subarray(699_990))).toBe(true);
    expect((await part("bytes=-5")).body.equals(bytes.subarray(-5))).toBe(true);
    const beyond = await part("bytes=700000-");
    expect([beyond.status, beyond.headers["content-range"], beyond.json()["code"]]).toEqual([416, "bytes */700000", "RANGE_NOT_SATISFIABLE"]);
    expect((await part("bytes=1-2,4-5")).status).toBe(200);
    expect((await part("bytes=5-1")).status).toBe(200);
    expect((await part("bytes=0-0", { "if-range": etag })).status).toBe(206);
    expect((await part("bytes=0-0", { "if-range": '"another"' })).status).toBe(200);
    expect((await part("bytes=0-0", { "if-range": got.headers["last-modified"] })).status).toBe(206);

    expect((await at.ask("GET", "a/b%20c/w%C3%BC.bin", { headers: { "if-none-match": `"x", ${etag}` } })).status).toBe(304);
    expect((await at.ask("GET", "a/b%20c/w%C3%BC.bin", { headers: { "if-modified-since": got.headers["last-modified"] } })).status).toBe(304);
    expect((await at.ask("GET", "a/b%20c/w%C3%BC.bin", { headers: { "if-match": '"x"' } })).status).toBe(412);
    const head = await at.ask("HEAD", "a/b%20c/w%C3%BC.bin");
    expect([head.status, head.headers["content-length"], head.body.length]).toEqual([200, "700000", 0]);
  });

  test("is only ever saved, never shown: a page in a folder does not run as the console does", async () => {
    await using at = await place();
    await at.ask("PUT", `%22x%22%3B%20%C3%BC.html`, { body: "<script>alert(1)</script>" });
    const { headers } = await at.ask("GET", `%22x%22%3B%20%C3%BC.html`);
    expect(headers).toMatchObject({
      "content-type": "application/octet-stream",
      "content-disposition": `attachment; filename="_x_; _.html"; filename*=UTF-8''%22x%22%3B%20%C3%BC.html`,
      "x-content-type-options": "nosniff",
      "content-security-policy": "sandbox; default-src 'none'",
      "cross-origin-resource-policy": "same-origin",
    });
  });

  test("is replaced only as its writer knows it", async () => {
    await using at = await place();
    const first = (await at.ask("PUT", "a", { body: "1", headers: { "if-none-match": "*" } })).headers.etag ?? "";
    expect((await at.ask("PUT", "a", { body: "2", headers: { "if-none-match": "*" } })).status).toBe(412);
    expect((await at.ask("PUT", "b", { body: "2", headers: { "if-match": "*" } })).status).toBe(412);
    expect((await at.ask("PUT", "a", { body: "2", headers: { "if-match": first } })).status).toBe(204);
    const stale = await at.ask("PUT", "a", { body: "3", headers: { "if-match": first } });
    expect([stale.status, stale.json()]).toEqual([
      412,
      {
        code: "PRECONDITION_FAILED",
        message: "a has changed since it was read.",
        errors: [{ message: "a has changed since it was read.", extensions: { code: "PRECONDITION_FAILED" } }],
      },
    ]);
    expect(await readFile(join(at.path, "a"), "utf8")).toBe("2");
    expect((await at.ask("DELETE", "a", { headers: { "if-match": first } })).status).toBe(412);
    expect(await readdir(at.path)).toEqual(["a"]);
  });

  test("that its sender gives up on leaves nothing", async () => {
    await using at = await place();
    const { hostname, port } = new URL(at.api.url);
    for (const framing of [{ "content-length": 10_000_000 }, { "transfer-encoding": "chunked" }]) {
      const request = send({
        host: hostname,
        port,
        method: "PUT",
        path: `/files/${at.id}/dir/half`,
        headers: { authorization: `Bearer ${adminToken}`, ...framing },
      });
      request.on("error", () => {});
      request.write(randomBytes(2_000_000));
      await expect.poll(async () => (await readdir(at.path)).some((name) => name.startsWith(".serai-upload-"))).toBe(true);
      request.destroy();
      await expect.poll(() => readdir(at.path)).toEqual([]);
    }
  });

  test("is closed as soon as its reader has gone", async () => {
    await using at = await place();
    const large = join(at.path, "large");
    const file = await open(large, "w");
    await file.truncate(4 * 1024 ** 3);
    await file.close();
    const { hostname, port } = new URL(at.api.url);
    const socket = connect(Number(port), hostname);
    socket.write(`GET /files/${at.id}/large HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${adminToken}\r\n\r\n`);
    await once(socket, "data");
    expect(await openFiles()).toContain(large);
    socket.destroy();
    await expect.poll(openFiles).not.toContain(large);
  });

  test("that becomes shorter while it is read ends with the connection, not with a lie", async () => {
    await using at = await place();
    const large = join(at.path, "large");
    await writeFile(large, "");
    await truncate(large, 1024 ** 3);
    const { hostname, port } = new URL(at.api.url);
    const request = send({ host: hostname, port, path: `/files/${at.id}/large`, headers: { authorization: `Bearer ${adminToken}` } });
    request.end();
    const [response] = await once(request, "response");
    await once(response, "data");
    response.pause();
    await truncate(large, 0);
    const failure = once(response, "error");
    response.on("end", () => response.emit("error", new Error("it ended as if it were whole")));
    response.resume();
    expect(String(await failure)).toMatch(/aborted/);
  });

  test("beyond the quota is refused, with a length and without, and nothing of it stays", async () => {
    await using at = await place({ quotaBytes: 1000 });
    expect((await at.ask("PUT", "a", { body: "x".repeat(600) })).status).toBe(201);
    const over = await at.ask("PUT", "b", { body: "x".repeat(500) });
    expect([over.status, over.json()["message"]]).toEqual([
      507,
      "The folder may hold 1000 bytes; 600 bytes are used, and this needs 500 bytes more: delete something, or raise the quota.",
    ]);
    const chunked = await at.ask("PUT", "b", { body: "x".repeat(500), headers: { "transfer-encoding": "chunked" } });
    expect([chunked.status, chunked.json()["code"]]).toEqual([507, "OVER_QUOTA"]);
    expect(await readdir(at.path)).toEqual(["a"]);
    expect((await at.ask("PUT", "a", { body: "x".repeat(1000) })).status).toBe(204);
    expect((await at.ask("PUT", "b", { body: "x" })).status).toBe(507);
    expect((await at.ask("DELETE", "a")).status).toBe(204);
    expect((await at.ask("PUT", "b", { body: "x".repeat(1000), headers: { "transfer-encoding": "chunked" } })).status).toBe(201);
  });
});

describe("Over HTTP", () => {
  test("a link inside of the folder is told as what it leads to, with the etag that its download has", async () => {
    await using at = await place();
    await at.ask("PUT", "blobs/abc", { body: "weights" });
    await mkdir(join(at.path, "snapshots/x"), { recursive: true });
    await symlink("../../blobs/abc", join(at.path, "snapshots/x/model.safetensors"));
    await symlink("../../blobs", join(at.path, "snapshots/x/all"));
    const { headers, body } = await at.ask("GET", "snapshots/x/model.safetensors");
    const link = { name: "model.safetensors", kind: "LINK", linksTo: "FILE", size: 7, etag: headers.etag?.slice(1, -1) };
    expect(body.toString()).toBe("weights");
    const directory = { name: "all", kind: "LINK", linksTo: "DIRECTORY", size: null, etag: null };
    expect((await at.ask("GET", "snapshots/x")).json()["files"]).toMatchObject([directory, link]);
    const query = `query ($id: ID!) { folder(id: $id) { files(path: "snapshots/x") { edges { node { name kind linksTo size etag } } } } }`;
    const { data } = await at.api.ask(query, { id: at.id });
    expect(data?.["folder"].files.edges).toEqual([{ node: directory }, { node: link }]);
  });

  test("directories are made, listed page by page, moved and deleted", async () => {
    await using at = await place();
    expect((await at.ask("MKCOL", "d/e")).status).toBe(201);
    expect((await at.ask("MKCOL", "d/e")).status).toBe(409);
    for (const name of ["1", "2", "3"]) await at.ask("PUT", `d/${name}`, { body: name });
    const page = (await at.ask("GET", "d/?first=2")).json();
    expect(page["files"]).toMatchObject([
      { name: "e", kind: "DIRECTORY", path: "d/e" },
      { name: "1", kind: "FILE", size: 1 },
    ]);
    expect(page).toMatchObject({ totalCount: 4, pageInfo: { hasNextPage: true } });
    const next = (await at.ask("GET", `d?first=2&after=${page["pageInfo"].endCursor}`)).json();
    expect(next["files"].map(({ name }: { name: string }) => name)).toEqual(["2", "3"]);
    expect((await at.ask("GET", "d?order=SIDEWAYS")).status).toBe(400);
    expect((await at.ask("GET", "d?first=100000")).status).toBe(400);

    const to = (path: string, more = {}) => ({ headers: { destination: `${at.api.url}/files/${at.id}/${path}`, ...more } });
    expect((await at.ask("MOVE", "d/1", to("d/2", { overwrite: "F" }))).status).toBe(412);
    expect((await at.ask("MOVE", "d/1", to("d/2"))).status).toBe(204);
    expect(await readFile(join(at.path, "d/2"), "utf8")).toBe("1");
    expect((await at.ask("MOVE", "d", to("f"))).status).toBe(201);
    expect((await at.ask("MOVE", "f", to("f/e/f"))).status).toBe(400);
    expect((await at.ask("MOVE", "f", { headers: { destination: "http://elsewhere/files/x/y" } })).status).toBe(400);
    expect((await at.ask("DELETE", "f")).status).toBe(204);
    expect((await at.ask("DELETE", "f")).status).toBe(404);
    expect(await readdir(at.path)).toEqual([]);
  });

  test("only whoever may see the folder comes to its files, and other methods are named", async () => {
    await using at = await place();
    await at.ask("PUT", "a", { body: "1" });
    const other = await at.api.createOtherUser();
    for (const method of ["GET", "PUT", "DELETE", "MKCOL", "MOVE"]) {
      expect((await at.ask(method, "a", { token: other })).status, method).toBe(404);
      expect((await at.ask(method, "a", { token: null })).status, method).toBe(401);
    }
    const posted = await at.ask("POST", "a");
    expect([posted.status, posted.headers.allow]).toEqual([405, "GET, HEAD, PUT, DELETE, MKCOL, MOVE"]);
    expect((await at.ask("DELETE", "")).status).toBe(405);
    await at.api.change("deleteFolder", { id: at.id }, "id");
    expect((await at.ask("GET", "a")).status).toBe(404);
    expect((await at.ask("PUT", "a", { body: "2" })).status).toBe(404);
  });

  test("the console's cookie changes nothing for another site, by whatever method", async () => {
    await using at = await place();
    await at.ask("PUT", "a", { body: "1" });
    const signedIn = await fetch(`${at.api.url}/sign-in`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: at.api.url },
      body: JSON.stringify({ token: adminToken }),
    });
    const cookie = (signedIn.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
    const asConsole = { cookie, origin: at.api.url };
    expect((await at.ask("GET", "a", { token: null, headers: { cookie } })).status).toBe(200);
    for (const method of ["PUT", "DELETE", "MKCOL", "MOVE"]) {
      const headers = { destination: `/files/${at.id}/b` };
      expect((await at.ask(method, "a", { token: null, headers: { cookie, ...headers } })).status, method).toBe(403);
      expect((await at.ask(method, "a", { token: null, headers: { cookie, origin: "http://evil.example", ...headers } })).status, method).toBe(403);
    }
    expect((await at.ask("PUT", "a", { token: null, headers: asConsole, body: "2" })).status).toBe(204);
  });

  test("paths that lead out, or name what is no file, are refused, raw as they are sent", async () => {
    await using at = await place();
    await writeFile(join(at.api.foldersDirectory, "secret"), "secret");
    await symlink("../secret", join(at.path, "up"));
    await mkdir(join(at.api.foldersDirectory, "etc"));
    await writeFile(join(at.api.foldersDirectory, "etc/passwd"), "root:");
    await symlink(join(at.api.foldersDirectory, "etc"), join(at.path, "etc"));
    execFileSync("mkfifo", [join(at.path, "pipe")]);
    const paths = ["..%2fsecret", "../secret", "%2e%2e/secret", "a/../../secret", "up", "etc/passwd", "%00", "a//b", "%", "%zz", "/etc/none", "pipe"];
    for (const path of paths) {
      for (const method of ["GET", "PUT", "MKCOL"]) {
        const { status, body } = await at.ask(method, path, method === "PUT" ? { body: "x" } : {});
        expect([400, 404, 409, 415], `${method} ${path}`).toContain(status);
        expect(body.toString()).not.toMatch(/secret\n?$|root:/);
      }
    }
    expect(await readFile(join(at.api.foldersDirectory, "secret"), "utf8")).toBe("secret");
    expect(await readFile(join(at.api.foldersDirectory, "etc/passwd"), "utf8")).toBe("root:");
    expect((await at.ask("DELETE", "up")).status).toBe(204);
    expect((await at.ask("DELETE", "pipe")).status).toBe(204);
    expect(await readFile(join(at.api.foldersDirectory, "secret"), "utf8")).toBe("secret");
  });

  test("a name that is no UTF-8 is downloaded, renamed and deleted by its bytes", async () => {
    await using at = await place();
    await writeFile(Buffer.concat([Buffer.from(`${at.path}/a`), Buffer.from([0xff])]), "odd");
    expect((await at.ask("GET", "a%FF")).body.toString()).toBe("odd");
    const { data } = await at.api.ask(`query ($id: ID!) { folder(id: $id) { files { edges { node { path warning } } } } }`, { id: at.id });
    const node = data?.["folder"].files.edges[0].node;
    expect(node).toEqual({ path: "a\udcff", warning: "The name is not UTF-8: rename it, so that every program can open it." });
    expect((await at.ask("PUT", "b%FF", { body: "x" })).status).toBe(400);
    expect(await at.api.change("moveFile", { folderId: at.id, from: node.path, to: "good" }, "file { path }")).toMatchObject({
      file: { path: "good" },
    });
    expect(await readdir(at.path)).toEqual(["good"]);
  });
});
